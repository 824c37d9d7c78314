"""Deals: what a transaction calls for, by the devices and the customer, whatever any site has entered.

A deal with cash calls for what the devices counted; one without, for what was asked if the customer was told yes. That
its terminal never came to an end with it is no excuse, once everything is over. It must never look at an entry.
"""

from collections.abc import Mapping

import msgspec

from atmbench.second_opinion.reference import FACTS_MAX

WITHDRAWAL, DEPOSIT, TRANSFER, BILL_PAYMENT = "withdrawal", "deposit", "transfer", "bill_payment"
WITHOUT_CASH = frozenset({TRANSFER, BILL_PAYMENT})
WHOSE = ("2", "3", "102", "103")
"""Data elements that say whose money it is: card, service with account types, accounts (ISO 8583)."""
REFUSED = "stand_in_refused"
"""The exception in which a core does not pay: the cash is known, and it is the bank's own account that pays."""


class Deal(msgspec.Struct):
    """One transaction key as terminal and devices tell it. Amounts are minor units."""

    key: str
    terminal: str
    service: str = ""
    """Empty if no terminal ever began it."""
    asked_minor: int = 0
    named: tuple[str, ...] = ()
    """What stood in the fields of its first request, where money goes to somebody."""
    sent: set[tuple[str | None, ...]] = msgspec.field(default_factory=set)
    """What its requests said of whose money it is, as the terminal sent them: the fields of WHOSE."""
    altered_at: dict[str, int] = msgspec.field(default_factory=dict)
    """Site to the fact in which the last request that it got says otherwise."""
    posted_so: dict[str, int] = msgspec.field(default_factory=dict)
    """Site to that fact, if it posted upon it."""
    taken_minor: int = 0
    accepted_minor: int = 0
    outcome: str = ""
    told_of: set[str] = msgspec.field(default_factory=set)
    """Kinds of exception that a person was told of."""
    stood_in: str = ""
    """The account that a switch approved it for without its core."""
    advised: dict[str, int] = msgspec.field(default_factory=dict)
    """Site to how often its core took the approval in stand-in."""
    facts: list[int] = msgspec.field(default_factory=list)

    def note(self, number: int) -> None:
        """Remember where this was read."""
        if len(self.facts) < FACTS_MAX:
            self.facts.append(number)

    def hear(self, site: str, fields: Mapping[str, str], number: int) -> None:
        """A site got a request."""
        if self.sent and whose(fields) not in self.sent:
            self.altered_at[site] = number
        else:
            self.altered_at.pop(site, None)

    @property
    def has_cash(self) -> bool:
        """Whether devices can say what it came to."""
        return self.service not in WITHOUT_CASH and self.service != ""

    @property
    def is_excused(self) -> bool:
        """A person was told that nobody knows how much of it came about."""
        return bool(self.told_of - {REFUSED})

    def calls_for(self) -> int:
        """What is to be moved: out of the customer's account, or into it for a deposit."""
        if self.service == WITHDRAWAL:
            return self.taken_minor
        if self.service == DEPOSIT:
            return self.accepted_minor
        if self.service in WITHOUT_CASH:
            return self.asked_minor if self.outcome == "approved" else 0
        return 0

    def allows(self, moved_minor: int) -> bool:
        """Whether this may have been moved: what it calls for, or what it can have been if nobody knows."""
        if moved_minor == self.calls_for():
            return True
        return self.is_excused and 0 <= moved_minor <= max(self.asked_minor, self.taken_minor, self.accepted_minor)


def whose(fields: Mapping[str, str]) -> tuple[str | None, ...]:
    """What a request says of whose money it is."""
    return tuple(map(fields.get, WHOSE))


def terminal_of(key: str) -> str:
    """The terminal of a transaction key."""
    return key.partition("/")[0]
