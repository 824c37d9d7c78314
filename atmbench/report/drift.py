"""A comparison of two hosts as text for people and as JSON."""

from collections.abc import Iterator

import msgspec

from atmbench.audit.drift import Difference, Drift
from atmbench.audit.verdict import count


def render_drift(drift: Drift, seed: int) -> str:
    """The whole text, fit to be printed."""
    return "\n".join(_lines(drift, seed)) + "\n"


def drift_json(drift: Drift, seed: int) -> str:
    """The same for programs."""
    told = {"same": drift.is_none, "seed": seed, **msgspec.to_builtins(drift)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode("utf-8") + "\n"


def _lines(drift: Drift, seed: int) -> Iterator[str]:
    if drift.is_none:
        yield f"SAME  {drift.a} and {drift.b}: {drift.probes:,} probes, no answer differs"
    else:
        fields = count(len(drift.differences), "field")
        yield f"DRIFT  {drift.a} and {drift.b}: {drift.differing:,} of {drift.probes:,} probes differ, in {fields}"
    yield f"Seed: {seed}"
    for field, because in drift.volatile.items():
        yield f"Not compared: DE{field} ({because})"
    if drift.named:
        yield ""
        yield "WHAT IT COMES FROM"
        yield from (f"  {each}" for each in drift.named)
    if drift.differences:
        yield ""
        yield "DIFFERENCES, each with the first probe that shows it"
        for difference in drift.differences:
            yield from _difference(drift, difference)


def _difference(drift: Drift, difference: Difference) -> Iterator[str]:
    number = f"DE{difference.field} " if difference.field.isdigit() else ""
    yield f"  {number}{difference.name}: {count(difference.probes, 'probe')}"
    yield f"    probe {difference.first}, {difference.says}"
    width = max(len(drift.a), len(drift.b))
    yield f"      {drift.a:<{width}}  {difference.a or '(nothing)'}"
    yield f"      {drift.b:<{width}}  {difference.b or '(nothing)'}"
