"""The part of the report about what customers suffered: for how long their money was wrong."""

import textwrap

from atmbench.audit.verdict import count
from atmbench.audit.wronged import MadeGood

WIDTH = 100
"""Columns of a line of the report."""


def made_good_lines(made: MadeGood | None) -> list[str]:
    """How many customers had wrong money, and for how long; nothing if nobody had."""
    if made is None:
        return []
    still = f", {made.still_wrong:,} of them to the end" if made.still_wrong else ", and all have it right again"
    says = (
        f"{count(made.customers, 'customer')} had wrong money{still}: half of them for {made.median_s:.3f} s at most, "
        f"95 in 100 for {made.p95_s:.3f} s, the longest for {made.longest_s:.3f} s ({made.longest})"
    )
    return ["MADE GOOD", *textwrap.wrap(says, WIDTH, initial_indent="  ", subsequent_indent="  ")]
