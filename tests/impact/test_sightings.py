"""What a customer saw is his, from his request until the terminal turns to the next one."""

import pytest

from atmbench.facts import CustomerTurnedAway, PowerFailed, ReceiptPrinted, ScreenShown, StateChanged
from atmbench.facts.statements import Stated, Statement
from atmbench.facts.terminal import DOORS_SHUT
from atmbench.impact import sightings
from atmbench.impact.impact import ImpactLog, impact_of_history
from tests.audit.builders import Tape, key_of

KEY = key_of("T01", 118)
SILENT = Statement(how=Stated.SILENT, way_out=True)


def show(tape: Tape, t: float, screen: str, *lines: str, states: Statement | None = None) -> None:
    tape.add(t, "T01", ScreenShown(screen=screen, lines=lines, states=states))


def state(tape: Tape, t: float, new: str) -> None:
    tape.add(t, "T01", StateChanged(old="parting", new=new, because="the customer is served"))


def test_screens_and_receipt_of_a_visit_and_not_those_of_the_next() -> None:
    tape = Tape()
    show(tape, 1.0, "welcome", "Welcome.", states=Statement(how=Stated.INVITED))
    tape.lost_reply(10.0)
    show(tape, 10.0, "please_wait", "Please wait.")
    show(tape, 40.0, "no_answer", "We could not reach your bank.", states=SILENT)
    tape.add(40.0, "T01", ReceiptPrinted(key=KEY, lines=("No cash was paid out.",), states=SILENT))
    state(tape, 44.0, "ready")
    show(tape, 44.0, "welcome", "Welcome.", states=Statement(how=Stated.INVITED))
    show(tape, 45.0, "out_of_service", "Closed.", states=Statement(how=Stated.CLOSED, way_out=True))
    show(tape, 46.0, "starting", "Please wait.")
    [customer] = impact_of_history(tape.play()).customers
    assert [(shown.t, shown.screen) for shown in customer.screens] == [(10.0, "please_wait"), (40.0, "no_answer")]
    assert customer.screens[1].states == SILENT
    assert customer.receipt is not None
    assert customer.receipt.lines == ("No cash was paid out.",)


def test_a_closed_screen_that_says_too_little_is_no_matter_of_the_customer_before() -> None:
    tape = Tape()
    tape.lost_reply(10.0)
    state(tape, 44.0, "closed")
    show(tape, 44.0, "closed", "Closed.", states=Statement(how=Stated.CLOSED))
    [customer] = impact_of_history(tape.play()).customers
    assert customer.told_false == ()
    assert customer.screens == ()


def test_the_screen_goes_dark_when_the_power_fails() -> None:
    tape = Tape()
    tape.lost_reply(10.0)
    tape.add(12.0, "T01", PowerFailed(during="authorising"))
    tape.add(15.0, "T01", CustomerTurnedAway(because="the terminal has no power", service="withdrawal"))
    visitor, next_one = sorted(impact_of_history(tape.play()).customers, key=lambda each: each.asked_t or 0)
    assert [shown.screen for shown in visitor.screens] == ["dark"]
    assert [shown.screen for shown in next_one.screens] == ["dark"]


def test_of_many_screens_the_first_and_the_last_are_kept() -> None:
    tape = Tape()
    tape.lost_reply(10.0)
    for number in range(20):
        show(tape, 20.0 + number, f"s{number}")
    [customer] = impact_of_history(tape.play()).customers
    seen = [shown.screen for shown in customer.screens]
    assert seen == [*(f"s{number}" for number in range(sightings.SCREENS_MAX - 1)), "s19"]


def test_what_is_beyond_the_bounds_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "VISITS_MAX", 1)
    monkeypatch.setattr(sightings, "TURNED_AWAY_MAX", 1)
    tape = Tape()
    tape.withdraw(1.0, stan=1)
    tape.lost_reply(10.0)
    for t in (50.0, 51.0, 52.0):
        tape.add(t, "T01", CustomerTurnedAway(because="full", service="withdrawal"))
    tape.add(60.0, "T01", CustomerTurnedAway(because=DOORS_SHUT, service="withdrawal"))
    found = impact_of_history(tape.play())
    assert found.unkept == {
        "customers whose screens and receipts were not kept": 1,
        "customers turned away of whom only the number is known": 2,
    }
    assert (found.touched, found.turned_away, len(found.customers)) == (4, 3, 2)
    assert found.customers[-1].screens == ()


def test_texts_that_many_read_are_kept_once() -> None:
    log = ImpactLog()
    tape = Tape()
    for stan in (1, 2):
        key = key_of("T01", stan)
        tape.ask(float(stan), key)
        show(tape, float(stan), "please_wait", "Please", f"wait{''}.")
    for fact in tape.facts:
        log.add(fact)
    first, second = (visit.screens[0] for visit in log.seen.visits.values())
    assert first.lines is second.lines
