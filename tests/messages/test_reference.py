"""What pyiso8583 cannot say, one test a case; and what can still be read of broken bytes."""

import pytest

from atmbench.errors import LocalError
from atmbench.messages.failures import DecodeFailed, EncodeFailed
from atmbench.messages.layout import resolve
from atmbench.messages.layout_file import Content, FieldLayout, Form, Header, Prefix
from atmbench.messages.records import Message
from atmbench.messages.reference import ReferenceCodec
from tests.messages.layouts import LAYOUTS, TEXT

GOLDEN = [
    # layout, message, bytes
    ("bcd", Message("0200", {28: "C00000150"}), "020000000010000000004300000150"),
    ("bcd", Message("0200", {28: "D00000150"}), "020000000010000000004400000150"),
    ("bcd", Message("0200", {35: "99D2912"}), "020000000000200000000799D2912F"),
    ("bcd", Message("0200", {2: "999"}), "02004000000000000000039990"),
    ("bcd", Message("0800", {70: "301"}), "0800800000000000000004000000000000000301"),
    ("bcd", Message("0200", {19: "566"}), "020000002000000000005660"),
    ("bcd", Message("0200", {48: "AB"}), "020000000000000100003030324142"),
    ("bcd", Message("0200", {55: "9F0206"}), "0200000000000000020000039F0206"),
    ("bcd", Message("0200", {102: "7"}), "0200800000000000000000000000040000000137"),
    ("mixed", Message("0620", {127: "CAFE"}), "3036323080000000000000000000000000000002303030303032CAFE"),
    ("ebcdic", Message("0200", {3: "010000"}), "F0F2F0F02000000000000000F0F1F0F0F0F0"),
    ("bcd behind a header", Message("0800", {3: "990000"}, "6001020304"), "600102030408002000000000000000990000"),
    ("two bitmaps in bytes", Message("0200", {3: "010000"}), "303230302000000000000000" + "00" * 8 + "303130303030"),
    (
        "two bitmaps in bytes",
        Message("0800", {3: "010000", 70: "301"}),
        "3038303020000000000000000400000000000000303130303030333031",
    ),
]


@pytest.mark.parametrize(("name", "message", "raw"), GOLDEN)
def test_a_message_and_its_bytes(name: str, message: Message, raw: str) -> None:
    codec = ReferenceCodec(LAYOUTS[name])
    assert codec.encode(message).hex().upper() == raw
    assert codec.decode(bytes.fromhex(raw)) == message


def test_track_data_in_bcd_takes_either_separator() -> None:
    codec = ReferenceCodec(LAYOUTS["bcd"])
    assert codec.encode(Message("0200", {35: "99=2912"})) == codec.encode(Message("0200", {35: "99D2912"}))


def test_two_bitmaps_in_text_keep_bit_1_at_zero() -> None:
    codec = ReferenceCodec(LAYOUTS["two bitmaps in text"])
    message = Message("0800", {70: "301"})
    assert codec.encode(message) == b"0800" + b"0000000000000000" + b"0400000000000000" + b"301"
    assert codec.decode(codec.encode(message)) == message


def test_the_usual_header_is_sent_and_another_one_kept() -> None:
    codec = ReferenceCodec(LAYOUTS["text behind a header"])
    assert codec.encode(Message("0800", {3: "000000"}))[:12] == b"ISO015000050"
    other = Message("0800", {3: "000000"}, "ISO016000010")
    assert codec.decode(codec.encode(other)) == other


def test_positions_count_the_bitmap_that_pyiso8583_does_not_see() -> None:
    codec = ReferenceCodec(LAYOUTS["two bitmaps in text"])
    raw = codec.encode(Message("0200", {3: "010000", 4: "000000005000"}))
    with pytest.raises(DecodeFailed) as caught:
        codec.decode(raw[:-1])
    assert (caught.value.field, caught.value.position) == ("4", 4 + 32 + 6)
    assert [(piece.key, piece.position) for piece in codec.read(raw).pieces] == [
        ("t", 0),
        ("p", 4),
        ("3", 36),
        ("4", 42),
    ]


def test_a_broken_message_is_read_up_to_the_break() -> None:
    codec = ReferenceCodec(LAYOUTS["text"])
    raw = codec.encode(Message("0200", {2: "9999990000000014", 3: "010000", 4: "000000005000"}))
    reading = codec.read(raw[:-1])
    assert reading.message == Message("0200", {2: "9999990000000014", 3: "010000"})
    assert reading.failure is not None
    assert (reading.failure.field, reading.failure.position) == ("4", len(raw) - 12)
    assert [piece.key for piece in reading.pieces] == ["t", "p", "2", "3", "4"]


def test_what_is_read_but_must_not_stand_there_is_remarked() -> None:
    codec = ReferenceCodec(LAYOUTS["text"])
    raw = codec.encode(Message("0200", {3: "010000", 4: "000000005000"})).replace(b"010000", b"0l0000")
    reading = codec.read(raw)
    assert reading.failure is None
    assert reading.remarks == ("field 3 (x) does not fit text: expected 6 digits",)
    assert reading.message.fields == {3: "0l0000", 4: "000000005000"}


def test_a_field_that_the_layout_does_not_have_leaves_head_and_a_name() -> None:
    codec = ReferenceCodec(LAYOUTS["text"])
    reading = codec.read(b"0200" + b"2200000000000000" + b"010000" + b"0")
    assert reading.message == Message("0200", {})
    assert reading.failure is not None
    assert (reading.failure.field, reading.failure.position) == ("7", 20)


def test_without_a_look_at_the_content_odd_messages_travel_both_ways() -> None:
    strict, lenient = ReferenceCodec(LAYOUTS["text"]), ReferenceCodec(LAYOUTS["text"], checks_content=False)
    odd = Message("0200", {28: "000000150"})
    with pytest.raises(EncodeFailed, match="field 28"):
        strict.encode(odd)
    raw = lenient.encode(odd)
    assert lenient.decode(raw) == odd
    with pytest.raises(DecodeFailed, match="field 28"):
        strict.decode(raw)


@pytest.mark.parametrize(
    ("field", "because"),
    [
        (FieldLayout(name="x", type=Content.B, size=8, form=Form.BCD), "cannot travel as bcd"),
        (FieldLayout(name="x", type=Content.N, size=8, form=Form.RAW), "cannot travel as raw"),
        (FieldLayout(name="x", type=Content.ANS, size=8, form=Form.BCD), "BCD holds digits only"),
        (FieldLayout(name="x", type=Content.ANS, size=100, prefix=Prefix.LL), "which LL cannot say"),
        (FieldLayout(name="x", type=Content.XN, size=8, form=Form.BCD), "an even number of digits"),
    ],
)
def test_a_layout_that_contradicts_itself_is_refused(field: FieldLayout, because: str) -> None:
    with pytest.raises(LocalError, match=because):
        resolve("wrong", TEXT, None, {48: field})


@pytest.mark.parametrize(
    "header", [Header(size=12, value="ISO01500005"), Header(size=2, form="raw", value="60X0")], ids=["short", "no hex"]
)
def test_a_header_that_contradicts_itself_is_refused(header: Header) -> None:
    with pytest.raises(LocalError, match="header"):
        resolve("wrong", TEXT, header, {})
