"""The part of the report about what the sites could serve, and what came of more."""

import textwrap

from atmbench.audit.capacity import Load, SiteLoad
from atmbench.audit.verdict import count
from atmbench.report.words import SHED_FOR

WIDTH = 100
"""Columns of a line of the report."""


def capacity_lines(load: Load | None) -> list[str]:
    """A table of the sites, and what they shed; nothing if no capacity was stated."""
    if load is None:
        return []
    counts = f"{'stated':>8}{'peak':>8}{'requests':>9}{'answered':>9}{'in vain':>8}"
    lines = ["CAPACITY", f"  {'':<8}{counts}{'p50':>10}{'p99':>10}{'longest':>10}{'deepest':>14}"]
    lines += [_row(site) for site in load.sites]
    for site in load.sites:
        if site.impaired_t is not None:
            stayed = f"{site.isolate_s:.3f} s later" if site.isolated_t is not None else "never"
            lines.append(f"  site {site.site} was impaired at {site.impaired_t:.3f} s, and was off duty {stayed}")
        if site.shed:
            parts = ", ".join(f"{number:,} because {SHED_FOR.get(why, why)}" for why, number in site.shed.items())
            shed = f"site {site.site} did not serve {count(site.sheds, 'request')}: {parts}"
            lines += textwrap.wrap(shed, WIDTH, initial_indent="  ", subsequent_indent="    ")
    reversals = count(load.reversals, "reversal")
    return [*lines, f"  answer times are from arrival to answer; {reversals} for want of an answer in time"]


def _row(site: SiteLoad) -> str:
    rates = f"{f'{site.rate_per_s:g}/s':>8}{f'{site.most_per_s:,}/s':>8}"
    counts = f"{site.requests:>9,}{site.answered:>9,}{site.in_vain:>8,}"
    times_s = (site.p50_s, site.p99_s, site.longest_s if site.answered else None)
    times = "".join(f"{'-' if each is None else f'{each:.3f} s':>10}" for each in times_s)
    return f"  site {site.site:<3}{rates}{counts}{times}{f'{site.deepest:,} of {site.queue_max:,}':>14}"
