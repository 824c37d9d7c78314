"""Faults of bytes: frames are damaged below the meaning of any field.

Sources: user-asks 3 (corrupt the stream, before and after framing), user-asks 21.
"""

from collections.abc import Sequence
from random import Random
from typing import Annotated, Literal

from msgspec import Meta

from atmbench.errors import LocalError
from atmbench.faults.base import Delivery, Fault, Frame

BITS_MAX = 256
LIE_BYTES_MAX = 1_000
BYTES_MAX = 100_000


class FlipBits(Fault, frozen=True, kw_only=True, tag="flip_bits"):
    """`count` different bits of a frame are inverted.

    `where` is "body" (the framing stays true, so the damage reaches the decoder) or "frame" (any byte, the
    length prefix too). `byte` aims it at one byte of that part, from 0. Emulates a bad line or memory.
    """

    count: Annotated[int, Meta(ge=1, le=BITS_MAX)] = 1
    where: Literal["body", "frame"] = "body"
    byte: Annotated[int, Meta(ge=0, le=BYTES_MAX)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.byte is not None and self.count > 8:
            raise ValueError(f"count is {self.count}; one byte has 8 bits")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The frame with bits inverted; a body that is too short for `byte` is left alone."""
        damaged = bytearray(frame.body if self.where == "body" else frame.data)
        choice = range(8 * len(damaged)) if self.byte is None else range(8 * self.byte, 8 * self.byte + 8)
        if not damaged or choice[-1] >= 8 * len(damaged):
            return [Delivery(data=frame.data)]
        flipped = sorted(rng.sample(choice, min(self.count, len(choice))))
        for place in flipped:
            damaged[place // 8] ^= 1 << place % 8
        data = frame.wire.wrap(bytes(damaged)) if self.where == "body" else bytes(damaged)
        return [Delivery(data=data, what=_bits_in_words(flipped, self.where))]


class Truncate(Fault, frozen=True, kw_only=True, tag="truncate"):
    """A frame loses its end: `keep` bytes of its body remain.

    With `fix_length` the framing says the new length, and the decoder meets a message that stops in
    the middle. Without, the receiver waits for the rest and takes it from the frames that follow.
    """

    keep: Annotated[int, Meta(ge=1, le=BYTES_MAX)] = 20
    fix_length: bool = True

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The shorter frame; a body that has no more than `keep` bytes is left alone."""
        size = len(frame.body)
        if size <= self.keep:
            return [Delivery(data=frame.data)]
        if self.fix_length:
            return [
                Delivery(
                    data=frame.wire.wrap(frame.body[: self.keep]),
                    what=f"body cut from {size} to {self.keep} bytes, length corrected",
                )
            ]
        return [
            Delivery(
                data=frame.data[: frame.body_at + self.keep],
                what=f"body cut from {size} to {self.keep} bytes, length still {size}",
            )
        ]


class LieAboutLength(Fault, frozen=True, kw_only=True, tag="lie_about_length"):
    """The framing says `by` bytes more (or less) than there are; the body stays as it is.

    More: the receiver eats into the next frame. Less: it takes the rest for a frame of its own. A length
    that the framing does not allow is not said; at least one byte always is.
    """

    by: Annotated[int, Meta(ge=-LIE_BYTES_MAX, le=LIE_BYTES_MAX)] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by == 0:
            raise ValueError("by is 0, which is no lie; expected a number such as 1 or -1")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The frame with the head that a body of another length would have."""
        size, at = len(frame.body), frame.body_at
        said = max(1, size + self.by)
        if not frame.body or said == size:
            return [Delivery(data=frame.data)]
        try:
            head = frame.wire.wrap(frame.body[:said].ljust(said, b"\0"))[:at]
        except LocalError:
            return [Delivery(data=frame.data)]
        return [Delivery(data=head + frame.data[at:], what=f"length says {said}, body has {size} bytes")]


def _bits_in_words(flipped: Sequence[int], where: str) -> str:
    if len(flipped) > 4:
        return f"{len(flipped)} bits of the {where} flipped"
    return "; ".join(f"bit {place % 8} of byte {place // 8} of the {where} flipped" for place in flipped)
