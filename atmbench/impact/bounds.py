"""What counts as impact and what does not: settings that whoever reads the figures can see and change. Data only."""

import msgspec

SLOW_S = 10.0
LATE_S = 60.0
ALLOWED_S = 4 * 3600.0


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Limits, in seconds. The first two have no source but the patience of customers: they are there to be set."""

    slow_s: float = SLOW_S
    """An answer that took longer has touched its customer. Where the drill has a budget for a channel
    (`view: {delay_s: ...}`), that counts in place of this."""
    late_s: float = LATE_S
    """A transfer or bill payment is delayed if it took longer from its request until every site had it."""
    allowed_s: float = ALLOWED_S
    """How long a terminal may be out of service in 12 months. Source: iso8583 facts 7.2 F3, 4 hours."""
