"""A PIN pad with DUKPT: a key for each PIN, never the same again, and none at all when all are used up."""

from random import Random

import pytest
from msgspec.structs import replace

from atmbench.devices.outfit import Outfit
from atmbench.devices.pin_pad import Injected, PinPad
from atmbench.messages.dialect import load_dialect
from atmbench.security.dukpt import CounterExhausted
from atmbench.security.dukpt_pin import initial_key, pin_key
from atmbench.security.dukpt_tdes import TdesSerialNumber
from atmbench.security.keys import Key
from atmbench.security.pin_block import unseal
from tests.devices.play import SETTINGS
from tests.security.secrecy import leaks

MASTER, BASE = Key(bytes(range(16))), Key.parse("0123456789ABCDEFFEDCBA9876543210")
NUMBER = TdesSerialNumber.parse("FFFF9876543210E00000")
LAST = TdesSerialNumber(NUMBER.device, 0b1_1111_1111_1000_0000_0000)
"""The highest counter with no more than ten ones."""
GIVEN = initial_key(BASE, NUMBER)
PIN, PAN = "1234", "4012345678909"


def devices(number: TdesSerialNumber = NUMBER) -> Outfit:
    rules = load_dialect("nibss").security
    assert rules is not None
    injected = Injected(rules, MASTER, None, replace(GIVEN, number=number))
    made = Outfit("T01", SETTINGS, "NGN", Random(1), injected=injected)
    made.power_on(0.0)
    return made


def pad(number: TdesSerialNumber = NUMBER) -> PinPad:
    made = devices(number).pin_pad
    assert isinstance(made, PinPad)
    return made


def test_the_first_two_pins_are_sealed_as_published() -> None:
    """Sources: iso8583 facts 4.7."""
    keys = pad()
    sealed = [keys.seal(PAN, PIN) for _ in range(2)]
    assert [each.blocks for each in sealed] == [("1B9C1845EB993A7A",), ("10A01C8D02C69107",)]
    assert [each.key_serial for each in sealed] == ["FFFF9876543210E00001", "FFFF9876543210E00002"]


def test_the_pins_of_one_message_are_under_one_key() -> None:
    sealed = pad().seal(PAN, PIN, "987654")
    key = pin_key(GIVEN.key, NUMBER.next())
    assert [unseal(block, PAN, key) for block in sealed.blocks] == [PIN, "987654"]


def test_no_key_is_exchanged_for_it() -> None:
    assert pad().mac_keys(0.0) == []


def test_the_counter_survives_a_power_failure() -> None:
    made = devices()
    assert isinstance(made.pin_pad, PinPad)
    made.pin_pad.seal(PAN, PIN)
    made.power_fail(1.0)
    made.power_on(2.0)
    assert made.pin_pad.seal(PAN, PIN).key_serial == "FFFF9876543210E00002"


def test_a_copy_seals_under_the_last_key_again_and_the_pad_goes_on_with_the_next() -> None:
    keys = pad()
    assert not keys.has_used_dukpt
    serials = [keys.seal(PAN, PIN, again=again).key_serial[-1] for again in (True, False, True, True, False)]
    assert serials == ["1", "2", "2", "2", "3"]


def test_the_last_key_is_used_and_then_there_is_none() -> None:
    made = devices(TdesSerialNumber(LAST.device, LAST.counter - 1))
    assert isinstance(made.pin_pad, PinPad)
    left = [made.is_out_of_pin_keys]
    assert TdesSerialNumber.parse(made.pin_pad.seal(PAN, PIN).key_serial) == LAST
    left.append(made.is_out_of_pin_keys)
    assert left == [False, True]
    with pytest.raises(CounterExhausted):
        made.pin_pad.seal(PAN, PIN)


def test_a_terminal_without_dukpt_never_runs_out() -> None:
    assert not Outfit("T01", SETTINGS, "NGN", Random(1)).is_out_of_pin_keys


def test_nothing_that_comes_out_shows_a_key() -> None:
    keys = pad()
    sealed = keys.seal(PAN, PIN)
    used = pin_key(GIVEN.key, NUMBER.next())
    shown = f"{keys!r} {vars(keys)!r} {sealed!r}"
    assert leaks(shown, [key.reveal() for key in (GIVEN.key, used, MASTER)]) == []
