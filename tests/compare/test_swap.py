"""The test of significance: known values, and what must hold whatever it is given."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.compare.swap import NOTHING, SLICES_MAX, mid_ranks, spells, swap_test, taken_together

NUMBERS = st.integers(-4, 4).map(float)


def test_darwins_maize_is_as_fisher_found_it() -> None:
    # R. A. Fisher, The Design of Experiments (1935), section 21: 1,726 of 32,768 choices of signs, 5.267 per cent.
    apart = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    found = swap_test([0.0] * 15, [float(each) for each in apart])
    assert found.p == 1726 / 32768
    assert found.p_least == 2 / 32768


@pytest.mark.parametrize(("a", "b"), [([], []), ([1.0], []), ([2.0, 2.0], [2.0, 2.0, 2.0]), ([1.0], [2.0])])
def test_where_nothing_can_be_told_nothing_is(a: list[float], b: list[float]) -> None:
    assert swap_test(a, b) == NOTHING


def test_samples_wholly_apart_have_the_least_p_there_is() -> None:
    found = swap_test([1.0] * 240, [2.0] * 260)
    assert found.p == found.p_least == 2.0 ** (1 - SLICES_MAX)


def test_a_burst_is_one_witness_and_not_a_hundred() -> None:
    quiet = [0.0] * 500
    assert swap_test(quiet, [*quiet[:250], *[1.0] * 20, *quiet[270:]]).p == 1.0


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=9))
def test_where_the_runs_may_change_places_small_p_values_are_as_rare_as_they_say(
    pairs: list[tuple[float, float]],
) -> None:
    every = [
        swap_test(*zip(*[pair[::-1] if swap else pair for pair, swap in zip(pairs, swaps, strict=True)], strict=True)).p
        for swaps in product((False, True), repeat=len(pairs))
    ]
    assert all(sum(p <= limit for p in every) <= limit * len(every) for limit in {*every})


@given(st.lists(NUMBERS, max_size=60), st.lists(NUMBERS, max_size=60))
def test_it_is_the_same_both_ways_and_no_smaller_than_it_can_be(a: list[float], b: list[float]) -> None:
    there, back = swap_test(a, b), swap_test(b, a)
    assert there.p == pytest.approx(back.p)
    assert there.p_least == back.p_least <= there.p <= 1


def test_equal_values_share_the_mean_of_their_places() -> None:
    assert mid_ranks([2.0, 1.0], [3.0, 2.0]) == ([2.5, 1.0], [4.0, 2.5])


@given(st.lists(NUMBERS), st.lists(NUMBERS))
def test_ranks_add_up_and_keep_the_order(a: list[float], b: list[float]) -> None:
    ranks, others = mid_ranks(a, b)
    size = len(a) + len(b)
    assert sum(ranks) + sum(others) == size * (size + 1) / 2
    both = sorted(zip((*a, *b), (*ranks, *others), strict=True))
    assert [rank for _, rank in both] == sorted(rank for _, rank in both)


def test_what_comes_within_a_spell_is_taken_together() -> None:
    numbers = spells([0.0, 1.0, 4.0, 5.0, 9.0], 5.0)
    assert numbers == [1, 1, 1, 2, 2]
    assert taken_together([1.0, 3.0, 5.0, 7.0, 9.0], numbers) == [3.0, 8.0]
    assert spells([0.0, 0.0, 1.0], 0.0) == [1, 2, 3]


def test_one_trouble_after_the_other_is_one_spell_until_something_good_comes_between() -> None:
    assert spells([0.0, 1.0, 2.0, 3.0, 4.0], 0.0, [False, True, True, False, True]) == [1, 2, 2, 3, 4]
