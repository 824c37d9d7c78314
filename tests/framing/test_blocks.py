"""Blocks of serial lines: their bytes as the facts say, and the same units however the bytes come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.framing.base import FRAME_BYTES_MAX, FrameError
from atmbench.framing.blocks import (
    ACK,
    CONTROLS,
    DISCONNECT,
    ENQ,
    EOT,
    NAK,
    Block,
    BlockFramer,
    BlockLayout,
    Control,
    Damaged,
    Unit,
    UnitReader,
    lrc,
)
from atmbench.framing.link_styles import SerialSettings
from tests.framing.host_line import HOST_LINE, Frame

TEXT = BlockLayout()
COUNTED = SerialSettings(length="binary2").layout
LAYOUTS = [
    TEXT,
    COUNTED,
    SerialSettings(length="bcd2").layout,
    SerialSettings(length="bcd2", tpdu="6000030000").layout,
]
texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=40).map(str.encode)


def framed(layout: BlockLayout, body: bytes) -> bytes:
    return BlockFramer(layout).wrap(body)


def read(layout: BlockLayout, *chunks: bytes) -> list[Unit]:
    reader = UnitReader(layout)
    return [unit for chunk in chunks for unit in reader.feed(chunk)]


# --- golden ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", HOST_LINE.frames, ids=lambda frame: frame.name)
def test_a_block_has_the_bytes_of_the_facts(frame: Frame) -> None:
    framer = BlockFramer(frame.serial.layout)
    assert framer.wrap(frame.payload.encode()) == bytes.fromhex(frame.hex)
    assert framer.feed(bytes.fromhex(frame.hex)) == [frame.payload.encode()]


def test_the_check_over_characters_with_parity_keeps_its_low_bits() -> None:
    for each in HOST_LINE.parity:
        covered = bytes.fromhex(each["hex"])
        assert lrc(covered) == bytes.fromhex(each["lrc"])
        assert lrc(bytes(byte & 0x7F for byte in covered)) == b"\x01"


def test_controls_are_those_of_the_facts() -> None:
    assert {bytes.fromhex(raw): name for name, raw in HOST_LINE.controls.items()} == CONTROLS


@pytest.mark.parametrize("addresses", HOST_LINE.addresses, ids=lambda each: each["request"])
def test_an_answer_swaps_the_addresses(addresses: dict[str, str]) -> None:
    request, answer = (bytes.fromhex(addresses[each]) for each in ("request", "answer"))
    framer = BlockFramer(SerialSettings(length="binary2", tpdu=request.hex()).layout)
    assert framer.answer_to(b"") == framer.answer_to(request) == answer
    assert framer.feed(framer.wrap(b"0200")) == [b"0200"]
    assert framer.headers == [request]
    assert framer.feed(framer.wrap(b"0210", answer)) == [b"0210"]
    assert framer.headers == [answer]


# --- units ----------------------------------------------------------------------------------------


@given(
    st.sampled_from(LAYOUTS),
    st.lists(st.one_of(texts, st.sampled_from([ENQ, ACK, NAK, EOT, DISCONNECT])), max_size=6),
    st.lists(st.integers(0, 300), max_size=8),
)
def test_units_come_out_whatever_the_reads(layout: BlockLayout, said: list[bytes], cuts: list[int]) -> None:
    wire = [each if each in CONTROLS else framed(layout, each) for each in said]
    data = b"".join(wire)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    units = read(layout, *(data[start:end] for start, end in pairwise(places)))
    assert [unit.raw for unit in units] == wire
    assert not any(isinstance(unit, Damaged) for unit in units)


@given(st.sampled_from(LAYOUTS), st.binary(max_size=300))
def test_any_bytes_are_read_and_little_is_kept(layout: BlockLayout, data: bytes) -> None:
    reader = UnitReader(layout)
    for unit in reader.feed(data):
        assert not isinstance(unit, Block) or lrc(unit.raw[1:-1]) == unit.raw[-1:]
    assert len(reader.pending) <= len(data)
    reader.give_up()
    assert reader.pending == b""
    assert reader.feed(ENQ) == [Control(ENQ)]


@given(texts, st.data())
def test_one_flipped_bit_of_a_counted_block_is_always_found(text: bytes, data: st.DataObject) -> None:
    block = bytearray(framed(COUNTED, text))
    place = data.draw(st.integers(24, 8 * len(block) - 1), label="bit behind the length")
    block[place // 8] ^= 1 << place % 8
    assert [type(unit) for unit in read(COUNTED, bytes(block))] == [Damaged]


def test_noise_between_blocks_is_dropped() -> None:
    assert read(TEXT, b"\x10noise", ENQ, b"\x7f\x03\x15"[:2], framed(TEXT, b"0200")) == [
        Control(ENQ),
        Block(framed(TEXT, b"0200"), b"0200"),
    ]


@pytest.mark.parametrize(
    ("layout", "raw", "because"),
    [
        (TEXT, "02 30 32 30 30 03 02", "the LRC of a block is 02; its bytes make 01"),
        (TEXT, "02 03 03", "a block is empty"),
        (TEXT, "02 30 05 30 03 06", "a block holds a control character"),
        (COUNTED, "02 00 02 30 30 30 33", "does not end where its length says"),
        (LAYOUTS[3], "02 00 05 60 00 03 00 00 03 65", "a block is empty"),
    ],
)
def test_what_is_no_block_is_told_and_kept_together(layout: BlockLayout, raw: str, because: str) -> None:
    [unit] = read(layout, bytes.fromhex(raw))
    assert isinstance(unit, Damaged)
    assert because in unit.because
    assert unit.raw == bytes.fromhex(raw)


def test_a_block_that_begins_anew_replaces_the_one_before() -> None:
    damaged, block = read(TEXT, b"\x020200", framed(TEXT, b"0800"))
    assert damaged == Damaged(b"\x020200", "a block begins inside of a block")
    assert block == Block(framed(TEXT, b"0800"), b"0800")


@pytest.mark.parametrize("length", ["00 00", "FF FF", "20 01"])
def test_a_length_that_must_not_be_believed_is_not_waited_for(length: str) -> None:
    [unit] = read(COUNTED, b"\x02" + bytes.fromhex(length))
    assert isinstance(unit, Damaged)
    assert "cannot have a length of" in unit.because


def test_a_block_has_a_bound() -> None:
    reader = UnitReader(TEXT)
    units = [unit for _ in range(3) for unit in reader.feed(b"\x02"[: not reader.pending] + b"0" * FRAME_BYTES_MAX)]
    assert any(isinstance(unit, Damaged) and "more than" in unit.because for unit in units)
    assert len(reader.pending) <= FRAME_BYTES_MAX + 3


# --- as a framer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("byte", bytes.fromhex(HOST_LINE.not_in_text))
def test_text_must_not_hold_what_receivers_stop_at(byte: int) -> None:
    body = b"0200" + bytes([byte])
    with pytest.raises(LocalError, match=f"byte 4 of a body is {byte:02x}, and a block of text .* length: binary2"):
        framed(TEXT, body)
    assert BlockFramer(COUNTED).feed(framed(COUNTED, body)) == [body]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", [0, FRAME_BYTES_MAX + 1])
def test_a_body_of_no_size_or_too_much_is_refused(layout: BlockLayout, size: int) -> None:
    with pytest.raises(LocalError, match="cannot be framed"):
        framed(layout, b"0" * size)


def test_a_frame_that_lies_gives_out_the_good_ones_before_it_and_ends_the_framer() -> None:
    framer = BlockFramer(TEXT)
    with pytest.raises(FrameError, match="LRC") as refused:
        framer.feed(framed(TEXT, b"0200") + b"\x020300\x03\x7f")
    assert refused.value.bodies == (b"0200",)
    with pytest.raises(FrameError, match="LRC"):
        framer.feed(framed(TEXT, b"0200"))
    assert framer.pending == 0


def test_a_tpdu_needs_a_length() -> None:
    with pytest.raises(LocalError, match="a TPDU is binary: say length: binary2"):
        _ = SerialSettings(tpdu="6000030000").layout


@pytest.mark.parametrize(("line_format", "bits"), [("8N1", 10), ("8E1", 11), ("7E1", 10), ("8N2", 11)])
def test_a_character_takes_its_bits(line_format: str, bits: int) -> None:
    assert SerialSettings(baud=1200, format=line_format).char_s == bits / 1200
