"""Probes: what two hosts are asked to see whether they have grown apart, and who is known at both.

The same seed gives the same probes. They are edges and everyday life mixed: all services, limits, cards in every state
and of nobody, repeats early and late, reversals of all kinds. PINs, chips, MACs and keys are not probed: they differ
from site to site by their nature, and drills try them.
"""

from datetime import datetime, timedelta
from random import Random

import msgspec
from msgspec.structs import replace

from atmbench import money
from atmbench.audit.drift import BIN_DIGITS, Probe
from atmbench.drill.records import EXPIRY
from atmbench.host.settings import Account, Card
from atmbench.messages.dialect import Dialect
from atmbench.messages.moments import moment_of
from atmbench.messages.records import MOVES_MONEY, SERVICES, AccountType, Original, Purpose, Reason, Request
from atmbench.run.population import BILLER, track2_of, with_check_digit
from atmbench.terminal.settings import Identity

TERMINAL = "T01"
STARTS_AT = datetime(2026, 1, 5, 9, 0, 0)
FOREIGN_BIN = "999998"
"""Of cards that both hosts are meant to know, beside their own."""
UNKNOWN_BIN = "999997"
OWN_BIN = "999999"
CARDS = {OWN_BIN: 12, FOREIGN_BIN: 6}
STATES = {2: "blocked", 3: "stolen"}
"""Number of an own card to its state. Card 4 has expired, card 5 has no money."""
GAPS_S = (1, 7, 7, 7, 30, 400, 4_000)
"""How long after the last probe the next one comes."""
REPEATED_MAX = 40
"""Requests that may come again, or be reversed."""
AMOUNTS = ("20.00", "50.00", "100.00", "250.00", "500.00", "0.01", "0.00", "500.01", "9999999.99")
IDENTITY = Identity()


class Asked(msgspec.Struct, frozen=True):
    """One probe: when it is sent, and what."""

    at_s: float
    request: Request
    probe: Probe


def people(currency: str) -> tuple[list[Card], list[Account]]:
    """Whom both hosts know."""
    opening_minor = money.parse("1000.00", currency)
    cards, accounts = [], []
    for digits, count in CARDS.items():
        for number in range(1, count + 1):
            own = digits == OWN_BIN
            current, savings = (f"{kind}{digits[-1]}{number:08d}" for kind in "12")
            held_minor = 0 if own and number == 5 else opening_minor
            accounts += [Account(number=each, opening_minor=held_minor) for each in (current, savings)]
            cards.append(
                Card(
                    pan=pan_of(digits, number),
                    expiry="2512" if own and number == 4 else EXPIRY,
                    accounts={AccountType.DEFAULT: current, AccountType.CURRENT: current, AccountType.SAVINGS: savings},
                    status=STATES.get(number, "open") if own else "open",
                )
            )
    return cards, accounts


def pan_of(digits: str, number: int) -> str:
    """The PAN of a card of the probes."""
    return with_check_digit(f"{digits}{number:09d}")


class Probes:
    """Makes probes that `dialect` has messages for, one after the other."""

    def __init__(self, seed: int, dialect: Dialect, currency: str) -> None:
        self._rng = Random(f"{seed}/probes")
        self._currency = currency
        self._amounts = tuple(money.parse(amount, currency) for amount in AMOUNTS)
        services = [purpose for purpose in Purpose if purpose in MOVES_MONEY and dialect.has(purpose)]
        self._services = [Purpose.WITHDRAWAL] * 4 + services
        self._services += [each for each in (Purpose.BALANCE, Purpose.MINI_STATEMENT) if dialect.has(each)]
        self._kinds = [self._service] * 10 + [self._again, self._again_otherwise, self._reversal, self._reversal]
        self._kinds += [self._strange_reversal, self._network]
        if dialect.has(Purpose.COMPLETION):
            self._kinds.append(self._completion)
        self._stan = 0
        self._at_s = 0.0
        self._past: list[Request] = []

    def take(self, count: int) -> list[Asked]:
        """So many of them. The first signs on."""
        asked = [self._asked(self._signed(Purpose.SIGN_ON), "sign-on")]
        while len(asked) < count:
            self._at_s += self._rng.choice(GAPS_S)
            asked.append(self._rng.choice(self._kinds)())
        return asked[:count]

    def _asked(self, request: Request, says: str) -> Asked:
        digits = request.pan[:BIN_DIGITS] if request.purpose in SERVICES else ""
        return Asked(self._at_s, request, Probe(says, digits))

    def _clock(self) -> datetime:
        return STARTS_AT + timedelta(seconds=int(self._at_s))

    def _next(self) -> dict[str, object]:
        self._stan += 1
        return {"terminal": TERMINAL, "stan": self._stan, "transmitted": self._clock().strftime("%m%d%H%M%S")}

    def _signed(self, purpose: Purpose) -> Request:
        local_time = self._clock().strftime("%y%m%d%H%M%S")
        values = {"purpose": purpose, **self._next(), "local_time": local_time, "acquirer": IDENTITY.acquirer}
        return msgspec.convert(values, Request)

    def _service(self) -> Asked:
        service = self._rng.choice(self._services)
        pan, whose = self._card()
        amount_minor = self._rng.choice(self._amounts) if service in MOVES_MONEY else 0
        request = msgspec.convert(
            {
                "purpose": service,
                "service": service,
                **self._next(),
                "local_time": self._clock().strftime("%y%m%d%H%M%S"),
                "rrn": f"{self._stan:012d}",
                "amount_minor": amount_minor,
                "currency": self._currency if self._rng.random() > 0.02 else "USD",
                "pan": pan,
                "track2": track2_of(pan),
                "from_account": self._rng.choice((AccountType.DEFAULT, AccountType.DEFAULT, *AccountType)),
                "to_account": AccountType.SAVINGS if service is Purpose.TRANSFER else AccountType.DEFAULT,
                "payee": BILLER if service is Purpose.BILL_PAYMENT else "",
                "acquirer": IDENTITY.acquirer,
                "merchant": IDENTITY.merchant,
                "location": IDENTITY.location,
            },
            Request,
        )
        self._past = [*self._past[1 - REPEATED_MAX :], request]
        return self._asked(request, f"{self._of(request)}, {whose}")

    def _card(self) -> tuple[str, str]:
        where = self._rng.random()
        if where < 0.05:
            return pan_of(UNKNOWN_BIN, self._rng.randint(1, 9)), "a card of nobody"
        if where < 0.08:
            return pan_of(OWN_BIN, 900), "an own card that was never given out"
        if where < 0.3:
            number = self._rng.randint(1, CARDS[FOREIGN_BIN])
            return pan_of(FOREIGN_BIN, number), f"card {number} of {FOREIGN_BIN}"
        number = self._rng.randint(1, CARDS[OWN_BIN])
        return pan_of(OWN_BIN, number), f"card {number} of {OWN_BIN}"

    def _of(self, request: Request) -> str:
        amount = f" {money.display(request.amount_minor, self._currency)}" if request.amount_minor else ""
        return f"{request.purpose.replace('_', ' ')}{amount}"

    def _old(self) -> Request | None:
        return self._rng.choice(self._past) if self._past else None

    def _again(self) -> Asked:
        old = self._old()
        if old is None:
            return self._service()
        first = moment_of(old.local_time)
        assert first is not None, "probes have a date"
        age_s = (self._clock() - first).total_seconds()
        again = replace(old, repeat=self._rng.random() < 0.5)
        return self._asked(again, f"{self._of(old)} again after {age_s:g} s")

    def _again_otherwise(self) -> Asked:
        old = self._old()
        if old is None or old.purpose not in MOVES_MONEY:
            return self._service()
        other = replace(old, amount_minor=old.amount_minor + 100)
        return self._asked(other, f"{self._of(old)} again with another amount")

    def _advice(self, old: Request, purpose: Purpose, **more: object) -> Request:
        original = Original("0200", old.stan, old.transmitted)
        kept = replace(old, purpose=purpose, service=old.purpose, track2="", original=original)
        return replace(kept, **self._next(), **more)

    def _reversal(self) -> Asked:
        old = self._old()
        if old is None or old.purpose not in MOVES_MONEY:
            return self._service()
        reason = self._rng.choice((Reason.NO_ANSWER, Reason.NOT_DISPENSED, Reason.SUSPECT, Reason.PARTLY_DISPENSED))
        is_partial = reason is Reason.PARTLY_DISPENSED and old.amount_minor > 1
        actual = {"actual_minor": old.amount_minor // 2} if is_partial else {}
        request = self._advice(old, Purpose.REVERSAL, reason=reason, **actual)
        return self._asked(request, f"reversal of {self._of(old)}, {reason.replace('_', ' ')}")

    def _strange_reversal(self) -> Asked:
        old = self._old()
        if old is None or old.purpose not in MOVES_MONEY:
            return self._service()
        request = self._advice(replace(old, stan=old.stan + 300_000), Purpose.REVERSAL, reason=Reason.NO_ANSWER)
        return self._asked(request, "reversal of what the host has never seen")

    def _completion(self) -> Asked:
        old = self._old()
        if old is None or old.purpose is not Purpose.WITHDRAWAL:
            return self._service()
        return self._asked(self._advice(old, Purpose.COMPLETION), f"completion of {self._of(old)}")

    def _network(self) -> Asked:
        return self._asked(self._signed(self._rng.choice((Purpose.ECHO, Purpose.SIGN_ON))), "echo or sign-on")
