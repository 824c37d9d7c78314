"""The casebook: one pass over the facts, folded into cases, terminal logs and what concerns the whole run.

`Casebook.add` takes one fact at a time, so it can listen while a run goes on or read the file
afterwards; both give the same answer. It must stay cheap (a few microseconds a fact), must hold
bounded memory per transaction, and must not judge. It does not rely on the order of two actors at one
instant: the recorder sorts those by name.
"""

from collections.abc import Callable
from typing import Any

from atmbench import facts
from atmbench.audit.book import Book, FaultLog, LineFault
from atmbench.audit.cases import (
    ADVICES_MAX,
    ANSWERS_MAX,
    APPROVED,
    CUTOVER,
    EXCEPTIONS_MAX,
    REVERSAL,
    SERVICE_PURPOSES,
    WHOSE_MONEY,
    Advice,
    Answer,
    Case,
    whose_money,
)
from atmbench.audit.host_cases import HostCases
from atmbench.audit.release_log import WANTED_BEFORE
from atmbench.audit.terminals import TerminalLog
from atmbench.errors import LocalError
from atmbench.facts import AnyFact
from atmbench.facts.handlers import both

LINE_FAULTS_MAX = 1_000
"""Facts about cuts and sites that are kept. Failover is timed from the first cut, so the first ones are enough."""
REFUSED_STEPS_MAX = 100
FAULTS_MAX = 1_000
RENAMED_MAX = 10_000
"""Requests of which it is kept that they were given the key of another transaction."""
EARLY_MAX = 1_000
"""Requests that arrive in the instant in which they are sent."""
NOT_APPLIED = "not applied"
"""How a fault begins to say that it could not do what it wanted."""
EXCEPTIONS_WITHOUT_KEY_MAX = 1_000
LINE_COMMANDS = frozenset({"stop_site", "start_site"})
ADVICE_GIVEN_UP = "advice_given_up"
MEMORY_LOST = "memory_lost"
MAC = "mac"


class Casebook(Book):
    """A book that is written while facts go by."""

    def __init__(self) -> None:
        super().__init__()
        self._lines_changed = 0
        """Number of the last fact about cuts, sites and healing: what lines suffer after it may be of it."""
        self._cuts: set[str] = set()
        self.early: dict[str, facts.MessageReceived] = {}
        """Requests by key that a site got in one instant, before the fact that sent them."""
        self._got_last: dict[str, str] = {}
        """Site to the key of the message it got last, if that was the first arrival of a request."""
        self._handlers: dict[type, Callable[[Any], None]] = {
            facts.RunStarted: self._run_started,
            facts.StepPerformed: self._step_performed,
            facts.StepRefused: self._step_refused,
            facts.HealStarted: self._heal_started,
            facts.Converged: self._converged,
            facts.RunEnded: self._run_ended,
            facts.FaultStarted: self._fault,
            facts.FaultEnded: self._fault,
            facts.FrameDisturbed: self._frame_disturbed,
            facts.LineUp: lambda fact: self.log(fact.actor).line_up(fact.line),
            facts.LineLost: self._line_sick,
            facts.DialFailed: self._dial_failed,
            facts.LineSuspected: self._line_sick,
            facts.LineChosen: self._line_chosen,
            facts.SignedOn: self._signed_on,
            facts.MessageSent: self._message_sent,
            facts.MessageReceived: self._message_received,
            facts.ReplyIgnored: self._reply_ignored,
            facts.TransactionStarted: self._transaction_started,
            facts.TransactionEnded: self._transaction_ended,
            facts.CustomerTurnedAway: self._customer_turned_away,
            facts.JournalWritten: self._journal_written,
            facts.AdviceQueued: self._advice_queued,
            facts.AdviceAccepted: self._advice_accepted,
            facts.ExceptionOpened: self._exception_opened,
            facts.PowerFailed: self._power_failed,
            facts.CassettesCounted: self._cassettes_counted,
            facts.CashPresented: self._cash_presented,
            facts.CashTaken: self._cash_taken,
            facts.CashRetracted: self._cash_retracted,
            facts.DispenseFailed: self._dispense_failed,
            facts.CashAccepted: self._cash_accepted,
            facts.CashReturned: self._cash_returned,
            facts.SecurityRefused: self._security_refused,
            **HostCases(self).handlers(),
            **self.site_log.handlers(),
            **self.posting_log.handlers(),
            **self.exposure.handlers(),
            facts.ReleaseDeployed: self._release_changed,
            facts.ReleaseRolledBack: self._release_changed,
            facts.CapacityStated: self.loads.states,
            facts.RequestShed: self.loads.shed,
            facts.RequestsCounted: self.loads.counted,
            **self.cards.handlers(lambda: self.count),
        }
        for log in (self.informed, self.alert_log):
            for kind, hear in log.handlers(lambda: self.count).items():
                self._handlers[kind] = both(self._handlers.get(kind), hear)

    def add(self, fact: AnyFact) -> None:
        """Fold one fact in. Facts must come in the order of the history."""
        self.count += 1
        self.t = fact.t
        if not self.tally.is_idle:
            self.tally.add(fact)
        if self.releases.is_used or type(fact) in WANTED_BEFORE:
            self.releases.add(fact, self.count)
        handler = self._handlers.get(type(fact))
        if handler is not None:
            handler(fact)

    # --- the run ----------------------------------------------------------------------------------

    def _run_started(self, fact: facts.RunStarted) -> None:
        self.run_started = fact
        self.clients = {client: channel for channel, clients in fact.channels.items() for client in clients}
        try:
            self.tally.want(self.expectations().facts)
        except LocalError:
            self.tally.want(())  # `expected` reads them again, and says what is wrong with them

    def _step_performed(self, fact: facts.StepPerformed) -> None:
        if fact.command in LINE_COMMANDS:
            self._keep_line_fault(fact)
        self.told.step(fact)

    def _step_refused(self, fact: facts.StepRefused) -> None:
        if fact.actor == facts.TESTER:
            return  # whoever asked was told at once, nothing changed, and no drill says that it happened
        if len(self.refused_steps) < REFUSED_STEPS_MAX:
            self.refused_steps.append(fact)

    def _heal_started(self, fact: facts.HealStarted) -> None:
        self._lines_changed = self.count
        if self.heal is None:
            self.heal = fact

    def _converged(self, fact: facts.Converged) -> None:
        if self.converged is None:
            self.converged = fact

    def _run_ended(self, fact: facts.RunEnded) -> None:
        self.ended = fact

    def _fault(self, fact: facts.FaultStarted | facts.FaultEnded) -> None:
        """Cuts and their ends; what a fault did to frames is told by FrameDisturbed."""
        if isinstance(fact, facts.FaultStarted) and len(self.faults) < FAULTS_MAX:
            self.faults.setdefault(fact.name, FaultLog(fact.kind))
        if isinstance(fact, facts.FaultEnded):
            if fact.name in self._cuts:
                self._keep_line_fault(fact)
        elif fact.kind == "cut":
            self._cuts.add(fact.name)
            self._keep_line_fault(fact)

    def _frame_disturbed(self, fact: facts.FrameDisturbed) -> None:
        log = self.faults.get(fact.name)
        if log is not None:
            log.touched += 1
            log.not_applied += fact.what.startswith(NOT_APPLIED)
        if fact.became and len(self.renamed) < RENAMED_MAX:
            self.renamed.setdefault(fact.became, fact.key)

    def _keep_line_fault(self, fact: LineFault) -> None:
        self._lines_changed = self.count
        if len(self.line_faults) < LINE_FAULTS_MAX:
            self.line_faults.append(fact)

    def _cassettes_counted(self, fact: facts.CassettesCounted) -> None:
        self.log(fact.actor)
        self.cassettes[fact.actor, fact.when] = fact

    # --- lines ------------------------------------------------------------------------------------

    def _line_sick(self, fact: facts.LineLost | facts.DialFailed | facts.LineSuspected) -> None:
        self.log(fact.actor).line_event(fact.t, "sick", fact.line, self._lines_changed)

    def _dial_failed(self, fact: facts.DialFailed) -> None:
        self._line_sick(fact)
        self.site_log.dial_failed(fact)

    def _line_chosen(self, fact: facts.LineChosen) -> None:
        self.log(fact.actor).line_event(fact.t, "chosen", fact.line, self._lines_changed)

    def _signed_on(self, fact: facts.SignedOn) -> None:
        self.log(fact.actor).line_event(fact.t, "signed_on", fact.line, self._lines_changed)

    # --- messages ---------------------------------------------------------------------------------

    def _message_sent(self, fact: facts.MessageSent) -> None:
        if fact.actor != fact.terminal:
            if self.loads.sites and fact.purpose != CUTOVER:
                self.loads.sent(fact)
            if fact.purpose == REVERSAL and fact.outcome == APPROVED and fact.key in self.exposure.stood:
                self._stand_in_reversed(fact)
            return
        if fact.purpose == CUTOVER:
            self.log(fact.actor).sent += 1  # an answer, under the number of the host
            return
        self.log(fact.actor).message_sent(fact, self.count)
        if fact.key and fact.purpose in SERVICE_PURPOSES:
            case = self.case(fact.key)
            case.service = case.service or fact.purpose
            case.asked_minor = case.asked_minor or fact.amount_minor
            if case.request_t is None:
                case.request_t = fact.t
                case.sent = whose_money(fact.fields)
                arrived = self.early.pop(fact.key, None)
                if arrived is not None and fact.t == arrived.t:
                    _arrived(case, case.sent, arrived)

    def _stand_in_reversed(self, fact: facts.MessageSent) -> None:
        reversals = self.case(fact.key).reversals()
        kept_minor = (reversals[-1].actual_minor or 0) if reversals else 0
        self.exposure.reversed(fact.key, fact.actor, kept_minor)

    def _message_received(self, fact: facts.MessageReceived) -> None:
        if fact.actor in self.terminals:
            self.log(fact.actor).last_answer = None  # what is ignored from now on is this one
            self.log(fact.actor).answered(fact)
        else:
            self._got_last.pop(fact.actor, None)
            if self.loads.sites and fact.purpose != CUTOVER:
                self.loads.received(fact)
        if fact.purpose not in SERVICE_PURPOSES:
            return
        case = self.cases.get(fact.key or self.outstanding_key(fact))
        is_at_site = fact.actor not in self.terminals
        if is_at_site and (case is None or case.sent is None):
            self._keep_early(fact)
        if case is None:
            return
        case.fact_last = self.count
        if fact.actor == case.terminal:
            if len(case.answers) < ANSWERS_MAX:
                answer = Answer(fact.t, fact.line, fact.outcome, fact.amount_minor, fact.stan)
                case.answers += (answer,)
                self.log(fact.actor).last_answer = answer
        elif is_at_site and case.sent is not None and _arrived(case, case.sent, fact):
            self._got_last[fact.actor] = fact.key

    def _security_refused(self, fact: facts.SecurityRefused) -> None:
        """A request whose MAC does not agree is nobody's: what it said of money was not acted upon.

        The same request may still come to this site as it was sent. On a serial line it does, if the acknowledgement
        of the altered block is lost.
        """
        if fact.what != MAC or self._got_last.pop(fact.actor, None) != fact.key:
            return
        self.early.pop(fact.key, None)
        case = self.cases.get(fact.key)
        if case is not None:
            case.received_by = tuple(site for site in case.received_by if site != fact.actor)
            if case.altered.startswith(f"site {fact.actor} "):
                case.altered = ""

    def _keep_early(self, fact: facts.MessageReceived) -> None:
        """On a line without delay a site's fact may stand before the terminal's, but only in the same instant."""
        first = next(iter(self.early.values()), fact)
        if fact.t != first.t:
            self.early.clear()
        if fact.key and len(self.early) < EARLY_MAX:
            self.early.setdefault(fact.key, fact)
            self._got_last[fact.actor] = fact.key

    def _reply_ignored(self, fact: facts.ReplyIgnored) -> None:
        self.log(fact.actor).reply_ignored(fact)

    # --- the terminal -----------------------------------------------------------------------------

    def _transaction_started(self, fact: facts.TransactionStarted) -> None:
        case = self.case(fact.key)
        case.service, case.stan, case.started_t = fact.service, fact.stan, fact.t
        case.asked_minor = fact.amount_minor or case.asked_minor
        self.log(fact.actor).started(fact.key, fact.stan, self.count)
        self.cards.came(fact.actor, fact.key)

    def _transaction_ended(self, fact: facts.TransactionEnded) -> None:
        case = self.case(fact.key)
        self.log(fact.actor).ended(fact, case, self.count)
        case.outcome, case.ended_t, case.day = fact.outcome, fact.t, fact.day
        case.service = case.service or fact.service
        self.cards.ended(fact.actor, fact.key)

    def _customer_turned_away(self, fact: facts.CustomerTurnedAway) -> None:
        self.log(fact.actor).turned_away += 1
        self.told.away(self.channel_of(fact.actor), fact)

    def _journal_written(self, fact: facts.JournalWritten) -> None:
        """Belongs to its case, and says nothing that a check asks for."""
        if fact.key:
            self.case(fact.key)

    def _advice_queued(self, fact: facts.AdviceQueued) -> None:
        case = self.case(fact.key)
        if case.advice(fact.stan) is not None:
            return
        advice = Advice(
            fact.key, fact.purpose, fact.stan, fact.t, self.count, fact.amount_minor, fact.actual_minor, fact.reason
        )
        if len(case.advices) < ADVICES_MAX:
            case.advices += (advice,)
        self.log(fact.actor).queued(advice, self.count)

    def _advice_accepted(self, fact: facts.AdviceAccepted) -> None:
        advice = self.case(fact.key).advice(fact.stan)
        self.log(fact.actor).settled(fact.stan)
        if advice is not None and advice.accepted_t is None:
            advice.accepted_t, advice.code = fact.t, fact.code
            self.log(fact.actor).accepted(advice, fact.attempts, self.count)

    def _exception_opened(self, fact: facts.ExceptionOpened) -> None:
        if fact.key:
            case = self.case(fact.key)
            if len(case.exceptions) < EXCEPTIONS_MAX:
                case.exceptions += (fact,)
        elif len(self.exceptions_without_key) < EXCEPTIONS_WITHOUT_KEY_MAX:
            self.exceptions_without_key.append(fact)
        log = self.terminals.get(fact.terminal)
        if log is not None and fact.kind in (ADVICE_GIVEN_UP, MEMORY_LOST):
            self._give_up(log, fact.key)

    def _give_up(self, log: TerminalLog, key: str) -> None:
        for advice in [each for each in log.stored.values() if key in ("", each.key)]:
            advice.given_up = True
            log.settled(advice.stan)

    def _release_changed(self, fact: facts.ReleaseDeployed | facts.ReleaseRolledBack) -> None:
        """What a terminal has stored looks from now on as its new release makes it: the same message all the same."""
        log = self.terminals.get(fact.actor)
        for advice in log.stored.values() if log is not None else ():
            advice.fields = None

    def _power_failed(self, fact: facts.PowerFailed) -> None:
        self.log(fact.actor).power_failures += 1
        self.cards.power_failed(fact.actor)

    # --- devices ----------------------------------------------------------------------------------

    def _cash_presented(self, fact: facts.CashPresented) -> None:
        case = self.case(fact.key)
        self.log(fact.actor).cash_presented(fact, case, self.count, self.say)
        case.presented_minor += fact.amount_minor
        self.exposure.presented(fact)

    def _cash_taken(self, fact: facts.CashTaken) -> None:
        self.log(fact.actor).taken_minor += fact.amount_minor
        case = self.case(fact.key)
        case.taken_minor += fact.amount_minor
        case.cash_t = fact.t if case.cash_t is None else case.cash_t

    def _cash_retracted(self, fact: facts.CashRetracted) -> None:
        self.case(fact.key).retracted_minor += fact.amount_minor

    def _dispense_failed(self, fact: facts.DispenseFailed) -> None:
        """Belongs to its case; what counts is what the dispenser presented and a hand took."""
        self.case(fact.key)

    def _cash_accepted(self, fact: facts.CashAccepted) -> None:
        self.log(fact.actor).accepted_minor += fact.amount_minor
        case = self.case(fact.key)
        case.accepted_minor += fact.amount_minor
        case.cash_t = fact.t if case.cash_t is None else case.cash_t

    def _cash_returned(self, fact: facts.CashReturned) -> None:
        self.case(fact.key).returned_minor += fact.amount_minor


def _arrived(case: Case, sent: tuple[str | None, ...], fact: facts.MessageReceived) -> bool:
    """A site got the request of a case, as it was sent or otherwise. Only its first arrival at each site counts."""
    if fact.actor in case.received_by:
        return False
    case.received_by += (fact.actor,)
    got = whose_money(fact.fields)
    if got != sent:
        other = [number for place, number in enumerate(WHOSE_MONEY) if got[place] != sent[place]]
        case.altered = f"site {fact.actor} got another DE{' and DE'.join(other)} than was sent"
    return True
