"""Who has signed on at a site over which connection, and what the site begins itself: it announces a business day.

A session is that of one connection (iso8583 facts 1.11 and 7.1), so a sign-off on one line leaves a terminal signed on
over its other.
"""

from collections.abc import Hashable

from atmbench.host.effects import AskTerminal, HostEffect
from atmbench.messages.matching import next_stan
from atmbench.messages.records import Purpose, Request
from atmbench.messages.wall_clock import WallClock


class Sessions:
    """The sessions of one site. `clock` is that of the site, for the messages that it begins."""

    def __init__(self, site: str, clock: WallClock | None) -> None:
        self._site = site
        self._clock = clock
        self._signed_on: dict[Hashable, dict[str, Request]] = {}
        """Connection to the terminals that have signed on over it, with what they said."""
        self._stan = 0
        """Of messages that this site begins."""

    def has(self, connection: Hashable, terminal: str) -> bool:
        """Whether a terminal has signed on over a connection."""
        return terminal in self._signed_on.get(connection, ())

    def sign_on(self, connection: Hashable, request: Request) -> None:
        """A terminal has signed on."""
        self._signed_on.setdefault(connection, {})[request.terminal] = request

    def sign_off(self, connection: Hashable, terminal: str) -> None:
        """A terminal has signed off."""
        self._signed_on.get(connection, {}).pop(terminal, None)

    def end(self, connection: Hashable) -> None:
        """A connection has ended."""
        self._signed_on.pop(connection, None)

    def end_all(self) -> None:
        """All have to sign on again."""
        self._signed_on.clear()

    def announce_to_all(self, day: str, now: float) -> list[HostEffect]:
        """Tell all who are signed on which business day it is."""
        return [
            self.announce(day, sign_on, connection, now)
            for connection, terminals in self._signed_on.items()
            for sign_on in terminals.values()
        ]

    def announce(self, day: str, sign_on: Request, connection: Hashable, now: float) -> HostEffect:
        """Tell one that has signed on so."""
        self._stan = next_stan(self._stan)
        request = Request(
            purpose=Purpose.CUTOVER,
            terminal=sign_on.terminal,
            stan=self._stan,
            transmitted=self._clock.universal(now)[2:] if self._clock is not None else "",
            acquirer=sign_on.acquirer,
            business_day=day,
        )
        return AskTerminal(self._site, connection, request)
