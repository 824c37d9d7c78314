"""Which terminals a command means: a share of the fleet, a list, or all whose name begins alike. Pure.

A new way to choose terminals (by where they stand, say) is a field of `commands.Chosen` and a line in both functions.
"""

from collections.abc import Sequence
from math import ceil

from atmbench.drill.commands import Chosen

WAYS = Chosen.__struct_fields__


def amiss_in(chosen: Chosen, names: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with a choice among these terminals: what was found, and what is meant; None if it is good."""
    ways = [way for way in WAYS if getattr(chosen, way) is not None]
    if len(ways) != 1:
        return f"{len(ways)} ways to choose terminals", f"exactly one of {', '.join(WAYS)}"
    strange = [name for name in chosen.names or () if name not in names]
    if strange:
        return f"{strange[0]!r}, which is no terminal", f"names from {names[0]} to {names[-1]}"
    if not terminals_chosen(chosen, names, names):
        return "no terminal at all", "a choice that at least one terminal meets"
    return None


def terminals_chosen(chosen: Chosen, names: Sequence[str], drawn: Sequence[str]) -> tuple[str, ...]:
    """The chosen ones among these terminals, in their order.

    `drawn` are all of them in the order of a draw: a share is the first so many of it.
    """
    if chosen.percent is not None:
        share = frozenset(drawn[: ceil(len(names) * chosen.percent / 100)])
        return tuple(name for name in names if name in share)
    if chosen.names is not None:
        return tuple(name for name in names if name in chosen.names)
    return tuple(name for name in names if name.startswith(chosen.prefix or ""))
