"""What became of the posting processes of the sites, for the check `posting`. Remembers; judges nothing."""

from collections.abc import Callable
from typing import Any

from atmbench import facts
from atmbench.audit.keeping import keeping

RUNS_MAX = 1_000
"""Times that a process went wrong or on, of each kind. The first ones are enough."""


class PostingLog:
    """The processes of one run, in the order of the history."""

    def __init__(self) -> None:
        self.broken_off: list[facts.PostingBrokenOff] = []
        self.lost: list[facts.PostingPositionLost] = []
        self.resumed: list[facts.PostingResumed] = []
        self.drained: list[facts.PostingDrained] = []

    @property
    def is_used(self) -> bool:
        """Whether anything befell a process."""
        return bool(self.broken_off or self.lost or self.resumed)

    def handlers(self) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it."""
        return {
            facts.PostingBrokenOff: keeping(self.broken_off, RUNS_MAX),
            facts.PostingPositionLost: keeping(self.lost, RUNS_MAX),
            facts.PostingResumed: keeping(self.resumed, RUNS_MAX),
            facts.PostingDrained: keeping(self.drained, RUNS_MAX),
        }
