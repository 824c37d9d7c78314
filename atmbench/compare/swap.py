"""The test of significance: could the two runs change places and nobody would notice? Pure, and exact.

Two runs of one drill and one release are two draws of one thing. Each is cut into as many slices, in the order of
time; if nothing was changed, the two runs could swap places in any slice, so every choice of swaps is as likely as what
was seen. The p-value is the share of these choices that come out at least as far apart. Neighbours of one
moment (a cut line strikes many customers at once) fall into one slice, so they do not count as so many witnesses, as
they would in a test of single messages (Mann and Whitney, or Fisher).

Sources: the randomization test of matched pairs, R. A. Fisher, The Design of Experiments (1935), section 21; B. Phipson
and G. K. Smyth, Permutation P-values Should Never Be Zero (2010), for counting what was seen itself.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import msgspec

SLICES_MAX = 24
"""2 ** 24 choices of swaps are counted exactly, by halves of 2 ** 12."""
CLOSE = 1e-9
"""Sums that differ by less are equal: they are sums of the same numbers in another order."""


class Test(msgspec.Struct, frozen=True):
    """What a test came to. `p_least` is the smallest p-value that it could have had, however the runs had differed."""

    __test__ = False  # pytest takes what is called so for a class of tests

    p: float
    p_least: float


NOTHING = Test(1.0, 1.0)
"""Of samples that are all alike, or one of which is empty."""


def swap_test(a: Sequence[float], b: Sequence[float]) -> Test:
    """Whether the mean of `b` differs from that of `a`, both in the order of time."""
    slices = min(SLICES_MAX, len(a), len(b))
    if slices == 0:
        return NOTHING
    pairs = zip(_means(a, slices), _means(b, slices), strict=True)
    apart = [other - one for one, other in pairs]
    size = max(map(abs, apart))
    apart = [each for each in apart if abs(each) > size * CLOSE]
    return Test(_share(apart, size * CLOSE * slices), 2.0 ** (1 - len(apart))) if apart else NOTHING


def mid_ranks(a: Sequence[float], b: Sequence[float]) -> tuple[list[float], list[float]]:
    """Each value's place among all of both, from 1; equal ones share the mean of their places.

    So a few very long times weigh no more than they should (F. Wilcoxon, 1945).
    """
    rank_of: dict[float, float] = {}
    every = sorted((*a, *b))
    first = 0
    while first < len(every):
        after = first + 1
        while after < len(every) and every[after] == every[first]:
            after += 1
        rank_of[every[first]] = (first + 1 + after) / 2
        first = after
    return [rank_of[each] for each in a], [rank_of[each] for each in b]


def spells(times_s: Sequence[float], spell_s: float, troubled: Sequence[bool] = ()) -> list[int]:
    """Which spell each moment belongs to: neighbours of one spell are no witnesses apart.

    `times_s` are in order. A spell lasts `spell_s`, and goes on from one trouble to the next if nothing good is
    between: what is out of order stays so for a while.
    """
    numbers: list[int] = []
    number, until_s, was_bad = 0, float("-inf"), False
    for t, is_bad in zip(times_s, troubled or [False] * len(times_s), strict=True):
        if t >= until_s and not (was_bad and is_bad):
            number, until_s = number + 1, t + spell_s
        numbers.append(number)
        was_bad = is_bad
    return numbers


def taken_together(sample: Sequence[float], spell_of: Sequence[int]) -> list[float]:
    """The mean of each spell, in order."""
    by_spell: dict[int, list[float]] = {}
    for number, each in zip(spell_of, sample, strict=True):
        by_spell.setdefault(number, []).append(each)
    return [sum(each) / len(each) for each in by_spell.values()]


def _means(sample: Sequence[float], slices: int) -> list[float]:
    size = len(sample)
    bounds = [size * number // slices for number in range(slices + 1)]
    return [sum(sample[start:end]) / (end - start) for start, end in pairwise(bounds)]


def _share(apart: Sequence[float], close: float) -> float:
    """The share of all choices of signs whose sum is at least as far from 0 as that of `apart` itself."""
    half = len(apart) // 2
    ones, others = _sums(apart[:half]), sorted(_sums(apart[half:]))
    least = abs(sum(apart)) - close
    if least <= 0:
        return 1.0
    above = sum(len(others) - bisect_left(others, least - one) for one in ones)
    return min(1.0, 2 * above / (len(ones) * len(others)))


def _sums(numbers: Sequence[float]) -> list[float]:
    """The sums of all choices of signs."""
    sums = [0.0]
    for each in numbers:
        sums = [total + signed for total in sums for signed in (each, -each)]
    return sums
