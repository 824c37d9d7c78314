"""What lies between the two ends of a serial line: how long a character takes, and what faults do to it.

Faults that strike here are beneath the link layer: they meet single blocks and control characters, both ways, and
never a message. A medium must never carry anything itself; `paced` does.
"""

from collections.abc import Callable

from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Direction
from atmbench.framing.link_styles import SerialSettings


class Medium:
    """The medium of one serial line of a terminal, for all of its calls. `now` gives seconds of the run."""

    def __init__(
        self,
        terminal: str,
        line: str,
        site: str,
        settings: SerialSettings,
        *,
        faults: ActiveFaults,
        now: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.char_s = settings.char_s
        self._terminal = terminal
        self._line = line
        self._site = site
        self._faults = faults
        self._now = now

    def is_silenced(self, direction: Direction) -> bool:
        """Whether a cut swallows characters that would arrive now: the cable is out."""
        faults = self._faults
        return not faults.is_idle and faults.silenced(self._terminal, self._line, self._site, direction, self._now())
