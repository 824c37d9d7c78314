"""The Bill-to-Bill stub: transcripts of its line, the document's examples, and power failure at any instant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.catalog import make_core
from firmware_stubs.errors import OrderError
from tests.firmware_stubs.note_acceptor_play import NOTE
from tests.firmware_stubs.recycler_play import (
    ACK,
    DISABLE,
    EMPTY,
    ENABLE,
    ILLEGAL,
    RECOVERY,
    RESET,
    STACK,
    STATUS,
    RecyclerPlay,
    lying,
)

NOTHING_LOST = "00"


def disabled(*notes: int, **settings: Any) -> RecyclerPlay:
    """Notes lie in the escrow cassette, and it is disabled."""
    play = RecyclerPlay(**settings).stacks(*notes)
    assert play.say(DISABLE) == ACK
    return play


def test_power_up_to_idling() -> None:
    play = RecyclerPlay(raw=True)
    assert play.poll() == "100000"
    assert play.say(RECOVERY) == ILLEGAL, "not before it is disabled"
    assert play.say(RESET) == ACK
    assert play.polls(3) == ["130000", "190000"]
    assert play.say(RECOVERY, acknowledge=True) == NOTHING_LOST
    assert play.say(ENABLE) == ACK
    assert play.poll() == "140000"


def test_notes_wait_in_the_escrow_cassette_and_go_into_the_drop_cassette() -> None:
    play = disabled(NOTE, 1_000, NOTE)
    assert play.say(STATUS) == "98039f009f00"
    assert play.say("3d0103") == ACK
    assert play.polls(2) == ["1e0000", "260300", "190000"]
    assert play.seen["cassette"] == {"5000": 2, "1000": 1}
    assert play.say(STATUS) == "98009f009f00"


def test_notes_of_the_escrow_cassette_are_dispensed() -> None:
    play = disabled(NOTE, 1_000)
    assert play.say("3c1802") == ACK
    assert play.polls(2) == ["1d0000", "1d0100"]
    assert play.order("take_bundle").poll(acknowledge=False) == "250000"
    assert [play.poll(), play.poll()] == ["250000", "190000"]
    assert play.seen["taken"] == {"5000": 1, "1000": 1}
    with pytest.raises(OrderError, match="no bundle"):
        play.order("take_bundle")


def test_a_credit_tells_where_the_note_went() -> None:
    play = RecyclerPlay(cassettes=(2, 24), cassette_capacity=1)
    for note, says in [(NOTE, "810201"), (NOTE, "810202"), (1_000, "810000")]:
        play.order("insert_note", value=note).wait(1.5)
        play.say(STACK)
        assert play.wait(2).poll() == says, "its own cassette, the escrow's, the drop cassette"
    assert play.say(STATUS) == "c201d801"
    assert play.say("31") == "ffffff" + "000000" + "000004"


@pytest.mark.parametrize("order", ["3c1803", "3c1800", "3c0001", "3c1f01"])
def test_a_wrong_number_of_notes_moves_nothing(order: str) -> None:
    play = disabled(NOTE)
    assert play.say(order) == ACK
    assert [play.poll(), play.poll()] == ["280000", "190000"]
    assert play.seen["recycling"]["1"] == [NOTE]


def test_more_notes_than_there_are_is_told_and_all_of_them_are_unloaded() -> None:
    play = disabled(NOTE)
    assert play.say("3d0105") == ACK
    assert play.polls(2) == ["1e0100", "260100", "190000"]


@pytest.mark.parametrize("order", ["3c", "3c18", "3d01", "3d0901", EMPTY, "40", "69"])
def test_what_cannot_be_is_illegal(order: str) -> None:
    assert disabled(NOTE).say(order) == ILLEGAL


def test_it_dispenses_and_unloads_only_while_disabled() -> None:
    play = RecyclerPlay().stacks(NOTE)
    assert [play.say("3c1801"), play.say("3d0101")] == [ILLEGAL, ILLEGAL]


@pytest.mark.parametrize("after_s", [0.3, 0.8, 1.05])
def test_power_fails_while_a_note_is_stacked(after_s: float) -> None:
    """In the validator it goes back; in the chassis, or stacked without an ACK, POWER RECOVERY tells of it."""
    play = RecyclerPlay()
    play.order("insert_note", value=NOTE).wait(1.5)
    play.say(STACK)
    play.wait(after_s - 0.06).cut()
    is_back = after_s < 0.5
    assert play.poll() == ("110000" if is_back else "120000" if after_s < 1 else "100000")
    play.say(RESET)
    assert play.polls(5) == (["130000", "180000", "820200", "190000"] if is_back else ["130000", "190000"])
    said = NOTHING_LOST if is_back else "170201"
    assert [play.say(RECOVERY), play.say(RECOVERY, acknowledge=True)] == [said, said]
    assert play.say(RECOVERY) == NOTHING_LOST, "it is acknowledged"


def test_credits_are_lost_if_it_is_enabled_before_it_is_asked() -> None:
    play = RecyclerPlay()
    play.order("insert_note", value=NOTE).wait(1.5)
    play.say(STACK)
    play.wait(0.8).cut().restart()
    assert [play.say(ENABLE), play.say(DISABLE), play.say(RECOVERY)] == [ACK, ACK, NOTHING_LOST]
    assert play.seen["recycling"]["1"] == [NOTE]


def test_what_is_told_once_is_lost_with_its_answer() -> None:
    play = RecyclerPlay(recovery_repeats=False)
    play.order("insert_note", value=NOTE).wait(1.5)
    play.say(STACK)
    play.wait(0.8).cut().restart().order("link_fault", at="answer_lost", command="power_recovery")
    assert [play.say(RECOVERY), play.say(RECOVERY)] == ["", NOTHING_LOST]


def test_the_documents_example_of_a_power_cut_while_dispensing() -> None:
    """5 of type 0, 3 of type 3 and 10 of the 12 from the escrow, 3 of type 1 and 7 of type 5, had come out."""
    kinds = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
    play = RecyclerPlay(bills_minor=kinds, cassettes=(0, 3, 24), channel_goes="cassette")
    play.stacks(*[1_000] * 5, *[10_000] * 3, *[5_000] * 2, *[2_000] * 3, *[50_000] * 7)
    play.say(DISABLE)
    assert play.say("3c 0005 0303 180c") == ACK
    play.wait(0.3 * 18 + 0.1).cut()
    assert play.poll() == "120000"
    play.restart()
    assert play.say(RECOVERY) == "3c" + "8005 8303 980c 0005 0103 0303 0507".replace(" ", "")


def test_the_documents_example_of_a_power_cut_while_unloading() -> None:
    kinds = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
    play = RecyclerPlay(bills_minor=kinds, cassettes=(31, 24))
    play.stacks(*[10_000] * 5, *[50_000] * 7)
    play.say(DISABLE)
    assert play.say("3d 020c") == ACK
    play.wait(0.3 * 9 + 0.1).cut().restart()
    assert play.say(RECOVERY, acknowledge=True) == "3d020c03030507"
    assert play.say(RECOVERY) == NOTHING_LOST
    assert play.seen["cassette"] == {"50000": 7, "10000": 3}
    assert play.say(STATUS) == "9f009802"


@pytest.mark.parametrize(("goes", "moved"), [("dispenser", 2), ("cassette", 1)])
def test_what_is_in_the_dispenser_comes_out_by_order(goes: str, moved: int) -> None:
    play = disabled(NOTE, NOTE, NOTE, channel_goes=goes)
    play.say("3c1803")
    play.wait(0.35).cut().restart()
    assert play.say(RECOVERY, acknowledge=True) == f"3c980302{moved:02x}"
    assert play.say(RECOVERY, acknowledge=True) == f"3c980302{moved:02x}", "until they are out"
    assert play.say(EMPTY) == ACK
    assert play.polls(1) == ["1d0000", "1d0100"]
    assert play.order("take_bundle").polls(0.5) == ["250000", "190000"]
    assert play.say(RECOVERY) == NOTHING_LOST
    assert (play.seen["taken"], len(play.seen["recycling"]["1"])) == ({"5000": moved}, 3 - moved)


def test_enabling_it_with_notes_in_the_dispenser_is_a_failure() -> None:
    play = disabled(NOTE, NOTE, dispenser_failure=0xC0)
    play.say("3c1802")
    play.wait(0.35).cut().restart()
    assert play.say(ENABLE) == ACK
    assert play.poll() == "47c000"
    play.restart()
    assert play.say(RECOVERY) == "3c98020202"


def test_a_bundle_can_be_taken_without_power_and_then_nothing_was_lost() -> None:
    play = disabled(NOTE)
    play.say("3c1801")
    play.wait(1).order("power_off").order("take_bundle").wait(1).order("power_on").wait(1).restart()
    assert play.say(RECOVERY) == NOTHING_LOST
    assert play.seen["taken"] == {"5000": 1}


def test_a_jam_on_the_way_out() -> None:
    play = disabled(NOTE, NOTE).order("fault", **{"is": "jam_moving"})
    play.say("3d0102")
    assert play.polls(1) == ["1e0000", "430000"]
    assert play.order("clear_jam").poll() == "190000"
    assert play.say("3d0101") == ILLEGAL, "the order before is not settled"
    assert play.say(RECOVERY, acknowledge=True) == "3d0102"
    assert play.say("3d0101") == ACK
    assert play.wait(1).seen["cassette"] == {"5000": 1}
    assert lying(play.seen) == play.seen["brought"]


@pytest.mark.parametrize("cassettes", [(), (25,), (7,), (24,) * 17])
def test_cassettes_that_cannot_be(cassettes: tuple[int, ...]) -> None:
    with pytest.raises(OrderError):
        make_core("bill-to-bill", {"cassettes": cassettes, "bills_minor": [1_000]}, {})


ACTS = [
    "off",
    "note",
    "stack",
    "return",
    "reset",
    "dispense",
    "unload",
    "recover",
    "empty",
    "take",
    "enable",
    "disable",
]
SAID = {
    "stack": STACK,
    "return": "36",
    "reset": RESET,
    "dispense": "3c1802",
    "unload": "3d0102",
    "recover": RECOVERY,
    "empty": EMPTY,
    "enable": ENABLE,
    "disable": DISABLE,
}


@given(st.lists(st.tuples(st.floats(0, 2), st.sampled_from(ACTS)), max_size=20), st.booleans())
def test_power_failure_at_any_instant_neither_makes_nor_loses_notes(acts: list[tuple[float, str]], back: bool) -> None:
    goes = "cassette" if back else "dispenser"
    play = RecyclerPlay(channel_goes=goes).stacks(NOTE, 1_000)
    for wait_s, act in acts:
        play.wait(wait_s)
        if act == "off":
            play.core = play.make({"channel_goes": goes}, play.written)  # killed: it comes up with what was written
        elif act == "note" and play.seen["state"] == "idling" and not play.seen["bezel"]:
            play.order("insert_note", value=NOTE)
        elif act == "take" and play.seen["exit"]:
            play.order("take_bundle")
        elif act in SAID:
            play.say(SAID[act], acknowledge=act == "recover")
            play.poll()
        assert lying(play.seen) == play.seen["brought"]
    play.wait(20)
    assert lying(play.seen) == play.seen["brought"]
