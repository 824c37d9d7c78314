"""What a dialect file may say of the shape of a message: header, MTI, bitmaps and data elements. Data only.

Sources: iso8583 facts 2.1 (what differs between families) and 8.3. Everything a family may choose is a
word here, with the plain ASCII choice as default; nothing is guessed from bytes.
"""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Mti = Annotated[str, Meta(pattern="^[0-9]{4}$")]
MtiStart = Annotated[str, Meta(pattern="^[0-9]{1,4}$")]
FieldNumber = Annotated[int, Meta(ge=2, le=128)]
Size = Annotated[int, Meta(ge=1, le=999_999)]
Pad = Literal["left 0", "right 0", "right F"]


class Content(StrEnum):
    """What may stand in a field, by the letters of ISO 8583."""

    N = "n"
    """Digits."""
    XN = "x+n"
    """C or D, then digits."""
    AN = "an"
    """Letters and digits; other printable characters are let pass, as in practice."""
    ANS = "ans"
    """Printable characters."""
    Z = "z"
    """Track data: digits and separators."""
    B = "b"
    """Bytes. The size counts bytes."""


class Prefix(StrEnum):
    """How many digits of length stand before a field of variable length."""

    LL = "LL"
    LLL = "LLL"
    LLLL = "LLLL"
    LLLLLL = "LLLLLL"


class Form(StrEnum):
    """How the content of a field becomes bytes."""

    TEXT = "text"
    """One byte a character."""
    BCD = "bcd"
    """Two digits a byte; of x+n the sign is one character before them."""
    HEX = "hex"
    """Two characters of upper-case hexadecimal text for each byte."""
    RAW = "raw"
    """The bytes themselves."""


class LengthForm(StrEnum):
    """How a length prefix travels. A prefix of LLL takes three, two and two bytes."""

    TEXT = "text"
    BCD = "bcd"
    BINARY = "binary"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of the records of a dialect file."""


class Encoding(Record, frozen=True, kw_only=True):
    """How the kinds of content travel, unless a field says otherwise."""

    text: Literal["ascii", "ebcdic"]
    """Characters: `ebcdic` is code page 500."""
    binary: Literal["hex", "raw"]
    bitmap: Literal["hex", "raw"]
    length: LengthForm
    mti: Literal["text", "bcd"] = "text"
    digits: Literal["text", "bcd"] = "text"
    """Fields of type n and x+n."""
    bitmaps: Literal["as_needed", "always_two"] = "as_needed"
    """`always_two`: both bitmaps in every message, and bit 1 stays 0."""
    pad: Pad = "left 0"
    """The half byte that fills up an odd number of BCD digits in a field of fixed length."""
    pad_prefixed: Pad = "right 0"
    """The same behind a length prefix."""


class Header(Record, frozen=True, kw_only=True):
    """Bytes of fixed length before the MTI, inside the frame."""

    size: Annotated[int, Meta(ge=1, le=64)]
    """Characters of text, or bytes."""
    form: Literal["text", "raw"] = "text"
    value: str
    """What is sent where nothing else is known: text, or hexadecimal for `raw`. A reply repeats that of its request
    with `reply`, if that is given."""
    reply: str = ""


class FieldLayout(Record, frozen=True, kw_only=True):
    """One data element: fixed length if it has no prefix, else at most `size`."""

    name: str
    type: Content
    size: Size
    """Characters; digits of BCD; bytes of type b."""
    prefix: Prefix | None = None
    form: Form | None = None
    """Where the field travels otherwise than the dialect's `encoding` says."""
    length: LengthForm | None = None
    pad: Pad | None = None
