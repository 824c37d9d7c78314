"""What is set aside, step by step: when it began, when it ended, and what counted together with it."""

from atmbench.audit.hold_log import HoldLog
from atmbench.audit.verdict import Verdict
from atmbench.facts import HoldPlaced, HoldReleased, SiteRebuilt
from tests.audit.builders import CUSTOMER, Tape, key_of

KEY = key_of("T01", 118)
WHO = "T01 STAN 000118 withdrawal"


def hold(tape: Tape, t: float, minor: int, *, sites: str = "A") -> None:
    """So much is set aside, or given free if it is below zero."""
    kind = HoldPlaced if minor > 0 else HoldReleased
    for site in sites:
        tape.add(t, site, kind(key=KEY, account=CUSTOMER, amount_minor=abs(minor)))


def asked() -> Tape:
    tape = Tape(open_exceptions_max=1)
    tape.ask(10.0, KEY)
    return tape


def judged(tape: Tape) -> Verdict:
    return tape.judge().verdict("holds")


def longest(seconds: str) -> str:
    return (
        f"money was held for 1 transaction, for {seconds} s at most, and all of it was posted or given free; "
        "0 balances told, each the ledger less what was held"
    )


def test_nothing_is_held_until_a_site_says_so() -> None:
    log = HoldLog()
    assert (log.is_used, log.longest_s, log.balances, log.amiss, log.both) == (False, 0.0, 0, [], {})


def test_a_hold_lasts_until_all_of_it_is_given_free() -> None:
    tape = asked()
    hold(tape, 10.0, 5000)
    hold(tape, 10.3, -4999)
    hold(tape, 10.75, -1)
    assert judged(tape).because == longest("0.750")


def test_a_release_of_what_was_never_held_is_not_timed() -> None:
    tape = asked()
    tape.add(10.0, "A", HoldReleased(key=KEY, account=CUSTOMER, amount_minor=0))
    hold(tape, 12.0, 5000, sites="B")
    hold(tape, 13.5, -5000, sites="B")
    assert judged(tape).because == longest("1.500")


def test_a_hold_that_comes_after_its_posting_counts_together_with_it_from_then() -> None:
    tape = asked()
    tape.post(12.0, KEY)
    hold(tape, 14.0, 1, sites="AB")
    hold(tape, 14.0, -1, sites="B")
    hold(tape, 60.0, -1)
    [finding] = judged(tape).findings
    placed = next(number for number, fact in enumerate(tape.play(), 1) if isinstance(fact, HoldPlaced))
    assert (finding.key, finding.facts) == (KEY, (placed,))
    assert finding.says == f"{WHO} is held and posted at site A since 14.000 s"


def test_a_posting_and_the_release_of_its_hold_in_one_instant_are_one_step() -> None:
    tape = asked()
    hold(tape, 10.0, 5000, sites="AB")
    tape.post(16.0, KEY, sites=("A",))
    hold(tape, 16.0, -2000)
    hold(tape, 16.0, -3000)
    hold(tape, 16.0, -5000, sites="B")
    tape.post(16.0, KEY, sites=("B",))
    assert judged(tape).because == longest("6.000")


def test_a_posting_and_its_reversal_in_one_instant_leave_the_hold_alone() -> None:
    tape = asked()
    hold(tape, 10.0, 5000, sites="AB")
    for site in "AB":
        tape.post(16.0, KEY, sites=(site,))
        tape.reverse(16.0, KEY, sites=(site,))
    hold(tape, 18.0, -5000, sites="AB")
    assert judged(tape).because == longest("8.000")


def test_a_part_that_is_given_free_with_the_posting_leaves_the_rest_counting_twice() -> None:
    tape = asked()
    hold(tape, 10.0, 5000, sites="AB")
    hold(tape, 15.0, -5000, sites="B")
    tape.post(16.0, KEY)
    hold(tape, 16.0, -2000)
    assert judged(tape).because == (
        f"1 hold counted together with the posting: {WHO} is held and posted at site A since 16.000 s"
    )


def test_a_site_that_was_rebuilt_goes_on_with_the_holds_of_the_other_from_when_those_began() -> None:
    tape = asked()
    hold(tape, 10.0, 5000)
    hold(tape, 11.0, 5000, sites="B")
    tape.add(20.0, "conductor", SiteRebuilt(site="B", like="A"))
    hold(tape, 21.0, -5000)
    hold(tape, 30.0, -5000, sites="B")
    assert judged(tape).because == longest("20.000")


def test_a_site_that_was_rebuilt_counts_twice_what_the_other_does_and_no_more() -> None:
    tape = asked()
    for site, t in (("A", 12.0), ("B", 13.0)):
        hold(tape, 11.0, 5000, sites=site)
        tape.post(t, KEY, sites=(site,))
    tape.add(20.0, "conductor", SiteRebuilt(site="B", like="A"))
    hold(tape, 30.0, -5000, sites="AB")
    assert [finding.says for finding in judged(tape).findings] == [
        f"{WHO} is held and posted at site {site} since 12.000 s" for site in "AB"
    ]
    apart = asked()
    hold(apart, 11.0, 5000, sites="B")
    apart.post(13.0, KEY, sites=("B",))
    apart.add(20.0, "conductor", SiteRebuilt(site="B", like="A"))
    assert judged(apart).findings == ()
