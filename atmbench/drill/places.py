"""Who is where in the world of a drill: terminals and clients by name, channel, region and line. Pure."""

from collections.abc import Iterable

from atmbench.drill.names import client_names, terminal_names
from atmbench.drill.records import Drill

ATM = "atm"
"""What the fleet of ATMs is called among the channels."""
PREFIXES = {"online": "W", "mobile": "M"}
"""Usual beginnings of the names of clients."""


def prefix_of(drill: Drill, channel: str) -> str:
    """How the names of a channel's clients begin; empty if the drill does not say and there is no usual one."""
    return drill.channels[channel].prefix or PREFIXES.get(channel, "")


def clients_of(drill: Drill, channel: str) -> tuple[str, ...]:
    """The clients of a channel by name."""
    return client_names(prefix_of(drill, channel), drill.channels[channel].clients)


def channels_by_client(drill: Drill) -> dict[str, str]:
    """Every client to its channel."""
    return {name: channel for channel in drill.channels for name in clients_of(drill, channel)}


def everybody(drill: Drill) -> tuple[str, ...]:
    """All terminals, then all clients of channels, by name."""
    return (*terminal_names(drill.terminals), *channels_by_client(drill))


def lines_of(drill: Drill, channel: str = "") -> tuple[str, ...]:
    """The lines that the clients of a channel dial, or (without one) the ATMs, in order of preference."""
    return tuple(name for name, line in drill.lines.items() if line.channel == channel)


def terminals_in(drill: Drill, region: str) -> tuple[str, ...]:
    """The terminals of a region, in order."""
    return meant_by(drill.regions[region], terminal_names(drill.terminals))


def first_day(drill: Drill) -> str:
    """The business day that a run begins with, YYMMDD."""
    return drill.starts_at[2:10].replace("-", "")


def places(drill: Drill) -> tuple[str, ...]:
    """All names that something with a clock goes by: sites, terminals, clients, regions, channels."""
    return (*drill.host.sites, *everybody(drill), *drill.regions, *drill.channels)


def called(drill: Drill, place: str) -> tuple[str, ...]:
    """The sites, terminals and clients that go by a name of `places`; all of them by an empty one."""
    if not place:
        return (*drill.host.sites, *everybody(drill))
    if place in drill.regions:
        return terminals_in(drill, place)
    if place in drill.channels:
        return clients_of(drill, place)
    return (place,)


def meant_by(patterns: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Those names that are listed, or begin as one that ends in *."""
    wanted = tuple(patterns)
    return tuple(name for name in names if any(_fits(name, pattern) for pattern in wanted))


def _fits(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
