"""MACs against published vectors. Sources are those of iso8583 facts 4.6."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.security.keys import Algorithm, Key
from atmbench.security.mac import FULL_BYTES, MacKey, MacMethod, MacRule, Padding
from tests.security.secrecy import leaks, refusal, shown

DOUBLE = Key.parse("0123456789ABCDEFFEDCBA9876543210")
AES_KEY = Key.parse("2b7e151628aed2a6abf7158809cf4f3c", Algorithm.AES)
SINGLE = Key.parse("0123456789ABCDEF")
TWO_KEYS = Key.parse("4cf15134a2850dd58a3d10ba80570d38")
THREE_KEYS = Key.parse("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5")
NIST_TEXT = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
ECHO = b"0800822000000000000004000000000000010627180510123456301"
"""An echo with bit 128 set, as far as the MAC."""
SMALL_RULES = [MacRule(method=method, kept=kept) for method in MacMethod for kept in (None, 4)]


def mac_key(rule: MacRule) -> MacKey:
    return MacKey({MacMethod.AES_CMAC: AES_KEY, MacMethod.X9_9: SINGLE}.get(rule.method, DOUBLE), rule)


def made(key: Key, text: bytes, method: MacMethod, padding: Padding = Padding.ZEROS) -> str:
    return MacKey(key, MacRule(method=method, padding=padding)).generate(text).hex().upper()


def test_x9_9_is_that_of_fips_113() -> None:
    assert made(SINGLE, b"7654321 Now is the time for ", MacMethod.X9_9) == "F1D30F6849312CA4"


@pytest.mark.parametrize(
    ("text", "padding", "mac"),
    [
        (b"Now is the time for all ", Padding.ZEROS, "A1C72E74EA3FA9B6"),
        (b"Now is the time for all ", Padding.ONE_BIT, "E9086230CA3BE796"),
        (b"Now is the time for it", Padding.ZEROS, "2E2B1428CC78254F"),
        (b"Now is the time for it", Padding.ONE_BIT, "5A692CE64F404145"),
    ],
)
def test_x9_19_is_that_of_iso_9797_1(text: bytes, padding: Padding, mac: str) -> None:
    assert made(DOUBLE, text, MacMethod.X9_19, padding) == mac


@pytest.mark.parametrize(
    ("padding", "mac"),
    [
        (Padding.ZEROS, "3DDE5C5511661CBF"),
        (Padding.ONE_BIT, "E16941032C3BC7D4"),
        (Padding.LENGTH, "BA90F750EF43F668"),
    ],
)
def test_x9_19_is_that_of_psec(padding: Padding, mac: str) -> None:
    """psec takes two double-length keys of equal halves, which is what one DES key each does."""
    assert made(Key(b"A" * 8 + b"B" * 8), b"hello world", MacMethod.X9_19, padding) == mac


@pytest.mark.parametrize(
    ("length", "mac"),
    [
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ],
)
def test_aes_cmac_is_that_of_rfc_4493(length: int, mac: str) -> None:
    assert made(AES_KEY, NIST_TEXT[:length], MacMethod.AES_CMAC) == mac.upper()


@pytest.mark.parametrize(
    ("key", "macs"),
    [
        (TWO_KEYS, ["bd2ebf9a3ba00361", "4ff2ab813c53ce83", "62dd1b471902bd4e", "31b1e431dabc4eb8"]),
        (THREE_KEYS, ["b7a688e122ffaf95", "8e8f293136283797", "743ddbe0ce2dc2ed", "33e6b1092400eae5"]),
    ],
)
def test_tdes_cmac_is_that_of_nist_sp_800_38b(key: Key, macs: list[str]) -> None:
    assert [made(key, NIST_TEXT[:size], MacMethod.TDES_CMAC).lower() for size in (0, 8, 20, 32)] == macs


@pytest.mark.parametrize(
    ("method", "key", "mac"),
    [
        (MacMethod.X9_9, SINGLE, "E119BFCCE81274F1"),
        (MacMethod.X9_19, DOUBLE, "45DFA263CCFBDB8C"),
        (MacMethod.AES_CMAC, Key(DOUBLE.reveal(), Algorithm.AES), "1DC4991E3FA0773604251E6F73331D18"),
        (MacMethod.SHA256, DOUBLE, "83C1D03B684175E32A37846584D97DDCCA5A072E51955DA97D65680320C1B160"),
    ],
)
def test_an_echo_has_the_mac_that_two_implementations_made(method: MacMethod, key: Key, mac: str) -> None:
    """The self-made pairs of iso8583 facts 4.6. Theirs of X9.9 is under the left half of the key."""
    assert made(key, ECHO, method) == mac


def test_an_echo_with_one_bitmap_has_its_mac_too() -> None:
    assert made(DOUBLE, b"080002200000000000010627180510123456", MacMethod.X9_19) == "8279A00E4C069D3D"


def test_the_hash_of_nibss_is_of_key_and_text() -> None:
    assert made(DOUBLE, b"text", MacMethod.SHA256) == hashlib.sha256(DOUBLE.reveal() + b"text").hexdigest().upper()


def test_the_left_half_is_sent_with_zeros_or_alone() -> None:
    half = MacKey(DOUBLE, MacRule(kept=4))
    filled = MacKey(DOUBLE, MacRule(kept=4, sent=8))
    assert half.generate(ECHO) == bytes.fromhex("45DFA263")
    assert filled.generate(ECHO) == bytes.fromhex("45DFA26300000000")
    assert filled.verify(ECHO, bytes.fromhex("45DFA26300000000"))
    assert not filled.verify(ECHO, bytes.fromhex("45DFA263CCFBDB8C"))
    assert not filled.verify(ECHO, bytes.fromhex("45DFA263"))


def test_an_empty_text_is_one_block() -> None:
    zeros, one_bit = bytes(8), b"\x80" + bytes(7)
    assert made(DOUBLE, b"", MacMethod.X9_19) == made(DOUBLE, zeros, MacMethod.X9_19)
    assert made(DOUBLE, b"", MacMethod.X9_19, Padding.ONE_BIT) == made(DOUBLE, one_bit, MacMethod.X9_19)


@pytest.mark.parametrize("rule", SMALL_RULES)
@given(text=st.binary(max_size=64), other=st.binary(max_size=64))
def test_a_mac_fits_its_own_text_again_and_again(rule: MacRule, text: bytes, other: bytes) -> None:
    key = mac_key(rule)
    mac = key.generate(text)
    assert key.generate(other) is not None
    assert key.verify(text, mac)
    assert len(mac) == rule.kept or (rule.kept is None and len(mac) == FULL_BYTES[rule.method])


@pytest.mark.parametrize("rule", SMALL_RULES)
@given(text=st.binary(min_size=1, max_size=40), bit=st.integers(0, 10_000))
def test_one_flipped_bit_is_seen(rule: MacRule, text: bytes, bit: int) -> None:
    key = mac_key(rule)
    mac = key.generate(text)
    assert not key.verify(flipped(text, bit), mac)
    assert not key.verify(text, flipped(mac, bit))


def flipped(octets: bytes, bit: int) -> bytes:
    at = bit % (8 * len(octets))
    return (int.from_bytes(octets) ^ 1 << at).to_bytes(len(octets))


def test_another_key_makes_another_mac() -> None:
    assert not MacKey(Key(bytes(range(16))), MacRule()).verify(ECHO, MacKey(DOUBLE, MacRule()).generate(ECHO))


@pytest.mark.parametrize(
    ("method", "key"),
    [
        (MacMethod.X9_9, AES_KEY),
        (MacMethod.X9_9, DOUBLE),
        (MacMethod.X9_19, Key(bytes(8))),
        (MacMethod.X9_19, THREE_KEYS),
        (MacMethod.AES_CMAC, DOUBLE),
        (MacMethod.TDES_CMAC, AES_KEY),
        (MacMethod.TDES_CMAC, Key(bytes(8))),
    ],
)
def test_a_method_has_its_keys(method: MacMethod, key: Key) -> None:
    text = refusal(lambda: MacKey(key, MacRule(method=method)), LocalError)
    assert f"{method} needs one for" in text
    assert not leaks(text, [key.reveal()])


@pytest.mark.parametrize(("kept", "sent"), [(3, None), (9, None), (0, 8), (-4, None), (4, 3), (4, 33)])
def test_a_rule_that_cannot_be_kept_is_refused(kept: int, sent: int | None) -> None:
    with pytest.raises(LocalError, match=f"a MAC rule keeps {kept} bytes"):
        MacKey(DOUBLE, MacRule(kept=kept, sent=sent))


def test_a_mac_key_never_shows_its_key() -> None:
    key = MacKey(DOUBLE, MacRule())
    assert repr(key) == "MacKey(x9.19, check_value=08D7B4)"
    assert not [text for text in shown(key) if leaks(text, [DOUBLE.reveal()])]
