"""Decides requests: card, PIN, account, limits and funds, in that order.

A decision is a value. The authorizer must never change the book: the site makes a record of what was
decided. It must never put a PAN or a PIN into a text.
"""

from collections.abc import Set

import msgspec

from atmbench import money
from atmbench.errors import LocalError
from atmbench.host.book import Book
from atmbench.host.defects import amounts, security
from atmbench.host.journal import Terms, Transaction
from atmbench.host.security_module import SecurityModule
from atmbench.host.settings import Card, HostSettings
from atmbench.host.stand_in import StandInRules, advised
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import MOVES_MONEY, AccountType, Balance, Outcome, Purpose, Request
from atmbench.messages.wall_clock import WallClock
from atmbench.security.dukpt import DukptError, SerialNumber
from atmbench.security.emv_issuer import ChipError, ChipRequest
from atmbench.security.pin_block import PinError

_STATUS: dict[str, Outcome | None] = {"open": None, "blocked": Outcome.DECLINED, "stolen": Outcome.RETAIN_CARD}

_HALF_A_TRANSFER = "suspense:transfers"
"""Where the money stays if the other half of a transfer is not posted."""
_DEBITS_CUSTOMER = frozenset({Purpose.WITHDRAWAL, Purpose.TRANSFER, Purpose.BILL_PAYMENT})


class ChipSeen(msgspec.Struct, frozen=True, gc=False):
    """A chip that has proved itself: its transaction counter, and the issuer's answer to it."""

    atc: int
    answer: bytes

    def __repr__(self) -> str:
        return f"ChipSeen(atc={self.atc})"


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What is answered, and what is to be moved if it is an approval that moves money."""

    outcome: Outcome
    terms: Terms | None = None
    pin_right: bool | None = None
    """None if no PIN was checked."""
    new_pin: str = ""
    """Reference of the PIN that the customer has from now on, if it is another one."""
    pin_counter: int = 0
    """Counter of the DUKPT key that a PIN was opened with; 0 if none was."""
    chip: ChipSeen | None = None
    refused: tuple[str, str] | None = None
    """What the security module refuses ("chip", "pin_key", "key_serial"), and why."""
    account: str = ""
    """Whose balances are told."""
    balances: tuple[Balance, ...] = ()
    """Ledger and available, in this order."""
    statement: tuple[str, ...] = ()
    stands_in: bool = False
    """An approval that no core was asked for."""


class Authorizer:
    """Decides for one site, from what its own book knows.

    `module` is needed if any card has a PIN or a chip. `clock` is that of the site; it is asked for the year, which
    1987 messages do not carry, so that expiry can be judged.
    `ignores_balances` is what a bad release does: nobody's funds are looked at.
    Raises LocalError if the cards do not fit the accounts.
    """

    def __init__(
        self,
        settings: HostSettings,
        cards: dict[str, Card],
        book: Book,
        currency: str,
        *,
        module: SecurityModule | None,
        clock: WallClock | None,
        defects: Set[str] = frozenset(),
        ignores_balances: bool = False,
    ) -> None:
        self._ignores_balances = ignores_balances
        self._alone = StandInRules(settings.stand_in, book, currency, defects)
        self._cards = cards
        self._book = book
        self._currency = currency
        self._currencies = ("", currency, money.numeric(currency))
        self._daily_limit_minor = money.parse(settings.daily_limit, currency)
        self._unit_minor = money.parse("1", currency)
        self._daily_count = settings.daily_count
        self._pin_tries_max = settings.pin_tries_max
        self._module = module
        self._checks_chips = module is not None and module.checks_chips
        self._references: dict[str, str] = {}
        """Of PINs as they were at the start, made when first needed."""
        self._clock = clock
        self._defects = defects
        _check_cards(cards, book, module)

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
        chip = None
        if self._checks_chips:
            chip = self._check_chip(card, request)
            if isinstance(chip, Decision):
                return chip
        decision = self._decide_with_pin(card, request, now)
        return decision if chip is None else msgspec.structs.replace(decision, chip=chip)

    def _decide_with_pin(self, card: Card, request: Request, now: float) -> Decision:
        if card.pin is None:
            return self._decide_service(card, request, None)
        number = self._dukpt_number(request)
        if isinstance(number, Decision):
            return number
        decision = self._check_pin(card, request, now, number)
        if decision is None and request.purpose is Purpose.PIN_CHANGE and self._book.unheard.core_is_up:
            decision = self._change_pin(card, request, now, number)
        elif decision is None:
            decision = self._decide_service(card, request, True)
        # Only a key that has opened a PIN is used up: whoever makes up a number must not shut the terminal out.
        if number is None or decision.pin_right is None:
            return decision
        return msgspec.structs.replace(decision, pin_counter=number.counter)

    def _dukpt_number(self, request: Request) -> SerialNumber | Decision | None:
        """The serial number of the key that a PIN is sealed under, or why it is none; None where keys are exchanged."""
        module = self._module
        assert module is not None, "checked at the start"
        if not module.uses_dukpt:
            return None
        last, used_for = self._book.last_pin_key(request.terminal)
        if security.TAKE_USED_PIN_KEY in self._defects:
            last = 0
        elif used_for == transaction_key(request.terminal, request.stan, request.local_time):
            last -= 1  # it comes again, and its key with it
        try:
            return module.dukpt_number(request.terminal, request.key_serial, last)
        except DukptError as error:
            return Decision(Outcome.PIN_KEY_FAILED, refused=("key_serial", str(error)))

    def card_of(self, request: Request) -> Card | None:
        """The card of a request."""
        return self._cards.get(self.with_pan(request).pan)

    def with_pan(self, request: Request) -> Request:
        """The request with its PAN, from track 2 where no PAN travels: counters, tries and PINs are kept by it."""
        if request.pan:
            return request
        track2 = request.track2
        return msgspec.structs.replace(request, pan=track2.partition("=" if "=" in track2 else "D")[0])

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
        return Terms(service, debit, credit, request.amount_minor, card.pan, request.local_time, self._book.day)

    def _is_expired(self, card: Card, local_time: str, now: float) -> bool:
        # A card is good until the last day of its month. Texts of one length compare like the numbers they are.
        if len(local_time) < 12:
            if self._clock is None:
                return False
            local_time = self._clock.local(now)
        return card.expiry < local_time[:4]

    def _check_chip(self, card: Card, request: Request) -> ChipSeen | Decision:
        """What the chip proved, or why it proves nothing."""
        module = self._module
        assert module is not None, "chips are checked by it"
        asked = ChipRequest(
            pan=card.pan,
            amount=f"{request.amount_minor:012d}",
            processing_code=module.service_code(request.purpose) + "0000",
            currency=money.numeric(self._currency),
            chip=chip_bytes(request.chip),
        )
        try:
            checked = module.check_chip(asked, self._last_atc(card.pan))
        except ChipError as error:
            return Decision(Outcome.CHIP_FAILED, refused=("chip", str(error)))
        return ChipSeen(checked.atc, module.answer_chip(checked))

    def _last_atc(self, pan: str) -> int:
        return 0 if security.TAKE_REPLAYED_ARQC in self._defects else self._book.last_atc(pan)

    def _check_pin(self, card: Card, request: Request, now: float, number: SerialNumber | None) -> Decision | None:
        """Why a request is refused for its PIN; None if the PIN is right."""
        tries_left = self._pin_tries_max - self._book.wrong_pins(card.pan)
        if tries_left <= 0:
            return Decision(Outcome.PIN_TRIES_EXCEEDED)
        if not request.pin_block:
            return Decision(Outcome.FORMAT_ERROR)
        pin = self._opened(request, request.pin_block, card, now, number)
        if isinstance(pin, Decision):
            return pin
        if self._is_pin(card, pin):
            return None
        outcome = Outcome.WRONG_PIN if tries_left > 1 else Outcome.PIN_TRIES_EXCEEDED
        return Decision(outcome, pin_right=False)

    def _opened(
        self, request: Request, block: str, card: Card, now: float, number: SerialNumber | None
    ) -> str | Decision:
        assert self._module is not None, "checked at the start"
        try:
            return self._module.open_pin(self._book.site, request.terminal, block, card.pan, now, number)
        except PinError as error:
            if security.COUNT_UNREADABLE_PIN in self._defects:
                return Decision(Outcome.WRONG_PIN, pin_right=False)
            # No PIN was in there: a wrong key or a broken message must not use up the customer's tries.
            return Decision(Outcome.PIN_KEY_FAILED, refused=("pin_key", str(error)))

    def _is_pin(self, card: Card, pin: str) -> bool:
        module, pan = self._module, card.pan
        assert module is not None, "checked at the start"
        assert card.pin is not None, "only such cards get here"
        reference = self._book.pin_reference(pan) or self._references.get(pan)
        if reference is None:
            reference = self._references[pan] = module.reference(pan, card.pin)
        return module.is_pin(pan, pin, reference)

    def _change_pin(self, card: Card, request: Request, now: float, number: SerialNumber | None) -> Decision:
        if not request.new_pin_block:
            return Decision(Outcome.FORMAT_ERROR, pin_right=True)
        pin = self._opened(request, request.new_pin_block, card, now, number)
        if isinstance(pin, Decision):
            return pin if pin.pin_right is not None else msgspec.structs.replace(pin, pin_right=True)
        assert self._module is not None, "checked at the start"
        if not self._module.takes(pin):
            return Decision(Outcome.DECLINED, pin_right=True)
        return Decision(Outcome.APPROVED, pin_right=True, new_pin=self._module.reference(card.pan, pin))

    def _decide_service(self, card: Card, request: Request, pin_right: bool | None) -> Decision:
        service = request.purpose
        if not self._book.unheard.core_is_up:
            return self._decide_alone(card, request, pin_right)
        if service in MOVES_MONEY:
            outcome, terms = self._decide_money(card, request, service)
            return Decision(outcome, terms=terms, pin_right=pin_right)
        account = card.accounts.get(request.from_account)
        if account is None:
            return Decision(Outcome.NO_ACCOUNT, pin_right=pin_right)
        if service is Purpose.BALANCE:
            return Decision(Outcome.APPROVED, pin_right=pin_right, account=account, balances=self._balances(account))
        if service is Purpose.PIN_CHANGE:
            return Decision(Outcome.INVALID_TRANSACTION)  # a card without a PIN
        assert service is Purpose.MINI_STATEMENT, "the only service left"
        return Decision(Outcome.APPROVED, pin_right=pin_right, statement=self._statement(account))

    def _decide_money(self, card: Card, request: Request, service: Purpose) -> tuple[Outcome, Terms | None]:
        terms = self._checked_terms(card, request, service)
        if isinstance(terms, Outcome):
            return terms, None
        looks = service in _DEBITS_CUSTOMER and not self._ignores_balances
        if looks and self._book.ledger.available(terms.debit) < request.amount_minor:
            return Outcome.INSUFFICIENT_FUNDS, None
        return Outcome.APPROVED, self._spoilt(terms)

    def _spoilt(self, terms: Terms) -> Terms:
        """The same, unless a defect is planted."""
        if terms.amount_minor % self._unit_minor and amounts.ROUND_TO_UNITS in self._defects:
            rounded_minor = terms.amount_minor // self._unit_minor * self._unit_minor
            terms = msgspec.structs.replace(terms, amount_minor=rounded_minor)
        if terms.service is Purpose.TRANSFER and amounts.FORGET_CREDIT_LEG in self._defects:
            terms = msgspec.structs.replace(terms, credit=_HALF_A_TRANSFER)
        return terms

    def _checked_terms(self, card: Card, request: Request, service: Purpose) -> Terms | Outcome:
        """What a service would move within the limits of its card, whatever is on the account."""
        if request.amount_minor <= 0:
            return Outcome.INVALID_AMOUNT
        terms = self.terms(card, request, service)
        if service is Purpose.WITHDRAWAL and not isinstance(terms, Outcome):
            used = self._book.used(card.pan, terms.day)
            if used.amount_minor + request.amount_minor > self._daily_limit_minor:
                return Outcome.AMOUNT_LIMIT
            if used.count >= self._daily_count:
                return Outcome.COUNT_LIMIT
        return terms

    def _decide_alone(self, card: Card, request: Request, pin_right: bool | None) -> Decision:
        """The core is away: a withdrawal may be approved without it, and nothing else."""
        if request.purpose is not Purpose.WITHDRAWAL:
            return Decision(self._alone.outcome_of_others, pin_right=pin_right)
        terms = self._checked_terms(card, request, Purpose.WITHDRAWAL)
        outcome = terms if isinstance(terms, Outcome) else self._alone.withdrawal(terms)
        if outcome is not Outcome.APPROVED or isinstance(terms, Outcome):
            return Decision(outcome, pin_right=pin_right)
        return Decision(outcome, terms=terms, pin_right=pin_right, stands_in=True)

    def advise(self, transaction: Transaction) -> Outcome:
        """What the core makes of an approval in stand-in, now that it hears of it."""
        card = self._cards.get(transaction.terms.pan) if transaction.terms is not None else None
        is_good = card is not None and _STATUS[card.status] is None
        return advised(transaction, self._book, self._daily_limit_minor, card_is_good=is_good)

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


def chip_bytes(text: str) -> bytes:
    """Chip data of a request; what is no hexadecimal is no chip data."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _check_cards(cards: dict[str, Card], book: Book, module: SecurityModule | None) -> None:
    for card in cards.values():
        if card.status not in _STATUS:
            raise LocalError(f"{card!r} has status {card.status!r}; expected one of {', '.join(_STATUS)}")
        if card.pin is not None and module is None:
            raise LocalError(f"{card!r} has a PIN, and the host was given no security module to open PIN blocks")
        for account in card.accounts.values():
            if not book.ledger.is_customer(account):
                raise LocalError(f"{card!r} draws on account {account!r}, which is not among the accounts")
