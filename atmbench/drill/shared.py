"""What lines share that are meant to stand in for each other: a carrier, or a site. Pure.

Two lines on one carrier are one line on the day when that carrier is gone. Source: iso8583 facts 7.2, a payment
network whose both paths had been bought from one carrier.
"""

from collections.abc import Iterator
from itertools import combinations

from atmbench.drill.places import lines_of
from atmbench.drill.records import Drill


def shared_parts(drill: Drill) -> tuple[str, ...]:
    """Each part that two lines of the same terminals share, in a sentence without a full stop."""
    return tuple(says for channel in ("", *drill.channels) for says in _of_channel(drill, channel))


def _of_channel(drill: Drill, channel: str) -> Iterator[str]:
    whose = f" of {channel}" if channel else ""
    for first, second in combinations(lines_of(drill, channel), 2):
        one, other = drill.lines[first], drill.lines[second]
        if one.carrier and one.carrier == other.carrier:
            yield f"lines {first} and {second}{whose} share the carrier {one.carrier}"
        if one.site == other.site:
            yield f"lines {first} and {second}{whose} both end at site {one.site}"
