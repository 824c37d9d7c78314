"""TR-31 key blocks (X9.143): a key wrapped together with what it may be used for.

Versions A and C (variants), B (TDES derivation) and D (AES derivation). psec knows the header; the cryptography is
ours, because random padding is an argument here and so the same seed gives the same block. Sources: iso8583 facts
4.5. A block that does not authenticate is not read any further, and nothing of a key is quoted.
"""

import hmac
import re
from collections.abc import Collection
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.cmac import CMAC
from psec.tr31 import Header, HeaderError

from atmbench.errors import LocalError, RemoteError
from atmbench.security.keys import BLOCK_BYTES, Algorithm, Key, xor

FILLER_BYTES = 14
"""Random bytes for one block: `rng.randbytes(FILLER_BYTES)`."""
BLOCK_DIGITS_MAX = 9999
"""What the length in the header can say."""


class KeyUsage(StrEnum):
    """What a key is for, as the header says it. Those an ATM line has; a header may say others."""

    PIN = "P0"
    MAC_ISO_9797_1 = "M1"
    MAC_ISO_9797_3 = "M3"
    MAC_CMAC = "M6"
    KEY_ENCRYPTION = "K0"
    KEY_BLOCK_PROTECTION = "K1"
    BASE_DERIVATION = "B0"
    INITIAL_DUKPT = "B1"
    DATA = "D0"
    CARD_CRYPTOGRAMS = "E0"


class KeyHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of the wrapped key. It is authenticated with it."""

    version: str
    """"A", "B", "C" under a TDES key, "D" under an AES key."""
    usage: str
    """Two characters, see KeyUsage."""
    mode: str = "N"
    """E encrypt, D decrypt, B both, G generate, V verify, C both, X derive, N no restriction."""
    key_version: str = "00"
    exportability: str = "N"
    """E exportable, N not, S sensitive."""


class WrappedKey(msgspec.Struct, frozen=True):
    """What comes out of a key block."""

    header: KeyHeader
    key: Key


class KeyBlockError(RemoteError):
    """A key block cannot be read, is not authentic under this key, or holds a key for another use."""


_ALGORITHM = {"T": Algorithm.TDES, "D": Algorithm.TDES, "A": Algorithm.AES}
"""What the header says of the wrapped key."""
_UNDER = {"A": Algorithm.TDES, "B": Algorithm.TDES, "C": Algorithm.TDES, "D": Algorithm.AES}
_MAC_BYTES = {"A": 4, "B": 8, "C": 4, "D": 16}


def wrap(protection: Key, key: Key, header: KeyHeader, filler: bytes) -> str:
    """The key block: ASCII, upper-case hexadecimal behind the header.

    `filler` is FILLER_BYTES random bytes. Raises LocalError for a header that cannot be, or a protection key that the
    version cannot use.
    """
    if not _goes_with(protection, header.version):
        raise LocalError(
            f"a key block of version {header.version!r} was asked for, which this protection key cannot make; versions "
            "A and C take a TDES key, B one of double or triple length, D an AES key"
        )
    if len(filler) < FILLER_BYTES:
        raise LocalError(f"a key block needs {FILLER_BYTES} random bytes; got {len(filler)}")
    secret = key.reveal()
    letter = "A" if key.algorithm is Algorithm.AES else "D" if len(secret) == 8 else "T"
    try:
        head = Header(header.version, header.usage, letter, header.mode, header.key_version, header.exportability).dump(
            len(secret)
        )
    except HeaderError:
        raise LocalError(f"{header} is no key block header; see the letters that TR-31 knows") from None
    plain = (8 * len(secret)).to_bytes(2) + secret
    plain += filler[: -len(plain) % BLOCK_BYTES[protection.algorithm]]
    return head + _seal(protection, head, plain).hex().upper()


def unwrap(protection: Key, block: str, usages: Collection[str], modes: Collection[str] = ()) -> WrappedKey:
    """The key of a block. It must be for one of these usages, and (if any are given) modes.

    Raises KeyBlockError for everything else.
    """
    head, header, letter = _read_header(block)
    if not _goes_with(protection, header.version):
        raise KeyBlockError(
            f"the key block has version {header.version}, which does not go with our protection key for "
            f"{protection.algorithm}; agree on the version with the sender"
        )
    body, size = block[len(head) :], BLOCK_BYTES[protection.algorithm]
    sealed = bytes.fromhex(body) if re.fullmatch("(?:[0-9A-F]{2})*", body) else b""
    blocks = len(sealed) - _MAC_BYTES[header.version]
    if blocks < size or blocks % size or len(head) % size:
        raise KeyBlockError("the key block is no header with whole blocks of upper-case hexadecimal and a MAC")
    plain = _unseal(protection, head, sealed)
    if header.usage not in usages:
        wanted = " or ".join(usages)
        raise KeyBlockError(f"the key block holds a key for usage {header.usage}; expected {wanted}")
    if modes and header.mode not in modes:
        raise KeyBlockError(f"the key block holds a key for mode {header.mode}; expected {' or '.join(modes)}")
    return WrappedKey(header, _key_in(plain, letter))


def _key_in(plain: bytes, letter: str) -> Key:
    """The key behind its length in bits. Too big a length finds no key either: whole blocks less two bytes are none."""
    size, rest = divmod(int.from_bytes(plain[:2]), 8)
    try:
        return Key(b"" if rest else plain[2 : 2 + size], _ALGORITHM[letter])
    except (KeyError, LocalError):
        raise KeyBlockError("the key block holds no TDES or AES key") from None


def _read_header(block: str) -> tuple[str, KeyHeader, str]:
    """Text of the header with its optional blocks, what it says, and the letter of the key's algorithm."""
    said = Header()
    try:
        size = said.load(block)
    except (HeaderError, ValueError):
        raise KeyBlockError("the key block does not begin with a TR-31 header of version A, B, C or D") from None
    if block[1:5] != f"{len(block):04d}" or len(block) > BLOCK_DIGITS_MAX:
        raise KeyBlockError(f"the key block has {len(block)} characters, which is not what its header says")
    header = KeyHeader(
        version=said.version_id,
        usage=said.key_usage,
        mode=said.mode_of_use,
        key_version=said.version_num,
        exportability=said.exportability,
    )
    return block[:size], header, said.algorithm


def _goes_with(protection: Key, version: str) -> bool:
    return protection.algorithm is _UNDER.get(version) and not (version == "B" and len(protection.reveal()) == 8)


def _seal(protection: Key, head: str, plain: bytes) -> bytes:
    """Enciphered key data and MAC."""
    enciphering, authenticating = _derive(protection, head[0])
    if head[0] in "AC":
        sealed = _cbc(enciphering, head[:8].encode()).encryptor().update(plain)
        return sealed + _variant_mac(authenticating, head, sealed)
    mac = _cmac(authenticating, head.encode() + plain)
    return _cbc(enciphering, mac).encryptor().update(plain) + mac


def _unseal(protection: Key, head: str, sealed: bytes) -> bytes:
    """Deciphered key data. Raises KeyBlockError if the MAC is not that of header and key."""
    size = _MAC_BYTES[head[0]]
    data, mac = sealed[:-size], sealed[-size:]
    enciphering, authenticating = _derive(protection, head[0])
    if head[0] in "AC":
        plain = _cbc(enciphering, head[:8].encode()).decryptor().update(data)
        made = _variant_mac(authenticating, head, data)
    else:
        plain = _cbc(enciphering, mac).decryptor().update(data)
        made = _cmac(authenticating, head.encode() + plain)
    if not hmac.compare_digest(made, mac):
        raise KeyBlockError(
            f"the key block is not authentic under the key with check value {protection.check_value}; it has been "
            "altered, or wrapped under another key"
        )
    return plain


def _derive(protection: Key, version: str) -> tuple[Key, Key]:
    """Keys for enciphering and for the MAC."""
    secret = protection.reveal()
    if version in "AC":
        return Key(xor(secret, b"\x45" * len(secret))), Key(xor(secret, b"\x4d" * len(secret)))
    return _derived(protection, 0), _derived(protection, 1)


def _derived(protection: Key, purpose: int) -> Key:
    """CMAC in counter mode: counter, purpose, zero, algorithm and bits of the derived key, which are the wrapper's."""
    length, size = len(protection.reveal()), BLOCK_BYTES[protection.algorithm]
    algorithm = length // 8 - 2 + (2 if protection.algorithm is Algorithm.AES else 0)
    about = b"\0" + algorithm.to_bytes(2) + (8 * length).to_bytes(2)
    parts = [
        _cmac(protection, bytes([counter]) + purpose.to_bytes(2) + about)
        for counter in range(1, -(-length // size) + 1)
    ]
    return Key(b"".join(parts)[:length], protection.algorithm)


def _cmac(key: Key, data: bytes) -> bytes:
    mac = CMAC(key.cipher())
    mac.update(data)
    return mac.finalize()


def _cbc(key: Key, start: bytes) -> Cipher[modes.CBC]:
    return Cipher(key.cipher(), modes.CBC(start))


def _variant_mac(key: Key, head: str, data: bytes) -> bytes:
    """CBC-MAC of header and enciphered key data, its left half."""
    return _cbc(key, bytes(8)).encryptor().update(head.encode() + data)[-8:-4]
