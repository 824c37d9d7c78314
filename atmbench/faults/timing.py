"""Faults of time: frames come late or overtake each other. Their bytes stay as they are."""

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from atmbench.faults.base import Delivery, Fault, Frame, Seconds


class Delay(Fault, frozen=True, kw_only=True, tag="delay"):
    """A frame comes `delay_s` later, plus up to `jitter_s` drawn for each frame.

    Emulates a slow line or a slow host. As in TCP, delayed frames of one stream keep their order;
    frames that the aim does not meet pass them, so a single late reply can come after its deadline
    (iso8583 1.10, "0210 arrives after that").
    """

    keeps_order: ClassVar[bool] = True

    delay_s: Seconds = 0.0
    jitter_s: Seconds = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.delay_s == 0 and self.jitter_s == 0:
            raise ValueError("a delay of nothing delays nothing; give delay_s or jitter_s")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The frame, later."""
        delay_s = self.delay_s + (rng.uniform(0, self.jitter_s) if self.jitter_s else 0.0)
        return [Delivery(data=frame.data, delay_s=delay_s, what=f"held for {delay_s:.6g} s")]


class Reorder(Fault, frozen=True, kw_only=True, tag="reorder"):
    """A frame is held by `hold_s`, each by itself, so that those which follow pass it.

    Emulates a switch that answers from parallel queues: replies come in another order than their
    requests (user-asks 9, 12). Aim it with `nth` or `probability`; if it meets every frame alike,
    all are late and none is passed.
    """

    hold_s: Seconds = 1.0

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The frame, after those that follow it."""
        return [Delivery(data=frame.data, delay_s=self.hold_s, what=f"held back for {self.hold_s:.6g} s")]
