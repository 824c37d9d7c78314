"""What tshark makes of captures: whole TCP, messages that it can read, one interface a line."""

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from atmbench.drill.stock import stock_drills
from atmbench.facts import LineUp, MessageReceived, MessageSent
from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill
from atmbench.store.run_directory import RunDirectory

pytestmark = pytest.mark.full

ISO8583 = (
    *("-d", "tcp.port==8583,iso8583"),
    *("-o", "iso8583.len_endian:bigendian"),
    *("-o", "iso8583.charset:ascii"),
    *("-o", "iso8583.binencode:ascii"),
)
"""All-ASCII messages behind a two-byte length (iso8583 facts 9)."""
CHECKSUMS = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
WRONG = "tcp.analysis.flags || tcp.checksum.status==0 || ip.checksum.status==0"
"""Retransmissions, segments out of order or missing, full windows; wrong checksums."""
UNREADABLE = "_ws.malformed || iso8583.MALFORMED"
KNOWN = ("iso87-ascii",)
"""Wireshark knows the fields of one ISO 8583, of 1987, and takes those of other dialects for malformed."""


def tshark(path: Path, *words: str) -> list[list[str]]:
    """The lines that tshark prints of a capture, in columns."""
    program = shutil.which("tshark")
    assert program is not None, "tshark is missing; tools/_programs installs it"
    command = [program, "-r", str(path / "wire.pcapng"), *ISO8583, *CHECKSUMS, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def columns(path: Path, *fields: str, where: str) -> list[list[str]]:
    """These fields of the packets that a display filter finds."""
    return tshark(path, "-Y", where, "-T", "fields", *(word for each in fields for word in ("-e", each)))


@pytest.fixture(scope="module", params=["primary-cut:virtual", "reply-corrupted:virtual", "primary-cut:loopback"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    drill, venue = request.param.split(":")
    out = tmp_path_factory.mktemp("captured") / "run"
    run_drill(find_drill(drill), venue=venue, speed=20.0 if venue == "loopback" else 1.0, out=out, capture=True)
    return out


def test_tshark_finds_nothing_wrong(run: Path) -> None:
    assert columns(run, "frame.number", "_ws.expert.message", where=f"{WRONG} || {UNREADABLE}") == []
    assert columns(run, "frame.number", where="tcp.checksum.status==1 && ip.checksum.status==1")


def test_tshark_reads_every_message_of_both_sites(run: Path) -> None:
    facts = list(RunDirectory.open(run).history())
    at_sites = (each for each in facts if isinstance(each, MessageSent | MessageReceived) and each.actor in ("A", "B"))
    read = (mti for [each] in columns(run, "iso8583.mti", where="iso8583") for mti in each.split(","))
    assert Counter(read) == Counter(each.mti for each in at_sites)


def test_every_line_that_was_up_is_an_interface_by_its_name(run: Path) -> None:
    facts = RunDirectory.open(run).history()
    up = {f"{each.actor}/{each.line}" for each in facts if isinstance(each, LineUp)}
    named = {name for [name] in columns(run, "frame.interface_name", where="tcp")}
    ends = columns(run, "frame.interface_name", "ip.src", "ip.dst", where="tcp.flags.syn==1 && tcp.flags.ack==0")
    assert named == up
    assert len({tuple(each) for each in ends}) == len(up)


def test_a_stream_can_be_followed(run: Path) -> None:
    text = "\n".join("\t".join(each) for each in tshark(run, "-q", "-z", "follow,tcp,ascii,0"))
    assert "Node 1: 198.19.0.1:8583" in text
    assert ".?0800" in text


@pytest.mark.parametrize("drill", [each.name for each in stock_drills()])
def test_tshark_finds_nothing_wrong_in_any_stock_drill(drill: str, tmp_path: Path) -> None:
    source = find_drill(drill)
    run_drill(source, seed=2, out=tmp_path / "run", capture=True)
    wrong = f"{WRONG} || {UNREADABLE}" if source.drill.dialect in KNOWN else WRONG
    assert columns(tmp_path / "run", "frame.number", "_ws.expert.message", where=wrong) == []
    is_serial = any(line.serial for line in source.drill.lines.values())
    assert columns(tmp_path / "run", "frame.number", where="tcp.len > 0" if is_serial else "iso8583"), (
        "of blocks with STX and LRC tshark knows that they passed, and no more"
    )
