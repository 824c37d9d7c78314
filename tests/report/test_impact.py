"""Customer impact as a complaint desk reads it. Delete the golden file and run its test once to make it anew."""

from pathlib import Path

import pytest

from atmbench.facts import (
    CardTaken,
    CustomerTurnedAway,
    PowerFailed,
    PowerRestored,
    ReceiptPrinted,
    RunEnded,
    ScreenShown,
    StateChanged,
)
from atmbench.facts.statements import Stated, Statement
from atmbench.facts.terminal import DOORS_SHUT
from atmbench.impact.impact import Impact, impact_of_history
from atmbench.report.impact import over_budget, render_impact
from atmbench.report.impact_story import story_lines
from tests.audit.builders import CUSTOMER, Tape, key_of

GOLDEN = Path(__file__).parent / "golden" / "impact.txt"
LOST = key_of("T07", 118)
SILENT = Statement(how=Stated.SILENT, paid_minor=0, credits_back=True, way_out=True)
LINES = ("We could not reach your bank.", "No cash was paid out.", "Call 0800 000 000 or use another ATM.")


def outage() -> Tape:
    """A lost reply, one turned away, a posting that one site lacks, a wrong balance and a terminal without power."""
    tape = Tape(terminals=("T07", "T08"))
    for terminal in tape.terminals:
        tape.add(1.0, terminal, StateChanged(old="closed", new="ready", because="signed on to a host"))
    tape.lost_reply(10.0, "T07")
    tape.add(10.0, "T07", ScreenShown(screen="please_wait", lines=("Please wait.",)))
    tape.add(40.0, "T07", ScreenShown(screen="no_answer", lines=LINES, states=SILENT))
    tape.add(40.0, "T07", ReceiptPrinted(key=LOST, lines=("TEST  BANK", *LINES), states=SILENT))
    tape.add(42.0, "T07", CardTaken(key=LOST))
    tape.withdraw(60.0, "T07", 200)
    key = key_of("T08", 40)
    tape.ask(20.0, key)
    tape.send(20.0, key)
    tape.post(20.02, key, sites=("A",))
    tape.reply(20.04, key)
    tape.present(22.0, key)
    tape.take(23.0, key)
    tape.end(23.0, key)
    tape.add(24.0, "T08", StateChanged(old="parting", new="ready", because="the customer is served"))
    tape.add(50.0, "T08", PowerFailed(during="ready"))
    tape.add(55.0, "T08", CustomerTurnedAway(because="the terminal has no power", service="withdrawal"))
    tape.add(58.0, "T08", PowerRestored())
    tape.add(60.0, "T08", StateChanged(old="closed", new="ready", because="signed on to a host"))
    tape.add(90.0, "T08", CustomerTurnedAway(because=DOORS_SHUT, service="withdrawal"))
    tape.moves["B"][CUSTOMER] += 700
    return tape


def impact() -> Impact:
    return impact_of_history(outage().play())


def test_the_impact_of_a_small_outage() -> None:
    text = render_impact(impact())
    if not GOLDEN.exists():
        GOLDEN.write_text(text, encoding="utf-8")
        pytest.fail("the golden text was missing and is written now: read it, then run again")
    assert text == GOLDEN.read_text(encoding="utf-8")
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_story_in_full_has_every_screen_and_the_receipt() -> None:
    [customer] = [each for each in impact().customers if each.key == LOST]
    story = "\n".join(story_lines(customer, "NGN", all_screens=True))
    assert 'screen at 10.000 s: "Please wait."' in story
    assert 'receipt (silent): "TEST BANK / We could not reach your bank.' in story


def test_a_run_without_impact_is_told_in_few_words() -> None:
    tape = Tape()
    tape.withdraw(10.0)
    text = render_impact(impact_of_history(tape.play()))
    assert text.startswith("IMPACT  small: 0 customers touched, 0.000 customer minutes lost")
    assert "TOUCHED BY" not in text
    assert "CUSTOMERS, those" not in text
    assert "AVAILABILITY" not in text


def test_a_run_that_goes_on_says_so() -> None:
    tape = outage()
    tape.without = (RunEnded,)
    assert "these are the figures so far" in render_impact(impact_of_history(tape.play()))


def test_customers_who_are_not_told_are_counted() -> None:
    text = render_impact(impact(), most=1)
    assert "and 2 more (--most, --customer, --format json)" in text
    assert "CUSTOMERS" not in render_impact(impact(), most=0)


def test_budgets_name_what_is_over_them_and_nothing_else() -> None:
    found = impact()
    lost = found.minutes.lost
    kept = over_budget(found, minutes_max=lost, touched_max=3, availability_min=89 / 99)
    assert list(kept) == []
    assert list(over_budget(found, minutes_max=None, touched_max=None, availability_min=None)) == []
    assert list(over_budget(found, minutes_max=1, touched_max=2, availability_min=0.9)) == [
        f"{lost:.3f} customer minutes lost, 1 allowed",
        "3 customers touched, 2 allowed",
        "T08 was available for 89.8990 % of its time, 90 % wanted",
    ]
