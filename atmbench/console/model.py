"""The model: facts folded into what the screens show. Dry, and bounded whatever a run brings.

It takes facts one at a time, so it follows a running bench as well as a recorded history. It knows neither Textual nor
where facts come from. What is right and wrong it asks the audit, over the audit's own casebook.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import Audit, judge_book
from atmbench.console.model_alerts import Alerts
from atmbench.console.model_lines import Lines
from atmbench.console.model_money import Money
from atmbench.console.model_series import counts, levels, peaks
from atmbench.console.model_terminals import APPROVED, DECLINED, NOT_SERVED, Terminals
from atmbench.console.model_trace import MESSAGES, MISHAPS, Trace
from atmbench.facts import AnyFact
from atmbench.report.story import stories
from atmbench.report.words import Teller

RECENT_MAX = 60_000
"""Facts that are kept whole: stories are told from them."""
TRANSACTIONS_MAX = 2_000
CASES_MAX = 200_000
"""Transactions that the casebook may hold; then it is let go of, and only the bench can audit."""


class Transaction(msgspec.Struct):
    """One line of the list of transactions."""

    key: str
    terminal: str
    service: str
    amount_minor: int
    stan: int
    started_t: float
    outcome: str = ""
    code: str = ""
    ended_t: float | None = None
    is_reversed: bool = False
    """A reversal was stored for it."""
    facts: int = 0
    """Facts that name it so far: if there are no more, its story is the same."""


class Rates:
    """What sparklines show."""

    def __init__(self) -> None:
        self.approved = counts()
        self.declined = counts()
        self.not_served = counts()
        self.messages = counts()
        self.response_sum_s = counts()
        self.responses = counts()
        self.response_most_s = peaks()
        self.stored = levels()

    def all(self) -> tuple[Any, ...]:
        """Every series."""
        return tuple(vars(self).values())


class Model:
    """What is known of a run so far."""

    def __init__(self) -> None:
        self.count = 0
        """Facts so far; also the number of the last one."""
        self.now = 0.0
        """Seconds of the run, as of the last fact."""
        self.run: facts.RunStarted | None = None
        self.heal: facts.HealStarted | None = None
        self.ended: facts.RunEnded | None = None
        self.converged_t: float | None = None
        self.teller = Teller()
        self.terminals = Terminals()
        self.lines = Lines()
        self.money = Money(self.lines)
        self.trace = Trace()
        self.alerts = Alerts()
        self.rates = Rates()
        self.recent: deque[AnyFact] = deque(maxlen=RECENT_MAX)
        self.transactions: dict[str, Transaction] = {}
        """The last ones by key, the oldest first."""
        self.book: Casebook | None = Casebook()
        self.exceptions: deque[facts.ExceptionOpened] = deque(maxlen=TRANSACTIONS_MAX)
        own: dict[type, Callable[[Any], None]] = {
            facts.RunStarted: self._run_started,
            facts.HealStarted: self._heal_started,
            facts.Converged: self._converged,
            facts.RunEnded: self._run_ended,
            facts.TransactionStarted: self._started,
            facts.TransactionEnded: self._ended_one,
            facts.AdviceQueued: self._queued,
            facts.AdviceAccepted: self._accepted,
            facts.ExceptionOpened: self.exceptions.append,
            facts.LedgerCounted: self.teller.learn,
        }
        folds = (self.terminals.handlers, self.lines.handlers, self.money.handlers, self.alerts.handlers, own)
        self._handlers: dict[type, list[Callable[[Any], None]]] = {}
        for fold in folds:
            for kind, handler in fold.items():
                self._handlers.setdefault(kind, []).append(handler)
        self._traced = frozenset((*MESSAGES, *MISHAPS))

    def add_all(self, batch: Iterable[AnyFact]) -> None:
        """Fold facts in, in the order of the history."""
        for fact in batch:
            self.add(fact)

    def add(self, fact: AnyFact) -> None:
        """Fold one fact in."""
        self.count += 1
        self.now = max(self.now, fact.t)
        self.recent.append(fact)
        if self.book is not None:
            self.book.add(fact)
            if len(self.book.cases) > CASES_MAX:
                self.book = None
        kind = type(fact)
        for handle in self._handlers.get(kind, ()):
            handle(fact)
        if kind in self._traced:
            self._trace(fact)
        key = getattr(fact, "key", "")
        if key and (known := self.transactions.get(key)) is not None:
            known.facts += 1

    def missed(self, facts_missed: int) -> None:
        """Facts were left out: the audit cannot go by what is here any more."""
        self.count += facts_missed
        self.book = None

    def audit(self) -> Audit | None:
        """What the audit says of the facts so far; None if that is more than can be held here."""
        return None if self.book is None else judge_book(self.book)

    def story(self, key: str) -> list[str]:
        """One transaction through all witnesses, in lines. Empty if its facts are no longer here."""
        found = stories([*self._beginning(), *self.recent], [key], self.book)
        return found.get(key, [])

    def _beginning(self) -> Iterable[AnyFact]:
        """The first fact, if it is not among the recent ones any more: it tells currency and sites."""
        return (self.run,) if self.run is not None and self.count > len(self.recent) else ()

    # --- the run ----------------------------------------------------------------------------------

    def _run_started(self, fact: facts.RunStarted) -> None:
        self.run = fact
        self.teller.learn(fact)

    def _heal_started(self, fact: facts.HealStarted) -> None:
        self.heal = fact

    def _converged(self, fact: facts.Converged) -> None:
        self.converged_t = fact.t

    def _run_ended(self, fact: facts.RunEnded) -> None:
        self.ended = fact

    @property
    def phase(self) -> str:
        """Where the run is, in one word."""
        if self.ended is not None:
            return "ended"
        if self.heal is not None:
            return "healing"
        return "running" if self.run is not None else "waiting"

    # --- transactions -----------------------------------------------------------------------------

    def _started(self, fact: facts.TransactionStarted) -> None:
        if len(self.transactions) >= TRANSACTIONS_MAX:
            del self.transactions[next(iter(self.transactions))]
        self.transactions[fact.key] = Transaction(
            fact.key, fact.actor, fact.service, fact.amount_minor, fact.stan, fact.t
        )

    def _ended_one(self, fact: facts.TransactionEnded) -> None:
        found = self.transactions.get(fact.key)
        if found is not None:
            found.outcome, found.code, found.ended_t = fact.outcome, fact.code, fact.t
        rates = self.rates
        if fact.outcome == APPROVED:
            rates.approved.add(fact.t, 1)
        elif fact.outcome == DECLINED:
            rates.declined.add(fact.t, 1)
        elif fact.outcome in NOT_SERVED:
            rates.not_served.add(fact.t, 1)

    def _queued(self, fact: facts.AdviceQueued) -> None:
        found = self.transactions.get(fact.key)
        if found is not None:
            found.is_reversed = found.is_reversed or fact.purpose == "reversal"
        self.rates.stored.add(fact.t, self.terminals.stored)

    def _accepted(self, fact: facts.AdviceAccepted) -> None:
        self.rates.stored.add(fact.t, self.terminals.stored)

    def _trace(self, fact: AnyFact) -> None:
        response_s = self.trace.add(fact, self.count)
        if response_s is not None:
            rates = self.rates
            rates.response_sum_s.add(fact.t, response_s)
            rates.responses.add(fact.t, 1)
            rates.response_most_s.add(fact.t, response_s)
        if isinstance(fact, facts.MessageReceived) and fact.actor == fact.terminal:
            self.terminals.answered(fact.terminal, fact.line)
        if isinstance(fact, facts.MessageSent):
            self.rates.messages.add(fact.t, 1)
