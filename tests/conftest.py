"""What all tests share: how hard Hypothesis looks, and readable failures in the helpers.

The default profile draws the same examples every time, so a change is judged by the change alone; new examples are
the business of `tools/test --full`.
"""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.playbook")

settings.register_profile("default", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("full", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("default")
