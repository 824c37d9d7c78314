"""How many examples a property gets whose every example is a run of its own, or costs as much as one."""

from hypothesis import settings

SHARE = 8
RUNS = settings(max_examples=max(5, settings().max_examples // SHARE))
"""A decorator: a share of what the profile gives to the others. See tests/conftest.py."""
