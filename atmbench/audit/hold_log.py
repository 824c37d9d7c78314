"""What is set aside at the sites as time goes on, for the check `holds`. Remembers and compares; judges nothing."""

from typing import TypeVar

import msgspec

from atmbench.audit.cases import Case
from atmbench.facts import BalanceTold, EntryPosted, HoldPlaced, HoldReleased

T = TypeVar("T")

AMISS_MAX = 1_000
"""Balances that are not the ledger less the holds. The first ones are enough."""


class Amiss(msgspec.Struct, frozen=True):
    """A balance that a site told, and what was set aside there at that moment."""

    told: BalanceTold
    fact: int
    held_minor: int


class HoldLog:
    """The holds of one run."""

    def __init__(self) -> None:
        self.is_used = False
        """Whether anything was ever set aside."""
        self.longest_s = 0.0
        self.balances = 0
        """Balances that were compared."""
        self.amiss: list[Amiss] = []
        self.both: dict[tuple[str, str], tuple[float, int]] = {}
        """Site and key to when, and by which fact, a hold and its posting came to count together there."""
        self._open: dict[tuple[str, str], int] = {}
        """Site and account to what is set aside."""
        self._since: dict[tuple[str, str], float] = {}
        """Site and key of what is held to when that began."""

    def placed(self, fact: HoldPlaced, case: Case, number: int) -> None:
        """Money is set aside. Told when the case knows it."""
        self.is_used = True
        self._change(fact.actor, fact.account, fact.amount_minor)
        self._since.setdefault((fact.actor, case.key), fact.t)
        self._compare(case, fact.actor, fact.t, number)

    def released(self, fact: HoldReleased, case: Case) -> None:
        """Money is free again. Told when the case knows it."""
        self._change(fact.actor, fact.account, -fact.amount_minor)
        place = fact.actor, case.key
        if case.holds[fact.actor] <= 0:
            since = self._since.pop(place, fact.t)
            self.longest_s = max(self.longest_s, fact.t - since)
            self._part(place, fact.t)

    def posted(self, fact: EntryPosted, case: Case, number: int) -> None:
        """An entry was made. Told when the case knows it, where anything was ever set aside."""
        self._compare(case, fact.actor, fact.t, number)

    def told(self, fact: BalanceTold, number: int) -> None:
        """A site told a balance: the available one must be the ledger's less what is set aside."""
        self.balances += 1
        held_minor = self._open.get((fact.actor, fact.account), 0)
        aside_minor = fact.ledger_minor + fact.unposted_minor - fact.available_minor
        if aside_minor != held_minor and len(self.amiss) < AMISS_MAX:
            self.amiss.append(Amiss(fact, number, held_minor))

    def rebuilt(self, site: str, like: str) -> None:
        """A site has what another has."""
        self._open = _copied(self._open, site, like)
        self._since = _copied(self._since, site, like)
        self.both = _copied(self.both, site, like)

    def _change(self, site: str, account: str, change_minor: int) -> None:
        self._open[site, account] = self._open.get((site, account), 0) + change_minor

    def _compare(self, case: Case, site: str, t: float, number: int) -> None:
        """Whether hold and posting count together now."""
        place = site, case.key
        if case.holds.get(site, 0) > 0 and case.net_at(site):
            self.both.setdefault(place, (t, number))
        else:
            self._part(place, t)

    def _part(self, place: tuple[str, str], t: float) -> None:
        """They do not count together any more. Steps of one instant are one: nobody saw what was between."""
        if place in self.both and self.both[place][0] == t:
            del self.both[place]


def _copied(held: dict[tuple[str, str], T], site: str, like: str) -> dict[tuple[str, str], T]:
    """The same, with what one site has in place of what another had."""
    kept = {place: value for place, value in held.items() if place[0] != site}
    return kept | {(site, name): value for (at, name), value in held.items() if at == like}
