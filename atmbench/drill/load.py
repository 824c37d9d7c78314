"""Reads drill files: text into a `Drill` that keeps every rule. This module must never open a file."""

from atmbench.datafile import Loaded, load_with_lines
from atmbench.drill import rules
from atmbench.drill.command_rules import broken_by_command
from atmbench.drill.commands import Command
from atmbench.drill.names import fact_kinds, terminal_names
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.faults.base import Fault

__all__ = ["check_command", "check_drill", "fact_kinds", "load_drill", "parse_drill", "terminal_names"]


def parse_drill(text: str, name: str) -> Drill:
    """The drill that a file describes. `name` is what errors call the file.

    Raises DataFileError, with the line, for anything that is no drill or breaks a rule of drills.
    """
    return load_drill(text, name).value


def load_drill(text: str, name: str) -> Loaded[Drill]:
    """As `parse_drill`, and keeps what was written in the file, and where."""
    loaded = load_with_lines(text, Drill, name=name)
    for broken in rules.broken_by(loaded.value):
        raise loaded.wrong(broken.path, broken.found, broken.meant)
    return loaded


def check_drill(drill: Drill) -> None:
    """Hold a drill that was built in Python against the same rules. Raises LocalError for the first one broken."""
    for broken in rules.broken_by(drill):
        where = ".".join(str(part) for part in broken.path)
        raise LocalError(f"drill {drill.drill}, {where}: found {broken.found}, meant {broken.meant}.")


def check_command(command: Command | Fault, drill: Drill) -> None:
    """Hold one command, or a fault to start, against the world of a drill: names, amounts, numbers.

    For commands that come from outside while a drill runs. Raises LocalError.
    """
    for broken in (*broken_by_command(command, drill, ()), *rules.unpayable(command, drill, ())):
        where = broken.path[-1] if broken.path else "command"
        raise LocalError(f"{where}: found {broken.found}, meant {broken.meant}.")
