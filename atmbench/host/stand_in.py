"""Stand-in: what a switch approves without its core, and what the core makes of that afterwards. Pure decisions.

Sources: iso8583 facts 7.1 (someone else decides by limits while the issuer is away, and replays later; conflicts are
possible) and 1.4 (limits are the first thing to break in stand-in mode).
"""

from collections.abc import Set

from atmbench import money
from atmbench.host.book import Book
from atmbench.host.defects import risk
from atmbench.host.journal import Terms, Transaction
from atmbench.host.risk_settings import StandIn
from atmbench.messages.records import Outcome


class StandInRules:
    """Decides from the book of one site. `settings` are None where nobody stands in."""

    def __init__(self, settings: StandIn | None, book: Book, currency: str, defects: Set[str] = frozenset()) -> None:
        self._defects = defects
        self._settings = settings
        self._book = book
        given = settings or StandIn()
        self._card_minor = money.parse(given.card_amount, currency) if given.card_amount is not None else None
        self._card_count = given.card_count
        self._total_minor = money.parse(given.total_amount, currency) if given.total_amount is not None else None

    @property
    def outcome_of_others(self) -> Outcome:
        """How a service that needs the core is answered."""
        return Outcome.HOST_UNAVAILABLE if self._settings is None else Outcome(self._settings.declines_with)

    def withdrawal(self, terms: Terms) -> Outcome:
        """Whether a withdrawal is approved without its balance."""
        if self._settings is None:
            return Outcome.HOST_UNAVAILABLE
        outcome = self._within_limits(terms)
        if outcome is not Outcome.APPROVED and risk.STAND_IN_WITHOUT_LIMITS in self._defects:
            return Outcome.APPROVED
        return outcome

    def _within_limits(self, terms: Terms) -> Outcome:
        used = self._book.unheard.used(terms.pan, terms.day)
        if self._card_minor is not None and used.amount_minor + terms.amount_minor > self._card_minor:
            return Outcome.AMOUNT_LIMIT
        if self._card_count is not None and used.count >= self._card_count:
            return Outcome.COUNT_LIMIT
        if self._total_minor is not None and self._at_risk_with(terms) > self._total_minor:
            return self.outcome_of_others
        return Outcome.APPROVED

    def _at_risk_with(self, terms: Terms) -> int:
        return self._book.unheard.at_risk_minor + terms.amount_minor


def advised(transaction: Transaction, book: Book, daily_limit_minor: int, *, card_is_good: bool) -> Outcome:
    """What a core makes of an approval in stand-in when it hears of it.

    What was reversed meanwhile is told with it, and is no matter any more; nor is what a completion has posted, which
    came here before the approval did. The use of the card counts this one already.
    """
    terms = transaction.terms
    assert terms is not None, "an approval has terms"
    left_minor = transaction.wanted().last
    if left_minor in (0, transaction.moved_minor):
        return Outcome.APPROVED
    if not card_is_good:
        return Outcome.DECLINED
    if book.used(terms.pan, terms.day).amount_minor > daily_limit_minor:
        return Outcome.AMOUNT_LIMIT
    if book.ledger.available(terms.debit) < left_minor:
        return Outcome.INSUFFICIENT_FUNDS
    return Outcome.APPROVED
