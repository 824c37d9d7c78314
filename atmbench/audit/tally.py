"""Counting of the facts that a drill expects, by their kind and the `where` of the expectation, as they go by.

The recorder may write facts of the first instant before RunStarted, so early facts are kept until the
expectations are known, and counted then.
"""

import msgspec

from atmbench.drill.expectations import FactCount
from atmbench.drill.where import fact_fits
from atmbench.facts import AnyFact

EARLY_FACTS_MAX = 200_000
"""Facts before RunStarted that can be counted later."""


class Counted(msgspec.Struct):
    """How often one wanted fact was seen."""

    wanted: FactCount
    seen: int = 0


class Tally:
    """Counts the facts that a drill asks for by their values."""

    def __init__(self) -> None:
        self.counted: tuple[Counted, ...] = ()
        self.is_idle = False
        """Nothing is asked for, so no fact need be shown to it."""
        self.early_lost = False
        self._early: list[AnyFact] | None = []
        self._by_kind: dict[str, list[Counted]] = {}

    def add(self, fact: AnyFact) -> None:
        """Count one fact."""
        if self._early is not None:
            self._keep(fact)
        else:
            self._count(fact)

    def want(self, wanted: tuple[FactCount, ...]) -> None:
        """These are asked for: count them from here on, and among the facts that came before."""
        early, self._early = self._early or [], None
        self.counted = tuple(Counted(each) for each in wanted)
        for counted in self.counted:
            self._by_kind.setdefault(counted.wanted.fact, []).append(counted)
        self.is_idle = not self._by_kind
        if not self.is_idle:
            for fact in early:
                self._count(fact)

    def _keep(self, fact: AnyFact) -> None:
        assert self._early is not None
        if len(self._early) < EARLY_FACTS_MAX:
            self._early.append(fact)
        else:
            self._early.clear()
            self.early_lost = True

    def _count(self, fact: AnyFact) -> None:
        for counted in self._by_kind.get(str(fact.__struct_config__.tag), ()):
            if fact_fits(fact, counted.wanted.where):
                counted.seen += 1
