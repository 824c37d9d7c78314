"""Decides requests: card, PIN, account, limits and funds, in that order.

A decision is a value. The authorizer must never change the book: the site makes a record of what was
decided. It must never put a PAN or a PIN into a text.
"""

from collections.abc import Callable

import msgspec

from atmbench import money
from atmbench.errors import LocalError, RemoteError
from atmbench.host.book import Book
from atmbench.host.journal import Terms
from atmbench.host.settings import Card, HostSettings
from atmbench.messages.records import MOVES_MONEY, AccountType, Balance, Outcome, Purpose, Request

OpenPin = Callable[[str, str], str]
"""PIN of an encrypted PIN block and a PAN. Raises RemoteError if the block holds no PIN."""

_STATUS: dict[str, Outcome | None] = {"open": None, "blocked": Outcome.DECLINED, "stolen": Outcome.RETAIN_CARD}

_DEBITS_CUSTOMER = frozenset({Purpose.WITHDRAWAL, Purpose.TRANSFER, Purpose.BILL_PAYMENT})


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What is answered, and what is to be moved if it is an approval that moves money."""

    outcome: Outcome
    terms: Terms | None = None
    pin_right: bool | None = None
    """None if no PIN was checked."""
    balances: tuple[Balance, ...] = ()
    statement: tuple[str, ...] = ()


class Authorizer:
    """Decides for one site, from what its own book knows.

    `open_pin` is needed if any card has a PIN. `clock_text` gives local date and time (YYMMDDhhmmss) of
    a moment; it is asked for the year, which 1987 messages do not carry, so that expiry can be judged.
    Raises LocalError if the cards do not fit the accounts.
    """

    def __init__(
        self,
        settings: HostSettings,
        cards: dict[str, Card],
        book: Book,
        currency: str,
        *,
        open_pin: OpenPin | None,
        clock_text: Callable[[float], str] | None,
    ) -> None:
        self._cards = cards
        self._book = book
        self._currency = currency
        self._currencies = ("", currency, money.numeric(currency))
        self._daily_limit_minor = money.parse(settings.daily_limit, currency)
        self._daily_count = settings.daily_count
        self._pin_tries_max = settings.pin_tries_max
        self._open_pin = open_pin
        self._clock_text = clock_text
        _check_cards(cards, book, open_pin)

    def decide(self, request: Request, now: float) -> Decision:
        """What to answer to a request for a service."""
        if not request.local_time:
            return Decision(Outcome.FORMAT_ERROR)
        if request.currency not in self._currencies:
            return Decision(Outcome.INVALID_TRANSACTION)
        card = self.card_of(request)
        if card is None:
            return Decision(Outcome.CARD_UNKNOWN)
        refusal = _STATUS[card.status]
        if refusal is not None:
            return Decision(refusal)
        if self._is_expired(card, request.local_time, now):
            return Decision(Outcome.EXPIRED_CARD)
        if card.pin is None:
            return self._decide_service(card, request, None)
        refusal, pin_right = self._check_pin(card, request)
        if refusal is not None:
            return Decision(refusal, pin_right=pin_right)
        return self._decide_service(card, request, pin_right)

    def card_of(self, request: Request) -> Card | None:
        """The card of a request: by its PAN, or by track 2 where no PAN travels."""
        pan = request.pan
        if not pan:
            track2 = request.track2
            pan = track2.partition("=" if "=" in track2 else "D")[0]
        return self._cards.get(pan)

    def terms(self, card: Card, request: Request, service: Purpose) -> Terms | Outcome:
        """What a service would move for this card, or why it cannot."""
        terminal, accounts = request.terminal, card.accounts
        debit = credit = None
        match service:
            case Purpose.WITHDRAWAL:
                debit, credit = accounts.get(request.from_account), f"cash:{terminal}"
            case Purpose.DEPOSIT:
                named = request.to_account is not AccountType.DEFAULT
                debit, credit = f"cash:{terminal}", accounts.get(request.to_account if named else request.from_account)
            case Purpose.BILL_PAYMENT:
                if not request.payee:
                    return Outcome.FORMAT_ERROR
                debit, credit = accounts.get(request.from_account), f"biller:{request.payee}"
            case Purpose.TRANSFER:
                debit = accounts.get(request.from_account)
                credit = request.payee or accounts.get(request.to_account)
                if request.payee and not self._book.ledger.is_customer(request.payee):
                    return Outcome.NO_ACCOUNT
            case _:
                raise AssertionError(f"{service} moves no money")
        if debit is None or credit is None:
            return Outcome.NO_ACCOUNT
        if debit == credit:
            return Outcome.INVALID_TRANSACTION
        return Terms(service, debit, credit, request.amount_minor, card.pan, request.local_time)

    def _is_expired(self, card: Card, local_time: str, now: float) -> bool:
        # A card is good until the last day of its month. Texts of one length compare like the numbers they are.
        if len(local_time) < 12:
            if self._clock_text is None:
                return False
            local_time = self._clock_text(now)
        return card.expiry < local_time[:4]

    def _check_pin(self, card: Card, request: Request) -> tuple[Outcome | None, bool | None]:
        tries_left = self._pin_tries_max - self._book.wrong_pins(card.pan)
        if tries_left <= 0:
            return Outcome.PIN_TRIES_EXCEEDED, None
        if not request.pin_block:
            return Outcome.FORMAT_ERROR, None
        assert self._open_pin is not None, "checked at the start"
        try:
            pin = self._open_pin(request.pin_block, card.pan)
        except RemoteError:
            # No PIN was in there: a wrong key or a broken message must not use up the customer's tries.
            return Outcome.FORMAT_ERROR, None
        if pin == card.pin:
            return None, True
        return (Outcome.WRONG_PIN if tries_left > 1 else Outcome.PIN_TRIES_EXCEEDED), False

    def _decide_service(self, card: Card, request: Request, pin_right: bool | None) -> Decision:
        service = request.purpose
        if service in MOVES_MONEY:
            outcome, terms = self._decide_money(card, request, service)
            return Decision(outcome, terms=terms, pin_right=pin_right)
        account = card.accounts.get(request.from_account)
        if account is None:
            return Decision(Outcome.NO_ACCOUNT, pin_right=pin_right)
        if service is Purpose.BALANCE:
            return Decision(Outcome.APPROVED, pin_right=pin_right, balances=self._balances(account))
        assert service is Purpose.MINI_STATEMENT, "the only service left"
        return Decision(Outcome.APPROVED, pin_right=pin_right, statement=self._statement(account))

    def _decide_money(self, card: Card, request: Request, service: Purpose) -> tuple[Outcome, Terms | None]:
        amount_minor = request.amount_minor
        if amount_minor <= 0:
            return Outcome.INVALID_AMOUNT, None
        terms = self.terms(card, request, service)
        if isinstance(terms, Outcome):
            return terms, None
        if service is Purpose.WITHDRAWAL:
            used = self._book.used(card.pan, terms.day)
            if used.amount_minor + amount_minor > self._daily_limit_minor:
                return Outcome.AMOUNT_LIMIT, None
            if used.count >= self._daily_count:
                return Outcome.COUNT_LIMIT, None
        if service in _DEBITS_CUSTOMER and self._book.ledger.available(terms.debit) < amount_minor:
            return Outcome.INSUFFICIENT_FUNDS, None
        return Outcome.APPROVED, terms

    def _balances(self, account: str) -> tuple[Balance, ...]:
        ledger = self._book.ledger
        return (Balance("ledger", ledger.balances[account]), Balance("available", ledger.available(account)))

    def _statement(self, account: str) -> tuple[str, ...]:
        """Date (MM-DD), service and amount of the latest entries, the latest first."""
        texts = []
        for line in reversed(self._book.ledger.statement(account)):
            monthday = line.local_time[-10:-6]
            what = line.service.replace("_", " ") if line.kind == "posting" else f"{line.service} reversed"
            texts.append(f"{monthday[:2]}-{monthday[2:]} {what} {money.display(line.amount_minor, self._currency)}")
        return tuple(texts)


def _check_cards(cards: dict[str, Card], book: Book, open_pin: OpenPin | None) -> None:
    for card in cards.values():
        if card.status not in _STATUS:
            raise LocalError(f"{card!r} has status {card.status!r}; expected one of {', '.join(_STATUS)}")
        if card.pin is not None and open_pin is None:
            raise LocalError(f"{card!r} has a PIN, and the host was given no way to open PIN blocks")
        for account in card.accounts.values():
            if not book.ledger.is_customer(account):
                raise LocalError(f"{card!r} draws on account {account!r}, which is not among the accounts")
