"""A request that names another transaction after a fault: the fact says which it was and which it names now."""

import pytest

from atmbench.faults.all import DropField, Duplicate, FlipBits, GarbleField, Lose, SetField, Split, Stale
from atmbench.faults.base import Fault
from tests.faults.road import REPLY, REQUEST, Road

OTHER_STAN = SetField(field=11, value="000999")


def names(road: Road, stan: int = 7) -> list[tuple[str, str]]:
    plan = road.send(stan, mti="0200", direction=REQUEST)
    return [] if plan is None else [(fact.key, fact.became) for fact in plan.facts]


def test_another_stan_is_another_transaction() -> None:
    assert names(Road(OTHER_STAN)) == [("000007", "000999")]


def test_each_fault_tells_its_own_part_of_the_way() -> None:
    assert names(Road(OTHER_STAN, SetField(field=11, value="000111"))) == [("000007", "000999"), ("000999", "000111")]


def test_a_random_field_too() -> None:
    ((key, became),) = names(Road(GarbleField(field=11)))
    assert key == "000007"
    assert became not in ("", "000007")


def test_an_earlier_request_in_place_of_this_one() -> None:
    road = Road(Stale())
    names(road, 6)
    assert names(road, 7) == [("000007", "000006")]


@pytest.mark.parametrize(
    "fault",
    [
        SetField(field=39, value="91"),
        SetField(field="mti", value="0210"),
        DropField(field=11),
        FlipBits(byte=0),
        Duplicate(),
        Lose(),
        Split(),
    ],
    ids=lambda fault: str(fault.__struct_config__.tag),
)
def test_a_request_that_keeps_its_name_or_has_none_left_is_not_renamed(fault: Fault) -> None:
    assert names(Road(fault)) == [("", "")]


def test_replies_are_matched_by_terminals_and_rename_nothing() -> None:
    plan = Road(OTHER_STAN).send(7, mti="0200", direction=REPLY)
    assert plan is not None
    assert [(fact.key, fact.became) for fact in plan.facts] == [("", "")]
