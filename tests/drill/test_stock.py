"""The stock drills are good drills, and each demands that what it is about has happened."""

import re

import msgspec
import pytest

from atmbench.drill.rules import command_of
from atmbench.drill.stock import stock_drill, stock_drill_names, stock_drill_text, stock_drills
from atmbench.errors import LocalError

NAMES = stock_drill_names()
REAL_TIME_S_MAX = 400
HISTORY = re.compile(r"\bNUL|\bTO" + r"DO\b|\bissue\b")
"""Words that tell of our work and not of the drill."""


def test_the_list_says_what_each_proves() -> None:
    assert [each.name for each in stock_drills()] == list(NAMES)
    assert all(each.proves.endswith(".") for each in stock_drills())
    assert len({each.proves for each in stock_drills()}) == len(NAMES) >= 16


def test_an_unknown_name_is_told_with_those_that_exist() -> None:
    with pytest.raises(LocalError, match="primary-cut"):
        stock_drill("primary-cutt")


@pytest.mark.parametrize("name", NAMES)
def test_a_stock_drill_is_a_good_drill(name: str) -> None:
    drill = stock_drill(name)

    assert drill.drill == name
    assert drill.heal.at + drill.heal.within_s <= REAL_TIME_S_MAX, "short enough for loopback at 20 times real time"
    assert len(drill.proves) <= 120


@pytest.mark.parametrize("name", NAMES)
def test_a_stock_drill_begins_with_a_comment_that_explains_it(name: str) -> None:
    head = re.match(r"(#.*\n)+", stock_drill_text(name))

    assert head is not None
    assert len(head.group().splitlines()) >= 4
    assert not HISTORY.search(head.group())


@pytest.mark.parametrize("name", [name for name in NAMES if name != "all-quiet"])
def test_a_stock_drill_demands_proof_of_its_disturbance(name: str) -> None:
    drill = stock_drill(name)
    expect = drill.expect

    assert expect.approved_min >= (20 if drill.workload is not None else 1)
    assert any(fact.at_least for fact in expect.facts)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_its_one_command(name: str) -> None:
    for step in stock_drill(name).steps:
        key, command = command_of(step)
        assert getattr(step, key) is command


@pytest.mark.parametrize("name", NAMES)
def test_a_stock_drill_survives_json(name: str) -> None:
    drill = stock_drill(name)

    assert msgspec.json.decode(msgspec.json.encode(drill), type=type(drill)) == drill
