import pytest

from atmbench.audit.verdict import Status
from atmbench.facts import Converged, HealStarted
from tests.audit.builders import Tape


def test_settled_within_the_budget() -> None:
    verdict = Tape().judge().verdict("convergence")
    assert verdict.status is Status.PASS
    assert verdict.because == "everything was settled 10.000 s after healing began (60 s allowed)"


def test_something_is_still_open() -> None:
    tape = Tape()
    tape.pending = ("T01: 2 stored messages",)
    tape.without = (Converged,)
    verdict = tape.judge().verdict("convergence")
    assert verdict.status is Status.FAIL
    assert verdict.because == (
        "the world did not converge within 60 s of healing; 1 thing still open: T01: 2 stored messages"
    )


def test_pending_counts_although_convergence_was_told() -> None:
    tape = Tape()
    tape.pending = ("T01: 2 stored messages",)
    assert tape.judge().verdict("convergence").status is Status.FAIL


@pytest.mark.parametrize(("kind", "status"), [(Converged, Status.FAIL), (HealStarted, Status.UNKNOWN)])
def test_a_missing_fact(kind: type, status: Status) -> None:
    tape = Tape()
    tape.without = (kind,)
    assert tape.judge().verdict("convergence").status is status


def test_settled_too_late() -> None:
    tape = Tape()
    tape.add(20, "conductor", HealStarted(within_s=60))
    verdict = tape.judge().verdict("convergence")
    assert verdict.status is Status.FAIL
    assert "80.000 s after healing began" in verdict.because


def said(tape: Tape) -> tuple[str, list[tuple[str, str]]]:
    verdict = tape.judge().verdict("convergence")
    return verdict.because, [(finding.key, finding.says) for finding in verdict.findings]


def test_a_world_that_did_not_converge_is_told_with_all_that_is_open() -> None:
    tape = Tape()
    tape.pending = ("a", "b", "c", "d")
    tape.without = (Converged,)
    because = "the world did not converge within 60 s of healing; 4 things still open: a, b, c and 1 more"
    assert said(tape) == (because, [("", "a"), ("", "b"), ("", "c"), ("", "d")])
    tape.pending = ()
    because = "the world did not converge within 60 s of healing"
    assert said(tape) == (because, [("", "there is no Converged fact")])


def test_a_world_that_converged_too_late_is_told_with_its_time() -> None:
    tape = Tape()
    tape.add(20, "conductor", HealStarted(within_s=60))
    because = "the world converged 80.000 s after healing began, 60 s were allowed"
    assert said(tape) == (because, [("", because)])
    tape.pending = ("a",)
    assert said(tape) == (f"{because}; 1 thing still open: a", [("", "a"), ("", because)])


def test_a_world_that_was_open_again_is_told_as_such() -> None:
    tape = Tape()
    tape.pending = ("a",)
    assert said(tape) == ("the world converged, and then was open again; 1 thing still open: a", [("", "a")])


def test_the_last_second_of_the_budget_is_within_it_and_nothing_is_quicker_than_none() -> None:
    tape = Tape()
    tape.add(40, "conductor", HealStarted(within_s=60))
    assert said(tape) == ("everything was settled 60.000 s after healing began (60 s allowed)", [])
    tape = Tape()
    tape.add(50, "conductor", Converged())
    tape.add(50, "conductor", HealStarted(within_s=60))
    assert said(tape)[0] == "everything was settled 0.000 s after healing began (60 s allowed)"


def test_a_run_without_a_heal_phase_says_how_it_ended() -> None:
    tape = Tape()
    tape.without = (HealStarted,)
    because = "the run ended without a heal phase (the drill is over): what was open then stays open"
    assert said(tape) == (because, [])
