"""Many tests: known values of the corrections, and no test that takes from the others in vain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.compare.many import able, corrected
from atmbench.compare.swap import Test

SHARES = st.floats(0, 1)


def of(*ps: float, least: float = 0.0) -> list[Test]:
    return [Test(p, least) for p in ps]


def test_the_correction_is_that_of_holm() -> None:
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert corrected(of(0.01, 0.04, 0.03, 0.005), 0.05) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_a_test_that_could_never_be_a_finding_takes_nothing_from_the_others() -> None:
    hopeless = of(*[0.5] * 100, least=0.25)
    assert corrected([*of(0.001), *hopeless], 0.01) == [0.001, *[1.0] * 100]


def test_as_many_take_part_as_could_be_findings_together() -> None:
    # Tarone: with alpha 0.05, a least p of 0.02 is enough for two tests (0.025), and not for three (0.0167).
    assert able(of(1.0, 1.0, least=0.02), 0.05) == [0, 1]
    assert able(of(1.0, 1.0, 1.0, least=0.02), 0.05) == []
    assert able([], 0.05) == []


@given(st.lists(SHARES, max_size=20), st.floats(0.0001, 0.1))
def test_no_correction_makes_a_p_value_smaller_or_changes_their_order(ps: list[float], alpha: float) -> None:
    found = corrected(of(*ps), alpha)
    assert all(one <= other <= 1 for one, other in zip(ps, found, strict=True))
    assert [p for _, p in sorted(zip(ps, found, strict=True))] == sorted(found)
