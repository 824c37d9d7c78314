"""Clocks on walls: what they show, and that nobody is told more than they know."""

from datetime import datetime

from atmbench.messages.wall_clock import WallClock

NINE = datetime(2026, 1, 5, 9, 0, 0)


def test_local_time_is_ahead_of_universal_time() -> None:
    clock = WallClock(NINE, 3600)
    assert clock.universal(0.9) == "260105090000"
    assert clock.local(61.0) == "260105100101"


def test_who_sets_a_clock_sets_both_and_summer_time_only_one() -> None:
    clock = WallClock(NINE, 3600)
    clock.step(-7200)
    assert (clock.universal(0.0), clock.local(0.0)) == ("260105070000", "260105080000")
    clock.step(3600, is_local=True)
    assert (clock.universal(0.0), clock.local(0.0)) == ("260105070000", "260105090000")
