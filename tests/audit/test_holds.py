"""What is set aside counts until it is posted, never with the posting, and is in every balance that is told."""

from atmbench.audit.verdict import Verdict
from atmbench.facts import BalanceTold, HoldPlaced, HoldReleased, RecordDisturbed, SiteRoleChanged
from tests.audit.builders import CUSTOMER, Tape, key_of

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


def test_a_hold_at_one_site_only_is_named_at_the_other_that_posted_it() -> None:
    verdict = judged(purchase(at_both=False))
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
