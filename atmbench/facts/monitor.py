"""What watches the fleet has to say. Data only."""

from atmbench.facts.base import Fact


class AlertFired(Fact, frozen=True, kw_only=True):
    """A rule has been broken for as long as it says. Actor is the monitor."""

    alert: str
    value: float
    """What the metric was."""
    because: str
    """The rule in words."""
    since_t: float
    """The evaluation at which it was first broken."""


class AlertCleared(Fact, frozen=True, kw_only=True):
    """A rule that had fired is kept again."""

    alert: str
    value: float
    lasted_s: float
    """Since it fired."""
