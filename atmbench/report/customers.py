"""The parts of the report about what customers suffered: when nobody was served, and for how long money was wrong."""

import textwrap
from collections.abc import Sequence

from atmbench.audit.downtime import Gap
from atmbench.audit.verdict import count
from atmbench.audit.wronged import MadeGood

WIDTH = 100
"""Columns of a line of the report."""
GAPS_IN_FULL = 10


def downtime_lines(gaps: Sequence[Gap] | None) -> list[str]:
    """Each time in which nobody was served; nothing if the drill does not ask for them."""
    if gaps is None:
        return []
    total_s = sum(gap.seconds for gap in gaps)
    lines = ["DOWNTIME", f"  nobody was served for {total_s:.3f} s in {count(len(gaps), 'gap')}"]
    for gap in gaps[:GAPS_IN_FULL]:
        lines += textwrap.wrap(gap.says, WIDTH, initial_indent="  - ", subsequent_indent="    ")
    if len(gaps) > GAPS_IN_FULL:
        lines.append(f"  and {len(gaps) - GAPS_IN_FULL:,} more")
    return lines


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
