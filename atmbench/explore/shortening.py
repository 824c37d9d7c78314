"""Ways to make a drill shorter: each proposes drills and is told which of them are good. Pure.

A proposal may be no drill at all, or fail otherwise: who drives a way finds out. Each way goes on from what was good.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import msgspec

from atmbench.datafile.plain import plain
from atmbench.drill.expectations import Expectations
from atmbench.drill.names import terminal_names
from atmbench.drill.records import Drill, Heal, Population, Step
from atmbench.drill.rules import command_of
from atmbench.terminal.settings import TerminalSettings

Way = Generator[Drill, bool, None]
"""Proposes a drill, and is sent whether it is good."""

KEPT_FIELDS = frozenset(
    {"drill", "proves", "seed", "steps", "heal", "expect", "terminals", "workload", "cards", "terminal"}
)
"""What has a way of its own, or is not to be touched."""
STEPS_OF_S = (60.0, 30.0, 10.0, 5.0, 1.0, 0.5, 0.1)
"""Times are tried as multiples of these, the roundest first."""
GAPS_S = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
HEAL_AFTER_S = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
TERMINALS_TRIED = 4


def drop_steps(drill: Drill) -> Way:
    """Leave out steps: halves, quarters, and at last one at a time."""
    size = max(1, len(drill.steps) // 2)
    while drill.steps:
        at = 0
        while at < len(drill.steps):
            proposed = without_steps(drill, range(at, at + size))
            if (yield proposed):
                drill = proposed
            else:
                at += size
        if size == 1:
            return
        size //= 2


def without_steps(drill: Drill, left_out: Sequence[int]) -> Drill:
    """The drill without some steps, and without what mends or starts what none of the others breaks."""
    steps = [step for index, step in enumerate(drill.steps) if index not in left_out]
    names = {step.name for step in steps if step.name}
    dark = {step.stop_site.site for step in steps if step.stop_site is not None}
    kept = tuple(
        step
        for step in steps
        if not (step.mend is not None and step.mend.name and step.mend.name not in names)
        and not (step.start_site is not None and step.start_site.site not in dark)
    )
    return msgspec.structs.replace(drill, steps=kept)


def fewer_terminals(drill: Drill) -> Way:
    """Fewer terminals: first as few as can be, all customers at the first of them; then those that are named."""
    names = terminal_names(drill.terminals)
    used = [name for name in names if name in _texts(plain(drill)["steps"] if drill.steps else [])]
    for number in dict.fromkeys((*range(1, TERMINALS_TRIED + 1), max(1, len(used)))):
        if number < drill.terminals:
            new = terminal_names(number)
            proposed = renamed(drill, {old: new[index % number] for index, old in enumerate(used)}, number)
            if (yield proposed):
                return


def renamed(drill: Drill, names: dict[str, str], terminals: int) -> Drill:
    """The drill with so many terminals, and each name of one in its steps replaced."""
    steps = tuple(msgspec.convert(_replaced(plain(step), names), Step, str_keys=True) for step in drill.steps)
    return msgspec.structs.replace(drill, terminals=terminals, steps=steps)


def fewer_cards(drill: Drill) -> Way:
    """Fewer cards, and all that is said of them left out."""
    highest = max((number for number in _cards(drill)), default=1)
    for number in dict.fromkeys((1, highest)):
        if number < drill.cards.cards:
            proposed = msgspec.structs.replace(drill, cards=msgspec.structs.replace(drill.cards, cards=number))
            if (yield proposed):
                drill = proposed
    for field in Population.__struct_fields__:
        if field != "cards":
            proposed = _with_default(drill, "cards", field)
            if proposed != drill and (yield proposed):
                drill = proposed


def default_settings(usual: TerminalSettings) -> Callable[[Drill], Way]:
    """Leave out what is set: whole parts, then single settings of host and terminals."""

    def way(drill: Drill) -> Way:
        for part in msgspec.structs.fields(Drill):
            if part.name in KEPT_FIELDS or part.required:
                continue
            default = part.default_factory() if part.default is msgspec.NODEFAULT else part.default
            if getattr(drill, part.name) != default:
                proposed = msgspec.structs.replace(drill, **{part.name: default})
                if (yield proposed):
                    drill = proposed
        proposed = msgspec.structs.replace(drill, terminal=usual)
        if proposed != drill and (yield proposed):
            drill = proposed
        for name, fields in (("host", drill.host.__struct_fields__), ("terminal", usual.__struct_fields__)):
            for field in fields:
                proposed = _with_default(drill, name, field, usual if name == "terminal" else None)
                if proposed != drill and (yield proposed):
                    drill = proposed

    return way


def _with_default(drill: Drill, part: str, field: str, like: msgspec.Struct | None = None) -> Drill:
    """One setting of a part as it is by default, or as another has it."""
    record = getattr(drill, part)
    default = getattr(like if like is not None else type(record)(), field)
    return msgspec.structs.replace(drill, **{part: msgspec.structs.replace(record, **{field: default})})


def plain_expectations(drill: Drill) -> Way:
    """Expect nothing beyond what every drill must show."""
    for expect in (Expectations(approved_min=0), msgspec.structs.replace(drill.expect, open_exceptions_max=0)):
        if expect != drill.expect and (yield msgspec.structs.replace(drill, expect=expect)):
            return


def simpler_steps(drill: Drill) -> Way:
    """Of each step, leave out what need not be said, one thing at a time; say the rest more simply."""
    index = 0
    while index < len(drill.steps):
        for change in _changes(drill.steps[index]):
            proposed = msgspec.structs.replace(drill, steps=(*drill.steps[:index], change, *drill.steps[index + 1 :]))
            if (yield proposed):
                drill = proposed
                break
        else:
            index += 1


def _changes(step: Step) -> Iterator[Step]:
    """One step with one thing less, or one thing simpler."""
    key, command = command_of(step)
    values = plain(command)
    others = {name: value for name, value in plain(step).items() if name != key}
    if step.name:
        yield from _step({**others, "name": ""}, key, values)
    for name, value in values.items():
        if name not in ("command", "kind"):
            yield from _step(others, key, {each: values[each] for each in values if each != name})
            for simpler in _simpler(value):
                yield from _step(others, key, values | {name: simpler})
    if key == "transact":
        withdraw: dict[str, Any] = {each: values[each] for each in ("terminal", "amount", "card") if each in values}
        yield from _step(others, "withdraw", {"command": "withdraw", **withdraw})


def _step(others: dict[str, Any], key: str, values: dict[str, Any]) -> Iterator[Step]:
    try:
        yield msgspec.convert({**others, key: values}, Step, str_keys=True)
    except msgspec.ValidationError:  # what it lacks cannot be left out
        return


def _simpler(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield from (each for each in (1, 5, 10, 30, 60) if abs(each) < abs(value))
    elif isinstance(value, str) and value.replace(".", "").isdigit() and "." in value:
        yield from (each for each in ("10.00", "20.00", "50.00") if float(each) < float(value))


def rounder_times(drill: Drill) -> Way:
    """Times as round as can be, and healing as soon as can be."""
    last = max((step.at or step.from_s for step in drill.steps), default=0.0)
    for after_s in HEAL_AFTER_S:
        at = float(int(last + after_s))
        if last < at < drill.heal.at and (yield (proposed := _healing_at(drill, at))):
            drill = proposed
            break
    for index, step in enumerate(drill.steps):
        for unit_s in STEPS_OF_S:
            proposed = _at(drill, index, round((step.at or 0.0) / unit_s) * unit_s)
            if step.at is not None and proposed != drill and (yield proposed):
                drill = proposed
                break


def sooner(drill: Drill) -> Way:
    """All from one step on comes earlier: as soon after the one before as can be."""
    for index in range(len(drill.steps)):
        for gap_s in GAPS_S:
            times = [step.at for step in drill.steps[index:] if step.at is not None]
            before = max((step.at or 0.0 for step in drill.steps[:index]), default=0.0)
            by = min(times, default=0.0) - before - gap_s
            if by > 0 and (yield (proposed := _shifted(drill, index, by))):
                drill = proposed
                break


def _shifted(drill: Drill, first: int, by: float) -> Drill:
    steps = tuple(
        step if index < first or step.at is None else msgspec.structs.replace(step, at=round(step.at - by, 3))
        for index, step in enumerate(drill.steps)
    )
    return _healing_at(msgspec.structs.replace(drill, steps=steps), round(drill.heal.at - by, 3))


def _healing_at(drill: Drill, at: float) -> Drill:
    return msgspec.structs.replace(drill, heal=Heal(at=at, within_s=drill.heal.within_s))


def _at(drill: Drill, index: int, at: float) -> Drill:
    step = msgspec.structs.replace(drill.steps[index], at=round(at, 3))
    return msgspec.structs.replace(drill, steps=(*drill.steps[:index], step, *drill.steps[index + 1 :]))


def _cards(drill: Drill) -> Iterator[int]:
    for step in drill.steps:
        command = step.withdraw or step.transact
        if command is not None and command.card is not None:
            yield command.card


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_texts(each) for each in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(_texts(each) for each in value))
    return {value} if isinstance(value, str) else set()


def _replaced(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value
