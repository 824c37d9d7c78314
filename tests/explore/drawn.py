"""Drawn schedules for tests: bytes out of Hypothesis, as the search has them."""

from hypothesis import strategies as st

from atmbench.explore.schedules import ACT_BYTES, ACTS_MAX, HEAD_BYTES

HEADS = st.binary(min_size=HEAD_BYTES, max_size=HEAD_BYTES)
ACTS = st.lists(st.binary(min_size=ACT_BYTES, max_size=ACT_BYTES), max_size=ACTS_MAX)
