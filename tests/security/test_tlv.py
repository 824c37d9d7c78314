"""Chip data to bytes and back, against pyemv and against damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyemv import tlv as pyemv_tlv

from atmbench.errors import LocalError
from atmbench.security.tlv import (
    TLV_BYTES_MAX,
    Item,
    TlvError,
    build,
    by_tag,
    is_sensitive,
    is_template,
    parse,
)
from tests.security.secrecy import leaks, refusal, shown

TAGS = st.sampled_from(["82", "84", "95", "9A", "9C", "5A", "57", "5F2A", "5F34", "9F02", "9F8101", "71", "72", "FF20"])
ITEMS = st.lists(st.builds(Item, TAGS, st.binary(max_size=8) | st.binary(min_size=120, max_size=140)), max_size=6)
WITHDRAWAL = (
    "820239008407A0000000031010950580000080009A032606049C01005F2A0203929F02060000000050009F03060000000000009F0902008C"
    "9F100706011203A0B0C09F1A0203929F260811223344556677889F2701809F3303E0F8C89F34031F03029F3501229F360200349F370411223344"
)
"""DE55 of a public message (iso8583 facts 5)."""


@given(ITEMS)
def test_what_was_built_is_parsed(items: list[Item]) -> None:
    assert parse(build(items)) == tuple(items)


def test_a_real_field_is_read() -> None:
    values = by_tag(parse(bytes.fromhex(WITHDRAWAL)))
    assert values["9F02"].hex() == "000000005000"
    assert values["9F36"].hex() == "0034"
    assert list(values)[:3] == ["82", "84", "95"]
    assert build(values).hex().upper() == WITHDRAWAL


@given(st.dictionaries(TAGS.filter(lambda tag: not is_template(tag)), st.binary(max_size=140), max_size=5))
def test_pyemv_reads_and_writes_the_same(values: dict[str, bytes]) -> None:
    assert pyemv_tlv.encode(values) == build(values)
    assert pyemv_tlv.decode(build(values)) == by_tag(parse(build(values)))


@given(st.binary(max_size=60))
def test_any_bytes_are_items_or_an_error(octets: bytes) -> None:
    items: tuple[Item, ...] = ()
    place = 0
    try:
        items = parse(octets)
    except TlvError as error:
        place = error.position if error.position is not None else -1
    assert 0 <= place <= len(octets)
    assert sum(len(item.value) for item in items) <= len(octets)


@pytest.mark.parametrize(
    ("octets", "says", "position"),
    [
        ("9C01019F", "tag 9F at byte 3 of the chip data breaks off in the tag itself", 3),
        ("9F", "tag 9F at byte 0 of the chip data breaks off in the tag itself", 0),
        ("9FFF", "tag 9FFF at byte 0 of the chip data breaks off in the tag itself", 0),
        ("9FFFFF0100", "tag 9FFFFF at byte 0 of the chip data goes on after 3 bytes of tag", 0),
        ("9C01015A", "tag 5A at byte 3 of the chip data has no length", 3),
        ("5A81", "tag 5A at byte 0 of the chip data breaks off in its length", 0),
        ("5A8200", "tag 5A at byte 0 of the chip data breaks off in its length", 0),
        ("9C80", "tag 9C at byte 0 of the chip data has the length byte 80; expected 00 to 7F, 81 or 82", 0),
        ("9C83000001AA", "tag 9C at byte 0 of the chip data has the length byte 83; expected 00 to 7F, 81 or 82", 0),
        ("00005A0299", "tag 5A at byte 2 of the chip data announces 2 bytes where 1 are left", 2),
    ],
)
def test_damage_is_told_with_tag_and_place(octets: str, says: str, position: int) -> None:
    with pytest.raises(TlvError) as caught:
        parse(bytes.fromhex(octets))
    assert str(caught.value) == says
    assert caught.value.position == position
    assert caught.value.field == "55"


def test_long_lengths_and_zeros_between_are_read() -> None:
    assert parse(bytes.fromhex("009C8101FF00009F02820001FF00")) == (Item("9C", b"\xff"), Item("9F02", b"\xff"))


def test_a_template_is_read_one_level_at_a_time() -> None:
    """A script of two commands: the same tag twice is right there."""
    (script,) = parse(bytes.fromhex("720C860484240000860484180000"))
    assert is_template(script.tag)
    assert [item.tag for item in parse(script.value)] == ["86", "86"]


def test_a_tag_that_stands_twice_is_no_value() -> None:
    with pytest.raises(TlvError, match="tag 9F02 stands twice"):
        by_tag(parse(bytes.fromhex("9F0201009F020101")))


def test_there_is_a_bound() -> None:
    with pytest.raises(TlvError, match="chip data of 1000 bytes; at most 999 are read"):
        parse(bytes(TLV_BYTES_MAX + 1))
    for size in (TLV_BYTES_MAX, 70_000):
        with pytest.raises(LocalError, match="DE55 takes at most 999"):
            build({"57": bytes(size)})


@pytest.mark.parametrize("tag", ["", "9F", "9f02", "9F0201", "00", "XX", "9 F02", "FFFFFFFF"])
def test_only_tags_are_built(tag: str) -> None:
    with pytest.raises(LocalError, match="is no EMV tag"):
        build({tag: b""})


def test_card_data_is_known_as_such_and_not_shown() -> None:
    assert [tag for tag in ("57", "5A", "5F20", "9F1F", "56", "9F20", "9F02", "95") if is_sensitive(tag)] == [
        "57",
        "5A",
        "5F20",
        "9F1F",
        "56",
        "9F20",
    ]
    pan = bytes.fromhex("9999990000000014")
    assert repr(Item("5A", pan)) == "Item(5A, 8 bytes)"
    assert not leaks(refusal(lambda: parse(b"\x5a\x10" + pan), TlvError), [pan])
    assert not leaks(next(shown(Item("5A", pan))), [pan])
