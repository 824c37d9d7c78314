"""The recorder: one order of facts, whatever order tasks ran in."""

import io

import pytest

from atmbench import facts
from atmbench.errors import LocalError
from atmbench.run.recorder import BATCH_FACTS, Recorder


class Clock:
    """Seconds that a test sets by hand."""

    def __init__(self) -> None:
        self.t = 0.0

    def __call__(self) -> float:
        return self.t


def lines_of(file: io.BytesIO) -> list[str]:
    return [type(fact).__name__ + "@" + fact.actor for fact in facts.read_history(file.getvalue().splitlines())]


def test_facts_of_one_instant_are_ordered_by_actor_and_then_by_recording() -> None:
    clock, file = Clock(), io.BytesIO()
    recorder = Recorder(clock, file)
    recorder.record("T02", facts.LineUp(line="primary"))
    recorder.record("T01", facts.SignedOn(line="primary"))
    recorder.record("T01", facts.LineUp(line="secondary"))
    clock.t = 1.0
    recorder.record("A", facts.TombstoneHit(key="k"))
    recorder.flush()
    assert lines_of(file) == ["SignedOn@T01", "LineUp@T01", "LineUp@T02", "TombstoneHit@A"]


def test_facts_are_held_back_until_a_flush() -> None:
    clock, file = Clock(), io.BytesIO()
    recorder = Recorder(clock, file)
    seen: list[facts.AnyFact] = []
    recorder.readers.append(seen.append)
    recorder.record("T01", facts.LineUp(line="primary"))
    assert (seen, file.getvalue()) == ([], b"")
    clock.t = 0.5
    recorder.record("T01", facts.SignedOn(line="primary"))
    assert seen == []
    recorder.flush()
    assert [fact.t for fact in seen] == [0.0, 0.5]


def test_watchers_see_a_fact_at_once_and_only_their_kind() -> None:
    recorder = Recorder(Clock())
    seen: list[facts.AnyFact] = []
    recorder.watch("line_up", seen.append)
    recorder.record("T01", facts.SignedOn(line="primary"))
    recorder.record("T01", facts.LineUp(line="primary"))
    assert [type(fact) for fact in seen] == [facts.LineUp]
    assert seen[0].actor == "T01"


def test_time_is_rounded_to_the_microsecond() -> None:
    clock = Clock()
    clock.t = 1.0000004999
    recorder = Recorder(clock)
    seen: list[facts.AnyFact] = []
    recorder.readers.append(seen.append)
    recorder.record("T01", facts.LineUp(line="primary"))
    recorder.flush()
    assert seen[0].t == 1.0


def test_a_full_batch_is_written_by_itself_and_never_in_mid_instant() -> None:
    clock, file = Clock(), io.BytesIO()
    recorder = Recorder(clock, file)
    for _ in range(BATCH_FACTS + 10):
        recorder.record("T01", facts.LineUp(line="primary"))
    assert file.getvalue() == b""
    clock.t = 1.0
    recorder.record("T01", facts.LineUp(line="primary"))
    assert len(lines_of(file)) == BATCH_FACTS + 10


def test_a_kind_that_does_not_exist_cannot_be_watched() -> None:
    seen: list[facts.AnyFact] = []
    with pytest.raises(LocalError, match="no kind of fact 'cash_token'"):
        Recorder(Clock()).watch("cash_token", seen.append)


def test_nothing_is_taken_after_the_end() -> None:
    """What a world does while it is taken down must not follow its last fact."""
    file = io.BytesIO()
    recorder = Recorder(Clock(), file)
    recorder.record("conductor", facts.RunEnded(because="it was stopped", stopped=True))
    recorder.close()
    recorder.record("A", facts.TombstoneHit(key="k"))
    recorder.flush()
    assert lines_of(file) == ["RunEnded@conductor"]
