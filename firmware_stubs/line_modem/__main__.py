"""`python -m firmware_stubs.line_modem`: a modem between two ports, run alone."""

from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from firmware_stubs.alone import given_settings, run_alone, with_options
from firmware_stubs.errors import OrderError, PortError
from firmware_stubs.line_modem.settings import Settings
from firmware_stubs.line_modem.shell import MountedModem
from firmware_stubs.line_modem.stub import LineModem
from firmware_stubs.ports import PTY, open_port

BAUD = 9600
LINE_FORMAT = "8N1"


@click.command()
@click.option("--line", default=PTY, show_default=True, help="Where the telephone line ends: pty:, or a serial port.")
@click.option("--line-link", type=click.Path(path_type=Path), help="A name that points to that pseudo-terminal.")
@click.option("--settings", type=click.Path(path_type=Path), help="A JSON object of settings; the README lists them.")
@click.option("--set", "told", multiple=True, metavar="NAME=JSON", help="One setting: --set line_bps=1200")
@with_options
def main(line: str, line_link: Path | None, settings: Path | None, told: tuple[str, ...], **options: Any) -> None:
    """Run a Hayes modem: AT commands and data at one port, the telephone line at the other."""
    given = given_settings(settings, told)
    try:
        set_up = msgspec.convert(given, Settings)
        set_up.check()
    except (msgspec.ValidationError, OrderError) as error:
        raise click.UsageError(f"these are no settings of a modem: {error}") from None
    try:
        far = open_port(line, link=line_link, baud=BAUD, line_format=LINE_FORMAT, strict_baud=False)
    except PortError as error:
        raise click.UsageError(str(error)) from None
    try:
        click.echo(f"its telephone line at {line_link or far.name}")
        run_alone(
            lambda kept: LineModem(set_up, kept),
            "line_modem",
            baud=BAUD,
            line_format=LINE_FORMAT,
            options=options,
            mount=partial(MountedModem, line=far),
        )
    finally:
        far.close()


if __name__ == "__main__":
    main()
