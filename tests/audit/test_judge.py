"""What the judge makes of verdicts: that it tells them apart, and how a run failed otherwise than it says."""

import msgspec
import pytest

from atmbench.audit.judge import Audit, failed_otherwise
from atmbench.audit.verdict import Status, Verdict
from tests.audit.builders import Tape

P, F, U = Status.PASS, Status.FAIL, Status.UNKNOWN


def audit_of(*statuses: Status) -> Audit:
    """Checks a, b, c and d with these statuses."""
    verdicts = tuple(Verdict(name, status, "") for name, status in zip("abcd", statuses, strict=True))
    return msgspec.structs.replace(Tape().judge(), verdicts=verdicts)


@pytest.mark.parametrize(
    ("statuses", "fails", "otherwise"),
    [
        ((P, F, F, P), ("b", "c"), ""),
        ((P, P, P, P), (), ""),
        ((P, F, P, P), ("b", "c", "d"), "c, d passed"),
        ((F, F, F, P), ("b",), "a, c failed"),
        ((F, P, P, P), ("b",), "b passed and a failed"),
        ((P, F, U, U), ("b",), "c, d could not be judged"),
        ((P, F, U, P), ("b", "c"), "c could not be judged"),
    ],
)
def test_a_run_must_fail_just_where_it_says(
    statuses: tuple[Status, ...], fails: tuple[str, ...], otherwise: str
) -> None:
    assert failed_otherwise(audit_of(*statuses), fails) == otherwise


def test_a_check_that_is_not_there_is_asked_for_by_its_name() -> None:
    audit = audit_of(P, F, P, P)
    assert audit.verdict("b").status is F
    with pytest.raises(KeyError, match="'z'"):
        audit.verdict("z")


def test_an_audit_has_totals_and_says_what_happened_to_failover() -> None:
    audit = Tape().judge()
    assert audit.totals is not None
    assert audit.failover is not None
    assert audit.downtime is None
    assert audit.load is None
    assert audit.made_good is None
