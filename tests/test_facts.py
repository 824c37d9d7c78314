"""Facts on disk: every kind survives the way there and back; broken files are named."""

import msgspec
import pytest

from atmbench import facts
from atmbench.errors import LocalError


def test_the_union_holds_every_kind() -> None:
    kinds = {each for each in vars(facts).values() if isinstance(each, type) and issubclass(each, facts.Fact)}
    assert kinds - {facts.Fact} == set(facts.AnyFact.__args__)


def test_tags_are_snake_case_and_unique() -> None:
    tags = [each.__struct_config__.tag for each in facts.AnyFact.__args__]
    assert len(set(tags)) == len(tags)
    assert facts.CashTaken.__struct_config__.tag == "cash_taken"


def test_there_and_back() -> None:
    fact = facts.EntryPosted(
        entry="post/T01/000001/0105090000",
        kind="posting",
        key="T01/000001/0105090000",
        service="withdrawal",
        legs={"1000000001": -5000, "cash:T01": 5000},
        origin="A",
    )
    facts.stamp(fact, 12.345679, "B")
    line = facts.to_line(fact)
    again = facts.from_line(line)
    assert again == fact
    assert (again.t, again.actor) == (12.345679, "B")
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


def test_half_a_line_at_the_end_is_a_killed_run() -> None:
    whole = facts.to_line(facts.LineUp(line="primary"))
    assert len(list(facts.read_history([whole, whole[:-5]]))) == 1


def test_a_broken_line_before_the_end_is_named() -> None:
    whole = facts.to_line(facts.LineUp(line="primary"))
    with pytest.raises(LocalError, match="line 2"):
        list(facts.read_history([whole, b"{}", whole]))


def test_facts_are_frozen() -> None:
    with pytest.raises(AttributeError):
        facts.LineUp(line="primary").line = "secondary"  # type: ignore[misc]


def test_json_keeps_no_default() -> None:
    assert msgspec.json.decode(facts.to_line(facts.LineUp(line="primary"))) == {"fact": "line_up", "line": "primary"}
