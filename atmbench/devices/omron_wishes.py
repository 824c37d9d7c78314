"""What a terminal wants of the card in an Omron reader, one thing after the other. Data only."""

from collections import deque
from enum import Enum, auto

WISHES_MAX = 2
"""The card that goes, and the one that comes."""


class Want(Enum):
    """What can be wanted of a card."""

    INSERT = auto()
    EJECT = auto()
    RETAIN = auto()


class Wish:
    """One thing that is wanted. Shows nothing of a card."""

    def __init__(self, want: Want, key: str = "", because: str = "", track2: str = "") -> None:
        self.want = want
        self.key = key
        self.because = because
        self.track2 = track2
        self.has_begun = False
        self.card_never_came = False
        """It was wanted of a card before the reader had asked for that card."""
        self.failures = 0
        self.reported: set[str] = set()
        """Errors that the history knows of."""

    def __repr__(self) -> str:
        return f"Wish({self.want.name}, key={self.key!r})"


class Wishes:
    """The wishes, the present one first. What is wanted of a card takes the place of what was wanted of it before."""

    def __init__(self) -> None:
        self._wishes: deque[Wish] = deque()

    def __len__(self) -> int:
        return len(self._wishes)

    @property
    def present(self) -> Wish | None:
        """What is to be done now."""
        return self._wishes[0] if self._wishes else None

    @property
    def is_full(self) -> bool:
        """Whether nothing can be wanted of another card."""
        return len(self._wishes) >= WISHES_MAX

    def add(self, wish: Wish) -> bool:
        """Want it; False if it is wanted already, or if there is no room.

        A card that is to be kept is gone for good: what comes after that is wanted of another.
        """
        last = self._wishes[-1] if self._wishes else None
        if last is not None and (last.want, last.key) == (wish.want, wish.key) and wish.want is not Want.INSERT:
            return False
        if last is None or last.want is Want.RETAIN or wish.want is Want.INSERT:
            if self.is_full:
                return False
            self._wishes.append(wish)
        else:
            wish.card_never_came = last.card_never_came or (last.want is Want.INSERT and not last.has_begun)
            self._wishes[-1] = wish
        return True

    def done(self) -> None:
        """The present one is fulfilled, or cannot be."""
        self._wishes.popleft()

    def clear(self) -> None:
        """Nothing is wanted."""
        self._wishes.clear()
