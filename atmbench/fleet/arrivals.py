"""Customers that come to one terminal by themselves: when, and what they want.

Dry: a deadline and a pure draw from the terminal's own random source. It must never know how the
terminal is doing; customers come whether it works or not.
"""

from collections.abc import Callable
from random import Random

from atmbench.drill.records import Workload
from atmbench.messages.records import Purpose
from atmbench.terminal.inputs import TransactionAsked

Draw = Callable[[Purpose, Random], TransactionAsked]


class Arrivals:
    """A Poisson stream of customers at one terminal.

    `deadline` is when the next customer comes, in seconds of the run; None when nobody comes any more.
    `draw` makes a customer who wants a given service.
    """

    def __init__(self, workload: Workload, until_s: float, rng: Random, draw: Draw) -> None:
        self._services = [purpose for purpose, weight in workload.mix.items() if weight]
        self._weights = [workload.mix[purpose] for purpose in self._services]
        self._rate = 1.0 / workload.every_s
        self._until_s = until_s
        self._left = workload.per_terminal_max
        self._rng = rng
        self._draw = draw
        self.deadline: float | None = workload.from_s
        self._plan_next(workload.from_s)

    def next(self) -> TransactionAsked:
        """The customer who comes at `deadline`; moves the deadline on."""
        assert self.deadline is not None, "nobody comes any more"
        rng = self._rng
        service = self._services[0] if len(self._services) == 1 else rng.choices(self._services, self._weights)[0]
        customer = self._draw(service, rng)
        self._plan_next(self.deadline)
        return customer

    def stop(self) -> None:
        """Nobody comes from now on."""
        self.deadline = None

    def _plan_next(self, after_s: float) -> None:
        if self._left is not None:
            if self._left == 0:
                self.deadline = None
                return
            self._left -= 1
        due_s = after_s + self._rng.expovariate(self._rate)
        self.deadline = due_s if due_s < self._until_s else None
