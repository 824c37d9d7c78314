"""Keys that never show themselves.

A `Key` holds TDES or AES key bytes for the ciphers of this room. To everybody else it is its check value: `repr`,
`str` and formatted text show nothing else, a copy is the key itself, and it refuses to be pickled. No error here
quotes a key, a component or a part of either. Sources: iso8583 facts 4.1 and 4.4.
"""

import hmac
from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import NoReturn, Self

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from atmbench.errors import LocalError

DES_BYTES = 8
COMPONENTS_MAX = 9
"""Of one key. In the field there are two or three."""
CHECK_DIGITS_MIN = 4
"""EMV specifications compare two bytes, keypads show three."""


class Algorithm(StrEnum):
    """What a key is for. The value is the word for it in a file."""

    TDES = "tdes"
    """Single (8), double (16) or triple (24 bytes) length."""
    AES = "aes"
    """16, 24 or 32 bytes."""


KEY_BYTES = {Algorithm.TDES: (8, 16, 24), Algorithm.AES: (16, 24, 32)}
BLOCK_BYTES = {Algorithm.TDES: 8, Algorithm.AES: 16}
CHECK_DIGITS = {Algorithm.TDES: 6, Algorithm.AES: 10}
"""Hexadecimal digits of a check value as people compare them."""

_ODD_PARITY = bytes(byte & 0xFE | (byte >> 1).bit_count() % 2 ^ 1 for byte in range(256))


class Key:
    """A secret key and its ciphers. Equal to another key of the same bytes, compared in constant time.

    Raises LocalError for a length that the algorithm does not have.
    """

    __slots__ = ("_check_value", "_decryptor", "_encryptor", "_secret", "algorithm", "is_single_des")

    def __init__(self, secret: bytes, algorithm: Algorithm = Algorithm.TDES) -> None:
        if len(secret) not in KEY_BYTES[algorithm]:
            lengths = ", ".join(str(length) for length in KEY_BYTES[algorithm])
            raise LocalError(f"a key of {len(secret)} bytes was given; {algorithm} keys have one of {lengths}")
        self._secret = bytes(secret)
        self._encryptor: CipherContext | None = None
        self._decryptor: CipherContext | None = None
        self._check_value = ""
        self.algorithm = algorithm
        self.is_single_des = algorithm is Algorithm.TDES and _is_single_des(self._secret)
        """Whether it is no stronger than one DES key of 8 bytes: it is one, or its parts cancel each other."""

    @classmethod
    def parse(cls, text: str, algorithm: Algorithm = Algorithm.TDES) -> Self:
        """The key of hexadecimal text; blanks between bytes are allowed. Raises LocalError without quoting it."""
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            raise LocalError(
                "a key is not hexadecimal text; write it as pairs of the digits 0 to 9 and A to F"
            ) from None
        return cls(secret, algorithm)

    @property
    def check_value(self) -> str:
        """The digits that two people compare by telephone: upper-case hexadecimal.

        For TDES the first three bytes of zeros enciphered (ECB), for AES the first five of the CMAC of a block of
        zeros (iso8583 facts 4.4).
        """
        if not self._check_value:
            self._check_value = self._check_block().hex().upper()[: CHECK_DIGITS[self.algorithm]]
        return self._check_value

    def has_check_value(self, digits: str) -> bool:
        """Whether these digits are the check value or begin it; they may go on where a device shows more of it."""
        if len(digits) < CHECK_DIGITS_MIN:
            return False
        whole = self._check_block().hex()
        return hmac.compare_digest(whole[: len(digits)].encode(), digits.lower().encode())

    def encipher(self, blocks: bytes) -> bytes:
        """Whole blocks under the key, each by itself (ECB). Raises LocalError for a part of a block."""
        self._check_length(blocks)
        if self._encryptor is None:
            self._encryptor = Cipher(self.cipher(), modes.ECB()).encryptor()
        return self._encryptor.update(blocks)

    def decipher(self, blocks: bytes) -> bytes:
        """The inverse of `encipher`."""
        self._check_length(blocks)
        if self._decryptor is None:
            self._decryptor = Cipher(self.cipher(), modes.ECB()).decryptor()
        return self._decryptor.update(blocks)

    def cipher(self) -> TripleDES | AES:
        """The block cipher with this key in it, for modes of operation. For this room only."""
        if self.algorithm is Algorithm.AES:
            return AES(self._secret)
        return TripleDES(_expanded(self._secret))

    def reveal(self) -> bytes:
        """The bytes of the key, for the arithmetic of this room. They must not leave it."""
        return self._secret

    def with_odd_parity(self) -> "Key":
        """The same TDES key with the parity bit of each byte set as DES wants it. AES knows no parity."""
        return self if self.algorithm is Algorithm.AES else Key(odd_parity(self._secret))

    def _check_block(self) -> bytes:
        if self.algorithm is Algorithm.TDES:
            return self.encipher(bytes(DES_BYTES))
        mac = CMAC(self.cipher())
        mac.update(bytes(BLOCK_BYTES[Algorithm.AES]))
        return mac.finalize()

    def _check_length(self, blocks: bytes) -> None:
        # The contexts live on: part of a block would stay in them and come out with the next one.
        if len(blocks) % BLOCK_BYTES[self.algorithm]:
            raise LocalError(f"{len(blocks)} bytes are no whole blocks of {BLOCK_BYTES[self.algorithm]} bytes")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Key):
            return NotImplemented
        return self.algorithm is other.algorithm and hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash((self.algorithm, self.check_value))

    def __repr__(self) -> str:
        return f"Key({self.algorithm}, check_value={self.check_value})"

    def __copy__(self) -> "Key":
        return self

    def __deepcopy__(self, memo: object) -> "Key":
        return self

    def __reduce__(self) -> NoReturn:
        raise LocalError("a key is not pickled; give the other process the key file")


def random_key(rng: Random, size: int, algorithm: Algorithm = Algorithm.TDES) -> Key:
    """A key of so many bytes. A TDES key of more than one part is never one that is no stronger than a single part."""
    while True:
        key = Key(rng.randbytes(size), algorithm)
        if size == DES_BYTES or not key.is_single_des:
            return key


def odd_parity(secret: bytes) -> bytes:
    """DES key bytes with the lowest bit of each set so that the number of ones is odd."""
    return secret.translate(_ODD_PARITY)


def combine(components: Sequence[Key], check_value: str = "") -> Key:
    """The key of its components (exclusive or), as they are typed in by several people.

    With a check value the result must have it. Raises LocalError otherwise, and unless there are 2 to 9 components
    of one length and algorithm.
    """
    if not 2 <= len(components) <= COMPONENTS_MAX:
        raise LocalError(f"{len(components)} key components were given; expected 2 to {COMPONENTS_MAX}")
    if len({(part.algorithm, len(part.reveal())) for part in components}) > 1:
        raise LocalError("the key components differ in length or algorithm; expected the components of one key")
    secret = bytes(len(components[0].reveal()))
    for part in components:
        secret = xor(secret, part.reveal())
    key = Key(secret, components[0].algorithm)
    if check_value and not key.has_check_value(check_value):
        raise LocalError(
            f"the key of these components has the check value {key.check_value}, not the one given; "
            "check each component by its own"
        )
    return key


def xor(left: bytes, right: bytes) -> bytes:
    """Exclusive or of two byte strings of one length."""
    assert len(left) == len(right), f"{len(left)} bytes xor {len(right)} bytes"
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))


def _expanded(secret: bytes) -> bytes:
    """24 bytes: `cryptography` is about to refuse anything shorter for TripleDES."""
    if len(secret) == DES_BYTES:
        return secret * 3
    return secret if len(secret) == 24 else secret + secret[:DES_BYTES]


def _is_single_des(secret: bytes) -> bool:
    """Two neighbouring parts that differ in parity bits at most decipher what the other enciphered."""
    whole = odd_parity(_expanded(secret))
    return whole[:8] == whole[8:16] or whole[8:16] == whole[16:]
