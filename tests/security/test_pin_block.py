"""PIN blocks against published vectors, and what must never be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError, RemoteError
from atmbench.security.keys import Algorithm, Key
from atmbench.security.pin_block import FILLER_BYTES, PinError, PinFormat, seal, unseal
from tests.security.secrecy import leaks, refusal, said

KEY = Key.parse("0123456789ABCDEFFEDCBA9876543210")
AES_KEY = Key.parse("00112233445566778899AABBCCDDEEFF", Algorithm.AES)
PAN = "5555555551234567"
FILLER = bytes(range(FILLER_BYTES))
FORMATS = [(format, AES_KEY if format is PinFormat.ISO_4 else KEY) for format in PinFormat]
PINS = st.text("0123456789", min_size=4, max_size=12)
PANS = st.text("0123456789", min_size=13, max_size=19)
FILLERS = st.binary(min_size=FILLER_BYTES, max_size=FILLER_BYTES)


@pytest.mark.parametrize(
    ("format", "pin", "pan", "filler", "clear"),
    [
        # Wikipedia and eftlab.com.au
        (PinFormat.ISO_0, "1234", "43219876543210987", b"", "0412AC89ABCDEF67"),
        # psec
        (PinFormat.ISO_0, "1234", PAN, b"", "041261AAAAEDCBA9"),
        # IBM CCA manual, p. 471
        (PinFormat.ISO_1, "123456", "", bytes.fromhex("6ABCFDE1") + bytes(6), "161234566ABCFDE1"),
        # psec
        (PinFormat.ISO_2, "1234", "", b"", "241234FFFFFFFFFF"),
        # psec: all fill digits are F
        (PinFormat.ISO_3, "1234", PAN, b"\x05" * 10, "341261AAAAEDCBA9"),
    ],
)
def test_the_clear_block_is_the_published_one(format: PinFormat, pin: str, pan: str, filler: bytes, clear: str) -> None:
    block = seal(pin, pan, KEY, format, filler)
    assert KEY.decipher(bytes.fromhex(block)).hex().upper() == clear
    assert unseal(KEY.encipher(bytes.fromhex(clear)).hex(), pan, KEY, format) == pin


def test_a_sealed_block_under_a_terminals_key() -> None:
    """Iso8583 facts 4.4: a check pair made there."""
    key = Key.parse("89E88CF7931444F334BD7547FC3F380C")
    assert seal("1234", "43219876543210987", key) == "B732A89F316542F7"


def test_format_4_is_the_published_block() -> None:
    """X9.24-3 (AES DUKPT, PIN key of the first transaction)."""
    key = Key.parse("AF8CB133A78F8DC2D1359F18527593FB", Algorithm.AES)
    block = seal("1234", "4111111111111111", key, PinFormat.ISO_4, bytes.fromhex("2F69ADDE2E9E7ACE") + bytes(2))
    assert block == "A912150391AB65A67E52883D81CE2D15"
    assert unseal(block, "4111111111111111", key, PinFormat.ISO_4) == "1234"


def test_format_4_of_another_hand_is_read() -> None:
    """psec."""
    assert unseal("28B41FDDD29B743E93124BD8E32D921E", "1234567890123456789", AES_KEY, PinFormat.ISO_4) == "1234"


@pytest.mark.parametrize(("format", "key"), FORMATS)
@given(pin=PINS, pan=PANS, filler=FILLERS)
def test_what_was_sealed_is_unsealed(format: PinFormat, key: Key, pin: str, pan: str, filler: bytes) -> None:
    block = seal(pin, pan, key, format, filler)
    assert len(block) == (32 if format is PinFormat.ISO_4 else 16)
    assert block == block.upper()
    assert unseal(block, pan, key, format) == pin


def test_random_digits_make_equal_pins_look_different() -> None:
    for format, key in (FORMATS[1], *FORMATS[3:]):
        blocks = {seal("1234", PAN, key, format, bytes([start]) * FILLER_BYTES) for start in range(3)}
        assert len(blocks) == 3, format


@pytest.mark.parametrize(("format", "key"), FORMATS)
@given(block=st.binary(max_size=20), pan=PANS)
def test_any_block_is_a_pin_or_an_error_without_content(format: PinFormat, key: Key, block: bytes, pan: str) -> None:
    text = ""
    try:
        pin = unseal(block.hex().upper(), pan, key, format)
    except PinError as error:
        pin, text = "", said(error)
    assert pin == "" or 4 <= len(pin) <= 12
    assert len(block) != 8 or not leaks(text, [KEY.decipher(block).hex(), pan])


@pytest.mark.parametrize("block", ["", "0412", "not hexadecimal!", "F" * 16, "0" * 16, "\u0660" * 16])
def test_damaged_blocks_are_the_peers_fault(block: str) -> None:
    with pytest.raises(PinError) as caught:
        unseal(block, PAN, KEY)
    assert isinstance(caught.value, RemoteError)
    assert caught.value.field == "52"


@pytest.mark.parametrize(("format", "key"), FORMATS)
def test_another_key_does_not_give_the_pin(format: PinFormat, key: Key) -> None:
    block = seal("1234", PAN, key, format, FILLER)
    with pytest.raises(PinError, match=f"not ISO 9564 format {format:d}"):
        unseal(block, PAN, Key(bytes(range(1, 17)), key.algorithm), format)


def test_another_pan_does_not_give_the_pin() -> None:
    for format, key in (FORMATS[0], *FORMATS[3:]):
        block = seal("1234", PAN, key, format, FILLER)
        with pytest.raises(PinError):
            unseal(block, "5555555559876543", key, format)
        with pytest.raises(PinError) as caught:
            unseal(block, "12345", key, format)
        assert caught.value.field == "2"


@pytest.mark.parametrize(("pin", "pan"), [("123", PAN), ("1" * 13, PAN), ("12a4", PAN), ("1234", "12345")])
def test_sealing_nonsense_is_our_fault_and_quotes_nothing(pin: str, pan: str) -> None:
    text = refusal(lambda: seal(pin, pan, KEY), LocalError)
    assert not leaks(text.replace("4 to 12", "").replace("13 to 19", ""), [pin, pan])


def test_random_digits_cannot_be_forgotten() -> None:
    for format, key in (FORMATS[1], *FORMATS[3:]):
        with pytest.raises(LocalError, match=f"format {format:d} needs 10 random bytes; got 0"):
            seal("1234", PAN, key, format)


@pytest.mark.parametrize("secret", [bytes(8), b"12345678" * 2])
def test_single_des_seals_no_pin(secret: bytes) -> None:
    with pytest.raises(LocalError, match="strength of single DES"):
        seal("1234", PAN, Key(secret))
    with pytest.raises(LocalError, match="strength of single DES"):
        unseal("0" * 16, PAN, Key(secret))


def test_a_format_has_its_algorithm() -> None:
    with pytest.raises(LocalError, match="format 4 needs a key for aes; got one for tdes"):
        seal("1234", PAN, KEY, PinFormat.ISO_4, FILLER)
    with pytest.raises(LocalError, match="format 0 needs a key for tdes; got one for aes"):
        seal("1234", PAN, AES_KEY)
