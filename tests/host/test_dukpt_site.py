"""What a site makes of DUKPT keys: each serves one PIN of its own terminal, and its twin knows of it."""

from typing import Any

import pytest

from atmbench.facts import SecurityRefused
from atmbench.host.book import Book
from atmbench.host.journal import PinKeyCounted
from atmbench.messages.records import Outcome, Purpose, Reason
from atmbench.security.dukpt_pin import initial_key, pin_key
from tests.host.dukpt import BASE, Counted, entered, number
from tests.host.play import MASTER, PIN_PAN, Said, accounts, key, sealed
from tests.security.secrecy import leaks


def refused(said: Said) -> tuple[Outcome, str, str]:
    [fact] = [fact for fact in said.facts if isinstance(fact, SecurityRefused)]
    return said.outcome, fact.what, fact.because


# --- what is taken ---------------------------------------------------------------------------------


def test_each_pin_has_the_next_key_and_counters_may_be_left_out() -> None:
    host = Counted()
    assert [host.withdraw(counter).outcome for counter in (1, 2, 5, 0x1F)] == [Outcome.APPROVED] * 4


def test_each_terminal_counts_for_itself() -> None:
    host = Counted()
    host.withdraw(7)
    assert host.withdraw(1, terminal="T02").outcome is Outcome.APPROVED


def test_a_key_opens_both_blocks_of_a_pin_change() -> None:
    host = Counted()
    changed = host.play.serve(Purpose.PIN_CHANGE, 1, **entered(1, new_pin="8765"))
    assert changed.outcome is Outcome.APPROVED
    assert host.withdraw(2, pin="1234", stan=2).outcome is Outcome.WRONG_PIN
    assert host.withdraw(3, pin="8765", stan=3).outcome is Outcome.APPROVED


def test_a_request_that_comes_again_with_its_key_gets_the_stored_answer() -> None:
    host = Counted()
    first = host.withdraw(1, stan=7)
    again = host.withdraw(1, stan=7, repeat=True)
    assert again.reply == first.reply
    assert host.play.change() == -100


def test_a_key_is_taken_again_for_its_own_transaction_only() -> None:
    """The other site has heard of the counter and, by whatever order of records, not of the answer."""
    host = Counted()
    site = host.play.host._site("A")
    site.book.apply(PinKeyCounted(key(7), "B", "T01", 3))
    assert refused(host.withdraw(3, stan=8))[:2] == (Outcome.PIN_KEY_FAILED, "key_serial")
    assert host.withdraw(3, stan=7).outcome is Outcome.APPROVED


# --- what is not -----------------------------------------------------------------------------------


@pytest.mark.parametrize("counter", [3, 2, 1])
def test_a_counter_that_is_not_above_the_last_is_refused_and_posts_nothing(counter: int) -> None:
    host = Counted(pin_tries_max=1)
    host.withdraw(3)
    before = host.play.change()
    outcome, what, because = refused(host.withdraw(counter))
    assert (outcome, what) == (Outcome.PIN_KEY_FAILED, "key_serial")
    assert because == f"the key counter is {counter}, and 3 has been seen before"
    assert host.play.change() == before
    assert host.withdraw(4).outcome is Outcome.APPROVED, "it used up no try of the PIN"


def test_the_reversal_of_what_was_refused_undoes_nothing() -> None:
    host = Counted()
    host.withdraw(3, stan=1)
    host.withdraw(3, stan=2)
    assert host.play.reverse(2, 100, reason=Reason.NO_ANSWER, pan=PIN_PAN).outcome is Outcome.APPROVED
    host.play.wait()
    assert (host.play.change("A"), host.play.change("B")) == (-100, -100)


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"key_serial": number(1, "T02").text}, "that of another device"),
        ({"key_serial": ""}, "20 hexadecimal digits"),
        ({"key_serial": "no number at all...."}, "20 hexadecimal digits"),
        ({"key_serial": number(1).text + "00"}, "20 hexadecimal digits"),
        ({"key_serial": number(0).text}, "the key counter is 0"),
        ({"key_serial": number(0x1FFFFF).text}, "more than 10 ones"),
    ],
    ids=["another terminal", "none", "no digits", "too long", "no counter", "no device counts so"],
)
def test_a_serial_number_that_cannot_be_is_refused_with_the_reason(given: dict[str, Any], because: str) -> None:
    host = Counted()
    outcome, what, told = refused(host.withdraw(1, **given))
    assert (outcome, what) == (Outcome.PIN_KEY_FAILED, "key_serial")
    assert because in told
    assert host.withdraw(1).outcome is Outcome.APPROVED, "nothing was used up"


def test_a_terminal_that_the_bank_does_not_know_is_refused() -> None:
    host = Counted()
    host.play.network(Purpose.SIGN_ON, terminal="T99")
    given = entered(1) | {"terminal": "T99"}
    said = host.play.serve(Purpose.WITHDRAWAL, 1, amount_minor=100, **given)
    assert refused(said)[1] == "key_serial"


def test_a_block_that_the_key_does_not_open_is_no_wrong_pin_and_uses_up_no_counter() -> None:
    """Else whoever makes up a high number would shut a terminal out."""
    host = Counted(pin_tries_max=1)
    said = host.withdraw(0x100, pin_block=sealed("1234", key=MASTER))
    assert refused(said)[:2] == (Outcome.PIN_KEY_FAILED, "pin_key")
    assert host.withdraw(1).outcome is Outcome.APPROVED


def test_a_wrong_pin_uses_up_its_key() -> None:
    host = Counted()
    assert host.withdraw(1, pin="0000").outcome is Outcome.WRONG_PIN
    assert refused(host.withdraw(1))[1] == "key_serial"


def test_a_new_pin_that_cannot_be_read_uses_up_the_key_of_the_old_one() -> None:
    host = Counted()
    given = entered(1) | {"new_pin_block": sealed("8765", key=MASTER)}
    assert refused(host.play.serve(Purpose.PIN_CHANGE, 1, **given))[:2] == (Outcome.PIN_KEY_FAILED, "pin_key")
    assert refused(host.withdraw(1, stan=2))[1] == "key_serial"


# --- two sites -------------------------------------------------------------------------------------


def test_counters_are_known_at_the_other_site() -> None:
    host = Counted()
    host.withdraw(3)
    host.play.wait()
    host.switch_to("B")
    assert refused(host.withdraw(3, site="B"))[1] == "key_serial"
    assert host.withdraw(4, site="B").outcome is Outcome.APPROVED


def test_a_site_that_has_missed_counters_refuses_no_new_key() -> None:
    host = Counted()
    host.withdraw(1)
    host.play.wait()
    host.play.host.set_replication(True, None, host.play.now)
    host.withdraw(2)
    host.play.host.stop("A", host.play.now)
    host.switch_to("B")
    assert host.withdraw(3, site="B").outcome is Outcome.APPROVED
    host.play.host.start("A", host.play.now)
    host.play.host.set_replication(False, None, host.play.now)
    host.play.wait()
    host.switch_to("A")
    assert refused(host.withdraw(3))[1] == "key_serial", "A has heard of it"
    assert host.withdraw(4).outcome is Outcome.APPROVED


def test_records_of_counters_may_arrive_in_any_order() -> None:
    records = [PinKeyCounted(key(stan), "A", "T01", counter) for stan, counter in ((1, 4), (2, 9), (3, 9), (4, 6))]
    there, back = Book("A", accounts(), 10), Book("B", accounts(), 10)
    for record in records:
        there.apply(record)
    for record in reversed(records):
        back.apply(record)
        back.apply(record)
    assert there.last_pin_key("T01") == back.last_pin_key("T01") == (9, key(3))
    assert there.last_pin_key("T02") == (0, "")


def test_what_is_told_shows_no_key() -> None:
    host = Counted()
    said = host.withdraw(1)
    again = host.withdraw(1)
    used = number(1)
    initial = initial_key(BASE, used).key
    shown = f"{said.records!r} {again.records!r} {again.reply!r} {vars(host.play.host.keys._module)!r}"
    assert leaks(shown, [initial.reveal(), pin_key(initial, used).reveal(), BASE.reveal()[8:]]) == []
