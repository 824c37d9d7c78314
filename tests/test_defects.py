"""Which defects are planted, and which were asked for."""

import pytest

from atmbench.defects import Planted
from atmbench.run.runner import DEFECTS


def test_who_asks_for_a_name_is_remembered_planted_or_not() -> None:
    planted = Planted(["a", "b"])
    assert "a" in planted
    assert "c" not in planted
    assert planted.asked == {"a", "c"}
    assert (list(planted), len(planted)) == (["a", "b"], 2)


def test_a_part_for_one_room_asks_on_account_of_the_whole() -> None:
    planted = Planted(["a", "b"])
    part = planted.within({"a"})
    assert list(part) == ["a"]
    assert "b" not in part
    assert planted.asked == {"b"}


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_each_defect_says_what_is_wrong_where_it_was_met_and_who_must_find_it(name: str) -> None:
    defect = DEFECTS[name]
    assert defect.says.endswith(".")
    assert defect.source
    assert defect.found_by
