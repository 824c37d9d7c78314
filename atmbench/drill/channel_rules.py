"""Rules of channels and regions, and of orders that concern them. Each is a generator of broken rules. Pure."""

from collections.abc import Iterator

from atmbench.datafile import Path
from atmbench.drill.broken import Broken, known_rules
from atmbench.drill.command_rules import NEEDS_A_MACHINE
from atmbench.drill.names import terminal_names
from atmbench.drill.places import ATM, clients_of, everybody, lines_of, meant_by, prefix_of
from atmbench.drill.records import ChannelSettings, Drill

NAME_SIZE = 8
"""Characters of a terminal's name in DE41 (iso8583 facts 1.5)."""


def channel_rules(drill: Drill) -> Iterator[Broken]:
    """What channels, the lines that name one, and regions must keep."""
    for name, channel in drill.channels.items():
        yield from _channel(drill, name, channel, ("channels", name))
    yield from _names(drill)
    for name, line in drill.lines.items():
        if line.channel:
            yield from known_rules(line.channel, drill.channels, "channel", ("lines", name, "channel"))
    if drill.lines and not lines_of(drill):
        yield Broken(("lines",), "no line for the ATMs", "at least one without a channel")
    yield from _regions(drill)
    view = drill.expect.view
    for name in view.delay_s if view is not None else ():
        yield from known_rules(name, (ATM, *drill.channels), "channel", ("expect", "view", "delay_s", name))


def _channel(drill: Drill, name: str, channel: ChannelSettings, path: Path) -> Iterator[Broken]:
    if name == ATM or not name.strip():
        yield Broken(path, f"a channel called {name!r}", f"another name; the ATMs themselves are {ATM!r}")
    prefix = prefix_of(drill, name)
    if not prefix or prefix == "T":
        meant = "prefix: with one to three capital letters of its own, such as C, and not the T of the ATMs"
        yield Broken((*path, "prefix"), f"{prefix or 'nothing'} for the names of clients of {name!r}", meant)
    elif len(clients_of(drill, name)[-1]) > NAME_SIZE:
        found = f"clients called {clients_of(drill, name)[-1]}"
        yield Broken((*path, "prefix"), found, f"names of at most {NAME_SIZE} characters")
    if not lines_of(drill, name):
        yield Broken(path, f"no line of channel {name!r}", f"lines: {{{name}: {{site: A, channel: {name}}}, ...}}")
    for service, weight in channel.workload.mix.items() if channel.workload is not None else ():
        if weight and service in NEEDS_A_MACHINE:
            where = (*path, "workload", "mix", str(service))
            yield Broken(where, f"a {service}", "a service without cash, such as transfer, bill_payment or balance")
    if drill.security is not None and drill.security.chips:
        yield Broken(path, "a channel beside cards with chips", "security: {chips: false}: a client reads no chip")


def _names(drill: Drill) -> Iterator[Broken]:
    seen: dict[str, str] = {}
    for name in drill.channels:
        prefix = prefix_of(drill, name)
        if prefix and prefix in seen:
            found = f"the prefix {prefix!r} again (channel {seen[prefix]!r} has it)"
            yield Broken(("channels", name, "prefix"), found, "a prefix of its own for each channel")
        seen[prefix] = name


def _regions(drill: Drill) -> Iterator[Broken]:
    names, taken = terminal_names(drill.terminals), dict[str, str]()
    for region, patterns in drill.regions.items():
        others = {"site": drill.host.sites, "terminal or client": everybody(drill), "channel": drill.channels}
        for what, called in others.items():
            if region in called:
                found = f"a region called {region!r}, which is a {what}"
                yield Broken(("regions", region), found, "a name of its own")
        for index, pattern in enumerate(patterns):
            if not meant_by((pattern,), names):
                found = f"{pattern!r}, which no terminal meets"
                yield Broken(("regions", region, index), found, f"{names[0]} to {names[-1]} (terminals)")
        if not patterns:
            yield Broken(("regions", region), "no terminal", "at least one")
        for name in meant_by(patterns, names):
            if name in taken:
                found = f"{name}, which is in region {taken[name]!r} already"
                yield Broken(("regions", region), found, "each terminal in one region at most")
            taken[name] = region
