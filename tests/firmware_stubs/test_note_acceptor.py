"""The CCNET validator stub: golden frames, transcripts of its line, and power failure at any instant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.catalog import make_core
from firmware_stubs.errors import OrderError
from firmware_stubs.note_acceptor.link import Link, crc, framed
from firmware_stubs.note_acceptor.settings import Settings
from firmware_stubs.note_acceptor.states import State
from firmware_stubs.note_acceptor.stub import NoteAcceptor
from tests.firmware_stubs.note_acceptor_play import (
    ACK,
    DISABLE,
    ENABLE,
    HOLD,
    ILLEGAL,
    NAK,
    NOTE,
    POLL,
    RESET,
    RETURN,
    STACK,
    TABLE,
    Play,
    frames,
    piled,
)


@pytest.mark.parametrize("golden", frames(), ids=lambda golden: golden["name"])
def test_golden_frames(golden: dict[str, Any]) -> None:
    unit, frame, body = golden.get("unit", 3), bytes.fromhex(golden["frame"]), bytes.fromhex(golden["body"])
    assert framed(unit, body) == frame
    assert Link(unit, 0.2).feed(frame, 0) == [body]
    if "state" in golden:
        assert State[golden["state"].upper()] == body[0]


def test_the_crc_is_the_one_of_kermit() -> None:
    assert crc(b"123456789") == 0x2189


def test_power_up_to_idling() -> None:
    play = Play(raw=True)
    assert play.poll() == "10"
    assert play.ask(ENABLE) == ILLEGAL
    assert play.ask(RESET) == ACK
    assert play.polls(3) == ["13", "19"]
    assert play.ask(ENABLE) == ACK
    assert play.poll() == "14"
    assert play.ask(DISABLE) == ACK
    assert play.poll() == "19"


def test_the_bill_table() -> None:
    table = Play(raw=True).ask(TABLE)[3:-2]
    assert len(table) == 120
    assert table[:15] == b"\x01NGN\x01" + b"\x02NGN\x01" + b"\x05NGN\x01"
    assert table[35:] == bytes(85)
    assert Settings(bills_minor=(25, 5)).table()[:10] == b"\x19NGN\x82" + b"\x05NGN\x82"
    assert Play().ask(TABLE) == ILLEGAL, "not while idling"
    with pytest.raises(OrderError, match="too many digits"):
        make_core("ccnet", {"bills_minor": [12_345]}, {})


def test_a_note_is_stacked() -> None:
    play = Play().order("insert_note", value=NOTE)
    assert play.polls(1.5) == ["15", "8002"]
    assert play.ask(STACK) == ACK
    assert play.ask(STACK) == ILLEGAL
    assert play.polls(2) == ["17", "8102", "14"]
    assert play.seen["cassette"] == {"5000": 1}
    assert play.told == [("inserted", NOTE), ("stacked", NOTE)]


def test_a_note_is_returned() -> None:
    play = Play().order("insert_note", value=NOTE).wait(1.5)
    assert play.ask(RETURN) == ACK
    assert play.polls(2) == ["18", "8202", "14"]
    with pytest.raises(OrderError, match="sticks out"):
        play.order("insert_note", value=NOTE)
    play.order("take_note").order("insert_note", value=NOTE)


def test_a_note_in_escrow_goes_back_by_itself_unless_it_is_held() -> None:
    play = Play().order("insert_note", value=NOTE).wait(10.5)
    assert play.ask(HOLD) == ACK
    assert play.polls(9.5) == ["1a"]
    assert play.polls(3) == ["1a", "18", "8202", "14"]
    assert play.ask(HOLD) == ILLEGAL


def test_a_credit_is_repeated_until_it_is_acknowledged() -> None:
    play = Play().order("insert_note", value=NOTE).wait(1.5)
    play.ask(STACK)
    play.wait(2).order("link_fault", at="end_lost", command="credit")
    assert play.poll(acknowledge=False) == "8102"
    assert play.poll() == "8102", "the first ACK is lost"
    assert play.poll() == "8102"
    assert play.poll() == "14"
    assert play.seen["cassette"] == {"5000": 1}


def test_a_credit_is_told_once_if_set_so() -> None:
    play = Play(credit_repeats=False).order("insert_note", value=NOTE).wait(1.5)
    play.ask(STACK)
    play.wait(2)
    assert [play.poll(acknowledge=False), play.poll()] == ["8102", "14"]


def test_a_type_without_escrow_is_stacked_at_once() -> None:
    play = Play()
    play.ask(framed(3, bytes.fromhex("34 000004 000000")))
    play.order("insert_note", value=NOTE)
    assert play.polls(3) == ["15", "17", "8102", "14"]
    play.order("insert_note", value=1_000)
    assert play.polls(3) == ["15", "1c68", "14"], "a type that is not enabled"


@pytest.mark.parametrize(("order", "value", "says"), [({}, 33, "1c65"), ({"is": "reject", "code": "6A"}, NOTE, "1c6a")])
def test_a_note_is_rejected(order: dict[str, Any], value: int, says: str) -> None:
    play = Play()
    if order:
        play.order("fault", **order)
    assert play.order("insert_note", value=value).polls(3) == ["15", says, "14"]
    assert play.seen["bezel"] == value


@pytest.mark.parametrize(
    ("harm", "ask", "says", "place"),
    [
        ("jam_validator", STACK, "43", "validator"),
        ("jam_cassette", STACK, "44", "stacker"),
        ("jam_returning", RETURN, "43", "validator"),
    ],
)
def test_a_jam_stays_until_somebody_clears_it(harm: str, ask: bytes, says: str, place: str) -> None:
    play = Play().order("fault", **{"is": harm}).order("insert_note", value=NOTE).wait(1.5)
    play.ask(ask)
    assert play.wait(2).poll() == says
    assert play.ask(RESET) == ACK
    assert play.wait(3).poll() == says
    assert play.seen[place] == NOTE
    assert play.order("clear_jam").poll() == "19"
    assert play.seen["cleared"] == {"5000": 1}


def test_cheating_earns_no_credit() -> None:
    play = Play().order("fault", **{"is": "cheat"}).order("insert_note", value=NOTE).wait(1.5)
    play.ask(STACK)
    assert play.polls(3) == ["17", "45", "14"]
    assert play.seen["bezel"] == NOTE


def test_a_part_fails() -> None:
    play = Play().order("fault", **{"is": "failure", "code": "52"}).order("insert_note", value=NOTE)
    assert play.polls(2) == ["15", "4752"]
    play.ask(RESET)
    assert play.polls(3) == ["13", "19"]


def test_the_cassette_is_full_and_out() -> None:
    play = Play(capacity=1).order("insert_note", value=NOTE).wait(1.5)
    play.ask(STACK)
    assert play.polls(2) == ["17", "8102", "41"]
    assert play.order("remove_cassette").poll() == "42"
    play.order("empty_cassette").order("insert_cassette")
    assert play.polls(3) == ["13", "19"]


def test_power_fails_with_a_note_in_the_validator() -> None:
    play = Play().order("insert_note", value=NOTE).wait(1.5).order("power_off").order("power_on").wait(1)
    assert play.poll() == "11"
    play.ask(RESET)
    assert play.polls(5) == ["13", "18", "8202", "19"]
    assert play.seen["bezel"] == NOTE


def test_power_fails_with_a_note_in_the_stacker() -> None:
    play = Play().order("insert_note", value=NOTE).wait(1.5)
    play.ask(STACK)
    play.wait(0.6).order("power_off").order("power_on").wait(1)
    assert play.poll() == "12"
    play.ask(RESET)
    assert play.polls(5) == ["13", "8102", "19"], "credit recovery"


@pytest.mark.parametrize(("survives", "says"), [(False, ["13", "19"]), (True, ["13", "8102", "19"])])
def test_power_fails_before_a_credit_was_acknowledged(survives: bool, says: list[str]) -> None:
    play = Play(credit_survives=survives).order("insert_note", value=NOTE).wait(1.5)
    play.ask(STACK)
    play.wait(2).order("power_off").order("power_on").wait(1)
    assert play.poll() == "10"
    play.ask(RESET)
    assert play.polls(5) == says
    assert play.seen["counter"] == 1


def test_wire_faults() -> None:
    play = Play()
    for at, says in [
        ("no_ack", b""),
        ("nak", NAK),
        ("answer_lost", b""),
        ("answer_damaged", bytes.fromhex("020306 15 67D4")),
    ]:
        play.order("link_fault", at=at, command="poll")
        assert play.ask(POLL) == says
    assert play.ask(POLL[:-1] + b"\0") == NAK
    assert play.ask(b"\x02\x03\x06") == b""
    assert play.wait(1).ask(POLL)[3] == 0x14, "a frame begun is forgotten"
    assert play.ask(bytes.fromhex("02010A3C00020201D489") + POLL)[3] == 0x14, "not for this address"


@given(st.lists(st.binary(max_size=300) | st.sampled_from([POLL, RESET, ENABLE, STACK, ACK]), max_size=10))
def test_hostile_bytes_do_no_harm(chunks: list[bytes]) -> None:
    play = Play(raw=True)
    for chunk in chunks:
        play.hear(chunk).wait(1)
    play.wait(1).ask(RESET)
    assert play.wait(5).poll()


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.sampled_from(["off", "note", "take", "stack", "return", "reset"])), max_size=9
    )
)
def test_power_failure_at_any_instant_neither_makes_nor_loses_notes(acts: list[tuple[float, str]]) -> None:
    play = Play()
    for wait_s, act in acts:
        play.wait(wait_s)
        if act == "off":
            play.core = NoteAcceptor(Settings(), play.written)  # killed: it comes up with what was written last
        elif act == "note" and play.core.seen()["state"] == "idling" and not play.seen["bezel"]:
            play.order("insert_note", value=NOTE)
        elif act == "take" and play.seen["bezel"]:
            play.order("take_note")
        elif act in ("stack", "return", "reset"):
            play.ask({"stack": STACK, "return": RETURN, "reset": RESET}[act])
            play.poll()
            play.ask(ENABLE)
        assert piled(play.seen) == play.seen["brought"]
    play.wait(20)
    assert piled(play.seen) == play.seen["brought"]
