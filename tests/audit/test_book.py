"""What a book knows of a run, and how it says that it does not know."""

import pytest
from msgspec.structs import replace

from atmbench.audit.book import Book, Missing
from atmbench.audit.casebook import Casebook
from atmbench.facts import FrameDisturbed, MessageReceived, RunEnded, TransactionStarted
from tests.audit.builders import Tape, key_of, of, stamped

KEY = key_of("T01", 118)
OTHER = key_of("T01", 119)
THIRD = key_of("T01", 120)


def book_of(tape: Tape) -> Casebook:
    book = Casebook()
    for fact in tape.play():
        book.add(fact)
    return book


def renamed(tape: Tape, t: float, was: str, now: str) -> None:
    disturbed = FrameDisturbed(
        name="f1",
        kind="garble_field",
        what="x",
        terminal="T01",
        line="primary",
        direction="request",
        key=was,
        became=now,
    )
    tape.add(t, "conductor", disturbed)


def test_a_book_that_was_told_nothing_knows_nothing() -> None:
    book = Book()
    assert (book.count, book.t, book.clients, book.exceptions_without_key) == (0, 0.0, {}, [])
    with pytest.raises(Missing) as caught:
        book.run()
    assert str(caught.value) == "the history has no RunStarted fact, so nothing is known of the drill"


def test_a_run_that_goes_on_says_how_many_facts_it_has() -> None:
    tape = Tape()
    tape.without = (RunEnded,)
    with pytest.raises(Missing) as caught:
        book_of(tape).end()
    says = f"the run goes on, or broke off: no RunEnded in {len(tape.play())} facts, and money may be under way"
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("pending", "still_open"),
    [((), "nothing that is known of"), (("a", "b", "c"), "a, b, c"), (("a", "b", "c", "d"), "a, b, c and 1 more")],
)
def test_a_run_that_was_stopped_says_what_was_open(pending: tuple[str, ...], still_open: str) -> None:
    tape = Tape()
    tape.without = (RunEnded,)
    book = book_of(tape)
    book.add(stamped(100.0, "conductor", RunEnded(because="stopped", stopped=True, pending=pending)))
    with pytest.raises(Missing) as caught:
        book.end()
    assert str(caught.value) == f"the run was stopped, and money may be under way; open was {still_open}"


def test_clients_of_a_channel_are_no_atms() -> None:
    tape = Tape(terminals=("T01", "W01"))
    tape.channels = {"web": ("W01",)}
    book = book_of(tape)
    assert book.atms() == ("T01",)
    assert [book.channel_of(terminal) for terminal in ("T01", "W01")] == ["atm", "web"]


def test_a_currency_without_minor_units_is_said_without_a_point() -> None:
    started = stamped(0.0, "conductor", replace(Tape().run_started(), currency="JPY"))
    book = Casebook()
    book.add(started)
    assert [book.say(1_234_567), book.say(-5)] == ["1,234,567", "-5"]


def test_a_case_has_the_numbers_of_its_first_and_its_last_fact() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(2, KEY)
    tape.post(3, KEY, sites=("A",))
    numbers = [number for number, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == KEY]
    case = book_of(tape).cases[KEY]
    assert (case.fact_first, case.fact_last) == (numbers[0], numbers[-1])


def test_a_request_that_was_renamed_twice_is_still_that_of_its_terminal() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    renamed(tape, 2, KEY, OTHER)
    renamed(tape, 3, OTHER, THIRD)
    book = book_of(tape)
    assert [book.sent_as(key) for key in (KEY, OTHER, THIRD, "T09/000001/x")] == [KEY, KEY, KEY, "T09/000001/x"]


def test_keys_that_were_exchanged_for_each_other_lead_nowhere_for_ever() -> None:
    tape = Tape()
    renamed(tape, 2, KEY, OTHER)
    renamed(tape, 3, OTHER, THIRD)
    renamed(tape, 4, THIRD, KEY)
    assert book_of(tape).sent_as(KEY) == OTHER


def test_a_key_that_came_of_two_that_were_exchanged_for_each_other_leads_to_one_of_them() -> None:
    tape = Tape()
    renamed(tape, 2, OTHER, KEY)
    renamed(tape, 3, THIRD, OTHER)
    renamed(tape, 4, OTHER, THIRD)
    assert book_of(tape).sent_as(KEY) == THIRD


def test_a_key_that_a_terminal_began_stays_itself_whatever_was_given_it_too() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.ask(1.5, OTHER)
    renamed(tape, 2, KEY, OTHER)
    assert book_of(tape).sent_as(OTHER) == OTHER


def test_a_key_that_is_only_known_at_a_site_is_traced_to_its_terminal() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    renamed(tape, 2, KEY, OTHER)
    tape.services[OTHER] = "withdrawal"
    tape.post(3, OTHER)
    assert book_of(tape).sent_as(OTHER) == KEY


@pytest.mark.parametrize(("stan", "answers"), [(118, 1), (119, 0)])
def test_a_reply_without_a_key_belongs_to_no_request_with_another_stan(stan: int, answers: int) -> None:
    tape = Tape()
    tape.request(1, KEY)
    terminal, _ = of(KEY)
    poor = MessageReceived(
        terminal=terminal, line="primary", purpose="withdrawal", mti="0210", stan=stan, fields={}, outcome="approved"
    )
    tape.add(1.04, terminal, poor)
    assert len(book_of(tape).cases[KEY].answers) == answers


def test_a_reply_without_a_key_before_any_request_is_nobodys() -> None:
    book, poor = (
        Casebook(),
        MessageReceived(terminal="T01", line="primary", purpose="withdrawal", mti="0210", stan=1, fields={}),
    )
    assert book.outstanding_key(stamped(1.0, "T01", poor)) == ""
    book.log("T01")
    assert book.outstanding_key(stamped(1.0, "T01", poor)) == ""
    book.add(stamped(0.0, "T01", TransactionStarted(key=KEY, service="withdrawal", stan=1, amount_minor=1, card="")))
    assert book.outstanding_key(stamped(1.0, "T01", poor)) == ""
