"""Two-byte framing: any chunks of bytes, and lengths that must not be believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.framing.base import FRAME_BYTES_MAX, FrameError, Framer
from atmbench.framing.registry import framer


def length2() -> Framer:
    return framer("length2")


def test_the_length_is_big_endian_and_counts_the_body_only() -> None:
    assert length2().wrap(b"0800....") == b"\x00\x080800...."
    assert length2().wrap(b"x" * 300)[:2] == b"\x01\x2c"


def test_a_frame_may_come_byte_by_byte() -> None:
    receiving = length2()
    wire = receiving.wrap(b"0800") + receiving.wrap(b"0810")
    got = [(receiving.feed(wire[at : at + 1]), receiving.pending) for at in range(len(wire))]
    assert got == [([], n) for n in range(1, 6)] + [([b"0800"], 0)] + [([], n) for n in range(1, 6)] + [([b"0810"], 0)]


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.lists(st.integers(1, 30), max_size=40))
def test_any_split_gives_the_same_bodies(bodies: list[bytes], cuts: list[int]) -> None:
    receiving = length2()
    wire = b"\x00\x00".join(receiving.wrap(body) for body in bodies)
    got: list[bytes] = []
    for cut in cuts:
        got += receiving.feed(wire[:cut])
        wire = wire[cut:]
    got += receiving.feed(wire)
    assert got == bodies
    assert receiving.pending == 0
    assert receiving.keep_alives == max(len(bodies) - 1, 0)


def test_an_empty_frame_is_a_keep_alive() -> None:
    receiving = length2()
    assert receiving.feed(b"\x00\x00\x00\x00\x00\x02ab\x00") == [b"ab"]
    assert (receiving.keep_alives, receiving.pending) == (2, 1)


def test_an_incredible_length_kills_the_stream_and_keeps_what_came_before() -> None:
    receiving = length2()
    with pytest.raises(FrameError) as caught:
        receiving.feed(b"\x00\x02ab\xff\xffcd")
    assert (caught.value.bodies, caught.value.position, caught.value.raw) == ((b"ab",), 4, b"\xff\xffcd")
    assert "65535" in str(caught.value)
    with pytest.raises(FrameError) as again:
        receiving.feed(b"\x00\x02ab")
    assert again.value.bodies == ()
    assert receiving.pending == 0


def test_a_line_of_text_without_frames_is_found_out_at_once() -> None:
    for first in (b"  ", b"02", b"~~", b"ISO", b"\r\n00"[2:]):
        with pytest.raises(FrameError):
            length2().feed(first + b"00")


def test_the_longest_frame_passes_and_one_more_byte_does_not() -> None:
    receiving = length2()
    longest = b"x" * FRAME_BYTES_MAX
    assert receiving.feed(receiving.wrap(longest)) == [longest]
    with pytest.raises(LocalError):
        receiving.wrap(longest + b"x")
    with pytest.raises(FrameError):
        receiving.feed((FRAME_BYTES_MAX + 1).to_bytes(2, "big"))
    with pytest.raises(LocalError):
        receiving.wrap(b"")


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_memory_is_bounded_whatever_comes(chunks: list[bytes]) -> None:
    receiving = length2()
    for chunk in chunks:
        try:
            bodies = receiving.feed(chunk)
        except FrameError:
            assert receiving.pending == 0
            return
        assert all(bodies)
        assert receiving.pending < FRAME_BYTES_MAX + 2


def test_an_unknown_framing_names_the_known_ones() -> None:
    with pytest.raises(LocalError, match="length2"):
        framer("length9")
