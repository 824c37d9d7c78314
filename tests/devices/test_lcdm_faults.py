"""The driver of Puloon dispensers under wire faults, pulled plugs and power failures: true or unknown, never else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.terminal import inputs
from atmbench.terminal.inputs import CashTaken, DispenserReported
from firmware_stubs.faults import Stage
from tests.devices.lcdm_play import KEY, NEXT_KEY, VALUES_MINOR, Play
from tests.devices.play import ended

STATUS, PURGE, DISPENSE, LAST_STATUS, RESET = 0x50, 0x51, 0x52, 0x55, 0x44
PILES = ("cassettes", "path", "exit", "rejected", "retracted", "taken")
LONG_S = 200.0
POWER: list[dict[str, Any]] = [{}, {"interrupted": "before"}, {"last_status_survives": False}]


def check_notes(play: Play) -> None:
    """No note is lost or made, and the facts say where they went."""
    seen = play.wire.seen
    for name, number in play.cassettes.items():
        assert sum(seen[pile].get(name, 0) for pile in PILES) == number
    told_minor = {"taken": 0, "retracted": 0, "rejected": 0}
    for fact in play.facts:
        if isinstance(fact, facts.CashTaken):
            told_minor["taken"] += fact.amount_minor
        elif isinstance(fact, facts.CashRetracted):
            told_minor["retracted"] += fact.amount_minor
        elif isinstance(fact, facts.CashPurged):
            told_minor["rejected"] += fact.amount_minor
    for pile, amount_minor in told_minor.items():
        assert amount_minor == sum(VALUES_MINOR[name] * number for name, number in seen[pile].items())


def check_said(play: Play, asked: dict[str, int]) -> str:
    """What it told of the first order is true, or unknown. Returns the status."""
    (given,) = (each for each in play.inputs if isinstance(each, inputs.DispenseEnded))
    seen = play.wire.seen
    out = {name: seen["exit"].get(name, 0) + seen["taken"].get(name, 0) for name in play.cassettes}
    truly = {name: number for name, number in out.items() if number}
    if given.status != "unknown":
        assert given.notes == truly
        assert given.status == ("presented" if truly == asked else "short" if truly else "refused")
    return given.status


# --- the wire -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["status", "purge", "dispense", "last_status"])
@pytest.mark.parametrize("at", [*Stage])
@pytest.mark.parametrize("times", [1, 2, 3, 10])
def test_whatever_the_wire_does_what_is_said_is_true(at: Stage, command: str, times: int) -> None:
    play = Play()
    play.order("link_fault", at=at.value, command=command, times=times, late_s=3.0 if at is Stage.ANSWER_LATE else 0.0)
    if command == "last_status":
        play.order("fault", **{"is": "dvt_ejt", "after": 1})
    play.dispense(c1=2, c2=1).until(LONG_S)
    status = check_said(play, {"1": 2, "2": 1})
    check_notes(play)
    if times == 1:
        assert status == ("short" if command == "last_status" else "presented"), "one fault is mended"
    if command == "dispense" and status == "presented":
        assert play.inputs[-1] == CashTaken(KEY)


@pytest.mark.parametrize("at", [*Stage])
@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize("profile", ["lcdm-1000", "lcdm-2000"])
def test_without_last_status_it_is_true_or_unknown_too(at: Stage, times: int, profile: str) -> None:
    play = Play(profile=profile)
    play.order("link_fault", at=at.value, command="dispense", times=times, late_s=3.0)
    play.dispense(c1=3).until(LONG_S)
    status = check_said(play, {"1": 3})
    check_notes(play)
    assert status == "presented" or at is Stage.NO_ACK or times == 10


def test_an_order_that_never_came_is_sent_again_and_one_that_did_is_not() -> None:
    play = Play().order("link_fault", at="no_ack", command="dispense")
    play.codes()
    play.dispense(c1=2).until(20.0)
    assert play.codes()[:6] == [STATUS, PURGE, DISPENSE, LAST_STATUS, STATUS, DISPENSE]
    play.order("link_fault", at="answer_lost", command="dispense", times=10)
    play.dispense(NEXT_KEY, c1=2).until(60.0)
    codes = play.codes()
    assert (codes.count(DISPENSE), codes.count(LAST_STATUS), codes.count(RESET)) == (1, 1, 0)
    assert [each.status for each in play.heard() if isinstance(each, inputs.DispenseEnded)] == ["presented"] * 2
    assert play.driver.lying().cassettes == {"1": 96, "2": 50}


def test_a_plug_that_was_pulled_before_the_order_makes_no_doubt() -> None:
    play = Play().order("unplug").until(1.0).order("plug").until(5.0)
    play.order("link_fault", at="no_ack", command="dispense").dispense(c1=2).until(20.0)
    assert check_said(play, {"1": 2}) == "presented"


def test_one_that_does_not_say_what_it_has_done_is_reset_before_it_is_unknown() -> None:
    play = Play()
    play.order("link_fault", at="ack_lost", command="dispense").order(
        "link_fault", at="answer_lost", command="dispense"
    )
    play.order("link_fault", at="no_ack", command="last_status", times=1000)
    play.codes()
    play.dispense(c1=2).until(LONG_S)
    assert RESET in play.codes()
    assert check_said(play, {"1": 2}) == "unknown"
    assert play.driver.condition.state == "online", "it still tells its status"


def test_a_silent_one_is_called_until_it_is_back() -> None:
    play = Play().order("power_off")
    assert play.dispense(c1=1).until(10.0).heard() == [ended("refused", "the dispenser does not answer", key=KEY)]
    assert play.driver.condition.state == "offline"
    play.until(60.0).order("power_on").until(20.0)
    assert play.driver.condition.state == "online"
    states = [fact.state for fact in play.told() if isinstance(fact, facts.DeviceStateChanged)]
    assert states == ["offline", "online"]


@given(
    after_s=st.floats(0.0, 8.0),
    gone_s=st.floats(0.0, 200.0),
    what=st.sampled_from(["plug", "its power", "both"]),
    settings=st.sampled_from(POWER),
)
def test_plug_or_power_of_the_machine_may_go_at_any_time(
    after_s: float, gone_s: float, what: str, settings: dict[str, Any]
) -> None:
    play = Play(**settings).dispense(c1=3, c2=2).until(after_s)
    ways = {"plug": [("unplug", "plug")], "its power": [("power_off", "power_on")]}
    orders = ways.get(what) or [*ways["plug"], *ways["its power"]]
    for gone, _ in orders:
        play.order(gone)
    play.until(gone_s)
    for _, back in orders:
        play.order(back)
    play.until(LONG_S)
    check_said(play, {"1": 3, "2": 2})
    check_notes(play)
    assert play.driver.condition.state in ("online", "hardwareError")
    play.driver.retract(KEY, play.now)
    play.driver.purge(KEY, play.now)
    play.until(LONG_S).heard()
    assert play.dispense(NEXT_KEY, c1=1).until(LONG_S).heard() == [
        ended("presented", key=NEXT_KEY, c1=1),
        CashTaken(NEXT_KEY),
    ]


def test_a_pulled_plug_is_told() -> None:
    play = Play().order("unplug").until(1.0)
    assert play.driver.condition.state == "noDevice"
    play.dispense(c1=1).until(10.0)
    assert play.heard() == [ended("refused", "the dispenser does not answer", key=KEY)]
    assert play.order("plug").until(5.0).driver.condition.state == "online"


# --- power ----------------------------------------------------------------------------------------


def power_cut(play: Play, after_s: float, off_s: float) -> DispenserReported:
    """Power fails so long after an order, and the terminal asks what became of it."""
    play.dispense(c1=3, c2=2).until(after_s).power_fails()
    play.heard()
    play.until(off_s).power_comes()
    play.driver.query(KEY, play.now)
    play.until(LONG_S)
    (reported,) = (each for each in play.inputs if isinstance(each, DispenserReported))
    return reported


@given(after_s=st.floats(0.0, 12.0), off_s=st.floats(0.0, 30.0), settings=st.sampled_from(POWER), takes=st.booleans())
def test_after_a_power_failure_it_says_what_is_true_or_that_notes_moved(
    after_s: float, off_s: float, settings: dict[str, Any], takes: bool
) -> None:
    play = Play(takes=takes, **settings)
    reported = power_cut(play, after_s, off_s)
    check_notes(play)
    seen = play.wire.seen
    truly_out = {name: seen["exit"].get(name, 0) + seen["taken"].get(name, 0) for name in ("1", "2")}
    if reported.stage in ("presented", "taken"):
        assert reported.notes == truly_out == {"1": 3, "2": 2}
        assert takes or reported.stage == "presented"
    elif reported.stage in ("idle", "refused"):
        assert truly_out == {"1": 0, "2": 0}
    else:
        assert (reported.stage, reported.notes) == ("moving", {})
    check_serves_again(play)


def check_serves_again(play: Play) -> None:
    play.driver.purge(KEY, play.now)
    play.driver.retract(KEY, play.now)
    play.until(LONG_S).heard()
    assert play.wire.seen["path"] == play.wire.seen["exit"] == {}
    play.dispense(NEXT_KEY, c1=1).until(LONG_S)
    assert play.heard()[0] == ended("presented", key=NEXT_KEY, c1=1)


@pytest.mark.parametrize(
    ("after_s", "settings", "stage"),
    [
        (1.0, {}, "idle"),
        (3.0, {}, "moving"),
        (3.0, {"interrupted": "before"}, "moving"),
        (3.0, {"last_status_survives": False}, "moving"),
        (3.7, {}, "presented"),
        (3.7, {"last_status_survives": False}, "moving"),
        (9.0, {"last_status_survives": False}, "presented"),
    ],
)
def test_presented_is_said_only_if_the_machine_says_so(after_s: float, settings: dict[str, Any], stage: str) -> None:
    assert power_cut(Play(takes=False, **settings), after_s, 10.0).stage == stage


def test_what_was_taken_while_power_was_gone_was_taken_by_a_hand() -> None:
    play = Play().dispense(c1=2).until(4.0).power_fails()
    assert play.until(10.0).told()[-1] == facts.CashTaken(key=KEY, amount_minor=2000)
    play.heard()
    play.power_comes().driver.query(KEY, play.now)
    assert play.until(10.0).heard() == [DispenserReported(key=KEY, stage="taken", notes={"1": 2})]


@pytest.mark.parametrize(("after_s", "stage"), [(0.5, "presented"), (2.04, "moving"), (5.0, "retracted")])
def test_power_fails_while_notes_are_drawn_back(after_s: float, stage: str) -> None:
    play = Play(takes=False).dispense(c1=2).until(10.0)
    play.driver.retract(KEY, play.now)
    play.until(after_s).power_fails().until(5.0).power_comes().heard()
    play.driver.query(KEY, play.now)
    assert play.until(10.0).heard() == [DispenserReported(key=KEY, stage=stage, notes={"1": 2})]
    check_notes(play)


def test_one_that_is_dead_after_a_power_failure_in_mid_retract_has_said_nothing() -> None:
    play = Play(takes=False).dispense(c1=2).until(10.0)
    play.driver.retract(KEY, play.now)
    play.until(1.0).power_fails().until(5.0).power_comes().order("power_off").heard()
    play.driver.query(KEY, play.now)
    assert play.until(LONG_S).heard() == [DispenserReported(key=KEY, stage="moving", notes={"1": 2})]


@given(
    profile=st.sampled_from(["lcdm-1000", "lcdm-2000"]),
    after_s=st.floats(0.0, 8.0),
    faults=st.lists(st.sampled_from(["33", "36", "35", "3c", "44", "skewed", "double_pick", "miscount"]), max_size=2),
)
def test_a_small_one_loses_no_note_either(profile: str, after_s: float, faults: list[str]) -> None:
    play = Play(profile=profile)
    for what in faults:
        play.order("fault", **{"is": what, "after": 1})
    play.dispense(c1=4).until(after_s).power_fails().until(5.0).power_comes()
    play.driver.query(KEY, play.now)
    play.until(LONG_S)
    check_notes(play)
    (reported,) = (each for each in play.inputs if isinstance(each, DispenserReported))
    if reported.stage in ("presented", "taken"):
        assert reported.notes == {"1": play.wire.seen["exit"].get("1", 0) + play.wire.seen["taken"].get("1", 0)}
