"""Reckoning with dates and times as fields carry them."""

import pytest

from atmbench.messages.moments import elapsed_s, seconds_apart


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
