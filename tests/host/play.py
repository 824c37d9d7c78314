"""A transcript of what terminals said to the host, and what it answered and recorded."""

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from atmbench.facts import EntryPosted, Fact, LedgerCounted
from atmbench.host.core import Host
from atmbench.host.effects import HostEffect, Record, SendReply
from atmbench.host.replication import Strike
from atmbench.host.security_module import SecurityModule
from atmbench.host.settings import Account, Card, HostSettings
from atmbench.messages.dialect import load_dialect
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import AccountType, Original, Outcome, Purpose, Reason, Reply, Request
from atmbench.messages.security_file import Security
from atmbench.security.keys import Key
from atmbench.security.pin_block import seal

CURRENT, SAVINGS, FRIEND = "1000000001", "2000000001", "1000000002"
PAN, OTHER_PAN, BLOCKED, STOLEN, EXPIRED = (f"99999900000000{n:02d}" for n in range(1, 6))
PIN_PAN = "9999990000000099"
TIME = "260105090000"
TERMINALS = ("T01", "T02")

_ACCOUNTS = {AccountType.DEFAULT: CURRENT, AccountType.CURRENT: CURRENT, AccountType.SAVINGS: SAVINGS}


def cards() -> list[Card]:
    return [
        Card(pan=PAN, expiry="3012", accounts=_ACCOUNTS),
        Card(pan=OTHER_PAN, expiry="3012", accounts={AccountType.DEFAULT: FRIEND}),
        Card(pan=BLOCKED, expiry="3012", accounts=_ACCOUNTS, status="blocked"),
        Card(pan=STOLEN, expiry="3012", accounts=_ACCOUNTS, status="stolen"),
        Card(pan=EXPIRED, expiry="2512", accounts=_ACCOUNTS),
        Card(pan=PIN_PAN, expiry="3012", accounts=_ACCOUNTS, pin="1234"),
    ]


def accounts() -> list[Account]:
    return [Account(number=number, opening_minor=100_000) for number in (CURRENT, SAVINGS, FRIEND)]


def _rules() -> Security:
    rules = load_dialect("iso87-ascii").security
    assert rules is not None
    return rules


PIN_KEY = Key(bytes(range(16)))
MASTER = Key(bytes(range(100, 116)))
RULES = _rules()


def security_module(**more: Any) -> SecurityModule:
    """A real one: every terminal has PIN_KEY from the start."""
    given: dict[str, Any] = {"first_keys": lambda _: (PIN_KEY, MASTER), "pin_key": Key(bytes(range(50, 66)))}
    return SecurityModule(("A", "B"), RULES, master=lambda _: MASTER, rng=Random(1), **(given | more))


def sealed(pin: str, pan: str = PIN_PAN, key: Key = PIN_KEY) -> str:
    """The PIN block that a PIN pad would send."""
    return seal(pin, pan, key)


def key(stan: int, terminal: str = "T01") -> str:
    return transaction_key(terminal, stan, TIME)


class Said:
    """What came back."""

    def __init__(self, effects: Sequence[HostEffect]) -> None:
        self.replies = [effect.reply for effect in effects if isinstance(effect, SendReply)]
        self.records = [(effect.site, effect.fact) for effect in effects if isinstance(effect, Record)]

    @property
    def reply(self) -> Reply:
        (reply,) = self.replies
        return reply

    @property
    def outcome(self) -> Outcome:
        return self.reply.outcome

    @property
    def facts(self) -> list[Fact]:
        return [fact for _, fact in self.records]

    def kinds(self) -> list[tuple[str, str]]:
        return [(site, type(fact).__name__) for site, fact in self.records]

    def entries(self) -> list[tuple[str, str, dict[str, int]]]:
        return [(site, fact.entry, fact.legs) for site, fact in self.records if isinstance(fact, EntryPosted)]


class Play:
    """A host with terminals T01 and T02 signed on at its active site. Time only moves by `wait`."""

    def __init__(
        self,
        *,
        defects: Sequence[str] = (),
        module: SecurityModule | None = None,
        strike: Strike | None = None,
        **settings: Any,
    ) -> None:
        self.host = Host(
            msgspec.convert(settings, HostSettings),
            cards(),
            accounts(),
            "NGN",
            defects=frozenset(defects),
            module=module or security_module(),
            strike=strike,
            seed="1",
            first_day="260105",
        )
        self.now = 0.0
        self.may_differ = settings.get("replicates") == "balances"
        """Balances that came from the other site need not sum to nothing."""
        self.sign_on("A")

    def sign_on(self, site: str) -> None:
        for terminal in TERMINALS:
            assert self.network(Purpose.SIGN_ON, site=site, terminal=terminal).outcome is Outcome.APPROVED

    def sign_on_at(self, site: str) -> None:
        """Make another site active, with the terminals signed on there. Both are, if they do not hear each other."""
        self.host.promote(site, self.now, "by order")
        self.sign_on(site)

    def ask(self, request: Request, site: str = "A", line: str = "primary") -> Said:
        ticket = request.stan if self.host.lets_wait else None
        said = Said(self.host.on_request(site, request, self.now, line, ticket))
        self.balances()
        return said

    def network(self, purpose: Purpose, *, site: str = "A", terminal: str = "T01", line: str = "primary") -> Said:
        return self.ask(Request(purpose=purpose, terminal=terminal, stan=1, transmitted=""), site, line)

    def serve(self, purpose: Purpose, stan: int = 7, *, site: str = "A", **rest: Any) -> Said:
        return self.ask(service(purpose, stan, **rest), site)

    def withdraw(self, stan: int = 7, amount_minor: int = 5000, **rest: Any) -> Said:
        return self.serve(Purpose.WITHDRAWAL, stan, amount_minor=amount_minor, **rest)

    def reverse(self, stan: int = 7, amount_minor: int = 5000, *, site: str = "A", **rest: Any) -> Said:
        return self.ask(advice(Purpose.REVERSAL, stan, amount_minor, **rest), site)

    def complete(self, stan: int = 7, amount_minor: int = 5000, *, site: str = "A", **rest: Any) -> Said:
        return self.ask(advice(Purpose.COMPLETION, stan, amount_minor, **rest), site)

    def wait(self, seconds: float = 1.0) -> Said:
        """Let time pass, waking the host whenever it asked for it."""
        until = self.now + seconds
        effects: list[HostEffect] = []
        while (deadline := self.host.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            effects += self.host.on_time(self.now)
        self.now = until
        return Said(effects)

    def balances(self) -> dict[str, dict[str, int]]:
        counted = {}
        for fact in Said(self.host.count("end")).facts:
            assert isinstance(fact, LedgerCounted)
            assert self.may_differ or sum(fact.balances.values()) == 0
            counted[fact.site] = fact.balances
        return counted

    def holds(self, site: str) -> dict[str, int]:
        for fact in Said(self.host.count("end")).facts:
            assert isinstance(fact, LedgerCounted)
            if fact.site == site:
                return fact.holds
        raise AssertionError(site)

    def change(self, site: str = "A", account: str = CURRENT) -> int:
        """How a customer's balance has changed since the start."""
        return self.balances()[site][account] - 100_000


def service(purpose: Purpose, stan: int = 7, terminal: str = "T01", **rest: Any) -> Request:
    given: dict[str, Any] = {
        "transmitted": "0105080000",
        "local_time": TIME,
        "rrn": "000000000001",
        "currency": "NGN",
        "pan": PAN,
    }
    return Request(purpose=purpose, service=purpose, terminal=terminal, stan=stan, **(given | rest))


def advice(
    purpose: Purpose, stan: int, amount_minor: int, *, own_stan: int = 900, reason: Reason | None = None, **rest: Any
) -> Request:
    given: dict[str, Any] = {
        "service": Purpose.WITHDRAWAL,
        "terminal": "T01",
        "local_time": TIME,
        "pan": PAN,
        "original": Original("0200", stan, "0105080000"),
    }
    return Request(
        purpose=purpose,
        stan=own_stan,
        transmitted="0105080030",
        amount_minor=amount_minor,
        reason=reason,
        **(given | rest),
    )
