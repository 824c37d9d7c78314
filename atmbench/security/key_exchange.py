"""Working keys on their way to a terminal, wrapped under its master key, with check values.

Two wrappings: bare (ECB, as NIBSS and AS2805 carry them, hexadecimal) and TR-31 key blocks. A key whose check value
does not fit is never put to work. Sources: iso8583 facts 1.11, 2.5, 2.6, 4.4, 4.5.
"""

from atmbench.errors import LocalError, RemoteError
from atmbench.security.keys import BLOCK_BYTES, Algorithm, Key
from atmbench.security.tr31 import KeyHeader, KeyUsage, unwrap, wrap


class KeyExchangeError(RemoteError):
    """A wrapped key cannot be taken: it is no whole key, or its check value is another."""


def wrap_bare(master: Key, key: Key) -> str:
    """A key under a master key, block by block, in upper-case hexadecimal: 32 digits for a double-length key.

    Raises LocalError for a key that is no whole number of the master key's blocks.
    """
    if len(key.reveal()) % BLOCK_BYTES[master.algorithm]:
        raise LocalError(f"a key of {len(key.reveal())} bytes was given; a master key for AES wraps 16 or 32 bytes")
    return master.encipher(key.reveal()).hex().upper()


def unwrap_bare(master: Key, wrapped: str, check_value: str, algorithm: Algorithm = Algorithm.TDES) -> Key:
    """The key that came bare, with its check value of at least 4 digits.

    Raises KeyExchangeError if it is no key, or not the one with this check value: then one of both ends has another
    master key, or the message was altered.
    """
    try:
        sealed = bytes.fromhex(wrapped)
    except ValueError:
        raise KeyExchangeError("the wrapped key is not hexadecimal; expected two digits for each byte") from None
    if len(sealed) % BLOCK_BYTES[master.algorithm]:
        raise KeyExchangeError(f"the wrapped key has {len(sealed)} bytes, which are no whole blocks")
    try:
        key = Key(master.decipher(sealed), algorithm)
    except LocalError:
        raise KeyExchangeError(f"the wrapped key has {len(sealed)} bytes; {algorithm} has no such key") from None
    # The check value of what was deciphered is not told: under a wrong master key it would be a clue to the right one.
    if not key.has_check_value(check_value):
        raise KeyExchangeError(
            f"the wrapped key has not the check value that came with it; compare the master keys of both ends (ours "
            f"has {master.check_value})"
        )
    return key


def wrap_block(master: Key, key: Key, usage: KeyUsage, filler: bytes) -> str:
    """A key as a TR-31 block: version D under an AES key, B otherwise. `filler` is tr31.FILLER_BYTES random bytes."""
    version = "D" if master.algorithm is Algorithm.AES else "B"
    return wrap(master, key, KeyHeader(version=version, usage=usage), filler)


def unwrap_block(master: Key, block: str, usage: KeyUsage) -> Key:
    """The key of a TR-31 block for this usage. Raises KeyBlockError."""
    return unwrap(master, block, [usage]).key
