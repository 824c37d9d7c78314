"""The books of one active fault: whom it is aimed at, how many frames it has met, and which.

Faults are frozen records; what changes while they are active stands here. This module must never
decide what becomes of a frame.
"""

from collections import deque
from collections.abc import Collection, Sequence
from random import Random
from typing import NamedTuple, TypeVar

import msgspec

from atmbench.errors import RemoteError
from atmbench.faults.base import PAST_FRAMES_MAX, Fault, Frame, Memory, Wire
from atmbench.messages.matching import text_fits

SOURCES_MAX = 20_000
"""So many random sources are kept; beyond that the oldest is dropped, and begins anew when it is needed again."""
STREAMS_MAX = 40_000
"""So many streams are kept in mind; beyond that the oldest is forgotten."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

Stream = tuple[str, str, str]
"""Terminal, line and direction."""


class Item(msgspec.Struct):
    """Bytes on their way through the faults, and when they arrive."""

    data: bytes
    body: bytes
    mti: str
    at: float
    to: str = ""
    is_whole: bool = True
    held_by: tuple[str, ...] = ()
    """The faults without which they would arrive earlier."""


class Latest(NamedTuple):
    """The last bytes of a stream that others must not pass."""

    at: float
    carrier: str
    held_by: tuple[str, ...]


class Book:
    """One fault with its books."""

    def __init__(self, name: str, fault: Fault, carried: Collection[str] | None = None) -> None:
        self.name = name
        self.fault = fault
        self.kind = str(fault.__struct_config__.tag)
        self.carried = carried
        """The lines of the carrier that it is aimed at; None for a fault of no carrier's."""
        self.prefix = fault.terminal[:-1] if fault.terminal.endswith("*") else None
        self.met = 0
        self.busy: dict[Stream, Latest] = {}
        """The last frame of each stream that this fault has planned."""
        self._past: dict[Stream, deque[Frame]] = {}

    def is_aimed_at(self, terminal: str, line: str, site: str, direction: str | None, now: float) -> bool:
        """Whether place, direction and time meet the aim. A `direction` of None means either."""
        fault = self.fault
        return (
            (not fault.line or fault.line == line)
            and (not fault.site or fault.site == site)
            and (self.carried is None or line in self.carried)
            and (fault.direction is None or direction is None or fault.direction == direction)
            and (
                not fault.terminal
                or fault.terminal == terminal
                or (self.prefix is not None and terminal.startswith(self.prefix))
            )
            and (fault.from_s is None or fault.from_s <= now)
            and (fault.until_s is None or now < fault.until_s)
        )

    def concerns(self, item: Item, wire: Wire) -> bool:
        """Whether the message meets the aim."""
        fault = self.fault
        if fault.mti and not text_fits(item.mti, fault.mti):
            return False
        return not fault.fields or _has_fields(item, fault.fields, wire)

    def remember(self, frame: Frame) -> Sequence[Frame]:
        """The frames to look back on; this one is among them from the next time on."""
        memory = self.fault.memory
        if memory is Memory.NOTHING:
            return ()
        stream = ("", "", "") if memory is Memory.ALL else (frame.terminal, frame.line, frame.direction)
        past = self._past.get(stream)
        if past is None:
            make_room(self._past, STREAMS_MAX)
            past = self._past[stream] = deque(maxlen=PAST_FRAMES_MAX)
        earlier = tuple(past)
        past.append(frame)
        return earlier

    def is_chosen(self, nth: int) -> bool:
        """Whether the n-th frame that met the aim is one that the aim asks for."""
        fault = self.fault
        return (fault.nth is None or nth == fault.nth) and (fault.first is None or nth <= fault.first)


class Sources:
    """One random source for each (fault, terminal, line), made when it is first needed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sources: dict[tuple[str, str, str], Random] = {}

    def of(self, name: str, terminal: str, line: str) -> Random:
        """The random source of one fault on one line."""
        key = (name, terminal, line)
        source = self._sources.get(key)
        if source is None:
            make_room(self._sources, SOURCES_MAX)
            source = self._sources[key] = Random(f"{self._seed}/{name}/{terminal}/{line}")
        return source

    def forget(self, name: str) -> None:
        """A fault has ended."""
        self._sources = {key: source for key, source in self._sources.items() if key[0] != name}


def make_room(book: dict[_Key, _Value], size_max: int) -> None:
    """Forget the oldest entry if the book is full."""
    if len(book) >= size_max:
        del book[next(iter(book))]


def _has_fields(item: Item, patterns: dict[int, str], wire: Wire) -> bool:
    if not item.body:
        return False
    try:
        fields = wire.read(item.body).fields
    except RemoteError:
        return False
    return all(number in fields and text_fits(fields[number], pattern) for number, pattern in patterns.items())
