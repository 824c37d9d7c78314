"""The run directory: what is written can be found and read again, and nothing is overwritten."""

from pathlib import Path

import pytest

from atmbench import facts
from atmbench.errors import LocalError
from atmbench.store.run_directory import RunDirectory, RunInfo, free_path

INFO = RunInfo(
    drill="d", seed=7, venue="virtual", version="0", python="3", dependencies={"trio": "1"}, command="atmbench run d"
)


def recorded(path: Path, *recorded_facts: facts.Fact) -> RunDirectory:
    directory = RunDirectory.create(path)
    with directory.open_history() as file:
        file.writelines(facts.to_line(fact) for fact in recorded_facts)
    return directory


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    directory = recorded(tmp_path / "run", facts.LineUp(line="primary"))
    directory.write_info(INFO, "drill: d\n")
    found = RunDirectory.open(tmp_path / "run")
    assert list(found.history()) == [facts.LineUp(line="primary")]
    assert found.read_info() == INFO
    assert (tmp_path / "run" / "drill.yaml").read_text() == "drill: d\n"


def test_a_taken_path_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("mine")
    with pytest.raises(LocalError, match="not empty"):
        RunDirectory.create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_a_path_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalError, match="choose another with --out"):
        RunDirectory.create(tmp_path / "file" / "run")


def test_no_history_no_run_directory(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no run directory"):
        RunDirectory.open(tmp_path)


def test_a_killed_run_is_readable_up_to_half_a_line(tmp_path: Path) -> None:
    directory = recorded(tmp_path / "run", facts.LineUp(line="primary"), facts.LineUp(line="secondary"))
    history = tmp_path / "run" / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-7])
    assert list(directory.history()) == [facts.LineUp(line="primary")]


def test_journals_are_one_file_a_terminal_in_order(tmp_path: Path) -> None:
    lines = [facts.JournalWritten(line=line) for line in ("one", "two", "three")]
    for fact, actor in zip(lines, ("T01", "T02", "T01"), strict=True):
        facts.stamp(fact, 0.0, actor)
    writer = RunDirectory.create(tmp_path / "run").journals()
    for fact in lines[:2]:
        writer(fact)
    writer.flush()
    writer(lines[2])
    writer.flush()
    journals = tmp_path / "run" / "journals"
    assert (journals / "T01.log").read_text() == "one\nthree\n"
    assert (journals / "T02.log").read_text() == "two\n"


def test_a_free_path_counts_up(tmp_path: Path) -> None:
    assert free_path(tmp_path, "run").name == "run"
    (tmp_path / "run").mkdir()
    assert free_path(tmp_path, "run").name == "run-2"


def test_damaged_info_is_named(tmp_path: Path) -> None:
    directory = recorded(tmp_path / "run")
    (tmp_path / "run" / "run.json").write_text("{")
    with pytest.raises(LocalError, match=r"run\.json cannot be read"):
        directory.read_info()
