"""One recorded run for all tests of the console: a stock drill on `virtual`, the same bytes each time."""

from pathlib import Path

import pytest

from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "primary-cut"
    run_drill(find_drill("primary-cut"), out=path, capture=True)
    return path
