"""What befell the posting processes of sites is kept by its kind, in the order of the history, up to a bound."""

import pytest

from atmbench.audit import posting_log
from atmbench.audit.posting_log import PostingLog
from atmbench.facts import AnyFact, PostingBrokenOff, PostingDrained, PostingPositionLost, PostingResumed
from tests.audit.builders import Tape

KEPT = {
    PostingBrokenOff: "broken_off",
    PostingPositionLost: "lost",
    PostingResumed: "resumed",
    PostingDrained: "drained",
}


def befell(unposted: int) -> list[AnyFact]:
    """One of each."""
    return [
        PostingBrokenOff(site="A", position=0, unposted=unposted),
        PostingPositionLost(site="A", position=4, unposted=unposted),
        PostingResumed(site="A", position=0, unposted=unposted),
        PostingDrained(site="A", took_s=20.0, posted=unposted, known=5),
    ]


def kept(log: PostingLog) -> dict[str, list[AnyFact]]:
    return {name: getattr(log, name) for name in KEPT.values()}


@pytest.mark.parametrize("most", [2, 1000])
def test_what_befell_a_process_is_kept_by_its_kind_up_to_the_bound(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting_log, "RUNS_MAX", most)
    tape, expected = Tape(), {name: list[AnyFact]() for name in KEPT.values()}
    for number in range(3):
        for fact in befell(number):
            tape.add(10.0 + number, "A", fact)
            if number < most:
                expected[KEPT[type(fact)]].append(fact)
    assert kept(tape.judge().book.posting_log) == expected


@pytest.mark.parametrize(("number", "is_used"), [(0, True), (1, True), (2, True), (3, False)])
def test_a_process_that_only_drained_was_never_in_trouble(number: int, is_used: bool) -> None:
    tape = Tape()
    assert not tape.judge().book.posting_log.is_used
    tape.add(10.0, "A", befell(1)[number])
    assert tape.judge().book.posting_log.is_used is is_used
