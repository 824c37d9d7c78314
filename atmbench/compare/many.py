"""Many tests at once: how small a p-value must be if a hundred were looked at. Pure.

A test that could not have come out small enough, whatever had happened, takes nothing from the others (R. E. Tarone,
A Modified Bonferroni Method for Discrete Data, Biometrics 46, 1990). The rest are corrected step by step
(S. Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979). So the chance of even one false finding is
`alpha` at most.
"""

from collections.abc import Sequence

from atmbench.compare.swap import Test


def able(tests: Sequence[Test], alpha: float) -> list[int]:
    """The numbers of the tests that could become findings: with enough on either side to tell."""
    kept = list(range(len(tests)))
    for number in range(1, len(tests) + 1):
        kept = [each for each in range(len(tests)) if tests[each].p_least <= alpha / number]
        if len(kept) <= number:
            break
    return kept


def corrected(tests: Sequence[Test], alpha: float) -> list[float]:
    """Each test's p-value, corrected for their number; 1 for what could not become a finding."""
    ps = [1.0] * len(tests)
    ordered = sorted(able(tests, alpha), key=lambda each: tests[each].p)
    worst = 0.0
    for place, number in enumerate(ordered):
        worst = max(worst, min(1.0, tests[number].p * (len(ordered) - place)))
        ps[number] = worst
    return ps
