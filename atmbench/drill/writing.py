"""A drill as the text of a drill file. Pure. It must never write what `load` would not read back as the same drill."""

from collections.abc import Mapping, Sequence

from atmbench.datafile import DataFileError
from atmbench.datafile.plain import plain
from atmbench.datafile.writing import to_yaml
from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.drill.rules import COMMANDS
from atmbench.errors import LocalError


def drill_text(drill: Drill, remarks: Sequence[str] = (), *, timers: Mapping[str, float | None] | None = None) -> str:
    """The YAML text of a drill, below remarks of one line each; what is as by default is left out.

    `timers` are the waiting times of its dialect, by name: whoever reads the file takes them where the drill says
    nothing, so those that it has otherwise are written out. Raises LocalError if the text would not be the same drill.
    """
    values = plain(drill)
    for step in values.get("steps", ()):
        for name in COMMANDS:
            if name in step:
                step[name].pop("command", None)
        if "cut" in step:
            step["cut"].pop("kind", None)
    own = {name: getattr(drill.terminal.timers, name) for name, usual in (timers or {}).items() if usual is not None}
    if own:
        written = values.setdefault("terminal", {})
        written["timers"] = own | written.get("timers", {})
    text = to_yaml(values)
    _demand_same(text, drill)
    return "".join(f"# {' '.join(line.split())}\n" for line in remarks) + text


def _demand_same(text: str, drill: Drill) -> None:
    try:
        is_same = parse_drill(text, "the written drill") == drill
    except DataFileError as error:
        raise LocalError(f"it cannot be written as a drill: {error}") from None
    if not is_same:
        raise LocalError("it cannot be written as a drill: some text of it does not survive it")
