"""Many durations in little room."""

from hypothesis import given
from hypothesis import strategies as st

from atmbench.host.durations import SHORTEST_S, STEP, Durations


def test_of_none_nothing_is_told() -> None:
    assert Durations().share_s(0.99) is None


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_share_is_told_within_a_step(seconds: list[float], share: float) -> None:
    durations = Durations()
    for each in seconds:
        durations.add(each)
    told = durations.share_s(share)
    assert told is not None
    shorter = sum(each <= told * (1 + 1e-9) + SHORTEST_S for each in seconds)
    assert shorter >= share * len(seconds) - 1e-9
    longer = sum(each < told / STEP / (1 + 1e-9) - SHORTEST_S for each in seconds)
    assert longer < share * len(seconds)
