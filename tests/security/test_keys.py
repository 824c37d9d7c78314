"""Keys: check values against published ones, and what must never be seen."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.security.keys import Algorithm, Key, combine, odd_parity, xor
from tests.security.secrecy import leaks, refusal, said, shown

NIST = "0123456789ABCDEFFEDCBA9876543210"
TDES_SECRETS = st.sampled_from([8, 16, 24]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
AES_SECRETS = st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
KEYS = TDES_SECRETS.map(Key) | AES_SECRETS.map(lambda secret: Key(secret, Algorithm.AES))


def test_the_check_value_of_a_tdes_key_is_zeros_enciphered() -> None:
    """Iso8583 facts 4.4: published with psec."""
    key = Key.parse(NIST)
    assert key.check_value == "08D7B4"
    assert key.has_check_value("08d7")
    assert key.has_check_value("08D7B4FB629D0885")
    assert not key.has_check_value("08")
    assert not key.has_check_value("08D7B5")
    assert not key.has_check_value("08D7B4FB629D088500")


def test_the_check_value_of_an_aes_key_is_the_cmac_of_zeros() -> None:
    """Iso8583 facts 4.4: computed there, not published."""
    assert Key.parse("00112233445566778899AABBCCDDEEFF", Algorithm.AES).check_value == "53E107B36E"


def test_components_are_combined() -> None:
    """arthurvandermerwe.com, by iso8583 facts 4.4."""
    parts = [Key.parse("6D6BE51F04F76167491554FE25F7ABEF"), Key.parse("67499B2CF137DFCB9EA28FF757CD10A7")]
    key = combine(parts, check_value="05EE1D")
    assert key == Key.parse("0A227E33F5C0BEACD7B7DB09723ABB48")
    with pytest.raises(LocalError, match="check value 05EE1D, not the one given"):
        combine(parts, check_value="05EE1E")


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=4), st.binary(min_size=16, max_size=16))
def test_any_split_of_a_key_combines_to_it(shares: list[bytes], secret: bytes) -> None:
    last = secret
    for share in shares:
        last = xor(last, share)
    assert combine([Key(part) for part in [*shares, last]]).reveal() == secret


def test_components_must_belong_together() -> None:
    one = Key.parse(NIST)
    for parts in ([], [one], [one, Key(bytes(8))], [one, Key(bytes(16), Algorithm.AES)], [one] * 10):
        with pytest.raises(LocalError, match="component"):
            combine(parts)


@pytest.mark.parametrize(
    ("secret", "single"),
    [
        (bytes(8), True),
        (b"12345678" * 2, True),
        (b"12345678" * 2 + b"abcdefgh", True),
        (b"abcdefgh" + b"12345678" * 2, True),
        (b"12345678" + bytes(byte ^ 1 for byte in b"12345678"), True),
        (b"12345678abcdefgh", False),
        (b"12345678abcdefgh12345678", False),
        (bytes(range(24)), False),
    ],
)
def test_a_key_that_is_single_des_is_known_for_it(secret: bytes, single: bool) -> None:
    assert Key(secret).is_single_des is single


def test_aes_is_never_single_des() -> None:
    assert not Key(bytes(16), Algorithm.AES).is_single_des


@pytest.mark.parametrize("length", [0, 7, 15, 17, 32])
def test_only_the_lengths_of_the_algorithm_are_keys(length: int) -> None:
    with pytest.raises(LocalError, match=f"a key of {length} bytes was given; tdes keys have one of 8, 16, 24"):
        Key(bytes(length))
    with pytest.raises(LocalError, match="aes keys have one of 16, 24, 32"):
        Key(bytes(8), Algorithm.AES)


def test_a_key_is_read_from_text_as_people_write_it() -> None:
    assert Key.parse("01234567 89abcdef FEDCBA98 76543210\n") == Key.parse(NIST)


@pytest.mark.parametrize("text", [NIST + "0", NIST[:-1] + "G", NIST[:-2], "", f"0x{NIST}", "\u0660" * 32])
def test_a_wrong_key_is_not_quoted(text: str) -> None:
    said_of_it = refusal(lambda: Key.parse(text), LocalError)
    assert not leaks(said_of_it, [text[at : at + 6] for at in range(0, len(text) - 5)])


@given(KEYS, st.data())
def test_what_was_enciphered_is_deciphered(key: Key, data: st.DataObject) -> None:
    size = 8 if key.algorithm is Algorithm.TDES else 16
    blocks = data.draw(st.integers(0, 4).flatmap(lambda n: st.binary(min_size=n * size, max_size=n * size)))
    assert key.decipher(key.encipher(blocks)) == blocks


def test_a_part_of_a_block_is_refused_and_leaves_nothing_behind() -> None:
    key = Key.parse(NIST)
    before = key.encipher(bytes(8))
    with pytest.raises(LocalError, match="5 bytes are no whole blocks of 8 bytes"):
        key.encipher(bytes(5))
    assert key.encipher(bytes(8)) == before


def test_parity_is_odd_and_changes_nothing_else() -> None:
    """The example of psec's own documentation."""
    given_key = bytes.fromhex("1A2B3C4D5F0A1B2C4D5F6A7B8C9D0F1A")
    assert odd_parity(given_key).hex().upper() == "1A2A3D4C5E0B1A2C4C5E6B7A8C9D0E1A"
    assert Key(given_key).with_odd_parity().encipher(bytes(8)) == Key(given_key).encipher(bytes(8))
    assert Key(given_key, Algorithm.AES).with_odd_parity().reveal() == given_key


def test_keys_are_compared_by_what_they_are() -> None:
    assert Key.parse(NIST) == Key.parse(NIST)
    assert hash(Key.parse(NIST)) == hash(Key.parse(NIST))
    assert Key.parse(NIST) != Key.parse(NIST, Algorithm.AES)
    assert Key.parse(NIST) != NIST


@given(KEYS)
def test_a_key_never_shows_itself(key: Key) -> None:
    for text in shown(key):
        assert not leaks(text, [key.reveal(), key.reveal().hex()])
    assert repr(key) == f"Key({key.algorithm}, check_value={key.check_value})"
    assert copy.deepcopy(key) is key


def test_a_key_does_not_travel_in_a_pickle() -> None:
    with pytest.raises(LocalError) as caught:
        pickle.dumps(Key.parse(NIST))
    assert not leaks(said(caught.value), [bytes.fromhex(NIST)])
