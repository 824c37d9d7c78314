"""A posting process that went wrong has posted everything once, and in time."""

from typing import Any

from atmbench.audit.verdict import Verdict
from atmbench.facts import BalanceTold, PostingBrokenOff, PostingDrained, PostingPositionLost, PostingResumed
from tests.audit.builders import CUSTOMER, Tape, key_of


def outage(**expect: Any) -> Tape:
    """Site A broke off at 20 s, lost its position and went on at 40 s; it drained at 60 s."""
    tape = Tape(**expect)
    tape.withdraw(10.0)
    tape.add(20.0, "A", PostingBrokenOff(site="A", position=0, unposted=1))
    tape.add(25.0, "A", PostingPositionLost(site="A", position=4, unposted=2))
    told = BalanceTold(
        key=key_of("T01", 130),
        account=CUSTOMER,
        ledger_minor=10_000_000,
        available_minor=9_995_000,
        unposted_minor=-5000,
        is_stale=True,
    )
    tape.add(30.0, "A", told)
    tape.add(40.0, "A", PostingResumed(site="A", position=0, unposted=2))
    tape.add(60.0, "A", PostingDrained(site="A", took_s=20.0, posted=2, known=5))
    return tape


def judged(tape: Tape) -> Verdict:
    return tape.judge().verdict("posting")


def test_a_backlog_that_was_posted_once_is_told_with_its_depth_and_its_time() -> None:
    verdict = judged(outage(posting={"drain_s": 30}))
    assert verdict.status == "PASS"
    assert verdict.because == (
        "0 posted twice, 0 skipped; site A went on at 40.000 s from the first entry of the day, 2 entries behind; "
        "A drained in 20.000 s (30 s allowed), 2 posted and 5 met again; "
        "1 of 1 balance told from a ledger behind its journal"
    )


def test_without_an_accident_there_is_no_such_check() -> None:
    tape = Tape()
    tape.withdraw(10.0)
    assert "posting" not in {verdict.check for verdict in tape.judge().verdicts}


def test_the_first_entry_that_was_posted_twice_is_named() -> None:
    tape = outage()
    later, first = (tape.withdraw(t, stan=stan) for t, stan in ((14.0, 140), (12.0, 130)))
    tape.post(52.0, later, sites=("A",))
    tape.post(50.0, first, sites=("A",))
    verdict = judged(tape)
    assert verdict.status == "FAIL"
    assert [finding.key for finding in verdict.findings] == [first, later]
    assert "2 posted twice, 0 skipped; site A went on" in verdict.because
    assert verdict.findings[0].says == (
        f"site A posted post/{first} (withdrawal of 50.00) again at 50.000 s (T01 STAN 000130 withdrawal)"
    )


def test_an_entry_that_one_site_never_posted_is_named() -> None:
    tape = outage()
    key = key_of("T01", 130)
    tape.ask(12.0, key)
    tape.post(12.0, key, sites=("B",))
    assert judged(tape).findings[0].says == f"site A never posted post/{key} (withdrawal of 50.00)"


def test_cash_that_no_site_has_posted_is_named() -> None:
    tape = outage()
    key = key_of("T01", 130)
    tape.ask(12.0, key)
    tape.take(15.0, key)
    tape.end(15.0, key)
    verdict = judged(tape)
    assert verdict.findings[0].says == "no site has posted 50.00 that a customer took (T01 STAN 000130 withdrawal)"


def test_a_backlog_that_drains_too_slowly_or_never_fails() -> None:
    slow = judged(outage(posting={"drain_s": 15}))
    assert slow.status == "FAIL"
    assert slow.findings[0].says == "site A drained in 20.000 s, 15 s allowed"
    tape = outage()
    tape.add(70.0, "A", PostingResumed(site="A", position=7, unposted=1))
    never = judged(tape)
    assert never.findings[0].says == "site A went on at 70.000 s and never came to the end"


def test_a_balance_that_is_told_as_current_from_a_ledger_behind_its_journal_is_named() -> None:
    tape = outage()
    told = BalanceTold(key=key_of("T01", 131), account=CUSTOMER, ledger_minor=10_000_000, available_minor=9_995_000)
    tape.add(31.0, "A", told)
    verdict = judged(tape)
    assert verdict.status == "FAIL"
    assert [finding.says for finding in verdict.findings] == [
        f"site A told 100,000.00 of account {CUSTOMER} at 31.000 s as current, and -50.00 was not posted"
    ]
