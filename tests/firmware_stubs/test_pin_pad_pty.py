"""The PIN pad stub on a real pseudo-terminal, and its command line."""

import stat
from pathlib import Path

import serial
import trio
from click.testing import CliRunner

from firmware_stubs.kept_file import KeptFile
from firmware_stubs.pin_pad.__main__ import main
from firmware_stubs.pin_pad.stub import PinPad, make
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.firmware_stubs.pin_pad_play import UID, ZEROS, framed


def ask(line: serial.Serial, text: str) -> bytes:
    line.write(framed(text))
    head: bytes = line.read(4)
    return head + line.read(int(head[1:]) + 3)


async def test_a_pad_on_a_pseudo_terminal_takes_keys_and_sends_keys(tmp_path: Path) -> None:
    path, port = tmp_path / "pad.json", PtyPort()
    stub = Mounted("pin_pad", PinPad(), port, KeptFile(path, "pin_pad"))

    def use() -> tuple[list[bytes], bytes]:
        with serial.Serial(port.name, 9600, timeout=5) as line:
            answers = [ask(line, text) for text in ("100" + "02" + ZEROS, ":80" + UID, "600012")]
            trio.from_thread.run_sync(stub.order, {"do": "type_pin", "pin": "1234", "every_s": 0.01})
            return answers, bytes(line.read(5))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Rack([stub]).run)
        answers, pressed = await trio.to_thread.run_sync(use)
        nursery.cancel_scope.cancel()
    port.close()
    assert answers == [framed(b"\x60" + bytes.fromhex("8CA64DE9C1B123A7")), framed(b"\x60"), framed(b"\x60")]
    assert pressed == b"****\r"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600, "it holds keys"
    assert make({}, KeptFile(path, "pin_pad").load()).seen()["keys"] == {"00": "8CA64D"}


def test_settings_that_cannot_be_are_named() -> None:
    for told in ("at_max=never", "no_such=1", "good=300"):
        result = CliRunner().invoke(main, ["--set", told])
        assert result.exit_code == 2
        assert "these are no settings of a PIN pad" in result.output
