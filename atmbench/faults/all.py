"""All faults, as one union for drill files and the control plane."""

from typing import Union

from atmbench.faults.cut import Cut
from atmbench.faults.fields import DropField, GarbleField, HollowField, SetField
from atmbench.faults.octets import FlipBits, LieAboutLength, Truncate
from atmbench.faults.reads import Merge, Split, Trickle
from atmbench.faults.timing import Delay, Reorder
from atmbench.faults.traffic import Duplicate, Lose, Stale, Swap

AnyFault = Union[  # noqa: UP007 - a union built by a call would be unreadable to type checkers
    Cut,
    Delay,
    Reorder,
    Trickle,
    Split,
    Merge,
    Lose,
    Duplicate,
    Stale,
    Swap,
    FlipBits,
    Truncate,
    LieAboutLength,
    SetField,
    GarbleField,
    DropField,
    HollowField,
]

__all__ = [
    "AnyFault",
    "Cut",
    "Delay",
    "DropField",
    "Duplicate",
    "FlipBits",
    "GarbleField",
    "HollowField",
    "LieAboutLength",
    "Lose",
    "Merge",
    "Reorder",
    "SetField",
    "Split",
    "Stale",
    "Swap",
    "Trickle",
    "Truncate",
]
