"""Things that become ready one by one, and happen in the order in which they were begun.

A message that waits for its MAC holds up those behind it. This module must never know what it is that happens.
"""

from collections import deque
from collections.abc import Callable

import msgspec

WAITING_MAX = 500
"""More than this at once at one terminal are a bug of the bench."""

Act = Callable[[], None]


class _Place(msgspec.Struct):
    """One place in the queue: of a line, with what is to happen as soon as that is known."""

    line: str
    act: Act | None = None


class InOrder:
    """One queue."""

    def __init__(self) -> None:
        self._places: deque[_Place] = deque()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._places

    def in_turn(self, line: str, act: Act) -> None:
        """Have something happen behind all that was begun before: at once, if that is nothing."""
        if self.is_empty:
            act()
        else:
            self.begin(line)(act)

    def begin(self, line: str) -> Callable[[Act], None]:
        """Take the next place. Call what this gives with what is to happen, once; nothing happens if it was dropped."""
        assert len(self._places) < WAITING_MAX, "things wait without end"
        place = _Place(line)
        self._places.append(place)

        def is_ready(act: Act) -> None:
            place.act = act
            self._go_on()

        return is_ready

    def _go_on(self) -> None:
        while self._places and self._places[0].act is not None:
            act = self._places.popleft().act
            assert act is not None, "just looked"
            act()

    def drop(self, line: str) -> None:
        """Nothing that waits for this line happens any more."""
        self._places = deque(each for each in self._places if each.line != line)
        self._go_on()

    def drop_all(self) -> None:
        """Nothing that waits happens any more."""
        self._places.clear()
