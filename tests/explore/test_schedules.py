"""Whatever bytes say, they say a drill: valid, fair, and with all of its base that may stay."""

from random import Random

import pytest
from hypothesis import given

from atmbench.audit.verdict import Status
from atmbench.drill.rules import broken_by
from atmbench.explore.dice import Dice
from atmbench.explore.schedules import ACT_BYTES, HEAD_BYTES, drill_of, is_fair, schedule_of
from atmbench.explore.stage import Stage
from atmbench.explore.trial import Asked, run_trial
from atmbench.explore.troubles import troubles_of
from atmbench.run.source import find_drill
from tests.examples import RUNS
from tests.explore.drawn import ACTS, HEADS

BASES = {
    name: find_drill(name).drill
    for name in (
        "primary-cut",
        "secure-primary-cut",  # keys, PINs, chips
        "two-channels-one-customer",
        "posting-position-lost",  # batches
        "unequal-sites",  # a capacity
        "containment",  # regions
        "noisy-serial-lines",
        "stand-in",
    )
}
KINDS = {kind.__name__: name for name, base in BASES.items() for kind in troubles_of(base, Stage(base, 2, 60.0))}
"""Each kind of trouble, and a drill that can have it."""


@pytest.mark.parametrize("name", BASES)
@RUNS
@given(head=HEADS, acts=ACTS)
def test_any_bytes_are_a_valid_and_fair_drill(name: str, head: bytes, acts: list[bytes]) -> None:
    base = BASES[name]
    first = schedule_of(base, (), head, acts)
    for schedule in (first, schedule_of(base, (first,), head, acts)):
        drill = drill_of(base, schedule)
        assert not list(broken_by(drill))
        assert is_fair(drill)
        assert (drill.lines, drill.host, drill.security) == (base.lines, base.host, base.security)
        assert [step.at for step in drill.steps] == sorted(step.at or 0.0 for step in drill.steps)


@pytest.mark.parametrize(("kind", "name"), KINDS.items())
def test_every_trouble_is_valid_by_itself(kind: str, name: str) -> None:
    base, rng = BASES[name], Random(f"{name}/{kind}")
    stage = Stage(base, 4 if len(base.regions) == 0 else base.terminals, 60.0)
    draw = next(each for each in troubles_of(base, stage) if each.__name__ == kind)
    whole = schedule_of(base, (), bytes(HEAD_BYTES), [])
    for _ in range(10):
        act = draw(Dice(rng.randbytes(ACT_BYTES)), stage)
        schedule = type(whole)(len(stage.terminals), 1, 60.0, None, (act,))
        assert not list(broken_by(drill_of(base, schedule)))


@RUNS
@given(head=HEADS, acts=ACTS)
def test_a_sound_system_passes_whatever_is_drawn(head: bytes, acts: list[bytes]) -> None:
    drill = drill_of(BASES["primary-cut"], schedule_of(BASES["primary-cut"], (), head, acts))
    trial = run_trial(Asked(drill, drill.seed))
    assert (trial.status, trial.crash) == (Status.PASS, "")


def test_no_bytes_left_is_the_first_option() -> None:
    dice = Dice(b"\x05")
    assert dice.of("abcd") == "b"
    assert dice.of("abcd") == "a"
    assert dice.moment(2.0, 9.0) == 2.0


def test_books_that_differ_at_the_end_are_not_fair() -> None:
    records_lost = find_drill("records-lost").drill
    assert is_fair(drill_of(records_lost, schedule_of(records_lost, (), bytes(HEAD_BYTES), [])))
    without = [step for step in records_lost.steps if step.reconcile is None]
    assert not is_fair(type(records_lost)(drill="d", proves="p", steps=tuple(without), heal=records_lost.heal))
