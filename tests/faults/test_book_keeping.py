"""Adding and removing faults, what they hold, and the same plans for the same seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from atmbench.errors import LocalError
from atmbench.faults.active import FAULTS_MAX
from atmbench.faults.all import (
    Cut,
    Delay,
    Duplicate,
    Lose,
    Merge,
    Reorder,
    SetField,
    Trickle,
)
from tests.faults.road import REPLY, Road, a_history, delivered, frame


def test_a_name_is_taken_until_it_is_mended() -> None:
    road = Road(Lose())
    with pytest.raises(LocalError, match="f1"):
        road.faults.add("f1", Lose(), 0.0)
    road.faults.remove("f1", 0.0)
    assert road.faults.names() == ()
    assert road.send() is None
    with pytest.raises(LocalError, match="f1"):
        road.faults.remove("f1", 0.0)


def test_clearing_ends_everything() -> None:
    road = Road(Cut(line="primary"), Trickle(gap_s=10.0, line="primary"))
    assert road.faults.line_of("f1") == "primary"
    road.faults.clear(0.0)
    assert road.faults.is_idle
    assert not road.met()
    assert not road.faults.silenced("T01", "primary", "A", REPLY, 0.0)


def test_nothing_waits_for_pieces_of_a_fault_that_is_mended() -> None:
    road = Road(Trickle(gap_s=10.0, nth=1), Merge(nth=99))
    road.send()
    road.faults.remove("f1", 1.0)
    assert road.send(now=2.0) is None


def test_an_arrival_remembers_which_faults_hold_it() -> None:
    road = Road(Delay(delay_s=1.0), SetField(field=39, value="91"), Reorder(hold_s=1.0, nth=1), Trickle(nth=2))
    plan = road.send(1)
    assert plan is not None
    assert [each.held_by for each in plan.arrivals] == [("f1", "f3")]
    pieces = road.send(2)
    assert pieces is not None
    assert pieces.arrivals[0].held_by == ("f1",)
    assert {each.held_by for each in pieces.arrivals[1:]} == {("f1", "f4")}
    road.faults.remove("f1", 0.0)
    assert road.faults.holds(("f1", "f3"))
    assert not road.faults.holds(("f1",))
    assert not road.faults.holds(())


def test_mending_one_fault_leaves_the_order_that_another_keeps() -> None:
    road = Road(Delay(delay_s=10.0, nth=1), Lose(mti="0810"))
    road.faults.add("later", Delay(delay_s=10.0, jitter_s=1e-9), 0.0)
    [(_, first, _)] = delivered(road.send(1))
    road.faults.remove("f2", 1.0)
    assert delivered(road.send(2, now=1.0))[0][1] >= first
    road.faults.remove("f1", 1.0)
    assert delivered(road.send(3, now=1.0))[0][1] >= first, "it is still held, by the other delay"


def test_a_value_the_dialect_cannot_carry_is_told_and_the_frame_is_delivered_unchanged() -> None:
    road = Road(SetField(field=4, value="ten"), SetField(field=39, value="91"))
    plan = road.send()
    assert delivered(plan) == [(frame(code="91"), 0.0, "")]
    assert plan is not None
    assert [each.kind for each in plan.facts] == ["set_field", "set_field"]
    assert plan.facts[0].what.startswith("not applied: ")
    assert "DE4" in plan.facts[0].what


def test_bounds_hold_for_records_made_in_python_too() -> None:
    road = Road()
    with pytest.raises(LocalError, match="copies"):
        road.faults.add("f", Duplicate(copies=10_000), 0.0)
    for number in range(FAULTS_MAX):
        road.faults.add(f"f{number}", Lose(), 0.0)
    with pytest.raises(LocalError, match="most"):
        road.faults.add("one more", Lose(), 0.0)


# --- determinism ----------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_plans() -> None:
    assert a_history(7) == a_history(7)
    assert a_history(7) != a_history(8)


def test_plans_do_not_depend_on_hash_order() -> None:
    program = "from tests.faults.road import a_history; print(a_history(7))"
    there = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert there.rstrip("\n") == a_history(7)


def test_one_terminal_does_not_change_what_another_meets() -> None:
    alone, crowded = Road(Lose(probability=0.5)), Road(Lose(probability=0.5))
    expected = [alone.met(terminal="T01") for _ in range(50)]
    got = []
    for _ in range(50):
        crowded.met(terminal="T02")
        got.append(crowded.met(terminal="T01"))
    assert got == expected
