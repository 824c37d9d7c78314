"""Clocks on walls: what they show, and that nobody is told more than they know."""

from datetime import datetime

import pytest

from atmbench.messages.wall_clock import WallClock, elapsed_s, seconds_apart

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


@pytest.mark.parametrize(
    ("one", "other", "apart_s"),
    [
        ("0105090000", "0105090000", 0.0),
        ("0105090100", "0105090000", 60.0),
        ("0105070000", "0105090000", -7200.0),
        ("0101000001", "1231235959", 2.0),
        ("1231235959", "0101000001", -2.0),
        ("0230000000", "0105090000", None),
        ("", "0105090000", None),
    ],
)
def test_two_moments_are_apart_by_the_shorter_way_round_the_year(one: str, other: str, apart_s: float | None) -> None:
    assert seconds_apart(one, other) == apart_s


def test_a_clock_that_was_set_back_has_less_than_nothing_pass() -> None:
    assert elapsed_s("260105090000", "260105090130") == 90.0
    assert elapsed_s("260105090000", "260105080000") == -3600.0
