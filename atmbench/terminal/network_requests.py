"""Requests about a line itself: sign-on, sign-off, echo, and those for keys.

They carry no money, and are never repeated.
"""

from atmbench.messages.records import Purpose, Request
from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.lines import Line, LineState
from atmbench.terminal.outstanding import NEVER, Outstanding


class NetworkRequests:
    """Makes and sends them for one terminal."""

    def __init__(self, cabinet: Cabinet, outstanding: Outstanding) -> None:
        self._cabinet = cabinet
        self._outstanding = outstanding

    def send(self, purpose: Purpose, line: Line, now: float) -> None:
        """Send one over a line, and wait for its reply as long as the settings say."""
        cabinet = self._cabinet
        stan = cabinet.next_stan()
        request = Request(
            purpose=purpose,
            terminal=cabinet.name,
            stan=stan,
            transmitted=cabinet.transmitted(now),
            local_time=cabinet.local_time(now),
            acquirer=cabinet.settings.identity.acquirer,
        )
        self._outstanding.send(request, line.name, now + cabinet.settings.timers.network_reply_s)

    def sign_on(self, line: Line, now: float) -> None:
        """Ask a host over a connection that stands to accept this terminal."""
        line.state = LineState.SIGNING_ON
        line.deadline = NEVER
        self.send(Purpose.SIGN_ON, line, now)
