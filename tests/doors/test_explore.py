"""`atmbench explore` and `atmbench shrink` from the command line."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from atmbench.cli import atmbench
from atmbench.errors import LocalError
from atmbench.explore import search
from atmbench.run.source import find_drill

SMALL = """
drill: small
proves: nothing yet
terminals: 2
terminal: {timers: {reply_s: 8}}
cards: {cards: 4}
heal: {at: 60}
expect: {approved_min: 0}
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.drill.yaml"
    path.write_text(SMALL)
    return str(path)


def called(*words: str) -> Result:
    return CliRunner().invoke(atmbench, words)


def test_a_clean_system_gives_nothing_and_says_what_was_touched(small: str, tmp_path: Path) -> None:
    done = called("explore", small, "--runs", "12", "--jobs", "1", "--out", str(tmp_path / "found"))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("nothing found: small explored, 12 of 12 drills run")
    assert "terminal states" in done.stdout
    assert "of 12" in done.stdout
    assert not (tmp_path / "found").exists()


def test_what_fails_is_told_saved_and_fails_again_from_its_file(small: str, tmp_path: Path) -> None:
    words = ("explore", small, "--runs", "2", "--jobs", "1", "--plant", "reuse-stan", "--format", "json")
    done = called(*words, "--out", str(tmp_path / "found"))
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    assert told["runs"] == 2
    found = next(each for each in told["failures"] if each["way"] == "sequence")
    assert found["after"]["steps"] <= found["before"]["steps"]
    assert found["replay"] == f"atmbench run {found['file']}"
    assert find_drill(found["file"]).drill.defects == ("reuse-stan",)
    again = called("run", found["file"], "--out", str(tmp_path / "out"))
    assert again.exit_code == 1
    assert "FAIL    sequence" in again.stdout


def test_a_failing_drill_of_ones_own_is_shrunk(small: str, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "found"))
    done = called("shrink", small, "--plant", "reuse-stan", "--check", "sequence", *out)
    assert done.exit_code == 1, done.output
    assert done.stdout.startswith("sequence: 2 terminals, 0 steps, 0 messages -> 1 terminal, 0 steps, 0 messages")
    done = called("shrink", small, *out)
    assert (done.exit_code, done.stdout) == (0, f"{small} does not fail with seed 1\n")


def test_ctrl_c_tells_what_was_found_so_far(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = search.run_share

    def interrupted(share: search.Share) -> search.Harvest:
        if share.number:
            raise KeyboardInterrupt
        return real(share)

    monkeypatch.setattr(search, "SHARE_RUNS", 2)
    monkeypatch.setattr(search, "run_share", interrupted)
    done = called("explore", small, "--runs", "10", "--jobs", "1", "--out", str(tmp_path / "found"))
    assert done.exit_code == 3, done.output
    assert "2 of 10 drills run" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--plant", "no-such"), "there is no defect 'no-such' to plant; `atmbench defects` lists them"),
        (("--dialect", "mine.yaml"), "cannot read the dialect mine.yaml"),
    ],
)
def test_what_cannot_be_explored_is_said(words: tuple[str, str], says: str, small: str) -> None:
    with pytest.raises(LocalError) as told:
        CliRunner().invoke(atmbench, ("explore", small, *words), catch_exceptions=False)
    assert says in str(told.value)


def test_without_hypothesis_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "find_spec", lambda name: None)
    with pytest.raises(LocalError, match=r"pip install 'atmbench\[explore\]'"):
        search.demand_explorable(find_drill("primary-cut").drill)


def test_a_dialect_of_ones_own_stays_in_this_process() -> None:
    drill = msgspec.structs.replace(find_drill("primary-cut").drill, dialect="mine.yaml")
    with pytest.raises(LocalError, match="a dialect file of your own"):
        search.demand_explorable(drill)
