"""`python -m firmware_stubs.dispenser`: a dispenser on a pseudo-terminal or a serial port, run alone."""

from pathlib import Path
from typing import Any

import click
import msgspec

from firmware_stubs.alone import given_settings, run_alone, with_options
from firmware_stubs.dispenser.settings import CASSETTES, Settings
from firmware_stubs.dispenser.stub import Dispenser
from firmware_stubs.errors import OrderError

BAUD = 9600
"""Every driver of all three opens at this; 8 data bits, no parity, 1 stop bit."""
LINE_FORMAT = "8N1"


@click.command()
@click.option(
    "--profile", type=click.Choice([*CASSETTES], case_sensitive=False), default="lcdm-4000", show_default=True
)
@click.option("--settings", type=click.Path(path_type=Path), help="A JSON object of settings; the README lists them.")
@click.option("--set", "told", multiple=True, metavar="NAME=JSON", help="One setting: --set note_s=0.1")
@with_options
def main(profile: str, settings: Path | None, told: tuple[str, ...], **options: Any) -> None:
    """Run a Puloon cash dispenser: LCDM-4000, LCDM-1000 or LCDM-2000."""
    given = {"profile": profile, **given_settings(settings, told)}
    try:
        set_up = msgspec.convert(given, Settings)
        set_up.filled()
    except (msgspec.ValidationError, OrderError) as error:
        raise click.UsageError(f"these are no settings of a dispenser: {error}") from None
    run_alone(lambda kept: Dispenser(set_up, kept), "dispenser", baud=BAUD, line_format=LINE_FORMAT, options=options)


if __name__ == "__main__":
    main()
