"""What was counted at the end, held against what the facts before it come to: balances, holds, days and notes."""

from collections.abc import Iterator, Mapping

import msgspec

from atmbench.facts import BusinessDayCounted, CassettesCounted, LedgerCounted
from atmbench.second_opinion.reference import Ledger
from atmbench.second_opinion.rules import CASH
from atmbench.second_opinion.words import Objection, Rule


class Numbered(msgspec.Struct, frozen=True):
    """A count at the end, and the number of its fact."""

    fact: LedgerCounted
    number: int


def object_to_ledger(ledger: Ledger, counted: Numbered) -> Iterator[Objection]:
    """What is wrong with the balances and holds that a site has counted at the end."""
    balances, facts = counted.fact.balances, (counted.number,)
    for account in {**ledger.opening, **ledger.entered, **balances}:
        wanted_minor, found_minor = ledger.explained(account), balances.get(account, 0)
        if found_minor != wanted_minor:
            is_shown = found_minor == ledger.shown.get(account, 0)
            says = "overwritten and never set right" if is_shown else "not what was entered"
            yield Objection(Rule.COUNTED, says, "", ledger.site, account, wanted_minor, found_minor, facts)
    total_minor = sum(balances.values())
    if total_minor:
        yield Objection(Rule.BALANCED, "all balances together", "", ledger.site, "", 0, total_minor, facts)
    holds = counted.fact.holds
    for account in {**ledger.held, **holds}:
        wanted_minor, found_minor = ledger.held.get(account, 0), holds.get(account, 0)
        if found_minor != wanted_minor:
            says = "held, and no fact placed it" if found_minor > wanted_minor else "placed, and not held"
            yield Objection(Rule.HOLDS, says, "", ledger.site, account, wanted_minor, found_minor, facts)


def object_to_balances(first: Numbered, other: Numbered) -> Iterator[Objection]:
    """Where two sites have counted different balances."""
    here, there = first.fact.balances, other.fact.balances
    if here == there:
        return
    for account in {**here, **there}:
        wanted_minor, found_minor = here.get(account, 0), there.get(account, 0)
        if wanted_minor != found_minor:
            says = f"another balance than at site {first.fact.site}"
            facts = (first.number, other.number)
            yield Objection(Rule.SITES, says, "", other.fact.site, account, wanted_minor, found_minor, facts)


def object_to_day(ledger: Ledger, counted: BusinessDayCounted, number: int, first_day: str) -> Iterator[Objection]:
    """What is wrong with a site's count of one business day.

    `first_day` is the name of the day that the run began with: entries say nothing in its place.
    """
    days = ("", first_day) if counted.day == first_day else (counted.day,)
    lines = [line for page in ledger.pages.values() for line in page.lines if line.day in days]
    reversals = sum(line.kind == "reversal" for line in lines)
    if (len(lines), reversals) != (counted.entries, counted.reversals):
        says = (
            f"day {counted.day}: {len(lines)} entries with {reversals} reversals were made, "
            f"{counted.entries} with {counted.reversals} are counted"
        )
        yield Objection(Rule.DAY, says, "", ledger.site, facts=(number,))
    cash: dict[str, int] = {}
    for line in lines:
        for account, change in line.legs.items():
            if account.startswith(CASH):
                cash[account] = cash.get(account, 0) + change
    for account in {**cash, **counted.cash}:
        wanted_minor, found_minor = cash.get(account, 0), counted.cash.get(account, 0)
        if wanted_minor != found_minor:
            says = f"day {counted.day} is counted otherwise"
            yield Objection(Rule.DAY, says, "", ledger.site, account, wanted_minor, found_minor, (number,))


def value_minor(counted: CassettesCounted) -> int:
    """What all notes in a terminal are worth, wherever they lie, in minor units."""
    piles: tuple[Mapping[str, int], ...] = (counted.cassettes, counted.rejected, counted.retracted)
    values = counted.values_minor
    own = sum(values[name] * notes for pile in piles for name, notes in pile.items())
    return own + sum(int(value) * notes for value, notes in counted.deposited.items())


class Notes(msgspec.Struct):
    """The notes of one terminal: what they are worth by hand, and what devices told of them. In minor units."""

    worth: dict[str, int] = msgspec.field(default_factory=dict)
    """By hand, at the start and at the end."""
    out: int = 0
    """Taken by customers, less what was accepted of them."""
    out_unknown: int = 0
    """At most so much more went out, of which a person was told that nobody knows."""
    in_unknown: int = 0
    """At most so much more came in."""


def object_to_notes(terminal: str, notes: Notes, facts: tuple[int, ...]) -> Iterator[Objection]:
    """What is wrong with the count by hand of a terminal, if there was one at both ends."""
    if not notes.worth.keys() >= {"start", "end"}:
        return
    out_minor = notes.worth["start"] - notes.worth["end"]
    if not notes.out - notes.in_unknown <= out_minor <= notes.out + notes.out_unknown:
        says = "by hand another sum left the terminal than its devices told"
        yield Objection(Rule.NOTES, says, "", "", CASH + terminal, notes.out, out_minor, facts)
