"""A comparison of two runs as text for people and as JSON."""

from collections.abc import Iterator, Sequence

import msgspec

from atmbench.audit.verdict import count, listed
from atmbench.compare import Comparison, Difference

SECTIONS = {"outcomes": "OUTCOMES", "codes": "RESPONSE CODES", "timings": "TIMINGS", "fields": "MESSAGES"}
P_LEAST = 0.0001
"""Smaller ones are not told apart."""


def render_comparison(found: Comparison) -> str:
    """The whole text, fit to be printed."""
    return "\n".join(_lines(found)) + "\n"


def comparison_json(found: Comparison) -> str:
    """The same for programs."""
    told = {"same": found.is_none, **msgspec.to_builtins(found)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode("utf-8") + "\n"


def _lines(found: Comparison) -> Iterator[str]:
    a, b = found.a, found.b
    if found.is_none:
        yield f"SAME  {a.name} and {b.name}: {count(found.compared, 'comparison')}, no difference but by chance"
    else:
        yield f"DIFFERENT  {a.name} and {b.name}: {count(len(found.differences), 'difference')}"
    yield f"A: {_run(found, 0)}"
    yield f"B: {_run(found, 1)}"
    yield from (f"No fair comparison: {each}" for each in found.unlike)
    yield (
        f"Chance of any false finding: {found.alpha:.2%} at most. Times must differ by {found.timing_percent:g} % or "
        f"more. Too few to tell: {found.untold:,} of {count(found.compared, 'comparison')}"
    )
    for about, title in SECTIONS.items():
        of_it = [each for each in found.differences if each.about == about]
        if of_it:
            yield ""
            yield title
            for same in _together(of_it):
                yield from _difference(same)


def _run(found: Comparison, number: int) -> str:
    about = (found.a, found.b)[number]
    planted = f"   planted: {', '.join(about.defects)}" if about.defects else ""
    return f"{about.drill}   seed: {about.seed}   venue: {about.venue}   version: {about.version}{planted}"


def _together(differences: Sequence[Difference]) -> list[list[Difference]]:
    """The same change in services or messages of many kinds is told once."""
    groups: dict[tuple[str, ...], list[Difference]] = {}
    for number, each in enumerate(differences):
        alike = (each.field, each.change) if each.change else (str(number),)
        groups.setdefault(alike, []).append(each)
    return list(groups.values())


def _difference(same: Sequence[Difference]) -> Iterator[str]:
    first = same[0]
    number = f"DE{first.field} " if first.field.isdigit() else ""
    of = f"{number}{first.name}".strip()
    what = listed(each.what for each in same)
    yield f"  {of} of {what}" if of else f"  {what}"
    yield f"      A  {first.a}"
    yield f"      B  {first.b}"
    yield f"      {_sure(max(each.p for each in same))}"


def _sure(p: float) -> str:
    if p == 0:
        return "beyond chance"
    return f"p < {P_LEAST}" if p < P_LEAST else f"p = {p:.4f}"
