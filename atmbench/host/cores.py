"""The way from the switch of each site to its core: away, back, and told in order what happened meanwhile.

One advice at a time is under way, at a stated rate. If the core goes away under it, nobody knows whether it was heard:
it is sent again when the core is back, and the core knows it by its key. Every site tells its own core; of what was
approved in stand-in only the active site does, and its record tells the others. This module must never know a field.
"""

from collections.abc import Iterable, Iterator, Mapping, Set

import msgspec

from atmbench.facts import CoreAdvised, CoreAnswered, CoreChanged, ExceptionOpened, Fact, RepeatAnswered
from atmbench.host.defects import risk
from atmbench.host.effects import HostEffect, Record
from atmbench.host.journal import Advised, Transaction
from atmbench.host.replication import TICK_S
from atmbench.host.risk_settings import StandIn
from atmbench.host.roles import Role
from atmbench.host.settings import HostSettings
from atmbench.host.site import Site
from atmbench.messages.matching import terminal_of
from atmbench.messages.records import Outcome, Purpose

STAND_IN_REFUSED = "stand_in_refused"


class AdviceWords(msgspec.Struct, frozen=True):
    """How an advice to a core is called in the dialect of the run."""

    mti: str = ""
    repeat_mti: str = ""
    reason: str = ""
    """Code for an approval in stand-in; empty where the dialect has no place for one."""


Words = Mapping[Purpose, AdviceWords]
_NO_WORDS = AdviceWords()


class _UnderWay(msgspec.Struct):
    key: str
    purpose: Purpose
    stands_in: bool
    due: float
    """When the core hears it, and then when its answer is back."""
    heard: bool = False


class _CoreLine:
    """The way to one core."""

    def __init__(self, site: Site, settings: HostSettings, words: Words, defects: Set[str]) -> None:
        self.site = site
        self._defects = defects
        self._book = site.book
        self._gap_s = 1.0 / settings.core_advices_per_s
        self._half_s = settings.core_answer_s / 2
        self._owner = (settings.stand_in or StandIn()).owner
        self._words = words
        self._under_way: _UnderWay | None = None
        self._again: _UnderWay | None = None
        """It was under way when the core went away."""
        self._free_at = 0.0

    @property
    def deadline(self) -> float | None:
        """When the next thing happens on this way; None if nothing will."""
        unheard = self._book.unheard
        if not unheard.core_is_up or self.site.role is Role.DOWN:
            return None
        if self._under_way is not None:
            return self._under_way.due
        if self._again is not None or (len(unheard) and self._next() is not None):
            return self._free_at
        return None

    @property
    def pending(self) -> int:
        """Transactions of which this core has not heard all."""
        return len(self._book.unheard)

    def set_up(self, up: bool, now: float) -> Iterator[Fact]:
        """The core goes away, or comes back."""
        if up is self._book.unheard.core_is_up:
            return
        self._book.unheard.core_is_up = up
        yield CoreChanged(site=self.site.name, up=up)
        if up:
            self._free_at = now
        elif self._under_way is not None:
            self._again, self._under_way = self._under_way, None

    def on_time(self, now: float) -> Iterator[Fact]:
        """Send, let the core hear, and take its answers, as far as it is time."""
        while (due := self.deadline) is not None and due <= now + TICK_S:
            if self._under_way is None:
                yield from self._send(max(due, now))
            elif not self._under_way.heard:
                yield from self._hear(self._under_way, now)
            else:
                self._free_at = max(self._free_at, now)
                self._under_way = None

    @property
    def _advises(self) -> bool:
        return self.site.role is Role.ACTIVE and self.site.is_ready

    def _next(self) -> str | None:
        return self._book.unheard.next(advises=self._advises)

    def _send(self, now: float) -> Iterator[Fact]:
        again, self._again = self._again, None
        if again is not None:
            sent = _UnderWay(again.key, again.purpose, again.stands_in, now + self._half_s)
        else:
            key = self._next()
            assert key is not None, "there is a deadline"
            transaction = self._book.transactions[key]
            stands_in = transaction.is_unadvised
            if stands_in and self._is_of_another(transaction) and risk.SUCCESSOR_TELLS_NO_CORE in self._defects:
                self._book.unheard.forget(key)
                return
            is_reversal = transaction.reversed is not None and not stands_in
            purpose = Purpose.REVERSAL if is_reversal else Purpose.COMPLETION
            sent = _UnderWay(key, purpose, stands_in, now + self._half_s)
        self._under_way, self._free_at = sent, now + self._gap_s
        words = self._words.get(sent.purpose, _NO_WORDS)
        yield CoreAdvised(
            key=sent.key,
            purpose=sent.purpose,
            mti=words.mti if again is None else words.repeat_mti,
            reason=words.reason if sent.stands_in else "",
            repeat=again is not None,
        )

    def _hear(self, sent: _UnderWay, now: float) -> Iterator[Fact]:
        """The core takes an advice. It knows by the key what it has taken before."""
        sent.heard = True
        sent.due += self._half_s
        if sent.key not in self._book.unheard:
            if sent.stands_in and risk.ADVISE_CORE_TWICE in self._defects:
                yield from self._post_again(sent, now)
            else:
                yield RepeatAnswered(key=sent.key, purpose=sent.purpose)
            return
        outcome = Outcome.APPROVED
        facts: list[Fact] = []
        transaction = self._book.transactions[sent.key]
        is_first = transaction.is_unadvised
        if is_first and not self._advises:
            self._under_way = None  # another site is active by now, and tells its own core
            return
        if is_first:
            outcome = self.site.advise(transaction)
            self.site.write(Advised(sent.key, self.site.name, outcome), now, facts)
        else:
            facts = self._book.tell_core(sent.key)
        yield CoreAnswered(key=sent.key, purpose=sent.purpose, stands_in=is_first, outcome=outcome)
        yield from facts
        if outcome is not Outcome.APPROVED:
            yield self._refused(sent.key, outcome)

    def _is_of_another(self, transaction: Transaction) -> bool:
        return transaction.posted is not None and transaction.posted.origin != self.site.name

    def _post_again(self, sent: _UnderWay, now: float) -> Iterator[Fact]:
        facts: list[Fact] = []
        terms = self._book.transactions[sent.key].terms
        assert terms is not None, "what was approved has terms"
        self.site.misposts.post(sent.key, terms, now, facts)
        yield CoreAnswered(key=sent.key, purpose=sent.purpose, stands_in=True, outcome=Outcome.APPROVED)
        yield from facts

    def _refused(self, key: str, outcome: Outcome) -> Fact:
        why = outcome.replace("_", " ")
        because = f"the core does not take from the customer what was approved while it was away: {why}"
        return ExceptionOpened(
            kind=STAND_IN_REFUSED, key=key, terminal=terminal_of(key), because=because, owner=self._owner
        )


class Cores:
    """The cores of all sites, by name."""

    def __init__(
        self, settings: HostSettings, sites: Mapping[str, Site], words: Words, defects: Set[str] = frozenset()
    ) -> None:
        self._lines = {name: _CoreLine(site, settings, words, defects) for name, site in sites.items()}
        self._brakes = [(name, site.brake) for name, site in sites.items()]

    @property
    def deadline(self) -> float | None:
        """When `on_time` must next be called."""
        due = [line.deadline for line in self._lines.values()] + [brake.stops_at for _, brake in self._brakes]
        return min((each for each in due if each is not None), default=None)

    def on_time(self, now: float) -> Iterator[HostEffect]:
        """Time has come: cores hear and answer, and a site is stopped."""
        for name, line in self._lines.items():
            yield from _told(name, line.on_time(now))
        for name, brake in self._brakes:
            yield from _told(name, brake.on_time(now))

    def set_up(self, site: str, up: bool, now: float) -> Iterator[HostEffect]:
        """The core of a site goes away or comes back."""
        return _told(site, self._lines[site].set_up(up, now))

    def pending(self) -> tuple[str, ...]:
        """Which cores have not heard all, in words."""
        return tuple(
            f"the core of site {name} has not heard of {line.pending} transactions"
            for name, line in self._lines.items()
            if line.pending
        )


def _told(site: str, facts: Iterable[Fact]) -> Iterator[HostEffect]:
    return (Record(site, fact) for fact in facts)
