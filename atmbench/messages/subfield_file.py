"""What a dialect file may say of the inside of a field: kinds of sub-fields, which may hold one another. Data only.

Sources: iso8583 facts 1.5, 1.6, 2.3, 2.4, 2.6 and 4.8. A field without an entry is one piece of text. Lengths
and tags in text are ASCII digits and letters; sizes count characters, or bytes where the content is raw.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from atmbench.messages.layout_file import Record, Size

Shown = Literal["plain", "length", "pan"]
"""What may be shown of a value: all of it, its length only, or first six and last four digits."""
Digits = Annotated[int, Meta(ge=1, le=6)]
BitNumber = Annotated[int, Meta(ge=1, le=64)]


class Named(Record, frozen=True, kw_only=True):
    """One sub-field: what it is called, what may be shown of it, and what is inside."""

    name: str
    shown: Shown = "plain"
    form: Literal["text", "raw"] = "text"
    """`raw`: bytes, told in hexadecimal digits."""
    inside: "AnySubfields | None" = None


class SizedPart(Named, frozen=True, kw_only=True):
    """A part of fixed size. The last one may leave it out, and takes the rest."""

    size: Size | None = None


class BitField(Named, frozen=True, kw_only=True):
    """A sub-field that a bitmap announces: fixed, or at most `size` behind a length of `prefix` digits."""

    size: Size
    prefix: Digits | None = None


class Kind(Record, frozen=True, kw_only=True, tag_field="kind"):
    """Root of the kinds."""

    or_plain: bool = False
    """Content that is not of this kind is one piece of text, and nothing is wrong with that."""


class Fixed(Kind, frozen=True, kw_only=True, tag="fixed"):
    """Parts of fixed sizes, one after the other."""

    parts: Annotated[tuple[SizedPart, ...], Meta(min_length=1)]


class Repeated(Kind, frozen=True, kw_only=True, tag="repeated"):
    """The same parts again and again."""

    parts: Annotated[tuple[SizedPart, ...], Meta(min_length=1)]
    entries_max: int


class Tlv(Kind, frozen=True, kw_only=True, tag="tlv"):
    """BER-TLV as chip data has it. What is not named here is named as EMV does; of others only the length is shown."""

    form: Literal["raw", "hex"] | None = None
    """`hex`: hexadecimal text of the bytes. Without this, that is so if the field is one of text."""
    names: dict[str, Named] = field(default_factory=dict)


class Entries(Kind, frozen=True, kw_only=True, tag="entries"):
    """Entries with a tag and a length of fixed sizes, in text or in bytes."""

    tag_size: Digits
    length_size: Digits
    order: Literal["tag_first", "length_first"] = "tag_first"
    form: Literal["text", "raw"] = "text"
    """Of tags and lengths: characters, or bytes with the tag told in hexadecimal."""
    names: dict[str, Named] = field(default_factory=dict)
    others: Shown = "length"
    """What is shown of entries that are not named."""


class Bitmap(Kind, frozen=True, kw_only=True, tag="bitmap"):
    """A bitmap, and the sub-fields it announces."""

    bitmap: Literal["raw", "hex"]
    bits: Annotated[int, Meta(ge=8, le=64, multiple_of=8)] = 64
    fields: dict[BitNumber, BitField]


class Tokens(Kind, frozen=True, kw_only=True, tag="tokens"):
    """BASE24 tokens: a head with number and length of all, then tokens with a name of two characters."""

    names: dict[str, Named] = field(default_factory=dict)
    others: Shown = "length"


class Tagged(Kind, frozen=True, kw_only=True, tag="tagged"):
    """Values between a tag of fixed size and a character that ends them, as in national data of AS2805."""

    tag_size: Digits
    end: Annotated[str, Meta(min_length=1, max_length=1)]
    names: dict[str, Named] = field(default_factory=dict)
    others: Shown = "length"


class Structured(Kind, frozen=True, kw_only=True, tag="structured"):
    """Names with values, each behind its length and the number of digits of that: Postilion structured data."""

    names: dict[str, Named] = field(default_factory=dict)
    others: Shown = "length"


AnySubfields = Fixed | Repeated | Tlv | Entries | Bitmap | Tokens | Tagged | Structured
