"""A deadline on an agenda that may be moved as often as one likes: an agenda alone can only be added to."""

from collections.abc import Callable

from atmbench.devices.agenda import Agenda


class Alarm:
    """Rings once at the time it was last set to. At most a few plans of it wait on the agenda."""

    def __init__(self, agenda: Agenda, ring: Callable[[float], None]) -> None:
        self._agenda = agenda
        self._ring = ring
        self._at: float | None = None
        self._planned: float | None = None
        """The earliest time at which the agenda will look here."""

    @property
    def is_set(self) -> bool:
        """Whether it will ring."""
        return self._at is not None

    def set(self, at: float) -> None:
        """Ring then, and at no time set before."""
        self._at = at
        if self._planned is None or at < self._planned:
            self._planned = at
            self._agenda.plan(at, self._look)

    def clear(self) -> None:
        """Do not ring."""
        self._at = None

    def drop(self) -> None:
        """Power is gone, and the agenda has forgotten what was planned."""
        self._at = self._planned = None

    def _look(self, now: float) -> None:
        if self._planned is not None and now >= self._planned:
            self._planned = None
        if self._at is None:
            return
        if self._at <= now:
            self._at = None
            self._ring(now)
        else:
            self.set(self._at)
