"""DUKPT with TDES (X9.24-1): one key for each transaction, from an initial key that only the host can derive.

Sources: iso8583 facts 4.7.
"""

from enum import Enum

from atmbench.errors import LocalError
from atmbench.security.dukpt import SerialNumber
from atmbench.security.keys import DES_BYTES, Algorithm, Key, xor

_HALF_MASK = bytes.fromhex("C0C0C0C000000000")
_MASK = _HALF_MASK * 2
"""Sets the left half of a key apart from its right half."""


class TdesSerialNumber(SerialNumber, frozen=True):
    """10 bytes, of which the last 21 bits count; 10 ones at most."""

    BYTES = 10
    COUNTER_BITS = 21
    ONES_MAX = 10


class TdesUse(Enum):
    """What a transaction key is used for; the value is what it is varied with, in each half."""

    PIN = bytes.fromhex("00000000000000FF")
    MAC_REQUEST = bytes.fromhex("000000000000FF00")
    MAC_RESPONSE = bytes.fromhex("00000000FF000000")
    DATA_REQUEST = bytes.fromhex("0000000000FF0000")


def initial_key(base: Key, number: TdesSerialNumber) -> Key:
    """The key that a device is given, from the base derivation key. The counter does not matter.

    Raises LocalError unless the base key is TDES of double length.
    """
    secret = _double(base)
    device = (number.device << number.COUNTER_BITS).to_bytes(number.BYTES)[:DES_BYTES]
    return Key(base.encipher(device) + Key(xor(secret, _MASK)).encipher(device))


def transaction_key(initial: Key, number: TdesSerialNumber) -> Key:
    """The key of one counter, before it is varied. Raises LocalError unless the initial key has double length."""
    secret = _double(initial)
    for counter in number.steps():
        register = ((number.device << number.COUNTER_BITS) | counter).to_bytes(number.BYTES)[-DES_BYTES:]
        secret = _half(xor(secret, _MASK), register) + _half(secret, register)
    return Key(secret)


def working_key(initial: Key, number: TdesSerialNumber, use: TdesUse) -> Key:
    """The key of one counter for one use. A data key is enciphered under itself, so that it tells of no other."""
    key = Key(xor(transaction_key(initial, number).reveal(), use.value * 2))
    return Key(key.encipher(key.reveal())) if use is TdesUse.DATA_REQUEST else key


def _half(secret: bytes, register: bytes) -> bytes:
    left, right = secret[:DES_BYTES], secret[DES_BYTES:]
    return xor(Key(left).encipher(xor(register, right)), right)


def _double(key: Key) -> bytes:
    if key.algorithm is not Algorithm.TDES or len(key.reveal()) != 2 * DES_BYTES:
        raise LocalError("TDES DUKPT starts from a TDES key of double length (16 bytes); another was given")
    return key.reveal()
