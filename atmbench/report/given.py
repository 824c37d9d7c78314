"""Bytes as people give them: hexadecimal in any notation, or the bytes themselves. Both may be right.

"0800..." is a message in ASCII and hexadecimal too; who reads it sees which of the two makes sense.
"""

import re

import msgspec

GIVEN_BYTES_MAX = 65_536
"""More is not looked at."""
_NOTATION = re.compile(rb"0[xX]|\\x|[\s:,;\"'-]")


class Given(msgspec.Struct, frozen=True):
    """Bytes, and in words how they came."""

    says: str
    raw: bytes
    is_unlikely: bool = False
    """It would be odd to mean this: they are hexadecimal as well."""


def ways_to_take(data: bytes) -> list[Given]:
    """The bytes that somebody means by these. Empty if there are none, or too many."""
    if not data or len(data) > GIVEN_BYTES_MAX:
        return []
    found = []
    digits = _NOTATION.sub(b"", data)
    if digits and len(digits) % 2 == 0 and not digits.strip(b"0123456789abcdefABCDEF"):
        found.append(Given("given in hexadecimal", bytes.fromhex(digits.decode("ascii"))))
    body = data.rstrip(b"\r\n") if data.isascii() else data
    if body:
        found.append(Given("given as the bytes themselves", body, is_unlikely=bool(found)))
    return found
