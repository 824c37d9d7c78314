"""Dialling through faults: refused, hanging, or answered by somebody who will hang up.

The only place that repeats anything in this room, and only as TCP itself does while nobody answers.
"""

from collections.abc import Callable

import trio

from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import DialAnswer, Direction
from atmbench.links.stream import Dialer, LinkRefused, LinkStream

DIAL_RETRY_S = 1.0
DIAL_RETRY_S_MAX = 8.0
"""An unanswered dial is tried again after these times, doubled each time, as TCP does with its SYN (RFC 6298)."""


class Dialling:
    """The dials of one line. `latency()` draws the time of one way; `now` gives seconds of the run."""

    def __init__(
        self,
        terminal: str,
        line: str,
        site: str,
        *,
        venue: Dialer,
        faults: ActiveFaults,
        latency: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._terminal = terminal
        self._line = line
        self._site = site
        self._venue = venue
        self._faults = faults
        self._latency = latency
        self._now = now
        self._mended = trio.Event()

    def answer(self) -> DialAnswer:
        """What the faults make of a dial at this instant."""
        return self._faults.dial(self._terminal, self._line, self._site, self._now())

    def try_again(self) -> None:
        """Something was mended: an unanswered dial need not wait for its next try."""
        self._mended.set()

    async def dial(self) -> tuple[LinkStream, DialAnswer]:
        """A connection, and how it was answered. Hangs in silence. Raises LinkRefused and what the venue raises."""
        retry_s = DIAL_RETRY_S
        while True:
            if self._venue.adds_latency:
                # Whatever made many cables dial at one instant, each meets the faults at an instant of its own.
                await trio.sleep(self._latency())
            answer = self.answer()
            if answer == "refuse":
                raise LinkRefused(f"site {self._site} refused the connection")
            if answer != "silence":
                far = await self._venue.dial(self._site, self._latency())
                if answer != "accept" or self._is_heard():
                    return far, answer
                far.remark(Direction.REQUEST, "the answer to this dial is lost in a cut")
                far.reset()
            self._mended = trio.Event()
            with trio.move_on_after(retry_s):
                await self._mended.wait()
            retry_s = min(2 * retry_s, DIAL_RETRY_S_MAX)

    def _is_heard(self) -> bool:
        """Whether the site's answer gets through: the line may have been cut meanwhile."""
        return not self._faults.silenced(self._terminal, self._line, self._site, Direction.REPLY, self._now())
