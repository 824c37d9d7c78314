"""What became of the posting processes of the sites, for the check `posting`. Remembers; judges nothing."""

from collections.abc import Callable
from typing import Any

from atmbench import facts

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
            facts.PostingBrokenOff: lambda fact: _keep(self.broken_off, fact),
            facts.PostingPositionLost: lambda fact: _keep(self.lost, fact),
            facts.PostingResumed: lambda fact: _keep(self.resumed, fact),
            facts.PostingDrained: lambda fact: _keep(self.drained, fact),
        }


def _keep(kept: list[Any], fact: facts.Fact) -> None:
    if len(kept) < RUNS_MAX:
        kept.append(fact)
