"""The modem stub: what goes wrong with its calls, and on the terminal's wire."""

from typing import Any

import pytest

from firmware_stubs.errors import OrderError
from tests.firmware_stubs.modem_play import NUMBER, Play, connected


def test_faults_of_calls_strike_in_order_each_its_call() -> None:
    play = Play(echo=False)
    play.order("fault", **{"is": "busy", "times": 2}).order("fault", **{"is": "no_answer", "after": 1})
    said = [play.words(f"ATDT{NUMBER}\r") for _ in range(5)]
    assert said == ["BUSY", "BUSY", "NO ANSWER", "CONNECT 2400", ""]


def test_a_carrier_is_lost_behind_its_count_of_bytes() -> None:
    play = Play(echo=False)
    play.order("fault", **{"is": "carrier_lost", "after_bytes": 20})
    play.ask(f"ATDT{NUMBER}\r", 15.0)
    play.hear("to the far end").from_far(b"0123456789" * 5)
    assert play.wait(3.0).taken() == "01234567890123456789\r\nNO CARRIER\r\n"
    assert (play.far, play.told[-2:]) == (b"to the far end", ["line_broken", "carrier_off"])


def test_a_call_that_stands_can_be_broken_from_here_on() -> None:
    play = connected()
    play.from_far(b"before").wait(1.0)
    play.order("fault", **{"is": "carrier_lost", "after_bytes": 3, "way": "to_line"})
    play.hear("abcdef").wait(3.0)
    assert (play.taken(), play.far) == ("before\r\nNO CARRIER\r\n", b"abc")


def test_bytes_come_out_as_others_where_a_fault_says() -> None:
    play = connected()
    play.order("fault", **{"is": "garbled", "after_bytes": 14, "bytes": 4}).from_far(b"a" * 32).wait(1.0)
    said = play.taken()
    assert (said[:14], said[18:]) == ("a" * 14, "a" * 14)
    assert "a" not in said[14:18]
    play = Play(echo=False)
    play.order("fault", **{"is": "garbled"})
    play.ask(f"ATDT{NUMBER}\r", 15.0)
    assert "a" not in play.from_far(b"a" * 40).wait(1.0).taken()


@pytest.mark.parametrize(
    ("at", "command", "line", "said", "is_done"),
    [
        ("no_ack", "set", "ATS7=9\r", "", False),
        ("nak", "set", "ATS7=9\r", "ERROR", False),
        ("answer_lost", "set", "ATS7=9\r", "", True),
        ("answer_damaged", "set", "ATS7=9\r", "OJ", True),
        ("no_ack", "dial", "ATS7=9\r", "OK", True),
    ],
)
def test_wire_faults_strike_at_their_stage(at: str, command: str, line: str, said: str, is_done: bool) -> None:
    play = Play(echo=False)
    play.order("link_fault", at=at, command=command)
    assert play.words(line, 0.1) == said
    assert play.words("ATS7?\r", 0.1) == f"{9 if is_done else 30:03d} | OK"


def test_a_result_may_be_late_or_be_lost_with_its_call() -> None:
    play = Play(echo=False)
    play.order("link_fault", at="answer_late", command="attention", late_s=3.0)
    assert play.ask("AT\r", 3.0) == ""
    assert play.wait(0.1).taken() == "\r\nOK\r\n"
    play.order("link_fault", at="end_lost", command="carrier")
    play.ask(f"ATDT{NUMBER}\r", 15.0)
    assert play.far_hangs_up().wait(5.0).taken() == ""
    assert play.seen["mode"] == "commands"


@pytest.mark.parametrize(
    "order", [{}, {"is": "rain"}, {"is": "busy", "times": 0}, {"is": "slow", "bps": 1}, {"is": "busy", "often": 1}]
)
def test_what_is_no_fault_of_calls_is_refused(order: dict[str, Any]) -> None:
    with pytest.raises(OrderError, match="not a fault of calls"):
        Play().order("fault", **order)


def test_faults_that_wait_have_a_bound_and_can_be_forgotten() -> None:
    play = Play(echo=False)
    for _ in range(100):
        play.order("fault", **{"is": "busy"})
    with pytest.raises(OrderError, match="100 faults are waiting"):
        play.order("fault", **{"is": "busy"})
    play.order("clear_faults")
    assert play.words(f"ATDT{NUMBER}\r") == "CONNECT 2400"


def test_nobody_hangs_up_where_nobody_is() -> None:
    with pytest.raises(OrderError, match="there is no carrier"):
        Play().order("far_hangs_up")
    with pytest.raises(OrderError, match="rung 1 to 100 times"):
        Play().order("ring", times=0)
