"""What the devices of one terminal will do next, and what came of it.

An agenda holds things that are due; a scene collects the inputs and facts that they make. Electronics
need power, hands do not. This module must never know what it is that is due.
"""

import heapq
from collections.abc import Callable

from atmbench.facts import Fact
from atmbench.terminal.inputs import Input

DUE_MAX = 1_000
"""More pending results than this are a bug of the bench."""

Act = Callable[[float], None]
"""Called with the time at which it was due."""


class Scene:
    """Power, what has happened since it was last asked, and what is to be done when the devices' turn is over."""

    def __init__(self) -> None:
        self.has_power = False
        self._inputs: list[Input] = []
        self._facts: list[Fact] = []
        self._afterwards: list[Callable[[], None]] = []

    def give(self, given: Input) -> None:
        """Tell the terminal's core; without power there is nobody to tell."""
        if self.has_power:
            self._inputs.append(given)

    def tell(self, fact: Fact) -> None:
        """Tell the history: the bench sees what physically happens, with or without power."""
        self._facts.append(fact)

    def call(self, act: Callable[[], None]) -> None:
        """Call somebody outside back when the devices' turn is over; without power nobody is."""
        if self.has_power:
            self._afterwards.append(act)

    def take_calls(self) -> list[Callable[[], None]]:
        """Who is to be called back since this was last asked."""
        calls, self._afterwards = self._afterwards, []
        return calls

    def take(self) -> tuple[list[Input], list[Fact]]:
        """What has happened since the last call."""
        happened = self._inputs, self._facts
        self._inputs, self._facts = [], []
        return happened


class Agenda:
    """Things that are due, in order of time, then of planning."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        """When the next thing is due; None if nothing is."""
        self._due: list[tuple[float, int, bool, Act]] = []
        self._number = 0

    def plan(self, at: float, act: Act, *, by_hand: bool = False) -> int:
        """Have something done at a time. What is not done by hand needs power. Gives a number to call it off by."""
        due = self._due
        assert len(due) < DUE_MAX, "devices plan without end"
        self._number += 1
        heapq.heappush(due, (at, self._number, by_hand, act))
        self.deadline = due[0][0]
        return self._number

    def call_off(self, number: int) -> None:
        """Have nothing done after all, such as a timer of an answer that has come; what is done stays done."""
        self._due[:] = [each for each in self._due if each[1] != number]
        heapq.heapify(self._due)
        self._look_ahead()

    def perform(self, now: float) -> None:
        """Do everything that is due."""
        due = self._due
        while due and due[0][0] <= now:
            at, _, _, act = heapq.heappop(due)
            act(at)
        self._look_ahead()

    def drop_electronics(self) -> None:
        """Power is gone: only hands go on."""
        self._due = [each for each in self._due if each[2]]
        heapq.heapify(self._due)
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.deadline = self._due[0][0] if self._due else None
