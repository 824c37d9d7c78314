"""The driver of a CCNET validator against the stub: deposits, faults of the wire, and power failure at any instant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.devices.ccnet_kept import Kept, Stage
from atmbench.devices.ccnet_words import Says, Seen
from atmbench.devices.states import DeviceState
from atmbench.terminal import inputs
from tests.devices.ccnet_play import KEY, NEXT_KEY, NOTE, Play
from tests.firmware_stubs.note_acceptor_play import piled

COUNTED = inputs.DepositCounted({NOTE: 1})
NOTHING = inputs.DepositCounted({})
STORED, BACK = inputs.DepositStored(KEY), inputs.DepositReturned(KEY)
ACCEPTED, RETURNED = ("CashAccepted", KEY, NOTE), ("CashReturned", KEY, NOTE)


def held(**settings: Any) -> Play:
    """A note is in escrow."""
    play = Play(**settings).count(NOTE).until(5)
    assert play.heard() == [COUNTED]
    return play


def test_a_note_is_counted_and_stored() -> None:
    play = held().store().until(5)
    assert play.heard() == [STORED]
    assert play.moved() == [ACCEPTED]
    assert play.codes() == [0x34, 0x35, 0x34]
    assert play.driver.deposited() == {NOTE: 1}
    assert play.reported() == "stored"
    play.query(NEXT_KEY).until(1)
    assert play.heard() == [inputs.EscrowReported(key=NEXT_KEY, stage="empty")]


def test_a_note_is_counted_and_given_back() -> None:
    play = held().give_back().until(5)
    assert play.heard() == [BACK]
    assert play.moved() == [RETURNED]
    assert play.driver.deposited() == {}
    assert play.wire.seen["taken"] == {"5000": 1}
    assert play.reported() == "returned"
    play.count(NOTE, key=NEXT_KEY).until(5)
    assert play.heard() == [COUNTED]


def test_of_a_real_one_the_wire_tells_what_happens_to_money() -> None:
    play = Play(is_real=True).count().until(2).order("insert_note", value=NOTE).until(3).store().until(5)
    assert play.heard() == [COUNTED, STORED]
    assert play.moved() == [ACCEPTED]
    assert play.driver.deposited() == {NOTE: 1}
    play.count(key=NEXT_KEY).until(2).order("insert_note", value=NOTE).until(3).give_back(NEXT_KEY).until(5)
    assert play.moved() == [("CashReturned", NEXT_KEY, NOTE)]


def test_a_note_is_held_as_long_as_the_host_thinks() -> None:
    play = held().until(120).store().until(5)
    assert play.heard() == [STORED]


def test_only_one_note_is_taken_and_that_is_told() -> None:
    play = Play().count(NOTE, NOTE, NOTE).until(5)
    assert play.heard() == [COUNTED]
    assert play.failures() == ["tooManyItems"]
    assert play.wire.seen["brought"] == {"5000": 1}


def test_a_note_is_held_when_it_has_been_read_twice() -> None:
    """A late answer may tell of the note before."""
    unit = Play().driver.unit
    unit.kept = Kept(KEY, was_enabled=True)
    stages = []
    for kind in (0, 2, 2):
        unit._enter(Seen(Says.ESCROW, kind))
        stages.append(unit.kept.stage)
    assert stages == [Stage.COMING, Stage.COMING, Stage.HELD]
    assert unit.kept.value_minor == NOTE


def test_an_unknown_note_comes_back() -> None:
    play = Play().count(3_300).until(5)
    assert play.heard() == [NOTHING]
    play.give_back().until(5)
    assert play.heard() == [BACK]
    assert play.moved() == [("CashReturned", KEY, 3_300)]


def test_a_customer_who_puts_nothing_in() -> None:
    play = Play().count().until(40)
    assert play.heard() == [NOTHING]
    play = Play().count().until(3).give_back().until(5)
    assert play.heard() == [NOTHING, BACK], "the terminal could not wait"
    assert play.wire.core.seen()["state"] == "disabled"


@pytest.mark.parametrize("stage", ["no_ack", "nak", "answer_lost", "answer_damaged", "answer_late", "end_lost"])
@pytest.mark.parametrize("command", ["poll", "credit", "enable", "stack", "return", "hold"])
@pytest.mark.parametrize("times", [1, 4])
def test_whatever_fails_on_the_wire_money_is_right(stage: str, command: str, times: int) -> None:
    late = {"late_s": 0.7} if stage == "answer_late" else {}
    play = Play().order("link_fault", at=stage, command=command, times=times, **late).count(NOTE).until(22)
    assert play.heard() == [COUNTED]
    play.store().until(25)
    assert play.heard() == [STORED]
    play.count(NOTE, key=NEXT_KEY).until(20).give_back(NEXT_KEY).until(25)
    assert play.heard() == [COUNTED, inputs.DepositReturned(NEXT_KEY)]
    assert play.moved() == [ACCEPTED, ("CashReturned", NEXT_KEY, NOTE)]
    assert play.driver.deposited() == play.driver.unit.stored == {NOTE: 1}


def test_a_credit_whose_ack_is_lost_counts_once_even_after_power_failure() -> None:
    play = held(credit_survives=True)
    play.order("link_fault", at="end_lost", command="credit", times=100).store().until(3)
    assert play.heard() == [STORED]
    play.power_fails().until(5).power_comes().until(10)
    assert play.order("clear_link_faults").until(100).moved() == [ACCEPTED]
    assert play.reported() == "stored"
    play.count(NOTE, key=NEXT_KEY).until(5).store(NEXT_KEY).until(5)
    assert play.heard() == [COUNTED, inputs.DepositStored(NEXT_KEY)]
    assert play.driver.unit.stored == {NOTE: 2}


@pytest.mark.parametrize(
    ("survives", "after_s", "says"),
    [(False, 0.3, "returned"), (False, 0.8, "stored"), (True, 1.05, "stored"), (False, 1.05, "moving")],
)
def test_power_fails_while_a_note_is_stacked(survives: bool, after_s: float, says: str) -> None:
    play = held(credit_survives=survives).order("link_fault", at="no_ack", command="credit", times=100).store()
    play.until(after_s).power_fails().order("clear_link_faults").until(10).power_comes()
    assert play.reported() == says
    assert play.moved() == [RETURNED if says == "returned" else ACCEPTED]


def test_power_fails_with_a_note_in_escrow() -> None:
    play = held().power_fails().until(10).power_comes().give_back().until(20)
    assert play.heard() == [BACK]
    assert play.moved() == [RETURNED]


@pytest.mark.parametrize("harm", ["jam_cassette", "cheat"])
def test_what_cannot_be_known_is_not_told(harm: str) -> None:
    play = held().order("fault", **{"is": harm}).store().until(60)
    assert play.heard() == []
    assert play.reported() == ("moving")
    play.give_back().until(60)
    assert play.heard() == []


@pytest.mark.parametrize("harm", ["jam_validator", "jam_returning"])
def test_a_note_that_is_jammed_is_not_told_to_be_back(harm: str) -> None:
    play = Play().order("fault", **{"is": harm}).count(NOTE).until(40).give_back().until(60)
    assert BACK not in play.heard()
    assert play.driver.condition.state is DeviceState.HARDWARE_ERROR
    assert play.driver.deposited() == {NOTE: 1}
    play.count(NOTE, key=NEXT_KEY).until(40)
    assert play.heard() == [NOTHING]


def test_the_cassette_is_out_or_full() -> None:
    play = Play(capacity=1).order("remove_cassette").count(NOTE).until(40).give_back().until(5)
    assert play.heard() == [NOTHING, BACK]
    assert play.driver.condition.state is DeviceState.USER_ERROR
    play.order("insert_cassette").until(10).count(NOTE).until(5).store().until(5)
    assert play.heard() == [COUNTED, STORED]
    play.count(NOTE, key=NEXT_KEY).until(40)
    assert play.heard() == [NOTHING]
    assert "cashInUnitFull" in play.failures()


def test_it_is_unplugged() -> None:
    play = held().order("unplug").until(2)
    play.store().until(3).order("plug").until(30)
    assert play.heard() == [STORED]
    states = [each.state for each in play.told() if isinstance(each, facts.DeviceStateChanged)]
    assert states == ["noDevice", "online"]


def test_a_unit_that_nobody_uses_is_left_in_peace() -> None:
    play = Play().until(600)
    assert len([way for way, data in play.wire.said if way == ">" and data[3] == 0x33]) <= 11


@given(
    st.lists(st.floats(0.0, 9.0), min_size=1, max_size=3),
    st.sampled_from(["store", "give_back"]),
    st.booleans(),
)
def test_power_failure_at_any_instant(instants: list[float], then: str, survives: bool) -> None:
    play = Play(credit_survives=survives).count(NOTE)
    at = 0.0
    has_begun = False
    for instant in sorted(instants):
        if instant >= 3.0 > at:
            play.until(3.0 - at)
            at = 3.0
            if COUNTED in play.heard():
                has_begun = True
                (play.store if then == "store" else play.give_back)()
        play.until(instant - at).power_fails().until(1).power_comes()
        at = instant
    stage = play.reported()
    seen = play.wire.core.seen()
    assert piled(seen) == seen["brought"]
    moved = play.moved()
    assert moved in ([], [ACCEPTED], [RETURNED])
    assert bool(seen["cassette"]) is (moved == [ACCEPTED])
    if stage == "stored":
        assert moved == [ACCEPTED]
    elif stage in ("returned", "empty"):
        assert moved in ([], [RETURNED])
    else:
        assert stage == "moving"
        assert has_begun
        assert then == "store"
    assert play.driver.unit.stored == ({NOTE: 1} if stage == "stored" else {})


STAGES = ["no_ack", "nak", "answer_lost", "answer_damaged", "answer_late", "end_lost"]
COMMANDS = ["", "poll", "credit", "stack", "return", "hold", "reset"]
FAULTS = st.tuples(st.sampled_from(STAGES), st.sampled_from(COMMANDS), st.integers(1, 6), st.floats(0.1, 3.0))
MISHAPS = st.tuples(st.floats(0.0, 6.0), st.one_of(FAULTS, st.just("power"), st.binary(min_size=1, max_size=12)))


def befall(play: Play, mishap: object) -> None:
    if mishap == "power":
        play.power_fails().until(3).power_comes()
    elif isinstance(mishap, bytes):
        play.driver.on_bytes(mishap, play.now)
        play.settle()
    else:
        assert isinstance(mishap, tuple)
        stage, command, times, late_s = mishap
        late = {"late_s": late_s} if stage == "answer_late" else {}
        play.order("link_fault", at=stage, command=command, times=times, **late)


def check_what_was_told(play: Play, told: list[inputs.Input]) -> None:
    """What the driver tells is true of the stub's boxes, as long as nobody orders anything else."""
    seen = play.wire.core.seen()
    assert piled(seen) == seen["brought"]
    inside = seen["validator"] or seen["stacker"]
    for each in told:
        stage = each.stage if isinstance(each, inputs.EscrowReported) else ""
        if isinstance(each, inputs.DepositStored) or stage == "stored":
            assert (seen["cassette"], inside) == ({"5000": 1}, 0)
        elif isinstance(each, inputs.DepositReturned) or stage == "returned":
            assert (seen["cassette"], inside) == ({}, 0)


@given(
    st.lists(MISHAPS, max_size=3),
    st.lists(MISHAPS, max_size=4),
    st.sampled_from(["store", "give_back"]),
    st.sampled_from([{}, {"credit_survives": True}, {"credit_repeats": False}]),
)
def test_what_is_told_is_true_whatever_happens(
    before: list[tuple[float, Any]], after: list[tuple[float, Any]], then: str, settings: dict[str, Any]
) -> None:
    play = Play(**settings).count(NOTE)
    told: list[inputs.Input] = []
    for wait_s, mishap in before:
        befall(play.until(wait_s), mishap)
        told += play.heard()
    told += play.until(60).heard()
    act = play.store if then == "store" and COUNTED in told else play.give_back
    act()
    for wait_s, mishap in after:
        befall(play.until(wait_s), mishap)
        check_what_was_told(play, play.heard())
    act().until(90)
    check_what_was_told(play, play.heard())
    play.query().until(60)
    check_what_was_told(play, play.heard())
