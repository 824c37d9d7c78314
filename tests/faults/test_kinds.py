"""Each fault changes exactly the bytes it says, and says what it did."""

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.faults.all import (
    AnyFault,
    Cut,
    Delay,
    DropField,
    Duplicate,
    FlipBits,
    GarbleField,
    HollowField,
    LieAboutLength,
    Lose,
    Merge,
    Reorder,
    SetField,
    Split,
    Stale,
    Swap,
    Trickle,
    Truncate,
)
from atmbench.faults.base import Delivery, Direction, Fault, Frame
from atmbench.messages.records import Message
from tests.faults.plain_wire import PlainWire

WIRE = PlainWire()
FIELDS = {2: "9999990000000017", 4: "000000005000", 11: "000118", 39: "00", 52: "0123456789ABCDEF"}


def a_frame(mti: str = "0210", terminal: str = "T01", nth: int = 1, at: float = 0.0, **fields: str) -> Frame:
    data = WIRE.build(Message(mti, {**FIELDS, **{int(name[2:]): value for name, value in fields.items()}}))
    return Frame(
        data=data,
        body=data[2:],
        mti=mti,
        terminal=terminal,
        carrier=terminal,
        line="primary",
        site="A",
        direction=Direction.REPLY,
        at=at,
        nth=nth,
        wire=WIRE,
    )


FRAME = a_frame()


def planned(fault: Fault, frame: Frame = FRAME, *past: Frame) -> list[Delivery]:
    return fault.plan(frame, past, Random(1))


def only(fault: Fault, frame: Frame = FRAME, *past: Frame) -> Delivery:
    [delivery] = planned(fault, frame, *past)
    return delivery


# --- time and traffic ------------------------------------------------------------------------------


def test_nothing_survives_a_cut_or_a_loss() -> None:
    assert planned(Cut()) == []
    assert planned(Lose()) == []


@pytest.mark.parametrize(
    ("by", "dial", "severs"),
    [
        ("silence", "silence", None),
        ("reset", "reset", "reset"),
        ("close", "close", "close"),
        ("refusal", "refuse", "close"),
    ],
)
def test_four_cuts_look_different(by: str, dial: str, severs: str | None) -> None:
    assert Cut(by=by).dial() == dial
    assert Cut(by=by).severs() == severs


def test_a_delay_keeps_the_bytes_and_its_jitter_has_a_bound() -> None:
    assert only(Delay(delay_s=40)) == Delivery(data=FRAME.data, delay_s=40, what="held for 40 s")
    delays = [Delay(delay_s=1, jitter_s=2).plan(FRAME, (), Random(seed))[0].delay_s for seed in range(50)]
    assert min(delays) >= 1
    assert max(delays) <= 3
    assert len(set(delays)) == 50


def test_a_trickle_delivers_every_byte_alone() -> None:
    pieces = planned(Trickle(gap_s=0.5))
    assert b"".join(piece.data for piece in pieces) == FRAME.data
    assert {len(piece.data) for piece in pieces} == {1}
    assert [piece.delay_s for piece in pieces] == [0.5 * index for index in range(len(FRAME.data))]


def test_a_split_cuts_where_it_is_told() -> None:
    pieces = planned(Split(at=(1, 2, 20, 5000), gap_s=1))
    assert [piece.data for piece in pieces] == [FRAME.data[:1], FRAME.data[1:2], FRAME.data[2:20], FRAME.data[20:]]
    assert [piece.delay_s for piece in pieces] == [0, 1, 2, 3]
    assert pieces[0].what == "split before byte 1, 2, 20"


def test_a_random_split_makes_so_many_pieces_of_at_least_one_byte() -> None:
    pieces = planned(Split(pieces=7))
    assert len(pieces) == 7
    assert all(piece.data for piece in pieces)
    assert b"".join(piece.data for piece in pieces) == FRAME.data


def test_merged_frames_wait_for_the_end_of_their_window() -> None:
    fault = Merge(window_s=2)
    end = only(fault, a_frame(at=0.0)).until
    assert end is not None
    assert 0 < end <= 2
    assert [only(fault, a_frame(at=at)).until for at in (end - 0.001, end, end + 1.999)] == [end, end + 2, end + 2]


@given(at=st.floats(0, 1e7), window_s=st.floats(0.001, 60))
@settings(deadline=None, max_examples=200)
def test_a_window_always_ends_after_its_frames(at: float, window_s: float) -> None:
    until = only(Merge(window_s=window_s), a_frame(at=at)).until
    assert until is not None
    assert at < until <= at + window_s * 1.001


def test_a_duplicate_is_the_same_bit_for_bit() -> None:
    assert [(each.data, each.delay_s) for each in planned(Duplicate(copies=2, gap_s=3))] == [
        (FRAME.data, 0),
        (FRAME.data, 3),
        (FRAME.data, 6),
    ]


def test_a_reordered_frame_is_held() -> None:
    assert only(Reorder(hold_s=2)) == Delivery(data=FRAME.data, delay_s=2, what="held back for 2 s")


def test_a_stale_frame_replaces_or_precedes_this_one() -> None:
    first, second = a_frame(DE11="000001"), a_frame(DE11="000002")
    assert only(Stale(), FRAME, first, second).data == second.data
    assert only(Stale(back=2), FRAME, first, second).data == first.data
    assert [each.data for each in planned(Stale(instead=False), FRAME, first)] == [first.data, FRAME.data]
    assert only(Stale(back=2), FRAME, first) == Delivery(data=FRAME.data)


def test_a_swap_exchanges_pairs_and_holds_one_at_most() -> None:
    first, second = a_frame(terminal="T01", DE11="000001"), a_frame(terminal="T02", DE11="000002", nth=2)
    assert planned(Swap(), first) == []
    assert [(each.data, each.to) for each in planned(Swap(), second, first)] == [
        (first.data, ""),
        (second.data, "T01"),
    ]


def test_a_swap_leaves_two_frames_of_one_terminal_where_they_belong() -> None:
    first, second = a_frame(DE11="000001"), a_frame(DE11="000002", nth=2)
    assert [(each.data, each.to) for each in planned(Swap(), second, first)] == [(first.data, ""), (second.data, "")]


# --- bytes -----------------------------------------------------------------------------------------


def bits_that_differ(left: bytes, right: bytes) -> list[int]:
    assert len(left) == len(right)
    return [8 * i + bit for i in range(len(left)) for bit in range(8) if (left[i] ^ right[i]) >> bit & 1]


@pytest.mark.parametrize("count", [1, 3, 8])
def test_so_many_bits_of_the_body_flip_and_the_framing_stays(count: int) -> None:
    for seed in range(20):
        [delivery] = FlipBits(count=count).plan(FRAME, (), Random(seed))
        assert delivery.data[:2] == FRAME.data[:2]
        assert len(bits_that_differ(delivery.data, FRAME.data)) == count


def test_a_bit_is_flipped_where_the_words_say() -> None:
    delivery = only(FlipBits(where="frame", byte=1))
    [place] = bits_that_differ(delivery.data, FRAME.data)
    assert place // 8 == 1
    assert delivery.what == f"bit {place % 8} of byte 1 of the frame flipped"
    assert only(FlipBits(byte=5000)).data == FRAME.data


def test_bits_of_the_length_are_among_those_that_can_flip() -> None:
    flips = [FlipBits(where="frame").plan(FRAME, (), Random(seed))[0].data for seed in range(2000)]
    assert any(data[:2] != FRAME.data[:2] for data in flips)


def test_a_truncated_frame_keeps_so_many_bytes() -> None:
    assert only(Truncate(keep=10)).data == b"\x00\x0a" + FRAME.body[:10]
    assert only(Truncate(keep=10, fix_length=False)).data == FRAME.data[:12]
    assert only(Truncate(keep=5000)).data == FRAME.data


@pytest.mark.parametrize("by", [1, -1, 300])
def test_a_lie_changes_the_length_and_nothing_else(by: int) -> None:
    delivery = only(LieAboutLength(by=by))
    assert delivery.data == (len(FRAME.body) + by).to_bytes(2, "big") + FRAME.body


def test_a_lie_stays_within_what_the_framing_can_say() -> None:
    assert only(LieAboutLength(by=-1000)).data == b"\x00\x01" + FRAME.body
    long = a_frame(DE43="x" * 99)
    assert only(LieAboutLength(by=1000), long) == Delivery(data=long.data)


# --- fields ----------------------------------------------------------------------------------------


def test_a_field_is_set_and_the_rest_stays() -> None:
    delivery = only(SetField(field=39, value="91"))
    assert WIRE.read(delivery.data[2:]) == Message("0210", {**FIELDS, 39: "91"})
    assert delivery.what == "DE39 00 -> 91"
    assert only(SetField(field=38, value="A1B2C3")).what == "DE38 (none) -> A1B2C3"


def test_the_mti_can_be_set() -> None:
    delivery = only(SetField(field="mti", value="0230"))
    assert WIRE.read(delivery.data[2:]) == Message("0230", FIELDS)
    assert delivery.what == "MTI 0210 -> 0230"


def test_a_value_the_dialect_cannot_carry_is_the_drills_mistake() -> None:
    with pytest.raises(LocalError, match="DE39"):
        planned(SetField(field=39, value="9" * 200))


def test_card_data_is_never_told() -> None:
    for fault in (SetField(field=2, value="9999990000000025"), GarbleField(field=52), GarbleField(field=2)):
        what = only(fault).what
        assert what == f"DE{fault.field} changed"


def test_a_garbled_field_has_its_length_and_another_text() -> None:
    for seed in range(20):
        [delivery] = GarbleField(field=39).plan(FRAME, (), Random(seed))
        garbled = WIRE.read(delivery.data[2:]).fields
        assert len(garbled[39]) == 2
        assert garbled[39] != "00"
        assert {**garbled, 39: "00"} == FIELDS
        assert len(delivery.data) == len(FRAME.data)


def test_a_binary_field_is_garbled_in_hexadecimal() -> None:
    garbled = WIRE.read(only(GarbleField(field=52)).data[2:]).fields[52]
    assert garbled != FIELDS[52]
    assert not set(garbled) - set("0123456789ABCDEF")


def test_a_numeric_field_is_garbled_in_digits() -> None:
    garbled = WIRE.read(only(GarbleField(field=4)).data[2:]).fields[4]
    assert garbled != FIELDS[4]
    assert len(garbled) == 12
    assert garbled.isdigit()


def test_a_dropped_field_leaves_the_bitmap_too() -> None:
    fields = {number: text for number, text in FIELDS.items() if number != 11}
    assert WIRE.read(only(DropField(field=11)).data[2:]) == Message("0210", fields)


def test_a_hollow_field_is_promised_by_the_bitmap_and_not_there() -> None:
    body = only(HollowField(field=11)).data[2:]
    assert body[:20] == FRAME.body[:20]
    assert body == FRAME.body.replace(b"06000118", b"", 1)


@pytest.mark.parametrize("fault", [DropField(field=70), HollowField(field=70), GarbleField(field=70)])
def test_a_message_without_the_field_is_left_alone(fault: Fault) -> None:
    assert only(fault) == Delivery(data=FRAME.data)


@pytest.mark.parametrize(
    "fault", [SetField(field=39, value="91"), DropField(field=11), HollowField(field=11), GarbleField(field=11)]
)
def test_what_cannot_be_read_is_left_alone(fault: Fault) -> None:
    broken = msgspec.structs.replace(FRAME, data=b"\0\x04junk", body=b"junk")
    assert only(fault, broken) == Delivery(data=broken.data)


# --- records ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        {"kind": "cut", "by": "axe"},
        {"kind": "cut", "mti": "0210"},
        {"kind": "cut", "by": "reset", "direction": "reply"},
        {"kind": "cut", "by": "close", "from_s": 3},
        {"kind": "delay"},
        {"kind": "delay", "delay_s": -1},
        {"kind": "delay", "delay_s": 1e9},
        {"kind": "lose", "mti": "210"},
        {"kind": "lose", "mti": "02_0"},
        {"kind": "lose", "nth": 0},
        {"kind": "lose", "probability": 1.5},
        {"kind": "lose", "from_s": 5, "until_s": 5},
        {"kind": "lose", "terminal": "T*1"},
        {"kind": "lose", "colour": "red"},
        {"kind": "split", "at": [5, 5]},
        {"kind": "merge", "window_s": 0},
        {"kind": "split", "pieces": 65},
        {"kind": "duplicate", "copies": 101},
        {"kind": "truncate", "keep": 0},
        {"kind": "swap", "nth": 2},
        {"kind": "swap", "first": 3},
        {"kind": "swap", "direction": None},
        {"kind": "flip_bits", "count": 9, "byte": 0},
        {"kind": "lie_about_length", "by": 0},
        {"kind": "set_field", "field": "mti", "value": "21"},
        {"kind": "set_field", "field": 1, "value": ""},
        {"kind": "toxic"},
    ],
)
def test_a_wrong_record_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(record, AnyFault)


def test_a_record_of_a_drill_is_a_fault() -> None:
    record = {"kind": "set_field", "field": 39, "value": "91", "mti": "0210", "nth": 3, "terminal": "T*"}
    fault = msgspec.convert(record, AnyFault)
    assert fault == SetField(field=39, value="91", mti="0210", nth=3, terminal="T*")
    assert msgspec.to_builtins(fault) == record
    assert msgspec.convert({"by": "reset", "line": "primary"}, Cut) == Cut(by="reset", line="primary")
