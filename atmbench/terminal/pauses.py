"""How long a terminal waits before it dials: longer each time, and not at the same moment as others. Dry."""

from collections.abc import Set
from random import Random

from atmbench.terminal.defects.lines import RECONNECT_AT_ONCE
from atmbench.terminal.settings import Failover, Reconnect, TerminalSettings

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


def dial_after_s(failures: int, lines: int, settings: TerminalSettings, rng: Random, defects: Set[str]) -> float:
    """Seconds from leaving a line to dialling the next one, when so many `failures` in a row have been met.

    None pass while some of the `lines` have not been tried, but for the spread.
    """
    if failures < lines:
        after_s, in_step_s = spread_s(settings.failover, rng), 0.0
    else:
        after_s, in_step_s = backoff_s(settings.reconnect, failures - lines, rng), settings.reconnect.first_s
    return in_step_s if after_s != in_step_s and RECONNECT_AT_ONCE in defects else after_s
