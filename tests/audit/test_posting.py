"""A posting process that went wrong has posted everything once, and in time."""

from typing import Any

import pytest
from msgspec.structs import replace

from atmbench.audit.verdict import Verdict
from atmbench.facts import (
    BalanceTold,
    EntryPosted,
    HoldPlaced,
    PostingBrokenOff,
    PostingDrained,
    PostingPositionLost,
    PostingResumed,
)
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


# --- whole sentences --------------------------------------------------------------------------------


def test_a_posting_that_is_nowhere_or_at_one_site_only_is_named_in_order() -> None:
    tape = outage()
    some = key_of("T01", 140)
    tape.ask(50.0, some)
    tape.post(50.1, some, sites=("B",))
    none = key_of("T01", 150)
    tape.ask(41.0, none)
    tape.take(45.0, none)
    tape.end(46.0, none)
    verdict = judged(tape)
    assert verdict.because.startswith("0 posted twice, 2 skipped; site A went on at 40.000 s from the first entry")
    assert [(finding.key, finding.says) for finding in verdict.findings] == [
        (none, "no site has posted 50.00 that a customer took (T01 STAN 000150 withdrawal)"),
        (some, f"site A never posted post/{some} (withdrawal of 50.00)"),
    ]
    for finding in verdict.findings:
        numbers = [n for n, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == finding.key]
        assert finding.facts == (numbers[0], numbers[-1])
    assert verdict.because.endswith(f": {verdict.findings[0].says}")


def test_an_entry_that_was_posted_three_times_is_named_once() -> None:
    tape = outage()
    key = tape.withdraw(12.0, stan=130)
    for t in (50.0, 52.0):
        tape.post(t, key, sites=("A",))
    [finding] = judged(tape).findings
    numbers = [n for n, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == key]
    assert (finding.key, finding.facts) == (key, (numbers[0], numbers[-1]))


def test_where_a_process_went_on_and_how_far_behind_is_told() -> None:
    tape = Tape()
    tape.add(20.0, "A", PostingBrokenOff(site="A", position=0, unposted=1))
    tape.add(30.0, "A", PostingResumed(site="A", position=1233, unposted=1))
    tape.add(31.0, "A", PostingDrained(site="A", took_s=1.0, posted=1, known=0))
    tape.add(40.0, "B", PostingResumed(site="B", position=0, unposted=2))
    tape.add(50.0, "A", PostingPositionLost(site="A", position=4, unposted=2))
    tape.add(50.0, "A", PostingResumed(site="A", position=4, unposted=2000))
    tape.add(60.0, "A", PostingDrained(site="A", took_s=10.0, posted=2000, known=5))
    verdict = judged(tape)
    assert verdict.because == (
        "0 posted twice, 0 skipped; site A went on at 30.000 s from entry 1,234, 1 entry behind; "
        "site B went on at 40.000 s from entry 1, 2 entries behind; "
        "site A went on at 50.000 s from entry 5, 2,000 entries behind; "
        "A drained in 1.000 s, 1 posted and 0 met again; A drained in 10.000 s, 2,000 posted and 5 met again; "
        "0 of 0 balances told from a ledger behind its journal: site B went on at 40.000 s and never came to the end"
    )
    assert [finding.key for finding in verdict.findings] == [""]


def test_only_a_process_that_lost_its_own_position_goes_on_from_the_first_entry_of_the_day() -> None:
    tape = Tape()
    tape.add(20.0, "B", PostingPositionLost(site="B", position=4, unposted=2))
    for site in ("A", "B"):
        tape.add(20.0, site, PostingResumed(site=site, position=0, unposted=1))
        tape.add(20.0, site, PostingDrained(site=site, took_s=0.0, posted=1, known=0))
    tape.add(30.0, "A", PostingPositionLost(site="A", position=4, unposted=2))
    verdict = judged(tape)
    assert verdict.status == "PASS"
    assert verdict.because == (
        "0 posted twice, 0 skipped; site A went on at 20.000 s from entry 1, 1 entry behind; "
        "site B went on at 20.000 s from the first entry of the day, 1 entry behind; "
        "A drained in 0.000 s, 1 posted and 0 met again; B drained in 0.000 s, 1 posted and 0 met again; "
        "0 of 0 balances told from a ledger behind its journal"
    )


def test_a_process_has_just_as_long_as_it_is_allowed() -> None:
    assert judged(outage(posting={"drain_s": 20})).status == "PASS"
    [finding] = judged(outage(posting={"drain_s": 19})).findings
    assert (finding.key, finding.says) == ("", "site A drained in 20.000 s, 19 s allowed")


def test_a_balance_that_is_told_as_current_from_a_ledger_behind_its_journal_is_named() -> None:
    tape = outage()
    held = key_of("T01", 132)
    tape.ask(29.0, held)
    tape.add(29.0, "A", HoldPlaced(key=held, account=CUSTOMER, amount_minor=2000))
    told = BalanceTold(
        key=key_of("T01", 131),
        account=CUSTOMER,
        ledger_minor=10_000_000,
        available_minor=9_992_000,
        unposted_minor=-1000,
    )
    tape.facts = [fact for fact in tape.facts if not isinstance(fact, BalanceTold)]
    tape.add(31.0, "A", told)
    verdict = judged(tape)
    [number] = [number for number, fact in enumerate(tape.play(), 1) if fact is told]
    says = f"site A told 100,000.00 of account {CUSTOMER} at 31.000 s as current, and -50.00 was not posted"
    assert verdict.status == "FAIL"
    assert [(each.key, each.says, each.facts) for each in verdict.findings] == [(told.key, says, (number,))]
    assert verdict.because.endswith(f"; 0 of 1 balance told from a ledger behind its journal: {says}")


def test_every_balance_that_was_told_is_counted_however_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atmbench.audit.told.BALANCES_MAX", 1)
    tape = outage()
    [stale] = [fact for fact in tape.facts if isinstance(fact, BalanceTold)]
    for t in (31.0, 32.0):
        tape.add(t, "A", replace(stale, is_stale=t == 32.0))
    assert judged(tape).because.endswith("; 2 of 3 balances told from a ledger behind its journal")


def test_what_was_skipped_is_named_by_when_it_happened_and_in_one_instant_by_its_transaction() -> None:
    tape = outage()
    paid, late, early, reversed_, open_ = (key_of("T01", stan) for stan in (150, 141, 140, 160, 170))
    for key, t in ((paid, 41.0), (late, 44.0), (early, 44.0), (open_, 0.2)):
        tape.ask(t, key)
    tape.take(45.0, paid)
    tape.end(46.0, paid)
    for key in (late, early):
        tape.post(44.5, key, 1, sites=("B",))
    tape.request(0.3, reversed_)
    tape.reverse(0.5, reversed_, sites=("B",))
    tape.take(50.0, open_)
    assert [(finding.key, finding.says) for finding in judged(tape).findings] == [
        (open_, "no site has posted 50.00 that a customer took (T01 STAN 000170 withdrawal)"),
        (reversed_, f"site A never posted rev/{reversed_} (withdrawal of 50.00)"),
        (early, f"site A never posted post/{early} (withdrawal of 0.01)"),
        (late, f"site A never posted post/{late} (withdrawal of 0.01)"),
        (paid, "no site has posted 50.00 that a customer took (T01 STAN 000150 withdrawal)"),
    ]


def test_a_service_of_two_words_is_told_in_words() -> None:
    tape = outage()
    key = key_of("T01", 130)
    tape.ask(12.0, key, service="bill_payment")
    legs = {CUSTOMER: -5000, "biller": 4000, "fees:bills": 1000}
    posted = EntryPosted(entry="bill", kind="posting", key=key, service="bill_payment", legs=legs, origin="B")
    tape.entry(12.0, "B", posted)
    assert [finding.says for finding in judged(tape).findings] == ["site A never posted bill (bill payment of 50.00)"]
