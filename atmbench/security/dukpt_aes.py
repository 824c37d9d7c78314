"""DUKPT with AES (X9.24-3): one key for each transaction and use, from an initial key that only the host can derive.

Sources: iso8583 facts 4.7, X9.24-3:2017 6.3 and its published vectors.
"""

from enum import IntEnum

from atmbench.errors import LocalError
from atmbench.security.dukpt import SerialNumber
from atmbench.security.keys import BLOCK_BYTES, KEY_BYTES, Algorithm, Key

_ALGORITHM = {16: 2, 24: 3, 32: 4}
"""AES by bytes of its key, in derivation data."""
_INITIAL = 0x8001
_DERIVATION = 0x8000
"""Key usages of the keys between base and transaction."""


class AesSerialNumber(SerialNumber, frozen=True):
    """12 bytes: the initial key ID of 8, then a counter of 4; 16 ones at most."""

    BYTES = 12
    COUNTER_BITS = 32
    ONES_MAX = 16


class AesUse(IntEnum):
    """What a transaction key is used for, as derivation data says it."""

    PIN = 0x1000
    MAC_GENERATION = 0x2000
    MAC_VERIFICATION = 0x2001
    MAC_BOTH = 0x2002
    DATA_ENCRYPTION = 0x3000
    DATA_DECRYPTION = 0x3001
    DATA_BOTH = 0x3002


def initial_key(base: Key, number: AesSerialNumber) -> Key:
    """The key that a device is given, as long as the base derivation key. The counter does not matter.

    Raises LocalError for a base key that is not for AES.
    """
    return _derived(base, _INITIAL, len(base.reveal()), number.device.to_bytes(8))


def transaction_key(initial: Key, number: AesSerialNumber) -> Key:
    """The key that the working keys of one counter are derived from. Raises LocalError if it is not for AES."""
    key = initial
    for counter in number.steps():
        key = _derived(key, _DERIVATION, len(initial.reveal()), _context(number, counter))
    return key


def working_key(initial: Key, number: AesSerialNumber, use: AesUse, length: int = 16) -> Key:
    """The AES key of one counter for one use, of 16, 24 or 32 bytes.

    Raises LocalError for another length, or one that is longer than the initial key: it would not be as strong as
    it looks.
    """
    if length not in KEY_BYTES[Algorithm.AES] or length > len(initial.reveal()):
        raise LocalError(
            f"a working key of {length} bytes was asked for; expected 16, 24 or 32, and no more than the "
            f"{len(initial.reveal())} of the initial key"
        )
    return _derived(transaction_key(initial, number), use, length, _context(number, number.counter))


def _context(number: AesSerialNumber, counter: int) -> bytes:
    """The lower half of the initial key ID, and the counter."""
    return number.device.to_bytes(8)[4:] + counter.to_bytes(4)


def _derived(key: Key, usage: int, length: int, context: bytes) -> Key:
    """Blocks of derivation data enciphered: version, block, usage, algorithm, bits and context."""
    if key.algorithm is not Algorithm.AES:
        raise LocalError(f"AES DUKPT starts from an AES key; got one for {key.algorithm}")
    about = usage.to_bytes(2) + _ALGORITHM[length].to_bytes(2) + (8 * length).to_bytes(2) + context
    blocks = range(1, -(-length // BLOCK_BYTES[Algorithm.AES]) + 1)
    return Key(key.encipher(b"".join(bytes([1, block]) + about for block in blocks))[:length], Algorithm.AES)
