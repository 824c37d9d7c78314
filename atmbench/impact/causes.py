"""Causes: by what a customer was touched. Each is read off the audit's own findings and cases, never judged anew.

Whoever got an answer about his own card and account was served, be it yes or no (as in `audit.downtime`), and whoever
cancelled or left his card or his notes was not failed by anybody.
"""

from enum import StrEnum

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.card_log import PICK_UPS
from atmbench.audit.cases import APPROVALS, APPROVED, DEPOSIT, WITHDRAWAL, Case
from atmbench.audit.downtime import NO_ANSWER, why_in_vain
from atmbench.audit.informed import falsehoods
from atmbench.audit.view import stale_balances
from atmbench.audit.witnesses import agrees, due_minor, posted_minor
from atmbench.audit.wronged import Wait, waits
from atmbench.drill.expectations import ViewBudgets
from atmbench.facts.statements import Stated
from atmbench.impact.bounds import Bounds
from atmbench.messages.records import Purpose

PAYMENTS = frozenset({Purpose.TRANSFER.value, Purpose.BILL_PAYMENT.value})
"""Services whose money is awaited by somebody, so that being late is being wrong."""
MACHINE = frozenset({"not_dispensed", "short", "suspect", "interrupted"})
"""Outcomes that are the machine's doing."""
NOT_ABOUT_WHOEVER_STOOD_THERE = (Stated.TURNED_AWAY, Stated.CLOSED)


class Cause(StrEnum):
    """By what a customer was touched."""

    TURNED_AWAY = "turned_away"
    """He could not begin."""
    NO_ANSWER = "no_answer"
    """His bank did not answer."""
    BANK_TROUBLE = "bank_trouble"
    """His bank answered, and had not looked at his card or account."""
    MACHINE = "machine"
    """The machine did not do what the bank had approved, or nobody knows what it did."""
    UNFINISHED = "unfinished"
    """It never ended."""
    MONEY_WRONG = "money_wrong"
    """Something was posted and not paid, or paid and not posted, for a time (`audit.wronged`)."""
    BOOKS_DIFFER = "books_differ"
    """The witnesses disagree to the end (`audit.money`), and it is not the bank's own loss."""
    DELAYED = "delayed"
    """A transfer or bill payment took too long until every site had it."""
    SLOW = "slow"
    """He was served, and the answer took too long; or he gave up waiting for one."""
    STALE_BALANCE = "stale_balance"
    """He was told a balance without what had been answered before (`audit.view`)."""
    CARD_KEPT = "card_kept"
    """The machine has his card, and neither had his bank asked for it nor had he left it."""
    TOLD_FALSE = "told_false"
    """A screen or receipt stated what was not so (`audit.informed`)."""


NOT_SERVED = frozenset({Cause.TURNED_AWAY, Cause.NO_ANSWER, Cause.BANK_TROUBLE, Cause.MACHINE, Cause.UNFINISHED})
"""Causes for which a customer left without what he had come for."""


class Delay(msgspec.Struct, frozen=True):
    """How long a payment was on its way: from its request until every site had it, or to the last fact."""

    seconds: float
    is_over: bool
    missing_at: tuple[str, ...] = ()
    """Sites that do not have it at the end."""


class Causes:
    """By what each customer of a run was touched. Raises Missing if the history has no beginning."""

    def __init__(self, book: Book, bounds: Bounds) -> None:
        self._book = book
        self._bounds = bounds
        self._sites = book.sites()
        budgets = book.expectations().view or ViewBudgets()
        self._slow_s = budgets.delay_s
        self.waits: dict[str, Wait] = {wait.key: wait for wait in waits(book)}
        self._stale = {stale.told.key for stale in stale_balances(book)}
        self.false: dict[str, list[str]] = {}
        """Key to what its customer was told and was not so."""
        for said, what in falsehoods(book):
            if said.key and said.states.how not in NOT_ABOUT_WHOEVER_STOOD_THERE:
                self.false.setdefault(said.key, []).extend(what)
        self._kept_for_no_reason = {fact.key for _, fact in book.cards.without_reason}

    def of(self, case: Case) -> tuple[Cause, ...]:
        """By what one customer was touched, the worst first; empty if by nothing."""
        found: list[Cause | None] = [self.not_served(case)]
        found.append(Cause.MONEY_WRONG if case.key in self.waits else None)
        found.append(Cause.BOOKS_DIFFER if self._do_books_differ(case) else None)
        delay = self.delay(case)
        found.append(Cause.DELAYED if delay is not None and delay.seconds > self._bounds.late_s else None)
        found.append(Cause.SLOW if found[0] is None and self._is_slow(case) else None)
        found.append(Cause.STALE_BALANCE if case.key in self._stale else None)
        found.append(Cause.CARD_KEPT if self._is_kept_wrongly(case) else None)
        found.append(Cause.TOLD_FALSE if case.key in self.false else None)
        return tuple(cause for cause in found if cause is not None)

    def not_served(self, case: Case) -> Cause | None:
        """Why a customer left without what he had come for; None if he has it, or an answer of his own bank."""
        if case.started_t is None or _has_got_it(case):
            return None
        if not case.outcome:
            return Cause.UNFINISHED if self._is_over else None
        if case.outcome == NO_ANSWER:
            return Cause.NO_ANSWER
        if case.outcome in MACHINE:
            return None if self._has_left_his_card(case) else Cause.MACHINE
        if case.outcome != "declined":
            return None
        answer = next((each for each in case.answers if not each.ignored), None)
        if answer is None or answer.outcome in APPROVALS:
            return Cause.MACHINE
        return Cause.BANK_TROUBLE if why_in_vain(case, answer, self._book) else None

    def delay(self, case: Case) -> Delay | None:
        """How long an approved payment took until every site had it; None if it is none."""
        if case.service not in PAYMENTS or case.outcome != APPROVED or case.started_t is None:
            return None
        due = due_minor(case)
        missing = tuple(site for site in self._sites if posted_minor(case, case.net_at(site)) != due)
        if missing:
            return Delay(round(self._book.t - case.started_t, 6), False, missing)
        last_t = max((entry.t for entry in case.entries), default=case.started_t)
        return Delay(round(max(last_t, case.ended_t or last_t) - case.started_t, 6), True)

    def slow_s(self, case: Case) -> float:
        """The longest that an answer to this customer may take."""
        return self._slow_s.get(self._book.channel_of(case.terminal), self._bounds.slow_s)

    def _do_books_differ(self, case: Case) -> bool:
        """What a core refuses that its switch has paid out is the bank's loss, and no customer's (as in `wronged`)."""
        stood = self._book.exposure.stood.get(case.key)
        is_banks_loss = stood is not None and stood.is_refused
        return self._is_over and not is_banks_loss and not agrees(case, self._sites)

    def _has_left_his_card(self, case: Case) -> bool:
        """Whether his card lay in the slot until the machine took it in again, and nothing had failed."""
        log = self._book.informed
        return case.key in log.kept and case.key in log.ejected and case.key not in log.excused

    def _is_slow(self, case: Case) -> bool:
        seconds = waited_s(case)
        return seconds is not None and seconds > self.slow_s(case)

    @property
    def _is_over(self) -> bool:
        return self._book.ended is not None and not self._book.ended.stopped

    def _is_kept_wrongly(self, case: Case) -> bool:
        if case.key in self._kept_for_no_reason:
            return True
        log = self._book.informed
        was_asked_for = any(answer.outcome in PICK_UPS for answer in case.answers)
        return case.key in log.kept and case.key not in log.ejected and not was_asked_for


def waited_s(case: Case) -> float | None:
    """From the request to its answer, or to the word that there was none; None if neither has come."""
    asked_t = case.request_t if case.request_t is not None else case.started_t
    told_t = case.answered_t if case.answered_t is not None else case.ended_t
    return None if asked_t is None or told_t is None else round(told_t - asked_t, 6)


def _has_got_it(case: Case) -> bool:
    """Whether what was asked for came about, whatever the terminal says."""
    if case.service == WITHDRAWAL:
        return case.outcome == APPROVED or 0 < case.asked_minor <= case.taken_minor
    if case.service == DEPOSIT:
        return case.outcome == APPROVED or 0 < case.asked_minor <= case.accepted_minor
    return case.outcome == APPROVED
