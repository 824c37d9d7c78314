"""The segments of a connection follow each other as TCP has it, whatever passes and however it ends."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.faults.base import Direction
from atmbench.store.segments import (
    SEGMENT_BYTES_MAX,
    UNACKNOWLEDGED_BYTES_MAX,
    WINDOW_BYTES,
    Conversation,
    Endpoint,
    Flag,
    Segment,
    checksum,
    packet,
)
from tests.store.wire import sums_to_zero

REQUEST, REPLY = Direction.REQUEST, Direction.REPLY
TERMINAL = Endpoint(IPv4Address("198.18.0.1"), 49152)
SITE = Endpoint(IPv4Address("198.19.0.1"), 8583)


def told(segments: list[Segment]) -> list[str]:
    """Direction, flags by their letters, numbers and size of each."""
    letters = {Flag.SYN: "S", Flag.FIN: "F", Flag.RST: "R", Flag.PSH: "P", Flag.ACK: "A"}
    return [
        f"{'>' if each.direction is REQUEST else '<'} {''.join(letters[one] for one in letters if one in each.flags)}"
        f" {each.sequence}/{each.acknowledged}" + (f" +{each.size}" if each.size else "")
        for each in segments
    ]


def test_a_withdrawal_and_an_orderly_end() -> None:
    one = Conversation()
    assert told(one.open()) == ["> S 0/0", "< SA 0/1", "> A 1/1"]
    assert told(one.data(REQUEST, 200)) == ["> PA 1/1 +200"]
    assert told(one.data(REPLY, 100)) == ["< PA 1/201 +100"]
    assert told(one.end(REQUEST, rude=False)) == ["> FA 201/101", "< A 101/202"]
    assert told(one.data(REPLY, 7)) == ["< PA 101/202 +7"], "the other direction stands"
    assert told(one.end(REPLY, rude=False)) == ["< FA 108/202", "> A 202/109"]
    assert one.data(REQUEST, 5) == []
    assert one.end(REQUEST, rude=False) == []


def test_a_reset_ends_both_directions() -> None:
    one = Conversation()
    one.open()
    one.data(REQUEST, 10)
    assert told(one.end(REPLY, rude=True)) == ["< RA 1/11"]
    assert one.data(REQUEST, 5) == []
    assert one.data(REPLY, 5) == []
    assert one.end(REQUEST, rude=True) == []


def test_a_refused_dial_is_a_syn_and_a_reset() -> None:
    assert told(Conversation().refuse()) == ["> S 0/0", "< RA 0/1"]


def test_much_data_is_cut_into_segments() -> None:
    one = Conversation()
    one.open()
    assert told(one.data(REQUEST, 2 * SEGMENT_BYTES_MAX + 1)) == [
        f"> A 1/1 +{SEGMENT_BYTES_MAX}",
        f"> A {1 + SEGMENT_BYTES_MAX}/1 +{SEGMENT_BYTES_MAX}",
        f"> PA {1 + 2 * SEGMENT_BYTES_MAX}/1 +1",
    ]


def test_who_only_listens_acknowledges_now_and_then() -> None:
    one = Conversation()
    one.open()
    segments = one.data(REPLY, 3 * UNACKNOWLEDGED_BYTES_MAX)
    answers = [each for each in segments if each.direction is REQUEST]
    assert len(answers) == 2
    assert all(each.flags == Flag.ACK and not each.size for each in answers)


acts = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(Direction), st.integers(1, 4 * SEGMENT_BYTES_MAX)),
        st.tuples(st.sampled_from(Direction), st.sampled_from(["close", "reset"])),
    ),
    max_size=40,
)


@given(acts)
def test_every_segment_follows_the_one_before_it(acts: list[tuple[Direction, int | str]]) -> None:
    one = Conversation()
    segments = one.open()
    sent = {REQUEST: 0, REPLY: 0}
    for direction, what in acts:
        if isinstance(what, int):
            more = one.data(direction, what)
            sent[direction] += what if more else 0
        else:
            more = one.end(direction, rude=what == "reset")
        segments += more
    following = {REQUEST: 0, REPLY: 0}
    acknowledged = {REQUEST: 0, REPLY: 0}
    for each in segments:
        back = REPLY if each.direction is REQUEST else REQUEST
        assert each.sequence == following[each.direction], "nothing is missing and nothing comes twice"
        following[each.direction] += each.size + bool(each.flags & (Flag.SYN | Flag.FIN))
        assert each.size <= SEGMENT_BYTES_MAX
        if Flag.ACK in each.flags:
            assert acknowledged[back] <= each.acknowledged == following[back]
            acknowledged[back] = each.acknowledged
        assert following[each.direction] - acknowledged[each.direction] < WINDOW_BYTES
    assert [sum(each.size for each in segments if each.direction is way) for way in Direction] == [*sent.values()]


@pytest.mark.parametrize("direction", list(Direction))
@given(data=st.binary(max_size=50), sequence=st.integers(0, 2**33))
def test_packets_have_right_headers_and_checksums(direction: Direction, data: bytes, sequence: int) -> None:
    raw = packet(Segment(direction, sequence, 7, Flag.PSH | Flag.ACK, len(data)), TERMINAL, SITE, data)
    ends = (TERMINAL, SITE) if direction is REQUEST else (SITE, TERMINAL)
    assert raw[12:20] == ends[0].address.packed + ends[1].address.packed
    assert [int.from_bytes(raw[at : at + 2]) for at in (20, 22)] == [each.port for each in ends]
    assert int.from_bytes(raw[24:28]) == sequence % 2**32
    assert raw[40:] == data
    assert sums_to_zero(raw[:20])
    assert sums_to_zero(raw[12:20] + b"\0\6" + len(raw[20:]).to_bytes(2) + raw[20:])


def test_the_checksum_of_the_example_in_rfc_1071() -> None:
    assert checksum(bytes.fromhex("0001 f203 f4f5 f6f7")) == bytes.fromhex("220d")
