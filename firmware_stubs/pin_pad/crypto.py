"""What the chip inside a PIN pad computes: TDES, check values, PIN blocks and the parts of a MAC.

Only importer of cryptography among the stubs. Nothing here keeps a key or a PIN, and no error quotes one.
Sources: facts of devices 3.4, 3.6, 3.7; ISO 9564-1 for the clear blocks.
"""

from hashlib import sha256

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

BLOCK_BYTES = 8
KEY_BYTES = (8, 16, 24)
BLOCK_DIGITS = 14
"""PIN and fill digits of a clear block, behind the format and the length."""
CHANCE_BYTES = 16

ISO_0, ISO_1, ISO_2, ISO_3 = 0x20, 0x21, 0x22, 0x23
"""The format characters of commands 6 and 7 that this pad can lay out."""
FORMATS = {ISO_0: 0, ISO_1: 1, ISO_2: 2, ISO_3: 3}
WITH_ACCOUNT = frozenset({ISO_0, ISO_3})


def encipher(key: bytes, blocks: bytes) -> bytes:
    """Whole blocks under a key of 8, 16 or 24 bytes, each by itself (ECB)."""
    return Cipher(_cipher(key), modes.ECB()).encryptor().update(blocks)


def decipher(key: bytes, blocks: bytes) -> bytes:
    """The inverse of `encipher`."""
    return Cipher(_cipher(key), modes.ECB()).decryptor().update(blocks)


def check_value(key: bytes) -> bytes:
    """A block of zeros under the key."""
    return encipher(key, bytes(BLOCK_BYTES))


def chained(key: bytes, blocks: bytes) -> bytes:
    """The last block of CBC under the key, from zeros: type 41 of command 8."""
    return Cipher(_cipher(key), modes.CBC(bytes(BLOCK_BYTES))).encryptor().update(blocks)[-BLOCK_BYTES:]


def chained_by_first_part(key: bytes, blocks: bytes) -> bytes:
    """The same under the first 8 bytes of the key alone: type 32 of command 8."""
    return chained(key[:BLOCK_BYTES], blocks)


def pin_block(key: bytes, format: int, pin: str, account: str, chance: bytes) -> bytes:
    """A PIN of 4 to 12 digits as a block of one of FORMATS, under a PIN key.

    `account` are the 12 digits that ISO-0 and ISO-3 are bound to, `chance` CHANCE_BYTES for the fill digits of ISO-1
    and ISO-3.
    """
    number = FORMATS[format]
    fill = {1: chance.hex(), 3: "".join("ABCDEF"[byte % 6] for byte in chance)}.get(number, "F" * BLOCK_DIGITS)
    clear = bytes.fromhex(f"{number}{len(pin):X}{pin}{fill[: BLOCK_DIGITS - len(pin)]}")
    if format in WITH_ACCOUNT:
        clear = bytes(a ^ b for a, b in zip(clear, bytes.fromhex(f"0000{account}"), strict=True))
    return encipher(key, clear)


def chance(serial: str, number: int) -> bytes:
    """CHANCE_BYTES that nobody has seen before, as long as `number` has not come before.

    A stub draws no random numbers, so that a run can be repeated; for a real key this would be far too little.
    """
    return sha256(f"{serial}/{number}".encode()).digest()[:CHANCE_BYTES]


def _cipher(key: bytes) -> TripleDES:
    """`cryptography` is about to refuse anything shorter than 24 bytes for TripleDES."""
    return TripleDES({8: key * 3, 16: key + key[:8]}.get(len(key), key))
