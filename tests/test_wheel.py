"""The wheel is whole: what a user gets from `pip install` finds its drills and dialects without a checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ASK = """
import json, sys
import atmbench, firmware_stubs
from atmbench import shipped
found = {folder: shipped.names(folder, suffix) for folder, suffix in json.loads(sys.argv[1]).items()}
sys.stdout.write(json.dumps({"from": [atmbench.__file__, firmware_stubs.__file__], "found": found}))
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.full
def test_an_installed_wheel_finds_the_shipped_fixtures(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("atmbench-*.whl")
    site = tmp_path / "site"
    run(*pip, "install", "--no-deps", "--target", site, wheel, cwd=tmp_path)

    suffixes = {"drills": ".drill.yaml", "dialects": ".yaml"}
    answer = json.loads(run(sys.executable, "-c", ASK, json.dumps(suffixes), cwd=tmp_path, PYTHONPATH=str(site)))

    assert [Path(file).parent.parent for file in answer["from"]] == [site, site]
    for folder, suffix in suffixes.items():
        expected = sorted(path.name.removesuffix(suffix) for path in (ROOT / "fixtures" / folder).glob(f"*{suffix}"))
        assert expected
        assert sorted(name.removesuffix(suffix) for name in answer["found"][folder]) == expected
