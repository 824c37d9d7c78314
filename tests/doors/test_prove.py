"""`atmbench prove` and `atmbench defects` from outside."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from atmbench.cli import atmbench
from atmbench.run.runner import DEFECTS

CHOSEN = ("--drill", "late-reply", "--drill", "overtaken-original", "--clean-seeds", "1", "--jobs", "1")


def run(*words: str) -> Result:
    return CliRunner().invoke(atmbench, words)


def test_defects_are_listed_with_the_checks_that_must_find_them() -> None:
    listed = json.loads(run("defects", "--format", "json").stdout)
    assert [each["name"] for each in listed] == sorted(DEFECTS)
    assert set(listed[0]) == {"name", "says", "source", "found_by"}
    lines = run("defects").stdout
    assert "Found by: money" in lines
    assert max(len(line) for line in lines.splitlines()) <= 120


def test_three_defects_in_two_drills_are_found_and_written_down(tmp_path: Path) -> None:
    names = ("forget-reversal", "forget-unknown-reversal", "reuse-stan")
    done = run("prove", *names, *CHOSEN, "--out", str(tmp_path / "proof"))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("DEFECT ")
    assert "\nPASS: 3 defects found by a check whose business it is" in done.stdout
    record = json.loads((tmp_path / "proof" / "prove.json").read_text())
    assert {each["name"]: each["standing"] for each in record["defects"]} == dict.fromkeys(names, "found")
    for each in record["defects"]:
        evidence = each["evidence"]
        assert evidence["check"] in each["found_by"]
        assert evidence["story"]
        assert evidence["replay"].endswith(f"--plant={each['name']}")
    page = (tmp_path / "proof" / "prove.html").read_text()
    assert all(each["evidence"]["story"][0].partition(" ")[0] in page for each in record["defects"])


def test_what_the_chosen_drills_do_not_show_is_unknown() -> None:
    done = run("prove", "take-used-pin-key", *CHOSEN, "--format", "json")
    assert done.exit_code == 3, done.output
    record = json.loads(done.stdout)
    assert record["because"] == ["1 defect never came up in the drills that were chosen: take-used-pin-key"]
    assert (record["clean_runs"], record["planted_runs"], record["saved_runs"]) == (2, 0, 2)


def test_a_folder_that_cannot_be_made_is_told_before_the_first_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("prove", "--out", str(tmp_path / "file" / "proof"))
    assert "cannot make the folder" in str(done.exception)


@pytest.mark.full
def test_ctrl_c_prints_what_was_done_and_ends_the_workers(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "atmbench", "prove", "--drill", "noisy-serial-lines", "--clean-seeds", "40"]
    with subprocess.Popen(
        [*words, "--jobs", "2", "--out", "proof"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        while not _workers(process.pid):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended before it had workers, with exit code {process.wait(0.1)}")
        process.send_signal(signal.SIGINT)
        out, talk = process.communicate(timeout=60)
    assert process.returncode == 3, talk
    assert "UNKNOWN: stopped before everything was tried." in out
    assert "atmbench: stopped from outside; the above is what was done until then" in talk
    assert "Traceback" not in talk
    assert json.loads((tmp_path / "proof" / "prove.json").read_text())["is_complete"] is False


def _workers(pid: int) -> list[str]:
    """Processes that Python has started to work for another."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = [(Path("/proc") / child / "cmdline") for child in children]
    return [str(line) for line in lines if line.exists() and b"spawn_main" in line.read_bytes()]
