"""One customer's story in words: each kind of trouble has its sentence, and only where it was so."""

import pytest

from atmbench.facts import CustomerTurnedAway, EntryPosted, ReceiptPrinted, ScreenShown
from atmbench.facts.statements import Stated, Statement
from atmbench.impact.bounds import Bounds
from atmbench.impact.impact import impact_of_history
from atmbench.report.impact_story import story_lines
from tests.audit.builders import CUSTOMER, Tape, key_of

KEY = key_of("T01", 118)


def story(tape: Tape, bounds: Bounds | None = None) -> list[str]:
    [customer] = impact_of_history(tape.play(), bounds).customers
    return [line.strip().removeprefix("- ") for line in story_lines(customer, "NGN")]


def payment(to_b_t: float | None) -> Tape:
    tape = Tape()
    tape.ask(10.0, KEY, 5000, "transfer")
    tape.send(10.0, KEY)
    for t, site in ((10.02, "A"), (to_b_t, "B")):
        if t is not None:
            legs = {CUSTOMER: -5000, "2000000001": 5000}
            entry = EntryPosted(entry="p", kind="posting", key=KEY, service="transfer", legs=legs, origin="A")
            tape.entry(t, site, entry)
    tape.reply(10.04, KEY)
    tape.end(11.0, KEY)
    return tape


def test_a_delayed_payment_says_when_all_sites_had_it() -> None:
    assert story(payment(80.0)) == [
        "T01 (atm) at 10.000 s: transfer of 50.00; card 999999******0011, account ******0001",
        "[T01/000118/0105090012]",
        "ended as approved, answered after 0.040 s (delayed)",
        "at all sites 70.000 s after it was asked for",
        "lost 70.000 s with a payment on its way",
    ]


def test_a_payment_that_a_site_lacks_names_the_site_and_what_each_has() -> None:
    told = story(payment(None))
    assert "site B does not have it 90.000 s later, at the end" in told
    assert "booked at the end: site A 50.00, site B 0.00" in told
    assert told[-1] == "lost 90.000 s with a payment on its way; not over at the end"


def test_what_was_false_on_the_screen_is_said_to_be() -> None:
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    done = Statement(how=Stated.DONE, paid_minor=5000)
    tape.add(11.0, "T01", ScreenShown(screen="take_cash", lines=("Please take your cash.",), states=done))
    tape.end(40.0, KEY, "no_answer")
    told = story(tape)
    assert "NOT SO: it says that it was done, and the bank had said nothing" in told
    assert "NOT SO: it says that 50.00 was paid, and 0.00 lay in the exit" in told
    assert any("told false" in line for line in told)


def test_a_receipt_that_differs_from_the_screen_is_read_out() -> None:
    tape = Tape()
    tape.lost_reply(10.0)
    silent = Statement(how=Stated.SILENT, way_out=True)
    tape.add(40.0, "T01", ScreenShown(screen="no_answer", lines=("No answer.",), states=silent))
    tape.add(40.0, "T01", ReceiptPrinted(key=KEY, lines=("Paid.",), states=Statement(how=Stated.SILENT, paid_minor=0)))
    assert 'receipt (silent): "Paid."' in story(tape)


@pytest.mark.parametrize(("minor", "says"), [(5000, "50.00 of notes in the bin"), (0, "0.00 of notes in the bin")])
def test_a_deposit_tells_of_the_notes_in_the_bin(minor: int, says: str) -> None:
    tape = Tape()
    tape.ask(10.0, KEY, 9000, "deposit")
    tape.send(10.0, KEY, 9000)
    if minor:
        tape.accept_notes(12.0, KEY, minor)
    tape.end(40.0, KEY, "suspect")
    assert any(says in line for line in story(tape))


def test_who_was_turned_away_is_told_why_and_has_no_name() -> None:
    tape = Tape()
    tape.add(30.0, "T01", CustomerTurnedAway(because="the terminal has no power", service="withdrawal"))
    assert story(tape) == [
        "T01 (atm) at 30.000 s: withdrawal; card not read",
        "turned away: the terminal has no power",
        "lost 60.000 s without service; nobody was served with the same there again",
    ]


def test_an_entry_of_a_transaction_that_no_terminal_began_says_so() -> None:
    tape = Tape()
    tape.post(10.0, KEY)
    told = story(tape)
    assert told[0].startswith("T01 (atm) (no terminal began it): withdrawal; account ******0001")
    assert "never ended; 0.00 taken in cash (money wrong, books differ)" in told
