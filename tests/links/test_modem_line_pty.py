"""The dialler against the modem stub as a process of its own: a real pseudo-terminal, and TCP behind the call."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from atmbench.framing.dial_up import DialSettings
from atmbench.framing.link_styles import SerialSettings
from atmbench.links.modem_line import ModemLine
from atmbench.links.serial import SerialStream, open_line
from atmbench.links.stream import CarrierLost, LinkRefused, LinkStream
from atmbench.links.timetable import Timetable

QUICK = {"answer_s": 0.1, "training_s": 0.1, "registers": {"6": 0, "7": 2, "10": 1}}


class PtyModem:
    """The port of a modem whose process has another side channel: nobody here does anything at it."""

    def __init__(self, port: SerialStream) -> None:
        self._port = port
        self.orders: list[str] = []

    def send(self, data: bytes) -> None:
        assert self._port.send_now(data) == len(data)

    def order(self, do: str, **rest: Any) -> None:
        self.orders.append(do)

    async def run(self, modem: ModemLine) -> None:
        while data := await self._port.receive_some():
            modem.on_bytes(bytes(data), trio.current_time())


@contextmanager
def process(place: Path, port: int) -> Iterator[Path]:
    settings = {**QUICK, "phone_book": {"5551234": f"socket://127.0.0.1:{port}"}}
    (place / "settings.json").write_bytes(msgspec.json.encode(settings))
    words = [sys.executable, "-u", "-m", "firmware_stubs.line_modem", "--link", "modem.tty"]
    words += ["--settings", "settings.json"]
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    with subprocess.Popen(words, cwd=place, env=env, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            assert "its telephone line at" in run.stdout.readline()
            assert run.stdout.readline() == "line_modem at modem.tty\n"
            yield place / "modem.tty"
        finally:
            run.kill()


@pytest.mark.full
async def test_a_real_port_is_dialled_used_and_hung_up_and_a_dead_number_is_named(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def host(stream: trio.SocketStream) -> None:
        heard.append(await stream.receive_some())
        if len(heard) == 2:
            return  # hang up in the middle of it
        await stream.send_all(b"answer")
        async for chunk in stream:
            heard[-1] += chunk

    async with trio.open_nursery() as nursery:
        timetable = Timetable()
        nursery.start_soon(timetable.run)
        listeners = await nursery.start(partial(trio.serve_tcp, host, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        with process(tmp_path, port) as link, trio.fail_after(60):
            async with await open_line(f"serial://{link}?baud=9600&format=8N1") as serial:
                for number in ("5551234", "999"):
                    pty = PtyModem(serial)
                    settings = SerialSettings(dial=DialSettings(number=number, tries=1))
                    modem = ModemLine("primary", settings, pty, timetable, lambda fact: None)
                    async with trio.open_nursery() as reading:
                        reading.start_soon(pty.run, modem)
                        if number == "999":
                            with pytest.raises(LinkRefused, match="nobody answers at the number 999"):
                                await modem.dial()
                        else:
                            await use(modem)
                        assert pty.orders == []
                        reading.cancel_scope.cancel()
        nursery.cancel_scope.cancel()
    assert [each[:7] for each in heard] == [b"request", b"again"]


async def use(modem: ModemLine) -> None:
    call = await modem.dial()
    call.send_now(b"request")
    assert await call.receive_some() == b"answer"
    call.close_now()
    call = await modem.dial()
    call.send_now(b"again")
    with pytest.raises(CarrierLost, match="NO CARRIER"):
        await read_to_the_end(call)


async def read_to_the_end(call: LinkStream) -> None:
    while await call.receive_some():
        pass
