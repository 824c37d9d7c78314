"""Message authentication codes: a `MacRule` says how, a `MacKey` does it with one key, as often as wanted.

Sources: iso8583 facts 4.6 and, for the hash of NIBSS, 2.5. What text is authenticated (from the MTI to the byte
before the MAC, with the bit of the MAC already set) is the business of the dialect. A MAC that does not fit must
never be repaired or explained here: it fits or it does not.
"""

import hashlib
import hmac
from collections.abc import Callable
from enum import IntEnum, StrEnum

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.cmac import CMAC

from atmbench.errors import LocalError
from atmbench.security.keys import DES_BYTES, Algorithm, Key


class MacMethod(StrEnum):
    """How a MAC is made. The value is the word for it in a dialect."""

    X9_9 = "x9.9"
    """ISO 9797-1 algorithm 1: DES in CBC mode, the last block. Single-length key."""
    X9_19 = "x9.19"
    """ISO 9797-1 algorithm 3, the retail MAC: DES in CBC mode, TDES for the last block. Double-length key."""
    AES_CMAC = "aes-cmac"
    """RFC 4493."""
    TDES_CMAC = "tdes-cmac"
    """NIST SP 800-38B."""
    SHA256 = "sha256"
    """The hash of NIBSS: SHA-256 of the key bytes and the text behind them. Not an HMAC."""


class Padding(IntEnum):
    """How X9.9 and X9.19 fill the last block: the method numbers of ISO 9797-1. The others need none."""

    ZEROS = 1
    """As many zeros as are missing, none if none are."""
    ONE_BIT = 2
    """One bit set, then zeros; always at least the one."""
    LENGTH = 3
    """A block with the number of bits in front, then as ZEROS."""


FULL_BYTES = {
    MacMethod.X9_9: 8,
    MacMethod.X9_19: 8,
    MacMethod.AES_CMAC: 16,
    MacMethod.TDES_CMAC: 8,
    MacMethod.SHA256: 32,
}
MAC_BYTES_MIN = 4
"""Nobody sends less of a MAC."""


class MacRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How MACs of one line are made. A part of a dialect.

    AS2805 and many others: `MacRule(method=MacMethod.X9_19, kept=4, sent=8)`, the left half and four zeros.
    """

    method: MacMethod = MacMethod.X9_19
    padding: Padding = Padding.ZEROS
    kept: int | None = None
    """Bytes that are kept of the MAC, from the left; None is all."""
    sent: int | None = None
    """Bytes that are sent: those kept, then zeros. None is those kept."""


class MacKey:
    """A key at work under one rule. Shows itself only by the check value of the key.

    Raises LocalError for a key that the method cannot use, and for a rule that keeps less than 4 bytes, or more
    than there are, or more than it sends.
    """

    __slots__ = ("_fill", "_kept", "_whole", "key", "rule")

    def __init__(self, key: Key, rule: MacRule) -> None:
        full = FULL_BYTES[rule.method]
        kept = full if rule.kept is None else rule.kept
        sent = kept if rule.sent is None else rule.sent
        if not MAC_BYTES_MIN <= kept <= min(full, sent) or sent > FULL_BYTES[MacMethod.SHA256]:
            raise LocalError(
                f"a MAC rule keeps {kept} bytes and sends {sent}; a {rule.method} MAC has {full}, keep 4 to {full} "
                "and send no less than is kept, and 32 at most"
            )
        self.key = key
        self.rule = rule
        self._kept = kept
        self._fill = bytes(sent - kept)
        self._whole = _MAKERS[rule.method](key, rule.padding)

    def generate(self, text: bytes) -> bytes:
        """The MAC of a text, as it is sent."""
        return self._whole(text)[: self._kept] + self._fill

    def verify(self, text: bytes, mac: bytes) -> bool:
        """Whether this is the MAC of the text, compared in constant time. Of any other length it is not."""
        return hmac.compare_digest(self.generate(text), mac)

    def __repr__(self) -> str:
        return f"MacKey({self.rule.method}, check_value={self.key.check_value})"


Maker = Callable[[bytes], bytes]
"""Text to its whole MAC."""


def pad(text: bytes, padding: Padding) -> bytes:
    """Whole blocks of DES. An empty text becomes one block of zeros, with one bit set or behind its length."""
    if padding is Padding.ONE_BIT:
        text += b"\x80"
    missing = -len(text) % DES_BYTES if text else DES_BYTES
    length = (8 * len(text)).to_bytes(DES_BYTES) if padding is Padding.LENGTH else b""
    return length + text + bytes(missing)


def _x9_9(key: Key, padding: Padding) -> Maker:
    _check(key, MacMethod.X9_9, Algorithm.TDES, (DES_BYTES,))
    cipher = Cipher(key.cipher(), modes.CBC(bytes(DES_BYTES)))
    return lambda text: cipher.encryptor().update(pad(text, padding))[-DES_BYTES:]


def _x9_19(key: Key, padding: Padding) -> Maker:
    _check(key, MacMethod.X9_19, Algorithm.TDES, (2 * DES_BYTES,))
    left, right = Key(key.reveal()[:DES_BYTES]), Key(key.reveal()[DES_BYTES:])
    cipher = Cipher(left.cipher(), modes.CBC(bytes(DES_BYTES)))
    return lambda text: left.encipher(right.decipher(cipher.encryptor().update(pad(text, padding))[-DES_BYTES:]))


def _cmac(key: Key, method: MacMethod, algorithm: Algorithm, lengths: tuple[int, ...]) -> Maker:
    _check(key, method, algorithm, lengths)
    fresh = CMAC(key.cipher())

    def make(text: bytes) -> bytes:
        mac = fresh.copy()
        mac.update(text)
        return mac.finalize()

    return make


def _sha256(key: Key, padding: Padding) -> Maker:
    fresh = hashlib.sha256(key.reveal())

    def make(text: bytes) -> bytes:
        digest = fresh.copy()
        digest.update(text)
        return digest.digest()

    return make


def _check(key: Key, method: MacMethod, algorithm: Algorithm, lengths: tuple[int, ...]) -> None:
    found = len(key.reveal())
    if key.algorithm is not algorithm or found not in lengths:
        meant = " or ".join(str(length) for length in lengths)
        raise LocalError(
            f"a MAC key for {key.algorithm} with {found} bytes was given; {method} needs one for {algorithm} "
            f"with {meant} bytes"
        )


_MAKERS: dict[MacMethod, Callable[[Key, Padding], Maker]] = {
    MacMethod.X9_9: _x9_9,
    MacMethod.X9_19: _x9_19,
    MacMethod.AES_CMAC: lambda key, _: _cmac(key, MacMethod.AES_CMAC, Algorithm.AES, (16, 24, 32)),
    MacMethod.TDES_CMAC: lambda key, _: _cmac(key, MacMethod.TDES_CMAC, Algorithm.TDES, (16, 24)),
    MacMethod.SHA256: _sha256,
}
