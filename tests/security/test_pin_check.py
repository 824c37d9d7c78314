"""PIN offsets and PVVs against the vectors of psec (iso8583 facts 4.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.security.keys import Algorithm, Key
from atmbench.security.pin_check import Ibm3624, pvv, verify_pvv
from tests.security.secrecy import leaks, refusal

KEY = Key.parse("0123456789ABCDEFFEDCBA9876543210")
PAN = "1122334455667788"
RULE = Ibm3624(table="1234567890123456")
PINS = st.text("0123456789", min_size=4, max_size=12)


def test_a_natural_pin_is_the_published_one() -> None:
    assert RULE.natural_pin(KEY, PAN) == "4524"
    assert RULE.natural_pin(KEY, PAN, 6)[:4] == "4524"


def test_an_offset_is_the_published_one_both_ways() -> None:
    assert RULE.offset(KEY, PAN, "1234") == "7710"
    assert RULE.pin(KEY, PAN, "7710") == "1234"
    assert RULE.offset(KEY, PAN, "4524") == "0000"


@given(PINS, st.text("0123456789", min_size=16, max_size=19), st.integers(0, 4), st.integers(1, 12))
def test_an_offset_belongs_to_its_pin(pin: str, pan: str, start: int, length: int) -> None:
    rule = Ibm3624(start=start, length=length)
    offset = rule.offset(KEY, pan, pin)
    assert rule.pin(KEY, pan, offset) == pin
    assert rule.verify(KEY, pan, pin, offset)
    assert not rule.verify(KEY, pan, pin[:-1] + str((int(pin[-1]) + 1) % 10), offset)
    assert not rule.verify(KEY, pan, pin + "0", offset)


@pytest.mark.parametrize(("pan", "pin", "value"), [(PAN, "4524", "8523"), ("1122334455667718", "0570", "3144")])
def test_a_pvv_is_the_published_one(pan: str, pin: str, value: str) -> None:
    assert pvv(KEY, pan, pin) == value
    assert verify_pvv(KEY, pan, pin, value)
    assert not verify_pvv(KEY, pan, "9999", value)
    assert not verify_pvv(KEY, pan, pin, value, key_index=2)


def test_nonsense_is_our_fault_and_quotes_nothing() -> None:
    for refused in (
        lambda: RULE.pin(KEY, PAN, "771"),
        lambda: RULE.offset(KEY, PAN, "98a7"),
        lambda: RULE.offset(KEY, PAN[:8], "9876"),
        lambda: RULE.offset(KEY, "112233445566778x", "9876"),
        lambda: Ibm3624(start=-1).offset(KEY, PAN, "9876"),
        lambda: Ibm3624(length=0).offset(KEY, PAN, "9876"),
        lambda: Ibm3624(table="12").offset(KEY, PAN, "9876"),
        lambda: Ibm3624(pad="X").offset(KEY, PAN, "9876"),
        lambda: RULE.offset(Key(bytes(16), Algorithm.AES), PAN, "9876"),
        lambda: pvv(KEY, PAN, "98765"),
        lambda: pvv(KEY, PAN[:11], "9876"),
        lambda: pvv(KEY, PAN, "9876", key_index=10),
        lambda: pvv(Key(bytes(16), Algorithm.AES), PAN, "9876"),
    ):
        assert not leaks(refusal(refused, LocalError), [PAN, "9876", "98a7", KEY.reveal()])
