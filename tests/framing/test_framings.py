"""Every framing: its bytes as the facts say, and the same bodies however the bytes come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.framing.base import FRAME_BYTES_MAX, FrameError, Framer
from atmbench.framing.layouts import FramingSettings
from atmbench.framing.registry import framer
from tests.framing.golden import BODY, GOLDEN, NAMES, VARIANTS, WITH_LENGTH

EMPTY = {
    "length2": "0000",
    "length3": "000000",
    "length4": "00000000",
    "ascii4": "30303030",
    "hex4": "30303030",
    "bcd2": "0000",
    "amex": "0002",
    "nac": "0000",
    "ncc": "0000",
    "cs": "00000000",
    "gicc": "00000000",
    "rbp": "d04a00000000",
    "visa": "00000000",
    "vap": "00000000",
    "base24_tcp": "0000",
    "base24": "03",
}
"""An empty frame of each."""
PENDING_MAX = FRAME_BYTES_MAX + 64
"""A body and all that may stand around it."""


def fed(receiving: Framer, chunks: list[bytes]) -> list[bytes]:
    return [body for chunk in chunks for body in receiving.feed(chunk)]


@pytest.mark.parametrize("name", NAMES)
def test_the_bytes_are_those_of_the_facts(name: str) -> None:
    before, behind = GOLDEN[name]
    assert framer(name).wrap(BODY) == before + BODY + behind
    assert framer(name).feed(before + BODY + behind) == [BODY]


@pytest.mark.parametrize(("settings", "before", "behind"), VARIANTS, ids=str)
def test_settings_change_what_they_name(settings: FramingSettings, before: str, behind: str) -> None:
    wire = bytes.fromhex(before) + BODY + bytes.fromhex(behind)
    assert framer(settings).wrap(BODY) == wire
    assert framer(settings).feed(wire) == [BODY]


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_may_come_byte_by_byte(name: str) -> None:
    receiving = framer(name)
    wire = receiving.wrap(b"0200") + receiving.wrap(b"0210")
    assert fed(receiving, [wire[at : at + 1] for at in range(len(wire))]) == [b"0200", b"0210"]
    assert receiving.pending == 0


@pytest.mark.parametrize("name", NAMES)
def test_two_frames_may_come_in_two_reads_split_anywhere(name: str) -> None:
    wire = framer(name).wrap(BODY) + framer(name).wrap(b"0810")
    for at in range(len(wire) + 1):
        receiving = framer(name)
        first = receiving.feed(wire[:at])
        assert receiving.pending + sum(len(framer(name).wrap(body)) for body in first) == at
        assert first + receiving.feed(wire[at:]) == [BODY, b"0810"]
        assert receiving.pending == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_frame_is_a_keep_alive(name: str) -> None:
    receiving = framer(name)
    empty = bytes.fromhex(EMPTY[name])
    assert receiving.feed(empty + receiving.wrap(BODY) + empty + empty) == [BODY]
    assert (receiving.keep_alives, receiving.pending, receiving.echo) == (3, 0, b"")


@pytest.mark.parametrize(("name", "envelope"), [("nac", "0005 6000030000"), ("base24_tcp", "0001 03")])
def test_an_envelope_without_a_body_is_empty_too(name: str, envelope: str) -> None:
    receiving = framer(name)
    assert receiving.feed(bytes.fromhex(envelope)) == []
    assert (receiving.keep_alives, list(receiving.headers)) == (1, [])


@pytest.mark.parametrize("name", ["length2", "length3", "ascii4", "cs", "gicc", "vap", "base24_tcp", "nac"])
def test_keep_alives_are_echoed_if_that_is_asked_for(name: str) -> None:
    receiving = framer(FramingSettings(name=name, keep_alive="echo"))
    empty = bytes.fromhex(EMPTY[name])
    assert receiving.feed(empty + receiving.wrap(BODY) + empty + empty[:1]) == [BODY]
    assert receiving.echo == empty + empty
    assert receiving.feed(empty[1:]) == []
    assert receiving.echo == empty
    assert receiving.feed(receiving.wrap(BODY)) == [BODY]
    assert receiving.echo == b""


def test_a_heartbeat_of_session_control_is_passed_over_with_what_it_holds() -> None:
    receiving = framer("visa")
    assert receiving.feed(bytes.fromhex("000F0020") + b"x" * 15 + receiving.wrap(BODY)) == [BODY]
    assert receiving.keep_alives == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_longest_body_passes_and_one_more_byte_does_not(name: str) -> None:
    most = {"visa": 2048, "base24": 4095}.get(name, FRAME_BYTES_MAX)
    receiving = framer(name)
    assert receiving.feed(receiving.wrap(b"x" * most)) == [b"x" * most]
    for size in (0, most + 1):
        with pytest.raises(LocalError, match=f"a body of {size} bytes .* 1 to {most}"):
            receiving.wrap(b"x" * size)


def test_a_lower_bound_holds_both_ways() -> None:
    short = framer(FramingSettings(name="nac", bytes_max=8))
    assert short.feed(short.wrap(BODY)) == [BODY]
    with pytest.raises(LocalError, match="1 to 8"):
        short.wrap(BODY + b".")
    with pytest.raises(FrameError, match="a frame of 14 bytes was announced; the longest allowed is 13"):
        short.feed(framer("nac").wrap(BODY + b"."))


def test_what_is_alike_before_and_behind_an_end_is_a_body_and_the_rest_of_the_next() -> None:
    receiving = framer("base24")
    assert receiving.feed(b"a\x03a") == [b"a"]
    assert (receiving.feed(b"\x03\x03"), receiving.keep_alives) == ([b"a"], 1)


def test_a_body_that_holds_its_own_end_is_not_framed() -> None:
    with pytest.raises(LocalError, match="byte 2 of a body is 03"):
        framer("base24").wrap(b"02\x03")
    assert framer("base24_tcp").feed(framer("base24_tcp").wrap(b"02\x03")) == [b"02\x03"]


@given(
    st.sampled_from(NAMES),
    st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    st.lists(st.integers(1, 30), max_size=40),
)
def test_any_bodies_come_back_from_any_chunks(name: str, bodies: list[bytes], cuts: list[int]) -> None:
    if name == "base24":
        bodies = [body.replace(b"\x03", b"\x02") for body in bodies]
    receiving = framer(name)
    wire = bytes.fromhex(EMPTY[name]).join(receiving.wrap(body) for body in bodies)
    chunks = []
    for cut in cuts:
        chunks.append(wire[:cut])
        wire = wire[cut:]
    assert fed(receiving, [*chunks, wire]) == bodies
    assert receiving.pending == 0
    assert receiving.keep_alives == max(len(bodies) - 1, 0)


@given(st.sampled_from(NAMES), st.data())
def test_anything_at_all_is_frames_or_a_frame_error_and_memory_is_bounded(name: str, data: st.DataObject) -> None:
    good = framer(name).wrap(BODY)
    chunk = st.binary(max_size=60) | st.just(good) | st.integers(0, len(good)).map(lambda at: good[at:])
    receiving = framer(FramingSettings(name=name, keep_alive="ignore"))
    for each in data.draw(st.lists(chunk, max_size=30)):
        try:
            bodies = receiving.feed(each)
        except FrameError:
            assert receiving.pending == 0
            with pytest.raises(FrameError) as again:
                receiving.feed(good)
            assert again.value.bodies == ()
            return
        assert all(bodies)
        assert len(receiving.headers) in (0, len(bodies))
        assert receiving.pending < PENDING_MAX


@pytest.mark.parametrize("name", WITH_LENGTH)
def test_a_frame_that_never_ends_is_held_once(name: str) -> None:
    receiving = framer(name)
    whole = receiving.wrap(b"x" * 2000)
    assert receiving.feed(whole + whole[:-1]) == [b"x" * 2000]
    assert receiving.pending == len(whole) - 1
