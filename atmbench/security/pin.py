"""PIN blocks: ISO 9564 format 0, enciphered under a double-length TDES key.

Sources: iso8583 facts 4.2 ("PIN blocks"), ISO 9564-1. psec lays out the clear block; the cipher comes
from `cryptography` directly, because psec reaches TDES by a name that library has deprecated. A PIN, a
clear block or a key must never appear in an error, a repr or a log.
"""

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from psec import pinblock

from atmbench.errors import LocalError, RemoteError

KEY_BYTES = 16
BLOCK_BYTES = 8
CHECK_VALUE_DIGITS = 6


class PinError(RemoteError):
    """An enciphered PIN block cannot be read: damaged, sealed under another key, or for another PAN."""


class PinKey:
    """A double-length TDES key for PINs (TPK). Shows itself only by its key check value.

    Raises LocalError for anything but 16 bytes with two different halves: equal halves are single DES.
    """

    __slots__ = ("_cipher", "check_value")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise LocalError(f"a PIN key of {len(key)} bytes was given; expected {KEY_BYTES} (double-length TDES)")
        if key[:8] == key[8:]:
            raise LocalError("a PIN key with two equal halves was given; that is single DES, give another key")
        self._cipher = Cipher(TripleDES(key + key[:8]), modes.ECB())
        self.check_value = self.encipher(bytes(BLOCK_BYTES)).hex().upper()[:CHECK_VALUE_DIGITS]
        """First six digits of a block of zeros under this key, as two people compare keys by telephone."""

    def encipher(self, block: bytes) -> bytes:
        """One block of 8 bytes under the key."""
        return self._cipher.encryptor().update(block)

    def decipher(self, block: bytes) -> bytes:
        """The inverse of `encipher`."""
        return self._cipher.decryptor().update(block)

    def __repr__(self) -> str:
        return f"PinKey(check_value={self.check_value})"


def seal(pin: str, pan: str, key: PinKey) -> str:
    """The enciphered PIN block as 16 upper-case hexadecimal digits (DE52).

    Raises LocalError unless the PIN has 4 to 12 digits and the PAN at least 13.
    """
    try:
        clear = pinblock.encode_pinblock_iso_0(pin, pan)
    except ValueError:
        raise LocalError("a PIN block needs a PIN of 4 to 12 digits and a PAN of at least 13 digits") from None
    return key.encipher(clear).hex().upper()


def unseal(block: str, pan: str, key: PinKey) -> str:
    """The PIN of an enciphered block. Raises PinError if it is no format 0 block for this key and PAN."""
    try:
        enciphered = bytes.fromhex(block)
    except ValueError:
        raise PinError("the PIN block is not hexadecimal; expected 16 hexadecimal digits", field="52") from None
    if len(enciphered) != BLOCK_BYTES:
        raise PinError(f"the PIN block has {len(enciphered)} bytes; expected {BLOCK_BYTES}", field="52")
    if len(pan) < 13 or not (pan.isascii() and pan.isdigit()):
        raise PinError("the PIN block cannot be read without a PAN of at least 13 digits", field="2")
    try:
        return pinblock.decode_pinblock_iso_0(key.decipher(enciphered), pan)
    except ValueError:  # psec's own text quotes parts of the clear block
        raise PinError(
            "the PIN block is not ISO 9564 format 0 under this key and PAN; check the PIN keys of both ends", field="52"
        ) from None
