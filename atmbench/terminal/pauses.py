"""How long a terminal waits before it dials: longer each time, and not at the same moment as others. Dry."""

from random import Random

from atmbench.terminal.settings import Failover, Reconnect

BACKOFF_EXPONENT_MAX = 32
"""By then every backoff has long reached its most."""


def backoff_s(settings: Reconnect, again: int, rng: Random) -> float:
    """Seconds before the lines are tried once more, when all have been tried so many times before."""
    exponent = min(again, BACKOFF_EXPONENT_MAX)
    pause_s = min(settings.most_s, settings.first_s * settings.factor**exponent)
    return pause_s * (1.0 - settings.jitter * rng.random())


def spread_s(settings: Failover, rng: Random) -> float:
    """Seconds that keep a terminal apart from others that lost the same line; none are drawn if there is no spread."""
    return settings.spread_s * rng.random() if settings.spread_s else 0.0
