"""Duty: whether an operator wants this terminal and its lines to serve, and what it still does if not.

A terminal that is ordered out of service lets its customer finish and takes no other. It keeps its lines while
anything is owed to a host; then it signs off, hangs up and does not dial. The order holds through power
failures, until the next one. A line that is ordered out of service is left between two customers, for another one
if there is any. This module must never cut short a customer or lose a stored message.
"""

from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.effects import Forget, Remember
from atmbench.terminal.failover import Failover
from atmbench.terminal.lines import Line, Lines, LineState
from atmbench.terminal.memory import CLOSED, LINES_OUT, Memory
from atmbench.terminal.outstanding import Outstanding
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
        session.is_ordered_out = memory.is_closed
        session.closed_because = memory.closed_because

    @property
    def is_over(self) -> bool:
        """Ordered out of service."""
        return self._session.is_ordered_out

    def order(self, is_open: bool, because: str, now: float) -> None:
        """Serve, or do not and say why. Remembered before anything follows; the same again changes nothing."""
        session = self._session
        if is_open is not self.is_over and (is_open or because == session.closed_because):
            return
        session.is_ordered_out = not is_open
        session.closed_because = because
        self._cabinet.ask(Forget(CLOSED) if is_open else Remember(CLOSED, because or 1))
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


class LineDuty:
    """What follows from orders about the lines of one terminal."""

    def __init__(
        self, cabinet: Cabinet, session: Session, failover: Failover, outstanding: Outstanding, lines: Lines
    ) -> None:
        self._cabinet = cabinet
        self._session = session
        self._failover = failover
        self._outstanding = outstanding
        self._lines = lines
        self._note()

    def order(self, name: str, is_open: bool, because: str, now: float) -> None:
        """Use a line, or do not. Remembered before anything follows; the same order again changes nothing."""
        out, cabinet, session = self._lines.out, self._cabinet, self._session
        if is_open is not self._lines.is_out(name):
            return
        if is_open:
            del out[name]
        else:
            out[name] = because
        cabinet.ask(Remember(LINES_OUT, dict(out)) if out else Forget(LINES_OUT))
        cabinet.journal(f"LINE {name} {'OPENED' if is_open else 'CLOSED'} BY ORDER".upper(), 0, now)
        self._note()
        if self.is_shut_out and session.state is State.CLOSED:
            session.show(session.no_service)
        if is_open:
            self._take_back(self._lines[name], now)

    def _take_back(self, line: Line, now: float) -> None:
        """A line may be used again: dial it if it is the one in use, else look at it if it is the preferred one."""
        failover = self._failover
        if failover.is_over:
            return
        if line is failover.active:
            if line.state is LineState.DOWN:
                failover.start(now)
        elif line is self._lines.in_order[0] and failover.active.is_signed_on:
            failover.plan_probe(now)

    def _note(self) -> None:
        """Have customers told if no line is left."""
        out, active = self._lines.out, self._failover.active.name
        self._session.no_line_because = out.get(active, "") if self.is_shut_out else None

    @property
    def is_shut_out(self) -> bool:
        """Whether every line is out of service by order."""
        return self._lines.next_after(self._failover.active) is None

    @property
    def must_leave(self) -> bool:
        """Whether the line in use is out of service, and something is to be done about it."""
        failover = self._failover
        if failover.is_over or not self._lines.is_out(failover.active.name):
            return False
        return not self.is_shut_out or failover.active.state not in (LineState.DOWN, LineState.SIGNING_OFF)

    def follow(self, now: float) -> None:
        """Leave a line that is out of service as soon as no customer and no message would notice."""
        failover, probe = self._failover, self._failover.probe
        if probe is not None and self._lines.is_out(probe.name):
            failover.probe = None
            failover.part_with(probe, now)
        if not self.must_leave or not self._session.is_idle or self._outstanding:
            return
        chosen = failover.probe or self._lines.next_after(failover.active)
        if chosen is None:
            failover.rest(now)
        else:
            failover.move(chosen, f"line {failover.active.name} is out of service by order", now)
