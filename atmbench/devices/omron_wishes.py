"""What a terminal wants of the card in an Omron reader, one thing after the other. Data only."""

from collections import deque
from enum import Enum, auto

from atmbench.devices.roles import Entered

WISHES_MAX = 2
"""The card that goes, and the one that comes."""


class Want(Enum):
    """What can be wanted of a card."""

    INSERT = auto()
    EJECT = auto()
    RETAIN = auto()


class Wish:
    """One thing that is wanted. Shows nothing of a card."""

    def __init__(
        self,
        want: Want,
        key: str = "",
        because: str = "",
        *,
        track2: str = "",
        entered: Entered = lambda refused, now: None,
        is_unserved: bool = False,
    ) -> None:
        self.want = want
        self.key = key
        self.because = because
        self.track2 = track2
        self.entered = entered
        self.is_unserved = is_unserved
        """The terminal does not wait for what becomes of this card."""
        self.has_begun = False
        self.intakes = 0
        """How often the reader has waited in vain for the card."""
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
        """Want it; False if it is wanted already, if the card is to be kept anyway, or if there is no room."""
        last = self._wishes[-1] if self._wishes else None
        if last is None or wish.want is Want.INSERT:
            if self.is_full:
                return False
            self._wishes.append(wish)
            return True
        assert last.want is not Want.INSERT, "nobody knows yet whether that card comes in"
        if last.want is Want.RETAIN or (last.want, last.key) == (wish.want, wish.key):
            return False
        self._wishes[-1] = wish
        return True

    def change(self, wish: Wish) -> None:
        """Want this in place of the present one."""
        self._wishes[0] = wish

    def done(self) -> None:
        """The present one is fulfilled, or cannot be."""
        self._wishes.popleft()

    def clear(self) -> None:
        """Nothing is wanted."""
        self._wishes.clear()
