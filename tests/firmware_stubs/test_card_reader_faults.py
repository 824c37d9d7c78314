"""The Omron 3S4YR stub on a bad wire and before wild hands: it never raises, and no card is lost or made."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.core import DUE_MAX
from firmware_stubs.errors import OrderError
from firmware_stubs.faults import damaged
from tests.firmware_stubs.reader_host import ACK, ENQ, EOT, NAK, TRACK2, frame, ready, with_card

COMMANDS = (
    *("C00", "C01", "C02", "C10", "C11", "C20", "C21", "C:0", "C:1", "C30", "C31", "C32", "C90", "C40", "C41"),
    *("C427", "C62", "C687", "CQ0", "CW001", "CC5", "CC6", "CF0abcd"),
)


# --- the wire -------------------------------------------------------------------------------------


def test_a_command_that_is_not_heard_is_not_done() -> None:
    host = with_card()
    host.order("link_fault", at="no_ack", command="31")
    host.send(frame(b"C31"))
    assert host.wait(6) == b""
    host.send(ENQ)
    host.wait(1)
    assert host.heard_of() == []
    assert host.ask("C31") == "P3100"


def test_a_command_is_refused_once() -> None:
    host = with_card()
    host.order("link_fault", at="nak", command="30")
    host.send(frame(b"C30"))
    assert host.wait(1) == NAK
    assert host.ask("C30") == "P3001"


def test_an_acknowledgement_is_lost_and_the_command_waits_all_the_same() -> None:
    host = with_card()
    host.order("link_fault", at="ack_lost")
    host.send(frame(b"C30"))
    assert host.wait(1) == b""
    host.send(frame(b"C30"))
    assert host.wait(0.02) == ACK
    host.send(ENQ)
    assert host.end() == b"P3001"


def test_a_lost_answer_is_said_again_and_nothing_is_done_twice() -> None:
    host = with_card()
    host.order("link_fault", at="answer_lost", command="31", times=2)
    host.begin("C31")
    assert host.wait(10) == b""
    host.send(ENQ)
    assert host.wait(10) == b""
    host.send(ENQ)
    assert host.end() == b"P3100"
    assert host.heard_of() == ["card_captured"]


def test_a_damaged_answer_is_said_again() -> None:
    host = with_card()
    host.order("link_fault", at="answer_damaged")
    host.begin("C10")
    assert host.wait(1) == damaged(frame(b"P1002"))
    host.send(ENQ)
    assert host.wait(1) == frame(b"P1002")


def test_a_late_answer_comes_in_the_middle_of_the_next_exchange() -> None:
    host = with_card()
    host.order("link_fault", at="answer_late", late_s=3)
    host.begin("C10")
    assert host.wait(2.9) == b""
    host.send(frame(b"CQ0"))
    assert host.wait(0.2) == ACK + frame(b"P1002")


# --- anything at all ------------------------------------------------------------------------------

pieces = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(COMMANDS).map(lambda text: frame(text.encode())),
    st.sampled_from([ENQ, EOT, ACK, NAK, b"\x10", b"\x10\x02", b"\x10\x03"]),
)


@given(st.lists(st.tuples(pieces, st.sampled_from([0.0, 0.005, 0.3, 6.0])), max_size=60))
def test_hostile_bytes_never_raise(script: list[tuple[bytes, float]]) -> None:
    host = ready()
    host.order("insert_card", track2=TRACK2)
    for data, pause_s in script:
        host.stub.on_bytes(data, host.now)
        host.wait(pause_s)
    assert len(host.stub._due) < DUE_MAX


def test_a_flood_is_bounded() -> None:
    host = ready()
    flood = (frame(b"C10") + ENQ) * 2000 + b"\x10\x02" + b"x" * 100_000
    host.stub.on_bytes(flood, host.now)
    assert len(host.stub._due) < 20
    assert len(host.wait(1)) < 200
    for _ in range(500):
        host.stub.on_bytes(frame(b"C20") + ENQ + EOT, host.now)
        host.wait(0.02)
    assert len(host.stub._due) < 20


acts = st.one_of(
    st.sampled_from(COMMANDS),
    st.sampled_from(["insert_card", "take_card", "hold_card", "release_card", "remove_card", "empty_bin"]),
    st.sampled_from(["power_off", "power_on", "clear_jams"]),
    st.sampled_from(["front_throat", "inside", "rear_throat", "bin", "takeout"]),
)


@given(st.lists(st.tuples(acts, st.sampled_from([0.0, 0.1, 0.35, 0.9, 3.0, 40.0])), max_size=60), st.booleans())
def test_no_card_is_lost_or_made(script: list[tuple[str, float]], has_condenser: bool) -> None:
    host = ready(has_condenser=has_condenser, bin_cards=2)
    inserted = emptied = 0
    for act, pause_s in script:
        if act.startswith("C"):
            host.stub.on_bytes(frame(act.encode()) + ENQ, host.now)
        else:
            order = {"do": "jam", "at": act, "times": 1} if "_" not in act or "throat" in act else {"do": act}
            order |= {"track2": TRACK2} if act == "insert_card" else {}
            emptied += host.stub.machine.binned if act == "empty_bin" else 0
            with contextlib.suppress(OrderError):
                host._hear(host.stub.on_order(order, host.now))
                inserted += act == "insert_card"
        host.wait(pause_s)
        machine = host.stub.machine
        here = (machine.offered is not None) + (machine.card is not None) + machine.binned
        gone = sum(host.told.count(event) for event in ("card_taken", "card_removed", "card_withdrawn"))
        assert inserted == here + gone + emptied
        assert (machine.card is None) == (machine.place is None)
        assert host.told.count("card_captured") == machine.binned + emptied


@given(st.floats(0.0, 4.0), st.sampled_from(["A", "B", "C"]), st.sampled_from(["C30", "C31", "C32", "C62", "C02"]))
def test_power_fails_at_any_instant_of_a_move(at: float, handling: str, command: str) -> None:
    host = with_card()
    assert host.ask(f"C020{handling}") == "P0202"
    host.begin(command)
    host.wait(at)
    host.order("power_off")
    host.order("power_on")
    captured = host.stub.machine.binned
    position = {0: "02", 1: "00"}[captured]
    assert host.ask("C02") == f"P02{position}"
    assert host.ask("CQ0") == f"PQ0{position}00{captured}"
