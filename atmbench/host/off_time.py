"""Whether DE7 of a request is far from the clock of the site that got it (iso8583 facts 7.2, clock step). Pure.

An advice is never looked at: it may have waited for as long as it had to, and says when it was made.
"""

from atmbench.facts import TransmittedOffTime
from atmbench.host.replies import about
from atmbench.host.settings import HostSettings, OffTime
from atmbench.messages.moments import seconds_apart
from atmbench.messages.records import Request
from atmbench.messages.wall_clock import WallClock


def off_time(
    request: Request, settings: HostSettings, clock: WallClock | None, now: float
) -> TransmittedOffTime | None:
    """The fact of it, if a request is further off than it may be; None if all is well, or nobody looks."""
    most_s = settings.off_time_max_s
    if most_s is None or clock is None:
        return None
    off_s = seconds_apart(request.transmitted, clock.universal(now)[2:])
    if off_s is None or abs(off_s) <= most_s:
        return None
    return TransmittedOffTime(
        key=about(request),
        terminal=request.terminal,
        off_s=off_s,
        refused=settings.off_time is OffTime.REFUSE,
    )
