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
