"""DUKPT of both kinds against published values, and counters to their end. Sources: iso8583 facts 4.7."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.security import dukpt_aes, dukpt_tdes
from atmbench.security.dukpt import CounterExhausted, DukptError, SerialNumber
from atmbench.security.dukpt_aes import AesSerialNumber, AesUse
from atmbench.security.dukpt_tdes import TdesSerialNumber, TdesUse
from atmbench.security.keys import Algorithm, Key
from atmbench.security.mac import MacKey, MacRule
from atmbench.security.pin_block import FILLER_BYTES, PinFormat, seal, unseal
from tests.security.secrecy import leaks, refusal

BASE = Key.parse("0123456789ABCDEFFEDCBA9876543210")
NUMBER = TdesSerialNumber.parse("FFFF9876543210E00000")
INITIAL = dukpt_tdes.initial_key(BASE, NUMBER)
AES_BASE = Key.parse("FEDCBA9876543210F1F1F1F1F1F1F1F1", Algorithm.AES)
AES_NUMBER = AesSerialNumber.parse("123456789012345600000000")
AES_INITIAL = dukpt_aes.initial_key(AES_BASE, AES_NUMBER)
TEXT = b"4012345678909D987"


def digits(key: Key) -> str:
    return key.reveal().hex().upper()


# --- TDES: X9.24-1, annex ---------------------------------------------------------------------------


def test_the_initial_key_is_the_published_one() -> None:
    assert digits(INITIAL) == "6AC292FAA1315B4D858AB3A3D7D5933A"
    assert dukpt_tdes.initial_key(BASE, TdesSerialNumber.parse("FFFF9876543210E00008")) == INITIAL


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("FFFF9876543210E00001", "042666B49184CFA368DE9628D0397BC9"),
        ("FFFF9876543210E00002", "C46551CEF9FD24B0AA9AD834130D3BC7"),
        ("FFFF9876543210E00003", "0DF3D9422ACA56E547676D07AD6BADFA"),
        ("FFFF9876543210EFF800", "F9CDFEBF4F5B1D9EB3EC12454527E176"),
    ],
)
def test_transaction_keys_are_the_published_ones(number: str, key: str) -> None:
    """Facts 4.7 for the first; the others are those of X9.24-1 as other implementations test them."""
    assert digits(dukpt_tdes.transaction_key(INITIAL, TdesSerialNumber.parse(number))) == key


@pytest.mark.parametrize(
    ("use", "key"),
    [
        (TdesUse.PIN, "042666B49184CF5C68DE9628D0397B36"),
        (TdesUse.MAC_REQUEST, "042666B4918430A368DE9628D03984C9"),
        (TdesUse.MAC_RESPONSE, "042666B46E84CFA368DE96282F397BC9"),
        (TdesUse.DATA_REQUEST, "448D3F076D8304036A55A3D7E0055A78"),
    ],
)
def test_variants_are_the_published_ones(use: TdesUse, key: str) -> None:
    assert digits(dukpt_tdes.working_key(INITIAL, NUMBER.next(), use)) == key


@pytest.mark.parametrize(("counter", "block"), [(1, "1B9C1845EB993A7A"), (2, "10A01C8D02C69107")])
def test_pin_blocks_are_the_published_ones(counter: int, block: str) -> None:
    key = dukpt_tdes.working_key(INITIAL, TdesSerialNumber(NUMBER.device, counter), TdesUse.PIN)
    assert seal("1234", "4012345678909", key) == block


@pytest.mark.parametrize(
    ("use", "mac"), [(TdesUse.MAC_REQUEST, "9CCC78173FC4FB64"), (TdesUse.MAC_RESPONSE, "20364223C1FF00FA")]
)
def test_macs_are_the_published_ones(use: TdesUse, mac: str) -> None:
    key = MacKey(dukpt_tdes.working_key(INITIAL, NUMBER.next(), use), MacRule())
    assert key.generate(TEXT).hex().upper() == mac


def test_data_is_enciphered_as_published() -> None:
    key = dukpt_tdes.working_key(INITIAL, NUMBER.next(), TdesUse.DATA_REQUEST)
    sealed = Cipher(key.cipher(), modes.CBC(bytes(8))).encryptor().update(TEXT + bytes(7))
    assert sealed.hex().upper() == "FC0D53B7EA1FDA9EE68AAF2E70D9B9506229BE2AA993F04F"


# --- AES: X9.24-3, published vectors ----------------------------------------------------------------


def test_the_aes_initial_keys_are_the_published_ones() -> None:
    """The second, of 32 bytes, is of X9's vectors, as other implementations test it."""
    assert digits(AES_INITIAL) == "1273671EA26AC29AFA4D1084127652A1"
    longer = dukpt_aes.initial_key(Key(AES_BASE.reveal() * 2, Algorithm.AES), AES_NUMBER)
    assert digits(longer) == "CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F"


@pytest.mark.parametrize(
    ("counter", "key"), [(1, "4F21B565BAD9835E112B6465635EAE44"), (2, "2F34D68DE10F68D38091A73B9E7C437C")]
)
def test_aes_transaction_keys_are_the_published_ones(counter: int, key: str) -> None:
    assert digits(dukpt_aes.transaction_key(AES_INITIAL, AesSerialNumber(AES_NUMBER.device, counter))) == key


@pytest.mark.parametrize(
    ("counter", "use", "key"),
    [
        (1, AesUse.PIN, "AF8CB133A78F8DC2D1359F18527593FB"),
        (1, AesUse.MAC_GENERATION, "A2DC23DE6FDE0824A2BC321E08E4B8B7"),
        (1, AesUse.MAC_VERIFICATION, "DBB463945B286C07CD3AD82EE96FD9C9"),
        (1, AesUse.MAC_BOTH, "85675439D18D7F1158BD8E3EAA3D502B"),
        (1, AesUse.DATA_ENCRYPTION, "A35C412EFD41FDB98B69797C02DCD08F"),
        (2, AesUse.PIN, "D30BDC73EC9714B000BEC66BDB7B6D09"),
    ],
)
def test_aes_working_keys_are_the_published_ones(counter: int, use: AesUse, key: str) -> None:
    """Verification and both are of facts 4.7, computed there; the others are published."""
    assert digits(dukpt_aes.working_key(AES_INITIAL, AesSerialNumber(AES_NUMBER.device, counter), use)) == key


def test_the_first_aes_pin_block_is_the_published_one() -> None:
    key = dukpt_aes.working_key(AES_INITIAL, AES_NUMBER.next(), AesUse.PIN)
    filler = bytes.fromhex("2F69ADDE2E9E7ACE") + bytes(2)
    assert seal("1234", "4111111111111111", key, PinFormat.ISO_4, filler) == "A912150391AB65A67E52883D81CE2D15"


def test_longer_keys_are_derived_from_longer_keys_only() -> None:
    longer = dukpt_aes.initial_key(Key(AES_BASE.reveal() * 2, Algorithm.AES), AES_NUMBER)
    assert len(dukpt_aes.working_key(longer, AES_NUMBER.next(), AesUse.PIN, 24).reveal()) == 24
    for initial, length in ((AES_INITIAL, 32), (longer, 8)):
        with pytest.raises(LocalError, match=f"a working key of {length} bytes was asked for"):
            dukpt_aes.working_key(initial, AES_NUMBER.next(), AesUse.PIN, length)


# --- counters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["FFFF9876543210E00000", "FFFF9876543210EFF800", "00000000000000000001"])
def test_a_serial_number_is_read_and_written(text: str) -> None:
    assert TdesSerialNumber.parse(text).text == text
    assert TdesSerialNumber.parse(text.lower()).text == text


@given(st.integers(0, 2**59 - 1), st.integers(0, 2**21 - 1).filter(lambda counter: counter.bit_count() <= 10))
def test_any_tdes_serial_number_survives_the_line(device: int, counter: int) -> None:
    assert TdesSerialNumber.parse(TdesSerialNumber(device, counter).text) == TdesSerialNumber(device, counter)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1).filter(lambda counter: counter.bit_count() <= 16))
def test_any_aes_serial_number_survives_the_line(device: int, counter: int) -> None:
    assert AesSerialNumber.parse(AesSerialNumber(device, counter).text) == AesSerialNumber(device, counter)


@pytest.mark.parametrize(
    "text", ["", "FFFF9876543210E0000", "FFFF9876543210E000", "FFFF9876543210E0000G", "123456789012345600000001"]
)
def test_what_is_no_serial_number_is_refused(text: str) -> None:
    with pytest.raises(DukptError, match="has 20 hexadecimal digits"):
        TdesSerialNumber.parse(text)


def test_a_counter_that_no_device_uses_is_refused() -> None:
    with pytest.raises(DukptError, match="0x7ff of a key serial number has more than 10 ones"):
        TdesSerialNumber.parse("FFFF9876543210E007FF")
    with pytest.raises(DukptError, match="more than 16 ones"):
        AesSerialNumber.parse("12345678901234560001FFFF")


@given(st.integers(0, 2**21 - 1))
def test_the_next_counter_is_the_nearest_that_may_be_used(counter: int) -> None:
    after = next((c for c in range(counter + 1, 2**21) if c.bit_count() <= 10), None)
    if after is None:
        with pytest.raises(CounterExhausted):
            TdesSerialNumber(1, counter).next()
    else:
        assert TdesSerialNumber(1, counter).next().counter == after


@pytest.mark.parametrize(
    ("before", "last"),
    [
        (TdesSerialNumber(1, 0x1FF400), TdesSerialNumber(1, 0x1FF800)),
        (AesSerialNumber(1, 0xFFFE8000), AesSerialNumber(1, 0xFFFF0000)),
    ],
)
def test_counters_end(before: SerialNumber, last: SerialNumber) -> None:
    """The last ones are those of github.com/openemv/dukpt."""
    assert before.next() == last
    with pytest.raises(CounterExhausted, match="give it a new initial key"):
        last.next()


def test_a_key_is_used_once_and_by_its_device() -> None:
    """Gap, reuse and another device, as iso8583 facts 4.7 ask for."""
    first = NUMBER.next()
    first.check_newer(NUMBER)
    later = first.next().next()
    later.check_newer(first)
    assert later != first.next()
    for old in (first, NUMBER):
        with pytest.raises(DukptError, match="has been seen before"):
            old.check_newer(first)
    with pytest.raises(DukptError, match="another device"):
        TdesSerialNumber(NUMBER.device + 1, 5).check_newer(first)


@given(st.integers(1, 2**21 - 1).filter(lambda counter: counter.bit_count() <= 10))
def test_both_ends_have_the_same_key(counter: int) -> None:
    number = TdesSerialNumber(NUMBER.device, counter)
    device = dukpt_tdes.working_key(INITIAL, number, TdesUse.PIN)
    host = dukpt_tdes.working_key(
        dukpt_tdes.initial_key(BASE, number), TdesSerialNumber.parse(number.text), TdesUse.PIN
    )
    assert unseal(seal("1234", "4012345678909", device), "4012345678909", host) == "1234"


@given(st.integers(1, 2**32 - 1).filter(lambda counter: counter.bit_count() <= 16))
def test_both_ends_have_the_same_aes_key(counter: int) -> None:
    number = AesSerialNumber(AES_NUMBER.device, counter)
    device = dukpt_aes.working_key(AES_INITIAL, number, AesUse.PIN)
    host = dukpt_aes.working_key(dukpt_aes.initial_key(AES_BASE, number), number, AesUse.PIN)
    block = seal("1234", "4012345678909", device, PinFormat.ISO_4, bytes(FILLER_BYTES))
    assert unseal(block, "4012345678909", host, PinFormat.ISO_4) == "1234"


def test_keys_of_another_algorithm_are_our_fault() -> None:
    for refused in (
        lambda: dukpt_tdes.initial_key(AES_BASE, NUMBER),
        lambda: dukpt_tdes.transaction_key(Key(bytes(8)), NUMBER.next()),
        lambda: dukpt_aes.initial_key(BASE, AES_NUMBER),
        lambda: dukpt_aes.transaction_key(BASE, AES_NUMBER.next()),
    ):
        assert not leaks(refusal(refused, LocalError), [BASE.reveal(), AES_BASE.reveal()])
