"""Which terminals a command means: a share of the fleet, a list, a region, or all whose name begins alike. Pure.

A new way to choose terminals is a field of `commands.Chosen` and a line in both functions.
"""

from collections.abc import Sequence
from math import ceil

from atmbench.drill.commands import Chosen
from atmbench.drill.names import terminal_names
from atmbench.drill.places import terminals_in
from atmbench.drill.records import Drill

WAYS = Chosen.__struct_fields__


def amiss_in(chosen: Chosen, drill: Drill) -> tuple[str, str] | None:
    """What is wrong with a choice among the terminals of a drill: what was found, and what is meant; None if good.

    A region must be one of the drill's.
    """
    names = terminal_names(drill.terminals)
    ways = [way for way in WAYS if getattr(chosen, way) is not None]
    if len(ways) != 1:
        return f"{len(ways)} ways to choose terminals", f"exactly one of {', '.join(WAYS)}"
    strange = [name for name in chosen.names or () if name not in names]
    if strange:
        return f"{strange[0]!r}, which is no terminal", f"names from {names[0]} to {names[-1]}"
    if not terminals_chosen(chosen, drill, names):
        return "no terminal at all", "a choice that at least one terminal meets"
    return None


def terminals_chosen(chosen: Chosen, drill: Drill, drawn: Sequence[str]) -> tuple[str, ...]:
    """The chosen ones among the terminals of a drill, in their order.

    `drawn` are all of them in the order of a draw: a share is the first so many of it.
    """
    names = terminal_names(drill.terminals)
    if chosen.percent is not None:
        share = frozenset(drawn[: ceil(len(names) * chosen.percent / 100)])
        return tuple(name for name in names if name in share)
    if chosen.names is not None:
        return tuple(name for name in names if name in chosen.names)
    if chosen.region is not None:
        return terminals_in(drill, chosen.region)
    return tuple(name for name in names if name.startswith(chosen.prefix or ""))
