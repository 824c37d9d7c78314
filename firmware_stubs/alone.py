"""One stub started alone, as `python -m firmware_stubs.<device>`: its options, and the loop around it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
import trio

from firmware_stubs.control import serve_control
from firmware_stubs.core import Core
from firmware_stubs.errors import OrderError, StubError, first_of
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.ports import PTY, open_port
from firmware_stubs.rack import Mounted, Rack

FAULT_FILE_BYTES_MAX = 1_000_000
SETTINGS_BYTES_MAX = 1_000_000
BITS_PER_CHARACTER = {"8N1": 10, "8E1": 11, "8O1": 11, "7E1": 10}

Make = Callable[[dict[str, Any]], Core]
"""Builds the core from what an earlier one has kept."""
Mount = Callable[..., Mounted]
"""Puts a core at its port; takes what Mounted takes."""

OPTIONS = (
    click.option("--port", default=PTY, show_default=True, help="pty: for a pseudo-terminal, or a serial port."),
    click.option("--link", type=click.Path(path_type=Path), help="A name that points to the pseudo-terminal."),
    click.option("--control", type=click.Path(path_type=Path), help="A Unix socket that takes orders, JSON a line."),
    click.option("--kept", type=click.Path(path_type=Path), help="A file for what the machine keeps without power."),
    click.option("--orders", type=click.Path(path_type=Path), help="A file of orders to begin with, JSON a line."),
    click.option("--strict-baud", is_flag=True, help="Hear nothing at any other speed than the device's own."),
    click.option("--pace", is_flag=True, help="Send no faster than the speed of the line allows."),
)


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that all stubs share."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def given_settings(path: Path | None, told: tuple[str, ...] = ()) -> dict[str, Any]:
    """Settings of a JSON file, with those on top that were told one by one: NAME=VALUE, a word without quotes.

    Raises click.UsageError if the file cannot be read, or is no JSON object.
    """
    given: dict[str, Any] = {}
    if path is not None:
        try:
            with path.open("rb") as file:
                given = msgspec.json.decode(file.read(SETTINGS_BYTES_MAX), type=dict[str, Any])
        except OSError as error:
            raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error
        except msgspec.DecodeError as error:
            raise click.UsageError(f"{path} is no JSON object: {error}") from None
    for each in told:
        name, equals, value = each.partition("=")
        try:
            given[name] = msgspec.json.decode(value) if equals else None
        except msgspec.DecodeError:
            given[name] = value
    return given


def run_alone(
    make: Make, device: str, *, baud: int, line_format: str, options: dict[str, Any], mount: Mount = Mounted
) -> None:
    """Run one stub until it is stopped. Says on stdout where it is; errors end it with a sentence and code 2."""
    try:
        trio.run(_run, make, device, baud, line_format, options, mount)
    except* StubError as group:
        raise click.UsageError(str(first_of(group))) from None
    except* KeyboardInterrupt:
        click.echo("stopped", err=True)


async def _run(make: Make, device: str, baud: int, line_format: str, options: dict[str, Any], mount: Mount) -> None:
    file = KeptFile(options["kept"], device)
    core = make(file.load())
    orders = _read_orders(options["orders"])
    port = open_port(
        options["port"],
        link=options["link"],
        baud=baud,
        line_format=line_format,
        strict_baud=options["strict_baud"],
    )
    try:
        char_s = BITS_PER_CHARACTER[line_format] / baud if options["pace"] else 0.0
        mounted = mount(device, core, port, file, char_s=char_s)
        rack = Rack([mounted])
        for order in orders:
            mounted.order(order)
        async with trio.open_nursery() as nursery:
            if options["control"] is not None:
                await nursery.start(serve_control, options["control"], rack)
            click.echo(f"{device} at {options['link'] or port.name}")
            await rack.run()
    finally:
        port.close()


def _read_orders(path: Path | None) -> list[dict[str, Any]]:
    if path is None:
        return []
    try:
        with path.open("rb") as file:
            raw = file.read(FAULT_FILE_BYTES_MAX)
    except OSError as error:
        raise OrderError(f"{path} cannot be read: {error.strerror}") from error
    orders = []
    for number, line in enumerate(raw.splitlines(), 1):
        try:
            orders += [msgspec.json.decode(line, type=dict[str, Any])] if line.strip() else []
        except msgspec.DecodeError as error:
            raise OrderError(f"{path}, line {number} is no JSON object: {error}") from None
    return orders
