"""An operator looks at two databases and says what comes next: no order of orders leaves him without a way."""

from pathlib import Path

import pytest

from atmbench.host.roles import Role
from atmbench.store.postgres_place import Place, State
from atmbench.store.postgres_plan import next_step
from atmbench.store.postgres_server import Server
from atmbench.store.postgres_stream import Stream

ROLES = {"active": Role.ACTIVE, "standby": Role.STANDBY, "down": Role.DOWN, "isolated": Role.ISOLATED}
STATES: tuple[State, ...] = ("primary", "standby", "away")


def place(site: str, says: str) -> Place:
    """As "wanted role, state of the database", with "void" if there is no ledger."""
    wanted, state, *void = says.split()
    place = Place(site, Server(site, str(Path("/nowhere") / site), 1, ""), Stream(1), ROLES[wanted])
    place.state = next(each for each in STATES if each == state)
    place.is_void = void == ["void"]
    return place


def said(a: str, b: str, *, is_synchronous: bool = False) -> str:
    step = next_step((place("A", a), place("B", b)), is_synchronous=is_synchronous)
    return "" if step is None else f"{step.verb} {step.place.site}"


@pytest.mark.parametrize(
    ("a", "b", "then"),
    [
        ("active primary", "standby standby", ""),
        ("active primary", "standby away", "follow B"),
        ("active primary", "active standby", "promote B"),
        ("down away", "active standby", "promote B"),
        ("down away", "active away", "promote B"),
        ("standby primary", "active standby", "step down A"),
        ("standby primary", "active away", "follow B"),
        ("active primary", "standby primary", "step down B"),
        ("standby away", "active primary", "follow A"),
        ("isolated away", "active primary", ""),
        ("standby primary", "down away", ""),
    ],
)
def test_the_next_step_leads_to_what_the_sites_are(a: str, b: str, then: str) -> None:
    assert said(a, b) == then


@pytest.mark.parametrize(
    ("a", "b", "then"),
    [
        ("active away void", "down away", ""),
        ("active away void", "isolated away", ""),
        ("active away void", "standby away", "promote B"),
        ("active away void", "standby primary", "follow A"),
        ("active away void", "active primary", "follow A"),
        ("active away void", "active away", "promote B"),
        ("standby away void", "active primary", "follow A"),
        ("active away void", "standby away void", ""),
    ],
)
def test_what_is_no_ledger_is_never_promoted(a: str, b: str, then: str) -> None:
    assert said(a, b) == then


def test_a_primary_waits_for_a_standby_while_there_is_one() -> None:
    assert said("active primary", "standby standby", is_synchronous=True) == "wait for standby A"
    assert said("active primary", "down away", is_synchronous=True) == ""
