"""What a cable holds: deliveries in the order in which they are due, until they are.

Only a book: it must never perform a delivery, and knows no clock.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from heapq import heapify, heappop, heappush
from math import inf


class Kind(IntEnum):
    """What a delivery is."""

    OUT = 0
    """Bytes for the far side."""
    IN = 1
    """Bytes for the terminal."""
    BODY = 2
    """The body of one whole, unharmed frame for the terminal."""
    ASTRAY = 3
    """Bytes for another terminal."""
    LOSS = 4
    """The terminal learns that the far side is gone; a silent cut can hide that."""
    SEVERED = 5
    """The cable itself breaks."""
    END = 6
    """The far side learns that the connection is gone."""


_OUT, _IN = Kind.OUT, Kind.IN
OUTBOUND = (_OUT,)
INBOUND = (_IN, Kind.BODY)

_Entry = tuple[float, int, Kind, bytes, str, tuple[str, ...]]
"""When it is due, its number, what it is, its bytes, a note, and the names of the faults that hold it."""


class Held:
    """The deliveries that one connection holds. What is due at the same instant is in the order of `push`."""

    __slots__ = ("_number", "heap")

    def __init__(self) -> None:
        self.heap: list[_Entry] = []
        """The earliest delivery is the first."""
        self._number = 0

    def push(self, due: float, kind: Kind, data: bytes, note: str = "", held_by: tuple[str, ...] = ()) -> None:
        """Hold one more."""
        self._number = number = self._number + 1
        heappush(self.heap, (due, number, kind, data, note, held_by))

    def pop(self) -> tuple[Kind, bytes, str]:
        """Take the earliest; bytes that are due at the same instant in the same direction come as one chunk.

        Their notes are joined.
        """
        heap = self.heap
        due, _, kind, data, note, _ = heappop(heap)
        if kind is _OUT or kind is _IN:
            while heap and heap[0][0] == due and heap[0][2] is kind:
                _, _, _, more, remark, _ = heappop(heap)
                data += more
                if remark and remark != note:
                    note = f"{note}; {remark}" if note else remark
        return kind, data, note

    def last_due(self, *kinds: Kind) -> float:
        """When the last delivery of these kinds is due; minus infinity if there is none."""
        return max((entry[0] for entry in self.heap if entry[2] in kinds), default=-inf)

    def keep_whole(self, kinds: tuple[Kind, ...], first: float, last: float, pieces: int) -> None:
        """Put off earlier deliveries that would fall between the newest ones, which are the pieces of one frame.

        The pieces are due from `first` to `last`. What is put off is held by whatever holds the last piece.
        """
        newest = self._number - pieces
        heap = self.heap
        between = [entry for entry in heap if entry[2] in kinds and entry[1] <= newest and first < entry[0] <= last]
        if not between:
            return
        holders = next(entry[5] for entry in heap if entry[1] == self._number)
        self._drop(between)
        for _, _, kind, data, note, held_by in sorted(between):
            self.push(last, kind, data, note, held_by + holders)

    def hasten(self, due: float, is_held: Callable[[tuple[str, ...]], bool], floors: Mapping[Kind, float]) -> None:
        """Make what is due later and held no more due now, in its order; of some kinds not before a time of its own."""
        freed = [
            entry for entry in self.heap if entry[0] > max(due, floors.get(entry[2], due)) and not is_held(entry[5])
        ]
        self._drop(freed)
        for _, _, kind, data, note, held_by in sorted(freed):
            self.push(max(due, floors.get(kind, due)), kind, data, note, held_by)

    def keep_only(self, kinds: tuple[Kind, ...], latest: float) -> None:
        """Drop all others, and what is due after this time."""
        self.heap = [entry for entry in self.heap if entry[2] in kinds and entry[0] <= latest]
        heapify(self.heap)

    def clear(self) -> None:
        """Drop everything."""
        self.heap.clear()

    def _drop(self, entries: list[_Entry]) -> None:
        numbers = {entry[1] for entry in entries}
        self.heap = [entry for entry in self.heap if entry[1] not in numbers]
        heapify(self.heap)
