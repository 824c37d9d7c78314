"""`python -m firmware_stubs.pin_pad`: a PIN pad on a pseudo-terminal or a serial port, run alone."""

from typing import Any

import click
import msgspec

from firmware_stubs.alone import run_alone, with_options
from firmware_stubs.pin_pad.settings import PROFILES, Settings
from firmware_stubs.pin_pad.stub import PinPad

BAUD = 9600
LINE_FORMAT = "8N1"


@click.command()
@click.option("--profile", type=click.Choice([*PROFILES]), default="zt598", show_default=True)
@click.option("--set", "told", multiple=True, metavar="NAME=VALUE", help="A setting of the README: --set at_max=enter")
@with_options
def main(profile: str, told: tuple[str, ...], **options: Any) -> None:
    """Run an encrypting PIN pad of SZZT: ZT598 or ZT588."""
    given: dict[str, Any] = {"profile": profile}
    for each in told:
        name, _, value = each.partition("=")
        given[name] = value
    try:
        settings = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise click.UsageError(f"these are no settings of a PIN pad: {error}") from None
    run_alone(lambda kept: PinPad(settings, kept), "pin_pad", baud=BAUD, line_format=LINE_FORMAT, options=options)


if __name__ == "__main__":
    main()
