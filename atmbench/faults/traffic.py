"""Faults of traffic: whole frames are lost, doubled, replayed or sent to the wrong terminal."""

from collections.abc import Sequence
from random import Random
from typing import Annotated, ClassVar

from msgspec import Meta

from atmbench.faults.base import PAST_FRAMES_MAX, Delivery, Direction, Fault, Frame, Memory, Seconds

COPIES_MAX = 100


class Lose(Fault, frozen=True, kw_only=True, tag="lose"):
    """A frame never arrives; the connection stands.

    Emulates a switch that drops a message: after a lost reply nobody knows whether money moved
    (iso8583 1.10, "0210 lost between switch and terminal").
    """

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """Nothing is delivered."""
        return []


class Duplicate(Fault, frozen=True, kw_only=True, tag="duplicate"):
    """A frame arrives, and then `copies` times more, bit for bit, `gap_s` apart.

    Emulates a network that resends by itself: the repeat does not have the MTI of one (iso8583 1.8,
    rule 3; user-asks 15).
    """

    copies: Annotated[int, Meta(ge=1, le=COPIES_MAX)] = 1
    gap_s: Seconds = 0.0

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The frame and its copies."""
        what = f"delivered {self.copies + 1} times"
        return [
            Delivery(data=frame.data, delay_s=index * self.gap_s, what="" if index else what)
            for index in range(self.copies + 1)
        ]


class Stale(Fault, frozen=True, kw_only=True, tag="stale"):
    """An earlier frame of the same stream is delivered again: `back` frames ago, among those the aim met.

    It comes instead of this frame, or right before it. Without so early a frame nothing happens.
    Emulates a reply that was stuck in a queue and falls into the next transaction (iso8583 1.8, rule 1).
    """

    memory: ClassVar[Memory] = Memory.STREAM

    back: Annotated[int, Meta(ge=1, le=PAST_FRAMES_MAX)] = 1
    instead: bool = True

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The earlier frame, and this one if it is not replaced."""
        if len(past) < self.back:
            return [Delivery(data=frame.data)]
        earlier = past[-self.back].data
        if self.instead:
            return [Delivery(data=earlier, what=f"replaced by the frame {self.back} before")]
        return [Delivery(data=earlier, what=f"preceded by the frame {self.back} before"), Delivery(data=frame.data)]


class Swap(Fault, frozen=True, kw_only=True, tag="swap"):
    """Frames of two terminals are exchanged, in pairs: the first is held until the second comes.

    Emulates a switch whose key lacks the terminal, so that answers go to the wrong machine
    (user-asks 12). Two frames in a row of one terminal are a pair too, and are delivered in their
    order. Only the last frame, if it finds no partner, is lost.
    """

    when_lost: ClassVar[str] = "held until another terminal's frame comes"
    memory: ClassVar[Memory] = Memory.ALL

    direction: Direction | None = Direction.REPLY

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nth is not None or self.probability != 1.0:
            raise ValueError("a swap works on pairs in a row; nth and probability would leave frames without a partner")
        if self.first is not None and self.first % 2:
            raise ValueError(f"first is {self.first}; a swap works on pairs, expected an even number")
        if self.direction is None:
            raise ValueError("a swap of requests with replies makes no sense; expected direction request or reply")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """Nothing for the first of a pair; for the second, each frame at the other's terminal."""
        if frame.nth % 2:
            return []
        held = past[-1]
        if held.terminal == frame.terminal:
            return [Delivery(data=held.data, what="the held frame first, no exchange"), Delivery(data=frame.data)]
        return [
            Delivery(data=held.data, what=f"exchanged with the frame of {held.terminal}"),
            Delivery(data=frame.data, to=held.terminal),
        ]
