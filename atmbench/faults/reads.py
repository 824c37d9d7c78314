"""Faults of reads: the same bytes in the same order, but in other pieces than they were written.

A stream knows no frames; a receiver that takes one read for one message works until a router
splits or joins them. These faults come last of all that meet a frame, and of several of them only the
first one added does, since pieces are no frames. Frames that follow wait for the last piece.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import floor
from random import Random
from typing import Annotated, ClassVar

from msgspec import Meta

from atmbench.faults.base import Delivery, Fault, Frame, Stage, share

GAP_S_MAX = 60.0
PIECES_MAX = 64
WINDOW_S_MIN = 0.001
WINDOW_S_MAX = 60.0

Gap = Annotated[float, Meta(ge=0, le=GAP_S_MAX)]


class _Reads(Fault, frozen=True, kw_only=True):
    stage: ClassVar[Stage] = Stage.READS


class Trickle(_Reads, frozen=True, kw_only=True, tag="trickle"):
    """A frame comes byte by byte, `gap_s` apart. Emulates a slow serial line or a window of one byte."""

    gap_s: Gap = 0.01

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """As many deliveries as bytes."""
        return _pieces(frame.data, range(1, len(frame.data)), self.gap_s, "byte by byte")


class Split(_Reads, frozen=True, kw_only=True, tag="split"):
    """A frame comes in pieces, `gap_s` apart: split before the bytes `at`, or at `pieces` - 1 random places."""

    at: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(max_length=PIECES_MAX - 1)] = ()
    """Offsets in the frame, framing included, rising. (1,) splits the length prefix itself."""
    pieces: Annotated[int, Meta(ge=2, le=PIECES_MAX)] = 2
    gap_s: Gap = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(left >= right for left, right in pairwise(self.at)):
            raise ValueError(f"at is {list(self.at)}; expected rising offsets such as [1, 20]")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The pieces of the frame. Offsets beyond its end are passed over."""
        size = len(frame.data)
        places = [place for place in self.at if place < size]
        if not self.at:
            places = sorted(rng.sample(range(1, size), min(self.pieces, size) - 1)) if size > 1 else []
        where = ", ".join(str(place) for place in places)
        return _pieces(frame.data, places, self.gap_s, f"split before byte {where}")


class Merge(_Reads, frozen=True, kw_only=True, tag="merge"):
    """Frames are held to the end of their window, so that all of a window arrive in one read.

    Windows of `window_s` follow each other; each direction of each cable has its own, shifted against those
    of the others, so that no two cables act at one instant. Emulates Nagle's algorithm and busy concentrators.
    """

    window_s: Annotated[float, Meta(ge=WINDOW_S_MIN, le=WINDOW_S_MAX)] = 1.0

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The frame, at the end of its window."""
        until = self._end_of_window(frame)
        what = f"held for {until - frame.at:.6g} s to join others"
        return [Delivery(data=frame.data, until=until, what=what)]

    def _end_of_window(self, frame: Frame) -> float:
        """After the frame, and exactly the same for all frames of one window."""
        shift_s = self.window_s * share(f"{frame.carrier}/{frame.line}/{frame.direction}")
        number = floor((frame.at - shift_s) / self.window_s) + 1
        end = shift_s + number * self.window_s
        return end if end > frame.at else shift_s + (number + 1) * self.window_s


def _pieces(data: bytes, places: Sequence[int], gap_s: float, what: str) -> list[Delivery]:
    if not places:
        return [Delivery(data=data)]
    ends = [0, *places, len(data)]
    return [
        Delivery(data=data[start:end], delay_s=index * gap_s, what="" if index else what)
        for index, (start, end) in enumerate(pairwise(ends))
    ]
