"""What all stubs share: time, power, orders, wire faults, ports, the rack and its control socket."""

import json
import os
import termios
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import serial
import trio

from firmware_stubs.control import serve_control
from firmware_stubs.core import Core, Order
from firmware_stubs.errors import KeptError, OrderError, PortError
from firmware_stubs.faults import LinkFaults, Stage, damaged
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.outcomes import Keep, Send, Tell
from firmware_stubs.ports import PtyPort, open_port
from firmware_stubs.rack import Mounted, Rack


class Echo(Core):
    """A machine that says every byte again after a second, and counts what it was told to."""

    device = "echo"
    delay_s = 1.0

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self.counted = int(kept.get("counted", 0))
        self._orders["count"] = self._count

    def _count(self, order: Order, now: float) -> None:
        if "by" not in order:
            raise OrderError("count needs by")
        self.counted += order["by"]
        self._keep()
        self._tell("counted", by=order["by"])

    def _on_bytes(self, data: bytes, now: float) -> None:
        self._later(now + self.delay_s, lambda at: self._send(data))

    def kept(self) -> dict[str, Any]:
        return {"counted": self.counted}


# --- dry ------------------------------------------------------------------------------------------


def test_what_is_due_is_done_at_its_time() -> None:
    echo = Echo()
    assert echo.on_bytes(b"a", 10.0) == []
    assert echo.on_bytes(b"b", 10.5) == []
    assert echo.deadline == 11.0
    assert echo.on_time(11.0) == [Send(b"a")]
    assert echo.on_time(20.0) == [Send(b"b")]
    assert echo.deadline is None


def test_what_is_called_off_is_not_done() -> None:
    echo = Echo()
    first = echo._later(1.0, lambda at: echo._send(b"a"))
    echo._later(2.0, lambda at: echo._send(b"b"))
    echo._call_off(first)
    assert echo.deadline == 2.0
    assert echo.on_time(2.0) == [Send(b"b")]
    echo._call_off(first)
    assert echo.deadline is None


def test_without_power_nothing_is_heard_and_nothing_goes_on() -> None:
    echo = Echo()
    echo.on_bytes(b"a", 0.0)
    assert echo.on_order({"do": "power_off"}, 0.5) == [Keep()]
    assert (echo.deadline, echo.on_time(5.0), echo.on_bytes(b"b", 6.0)) == (None, [], [])
    assert echo.seen() == {"has_power": False, "counted": 0}
    assert echo.on_order({"do": "power_on"}, 7.0) == [Keep()]
    assert (echo.on_bytes(b"c", 8.0), echo.on_time(9.0)) == ([], [Send(b"c")])


def test_an_order_is_obeyed_or_refused_with_what_there_is() -> None:
    echo = Echo({"counted": 3})
    assert echo.on_order({"do": "count", "by": 2}, 0.0) == [Keep(), Tell("counted", {"by": 2})]
    assert echo.kept() == {"counted": 5}
    with pytest.raises(OrderError, match="a echo cannot do 'dance'; it can clear_link_faults, count"):
        echo.on_order({"do": "dance"}, 0.0)
    with pytest.raises(OrderError, match="count needs by"):
        echo.on_order({"do": "count"}, 0.0)


def test_a_wire_fault_waits_for_its_stage_and_is_used_up() -> None:
    faults = LinkFaults()
    faults.add({"do": "link_fault", "at": "answer_lost", "command": "52", "after": 1, "times": 2})
    faults.add({"at": "answer_late", "late_s": 0.5})
    assert faults.hits(Stage.NAK, "52") is None
    assert faults.hits(Stage.ANSWER_LOST, "51") is None
    assert [faults.hits(Stage.ANSWER_LOST, "52") is not None for _ in range(4)] == [False, True, True, False]
    late = faults.hits(Stage.ANSWER_LATE, "51")
    assert late is not None
    assert late.late_s == 0.5
    assert faults.hits(Stage.ANSWER_LATE, "51") is None


@pytest.mark.parametrize("told", [{}, {"at": "never"}, {"at": "nak", "times": 0}, {"at": "nak", "often": 2}])
def test_what_is_no_wire_fault_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(OrderError):
        LinkFaults().add(told)


def test_a_damaged_frame_differs_in_one_bit() -> None:
    assert damaged(b"\x02\x30\x03") == b"\x02\x31\x03"


# --- files and ports ------------------------------------------------------------------------------


def test_what_is_kept_outlives_its_process(tmp_path: Path) -> None:
    file = KeptFile(tmp_path / "echo.json", "echo")
    assert file.load() == {}
    file.save({"counted": 4})
    assert KeptFile(tmp_path / "echo.json", "echo").load() == {"counted": 4}
    with pytest.raises(KeptError, match="is the state of a echo, not of a printer"):
        KeptFile(tmp_path / "echo.json", "printer").load()
    (tmp_path / "echo.json").write_text("{")
    with pytest.raises(KeptError, match="delete it to begin with a new machine"):
        file.load()


def test_what_is_kept_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "echo.json"
    for left_behind in (path, tmp_path / "echo.json.new"):
        left_behind.write_text("{}")
        left_behind.chmod(0o666)
    KeptFile(path, "echo").save({"counted": 4})
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_pty_has_a_name_of_its_own_and_hears_one_speed(tmp_path: Path) -> None:
    link = tmp_path / "echo.tty"
    port = PtyPort(link, baud=9600)
    with serial.Serial(str(link), 9600, timeout=0) as other:
        assert port.hears()
        other.baudrate = 19200
        assert not port.hears()
    assert os.readlink(link) == port.name
    port.close()
    assert not link.is_symlink()


def test_a_file_in_the_way_of_a_link_stays(tmp_path: Path) -> None:
    (tmp_path / "echo.tty").write_text("mine")
    with pytest.raises(PortError, match="is there already and is no link"):
        PtyPort(tmp_path / "echo.tty")
    assert (tmp_path / "echo.tty").read_text() == "mine"


def test_a_port_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="no-such-port cannot be opened"):
        open_port(str(tmp_path / "no-such-port"), link=None, baud=9600, line_format="8N1", strict_baud=False)


# --- a rack on real ptys --------------------------------------------------------------------------


class Hand:
    """Somebody at the control socket."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._buffer = b""

    async def tell(self, **order: Any) -> None:
        await self._stream.send_all(json.dumps(order).encode() + b"\n")

    async def line(self) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            self._buffer += await self._stream.receive_some()
        line, self._buffer = self._buffer.split(b"\n", 1)
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def racked(path: Path, names: tuple[str, ...] = ("echo",)) -> AsyncIterator[tuple[Hand, list[Mounted]]]:
    mounted = [Mounted(name, Echo(), PtyPort(), KeptFile(path / name, "echo")) for name in names]
    rack = Rack(mounted)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        nursery.start_soon(serve_control, path / "control", rack)
        await trio.testing.wait_all_tasks_blocked()
        async with await trio.open_unix_socket(path / "control") as stream:
            yield Hand(stream), mounted
        nursery.cancel_scope.cancel()
    for each in mounted:
        each.port.close()


async def test_bytes_go_in_and_come_out_of_a_pty(tmp_path: Path) -> None:
    async with racked(tmp_path) as (_, (echo,)):
        echo.core.delay_s = 0.0  # type: ignore[attr-defined]
        with serial.Serial(echo.port.name, 9600, timeout=0) as other:
            other.write(b"hello")
            with trio.fail_after(10):
                await trio.lowlevel.wait_readable(other.fileno())
            assert other.read(100) == b"hello"


async def test_hands_act_through_the_control_socket_and_see_what_happens(tmp_path: Path) -> None:
    async with racked(tmp_path, ("left", "right")) as (hand, _):
        await hand.tell(do="watch", id=1)
        assert (await hand.line())["seen"] == {"left": {"has_power": True, "counted": 0}} | {
            "right": {"has_power": True, "counted": 0}
        }
        await hand.tell(do="count", by=2, to="right", id=2)
        happened = await hand.line()
        assert happened == {
            "event": "counted",
            "from": "right",
            "detail": {"by": 2},
            "seen": {"has_power": True, "counted": 2},
        }
        assert await hand.line() == {"id": 2, "seen": {"has_power": True, "counted": 2}}
        assert KeptFile(tmp_path / "right", "echo").load() == {"counted": 2}


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({"do": "count", "by": 1}, "there is no stub ''"),
        ({"do": "count", "by": 1, "to": "middle"}, "there is no stub 'middle'"),
        ({"do": "dance", "to": "left"}, "cannot do 'dance'"),
        ({"to": "left"}, "cannot do None"),
    ],
)
async def test_a_wrong_order_is_answered_and_changes_nothing(tmp_path: Path, order: dict[str, Any], error: str) -> None:
    async with racked(tmp_path, ("left", "right")) as (hand, mounted):
        await hand.tell(**order)
        assert error in (await hand.line())["error"]
        assert [each.core.kept() for each in mounted] == [{"counted": 0}] * 2


async def test_a_visitor_may_go_without_a_word(tmp_path: Path) -> None:
    async with racked(tmp_path) as (hand, (echo,)):
        rude = await trio.open_unix_socket(tmp_path / "control")
        await rude.send_all(b'{"do": "watch"}\n' + b'{"do": "count", "by": 1}\n' * 100)
        await trio.lowlevel.wait_readable(rude.socket)
        rude.socket.close()
        await trio.testing.wait_all_tasks_blocked()
        await hand.tell(do="count", by=1)
        assert (await hand.line())["seen"] == echo.core.seen()


async def test_the_control_socket_is_its_owners(tmp_path: Path) -> None:
    async with racked(tmp_path):
        assert (tmp_path / "control").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "control").exists()


def test_the_speeds_of_a_pty_are_those_of_termios() -> None:
    port = PtyPort()
    assert termios.tcgetattr(port.fileno())[5] == termios.B38400
    assert port.hears()
    port.close()
