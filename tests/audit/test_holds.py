"""What is set aside counts until it is posted, never with the posting, and is in every balance that is told."""

from typing import Any

import pytest

from atmbench.audit.hold_log import HoldLog
from atmbench.audit.verdict import Verdict
from atmbench.facts import BalanceTold, HoldPlaced, HoldReleased, RecordDisturbed, SiteRebuilt, SiteRoleChanged
from tests.audit.builders import CUSTOMER, Tape, key_of, stamped

KEY = key_of("T01", 118)


def hold(tape: Tape, t: float, minor: int = 5000, site: str = "A") -> None:
    kind = HoldPlaced if minor > 0 else HoldReleased
    tape.add(t, site, kind(key=KEY, account=CUSTOMER, amount_minor=abs(minor)))


def tell(tape: Tape, t: float, ledger: int, available: int, site: str = "A") -> None:
    told = BalanceTold(key=KEY, account=CUSTOMER, ledger_minor=ledger, available_minor=available)
    tape.add(t, site, told)


def purchase(*, releases: bool = True, posts: bool = True, at_both: bool = True) -> Tape:
    """A withdrawal in two messages: held at 10 s, posted at 16 s."""
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.arrive(10.02, KEY)
    hold(tape, 10.02)
    if at_both:
        hold(tape, 10.22, site="B")
    tape.reply(10.04, KEY)
    tape.present(13.0, KEY)
    tape.take(15.0, KEY)
    tape.end(15.0, KEY)
    if releases:
        hold(tape, 16.0, -5000)
    if at_both and posts:
        hold(tape, 16.2, -5000, site="B")
    if posts:
        tape.post(16.0, KEY)
    return tape


def judged(tape: Tape) -> Verdict:
    return tape.judge().verdict("holds")


def test_a_hold_that_gives_way_to_its_posting_is_right() -> None:
    tape = purchase()
    tell(tape, 9.0, 10_000_000, 10_000_000)
    tell(tape, 12.0, 10_000_000, 9_995_000)
    tell(tape, 20.0, 9_995_000, 9_995_000)
    tell(tape, 12.0, 10_000_000, 9_995_000, site="B")
    verdict = judged(tape)
    assert verdict.status == "PASS"
    assert verdict.because == (
        "money was held for 1 transaction, for 5.980 s at most, and all of it was posted or given free; "
        "4 balances told, each the ledger less what was held"
    )


def test_without_holds_there_is_no_such_check() -> None:
    tape = Tape()
    tape.withdraw(10.0)
    assert "holds" not in {verdict.check for verdict in tape.judge().verdicts}


def test_a_purchase_that_is_pending_and_cleared_is_named() -> None:
    verdict = judged(purchase(releases=False))
    assert verdict.status == "FAIL"
    assert verdict.because == (
        "1 hold counted together with the posting: T01 STAN 000118 withdrawal is held and posted at site A "
        "since 16.000 s"
    )
    assert verdict.findings[0].key == KEY


def test_a_hold_that_is_released_too_late_counted_twice_all_the_same() -> None:
    tape = purchase(releases=False)
    hold(tape, 60.0, -5000)
    assert "1 hold counted together" in judged(tape).because


def test_a_hold_that_nothing_settles_is_named_unless_a_person_was_told() -> None:
    tape = purchase(releases=False, posts=False, at_both=False)
    verdict = judged(tape)
    assert verdict.because.startswith("1 hold left open and nobody was told: site A still holds 50.00 for T01")
    hold(tape, 17.0, -4999)
    assert "site A still holds 0.01 for T01" in judged(tape).because
    tape.exception(30.0, KEY)
    assert judged(tape).status == "PASS"


def test_a_balance_without_what_is_held_is_named() -> None:
    tape = purchase()
    tell(tape, 12.0, 10_000_000, 10_000_000)
    verdict = judged(tape)
    assert verdict.status == "FAIL"
    assert verdict.findings[0].says == (
        f"site A told 100,000.00 and available 100,000.00 of account {CUSTOMER} at 12.000 s, with 50.00 held"
    )


# --- whole sentences --------------------------------------------------------------------------------


def numbers_of(run: Tape, key: str) -> list[int]:
    return [number for number, fact in enumerate(run.play(), 1) if getattr(fact, "key", "") == key]


def test_everything_that_is_wrong_with_holds_is_counted_and_named() -> None:
    run = Tape()
    hold: dict[str, Any] = {"account": CUSTOMER, "amount_minor": 5000}
    both, left = key_of("T01", 118), key_of("T01", 130)
    for t, key in ((10.0, both), (20.0, left)):
        run.ask(t, key)
        run.add(t + 0.1, "A", HoldPlaced(key=key, **hold))
    run.post(12.0, both, sites=("A", "B"))
    told = BalanceTold(key=left, account=CUSTOMER, ledger_minor=9_995_000, available_minor=9_995_000)
    run.add(25.0, "A", told)
    verdict = run.judge().verdict("holds")
    first = "T01 STAN 000118 withdrawal is held and posted at site A since 12.000 s"
    assert verdict.because == (
        "1 hold counted together with the posting; 1 of 1 balance told not the ledger less what was held; "
        f"1 hold at one site only; 1 hold left open and nobody was told: {first}"
    )
    posted = next(n for n, f in enumerate(run.play(), 1) if getattr(f, "entry", "") == f"post/{both}")
    told_at = next(n for n, f in enumerate(run.play(), 1) if f is told)
    assert [(finding.key, finding.says, finding.facts) for finding in verdict.findings] == [
        (both, first, (posted,)),
        (
            left,
            f"site A told 99,950.00 and available 99,950.00 of account {CUSTOMER} at 25.000 s, with 100.00 held",
            (told_at,),
        ),
        (
            both,
            "site B posted T01 STAN 000118 withdrawal and never held it",
            (numbers_of(run, both)[0], numbers_of(run, both)[-1]),
        ),
        (left, "site A still holds 50.00 for T01 STAN 000130 withdrawal", (numbers_of(run, left)[-1],)),
    ]


def test_holds_that_are_right_are_told_with_the_longest() -> None:
    run = Tape()
    hold: dict[str, Any] = {"account": CUSTOMER, "amount_minor": 5000}
    for t, stan, until in ((10.0, 118, 15.0), (20.0, 130, 22.0)):
        key = key_of("T01", stan)
        run.ask(t, key)
        run.add(t, "A", HoldPlaced(key=key, **hold))
        run.tell(t - 1, key)
        run.add(until, "A", HoldReleased(key=key, **hold))
    assert run.judge().verdict("holds").because == (
        "money was held for 2 transactions, for 5.000 s at most, and all of it was posted or given free; "
        "2 balances told, each the ledger less what was held"
    )


def test_a_site_that_was_rebuilt_holds_what_the_other_holds() -> None:
    run = Tape(open_exceptions_max=1)
    hold: dict[str, Any] = {"account": CUSTOMER, "amount_minor": 5000}
    key = key_of("T01", 118)
    run.ask(10.0, key)
    run.exception(11.0, key)
    run.add(10.1, "A", HoldPlaced(key=key, **hold))
    run.add(20.0, "conductor", SiteRebuilt(site="B", like="A"))
    for site in ("A", "B"):
        run.add(25.0, site, BalanceTold(key=key, account=CUSTOMER, ledger_minor=9, available_minor=9 - 5000))
    run.add(30.0, "conductor", SiteRebuilt(site="A", like="C"))
    run.add(35.0, "A", BalanceTold(key=key, account=CUSTOMER, ledger_minor=9, available_minor=9))
    log = run.judge().book.hold_log
    assert (log.amiss, log.balances, log.is_used) == ([], 3, True)


def test_balances_that_are_amiss_are_kept_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atmbench.audit.hold_log.AMISS_MAX", 2)
    log = HoldLog()
    assert not log.is_used
    for number in range(4):
        told = BalanceTold(key="k", account="a", ledger_minor=100, available_minor=30 - number, unposted_minor=-50)
        log.told(stamped(1.0, "A", told), number)
    assert [(each.fact, each.held_minor) for each in log.amiss] == [(0, 0), (1, 0)]


@pytest.mark.parametrize("role", ["", "active", "standby"])
def test_a_hold_at_one_site_only_is_named_at_the_other_that_posted_it(role: str) -> None:
    tape = purchase(at_both=False)
    if role:
        tape.add(9.0, "B", SiteRoleChanged(site="B", role=role, because="by order"))
    verdict = judged(tape)
    assert verdict.status == "FAIL"
    assert verdict.because == "1 hold at one site only: site B posted T01 STAN 000118 withdrawal and never held it"


def test_a_site_that_was_away_when_it_was_held_need_not_have_held_it() -> None:
    tape = purchase(at_both=False)
    tape.add(9.0, "B", SiteRoleChanged(site="B", role="down", because="stopped"))
    tape.add(20.0, "B", SiteRoleChanged(site="B", role="standby", because="started"))
    assert judged(tape).status == "PASS"


def test_records_that_a_fault_meddled_with_come_in_any_order() -> None:
    tape = purchase(at_both=False)
    disturbed = RecordDisturbed(name="f", kind="reorder", sender="A", receiver="B", record="held", key=KEY, what="late")
    tape.add(11.0, "A", disturbed)
    assert judged(tape).status == "PASS"


def test_what_is_given_free_twice_was_never_held_and_is_named_so() -> None:
    tape = purchase()
    hold(tape, 60.0, -5000)
    verdict = judged(tape)
    assert verdict.status == "FAIL"
    assert verdict.because == (
        "1 hold left open and nobody was told: site A gave 50.00 free that it did not hold for "
        "T01 STAN 000118 withdrawal"
    )


def test_a_site_that_only_undid_what_another_had_held_need_not_have_held_it() -> None:
    tape = purchase(posts=False, at_both=False)
    tape.post(16.0, KEY, sites=("A",))
    tape.reverse(40.0, KEY)
    assert judged(tape).status == "PASS"


def test_what_counted_together_is_named_by_when_that_began() -> None:
    tape = purchase(releases=False, posts=False)
    tape.post(17.0, KEY, sites=("B",))
    tape.post(18.0, KEY, sites=("A",))
    who = "T01 STAN 000118 withdrawal is held and posted at site"
    assert [finding.says for finding in judged(tape).findings] == [f"{who} B since 17.000 s", f"{who} A since 18.000 s"]
