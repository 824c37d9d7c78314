"""What one site makes of advices: of a reversal, and of the completion of a service.

The rules are those of iso8583 facts 1.6 and 1.8. An advice is of a transaction, which its original data name; its own
numbers mean nothing here. This module must never decide whether a customer may pay: the cash is out already.
"""

from collections.abc import Set

import msgspec

from atmbench.facts import ExceptionOpened, Fact, RepeatAnswered
from atmbench.host.authorizer import Authorizer
from atmbench.host.book import Book
from atmbench.host.business_day import said_day
from atmbench.host.defects import amounts, matching
from atmbench.host.journal import Completed, Replied, Reversed, Suspected, Terms, Transaction
from atmbench.host.misposts import Misposts, Write
from atmbench.host.replies import readdressed, reply_to
from atmbench.host.settings import HostSettings, PostAt, SuspectPolicy
from atmbench.messages.records import MOVES_MONEY, AccountType, Outcome, Purpose, Reason, Reply, Request

_NOTHING_KNOWN = Transaction()
_FORGOTTEN_AFTER_S = 60.0
"""After so long a defect matches a reversal with nothing."""


class Advices:
    """Those that come to one site. `write` makes a record there."""

    def __init__(self, book: Book, write: Write, misposts: Misposts, defects: Set[str], first_day: str) -> None:
        self._book = book
        self._write = write
        self._misposts = misposts
        self._defects = defects
        self._first_day = first_day

    def run(self, settings: HostSettings, authorizer: Authorizer) -> None:
        """Decide by these settings from now on."""
        self._post_at = settings.post_at
        self._hold_suspects = settings.suspect is SuspectPolicy.HOLD
        self._authorizer = authorizer

    def reverse(self, key: str, request: Request, now: float, facts: list[Fact]) -> Reply:
        """Answer a reversal, and give back what it says."""
        known = self._book.transactions.get(key, _NOTHING_KNOWN)
        suspect = request.reason is Reason.SUSPECT
        waits = suspect and self._hold_suspects
        first: Replied | None = known.reversed or (known.suspected if waits else None)
        if first is not None:
            return self._answer_second_reversal(key, known, first.reply, request, now, facts)
        terms = known.terms
        original_minor = terms.amount_minor if terms is not None else request.amount_minor
        kept_minor = 0 if suspect else request.actual_minor or 0
        if kept_minor > original_minor:
            return reply_to(request, Outcome.INVALID_AMOUNT)
        reply = reply_to(request, Outcome.APPROVED)
        if self._forgets(known, now):
            return reply
        if waits and known.posted is not None and amounts.CREDIT_SUSPECT in self._defects:
            waits = False
        if not waits:
            kept_minor = self._kept(kept_minor, original_minor)
            self._write(Reversed(key, self._book.site, reply, kept_minor), now, facts)
            self._pass_on(key, known, request, original_minor - kept_minor, now, facts)
            return reply
        self._write(Suspected(key, self._book.site, reply), now, facts)
        because = "the terminal cannot say what its dispenser moved; nothing is credited until it is counted"
        facts.append(
            ExceptionOpened(kind="suspect_dispense", key=key, terminal=request.terminal, because=because),
        )
        return reply

    def _forgets(self, known: Transaction, now: float) -> bool:
        """Whether a defect answers a reversal and does nothing."""
        if known is _NOTHING_KNOWN:
            return matching.FORGET_UNKNOWN_REVERSAL in self._defects
        answer, posted = known.answer, known.posted
        is_old = answer is not None and now - answer.at > _FORGOTTEN_AFTER_S
        if is_old and matching.FORGET_AFTER_A_MINUTE in self._defects:
            return True
        is_deposit = posted is not None and posted.terms.service is Purpose.DEPOSIT
        return is_deposit and amounts.KEEP_REVERSED_DEPOSIT in self._defects

    def _kept(self, kept_minor: int, original_minor: int) -> int:
        """What of a posting stays, as far as a defect does not spoil it."""
        if not kept_minor:
            return 0
        if amounts.FORGET_PARTIAL in self._defects:
            return 0
        return original_minor - kept_minor if amounts.PARTIAL_AS_DIFFERENCE in self._defects else kept_minor

    def _pass_on(
        self, key: str, known: Transaction, request: Request, back_minor: int, now: float, facts: list[Fact]
    ) -> None:
        """What was given back goes on to the first account of the card, by a defect only."""
        card = self._authorizer.card_of(request)
        if known.posted is None or not back_minor or card is None:
            return
        terms, first = known.posted.terms, card.accounts.get(AccountType.DEFAULT, "")
        is_other = first not in ("", terms.debit) and self._book.ledger.is_customer(terms.debit)
        if is_other and amounts.REVERSE_TO_FIRST_ACCOUNT in self._defects:
            self._misposts.move(key, terms, back_minor, (terms.debit, first), now, facts)

    def _answer_second_reversal(
        self, key: str, known: Transaction, first: Reply, request: Request, now: float, facts: list[Fact]
    ) -> Reply:
        facts.append(RepeatAnswered(key=key, purpose=request.purpose))
        if known.posted is not None and matching.CREDIT_SECOND_REVERSAL in self._defects:
            terms = known.posted.terms
            self._misposts.give_back(key, terms, terms.amount_minor - known.wanted().last, now, facts)
        return readdressed(first, request)

    def complete(self, key: str, request: Request, now: float, facts: list[Fact]) -> Reply:
        """Answer a completion, and post what it says if that is not yet."""
        known = self._book.transactions.get(key, _NOTHING_KNOWN)
        if known.completed is not None:
            facts.append(RepeatAnswered(key=key, purpose=request.purpose))
            return readdressed(known.completed.reply, request)
        if known.reversed is not None:
            return reply_to(request, Outcome.ALREADY_REVERSED)
        service = request.service or Purpose.WITHDRAWAL
        terms = known.terms if known.terms is not None else self._terms_of_unknown(request, service)
        if isinstance(terms, Outcome):
            return reply_to(request, terms)
        actual_minor = terms.amount_minor if request.actual_minor is None else request.actual_minor
        if actual_minor > terms.amount_minor:
            return reply_to(request, Outcome.INVALID_AMOUNT)
        reply = reply_to(request, Outcome.APPROVED)
        if actual_minor < terms.amount_minor and amounts.POST_HELD_AMOUNT in self._defects:
            actual_minor = terms.amount_minor
        at_completion = posts_at_completion(self._post_at, terms.service)
        keeps_hold = known.has_other_numbers(request) and matching.KEEP_HOLD_OF_RENUMBERED in self._defects
        record = Completed(key, self._book.site, reply, terms, actual_minor, at_completion, keeps_hold)
        self._write(record, now, facts)
        return reply

    def _terms_of_unknown(self, request: Request, service: Purpose) -> Terms | Outcome:
        """Terms from a completion alone.

        The cash is out, so it is posted although the other site's approval has not arrived, and whether or not
        the card could still pay for it.
        """
        card = self._authorizer.card_of(request)
        if card is None or service not in MOVES_MONEY:
            return Outcome.NO_ORIGINAL
        if request.amount_minor <= 0:
            return Outcome.INVALID_AMOUNT
        terms = self._authorizer.terms(card, request, service)
        if isinstance(terms, Outcome):
            return terms
        # The other site has posted it, or never will: only the terminal can say in which day.
        return msgspec.structs.replace(terms, business_day=said_day(request, self._book.days, self._first_day))


def posts_at_completion(post_at: PostAt, service: Purpose) -> bool:
    """Whether the money of a service moves with its completion, and is held until then."""
    return post_at is PostAt.COMPLETION and service is Purpose.WITHDRAWAL
