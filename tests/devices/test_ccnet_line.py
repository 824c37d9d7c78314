"""The line to a CCNET unit: golden frames, and answers written by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from atmbench import shipped
from atmbench.devices.b2b_words import (
    CASSETTE_STATUS,
    EMPTY_DISPENSER,
    ESCROW_TYPE,
    POWER_RECOVERY,
    Cassette,
    Cut,
    dispense,
    read_cassettes,
    read_cut,
    unload,
)
from atmbench.devices.ccnet_line import TRIES, Command, Failure, Line, Reply, crc, framed
from atmbench.devices.ccnet_words import BILL_TABLE, DISABLE, HOLD, POLL, RESET, RETURN, STACK, Says, enable, read_poll
from atmbench.devices.ccnet_words import read_table as read
from atmbench.errors import RemoteError

FRAMES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(shipped.read("frames", "note_acceptor.yaml"))
COMMANDS = {
    "reset": RESET,
    "poll": POLL,
    "enable all types with escrow": enable(frozenset(range(24))),
    "disable": DISABLE,
    "stack": STACK,
    "return": RETURN,
    "hold": HOLD,
    "get bill table": BILL_TABLE,
    "recycler poll": POLL,
    "recycler stack": STACK,
    "recycling cassette status": CASSETTE_STATUS,
    "power recovery": POWER_RECOVERY,
    "empty dispenser": EMPTY_DISPENSER,
    "dispense three of the escrow": dispense(ESCROW_TYPE, 3),
    "unload three of cassette 1": unload(1, 3),
}
SAYS = {
    "disabled": Says.DISABLED,
    "idling": Says.IDLING,
    "escrow": Says.ESCROW,
    "stacked": Says.STACKED,
    "returned": Says.RETURNED,
    "rejecting": Says.REJECTING,
    "power_up": Says.POWER_UP,
    "initialising": Says.INITIALISING,
    "accepting": Says.ACCEPTING,
    "stacking": Says.STACKING,
    "cassette_out": Says.CASSETTE_OUT,
    "failure": Says.FAILURE,
    "dispensing": Says.DISPENSING,
    "dispensed": Says.DISPENSED,
    "unloading": Says.UNLOADING,
    "unloaded": Says.UNLOADED,
    "wrong_number": Says.WRONG_NUMBER,
}


class Desk:
    """A line whose other end is written by hand."""

    is_open = True

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.replies: list[Reply] = []
        self.alarm: float | None = None
        self.then: Callable[[], None] = lambda: None
        self.line = Line(self, unit=3, answer_s=0.2, set_alarm=self._set, done=lambda reply, now: self._end(reply))

    def _set(self, at: float | None) -> None:
        self.alarm = at

    def _end(self, reply: Reply) -> None:
        self.replies.append(reply)
        self.then()

    def send(self, data: bytes) -> None:
        self.sent.append(data[3:-2].hex())

    def hears(self, body: str, now: float = 0.0) -> "Desk":
        self.line.on_bytes(framed(3, bytes.fromhex(body)), now)
        return self


@pytest.mark.parametrize("golden", FRAMES, ids=lambda golden: golden["name"])
def test_golden_frames(golden: dict[str, Any]) -> None:
    body = bytes.fromhex(golden["body"])
    assert framed(golden.get("unit", 3), body) == bytes.fromhex(golden["frame"])
    if "told" in golden:
        told = golden["told"]
        stacked = tuple(tuple(each) for each in told.get("stacked", []))
        assert read_cut(body) == Cut(told["cut"], stacked, told["moved"])
    if golden["name"] in COMMANDS:
        assert COMMANDS[golden["name"]].body == body
    if "state" in golden:
        seen = read_poll(body)
        assert (seen.code, seen.detail) == (SAYS[golden["state"]], golden.get("detail"))


def test_the_crc_is_the_one_of_kermit() -> None:
    assert crc(b"123456789") == 0x2189


def test_what_is_told_is_acknowledged_and_followed_by_a_pause() -> None:
    desk = Desk()
    desk.line.ask(POLL, 0.0)
    assert desk.hears("8002").replies == [b"\x80\x02"]
    desk.line.ask(STACK, 0.0)
    assert (desk.sent, desk.alarm) == (["33", "00"], 0.02)
    desk.line.on_time(0.02)
    assert desk.hears("00", 0.03).replies[1:] == [b"\x00"]
    assert desk.sent == ["33", "00", "35"], "an ACK is not acknowledged"


def test_a_damaged_answer_is_refused_and_asked_for_again() -> None:
    desk = Desk()
    desk.line.ask(POLL, 0.0)
    desk.line.on_bytes(bytes.fromhex("020306 15 67D4"), 0.0)
    desk.line.on_time(0.02)
    assert desk.hears("14", 0.03).replies == [b"\x14"]
    assert desk.sent == ["33", "ff", "33", "00"]


def test_silence_is_asked_three_times() -> None:
    desk = Desk()
    desk.line.ask(HOLD, 0.0)
    for number in range(TRIES):
        desk.line.on_time(0.2 * (number + 1))
    assert (desk.sent, desk.replies) == (["38"] * 3, [Failure.NO_ANSWER])


@pytest.mark.parametrize("command", [STACK, RETURN])
def test_what_moves_a_note_is_never_said_into_silence_again(command: Command) -> None:
    desk = Desk()
    desk.line.ask(command, 0.0)
    desk.line.on_time(0.2)
    assert (desk.sent, desk.replies) == ([command.body.hex()], [Failure.NO_ANSWER])


def test_what_is_told_is_entered_before_it_is_acknowledged() -> None:
    desk = Desk()
    desk.then = lambda: desk.sent.append("entered")
    desk.line.ask(POLL, 0.0)
    assert desk.hears("8102").sent == ["33", "entered", "00"]


def test_an_answer_that_looks_like_an_ack_is_acknowledged_where_it_may_come() -> None:
    desk = Desk()
    desk.line.ask(Command(b"\x66", frozenset({1}), answer_s=2.5, is_ack_told=True), 0.0)
    assert desk.alarm == 2.5
    assert desk.hears("00").replies == [b"\x00"]
    assert desk.sent == ["66", "00"]


def test_refused_three_times() -> None:
    desk = Desk()
    desk.line.ask(HOLD, 0.0)
    for number in range(TRIES):
        desk.hears("ff", 0.1 * number)
        desk.line.on_time(0.1 * number + 0.02)
    assert desk.replies == [Failure.REFUSED]


def test_a_late_answer_of_another_kind_is_not_taken() -> None:
    desk = Desk()
    desk.line.ask(STACK, 0.0)
    assert desk.hears("8002").replies == []
    assert desk.hears("30").replies == [b"\x30"]
    assert desk.sent == ["35"]


def test_the_cassettes_of_a_recycler() -> None:
    body = next(bytes.fromhex(each["body"]) for each in FRAMES if each["name"].startswith("an escrow cassette"))
    assert read_cassettes(body) == {1: Cassette(24, 3), 2: Cassette(31, 0), 3: Cassette(31, 0)}
    assert read_cassettes(b"\x18\x03\xd8\x64") == {2: Cassette(24, 100)}, "the first is not there, the second is full"


@pytest.mark.parametrize("body", ["19", "190000", "17", "3c", "0000", "80"])
def test_what_is_no_answer_about_a_power_cut(body: str) -> None:
    assert read_cut(bytes.fromhex(body)) is None


@given(st.lists(st.binary(max_size=600), max_size=5))
def test_hostile_bytes_do_no_harm(chunks: list[bytes]) -> None:
    desk = Desk()
    desk.line.ask(BILL_TABLE, 0.0)
    for chunk in chunks:
        desk.line.on_bytes(chunk, 0.1)
    desk.line.on_time(0.3)
    assert len(desk.sent) <= 2 * TRIES


def test_the_bill_table() -> None:
    entries = b"\x01NGN\x03" + b"\x05NGN\x81" + b"\x01USA\x01" + b"\x19NGN\x00"
    assert read(entries.ljust(120, b"\0"), "NGN", "NGN") == {0: 100_000, 1: 50, 3: 2_500}
    with pytest.raises(RemoteError, match="24 entries"):
        read(entries, "NGN", "NGN")
