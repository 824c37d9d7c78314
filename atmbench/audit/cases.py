"""Cases: all that the witnesses say of one transaction, in a bounded record.

A case is filled by the casebook while facts go by. It only remembers and adds up; whether that is
right is for the checks to say.
"""

from collections.abc import Mapping

import msgspec

from atmbench.facts import EntryLost, EntryPosted, ExceptionOpened, stamp
from atmbench.messages.records import MOVES_MONEY, SERVICES, Outcome, Purpose

ENTRIES_MAX = 32
"""Ledger entries one case keeps. The rest are counted, and are a finding by themselves."""
ANSWERS_MAX = 32
ADVICES_MAX = 16
EXCEPTIONS_MAX = 16

MONEY_SERVICES = frozenset(purpose.value for purpose in MOVES_MONEY)
SERVICE_PURPOSES = frozenset(purpose.value for purpose in SERVICES)
WITHDRAWAL = Purpose.WITHDRAWAL.value
DEPOSIT = Purpose.DEPOSIT.value
TRANSFER = Purpose.TRANSFER.value
REVERSAL = Purpose.REVERSAL.value
COMPLETION = Purpose.COMPLETION.value
CUTOVER = Purpose.CUTOVER.value
"""What a host begins: a terminal's answer to it goes under the number of the host."""
APPROVED = Outcome.APPROVED.value
PARTIALLY_APPROVED = Outcome.PARTIALLY_APPROVED.value
APPROVALS = frozenset({APPROVED, PARTIALLY_APPROVED})


_CASH = "cash:"
WHOSE_MONEY = ("2", "3", "4", "49", "102", "103")
"""Data elements that say whose money a request is about, and how much: card, services and account types, amount,
currency, accounts (ISO 8583)."""


class Answer(msgspec.Struct, gc=False):
    """A reply to a request, as it arrived at the terminal that had asked."""

    t: float
    line: str
    outcome: str
    amount_minor: int
    """0 if the reply carried no amount."""
    stan: int
    ignored: bool = False


class Advice(msgspec.Struct, gc=False):
    """A stored reversal or completion and what became of it."""

    key: str
    purpose: str
    stan: int
    queued_t: float
    fact: int
    """Number of the fact that stored it."""
    amount_minor: int = 0
    actual_minor: int | None = None
    reason: str = ""
    sendings: int = 0
    fields: dict[str, str] | None = None
    """Of the first sending; dropped some time after the advice is settled."""
    accepted_t: float | None = None
    code: str = ""
    given_up: bool = False


class Case(msgspec.Struct, gc=False):
    """One transaction as its witnesses tell it. Amounts are in minor units, times in seconds of the run.

    There may be a million of them, so they hold tuples: an empty one costs nothing.
    """

    key: str
    terminal: str
    stan: int
    fact_first: int
    """Numbers of the first and last fact of this case in the history, from 1."""
    fact_last: int
    # what the terminal says
    service: str = ""
    asked_minor: int = 0
    started_t: float | None = None
    request_t: float | None = None
    answers: tuple[Answer, ...] = ()
    outcome: str = ""
    ended_t: float | None = None
    day: str = ""
    """Business day that the terminal counts it in, MMDD or YYMMDD; empty where it knows of none."""
    advices: tuple[Advice, ...] = ()
    # what the devices say
    presented_minor: int = 0
    taken_minor: int = 0
    retracted_minor: int = 0
    accepted_minor: int = 0
    returned_minor: int = 0
    cash_t: float | None = None
    """When cash first changed hands: notes taken, or accepted into the bin."""
    # what the wire says
    sent: tuple[str | None, ...] | None = None
    """What the first request said of whose money it was about: the fields of WHOSE_MONEY, masked."""
    altered: str = ""
    """Which of them a site got otherwise, if any."""
    # what the sites say
    received_by: tuple[str, ...] = ()
    """Sites that got the request."""
    entries: tuple[EntryPosted, ...] = ()
    entries_beyond: int = 0
    entries_lost: tuple[EntryLost, ...] = ()
    """What a site had made, and then had no more."""
    tombstones: tuple[str, ...] = ()
    """Sites that keep a reversal without its original."""
    holds: dict[str, int] = {}
    """Site to what is still held there."""
    # what a person has to settle
    exceptions: tuple[ExceptionOpened, ...] = ()

    @property
    def moves_money(self) -> bool:
        """Whether the service is one that moves money."""
        return self.service in MONEY_SERVICES

    @property
    def is_approved(self) -> bool:
        """Whether a matched reply approved it."""
        return any(answer.outcome in APPROVALS and not answer.ignored for answer in self.answers)

    @property
    def is_declined(self) -> bool:
        """Whether a matched reply declined it."""
        return any(answer.outcome not in APPROVALS and not answer.ignored for answer in self.answers)

    @property
    def answered_t(self) -> float | None:
        """When the first matched reply came."""
        return next((answer.t for answer in self.answers if not answer.ignored), None)

    def advice(self, stan: int) -> Advice | None:
        """The stored message with this STAN."""
        for advice in self.advices:
            if advice.stan == stan:
                return advice
        return None

    def advice_of(self, purpose: str) -> Advice | None:
        """The first stored message of one purpose."""
        return next((advice for advice in self.advices if advice.purpose == purpose), None)

    def reversals(self) -> list[Advice]:
        """The stored reversals of this transaction."""
        return [advice for advice in self.advices if advice.purpose == REVERSAL]

    def entries_at(self, site: str, kind: str = "") -> list[EntryPosted]:
        """Ledger entries at one site, all or of one kind."""
        return [entry for entry in self.entries if entry.actor == site and kind in ("", entry.kind)]

    def rebuild(self, site: str, like: str) -> None:
        """A site has lost what it knew of this, and knows what another does."""
        self.entries = tuple(entry for entry in self.entries if entry.actor != site)
        for entry in self.entries_at(like):
            known = msgspec.structs.replace(entry)
            stamp(known, entry.t, site)
            self.entries += (known,)
        if like in self.holds:
            self.holds[site] = self.holds[like]
        else:
            self.holds.pop(site, None)

    def net_at(self, site: str) -> dict[str, int]:
        """Account to its change by all entries of this case at one site; accounts that end as before are left out."""
        net: dict[str, int] = {}
        for entry in self.entries:
            if entry.actor == site:
                for account, change in entry.legs.items():
                    net[account] = net.get(account, 0) + change
        return {account: change for account, change in net.items() if change}


def whose_money(fields: dict[str, str]) -> tuple[str | None, ...]:
    """What the fields of a request say of whose money it is about."""
    return tuple(map(fields.get, WHOSE_MONEY))


def is_internal(account: str) -> bool:
    """Whether an account is the bank's own ("cash:T07", "suspense:T07"), not a customer's or payee's."""
    return ":" in account


def cash_account(terminal: str) -> str:
    """The ledger account of a terminal's cash: it rises by what customers take and falls by what they bring."""
    return f"{_CASH}{terminal}"


def is_cash(account: str) -> bool:
    """Whether an account is the cash of a terminal."""
    return account.startswith(_CASH)


def cash_of(amounts: Mapping[str, int]) -> int:
    """What of changes or balances, by account, is in the cash accounts of terminals."""
    return sum([amount for account, amount in amounts.items() if is_cash(account)])


def new_case(key: str, fact: int) -> Case:
    """An empty case. Terminal and STAN are read from the key (see `messages.matching.transaction_key`)."""
    terminal, *rest = key.rsplit("/", 2)  # a garbled name of a terminal may hold any character
    return Case(key, terminal, int(rest[0]) if rest and rest[0].isdecimal() else 0, fact, fact)
