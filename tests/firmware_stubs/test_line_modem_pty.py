"""The modem stub between real pseudo-terminals and TCP, and its command line."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import serial
import trio
import trio.testing
from click.testing import CliRunner

from firmware_stubs.kept_file import KeptFile
from firmware_stubs.line_modem.__main__ import main
from firmware_stubs.line_modem.settings import Settings
from firmware_stubs.line_modem.shell import MountedModem
from firmware_stubs.line_modem.stub import LineModem
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Rack

AT_ONCE: dict[str, Any] = {
    "line_bps": 56_000,
    "registers": {"6": 0, "10": 0, "11": 0, "12": 0},
    "result_s": 0,
    "answer_s": 0,
    "training_s": 0,
}


class Terminal:
    """A port that is read until something stands there."""

    def __init__(self, name: str) -> None:
        self._port = serial.Serial(name, 9600, timeout=0)
        self._heard = b""

    def say(self, data: bytes) -> None:
        self._port.write(data)

    async def hear(self, until: bytes) -> bytes:
        with trio.fail_after(60):
            while until not in self._heard:
                await trio.lowlevel.wait_readable(self._port.fileno())
                self._heard += self._port.read(4096)
        before, _, self._heard = self._heard.partition(until)
        return before + until

    def close(self) -> None:
        self._port.close()


@asynccontextmanager
async def mounted(**settings: Any) -> AsyncIterator[tuple[Terminal, Terminal, MountedModem]]:
    set_up = msgspec.convert({**AT_ONCE, **settings}, Settings)
    port, line = PtyPort(), PtyPort()
    stub = MountedModem("modem", LineModem(set_up), port, KeptFile(None, ""), line=line)
    terminal, far = Terminal(port.name), Terminal(line.name)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Rack([stub]).run)
        yield terminal, far, stub
        nursery.cancel_scope.cancel()
    for each in (terminal, far, port, line):
        each.close()


async def test_a_call_leads_from_port_to_port_and_no_byte_passes_without_one() -> None:
    async with mounted() as (terminal, far, stub):
        far.say(b"nobody hears this")
        terminal.say(b"ATE0\r")
        await terminal.hear(b"OK\r\n")
        terminal.say(b"ATD5551234\r")
        assert await terminal.hear(b"56000\r\n") == b"\r\nCONNECT 56000\r\n"
        terminal.say(b"request")
        assert await far.hear(b"request") == b"request"
        far.say(b"answer")
        assert await terminal.hear(b"answer") == b"answer"
        stub.order({"do": "far_hangs_up"})
        assert await terminal.hear(b"CARRIER\r\n") == b"\r\nNO CARRIER\r\n"
        stub.order({"do": "ring"})
        await terminal.hear(b"RING\r\n")
        terminal.say(b"ATA\r")
        await terminal.hear(b"CONNECT 56000\r\n")
        far.say(b"it is me")
        assert await terminal.hear(b"me") == b"it is me"


async def test_a_number_leads_to_a_tcp_port_of_this_machine() -> None:
    heard = trio.Event()

    async def serve(stream: trio.SocketStream) -> None:
        assert await stream.receive_some() == b"request"
        await stream.send_all(b"answer")
        heard.set()  # and hang up

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
        host, port = listeners[0].socket.getsockname()
        async with mounted(phone_book={"1": f"socket://{host}:{port}"}) as (terminal, _, stub):
            terminal.say(b"ATDT1\r")
            await terminal.hear(b"CONNECT 56000\r\n")
            terminal.say(b"request")
            assert await terminal.hear(b"NO CARRIER\r\n") == b"answer\r\nNO CARRIER\r\n"
            assert heard.is_set()
            assert stub.core.seen()["calls"] == 1
        nursery.cancel_scope.cancel()


async def test_a_terminal_that_hangs_up_closes_the_connection_behind_all_that_it_has_sent() -> None:
    got: list[bytes] = []
    closed = trio.Event()

    async def serve(stream: trio.SocketStream) -> None:
        async for chunk in stream:
            got.append(bytes(chunk))
        closed.set()

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
        place = f"socket://127.0.0.1:{listeners[0].socket.getsockname()[1]}"
        async with mounted(phone_book={"1": place}) as (terminal, _, stub):
            terminal.say(b"ATE0DT1\r")
            await terminal.hear(b"CONNECT 56000\r\n")
            terminal.say(b"last words")
            with trio.fail_after(10):
                while not got:
                    await trio.testing.wait_all_tasks_blocked(0.01)
                terminal.say(b"+++")
                await terminal.hear(b"OK\r\n")
                terminal.say(b"ATH\r")
                await closed.wait()
            assert not stub.core.seen()["carrier"]
        nursery.cancel_scope.cancel()
    assert b"".join(got).startswith(b"last words")


@pytest.mark.parametrize("dialled", ["2", "3"])
async def test_a_number_where_nobody_is_rings_in_vain(dialled: str, mock_clock: trio.testing.MockClock) -> None:
    mock_clock.rate = 10
    with trio.socket.socket() as probe:
        await probe.bind(("127.0.0.1", 0))
        place = f"socket://127.0.0.1:{probe.getsockname()[1]}"
    registers = {**AT_ONCE["registers"], "7": 1}
    async with mounted(phone_book={"2": place}, registers=registers) as (terminal, _, stub):
        terminal.say(f"ATE0DT{dialled}\r".encode())
        assert (await terminal.hear(b"ANSWER\r\n")).endswith(b"\r\nNO ANSWER\r\n")
        assert stub.core.seen()["calls"] == 0


def test_settings_that_cannot_be_are_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]")
    for words, says in (
        (["--set", "line_bps=3"], "these are no settings of a modem"),
        (["--set", "no_such=1"], "these are no settings of a modem"),
        (["--set", 'phone_book={"1": "tcp://far.example:1"}'], "cannot be called as 1"),
        (["--settings", str(wrong)], "is no JSON object"),
        (["--settings", str(tmp_path / "none.json")], "cannot be read"),
        (["--line", str(tmp_path / "no-such-port")], "cannot be opened"),
    ):
        result = CliRunner().invoke(main, words)
        assert (result.exit_code, says in result.output) == (2, True), result.output


def test_it_stands_in_a_rack_as_every_stub(tmp_path: Path) -> None:
    stub = {"name": "modem", "device": "hayes-modem", "link": "modem.tty", "line": "line.tty", "settings": AT_ONCE}
    (tmp_path / "rack.json").write_text(json.dumps({"control": "rack.ctl", "stubs": [stub]}))
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    words = [sys.executable, "-m", "firmware_stubs", "rack.json"]

    async def use() -> None:
        terminal, far = Terminal(str(tmp_path / "modem.tty")), Terminal(str(tmp_path / "line.tty"))
        terminal.say(b"ATD1\r")
        await terminal.hear(b"CONNECT 56000\r\n")
        terminal.say(b"request")
        assert await far.hear(b"request") == b"request"
        terminal.close()
        far.close()

    with subprocess.Popen(
        words, cwd=tmp_path, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        trio.run(use)
        process.stdin.close()
        assert process.wait(30) == 0
    assert not (tmp_path / "line.tty").is_symlink()


@pytest.mark.full
def test_it_runs_alone_as_the_readme_says(tmp_path: Path) -> None:
    words = [sys.executable, "-u", "-m", "firmware_stubs.line_modem", "--port", "pty:", "--link", "modem.tty"]
    words += ["--control", "modem.ctl", "--line-link", "line.tty", "--set", "training_s=0", "--set", "answer_s=0"]
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        assert said == ["its telephone line at line.tty\n", "line_modem at modem.tty\n"]

        async def use() -> None:
            terminal, far = Terminal(str(tmp_path / "modem.tty")), Terminal(str(tmp_path / "line.tty"))
            terminal.say(b"ATS6=0DT5\r")
            await terminal.hear(b"CONNECT 2400\r\n")
            terminal.say(b"request")
            await far.hear(b"request")
            async with await trio.open_unix_socket(tmp_path / "modem.ctl") as hand:
                await hand.send_all(b'{"do": "drop_dtr"}\n')
                assert json.loads(await hand.receive_some())["seen"]["carrier"]
            await terminal.hear(b"NO CARRIER\r\n")
            terminal.close()
            far.close()

        trio.run(use)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
