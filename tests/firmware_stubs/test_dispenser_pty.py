"""The dispenser stub on real pseudo-terminals: under a driver that others wrote, and killed in mid-dispense."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import serial
import trio
from click.testing import CliRunner
from puloon import PuloonException, PuloonLCDM4000

from firmware_stubs.dispenser.__main__ import main
from firmware_stubs.dispenser.settings import Settings
from firmware_stubs.dispenser.stub import Dispenser
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.firmware_stubs.dispenser_play import dispense, total

QUICK = {"quick_s": 0, "begin_s": 0, "note_s": 0, "end_s": 0, "purge_s": 0}
NOTES = {"1": 100, "2": 100, "3": 100, "4": 100}


@asynccontextmanager
async def mounted(**settings: Any) -> AsyncIterator[Mounted]:
    """A stub on a pseudo-terminal."""
    port = PtyPort()
    core = Dispenser(msgspec.convert({"cassettes": NOTES, **QUICK, **settings}, Settings))
    stub = Mounted("dispenser", core, port, KeptFile(None, "dispenser"))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Rack([stub]).run)
        yield stub
        nursery.cancel_scope.cancel()
    port.close()


async def with_library(stub: Mounted, use: Callable[[PuloonLCDM4000], Any]) -> Any:
    """Have the library do something, in a thread since it blocks."""

    def run() -> Any:
        with serial.Serial(stub.port.name, 9600) as line:
            return use(PuloonLCDM4000(line))

    with trio.fail_after(30):
        return await trio.to_thread.run_sync(run)


async def failing(stub: Mounted, use: Callable[[PuloonLCDM4000], Any]) -> PuloonException:
    with pytest.raises(PuloonException) as caught:
        await with_library(stub, use)
    return caught.value


async def test_the_library_of_others_dispenses_and_asks() -> None:
    async with mounted() as stub:
        status = (await with_library(stub, lambda lcdm: lcdm.status())).as_dict()
        assert [status[each] for each in ("error", "disp", "type3", "opac1", "leng4")] == [0, 0x40, 3, 60, 90]
        assert (await with_library(stub, lambda lcdm: lcdm.purge())).as_dict()["reject1"] == 0
        stub.order({"do": "link_fault", "at": "nak", "command": "dispense"})
        stub.order({"do": "link_fault", "at": "answer_damaged", "command": "dispense"})
        out = (await with_library(stub, lambda lcdm: lcdm.dispense(2, 1))).as_dict()
        assert (out["exit1"], out["exit2"], out["reject1"]) == (2, 1, 0)
        assert stub.core.seen()["exit"] == {"1": 2, "2": 1}
        last = (await with_library(stub, lambda lcdm: lcdm.last_status())).as_dict()
        assert (last["exit1"], last["exit2"]) == (2, 1)


async def test_the_library_of_others_sees_a_jam() -> None:
    async with mounted() as stub:
        stub.order({"do": "fault", "is": "dvt_ejt", "after": 1, "rejects": 1})
        jam = await failing(stub, lambda lcdm: lcdm.dispense(2))
        assert jam.code == 0x03
        assert (jam.response.as_dict()["exit1"], jam.response.as_dict()["reject1"]) == (1, 1)
        last = await failing(stub, lambda lcdm: lcdm.last_status())
        assert (last.code, last.response.as_dict()["exit1"]) == (0x03, 1)
        assert (await with_library(stub, lambda lcdm: lcdm.purge())).as_dict()["reject1"] == 1
        stub.order({"do": "take_cash"})
        assert (await with_library(stub, lambda lcdm: lcdm.test_dispense(qty2=2))).as_dict()["reject2"] == 2


async def test_the_library_of_others_reads_and_writes_settings() -> None:
    async with mounted() as stub:
        await with_library(stub, lambda lcdm: lcdm.set_bill_lengths(198, 0, 90, 1))
        lengths = (await with_library(stub, lambda lcdm: lcdm.get_bill_lengths())).as_dict()
        assert [lengths[f"leng{number}"] for number in range(1, 5)] == [198, 90, 90, 1]
        await with_library(stub, lambda lcdm: lcdm.set_bill_dispense_order(2, 1, 3, 4))
        order = (await with_library(stub, lambda lcdm: lcdm.get_bill_dispense_order())).as_dict()
        assert [order[f"order{number}"] for number in range(1, 5)] == [2, 1, 3, 4]
        measured = (await with_library(stub, lambda lcdm: lcdm.sensor_diagnostics(3))).as_dict()
        assert (measured["opac"], measured["leng"], measured["reject"]) == (60, 90, 5)


@pytest.mark.full
async def test_the_library_of_others_resets() -> None:
    async with mounted(reset_s=1.5) as stub:
        await with_library(stub, lambda lcdm: (lcdm.reset(), lcdm.dispense(1)))
        assert stub.core.seen()["exit"] == {"1": 1}


# --- a process of its own -------------------------------------------------------------------------


@contextmanager
def running(path: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The stub as a process that has said where it is."""
    command = [sys.executable, "-m", "firmware_stubs.dispenser", "--link", str(path / "tty")]
    command += ["--control", str(path / "ctl"), "--kept", str(path / "kept.json"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"dispenser at ")
            yield process
        finally:
            process.kill()


def told(path: Path, order: dict[str, Any], until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Say something at the control socket, and read until a line is what was waited for."""
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(30)
        control.connect(str(path / "ctl"))
        control.sendall(json.dumps(order).encode() + b"\n")
        with control.makefile("rb") as lines:
            for line in lines:
                said: dict[str, Any] = json.loads(line)
                if until(said):
                    return said
    raise AssertionError("the control socket has closed")


def seen(path: Path) -> dict[str, Any]:
    there: dict[str, Any] = told(path, {"do": "seen"}, lambda said: True)["seen"]
    return there


@pytest.mark.full
def test_a_process_killed_in_mid_dispense_loses_no_note(tmp_path: Path) -> None:
    begin = ("--set", 'cassettes={"1": 50, "2": 50}', "--set", "note_s=0.05")
    for count in range(1, 6):
        with running(tmp_path, *begin) as process, serial.Serial(str(tmp_path / "tty"), 9600, timeout=30) as line:
            line.write(dispense(20, 5))
            assert line.read(1) == b"\x06"
            while seen(tmp_path)["exit"].get("1", 0) < 2 * count:
                os.sched_yield()
            process.send_signal(signal.SIGKILL)
            process.wait(30)
        kept = json.loads((tmp_path / "kept.json").read_text())["kept"]
        assert total(kept) == {"1": 50, "2": 50, "3": 0, "4": 0}
        with running(tmp_path, *begin):
            after = seen(tmp_path)
            assert total(after) == {"1": 50, "2": 50, "3": 0, "4": 0}
            assert after["is_open"], "what reached the exit is within reach"
            if after["path"]:
                told(tmp_path, {"do": "clear_path"}, lambda said: "seen" in said)
            told(tmp_path, {"do": "take_cash"}, lambda said: "seen" in said)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--set", "note_s=-1"], "these are no settings of a dispenser"),
        (["--set", "colour=red"], "unknown field `colour`"),
        (["--profile", "lcdm-1000", "--set", 'cassettes={"2": 1}'], "an lcdm-1000 has no cassette '2'; it has 1"),
        (["--settings", "no-such-file"], "no-such-file cannot be read"),
    ],
)
def test_wrong_settings_are_refused_with_a_sentence(options: list[str], says: str) -> None:
    result = CliRunner().invoke(main, options)
    assert (result.exit_code, says in result.output) == (2, True), result.output
