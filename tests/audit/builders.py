"""Small builders of histories: a tape of facts that keeps books and cassettes as a right world would.

A test plays a transaction verb by verb and leaves out, repeats or changes one of them.
"""

from typing import Any, TypeVar

import msgspec

from atmbench.audit.capacity import Load
from atmbench.audit.downtime import Gap
from atmbench.audit.failover import Failover
from atmbench.audit.judge import Audit, judge
from atmbench.audit.totals import Totals
from atmbench.audit.verdict import Verdict
from atmbench.audit.witnesses import OpenException
from atmbench.audit.wronged import MadeGood
from atmbench.drill.expectations import Expectations
from atmbench.facts import (
    AdviceAccepted,
    AdviceQueued,
    AnyFact,
    BalanceTold,
    CashAccepted,
    CashPresented,
    CashRetracted,
    CashTaken,
    CassettesCounted,
    Converged,
    EntryPosted,
    ExceptionOpened,
    Fact,
    HealStarted,
    LedgerCounted,
    MessageReceived,
    MessageSent,
    ReplyIgnored,
    RunEnded,
    RunStarted,
    TransactionEnded,
    TransactionStarted,
    stamp,
)
from atmbench.messages.matching import transaction_key

SITES = ("A", "B")
MTI = {"withdrawal": "0200", "deposit": "0200", "transfer": "0200", "reversal": "0420", "completion": "0220"}
F = TypeVar("F", bound=Fact)
CUSTOMER = "1000000001"
NOTE_MINOR = 1000


class Tape:
    """A history in the making. Times are given by the verbs; `play` puts beginning and end around it."""

    def __init__(self, *, terminals: tuple[str, ...] = ("T01",), defects: tuple[str, ...] = (), **expect: Any) -> None:
        expect.setdefault("approved_min", 0)
        self.terminals = terminals
        self.defects = defects
        self.expect: dict[str, Any] = expect
        self.facts: list[AnyFact] = []
        self.moves: dict[str, dict[str, int]] = {site: {} for site in SITES}
        self.out: dict[str, int] = dict.fromkeys(terminals, 0)
        self.retracted: dict[str, int] = dict.fromkeys(terminals, 0)
        self.deposited: dict[str, int] = dict.fromkeys(terminals, 0)
        self.services: dict[str, str] = {}
        self.channels: dict[str, tuple[str, ...]] = {}
        self.shared: tuple[str, ...] = ()
        self.sent: dict[str, dict[str, str]] = {}
        self.opening: dict[str, int] = {CUSTOMER: 10_000_000, "2000000001": 10_000_000}
        self.pending: tuple[str, ...] = ()
        self.end_t = 100.0
        self.without: tuple[type, ...] = ()

    def add(self, t: float, actor: str, fact: AnyFact) -> None:
        """Any fact, as it is."""
        self.facts.append(stamped(t, actor, fact))

    # --- verbs ------------------------------------------------------------------------------------

    def ask(self, t: float, key: str, minor: int = 5000, service: str = "withdrawal") -> None:
        terminal, stan = of(key)
        self.services[key] = service
        card = "999999******0011"
        self.add(
            t,
            terminal,
            TransactionStarted(key=key, service=service, stan=stan, amount_minor=minor, card=card),
        )

    def send(
        self,
        t: float,
        key: str,
        minor: int = 5000,
        *,
        purpose: str = "",
        stan: int | None = None,
        mti: str = "",
        line: str = "primary",
        fields: dict[str, str] | None = None,
    ) -> None:
        terminal, own_stan = of(key)
        purpose = purpose or self.services[key]
        sent = MessageSent(
            terminal=terminal,
            line=line,
            purpose=purpose,
            mti=mti or MTI[purpose],
            stan=own_stan if stan is None else stan,
            fields=fields if fields is not None else {"3": "011000", "4": f"{minor:012d}"},
            key=key,
            amount_minor=minor,
        )
        self.sent.setdefault(key, sent.fields)
        self.add(t, terminal, sent)

    def arrive(
        self, t: float, key: str, site: str = "A", line: str = "primary", fields: dict[str, str] | None = None
    ) -> None:
        """A request arrives at a site, as it was sent unless `fields` say otherwise."""
        terminal, stan = of(key)
        purpose = self.services[key]
        got = self.sent.get(key, {}) if fields is None else fields
        arrived = MessageReceived(
            terminal=terminal, line=line, purpose=purpose, mti=MTI[purpose], stan=stan, fields=got, key=key
        )
        self.add(t, site, arrived)

    def post(
        self,
        t: float,
        key: str,
        minor: int = 5000,
        *,
        sites: tuple[str, ...] = SITES,
        kind: str = "posting",
        n: str = "",
    ) -> None:
        """An entry, first at the first site and 0.2 s later at the next. A negative amount gives money back."""
        terminal, _ = of(key)
        service = self.services.get(key, "withdrawal")
        other = {"withdrawal": f"cash:{terminal}", "deposit": f"cash:{terminal}", "transfer": "2000000001"}[service]
        change = minor if service == "deposit" else -minor
        legs = {CUSTOMER: change, other: -change}
        for number, site in enumerate(sites):
            entry = f"{'post' if kind == 'posting' else 'rev'}/{key}{n}"
            self.entry(t + 0.2 * number, site, EntryPosted(
                entry=entry, kind=kind, key=key, service=service, legs=legs, origin=sites[0]
            ))  # fmt: skip

    def tell(self, t: float, key: str, site: str = "A", account: str = CUSTOMER) -> None:
        """A site tells a balance; what it comes to is not looked at."""
        told = BalanceTold(key=key, account=account, ledger_minor=0, available_minor=0)
        self.add(t, site, told)

    def entry(self, t: float, site: str, entry: EntryPosted) -> None:
        for account, change in entry.legs.items():
            self.moves[site][account] = self.moves[site].get(account, 0) + change
        self.add(t, site, entry)

    def reverse(self, t: float, key: str, minor: int = 5000, sites: tuple[str, ...] = SITES, n: str = "") -> None:
        self.post(t, key, -minor, sites=sites, kind="reversal", n=n)

    def reply(
        self, t: float, key: str, minor: int = 5000, outcome: str = "approved", line: str = "primary", at: str = ""
    ) -> None:
        """A reply arrives at the terminal."""
        terminal, stan = of(key)
        got = MessageReceived(
            terminal=terminal,
            line=line,
            purpose=self.services[key],
            mti="0210",
            stan=stan,
            fields={},
            key=key,
            code="00" if outcome == "approved" else "51",
            outcome=outcome,
            amount_minor=minor,
        )
        self.add(t, at or terminal, got)

    def ignore(self, t: float, key: str, reason: str = "late") -> None:
        terminal, stan = of(key)
        ignored = ReplyIgnored(line="primary", reason=reason, mti="0210", stan=stan, key=key, approved=True)
        self.add(t, terminal, ignored)

    def present(self, t: float, key: str, minor: int = 5000) -> None:
        terminal, _ = of(key)
        self.add(t, terminal, CashPresented(key=key, notes={"1": minor // NOTE_MINOR}, amount_minor=minor))

    def take(self, t: float, key: str, minor: int = 5000) -> None:
        terminal, _ = of(key)
        self.out[terminal] += minor
        self.add(t, terminal, CashTaken(key=key, amount_minor=minor))

    def retract(self, t: float, key: str, minor: int = 5000) -> None:
        terminal, _ = of(key)
        self.retracted[terminal] += minor
        self.add(t, terminal, CashRetracted(key=key, amount_minor=minor))

    def accept_notes(self, t: float, key: str, minor: int = 5000) -> None:
        terminal, _ = of(key)
        self.deposited[terminal] += minor
        self.add(t, terminal, CashAccepted(key=key, amount_minor=minor))

    def end(self, t: float, key: str, outcome: str = "approved") -> None:
        terminal, _ = of(key)
        self.add(t, terminal, TransactionEnded(key=key, outcome=outcome, service=self.services[key]))

    def queue(
        self,
        t: float,
        key: str,
        stan: int,
        reason: str = "no_answer",
        actual: int | None = None,
        purpose: str = "reversal",
        minor: int = 5000,
    ) -> None:
        terminal, _ = of(key)
        queued = AdviceQueued(
            key=key, purpose=purpose, stan=stan, amount_minor=minor, reason=reason, actual_minor=actual
        )
        self.add(t, terminal, queued)

    def settle(self, t: float, key: str, stan: int, purpose: str = "reversal", attempts: int = 1) -> None:
        terminal, _ = of(key)
        self.add(t, terminal, AdviceAccepted(key=key, purpose=purpose, stan=stan, code="00", attempts=attempts))

    def exception(self, t: float, key: str, kind: str = "suspect_dispense") -> None:
        terminal, _ = of(key)
        because = "the dispenser cannot say what it moved"
        self.add(t, terminal, ExceptionOpened(kind=kind, key=key, terminal=terminal, because=because))

    # --- whole transactions -----------------------------------------------------------------------

    def withdraw(self, t: float, terminal: str = "T01", stan: int = 118, minor: int = 5000) -> str:
        """A withdrawal as it should be."""
        key = key_of(terminal, stan)
        self.request(t, key, minor)
        self.reply(t + 0.04, key, minor)
        self.present(t + 3.0, key, minor)
        self.take(t + 5.0, key, minor)
        self.end(t + 5.0, key)
        return key

    def request(self, t: float, key: str, minor: int = 5000) -> None:
        """Asked, sent, arrived and posted at both sites; nothing answered yet."""
        self.ask(t, key, minor)
        self.send(t, key, minor)
        self.arrive(t + 0.02, key)
        self.post(t + 0.02, key, minor)

    def reversal(self, t: float, key: str, stan: int, minor: int = 5000) -> None:
        """Stored, sent, answered and applied at both sites, as it should be."""
        self.queue(t, key, stan, minor=minor)
        self.send(t, key, minor, purpose="reversal", stan=stan)
        self.reverse(t + 0.02, key, minor)
        self.settle(t + 0.04, key, stan)

    def lost_reply(self, t: float, terminal: str = "T01", stan: int = 118, minor: int = 5000) -> str:
        """A withdrawal whose reply never comes, reversed as it should be."""
        key = key_of(terminal, stan)
        self.request(t, key, minor)
        self.end(t + 30, key, "no_answer")
        self.reversal(t + 30, key, stan + 1, minor)
        return key

    # --- beginning and end ------------------------------------------------------------------------

    def play(self) -> list[AnyFact]:
        """The whole history in its order."""
        every: list[AnyFact] = [
            stamped(0.0, "conductor", self.run_started()),
            *(self.cassettes(0.0, terminal, "start") for terminal in self.terminals),
            *(self.ledger(0.0, site, "start") for site in SITES),
            *self.facts,
            stamped(self.end_t - 10, "conductor", HealStarted(within_s=60)),
            stamped(self.end_t, "conductor", Converged()),
            *(self.cassettes(self.end_t, terminal, "end") for terminal in self.terminals),
            *(self.ledger(self.end_t, site, "end") for site in SITES),
            stamped(self.end_t, "conductor", RunEnded(because="the drill is over", pending=self.pending)),
        ]
        every = [fact for fact in every if not isinstance(fact, self.without)]
        return sorted(every, key=lambda fact: (fact.t, fact.actor))

    def judge(self) -> Audit:
        """The audit of the whole history, looked at as a record before any test looks at what it says."""
        audit = judge(self.play())
        expect_well_made(audit)
        return audit

    def run_started(self) -> RunStarted:
        return RunStarted(
            drill="small",
            proves="that the audit sees what it should",
            seed=7,
            venue="virtual",
            version="0.1.0",
            currency="NGN",
            expect=msgspec.to_builtins(msgspec.convert(self.expect, Expectations)),
            lines={"primary": "A", "secondary": "B"},
            defects=self.defects,
            channels=self.channels,
            shared=self.shared,
        )

    def cassettes(self, t: float, terminal: str, when: str) -> CassettesCounted:
        end = when == "end"
        gone = (self.out[terminal] + self.retracted[terminal]) // NOTE_MINOR if end else 0
        counted = CassettesCounted(
            when=when,
            cassettes={"1": 100_000 - gone},
            values_minor={"1": NOTE_MINOR},
            retracted={"1": self.retracted[terminal] // NOTE_MINOR} if end else {},
            deposited={str(NOTE_MINOR): self.deposited[terminal] // NOTE_MINOR} if end else {},
        )
        return stamped(t, terminal, counted)

    def ledger(self, t: float, site: str, when: str) -> LedgerCounted:
        balances = {**self.opening, "equity:opening": -sum(self.opening.values())}
        if when == "end":
            for account, change in self.moves[site].items():
                balances[account] = balances.get(account, 0) + change
        return stamped(t, site, LedgerCounted(site=site, when=when, balances=balances))


def expect_well_made(audit: Audit) -> None:
    """Every figure is of its stated type, and findings name transactions and facts that are there."""
    for figure, kind in (
        (audit.verdicts, tuple[Verdict, ...]),
        (audit.exceptions, tuple[OpenException, ...]),
        (audit.failover, Failover | None),
        (audit.totals, Totals | None),
        (audit.load, Load | None),
        (audit.downtime, tuple[Gap, ...] | None),
        (audit.made_good, MadeGood | None),
    ):
        assert msgspec.convert(msgspec.to_builtins(figure), kind) == figure
    for verdict in audit.verdicts:
        for finding in verdict.findings:
            assert finding.key == "" or finding.key in audit.book.cases or finding.key.count("/") == 2
            assert all(1 <= number <= audit.book.count for number in finding.facts), finding


def stamped(t: float, actor: str, fact: F) -> F:
    stamp(fact, t, actor)
    return fact


def key_of(terminal: str, stan: int) -> str:
    return transaction_key(terminal, stan, "260105090012")


def of(key: str) -> tuple[str, int]:
    terminal, stan, _ = key.split("/")
    return terminal, int(stan)
