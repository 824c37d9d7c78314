"""The fold: one fact after the other in, and at any moment the value of every metric out.

It knows what a fact means for a metric, and no rule. Money is counted in minor units.
"""

from collections.abc import Callable
from typing import Any

from atmbench import facts
from atmbench.facts import AnyFact, Fact
from atmbench.facts.handlers import both
from atmbench.monitor.ledgers import Ledgers
from atmbench.monitor.series import Series

WAITING_MAX = 1_000_000
"""Requests and stored messages that are looked after at once."""
OFF = "off"
"""State of a terminal without power."""
ACTIVE = "active"
REVERSAL = "reversal"


class Figures:
    """The metrics of one run so far."""

    def __init__(self) -> None:
        self.series = Series()
        self._lines: dict[str, str] = {}
        self._states: dict[str, str] = {}
        self._on_line: dict[str, str] = {}
        self._asked: dict[str, tuple[float, str]] = {}
        """Key of a transaction to when it was asked for, and its service; until the first answer."""
        self._in_flight: dict[str, tuple[str, str]] = {}
        """Key of a request that waits to its terminal and line."""
        self._stored: dict[tuple[str, int], float] = {}
        """Terminal and STAN of a stored message to when it was stored, the oldest first."""
        self._ledgers = Ledgers(self.series)
        self._handlers: dict[type[Fact], Callable[[Any], None]] = {
            facts.RunStarted: self._run_started,
            facts.MessageSent: self._message_sent,
            facts.MessageReceived: self._message_received,
            facts.ReplyIgnored: lambda fact: self._count("replies_ignored", fact.line, fact.reason),
            facts.FrameRefused: lambda fact: self._count("frames_refused", fact.line),
            facts.TransactionStarted: self._transaction_started,
            facts.TransactionEnded: self._transaction_ended,
            facts.CustomerTurnedAway: lambda fact: self._count("customers_turned_away", fact.service),
            facts.StateChanged: lambda fact: self._move(fact.actor, fact.new),
            facts.PowerFailed: self._power_failed,
            facts.SignedOn: self._signed_on,
            facts.LineLost: self._line_lost,
            facts.LineChosen: lambda fact: self._count("line_changes", fact.line),
            facts.AdviceQueued: self._advice_queued,
            facts.AdviceAccepted: self._advice_accepted,
            facts.ExceptionOpened: self._exception_opened,
            facts.SiteRoleChanged: lambda fact: self.series.put(
                "atmbench_site_active", (fact.site,), float(fact.role == ACTIVE)
            ),
            facts.SiteAlarmRaised: lambda fact: self._count("site_alarms", fact.site, fact.what),
            facts.BrakeAlert: lambda fact: self._count("brake_alerts", fact.site, fact.rule),
            facts.QueueDepth: lambda fact: self.series.put(
                "atmbench_host_waiting_requests", (fact.site,), float(fact.waiting)
            ),
            facts.RequestShed: lambda fact: self._count("host_sheds", fact.site, fact.because),
        }
        for kind, hear in self._ledgers.handlers().items():
            self._handlers[kind] = both(self._handlers.get(kind), hear)

    def add(self, fact: AnyFact) -> None:
        """Take the next fact of a history."""
        handle = self._handlers.get(type(fact))
        if handle is not None:
            handle(fact)

    def at(self, now: float) -> Series:
        """All values as they are at `now`: ages grow without a fact."""
        oldest = next(iter(self._stored.values()), None)
        self.series.put(
            "atmbench_store_and_forward_oldest_age_seconds", (), now - oldest if oldest is not None else 0.0
        )
        self.series.put("atmbench_store_and_forward_messages", (), float(len(self._stored)))
        self._ledgers.grow_older(now)
        return self.series

    def _count(self, what: str, *labels: str) -> None:
        self.series.add(f"atmbench_{what}_total", labels)

    def _run_started(self, fact: facts.RunStarted) -> None:
        self._lines = dict(fact.lines)
        sites = tuple(dict.fromkeys(fact.lines.values()))
        for place, site in enumerate(sites):
            self.series.put("atmbench_site_active", (site,), float(place == 0))
        self._ledgers.begin(sites, fact.currency)

    def _message_sent(self, fact: facts.MessageSent) -> None:
        if fact.actor != fact.terminal:
            return
        self._count("requests", fact.mti, fact.line, self._lines.get(fact.line, ""))
        if fact.key in self._asked and fact.key not in self._in_flight and len(self._in_flight) < WAITING_MAX:
            self._in_flight[fact.key] = (fact.actor, fact.line)
            self.series.add("atmbench_requests_in_flight", (fact.line,))

    def _message_received(self, fact: facts.MessageReceived) -> None:
        if fact.actor != fact.terminal:
            return
        self._count("replies", fact.mti, fact.code, fact.line, self._lines.get(fact.line, ""))
        if fact.key in self._in_flight:
            asked = self._asked.pop(fact.key, None)
            if asked is not None:
                self.series.observe("atmbench_response_seconds", (asked[1], fact.line), fact.t - asked[0])
            self._landed(fact.key)

    def _landed(self, key: str) -> None:
        terminal_and_line = self._in_flight.pop(key, None)
        if terminal_and_line is not None:
            self.series.add("atmbench_requests_in_flight", (terminal_and_line[1],), -1.0)

    def _transaction_started(self, fact: facts.TransactionStarted) -> None:
        if len(self._asked) < WAITING_MAX:
            self._asked[fact.key] = (fact.t, fact.service)

    def _transaction_ended(self, fact: facts.TransactionEnded) -> None:
        self._count("transactions", fact.service, fact.outcome)
        self._asked.pop(fact.key, None)
        self._landed(fact.key)

    def _move(self, terminal: str, state: str) -> None:
        old = self._states.get(terminal)
        if old is not None:
            self.series.add("atmbench_terminals", (old,), -1.0)
        self._states[terminal] = state
        self.series.add("atmbench_terminals", (state,))

    def _power_failed(self, fact: facts.PowerFailed) -> None:
        self._move(fact.actor, OFF)
        self._leave(fact.actor)
        for key in [key for key, (terminal, _) in self._in_flight.items() if terminal == fact.actor]:
            self._landed(key)

    def _signed_on(self, fact: facts.SignedOn) -> None:
        site = self._lines.get(fact.line, "")
        self._count("sign_ons", fact.line, site)
        self._leave(fact.actor)
        self._on_line[fact.actor] = fact.line
        self.series.add("atmbench_terminals_on_line", (fact.line, site))

    def _line_lost(self, fact: facts.LineLost) -> None:
        self._count("lines_lost", fact.line, self._lines.get(fact.line, ""))
        if self._on_line.get(fact.actor) == fact.line:
            self._leave(fact.actor)

    def _leave(self, terminal: str) -> None:
        line = self._on_line.pop(terminal, None)
        if line is not None:
            self.series.add("atmbench_terminals_on_line", (line, self._lines.get(line, "")), -1.0)

    def _advice_queued(self, fact: facts.AdviceQueued) -> None:
        if fact.purpose == REVERSAL:
            self._count("reversals", fact.reason)
        if len(self._stored) < WAITING_MAX:
            self._stored[fact.actor, fact.stan] = fact.t

    def _advice_accepted(self, fact: facts.AdviceAccepted) -> None:
        if fact.purpose == REVERSAL:
            self._count("reversals_accepted")
        self._stored.pop((fact.actor, fact.stan), None)

    def _exception_opened(self, fact: facts.ExceptionOpened) -> None:
        self._count("open_exceptions", fact.kind)
        if fact.kind == "memory_lost":
            for place in [place for place in self._stored if place[0] == fact.terminal]:
                del self._stored[place]
