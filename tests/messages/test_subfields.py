"""What is inside of fields: each kind by example, and every tree there and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.messages.dialect import load_dialect, parse_dialect
from atmbench.messages.failures import EncodeFailed
from atmbench.messages.layout_file import Content
from atmbench.messages.shapes import subfields_of
from atmbench.messages.subfield_file import (
    AnySubfields,
    BitField,
    Bitmap,
    Entries,
    Fixed,
    Named,
    Repeated,
    SizedPart,
    Structured,
    Tagged,
    Tlv,
    Tokens,
)
from atmbench.messages.subfields import FieldSubfields, Subfield, SubfieldFailed
from tests.messages.subfield_trees import kinds, told


def inside(kind: AnySubfields, content: Content = Content.ANS) -> FieldSubfields:
    return subfields_of(48, kind, content, "mine")


def parts_of(*sizes: int | None) -> tuple[SizedPart, ...]:
    return tuple(SizedPart(name="x", size=size) for size in sizes)


ICC = Bitmap(bitmap="hex", fields={2: BitField(name="amount", size=12), 28: BitField(name="counter", size=8, prefix=1)})
POST = Bitmap(
    bitmap="raw",
    fields={
        2: BitField(name="switch key", size=32, prefix=2),
        25: BitField(name="chip data", size=9999, prefix=4, inside=ICC),
    },
)

EXAMPLES: list[tuple[AnySubfields, Content, str, list[Any]]] = [
    (Fixed(parts=parts_of(2, 3)), Content.N, "20015", [("1", "20"), ("2", "015")]),
    (Fixed(parts=parts_of(2, None)), Content.ANS, "A1rest", [("1", "A1"), ("2", "rest")]),
    (
        Repeated(parts=parts_of(1, 2), entries_max=2),
        Content.AN,
        "C12D34",
        [("1", [("1", "C"), ("2", "12")]), ("2", [("1", "D"), ("2", "34")])],
    ),
    (Tlv(), Content.B, "9F0202123482020040", [("9F02", "1234"), ("82", "0040")]),
    (Tlv(), Content.B, "FF2103910112", [("FF21", [("91", "12")])]),
    (Tlv(), Content.B, "7102FFFF", [("71", "FFFF")]),
    (Tlv(), Content.B, "0000950100" + "0000", [("00", "0000"), ("95", "00"), ("00", "0000")]),
    (Tlv(form="hex"), Content.ANS, "9501AB", [("95", "AB")]),
    (Tlv(), Content.B, "958180" + "AB" * 128, [("95", "AB" * 128)]),
    (Entries(tag_size=2, length_size=3), Content.ANS, "01003abc02000", [("01", "abc"), ("02", "")]),
    (Entries(tag_size=2, length_size=3, order="length_first"), Content.ANS, "00301abc", [("01", "abc")]),
    (Entries(tag_size=1, length_size=2, form="raw"), Content.B, "F0000241420A0000", [("F0", "AB"), ("0A", "")]),
    (POST, Content.B, "4000000000000000" + b"03abc".hex().upper(), [("2", "abc")]),
    (
        POST,
        Content.B,
        "0000008000000000" + (b"0030" + b"4000001000000000" + b"000000001000" + b"17").hex().upper(),
        [("25", [("2", "000000001000"), ("28", "7")])],
    ),
    (Tokens(), Content.ANS, "& 0000300036! B200002 ab! 0400002 cd", [("B2", "ab"), ("04", "cd")]),
    (
        Tagged(tag_size=3, end="\\"),
        Content.ANS,
        "TCC07\\EFC00000000\\FBKV\\",
        [("TCC", "07"), ("EFC", "00000000"), ("FBK", "V")],
    ),
    (Structured(), Content.ANS, "14Tag116Value1", [("Tag1", "Value1")]),
    (Structured(), Content.ANS, "13PSI11V" + "12ab215" + "x" * 15, [("PSI", "V"), ("ab", "x" * 15)]),
]


@pytest.mark.parametrize(("kind", "content", "text", "tree"), EXAMPLES)
def test_content_and_its_parts(kind: AnySubfields, content: Content, text: str, tree: list[Any]) -> None:
    field = inside(kind, content)
    assert told(field.read(text)) == tree
    assert field.build(field.read(text)) == text


@given(kinds(), st.booleans())
def test_every_tree_goes_there_and_back(drawn: tuple[AnySubfields, tuple[Subfield, ...]], in_bytes: bool) -> None:
    kind, tree = drawn
    field = inside(kind, Content.B if in_bytes else Content.ANS)
    text = field.build(tree)
    assert told(field.read(text)) == told(tree)
    assert field.build(field.read(text)) == text


@given(kinds(), st.binary(max_size=80), st.integers(0, 200), st.booleans())
def test_any_content_is_read_or_refused_without_a_word_of_it(
    drawn: tuple[AnySubfields, tuple[Subfield, ...]], junk: bytes, place: int, from_tree: bool
) -> None:
    kind, tree = drawn
    field = inside(kind, Content.B)
    good = bytes.fromhex(field.build(tree)) if from_tree else b""
    raw = good[:place] + junk + good[place:]
    parts, failure = field.read_leniently(raw.hex().upper())
    if failure is None:
        assert field.read(field.build(parts)) is not None
    else:
        assert failure.field.split(".")[0] == "48"
        assert failure.position is not None
        assert 0 <= failure.position <= len(raw)


def test_positions_are_bytes_of_the_field() -> None:
    text = "0000008000000000" + (b"0030" + b"4000001000000000" + b"000000001000" + b"17").hex()
    (icc,) = inside(POST, Content.B).read(text)
    assert (icc.name, icc.position) == ("chip data", 12)
    assert [(part.name, part.position) for part in icc.parts] == [("amount", 28), ("counter", 41)]
    (tag,) = inside(Tlv(form="hex")).read("9501AB")
    assert (tag.name, tag.position) == ("terminal verification results", 4)


REFUSED: list[tuple[AnySubfields, Content, str, str, int]] = [
    (Fixed(parts=parts_of(2, 3)), Content.N, "2001", "48.2", 2),
    (Fixed(parts=parts_of(2, 3)), Content.N, "200155", "48", 5),
    (Repeated(parts=parts_of(2), entries_max=1), Content.N, "2001", "48", 2),
    (Repeated(parts=parts_of(2), entries_max=3), Content.N, "200", "48.2.1", 2),
    (Tlv(), Content.B, "9501009F", "48", 3),
    (Tlv(), Content.B, "950100" + "9A80", "48", 3),
    (Tlv(), Content.B, "9F" + "81" * 9 + "0100", "48", 0),
    (Tlv(form="hex"), Content.ANS, "950100" + "9A05", "48", 6),
    (Tlv(form="hex"), Content.ANS, "95X100", "48", 0),
    (Entries(tag_size=2, length_size=3), Content.ANS, "01003ab", "48", 0),
    (Entries(tag_size=2, length_size=3), Content.ANS, "01001a02 1b", "48", 6),
    (Entries(tag_size=1, length_size=2, form="raw"), Content.B, "F0000341", "48", 0),
    (POST, Content.B, "4000", "48", 0),
    (POST, Content.B, "8000000000000000", "48", 8),
    (POST, Content.B, "4000000000000000" + b"33abc".hex(), "48.2", 8),
    (POST, Content.B, "4000000000000000" + b"04abc".hex(), "48.2", 8),
    (POST, Content.B, "4000000000000000" + b"02abc".hex(), "48", 12),
    (POST, Content.B, "0000008000000000" + (b"0017" + b"4000000000000000" + b"0").hex(), "48.25.2", 28),
    (Tokens(), Content.ANS, "& 0000300024! B200002 ab", "48", 0),
    (Tokens(), Content.ANS, "& 0000200024! B200003 ab", "48", 12),
    (Tagged(tag_size=3, end="\\"), Content.ANS, "TCC07\\EFC0", "48", 6),
    (Structured(), Content.ANS, "14Tag117Value1", "48", 6),
]


@pytest.mark.parametrize(("kind", "content", "text", "field", "position"), REFUSED)
def test_what_is_not_of_its_kind_names_sub_field_and_place(
    kind: AnySubfields, content: Content, text: str, field: str, position: int
) -> None:
    with pytest.raises(SubfieldFailed) as caught:
        inside(kind, content).read(text)
    assert (caught.value.field, caught.value.position) == (field, position)
    assert f"byte {position}" in str(caught.value)


def test_what_can_be_read_of_a_broken_field_is_kept() -> None:
    parts, failure = inside(Tagged(tag_size=3, end="\\")).read_leniently("TCC07\\EFC0")
    assert told(parts) == [("TCC", "07")]
    assert failure is not None


def test_content_of_another_kind_may_be_plain_text() -> None:
    kind = Bitmap(bitmap="hex", or_plain=True, fields={2: BitField(name="amount", size=12)})
    holder = Entries(tag_size=2, length_size=2, names={"25": Named(name="chip data", inside=kind)})
    (part,) = inside(holder).read("2505<xml>")
    assert (part.text, part.parts) == ("<xml>", ())
    assert inside(kind).read("no bitmap") == ()


UNFIT: list[tuple[AnySubfields, tuple[Subfield, ...], str]] = [
    (Fixed(parts=parts_of(2, 3)), (Subfield("1", "20"),), "48"),
    (Fixed(parts=parts_of(2)), (Subfield("1", "200"),), "48.1"),
    (Repeated(parts=parts_of(1), entries_max=1), (Subfield("1"), Subfield("2")), "48"),
    (Tlv(), (Subfield("9F", "00"),), "48.9F"),
    (Tlv(), (Subfield("95", "XY"),), "48.95"),
    (Entries(tag_size=2, length_size=1), (Subfield("01", "x" * 10),), "48.01"),
    (Entries(tag_size=2, length_size=1), (Subfield("1", "x"),), "48.1"),
    (Entries(tag_size=1, length_size=1, form="raw"), (Subfield("0102", "x"),), "48.0102"),
    (POST, (Subfield("3", "x"),), "48"),
    (POST, (Subfield("2", "x"), Subfield("2", "y")), "48"),
    (POST, (Subfield("2", "x" * 33),), "48.2"),
    (Tokens(), (Subfield("B", "x"),), "48.B"),
    (Tagged(tag_size=3, end="\\"), (Subfield("TCC", "a\\b"),), "48.TCC"),
    (Tagged(tag_size=3, end="\\"), (Subfield("TCC", "\u1ecc"),), "48.TCC"),
]


@pytest.mark.parametrize(("kind", "parts", "field"), UNFIT)
def test_parts_that_have_no_place_are_our_fault(kind: AnySubfields, parts: tuple[Subfield, ...], field: str) -> None:
    with pytest.raises(EncodeFailed) as caught:
        inside(kind, Content.B).build(parts)
    assert caught.value.field == field


def test_a_file_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(LocalError, match="size"):
        inside(Fixed(parts=parts_of(None, 2)))
    with pytest.raises(LocalError, match="sizes"):
        inside(Repeated(parts=parts_of(None), entries_max=2))
    with pytest.raises(LocalError, match="no layout"):
        parse_dialect("extends: iso87-ascii\nsubfields: {65: {kind: tlv}}", "mine")


def test_the_shipped_1987_dialect_takes_amounts_and_original_apart() -> None:
    inside_of = load_dialect("iso87-ascii").subfields
    amounts = inside_of[54].read("2001566D0000000120002002566C000000008000")
    assert [part.text for part in amounts[0].parts] == ["20", "01", "566", "D", "000000012000"]
    original = inside_of[90].read("020000011811231930000000012345600000000000")
    assert [part.text for part in original] == ["0200", "000118", "1123193000", "00000123456", "00000000000"]
    assert inside_of[95].read("000000002000000000000000C00000000C00000000")[0].text == "000000002000"
