"""Dialler and modem stub agree: both written from the same facts, joined by a wire of bytes in virtual time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.framing.dial_up import DialSettings, Why
from atmbench.framing.dialler import Connected, Failed, HungUp, Lost, TryFailed
from tests.framing.modem_wire import ModemWire

NUMBER = "5551234"
STAGES = ("no_ack", "nak", "answer_lost", "answer_damaged", "answer_late", "end_lost")


def settings(lines: bool = False, **told: Any) -> DialSettings:
    return DialSettings(number=NUMBER, modem_lines=lines, **told)


def whys(wire: ModemWire) -> list[Why]:
    return [each.why for each in wire.outcomes if isinstance(each, TryFailed)]


@pytest.mark.parametrize("lines", [False, True])
def test_a_call_comes_to_stand_carries_bytes_and_is_hung_up(lines: bool) -> None:
    wire = ModemWire(settings(lines), greeting=b"\x05").dial()
    assert wire.outcomes[0] == Connected(2400)
    assert wire.now == pytest.approx(10.2, abs=0.2)
    wire.send(b"request").run(1.0)
    assert (wire.at_far, wire.received, wire.far_is_up) == (b"request", b"\x05", True)
    wire.hang_up()
    assert (wire.outcomes[-1], wire.far_is_up) == (HungUp(), False)
    wire.dial()
    assert wire.outcomes[-2:-1] == [Connected(2400)]


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("why", [Why.BUSY, Why.NO_ANSWER, Why.NO_DIALTONE, Why.NO_CARRIER])
def test_two_calls_fail_and_the_third_stands(why: Why, lines: bool) -> None:
    wire = ModemWire(settings(lines)).order("fault", **{"is": str(why), "times": 2}).dial()
    assert whys(wire) == [why, why]
    assert wire.outcomes[-1] == Connected(2400)


def test_all_tries_in_vain() -> None:
    wire = ModemWire(settings()).order("fault", **{"is": "busy", "times": 3}).dial()
    assert isinstance(wire.outcomes[-1], Failed)
    assert (whys(wire), wire.dialler.deadline) == ([Why.BUSY] * 3, None)
    wire.dial()
    assert wire.outcomes[-1:] == [Connected(2400)]


@pytest.mark.parametrize("lines", [False, True])
def test_a_carrier_that_is_lost_in_an_answer_is_seen_and_the_next_call_stands(lines: bool) -> None:
    wire = ModemWire(settings(lines), greeting=b"0123456789" * 40)
    wire.order("fault", **{"is": "carrier_lost", "after_bytes": 200}).dial().run(5.0)
    assert isinstance(wire.outcomes[-1], Lost)
    heard = wire.received.partition(b"\r\nNO CARRIER")[0]
    assert b"0123456789" * 18 < heard <= b"0123456789" * 20  # the carrier line is faster than the last characters
    wire.dial().run(5.0)
    assert wire.received.endswith(b"0123456789" * 40)


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize(
    ("at", "command", "expected"),
    [
        ("answer_lost", "hang_up", []),
        ("answer_damaged", "hang_up", []),
        ("no_ack", "hang_up", []),
        ("no_ack", "attention", []),
        ("answer_lost", "connect", [Why.NO_RESULT]),
        ("answer_damaged", "connect", [Why.NO_RESULT]),
        ("no_ack", "dial", [Why.NO_RESULT]),
        ("nak", "dial", [Why.REFUSED]),
    ],
)
def test_an_answer_that_is_lost_costs_a_try_at_most(at: str, command: str, expected: list[Why], lines: bool) -> None:
    wire = ModemWire(settings(lines)).order("link_fault", at=at, command=command).dial()
    assert whys(wire) == expected
    assert wire.outcomes[-1] == Connected(2400)


@pytest.mark.parametrize("lines", [False, True])
def test_a_call_whose_connect_was_lost_on_the_last_try_does_not_stand_on(lines: bool) -> None:
    wire = ModemWire(settings(lines, tries=1)).order("link_fault", at="answer_lost", command="connect").dial()
    assert isinstance(wire.outcomes[-1], Failed)
    assert not wire.far_is_up


def test_a_modem_without_power_is_named() -> None:
    wire = ModemWire(settings(tries=2)).order("power_off").dial()
    assert whys(wire) == [Why.NO_MODEM, Why.NO_MODEM]
    wire.order("power_on").dial()
    assert wire.outcomes[-1] == Connected(2400)


def test_an_end_that_was_never_said_is_found_when_we_hang_up() -> None:
    wire = ModemWire(settings()).order("link_fault", at="end_lost", command="carrier").dial()
    wire.order("far_hangs_up").run(100.0)
    assert wire.dialler.is_connected
    wire.hang_up()
    assert wire.outcomes[-1] == HungUp()


@given(
    st.booleans(),
    st.lists(
        st.one_of(
            st.fixed_dictionaries(
                {
                    "do": st.just("link_fault"),
                    "at": st.sampled_from(
                        ["no_ack", "nak", "answer_lost", "answer_damaged", "answer_late", "end_lost"]
                    ),
                    "command": st.sampled_from(["", "attention", "hang_up", "dial", "connect", "escape", "carrier"]),
                    "late_s": st.sampled_from([0.1, 1.0, 20.0]),
                }
            ),
            st.fixed_dictionaries(
                {
                    "do": st.just("fault"),
                    "is": st.sampled_from(
                        ["busy", "no_answer", "no_dialtone", "no_carrier", "garbled", "carrier_lost", "slow"]
                    ),
                    "after_bytes": st.integers(0, 40),
                }
            ),
        ),
        max_size=8,
    ),
)
def test_whatever_goes_wrong_the_call_ends_and_a_later_one_stands(lines: bool, orders: list[dict[str, Any]]) -> None:
    wire = ModemWire(settings(lines), greeting=b"hello")
    for order in orders:
        wire.order(**order)
    wire.dial().run(20.0)
    assert len(whys(wire)) <= 3
    assert wire.stood or isinstance(wire.outcomes[-1], Failed)
    wire.order("clear_faults").order("clear_link_faults").hang_up()
    assert isinstance(wire.outcomes[-1], HungUp)
    wire.outcomes.clear()
    wire.dial()
    assert wire.outcomes[:1] == [Connected(2400)]
    assert wire.received in (b"", b"hello")
    wire.hang_up().run(60.0)
    assert not wire.far_is_up
