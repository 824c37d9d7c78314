"""Acts: a drill's step without its trigger, as it comes from outside while a bench runs. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from atmbench.drill.records import Step
from atmbench.drill.rules import COMMANDS, NOT_COMMANDS
from atmbench.errors import LocalError

NOT_IN_AN_ACT = NOT_COMMANDS - {"name"}
"""Keys of a step that say when."""


def read_act(values: Any) -> Step:
    """The step that `{"withdraw": {...}}` is, at no time in particular.

    Raises LocalError if it is none: not exactly one command, a trigger, or a record that is wrong.
    """
    if not isinstance(values, Mapping):
        raise LocalError(
            'found no mapping, meant a command such as {"withdraw": {"terminal": "T01", "amount": "50.00"}}.'
        )
    when = sorted(NOT_IN_AN_ACT & values.keys())
    if when:
        raise LocalError(f"{when[0]}: found a trigger, meant none: a command from outside is carried out at once.")
    named = [name for name in COMMANDS if values.get(name) is not None]
    if len(named) != 1:
        found = f"{len(named)} commands ({', '.join(named)})" if named else "no command"
        raise LocalError(f"found {found}, meant exactly one of {', '.join(COMMANDS)}.")
    return _converted({**values, "at": 0.0})


def read_fault(values: Any) -> Step:
    """The step that starts a fault: `{"kind": "delay", ...}`, with a `name` beside if it is to have one."""
    if not isinstance(values, Mapping):
        raise LocalError('found no mapping, meant a fault such as {"kind": "delay", "delay_s": 2}.')
    rest = dict(values)
    name = rest.pop("name", "")
    return _converted({"at": 0.0, "name": name, "fault": rest})


def _converted(values: Mapping[str, Any]) -> Step:
    try:
        return msgspec.convert(values, Step, str_keys=True)  # keys of JSON are texts; some of ours are numbers
    except msgspec.ValidationError as error:
        raise LocalError(f"{error}.") from None
