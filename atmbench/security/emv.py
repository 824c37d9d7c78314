"""Chip cryptograms: what card and issuer compute alike.

Two cryptogram versions are known. CVN 10 uses the card's own key and binds card verification results; CVN 18 derives
a session key from the transaction counter and binds the issuer application data as a whole. Sources: iso8583 facts
4.8, pyemv (`cvn.VisaCVN10`, `VisaCVN18`), EMV Book 2, annex A. pyemv derives the card's key; the rest is our cipher.
"""

from collections.abc import Mapping
from enum import StrEnum

from pyemv import kd

from atmbench.errors import LocalError
from atmbench.security.keys import DES_BYTES, Algorithm, Key, odd_parity, xor
from atmbench.security.mac import MacKey, MacMethod, MacRule, Padding
from atmbench.security.quiet import deprecated_name

ARQC = 0x80
"""Tag 9F27, upper two bits: the card asks the issuer."""
ISSUER_AUTHENTICATION = "91"
"""Tag of the issuer's answer in a reply."""
AC_BYTES = 8
CODE_BYTES = 2
"""Authorisation response code: DE39 in ASCII."""
CSU_BYTES = 4
"""Card status update."""
PROPRIETARY_BYTES_MAX = 8
ATC_MAX = 0xFFFF

AC_DATA = {
    "9F02": 6,
    "9F03": 6,
    "9F1A": 2,
    "95": 5,
    "5F2A": 2,
    "9A": 3,
    "9C": 1,
    "9F37": 4,
    "82": 2,
    "9F36": 2,
}
"""What a cryptogram binds besides the card's own results, in this order, with its bytes (EMV Book 2, 8.1.1)."""
TERMINAL_DATA = tuple(AC_DATA)[:8]
"""What of it the terminal gives the card."""
ISSUER_DATA = "9F10"
ISSUER_DATA_BYTES = 7
"""At least: length of the rest, key index, cryptogram version, 4 bytes of card verification results."""

_RULES = {padding: MacRule(method=MacMethod.X9_19, padding=padding) for padding in Padding}


class CryptogramVersion(StrEnum):
    """How a card makes its cryptograms. The value is the word for it in a file."""

    CVN10 = "cvn10"
    """Card key as it is; padded with zeros; ARPC method 1 (8 bytes and the response code)."""
    CVN18 = "cvn18"
    """Session key per transaction; padded with one bit; ARPC method 2 (4 bytes and the card status update)."""


CVN = {CryptogramVersion.CVN10: 0x0A, CryptogramVersion.CVN18: 0x12}
"""Third byte of tag 9F10."""


def icc_key(master: Key, pan: str, sequence: str, version: CryptogramVersion) -> Key:
    """The key in a card for its cryptograms, from the issuer's master key, the PAN and its sequence number ("00").

    Option A for CVN 10, option B for CVN 18; they differ for PANs of more than 16 digits. Raises LocalError unless
    the master key has double length, the PAN 12 to 19 digits and the sequence number two.
    """
    _check_double(master, "an issuer's master key")
    if not (12 <= len(pan) <= 19 and len(sequence) == 2 and f"{pan}{sequence}".isdecimal() and pan.isascii()):
        raise LocalError("a card key needs a PAN of 12 to 19 digits and a sequence number of two, such as '00'")
    derive = kd.derive_icc_mk_a if version is CryptogramVersion.CVN10 else kd.derive_icc_mk_b
    with deprecated_name():
        return Key(derive(master.reveal(), pan, sequence))


def session_key(card_key: Key, diversifier: bytes) -> Key:
    """The common session key of 8 bytes: for a cryptogram the ATC and six zeros (EMV Book 2, A1.3.1)."""
    _check_double(card_key, "a card's key")
    if len(diversifier) != DES_BYTES:
        raise LocalError(f"a session key is derived from {DES_BYTES} bytes; got {len(diversifier)}")
    left, right = (diversifier[:2] + third + diversifier[3:] for third in (b"\xf0", b"\x0f"))
    return Key(odd_parity(card_key.encipher(left + right)))


def transaction_key(card_key: Key, version: CryptogramVersion, atc: bytes) -> Key:
    """The key of the cryptograms of one transaction; `atc` is the value of tag 9F36."""
    return card_key if version is CryptogramVersion.CVN10 else session_key(card_key, atc + bytes(6))


def bound_data(version: CryptogramVersion, values: Mapping[str, bytes]) -> bytes:
    """What a cryptogram binds, in its order. All of AC_DATA and tag 9F10 must be there with their lengths."""
    own = values[ISSUER_DATA]
    if version is CryptogramVersion.CVN10:
        own = own[3:ISSUER_DATA_BYTES]
    return b"".join(values[tag] for tag in AC_DATA) + own


def cryptogram(key: Key, data: bytes, version: CryptogramVersion) -> bytes:
    """Application cryptogram (tag 9F26) of the bound data, 8 bytes."""
    padding = Padding.ZEROS if version is CryptogramVersion.CVN10 else Padding.ONE_BIT
    return MacKey(key, _RULES[padding]).generate(data)


def arpc_1(key: Key, arqc: bytes, code: bytes) -> bytes:
    """The issuer's answer by method 1: 8 bytes that bind the request cryptogram and a response code of two bytes."""
    if len(arqc) != AC_BYTES or len(code) != CODE_BYTES:
        raise LocalError(f"ARPC method 1 takes {AC_BYTES} and {CODE_BYTES} bytes; got {len(arqc)} and {len(code)}")
    return key.encipher(xor(arqc, code + bytes(AC_BYTES - CODE_BYTES)))


def arpc_2(key: Key, arqc: bytes, update: bytes, proprietary: bytes = b"") -> bytes:
    """The issuer's answer by method 2: 4 bytes that bind request cryptogram, card status update and up to 8 more."""
    if len(arqc) != AC_BYTES or len(update) != CSU_BYTES or len(proprietary) > PROPRIETARY_BYTES_MAX:
        raise LocalError(
            f"ARPC method 2 takes {AC_BYTES}, {CSU_BYTES} and 0 to {PROPRIETARY_BYTES_MAX} bytes; "
            f"got {len(arqc)}, {len(update)} and {len(proprietary)}"
        )
    return MacKey(key, _RULES[Padding.ONE_BIT]).generate(arqc + update + proprietary)[:4]


def _check_double(key: Key, what: str) -> None:
    if key.algorithm is not Algorithm.TDES or len(key.reveal()) != 2 * DES_BYTES:
        raise LocalError(f"{what} is a TDES key of double length (16 bytes); another was given")
