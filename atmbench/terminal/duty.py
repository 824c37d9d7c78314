"""Duty: whether an operator wants this terminal to serve, and what it still does if not.

A terminal that is ordered out of service lets its customer finish and takes no other. It keeps its lines while
anything is owed to a host; then it signs off, hangs up and does not dial. The order holds through power
failures, until the next one. This module must never cut short a customer or a stored message.
"""

from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.effects import Forget, Remember
from atmbench.terminal.failover import Failover
from atmbench.terminal.memory import CLOSED, Memory
from atmbench.terminal.session import Session
from atmbench.terminal.states import State
from atmbench.terminal.store_and_forward import StoreAndForward


class Duty:
    """The last order given to one terminal. Without one, it serves."""

    def __init__(
        self, cabinet: Cabinet, session: Session, failover: Failover, stored: StoreAndForward, memory: Memory
    ) -> None:
        self._cabinet = cabinet
        self._session = session
        self._failover = failover
        self._stored = stored
        self.is_over = session.is_ordered_out = memory.is_closed
        """Ordered out of service."""

    def order(self, is_open: bool, now: float) -> None:
        """Serve, or do not. Remembered before anything follows from it; the same order again changes nothing."""
        if is_open is not self.is_over:
            return
        session = self._session
        self.is_over = session.is_ordered_out = not is_open
        self._cabinet.ask(Forget(CLOSED) if is_open else Remember(CLOSED, 1))
        self._cabinet.journal("OPENED BY ORDER" if is_open else "CLOSED BY ORDER", 0, now)
        if session.state is State.CLOSED:
            session.show(session.no_service)
        if is_open:
            self._failover.start(now)

    def start(self, now: float) -> None:
        """Power is there: dial, unless that is left to `follow`."""
        if not self.is_over:
            self._failover.start(now)

    def follow(self, now: float) -> None:
        """While ordered out: lines as long as something is owed, and none afterwards."""
        if self._owes is self._failover.is_over:
            if self._owes:
                self._failover.start(now)
            else:
                self._failover.end(now)

    @property
    def _owes(self) -> bool:
        return bool(self._stored) or not self._session.is_idle
