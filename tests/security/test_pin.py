"""PIN blocks against published vectors, and what must never be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError, RemoteError
from atmbench.security.pin import PinError, PinKey, seal, unseal

KEY = PinKey(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
PAN = "5555555551234567"
PINS = st.text("0123456789", min_size=4, max_size=12)
PANS = st.text("0123456789", min_size=13, max_size=19)


@pytest.mark.parametrize(
    ("pin", "pan", "clear"),
    [("1234", "43219876543210987", "0412AC89ABCDEF67"), ("1234", PAN, "041261AAAAEDCBA9")],
)
def test_the_clear_block_is_that_of_the_published_vectors(pin: str, pan: str, clear: str) -> None:
    """iso8583 facts 4.2: ISO 9564 format 0."""
    assert KEY.decipher(bytes.fromhex(seal(pin, pan, KEY))).hex().upper() == clear


def test_the_cipher_is_double_length_tdes() -> None:
    """NIST SP 800-20 key; the check value of 0123456789ABCDEF FEDCBA9876543210 is published as 08D7B4."""
    assert KEY.check_value == "08D7B4"


@given(PINS, PANS)
def test_what_was_sealed_is_unsealed(pin: str, pan: str) -> None:
    block = seal(pin, pan, KEY)
    assert len(block) == 16
    assert block == block.upper()
    assert unseal(block, pan, KEY) == pin


@given(st.binary(max_size=12), PANS)
def test_any_block_is_a_pin_or_an_error_without_content(block: bytes, pan: str) -> None:
    said = ""
    try:
        pin = unseal(block.hex().upper(), pan, KEY)
    except PinError as error:
        pin, said = "", str(error)
    assert pin == "" or 4 <= len(pin) <= 12
    assert len(block) != 8 or KEY.decipher(block).hex().upper() not in said


@pytest.mark.parametrize("block", ["", "0412", "not hexadecimal!", "F" * 16, "0" * 16, "\u0660" * 16])
def test_damaged_blocks_are_the_peers_fault(block: str) -> None:
    with pytest.raises(PinError) as caught:
        unseal(block, PAN, KEY)
    assert isinstance(caught.value, RemoteError)
    assert caught.value.field == "52"


def test_another_key_or_another_pan_does_not_give_the_pin() -> None:
    block = seal("1234", PAN, KEY)
    with pytest.raises(PinError):
        unseal(block, PAN, PinKey(bytes(range(16))))
    with pytest.raises(PinError):
        unseal(block, "5555555559876543", KEY)
    with pytest.raises(PinError) as caught:
        unseal(block, "12345", KEY)
    assert caught.value.field == "2"


@pytest.mark.parametrize(("pin", "pan"), [("123", PAN), ("1" * 13, PAN), ("12a4", PAN), ("1234", "12345")])
def test_sealing_nonsense_is_our_fault_and_quotes_nothing(pin: str, pan: str) -> None:
    with pytest.raises(LocalError) as caught:
        seal(pin, pan, KEY)
    assert pin not in str(caught.value)
    assert pan not in str(caught.value)


@pytest.mark.parametrize("key", [b"", bytes(8), bytes(24), bytes(16), b"12345678" * 2])
def test_only_double_length_keys_are_keys(key: bytes) -> None:
    with pytest.raises(LocalError):
        PinKey(key)


@given(st.binary(min_size=16, max_size=16).filter(lambda key: key[:8] != key[8:]))
def test_a_key_never_shows_itself(key: bytes) -> None:
    for shown in (repr(PinKey(key)), str(PinKey(key)), f"{PinKey(key)}"):
        assert shown.startswith("PinKey(check_value=")
        assert key.hex().upper() not in shown.upper()
        assert len(shown) == len("PinKey(check_value=012345)")
