"""Layouts of every encoding, small enough to read: for tests of both codecs."""

from atmbench.messages.layout import Layout, resolve
from atmbench.messages.layout_file import Content, Encoding, FieldLayout, Form, Header, LengthForm, Prefix


def _field(type_: Content, size: int, prefix: Prefix | None = None, **more: object) -> FieldLayout:
    return FieldLayout(name="x", type=type_, size=size, prefix=prefix, **more)  # type: ignore[arg-type]


FIELDS = {
    2: _field(Content.N, 19, Prefix.LL),
    3: _field(Content.N, 6),
    4: _field(Content.N, 12),
    19: _field(Content.N, 3),
    28: _field(Content.XN, 9),
    35: _field(Content.Z, 37, Prefix.LL),
    37: _field(Content.AN, 12),
    43: _field(Content.ANS, 40),
    48: _field(Content.ANS, 999, Prefix.LLL),
    52: _field(Content.B, 8),
    53: _field(Content.B, 48, Prefix.LL),
    55: _field(Content.B, 255, Prefix.LLL),
    64: _field(Content.B, 8),
    70: _field(Content.N, 3),
    102: _field(Content.ANS, 28, Prefix.LL),
    127: _field(Content.B, 5000, Prefix.LLLLLL),
    128: _field(Content.B, 8),
}

TEXT = Encoding(text="ascii", binary="hex", bitmap="hex", length=LengthForm.TEXT)
MIXED = Encoding(text="ascii", binary="raw", bitmap="raw", length=LengthForm.TEXT)
BCD = Encoding(text="ascii", binary="raw", bitmap="raw", length=LengthForm.BCD, mti="bcd", digits="bcd")
EBCDIC = Encoding(text="ebcdic", binary="raw", bitmap="raw", length=LengthForm.TEXT)

_HEX_FIELDS = {**FIELDS, 53: _field(Content.B, 40, Prefix.LL)}
_BCD_FIELDS = {
    **FIELDS,
    19: _field(Content.N, 3, pad="right 0"),
    35: _field(Content.Z, 37, Prefix.LL, form=Form.BCD, pad="right F"),
    48: _field(Content.ANS, 999, Prefix.LLL, length=LengthForm.TEXT),
    102: _field(Content.ANS, 28, Prefix.LL, length=LengthForm.BINARY),
}


def _two(encoding: Encoding) -> Encoding:
    return Encoding(
        text=encoding.text,
        binary=encoding.binary,
        bitmap=encoding.bitmap,
        length=encoding.length,
        bitmaps="always_two",
    )


LAYOUTS: dict[str, Layout] = {
    "text": resolve("text", TEXT, None, _HEX_FIELDS),
    "text behind a header": resolve("headed", TEXT, Header(size=12, value="ISO015000050"), _HEX_FIELDS),
    "mixed": resolve("mixed", MIXED, None, FIELDS),
    "bcd": resolve("bcd", BCD, None, _BCD_FIELDS),
    "bcd behind a header": resolve("tpdu", BCD, Header(size=5, form="raw", value="6000010002"), _BCD_FIELDS),
    "ebcdic": resolve("ebcdic", EBCDIC, None, FIELDS),
    "two bitmaps in text": resolve("two", _two(TEXT), None, _HEX_FIELDS),
    "two bitmaps in bytes": resolve("two-raw", _two(MIXED), None, FIELDS),
}
