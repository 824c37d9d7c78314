"""What a planted defect is, and which of them are planted in a world.

The rooms that can be spoilt list theirs (`host.defects`, `terminal.defects`), each a small switch at the decision it
spoils. This module must hold nothing of any one of them.
"""

from collections.abc import Container, Iterable, Iterator, Set

import msgspec


class Defect(msgspec.Struct, frozen=True):
    """A known bug that can be planted by name, to see whether the bench finds it."""

    says: str
    """What is wrong, in words for a tester."""
    source: str
    """Where it was met: a section of the domain facts, an incident, an issue of a neighbouring project."""
    found_by: tuple[str, ...]
    """The checks whose business it is. One of them must fail where the defect does harm; others may."""


class Planted(Set[str]):
    """Names of the defects that are planted, and which names were asked for.

    A decision asks with `in`, and asks last: only when everything else says that a defect would matter now. So a run in
    which a name was never asked for is the same run with that defect, and need not be made twice.
    """

    def __init__(self, names: Iterable[str] = (), asked: set[str] | None = None) -> None:
        self._names = frozenset(names)
        self.asked: set[str] = set() if asked is None else asked

    def within(self, names: Container[str]) -> "Planted":
        """Those of one room. What is asked of it counts as asked here."""
        return Planted((each for each in self._names if each in names), self.asked)

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            self.asked.add(name)
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)
