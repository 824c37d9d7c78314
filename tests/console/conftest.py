"""One recorded run for all tests of the console: a stock drill on `virtual`, the same bytes each time."""

from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.location import PyTestLocation

from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill

PICTURES = Path(__file__).parent / "pictures"

# The plugin knows an older syrupy, which had other names for this: pictures lie in one folder, where the README finds
# them, and are called .svg.
SVGImageExtension.file_extension = "svg"


def _dirname(cls: type[SVGImageExtension], *, test_location: PyTestLocation) -> str:
    return str(PICTURES)


def _matches(cls: type[SVGImageExtension], *, test_location: PyTestLocation, snapshot_location: str) -> bool:
    return Path(snapshot_location).parent == PICTURES


SVGImageExtension.matches_test_location = classmethod(_matches)
SVGImageExtension.dirname = classmethod(_dirname)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "primary-cut"
    run_drill(find_drill("primary-cut"), out=path, capture=True)
    return path
