"""All faults, as one union for drill files and the control plane."""

from typing import Union, get_args

from atmbench.faults.characters import BadParity, CablePulled, Noise, SlowCharacters, WrongBaud
from atmbench.faults.controls import CarrierDrop, DoubleControl, LoseControl, NakStorm
from atmbench.faults.cut import Cut
from atmbench.faults.fields import DropField, GarbleField, HollowField, SetField
from atmbench.faults.octets import FlipBits, LieAboutLength, Truncate
from atmbench.faults.reads import Merge, Split, Trickle
from atmbench.faults.records import AlterRecord, BlockRecords, IgnoreRecords, LoseRecord, RecordFault, SwapRecords
from atmbench.faults.timing import Delay, Reorder
from atmbench.faults.traffic import Duplicate, Lose, Stale, Swap
from atmbench.faults.wires import WireFault

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
    Noise,
    BadParity,
    WrongBaud,
    SlowCharacters,
    LoseControl,
    DoubleControl,
    NakStorm,
    CarrierDrop,
    CablePulled,
    LoseRecord,
    AlterRecord,
    SwapRecords,
    BlockRecords,
    IgnoreRecords,
]

WIRE_KINDS = frozenset(str(each.__struct_config__.tag) for each in get_args(AnyFault) if issubclass(each, WireFault))
"""Kinds that strike beneath the link layer of serial lines: blocks and control characters, in a word units."""

RECORD_KINDS = frozenset(
    str(each.__struct_config__.tag) for each in get_args(AnyFault) if issubclass(each, RecordFault)
)
"""Kinds that strike between the sites of a host: journal records."""

STATE_KINDS = frozenset(str(each.__struct_config__.tag) for each in (BlockRecords, IgnoreRecords))
"""Those of them that strike no single record: they are what a way between sites is like for as long as they last."""

__all__ = [
    "RECORD_KINDS",
    "STATE_KINDS",
    "WIRE_KINDS",
    "AlterRecord",
    "AnyFault",
    "BadParity",
    "BlockRecords",
    "CablePulled",
    "CarrierDrop",
    "Cut",
    "Delay",
    "DoubleControl",
    "DropField",
    "Duplicate",
    "FlipBits",
    "GarbleField",
    "HollowField",
    "IgnoreRecords",
    "LieAboutLength",
    "Lose",
    "LoseControl",
    "LoseRecord",
    "Merge",
    "NakStorm",
    "Noise",
    "Reorder",
    "SetField",
    "SlowCharacters",
    "Split",
    "Stale",
    "Swap",
    "SwapRecords",
    "Trickle",
    "Truncate",
    "WrongBaud",
]
