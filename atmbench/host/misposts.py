"""Entries that no rule calls for, and keys taken for others: what defects and bad releases do at one site."""

from collections.abc import Callable, Mapping

from atmbench.facts import Fact
from atmbench.host.journal import JournalRecord, Misposted, Posted, Terms

Write = Callable[[JournalRecord, float, list[Fact]], None]
"""Makes a record at a time, for the book of its site and for the others, and adds what it changed to facts."""


class Misposts:
    """Those of one site, each with a number of its own."""

    def __init__(self, site: str, write: Write) -> None:
        self._site = site
        self._write = write
        self._made = 0

    def post(self, key: str, terms: Terms, now: float, facts: list[Fact]) -> None:
        """Post a transaction, once more or although it was declined."""
        self._enter(key, terms, "posting", _legs(terms, terms.amount_minor), now, facts)

    def give_back(self, key: str, terms: Terms, amount_minor: int, now: float, facts: list[Fact]) -> None:
        """Credit so much of a transaction, whatever was given back before."""
        self._enter(key, terms, "reversal", _legs(terms, -amount_minor), now, facts)

    def move(
        self, key: str, terms: Terms, amount_minor: int, way: tuple[str, str], now: float, facts: list[Fact]
    ) -> None:
        """Move so much from one account to another, as part of what undoes a transaction."""
        from_account, to_account = way
        self._enter(key, terms, "reversal", {from_account: -amount_minor, to_account: amount_minor}, now, facts)

    def _enter(self, key: str, terms: Terms, kind: str, legs: Mapping[str, int], now: float, facts: list[Fact]) -> None:
        if not any(legs.values()):
            return
        self._made += 1
        entry = f"{'post' if kind == 'posting' else 'rev'}/{key}/{self._site}{self._made}"
        local_time, day = terms.local_time, terms.business_day
        record = Misposted(key, self._site, entry, kind, terms.service, dict(legs), local_time, day)
        self._write(record, now, facts)


def _legs(terms: Terms, amount_minor: int) -> dict[str, int]:
    return {terms.debit: -amount_minor, terms.credit: amount_minor}


def posted_besides(record: Posted, site: str) -> Misposted:
    """The entry of a site that posts what another one has posted, besides its own of the same transaction."""
    terms = record.terms
    entry, legs = f"post/{record.key}/{record.origin}-at-{site}", _legs(terms, terms.amount_minor)
    return Misposted(record.key, site, entry, "posting", terms.service, legs, terms.local_time, terms.business_day)


class Numbers:
    """The latest transaction of each STAN at one site, whatever its terminal. STANs begin again, which bounds it."""

    def __init__(self) -> None:
        self._latest: dict[str, str] = {}

    def note(self, key: str) -> None:
        """A transaction was answered."""
        self._latest[_stan(key)] = key

    def latest(self, key: str) -> str:
        """The transaction that has the STAN of this one. There must be one."""
        return self._latest[_stan(key)]

    def differ(self, key: str) -> bool:
        """Whether a later transaction has the same STAN."""
        return self._latest.get(_stan(key), key) != key

    def clash(self, key: str) -> bool:
        """Whether another terminal has used the same STAN at the same local time."""
        latest = self._latest.get(_stan(key), key)
        return latest != key and latest.rpartition("/")[2] == key.rpartition("/")[2]


def _stan(key: str) -> str:
    return key.rsplit("/", 2)[1]
