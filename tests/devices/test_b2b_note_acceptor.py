"""The driver of a Bill-to-Bill recycler against the stub: deposits of several notes, and what goes wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.devices.b2b_kept import Kept
from atmbench.devices.b2b_words import CASSETTE_STATUS
from atmbench.devices.ccnet_kept import Stage
from atmbench.devices.ccnet_words import Says, Seen
from atmbench.devices.states import DeviceState
from atmbench.terminal import inputs
from firmware_stubs.note_acceptor.recycler import BillToBill
from tests.devices.b2b_play import KEY, NEXT_KEY, NOTE, SMALL, Play
from tests.firmware_stubs.recycler_play import lying

NOTES = (NOTE, SMALL, NOTE)
VALUE_MINOR = sum(NOTES)
COUNTED = inputs.DepositCounted({NOTE: 2, SMALL: 1})
NOTHING = inputs.DepositCounted({})
STORED, BACK = inputs.DepositStored(KEY), inputs.DepositReturned(KEY)
ACCEPTED, RETURNED = {"CashAccepted": VALUE_MINOR, "CashReturned": 0}, {"CashAccepted": 0, "CashReturned": VALUE_MINOR}


def held(**settings: Any) -> Play:
    """Three notes are in the escrow cassette."""
    play = Play(**settings).count(*NOTES).until(20)
    assert play.heard() == [COUNTED]
    play.wire.said.clear()
    return play


def test_notes_are_counted_and_stored() -> None:
    play = held().store().until(20)
    assert play.heard() == [STORED]
    assert play.sums() == ACCEPTED
    assert [code for code in play.codes() if code != 0x3B] == [0x3D]
    assert play.driver.deposited() == play.driver.stored == {NOTE: 2, SMALL: 1}
    assert play.wire.seen["recycling"]["1"] == []
    assert play.reported() == "stored"
    play.query(NEXT_KEY).until(1)
    assert play.heard() == [inputs.EscrowReported(key=NEXT_KEY, stage="empty")]


def test_the_same_notes_are_given_back() -> None:
    play = held().give_back().until(20)
    assert play.heard() == [BACK]
    assert play.sums() == RETURNED
    assert [code for code in play.codes() if code != 0x3B] == [0x3C]
    assert play.driver.deposited() == {}
    assert play.wire.seen["taken"] == {"5000": 2, "1000": 1}
    assert play.reported() == "returned"


def test_of_a_real_one_the_wire_tells_what_happens_to_money() -> None:
    play = Play(is_real=True).count().until(3)
    for note in NOTES:
        play.order("insert_note", value=note).until(4)
    play.until(30)
    assert play.heard() == [COUNTED]
    assert play.driver.deposited() == {NOTE: 2, SMALL: 1}
    play.store().until(20)
    assert (play.heard(), play.sums()) == ([STORED], ACCEPTED)
    play.count(key=NEXT_KEY).until(3).order("insert_note", value=NOTE).until(35).give_back(NEXT_KEY).until(5)
    play.order("take_bundle").until(5)
    assert play.moved() == [("CashReturned", NEXT_KEY, NOTE)]


def test_no_more_notes_than_can_be_given_back_at_once() -> None:
    play = Play().count(*[NOTE] * 22).until(120)
    assert play.heard() == [inputs.DepositCounted({NOTE: 20})]
    assert play.failures() == ["tooManyItems"]
    play.give_back().until(60)
    assert play.heard() == [BACK]


def test_a_note_that_is_rejected_comes_back_and_the_others_count() -> None:
    play = Play().count(NOTE, 3_300, SMALL).until(30)
    assert play.heard() == [inputs.DepositCounted({NOTE: 1, SMALL: 1})]
    assert play.moved() == [("CashReturned", KEY, 3_300)]
    assert play.failures() == []


def test_a_customer_who_puts_nothing_in() -> None:
    play = Play().count().until(60)
    assert play.heard() == [NOTHING]
    play.count().until(3).give_back().until(10)
    assert play.heard() == [NOTHING, BACK], "the terminal could not wait"
    assert play.wire.core.seen()["state"] == "disabled"


def test_a_deposit_that_must_go_back_while_notes_come_in() -> None:
    play = Play().count(*NOTES).until(4).give_back().until(20)
    (counted, back) = play.heard()
    assert isinstance(counted, inputs.DepositCounted)
    assert back == BACK
    assert play.driver.deposited() == {}


@pytest.mark.parametrize("stage", ["no_ack", "nak", "answer_lost", "answer_damaged", "answer_late", "end_lost"])
@pytest.mark.parametrize("command", ["poll", "credit", "stack", "cassette_status", "unload", "dispense"])
def test_whatever_fails_on_the_wire_money_is_right(stage: str, command: str) -> None:
    times, late = 4, {"late_s": 0.7} if stage == "answer_late" else {}
    play = Play().order("link_fault", at=stage, command=command, times=times, **late).count(*NOTES).until(60)
    assert play.heard() == [COUNTED]
    play.store().until(60)
    assert play.heard() == [STORED]
    play.order("link_fault", at=stage, command=command, times=times, **late).count(*NOTES, key=NEXT_KEY).until(60)
    play.give_back(NEXT_KEY).until(60)
    assert play.heard() == [COUNTED, inputs.DepositReturned(NEXT_KEY)]
    assert play.sums() == {"CashAccepted": VALUE_MINOR, "CashReturned": VALUE_MINOR}
    assert play.driver.deposited() == play.driver.stored == {NOTE: 2, SMALL: 1}


@pytest.mark.parametrize("stage", ["no_ack", "answer_lost", "answer_damaged", "answer_late", "end_lost"])
@pytest.mark.parametrize("then", ["store", "give_back"])
@pytest.mark.parametrize("after_s", [0.1, 0.75, 2.5])
def test_power_fails_and_the_machine_can_hardly_be_asked(then: str, stage: str, after_s: float) -> None:
    play = held()
    late = {"late_s": 3.0} if stage == "answer_late" else {}
    play.order("link_fault", at=stage, command="power_recovery", times=2, **late)
    (play.store if then == "store" else play.give_back)()
    play.until(after_s).power_fails().until(5).power_comes().until(60)
    (play.store if then == "store" else play.give_back)()
    play.until(60)
    assert play.heard()[-1] == (STORED if then == "store" else BACK)
    assert play.sums() == (ACCEPTED if then == "store" else RETURNED)


@pytest.mark.parametrize("tenths", range(0, 80, 5))
def test_power_fails_while_notes_come_in(tenths: int) -> None:
    """Whatever had been put in is the customer's again."""
    play = Play().count(*NOTES).until(tenths / 10).power_fails().until(5)
    play.power_comes().until(1).give_back().until(60)
    assert play.heard()[-1] == BACK
    assert play.driver.deposited() == {}
    assert play.wire.core.seen()["cassette"] == {}


def test_a_credit_that_is_told_again_counts_once() -> None:
    play = Play().order("link_fault", at="end_lost", command="credit", times=5).count(NOTE, NOTE).until(30)
    assert play.heard() == [inputs.DepositCounted({NOTE: 2})]


def test_a_credit_whose_ack_is_lost_counts_once_after_power_failure() -> None:
    play = Play().order("link_fault", at="end_lost", command="credit", times=100).count(NOTE, NOTE).until(5)
    assert play.driver.unit.kept.notes == {NOTE: 1}
    play.power_fails().order("clear_link_faults").until(5).power_comes().until(10)
    assert (play.driver.unit.kept.notes, play.failures()) == ({NOTE: 1}, [])
    play.give_back().until(20)
    assert play.heard()[-1] == BACK
    assert play.sums() == {"CashAccepted": 0, "CashReturned": NOTE}


def test_a_note_that_nothing_is_told_of_counts_if_the_escrow_cassette_has_it() -> None:
    """POWER RECOVERY has told of its credit once, and the answer was lost."""
    play = Play(recovery_repeats=False).count(NOTE).until(2.2)
    assert play.driver.unit.kept.is_stacking
    play.order("link_fault", at="answer_lost", command="power_recovery").power_fails().until(5).power_comes().until(10)
    assert (play.driver.unit.kept.notes, play.failures()) == ({NOTE: 1}, [])
    play.give_back().until(20)
    assert play.heard() == [BACK]


def test_a_count_is_believed_when_it_has_been_said_twice() -> None:
    """A late answer may tell of a time before."""
    asking = Play().driver.unit.counted()
    answers = ["98039f00", "98009f00", "98009f00"]
    assert [next(asking), *(asking.send(bytes.fromhex(each)) for each in answers[:2])] == [CASSETTE_STATUS] * 3
    with pytest.raises(StopIteration) as ended:
        asking.send(bytes.fromhex(answers[2]))
    assert ended.value.value == 0


def test_a_credit_of_another_type_is_left_to_the_cassettes() -> None:
    """It may be a late answer about the note before: neither that nor the one awaited is credited."""
    unit = Play().driver.unit
    unit.kept = Kept(KEY, stage=Stage.COMING, coming=2, is_stacking=True)
    unit._enter(Seen(Says.STACKED, 0, 1))
    unit._enter(Seen(Says.STACKED, 2, 1))
    assert (unit.kept.all_notes, unit.kept.is_stacking) == ({}, True)


def test_a_note_is_stacked_when_it_has_been_read_twice() -> None:
    unit = Play().driver.unit
    unit.kept = Kept(KEY, stage=Stage.COMING)
    read = []
    for kind in (0, 2, 2):
        unit._enter(Seen(Says.ESCROW, kind, 0))
        read.append(unit.is_read)
    assert read == [False, False, True]


def test_a_bundle_that_was_in_the_dispenser_is_given_out_after_power_failure() -> None:
    play = held().give_back().until(0.6).power_fails().until(5)
    assert play.wire.core.seen()["dispenser"] == [SMALL]
    play.power_comes().give_back().until(60)
    assert play.heard() == [BACK]
    assert play.sums() == RETURNED
    assert 0x67 in play.codes()


@pytest.mark.parametrize(("order", "then"), [("store", STORED), ("give_back", BACK)])
def test_a_note_that_jams_on_its_way_out_is_not_told_to_have_arrived(order: str, then: inputs.Input) -> None:
    play = held().order("fault", **{"is": "jam_moving", "after": 1})
    (play.store if order == "store" else play.give_back)()
    play.until(120)
    assert play.heard() == []
    assert play.driver.condition.state is DeviceState.HARDWARE_ERROR
    play.order("clear_jam").until(60)
    assert play.reported() == "moving"
    play.count(NOTE, key=NEXT_KEY).until(60)
    assert play.heard() == [inputs.DepositCounted({NOTE: 1})], "it is in use again"
    assert lying(play.wire.core.seen()) == play.wire.core.seen()["brought"]


def test_a_note_that_jams_while_it_is_stacked_makes_the_deposit_unknown() -> None:
    play = Play().order("fault", **{"is": "jam_cassette", "after": 1}).count(*NOTES).until(60)
    assert play.heard() == [NOTHING]
    play.give_back().until(90)
    assert play.heard() == []
    assert play.reported() == "moving"


def test_notes_of_an_earlier_deposit_go_into_the_drop_cassette_first() -> None:
    play = held().count(NOTE, key=NEXT_KEY).until(30)
    assert play.heard() == [inputs.DepositCounted({NOTE: 1})]
    assert play.failures() == ["hardwareError"]
    assert play.wire.seen["cassette"] == {"5000": 2, "1000": 1}


@pytest.mark.parametrize("cassettes", [(31, 31), (24, 2), (24, 24)])
def test_it_needs_one_escrow_cassette_and_no_other(cassettes: tuple[int, ...]) -> None:
    play = Play(cassettes=cassettes).count(NOTE).until(40)
    assert play.heard() == [NOTHING]
    assert "unsupportedData" in play.failures()
    play.give_back().until(5)
    assert play.heard() == [BACK]


def test_the_last_notes_that_fit_into_the_drop_cassette_are_stored() -> None:
    play = Play(capacity=3).count(*NOTES).until(20).store().until(20)
    assert play.heard() == [COUNTED, STORED]
    assert play.sums() == ACCEPTED
    assert play.driver.condition.state is DeviceState.USER_ERROR
    play.count(NOTE, key=NEXT_KEY).until(60).give_back(NEXT_KEY).until(5)
    assert play.heard() == [NOTHING, inputs.DepositReturned(NEXT_KEY)]
    play.order("remove_cassette").order("empty_cassette").order("insert_cassette").until(70)
    play.count(NOTE, key=NEXT_KEY).until(20)
    assert play.heard() == [inputs.DepositCounted({NOTE: 1})]


def test_a_note_that_found_no_room_cannot_be_given_back() -> None:
    play = Play(cassette_capacity=2).count(*NOTES).until(30)
    assert play.heard() == [COUNTED]
    play.give_back().until(90)
    assert play.heard() == []
    assert play.sums() == {"CashAccepted": SMALL, "CashReturned": 2 * NOTE}


def robbed(play: Play) -> Play:
    """Somebody takes a note out of the escrow cassette by hand."""
    core = play.wire.core
    assert isinstance(core, BillToBill)
    core._recycler.recycling[1].pop()
    return play


def test_what_does_not_add_up_is_not_counted() -> None:
    play = robbed(Play().count(*NOTES).until(5)).until(20)
    assert play.heard() == [NOTHING]
    assert play.reported() == "moving"


def test_what_does_not_add_up_is_not_told() -> None:
    play = robbed(held())
    play.power_fails().until(5).power_comes().give_back().until(60)
    assert play.heard() == []
    assert play.reported() == "moving"


def test_it_is_unplugged() -> None:
    play = held().order("unplug").until(2)
    play.store().until(3).order("plug").until(40)
    assert play.heard() == [STORED]
    states = [each.state for each in play.told() if isinstance(each, facts.DeviceStateChanged)]
    assert states == ["noDevice", "online"]


def test_a_unit_that_nobody_uses_is_left_in_peace() -> None:
    play = Play().until(600)
    assert len([way for way, data in play.wire.said if way == ">" and data[3] == 0x33]) <= 11


STAGES = ["no_ack", "nak", "answer_lost", "answer_damaged", "answer_late", "end_lost"]
COMMANDS = ["", "poll", "credit", "stack", "cassette_status", "unload", "dispense", "power_recovery", "empty_dispenser"]
TIMES = st.sampled_from([1, 2, 3, 6, 1_000])
FAULTS = st.tuples(st.sampled_from(STAGES), st.sampled_from(COMMANDS), TIMES, st.floats(0.1, 3.0))
WORDS = st.sampled_from(["power", "unplug", "plug", "jam_moving", "jam_cassette", "clear_jam", "remove_cassette"])
MISHAPS = st.tuples(st.floats(0.0, 6.0), st.one_of(FAULTS, WORDS, st.just("power"), st.binary(min_size=1, max_size=12)))


def befall(play: Play, mishap: object) -> None:
    if mishap == "power":
        play.power_fails().until(3).power_comes()
    elif isinstance(mishap, str):
        play.order("fault", **{"is": mishap}) if mishap in ("jam_moving", "jam_cassette") else play.order(mishap)
    elif isinstance(mishap, bytes):
        play.driver.on_bytes(mishap, play.now)
        play.settle()
    else:
        assert isinstance(mishap, tuple)
        stage, command, times, late_s = mishap
        late = {"late_s": late_s} if stage == "answer_late" else {}
        play.order("link_fault", at=stage, command=command, times=times, **late)


def check_what_was_told(play: Play, told: list[inputs.Input]) -> None:
    """What the driver tells is true of the stub's boxes, now and as long as nobody orders anything else."""
    seen = play.wire.core.seen()
    assert lying(seen) == seen["brought"]
    recycling = [note for notes in seen["recycling"].values() for note in notes]
    loose = [note for note in (seen["validator"], seen["stacker"], seen["channel"]) if note]
    if seen["cleared"]:
        return  # a technician has notes in hand
    for each in told:
        if isinstance(each, inputs.DepositCounted) and each.notes:
            assert {note: recycling.count(note) for note in recycling} == each.notes
            assert loose == []
        elif isinstance(each, inputs.DepositStored | inputs.DepositReturned):
            assert [*recycling, *loose, *seen["dispenser"], *seen["exit"]] == []
            assert bool(seen["cassette"]) is isinstance(each, inputs.DepositStored)
        elif isinstance(each, inputs.EscrowReported) and each.stage in ("held", "stored", "returned"):
            assert bool(recycling) is (each.stage == "held")


@given(
    st.lists(MISHAPS, max_size=4),
    st.lists(MISHAPS, max_size=4),
    st.sampled_from(["store", "give_back"]),
    st.sampled_from(
        [{}, {"channel_goes": "cassette"}, {"credit_repeats": False}, {"recovery_repeats": False}, {"capacity": 3}]
    ),
)
def test_what_is_told_is_true_whatever_happens(
    before: list[tuple[float, Any]], after: list[tuple[float, Any]], then: str, settings: dict[str, Any]
) -> None:
    play = Play(**settings).count(*NOTES)
    for wait_s, mishap in before:
        befall(play.until(wait_s), mishap)
        check_what_was_told(play, play.heard())
    counted = None
    for _ in range(120):
        play.until(1.0)
        heard = play.heard()
        check_what_was_told(play, heard)
        counted = counted or next((each for each in heard if isinstance(each, inputs.DepositCounted)), None)
    act = play.store if then == "store" and counted is not None and counted.notes else play.give_back
    act()
    told: list[inputs.Input] = []
    for wait_s, mishap in after:
        befall(play.until(wait_s), mishap)
        told += (heard := play.heard())
        check_what_was_told(play, heard)
    act().until(150)
    told += (heard := play.heard())
    check_what_was_told(play, heard)
    play.query().until(30)
    check_what_was_told(play, play.heard())
    seen, sums = play.wire.core.seen(), play.sums()
    assert sums["CashAccepted"] == sum(int(note) * number for note, number in seen["cassette"].items())
    if STORED in told and counted is not None and not seen["cleared"]:
        assert seen["cassette"] == {str(note): number for note, number in counted.notes.items()}
