"""The mechanics of the dispenser stub, dry: hands, power, hostile bytes, and where its notes are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.dispenser.lcdm_4000 import HARMS
from firmware_stubs.dispenser.settings import CASSETTES
from firmware_stubs.errors import KeptError, OrderError
from firmware_stubs.outcomes import Tell
from tests.firmware_stubs.dispenser_play import (
    ACK,
    LAST_STATUS,
    NAK,
    PURGE,
    RESET,
    STATUS,
    Play,
    dispense,
    total,
)

DISP = 5


# --- hands and power ------------------------------------------------------------------------------


def test_the_presenter_draws_back_unless_a_hand_is_faster() -> None:
    play = Play()
    play.result(dispense(2))
    play.tells()
    play.order("draw_back").wait(1.0).order("take_cash").wait()
    assert [each.event for each in play.tells()] == ["taken", "retracted"]
    play.result(dispense(2))
    play.tells()
    assert play.order("draw_back").wait().tells() == [Tell("retracted", {"notes": {"1": 2}, "bundle": 2})]
    assert play.seen["retracted"] == {"1": 2}


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"do": "take_cash"}, "no cash within reach"),
        ({"do": "fault", "is": "fire"}, "a fault is not 'fire'; it is one of before, chk_dvt"),
        ({"do": "fault", "is": "03", "often": 2}, "unknown field `often`"),
        ({"do": "fault", "is": "03", "command": "dance"}, "there is no command 'dance'"),
        ({"do": "remove_cassette", "cassette": 9}, "cassette is one of 1, 2, 3, 4, not '9'"),
        ({"do": "insert_cassette", "cassette": 1}, "in its place already"),
        ({"do": "fill", "cassette": 1, "notes": 99999}, "fill needs notes, from 1 to 9000"),
        ({"do": "block", "sensor": "nose"}, "sensor is one of"),
    ],
)
def test_an_order_that_cannot_be_is_refused(order: dict[str, Any], says: str) -> None:
    play = Play()
    with pytest.raises(OrderError, match=says):
        play.core.on_order(order, 0.0)
    assert total(play.seen) == dict.fromkeys("1234", 1000)


def test_a_technician_clears_the_path_and_faults_can_be_forgotten() -> None:
    play = Play().order("fault", **{"is": "dvt_ejt"}).order("fault", **{"is": "dvt_ejt"})
    assert play.result(dispense(1)) == (0x03, {}, {})
    assert play.seen["path"] == {"1": 1}
    play.tells()
    assert play.order("clear_path").tells() == [Tell("purged", {"notes": {"1": 1}})]
    assert play.order("clear_faults").result(dispense(1)) == (0, {"1": 1}, {})


def test_without_a_presenter_nothing_is_drawn_back() -> None:
    with pytest.raises(OrderError, match="without a presenter"):
        Play(has_presenter=False).order("draw_back")


@pytest.mark.parametrize(
    ("settings", "last"),
    [
        ({}, (0x52, 0x20, 2)),
        ({"interrupted": "before"}, (0x51, 0x20, 0)),
        ({"last_status_survives": False}, (0x20, 0x20, 0)),
    ],
)
def test_power_fails_while_notes_move(settings: dict[str, Any], last: tuple[int, int, int]) -> None:
    play = Play(**settings)
    play.result(PURGE)
    play.hear(dispense(5)).wait(0.95).order("power_off")
    assert play.seen["path_at"] == {"dvt": {"1": 1}}
    assert play.tells() == [Tell("presented", {"notes": {"1": 2}, "bundle": 1, "counted": False})]
    play.order("take_cash").order("power_on").wait(2.0).says()
    answer = play.ask(LAST_STATUS)
    assert (answer[4], answer[5], answer[7] - 0x20) == last
    assert play.ask(STATUS)[DISP] == 0x43


def test_what_is_kept_of_another_profile_is_refused() -> None:
    kept = Play().order("fill", cassette="1", notes=1).written
    with pytest.raises(KeptError, match="an lcdm-4000, and this is an lcdm-1000"):
        Play(kept=kept, profile="lcdm-1000")


# --- whatever comes -------------------------------------------------------------------------------

noise = st.binary(max_size=40) | st.sampled_from([ACK, NAK, STATUS, PURGE, RESET, dispense(1), dispense(2, 3)])


@given(st.sampled_from([*CASSETTES]), st.lists(st.tuples(noise, st.sampled_from([0.0, 0.01, 0.3, 5.0])), max_size=30))
def test_hostile_bytes_never_raise_and_lose_no_note(profile: str, heard: list[tuple[bytes, float]]) -> None:
    play = Play(profile=profile, quick_s=0.0)
    for data, pause_s in heard:
        play.hear(data).wait(pause_s)
        assert len(play.core._link._frame) <= 65
        assert total(play.seen) == dict.fromkeys(CASSETTES[profile], 1000)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from([0.3, 0.6, 0.85, 1.3, 9.0])), max_size=12),
    st.sampled_from([*HARMS]),
    st.booleans(),
)
def test_a_machine_made_of_what_another_has_kept_has_all_its_notes(
    acts: list[tuple[int, float]], code: int, pushes_out: bool
) -> None:
    kept: dict[str, Any] = {}
    for number, pause_s in acts:
        play = Play(kept=kept, purge_pushes_out=pushes_out)
        play.order("fault", **{"is": f"{code:02x}", "after": 1, "rejects": 1})
        play.hear(PURGE).wait().hear(dispense(number, 2)).wait(pause_s)
        if play.seen["exit"] and play.seen["is_open"] and number % 2:
            play.order("take_cash")
        kept = play.written or play.core.kept()
        assert total(kept) == dict.fromkeys("1234", 1000)
        assert {**kept, "has_power": True} == play.seen, "nothing has moved that is not kept"
