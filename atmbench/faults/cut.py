"""Cuts: a line is gone, and what terminals see of it differs. This module must never touch a connection."""

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from atmbench.faults.base import Delivery, DialAnswer, Fault, Frame, Severing, Stage

CUTS_BY = ("silence", "reset", "close", "refusal")

_DIAL: dict[str, DialAnswer] = {"silence": "silence", "reset": "reset", "close": "close", "refusal": "refuse"}
_SEVERS: dict[str, Severing | None] = {"silence": None, "reset": "reset", "close": "close", "refusal": "close"}


class Cut(Fault, frozen=True, kw_only=True, tag="cut"):
    """No frame passes any more, also none that was in flight when the cut began.

    `by` says what else happens:

    - "silence": standing connections stay, dials hang. A dead router or a firewall that drops; the
      lights stay green (user-asks 17). Only this one can be aimed at one direction: a half-open link
      (user-asks 6). A dial hangs all the same, since its handshake needs both ways.
    - "reset": standing connections are reset; new dials are accepted and reset at their first frame.
      A half-dead primary behind a load balancer (user-asks 19).
    - "close": standing connections end with FIN; new dials are accepted and closed at once.
      A host that is up and has no room, or is shutting down.
    - "refusal": standing connections end with FIN; new dials are refused. A host program that is not there.

    A cut concerns lines, not messages: `mti`, `fields`, `nth`, `first` and `probability` belong to `lose`.
    """

    when_lost: ClassVar[str] = "lost in a cut"
    stage: ClassVar[Stage] = Stage.ROAD

    by: str = "silence"
    carrier: str = ""
    """All lines of this network operator, by the `carrier` of each line."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by not in CUTS_BY:
            raise ValueError(f"a cut is by {self.by!r}; expected one of {', '.join(CUTS_BY)}")
        if self.mti or self.fields or self.nth is not None or self.first is not None or self.probability != 1.0:
            raise ValueError("a cut takes all frames of a line; to lose chosen ones use the fault 'lose'")
        if self.by != "silence" and self.direction is not None:
            raise ValueError(f"a cut by {self.by} has no direction; only silence can be one-way")
        if self.by != "silence" and self.from_s is not None:
            raise ValueError(f"a cut by {self.by} begins with its step; say when in the step's trigger, not in from_s")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """Nothing is delivered."""
        return []

    def dial(self) -> DialAnswer:
        """Dials hang, are refused, or are accepted and severed."""
        return _DIAL[self.by]

    def severs(self) -> Severing | None:
        """Standing connections stay only in silence."""
        return _SEVERS[self.by]
