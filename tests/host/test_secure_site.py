"""What a site makes of MACs, key exchanges, PIN changes and chips, and what its twin knows of them."""

from random import Random
from typing import Any

import pytest

from atmbench.facts import EntryPosted, KeysIssued, SecurityRefused, TombstoneHit
from atmbench.host.security_module import SecurityModule
from atmbench.host.settings import PinCheck
from atmbench.messages.records import Outcome, Purpose, Reason, Request
from atmbench.security.emv import CryptogramVersion
from atmbench.security.emv_card import ChipCard
from atmbench.security.keys import Key
from atmbench.security.tlv import by_tag, parse
from tests.host.chips import ISSUER, Chipped
from tests.host.play import MASTER, PAN, PIN_PAN, RULES, Play, Said, key, sealed, security_module

PVK = Key(bytes(range(50, 66)))


def exchanging() -> Play:
    """A host whose terminals must ask for keys."""
    return Play(
        module=SecurityModule(
            ("A", "B"), RULES, master=lambda _: MASTER, rng=Random(1), pin_key=PVK, terminals=["T01", "T02"]
        )
    )


def ask_for_keys(play: Play, stan: int = 2, site: str = "A", terminal: str = "T01") -> Said:
    return play.ask(Request(purpose=Purpose.KEY_EXCHANGE, terminal=terminal, stan=stan, transmitted=""), site)


def switch_to_b(play: Play) -> None:
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")


# --- keys ------------------------------------------------------------------------------------------


def test_keys_are_given_and_told_by_their_check_values() -> None:
    said = ask_for_keys(exchanging())
    keys = said.reply.keys
    assert keys is not None
    assert said.outcome is Outcome.APPROVED
    assert said.facts == [KeysIssued(terminal="T01", pin_check=keys.pin_check, mac_check=keys.mac_check)]


def test_the_repeat_of_an_exchange_gets_the_same_keys_and_is_no_new_exchange() -> None:
    play = exchanging()
    first, again, next_one = ask_for_keys(play), ask_for_keys(play), ask_for_keys(play, 3)
    assert again.reply == first.reply
    assert again.facts == []
    assert next_one.reply.keys != first.reply.keys


def test_an_old_exchange_that_turns_up_again_changes_no_keys() -> None:
    play = exchanging()
    old = ask_for_keys(play, 2)
    ask_for_keys(play, 3)
    before = play.host.keys.of_macs("A", "T01", play.now)
    assert ask_for_keys(play, 2).reply == old.reply
    assert play.host.keys.of_macs("A", "T01", play.now) == before


def test_two_terminals_never_get_the_same_keys() -> None:
    play = exchanging()
    assert ask_for_keys(play).reply.keys != ask_for_keys(play, terminal="T02").reply.keys


@pytest.mark.parametrize("terminal", ["T99", "T0?"])
def test_a_terminal_that_the_bank_does_not_know_gets_none(terminal: str) -> None:
    said = ask_for_keys(exchanging(), terminal=terminal)
    assert (said.outcome, said.reply.keys, said.facts) == (Outcome.NOT_PERMITTED, None, [])


def test_a_standby_gives_no_keys() -> None:
    assert ask_for_keys(exchanging(), site="B").outcome is Outcome.HOST_UNAVAILABLE


# --- MACs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.BALANCE, Purpose.DEPOSIT])
def test_a_request_whose_mac_does_not_agree_is_refused_and_posts_nothing(purpose: Purpose) -> None:
    play = Play()
    said = play.serve(purpose, amount_minor=5000, mac_agrees=False)
    assert said.outcome is Outcome.MAC_FAILED
    [refused] = said.facts
    assert isinstance(refused, SecurityRefused)
    assert (refused.what, refused.terminal, refused.key) == ("mac", "T01", key(7))
    assert play.change() == 0


def test_it_is_not_remembered_so_the_reversal_is_a_tombstone_and_the_original_too_late() -> None:
    play = Play()
    play.withdraw(mac_agrees=False)
    assert play.reverse(reason=Reason.INVALID_ANSWER).outcome is Outcome.APPROVED
    late = play.withdraw(mac_agrees=True)
    assert late.outcome is Outcome.TOO_LATE
    assert late.facts == [TombstoneHit(key=key(7))]
    play.wait()
    assert (play.change("A"), play.change("B")) == (0, 0)


def test_a_reversal_whose_mac_does_not_agree_undoes_nothing_and_is_told_of_its_original() -> None:
    play = Play()
    play.withdraw()
    said = play.reverse(mac_agrees=False)
    assert said.outcome is Outcome.MAC_FAILED
    assert [fact.key for fact in said.facts if isinstance(fact, SecurityRefused)] == [key(7)]
    assert play.change() == -5000
    assert play.reverse(repeat=True).outcome is Outcome.APPROVED
    assert play.change() == 0


def test_a_duplicate_whose_mac_does_not_agree_is_not_given_the_stored_answer() -> None:
    play = Play()
    play.withdraw()
    said = play.withdraw(mac_agrees=False)
    assert (said.outcome, said.reply.approval_code) == (Outcome.MAC_FAILED, "")


def test_who_asks_for_keys_needs_no_mac_that_agrees() -> None:
    play = exchanging()
    request = Request(purpose=Purpose.KEY_EXCHANGE, terminal="T01", stan=2, transmitted="", mac_agrees=False)
    assert play.ask(request).outcome is Outcome.APPROVED


def test_a_standby_speaks_of_the_mac_first() -> None:
    """What a site without the right key says of itself could not be believed; that the MAC fails is."""
    play = Play()
    assert play.serve(Purpose.WITHDRAWAL, site="B", amount_minor=5000, mac_agrees=False).outcome is Outcome.MAC_FAILED
    assert play.serve(Purpose.WITHDRAWAL, site="B", amount_minor=5000).outcome is Outcome.HOST_UNAVAILABLE


# --- PINs ------------------------------------------------------------------------------------------


def enter(play: Play, stan: int, pin: str, site: str = "A", **rest: Any) -> Outcome:
    given = {"pan": PIN_PAN, "pin_block": sealed(pin), "amount_minor": 100} | rest
    return play.serve(Purpose.WITHDRAWAL, stan, site=site, **given).outcome


def change_pin(play: Play, stan: int, old: str, new: str, site: str = "A", **rest: Any) -> Said:
    given = {"pan": PIN_PAN, "pin_block": sealed(old), "new_pin_block": sealed(new)} | rest
    return play.serve(Purpose.PIN_CHANGE, stan, site=site, **given)


@pytest.mark.parametrize("pin_check", PinCheck)
def test_a_changed_pin_is_the_only_right_one_and_moves_no_money(pin_check: PinCheck) -> None:
    play = Play(module=security_module(pin_check=pin_check), pin_check=pin_check)
    said = change_pin(play, 1, "1234", "8765")
    assert said.outcome is Outcome.APPROVED
    assert not [fact for fact in said.facts if isinstance(fact, EntryPosted)]
    assert enter(play, 2, "1234") is Outcome.WRONG_PIN
    assert enter(play, 3, "8765") is Outcome.APPROVED


def test_a_changed_pin_is_known_at_the_other_site() -> None:
    play = Play()
    change_pin(play, 1, "1234", "8765")
    play.wait()
    switch_to_b(play)
    assert enter(play, 2, "1234", "B") is Outcome.WRONG_PIN
    assert enter(play, 3, "8765", "B") is Outcome.APPROVED


def test_of_two_changes_the_later_counts_at_both_sites_whatever_arrives_first() -> None:
    play = Play(replication_lag_s=5)
    change_pin(play, 1, "1234", "1111")
    play.now += 1
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    assert change_pin(play, 2, "1234", "2222", "B").outcome is Outcome.APPROVED, "B knows of no change yet"
    play.wait(20)
    assert enter(play, 3, "2222", "B") is Outcome.APPROVED
    play.host.promote("A", play.now, "by order")
    play.sign_on("A")
    assert enter(play, 4, "2222") is Outcome.APPROVED
    assert enter(play, 5, "1111") is Outcome.WRONG_PIN


def test_the_repeat_of_a_pin_change_changes_nothing_more() -> None:
    play = Play()
    first = change_pin(play, 1, "1234", "8765")
    play.wait()
    assert change_pin(play, 2, "8765", "4321").outcome is Outcome.APPROVED
    assert change_pin(play, 1, "1234", "8765").reply == first.reply
    assert enter(play, 3, "4321") is Outcome.APPROVED


def test_a_wrong_old_pin_changes_nothing_and_counts() -> None:
    play = Play(pin_tries_max=1)
    assert change_pin(play, 1, "0000", "8765").outcome is Outcome.PIN_TRIES_EXCEEDED
    assert enter(play, 2, "1234") is Outcome.PIN_TRIES_EXCEEDED


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"new_pin_block": ""}, Outcome.FORMAT_ERROR),
        ({"new_pin_block": sealed("8765", key=MASTER)}, Outcome.PIN_KEY_FAILED),
        ({"new_pin_block": "no block"}, Outcome.PIN_KEY_FAILED),
        ({"pin_block": sealed("1234", key=MASTER)}, Outcome.PIN_KEY_FAILED),
        ({"pan": PAN, "pin_block": ""}, Outcome.INVALID_TRANSACTION),
    ],
    ids=["no new PIN", "new PIN under another key", "no block", "old PIN under another key", "a card without a PIN"],
)
def test_what_is_no_pin_change_changes_nothing_and_uses_up_no_try(changed: dict[str, str], outcome: Outcome) -> None:
    play = Play(pin_tries_max=1)
    assert change_pin(play, 1, "1234", "8765", **changed).outcome is outcome
    assert enter(play, 2, "1234") is Outcome.APPROVED


def test_a_bank_with_pvvs_takes_no_longer_pin_and_survives_one_that_is_typed() -> None:
    play = Play(module=security_module(pin_check=PinCheck.PVV), pin_check="pvv")
    assert change_pin(play, 1, "1234", "876543").outcome is Outcome.DECLINED
    assert enter(play, 2, "12345") is Outcome.WRONG_PIN
    assert enter(play, 3, "1234") is Outcome.APPROVED


def test_tries_and_changes_are_kept_by_card_where_only_track_2_travels() -> None:
    play = Play(pin_tries_max=2)
    track = {"pan": "", "track2": f"{PIN_PAN}=30122010000000000"}
    assert change_pin(play, 1, "1234", "8765", **track).outcome is Outcome.APPROVED
    assert enter(play, 2, "1234", **track) is Outcome.WRONG_PIN
    assert enter(play, 3, "1234") is Outcome.PIN_TRIES_EXCEEDED


# --- chips -----------------------------------------------------------------------------------------


def issuer_data(said: Said) -> bytes:
    return by_tag(parse(bytes.fromhex(said.reply.chip)))["91"]


def test_a_chip_is_answered_so_that_the_card_knows_its_issuer() -> None:
    card = Chipped()
    said = card.serve(**card.asks())
    assert said.outcome is Outcome.APPROVED
    assert card.chip.accepts(issuer_data(said))


@pytest.mark.parametrize(
    ("signed", "because"),
    [
        ({"amount": "000000004999"}, "DE4"),
        ({"transaction_type": "31"}, "DE3"),
        ({"currency": "840"}, "DE49"),
    ],
)
def test_what_the_card_signed_must_be_what_the_message_says(signed: dict[str, Any], because: str) -> None:
    card = Chipped()
    said = card.serve(**card.asks(**signed))
    assert said.outcome is Outcome.CHIP_FAILED
    [refused] = said.facts
    assert isinstance(refused, SecurityRefused)
    assert refused.what == "chip"
    assert because in refused.because
    assert said.reply.chip == ""


@pytest.mark.parametrize("chip", ["", "no hexadecimal", "9F2608"])
def test_a_request_without_readable_chip_data_is_refused(chip: str) -> None:
    card = Chipped()
    assert card.serve(**(card.asks() | {"chip": chip})).outcome is Outcome.CHIP_FAILED


def test_a_chip_of_another_card_is_refused() -> None:
    card = Chipped()
    assert card.serve(**card.asks(), pan=PIN_PAN, pin_block=sealed("1234")).outcome is Outcome.CHIP_FAILED


def test_a_replayed_counter_moves_no_money() -> None:
    card = Chipped()
    assert card.serve(**card.asks()).outcome is Outcome.APPROVED
    card.chip.atc -= 1
    said = card.serve(**card.asks())
    assert said.outcome is Outcome.CHIP_FAILED
    assert [type(fact) for fact in said.facts] == [SecurityRefused]
    assert card.play.change() == -5000
    assert card.serve(**card.asks()).outcome is Outcome.APPROVED, "the true card goes on"


def test_a_replayed_message_under_a_new_number_is_refused_too() -> None:
    card = Chipped()
    asked = card.asks()
    card.serve(**asked)
    assert card.serve(**(asked | {"stan": 99})).outcome is Outcome.CHIP_FAILED


def test_the_repeat_of_a_request_is_no_replay() -> None:
    card = Chipped()
    asked = card.asks()
    first = card.serve(**asked)
    assert card.serve(**asked, repeat=True).reply == first.reply


def test_counters_are_known_at_the_other_site() -> None:
    card = Chipped()
    card.serve(**card.asks())
    card.play.wait()
    switch_to_b(card.play)
    card.chip.atc -= 1
    assert card.serve("B", **card.asks()).outcome is Outcome.CHIP_FAILED
    assert card.serve("B", **card.asks()).outcome is Outcome.APPROVED


def test_counters_that_arrive_late_never_go_back() -> None:
    card = Chipped(replication_lag_s=5)
    card.serve(**card.asks())
    card.play.host.promote("B", 0, "by order")
    card.play.sign_on("B")
    card.serve("B", **card.asks())
    card.play.wait(20)
    card.chip.atc -= 1
    assert card.serve("B", **card.asks()).outcome is Outcome.CHIP_FAILED


def test_a_declined_chip_transaction_is_counted_and_answered_too() -> None:
    card = Chipped(daily_limit="10.00")
    said = card.serve(**card.asks())
    assert said.outcome is Outcome.AMOUNT_LIMIT
    assert issuer_data(said)
    card.chip.atc -= 1
    assert card.serve(**card.asks()).outcome is Outcome.CHIP_FAILED


def test_a_chip_that_fails_uses_up_no_pin_try() -> None:
    card = Chipped(pin_tries_max=1)
    bad = card.asks() | {"chip": ""}
    assert card.serve(**bad, pan=PIN_PAN, pin_block=sealed("0000")).outcome is Outcome.CHIP_FAILED
    card.chip = ChipCard(ISSUER.card_key(PIN_PAN), CryptogramVersion.CVN18)
    assert card.serve(**card.asks(), pan=PIN_PAN, pin_block=sealed("1234")).outcome is Outcome.APPROVED


def test_counters_are_kept_by_card_where_only_track_2_travels() -> None:
    card = Chipped()
    track = {"pan": "", "track2": f"{PAN}=30122010000000000"}
    assert card.serve(**card.asks(), **track).outcome is Outcome.APPROVED
    card.chip.atc -= 1
    assert card.serve(**card.asks(), **track).outcome is Outcome.CHIP_FAILED


def test_an_answer_to_a_chip_is_no_answer_to_another() -> None:
    card = Chipped()
    first = card.serve(**card.asks())
    asked = card.asks()
    assert not card.chip.accepts(issuer_data(first))
    assert card.serve(**asked).outcome is Outcome.APPROVED
