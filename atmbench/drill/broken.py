"""What a broken rule of a drill says, and the rules about names and numbers that all others are made of. Pure."""

from collections.abc import Iterable, Iterator

import msgspec

from atmbench.datafile import Path, meant_key
from atmbench.drill.names import terminal_names
from atmbench.drill.places import clients_of, everybody
from atmbench.drill.records import Drill


class Broken(msgspec.Struct, frozen=True):
    """A rule that does not hold: where, and both halves of the sentence that says so."""

    path: Path
    found: str
    meant: str


def terminal_rules(name: str, drill: Drill, path: Path) -> Iterator[Broken]:
    """A name must be that of a terminal."""
    if name not in terminal_names(drill.terminals):
        yield Broken(path, f"terminal {name!r}", all_terminals(drill))


def anybody_rules(name: str, drill: Drill, path: Path) -> Iterator[Broken]:
    """A name must be that of a terminal, or of a client of a channel."""
    if name not in everybody(drill):
        clients = "".join(f", {names[0]} to {names[-1]} ({each})" for each, names in _clients(drill).items())
        yield Broken(path, f"terminal {name!r}", f"{all_terminals(drill)}{clients}")


def _clients(drill: Drill) -> dict[str, tuple[str, ...]]:
    return {channel: clients_of(drill, channel) for channel in drill.channels}


def all_terminals(drill: Drill) -> str:
    """From which terminal to which."""
    names = terminal_names(drill.terminals)
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]} (terminals: {drill.terminals})"


def known_rules(name: str, known: Iterable[str], noun: str, path: Path) -> Iterator[Broken]:
    """A name must be one of those known."""
    listed = list(known)
    if name not in listed:
        yield Broken(path, f"{noun} {name!r}", meant_key(name, listed) if listed else f"a {noun} that exists")


def at_least_rules(value: float | None, least: int, path: Path) -> Iterator[Broken]:
    """A number, if it is given, must not be lower."""
    if value is not None and value < least:
        yield Broken(path, f"{value:g}", f"at least {least}")
