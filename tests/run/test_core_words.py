"""What a switch tells its core is called as the dialect calls it, and has a reason only where that is stated."""

import pytest

from atmbench.messages.dialect import dialect_names, load_dialect
from atmbench.messages.records import Purpose
from atmbench.run.core_words import advice_words

FIRST_DIGIT = {"cmf": "2", "iso93-ascii": "1", "iso93-bcd": "1", "postilion-termapp-a": "1", "postilion-termapp-b": "1"}
STATED = {"cmf": "1003"}


@pytest.mark.parametrize("name", dialect_names())
def test_advices_have_the_message_types_of_the_dialect(name: str) -> None:
    words = advice_words(load_dialect(name))
    completion, reversal = words[Purpose.COMPLETION], words[Purpose.REVERSAL]
    version = FIRST_DIGIT.get(name, "0")
    assert (completion.mti, reversal.mti) == (f"{version}220", f"{version}420")
    for each in (completion, reversal):
        assert each.repeat_mti in (each.mti, f"{each.mti[:3]}1")
    assert (completion.reason, reversal.reason) == (STATED.get(name, ""), "")
