"""Cards, accounts and customers' PINs for a drill: the same seed gives the same people.

All PANs begin with the drill's test BIN. This module must never read or make a card of a real issuer.
"""

from collections.abc import Sequence
from random import Random

import msgspec

from atmbench import money
from atmbench.drill.records import EXPIRY, Drill, Workload
from atmbench.errors import LocalError
from atmbench.host.settings import Account, Card
from atmbench.messages.records import MOVES_MONEY, AccountType, Purpose
from atmbench.terminal.inputs import TransactionAsked

SERVICE_CODE = "201"
"""International, chip, normal authorisation (ISO 7813)."""
PAN_DIGITS = 16
TEST_BIN = "999999"
"""No issuer's."""
BILLER = "9000000001"
"""Whom all bill payments go to."""


class Customers(msgspec.Struct, frozen=True):
    """The people of a drill: what the host knows of them, and what they carry."""

    cards: tuple[Card, ...]
    accounts: tuple[Account, ...]

    def track2(self, card: Card) -> str:
        """Track 2 of a card, without sentinels (DE35)."""
        return track2_of(card.pan, card.expiry)


def track2_of(pan: str, expiry: str = EXPIRY) -> str:
    """Track 2 of a test card, without sentinels (DE35)."""
    return f"{pan}={expiry}{SERVICE_CODE}0000000000"


def demand_test_cards(drill: Drill) -> None:
    """Raises LocalError if the cards are of no test range: then their messages may not be kept."""
    population = drill.cards
    if population.bin != TEST_BIN and not population.is_test_range:
        raise LocalError(
            f"cards.bin is {population.bin!r}, and only test cards may be captured: take {TEST_BIN}, which is no "
            "issuer's, or say cards.is_test_range: true if the issuer has given this BIN for tests"
        )


def build_customers(drill: Drill, seed: int) -> Customers:
    """Cards and accounts of a drill. Raises LocalError if the BIN leaves no room for so many cards."""
    rng = Random(f"{seed}/population")
    population = drill.cards
    if not (population.bin.isdigit() and len(population.bin) == 6):
        raise LocalError(f"cards.bin is {population.bin!r}; expected six digits such as '999999'")
    opening_minor = money.parse(population.opening_balance, drill.currency)
    cards, accounts = [], []
    for index in range(population.cards):
        holder = index // population.accounts_shared_by + 1
        current, savings = f"1{holder:09d}", f"2{holder:09d}"
        if index % population.accounts_shared_by == 0:
            accounts += [Account(number=number, opening_minor=opening_minor) for number in (current, savings)]
        cards.append(
            Card(
                pan=with_check_digit(f"{population.bin}{index + 1:0{PAN_DIGITS - 7}d}"),
                expiry=EXPIRY,
                accounts={AccountType.DEFAULT: current, AccountType.CURRENT: current, AccountType.SAVINGS: savings},
                pin=f"{rng.randrange(10_000):04d}" if population.pins else None,
            )
        )
    return Customers(tuple(cards), tuple(accounts))


def with_check_digit(digits: str) -> str:
    """The digits with their Luhn check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


class Walkers:
    """Customers as they walk up to a terminal: one card, one wish.

    The fleet's own arrivals give their terminal's random source; a command that names no card draws from
    the one given here.
    """

    def __init__(self, customers: Customers, workload: Workload | None, currency: str, rng: Random) -> None:
        self._customers = customers
        self._amounts = tuple(money.parse(amount, currency) for amount in (workload or Workload()).amounts)
        self._currency = currency
        self._rng = rng
        self._tracks = tuple(customers.track2(card) for card in customers.cards)

    def want(self, amounts: Sequence[str]) -> None:
        """Customers of the workload want these amounts from now on."""
        self._amounts = tuple(money.parse(amount, self._currency) for amount in amounts)

    def draw(self, service: Purpose, rng: Random) -> TransactionAsked:
        """A customer of the workload."""
        amount_minor = rng.choice(self._amounts) if service in MOVES_MONEY else 0
        return self._asked(service, rng.randrange(len(self._tracks)), amount_minor)

    def customer(
        self,
        service: Purpose,
        amount: str,
        card: int | None = None,
        from_account: AccountType = AccountType.DEFAULT,
        to_account: AccountType = AccountType.DEFAULT,
        *,
        notes: int = 1,
    ) -> TransactionAsked:
        """A customer that a command asks for, with `notes` to deposit. Raises LocalError for an unknown card."""
        cards = len(self._tracks)
        index = self._rng.randrange(cards) if card is None else card - 1
        if not 0 <= index < cards:
            raise LocalError(f"there is no card {card}; this drill has cards 1 to {cards}")
        return self._asked(service, index, money.parse(amount, self._currency), from_account, to_account, notes)

    def _asked(
        self,
        service: Purpose,
        index: int,
        amount_minor: int,
        from_account: AccountType = AccountType.DEFAULT,
        to_account: AccountType = AccountType.DEFAULT,
        notes: int = 1,
    ) -> TransactionAsked:
        if service is Purpose.TRANSFER and to_account is AccountType.DEFAULT:
            to_account = AccountType.SAVINGS
        deposit = service is Purpose.DEPOSIT
        return TransactionAsked(
            service=service,
            pan=self._customers.cards[index].pan,
            track2=self._tracks[index],
            amount_minor=0 if deposit else amount_minor,
            from_account=from_account,
            to_account=to_account,
            payee=BILLER if service is Purpose.BILL_PAYMENT else "",
            deposit_notes={amount_minor: notes} if deposit else {},
        )
