"""`python -m firmware_stubs.card_reader`: an Omron 3S4YR at a pseudo-terminal or a serial port."""

from typing import Any

import click

from firmware_stubs.alone import run_alone, with_options
from firmware_stubs.card_reader.machine import BIN_CARDS
from firmware_stubs.card_reader.motion import Settings
from firmware_stubs.card_reader.stub import BAUD, CardReader


@click.command()
@click.option("--leg-s", default=Settings().leg_s, show_default=True, help="Seconds from one place to the next.")
@click.option("--bin-cards", default=BIN_CARDS, show_default=True, help="So many cards go into the bin.")
@click.option("--no-condenser", is_flag=True, help="Without charge to move a card once after power has failed.")
@with_options
def main(leg_s: float, bin_cards: int, no_condenser: bool, **options: Any) -> None:
    """A motorised hybrid card reader, Omron 3S4YR. See README.md beside this file."""
    settings = Settings(leg_s=leg_s, bin_cards=bin_cards, has_condenser=not no_condenser)
    run_alone(lambda kept: CardReader(kept, settings), CardReader.device, baud=BAUD, line_format="8E1", options=options)


if __name__ == "__main__":
    main()
