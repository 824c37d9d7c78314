"""`python -m firmware_stubs.printer`: a receipt printer on a pseudo-terminal or a serial port, run alone."""

from pathlib import Path
from typing import Any

import click
import msgspec

from firmware_stubs.alone import run_alone, with_options
from firmware_stubs.errors import OrderError
from firmware_stubs.printer.stub import make

BAUD = {"esc-pos": 9600, "kiosk": 115200}
"""What drivers of each open at; 8 data bits, no parity, 1 stop bit."""
LINE_FORMAT = "8N1"


@click.command()
@click.option("--profile", type=click.Choice([*BAUD]), default="esc-pos", show_default=True)
@click.option("--settings", type=click.Path(path_type=Path), help="A JSON object of settings; the README lists them.")
@with_options
def main(profile: str, settings: Path | None, **options: Any) -> None:
    """Run a receipt printer: a counter printer, or a kiosk printer."""
    try:
        given = {"profile": profile, **(msgspec.json.decode(settings.read_bytes(), type=dict) if settings else {})}
        make(given, {})
    except OSError as error:
        raise click.UsageError(f"{settings} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, OrderError) as error:  # a ValidationError is a DecodeError
        raise click.UsageError(f"these are no settings of a printer: {error}") from None
    run_alone(lambda kept: make(given, kept), "printer", baud=BAUD[profile], line_format=LINE_FORMAT, options=options)


if __name__ == "__main__":
    main()
