"""What all tests share: how hard Hypothesis looks, and readable failures in the helpers.

The default profile draws the same examples every time, so a change is judged by the change alone; new examples are
the business of `tools/test --full`, which searches every property again, and longer. A property sets no number of
examples of its own; one of which each example is a run takes a share of them (tests/examples.py).
"""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.playbook", "tests.run.stage")

settings.register_profile("default", deadline=None, derandomize=True, max_examples=10)
settings.register_profile("full", deadline=None, max_examples=300, print_blob=True)
settings.load_profile("default")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With the full profile, properties belong to the long tests."""
    if config.getoption("--hypothesis-profile") == "full":
        for item in items:
            if isinstance(item, pytest.Function) and getattr(item.obj, "is_hypothesis_test", False):
                item.add_marker("full")
