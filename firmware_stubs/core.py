"""The base of all stubs: time, power, orders from outside and what comes of them; no byte of any protocol.

A core is dry: bytes, orders and time go in, outcomes come out, and the next deadline is an attribute. What moves
(notes, cards, paper) is part of the core, since only there it survives a power failure. A core must never open
anything, sleep or draw random numbers.
"""

import heapq
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from firmware_stubs.errors import OrderError
from firmware_stubs.faults import LinkFaults
from firmware_stubs.outcomes import Keep, Outcome, Send, Tell

DUE_MAX = 100
"""More things under way in one device than this are a bug of its stub."""

Act = Callable[[float], None]
Order = Mapping[str, Any]
"""What somebody does at the machine: `do` says what, the rest how."""


class Core:
    """One device. Subclasses say what bytes mean (`_on_bytes`), what hands can do (`_orders`) and what is kept.

    `kept` is what an earlier core of this device has kept, so that a new one goes on from there: a core that is made
    of it comes up as after a power failure.
    """

    device: ClassVar[str] = ""
    """What kind of machine it is, as in `python -m firmware_stubs.<device>`."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self.has_power = True
        self.link_faults = LinkFaults()
        self.deadline: float | None = None
        """When `on_time` must next be called; None if nothing is under way."""
        self._due: list[tuple[float, int, Act]] = []
        self._number = 0
        self._outcomes: list[Outcome] = []
        self._orders: dict[str, Callable[[Order, float], None]] = {
            "power_off": lambda order, now: self.power_off(now),
            "power_on": lambda order, now: self.power_on(now),
            "link_fault": lambda order, now: self.link_faults.add(order),
            "clear_link_faults": lambda order, now: self.link_faults.clear(),
        }
        self._restore(kept or {})

    # --- given ------------------------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> list[Outcome]:
        """Bytes came in. A machine without power does not hear them."""
        if self.has_power:
            self._on_bytes(data, now)
        return self._taken()

    def on_time(self, now: float) -> list[Outcome]:
        """What is due by now is done."""
        while self._due and self._due[0][0] <= now:
            at, _, act = heapq.heappop(self._due)
            act(at)
        self._look_ahead()
        return self._taken()

    def on_order(self, order: Order, now: float) -> list[Outcome]:
        """Somebody does something at the machine. Raises OrderError if it cannot be done."""
        word = order.get("do")
        perform = self._orders.get(word) if isinstance(word, str) else None
        if perform is None:
            raise OrderError(f"a {self.device} cannot do {word!r}; it can {', '.join(sorted(self._orders))}")
        try:
            perform(order, now)
        except OrderError:
            self._outcomes.clear()
            raise
        return self._taken()

    def power_off(self, now: float) -> None:
        """Power fails: what was under way stops where it is, and nothing more is sent."""
        if self.has_power:
            self.has_power = False
            self._on_power_off(now)
            self._due.clear()
            self._look_ahead()
            self._keep()

    def power_on(self, now: float) -> None:
        """Power is back, and the machine starts."""
        if not self.has_power:
            self.has_power = True
            self._on_power_on(now)
            self._keep()

    # --- asked ------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """What survives a power failure: what lies where, and memory that needs no power. JSON can hold it."""
        raise NotImplementedError

    def seen(self) -> dict[str, Any]:
        """What somebody at the machine could see: `kept`, and power."""
        return {"has_power": self.has_power, **self.kept()}

    # --- for subclasses ---------------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now: float) -> None:
        raise NotImplementedError

    def _restore(self, kept: Mapping[str, Any]) -> None:
        """Set up everything that `kept` gives back; an empty one is a new machine."""
        raise NotImplementedError

    def _on_power_off(self, now: float) -> None:
        """Bring what moves to rest."""

    def _on_power_on(self, now: float) -> None:
        """Start as the firmware does."""

    def _send(self, data: bytes) -> None:
        self._outcomes.append(Send(data))

    def _tell(self, event: str, **detail: Any) -> None:
        self._outcomes.append(Tell(event, detail))

    def _keep(self) -> None:
        self._outcomes.append(Keep())

    def _later(self, at: float, act: Act) -> int:
        """Have something done at a time, unless power fails before. Gives its number, by which to call it off."""
        assert len(self._due) < DUE_MAX, f"a {self.device} plans without end"
        self._number += 1
        heapq.heappush(self._due, (at, self._number, act))
        self._look_ahead()
        return self._number

    def _call_off(self, number: int) -> None:
        """Have nothing done after all; what is done already stays done."""
        self._due[:] = [each for each in self._due if each[1] != number]
        heapq.heapify(self._due)
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.deadline = self._due[0][0] if self._due else None

    def _taken(self) -> list[Outcome]:
        taken, self._outcomes = self._outcomes, []
        return taken
