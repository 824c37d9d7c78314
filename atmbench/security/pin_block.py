"""PIN blocks: ISO 9564 formats 0 to 4, sealed under a PIN key.

Sources: iso8583 facts 4.2, ISO 9564-1. psec lays out what it can without a cipher and without chance; random digits
are an argument, so that the same seed gives the same block. A PIN, a clear block or a key must never appear in an
error, a repr or a log.
"""

from enum import IntEnum

from psec import pinblock

from atmbench.errors import LocalError, RemoteError
from atmbench.security.keys import Algorithm, Key, xor

PIN_DIGITS_MIN = 4
PIN_DIGITS_MAX = 12
PAN_DIGITS_MIN = 13
PAN_DIGITS_MAX = 19
FILLER_BYTES = 10
"""Random bytes for one block: `rng.randbytes(FILLER_BYTES)`. Format 3 needs one for each fill digit."""
BLOCK_DIGITS = 14
"""PIN and fill digits of a block, behind the format and the length."""


class PinFormat(IntEnum):
    """The first digit of a clear PIN block."""

    ISO_0 = 0
    """Bound to the PAN, no random digits: equal PINs give equal blocks."""
    ISO_1 = 1
    """Random digits and no PAN, for a PIN without a card."""
    ISO_2 = 2
    """As 0 without a PAN, between a PIN pad and a chip. Never on a line to a host."""
    ISO_3 = 3
    """Bound to the PAN, random digits."""
    ISO_4 = 4
    """Bound to the PAN, random digits, AES; 16 bytes."""


WITH_PAN = frozenset({PinFormat.ISO_0, PinFormat.ISO_3, PinFormat.ISO_4})
RANDOM = frozenset({PinFormat.ISO_1, PinFormat.ISO_3, PinFormat.ISO_4})


class PinError(RemoteError):
    """A sealed PIN block cannot be read: damaged, sealed under another key, or for another PAN."""


def seal(pin: str, pan: str, key: Key, format: PinFormat = PinFormat.ISO_0, filler: bytes = b"") -> str:
    """The sealed PIN block in upper-case hexadecimal (DE52): 16 digits, in format 4 32.

    A new PIN is sealed the same way. `filler` is FILLER_BYTES random bytes; formats 0 and 2 need none, and formats 1
    and 2 no PAN.
    Raises LocalError for a PIN, PAN, key or filler that the format cannot take.
    """
    _check_key(key, format)
    if not _is_pin(pin):
        raise LocalError("a PIN block needs a PIN of 4 to 12 digits")
    if format in WITH_PAN and not _is_pan(pan):
        raise LocalError("a PIN block of this format needs a PAN of 13 to 19 digits")
    if format in RANDOM and len(filler) < FILLER_BYTES:
        raise LocalError(f"a PIN block of format {format} needs {FILLER_BYTES} random bytes; got {len(filler)}")
    if format is PinFormat.ISO_4:
        inner = xor(key.encipher(_pin_field(pin, filler)), pinblock.encode_pan_field_iso_4(pan))
        return key.encipher(inner).hex().upper()
    return key.encipher(_clear_block(pin, pan, format, filler)).hex().upper()


def unseal(block: str, pan: str, key: Key, format: PinFormat = PinFormat.ISO_0) -> str:
    """The PIN of a sealed block. Raises PinError if it is no block of this format for this key and PAN."""
    _check_key(key, format)
    size = 16 if format is PinFormat.ISO_4 else 8
    try:
        sealed = bytes.fromhex(block)
    except ValueError:
        raise PinError(f"the PIN block is not hexadecimal; expected {2 * size} such digits", field="52") from None
    if len(sealed) != size:
        raise PinError(f"the PIN block has {len(sealed)} bytes; expected {size}", field="52")
    if format in WITH_PAN and not _is_pan(pan):
        raise PinError("the PIN block cannot be read without a PAN of 13 to 19 digits", field="2")
    try:
        return _pin_of(sealed, pan, key, format)
    except ValueError:  # psec's own text quotes parts of the clear block
        raise PinError(
            f"the PIN block is not ISO 9564 format {format} under this key and PAN; check the PIN keys of both ends",
            field="52",
        ) from None


def _check_key(key: Key, format: PinFormat) -> None:
    wanted = Algorithm.AES if format is PinFormat.ISO_4 else Algorithm.TDES
    if key.algorithm is not wanted:
        raise LocalError(f"a PIN block of format {format} needs a key for {wanted}; got one for {key.algorithm}")
    if key.is_single_des:
        raise LocalError("a PIN key with the strength of single DES was given; give one with two different halves")


def _is_pin(pin: str) -> bool:
    return PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX and pin.isascii() and pin.isdigit()


def _is_pan(pan: str) -> bool:
    return PAN_DIGITS_MIN <= len(pan) <= PAN_DIGITS_MAX and pan.isascii() and pan.isdigit()


def _clear_block(pin: str, pan: str, format: PinFormat, filler: bytes) -> bytes:
    """The 8 bytes of formats 0 to 3."""
    if format is PinFormat.ISO_0:
        return pinblock.encode_pinblock_iso_0(pin, pan)
    if format is PinFormat.ISO_2:
        return pinblock.encode_pinblock_iso_2(pin)
    if format is PinFormat.ISO_1:
        return bytes.fromhex(_digits(format, pin, filler.hex()))
    fill = "".join("ABCDEF"[byte % 6] for byte in filler)
    return xor(bytes.fromhex(_digits(format, pin, fill)), _pan_block(pan))


def _digits(format: PinFormat, pin: str, fill: str) -> str:
    return f"{format:X}{len(pin):X}{pin}{fill[: BLOCK_DIGITS - len(pin)]}"


def _pan_block(pan: str) -> bytes:
    """The 12 rightmost digits of the PAN without the check digit, behind four zeros."""
    return bytes.fromhex(f"0000{pan[-13:-1]}")


def _pin_field(pin: str, filler: bytes) -> bytes:
    """The clear PIN field of format 4: 16 digits with A behind the PIN, then 8 random bytes."""
    return bytes.fromhex(_digits(PinFormat.ISO_4, pin, "A" * BLOCK_DIGITS)) + filler[:8]


def _pin_of(sealed: bytes, pan: str, key: Key, format: PinFormat) -> str:
    """The PIN. Raises ValueError for a block that is not of the format."""
    if format is PinFormat.ISO_4:
        inner = xor(key.decipher(sealed), pinblock.encode_pan_field_iso_4(pan))
        return pinblock.decode_pin_field_iso_4(key.decipher(inner))
    clear = key.decipher(sealed)
    if format is PinFormat.ISO_0:
        return pinblock.decode_pinblock_iso_0(clear, pan)
    if format is PinFormat.ISO_2:
        return pinblock.decode_pinblock_iso_2(clear)
    if format is PinFormat.ISO_3:
        return pinblock.decode_pinblock_iso_3(clear, pan)
    digits = clear.hex()
    pin = digits[2 : 2 + int(digits[1], 16)]
    if digits[0] != "1" or not _is_pin(pin):
        raise ValueError("no block of format 1")
    return pin
