"""`python -m firmware_stubs.note_acceptor`: a note acceptor on a pseudo-terminal or a serial port, run alone."""

from pathlib import Path
from typing import Any

import click
import msgspec

from firmware_stubs.alone import given_settings, run_alone, with_options
from firmware_stubs.catalog import Make
from firmware_stubs.errors import OrderError
from firmware_stubs.note_acceptor import recycler, stub

BAUD = 9600
"""A switch on the unit makes it 19200."""
LINE_FORMAT = "8N1"
PROFILES: dict[str, Make] = {"validator": stub.make, "bill-to-bill": recycler.make}


@click.command()
@click.option("--profile", type=click.Choice(list(PROFILES)), default="validator", show_default=True)
@click.option("--settings", type=click.Path(path_type=Path), help="A JSON object of settings; the README lists them.")
@click.option("--set", "told", multiple=True, metavar="NAME=JSON", help="One setting: --set stack_s=0.1")
@with_options
def main(profile: str, settings: Path | None, told: tuple[str, ...], **options: Any) -> None:
    """Run a CashCode bill validator or Bill-to-Bill recycler that speaks CCNET."""
    given = given_settings(settings, told)
    make = PROFILES[profile]
    try:
        make(given, {})
    except (msgspec.ValidationError, OrderError) as error:
        raise click.UsageError(f"these are no settings of a {profile}: {error}") from None
    run_alone(lambda kept: make(given, kept), "note_acceptor", baud=BAUD, line_format=LINE_FORMAT, options=options)


if __name__ == "__main__":
    main()
