"""A rack of stubs in one process: `python -m firmware_stubs RACK.json`. Says `ready` on stdout when all can be used.

    {"control": "rack.ctl", "speed": 1.0,
     "stubs": [{"name": "T01/dispenser", "device": "lcdm-4000", "link": "T01-dispenser.tty", "settings": {}}]}

`speed` is how much faster than the wall its machines live; `kept` of a stub names a file for what it keeps. It ends
when its stdin is closed: a rack that nobody holds any more must not live on.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import click
import msgspec
import trio

from firmware_stubs.catalog import make_core
from firmware_stubs.control import serve_control
from firmware_stubs.errors import OrderError, StubError, first_of
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.line_modem.shell import MountedModem
from firmware_stubs.line_modem.stub import LineModem
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack

RACK_FILE_BYTES_MAX = 10_000_000
STUBS_MAX = 4_000


class StubSpec(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One stub of a rack, on a pseudo-terminal that `link` points to."""

    name: str
    device: str
    link: str
    settings: dict[str, Any] = {}
    kept: str = ""
    line: str = ""
    """Of a modem: what its telephone line's pseudo-terminal is called; without it numbers lead to TCP alone."""


class RackSpec(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A rack file."""

    control: str
    stubs: Annotated[list[StubSpec], msgspec.Meta(max_length=STUBS_MAX)]
    speed: Annotated[float, msgspec.Meta(gt=0, le=100)] = 1.0


@click.command()
@click.argument("rack", type=click.Path(path_type=Path))
def main(rack: Path) -> None:
    """Run all stubs of a RACK file until standard input is closed."""
    from trio.testing import MockClock

    try:
        spec = _read(rack)
        trio.run(_run, spec, clock=MockClock(rate=spec.speed))
    except* StubError as group:
        raise click.UsageError(str(first_of(group))) from None


def _read(path: Path) -> RackSpec:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(RACK_FILE_BYTES_MAX), type=RackSpec)
    except OSError as error:
        raise OrderError(f"{path} cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise OrderError(f"{path} is no rack file: {error}") from None


def _mount(spec: StubSpec) -> Mounted:
    file = KeptFile(Path(spec.kept) if spec.kept else None, spec.device)
    core = make_core(spec.device, spec.settings, file.load())
    port = PtyPort(Path(spec.link))
    if isinstance(core, LineModem):
        return MountedModem(spec.name, core, port, file, line=PtyPort(Path(spec.line) if spec.line else None))
    return Mounted(spec.name, core, port, file)


async def _run(spec: RackSpec) -> None:
    rack = Rack([_mount(each) for each in spec.stubs])
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(rack.run)
            await nursery.start(serve_control, Path(spec.control), rack)
            click.echo("ready")
            await _stdin_closed()
            nursery.cancel_scope.cancel()
    finally:
        for each in rack.mounted.values():
            each.close()


async def _stdin_closed() -> None:
    async with trio.lowlevel.FdStream(sys.stdin.fileno()) as stdin:
        while await stdin.receive_some():
            pass


if __name__ == "__main__":
    main()
