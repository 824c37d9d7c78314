"""tools/sweep_clean.py draws drills that can be run, another one for each seed, and the same one again for the same."""

import pytest

from atmbench.drill.load import parse_drill
from tools import sweep_clean


@pytest.mark.parametrize("shape", sweep_clean.SHAPES)
def test_every_seed_draws_a_valid_drill_without_a_defect(shape: str) -> None:
    texts = [sweep_clean.drill_of(shape, seed) for seed in range(5)]
    assert texts == [sweep_clean.drill_of(shape, seed) for seed in range(5)]
    assert len(set(texts)) == len(texts)
    for text in texts:
        drill = parse_drill(text, shape)
        assert (drill.defects, drill.fails) == ((), ())


def test_a_clean_run_gives_no_alarm() -> None:
    assert sweep_clean.alarm_of(("lag", 0)) == ""
