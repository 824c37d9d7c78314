"""The modelled dispenser: transcripts of one terminal's cash."""

import pytest

from atmbench import facts
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import CustomerDoes, DispenserDoes, DisturbCustomer, DisturbDispenser
from atmbench.terminal import inputs
from atmbench.terminal.effects import (
    PurgeNotes,
    QueryDispenser,
    RetractNotes,
)
from tests.devices.play import KEY, NEXT_KEY, Play, dispense, ended


def test_cash_is_presented_after_its_time_and_taken_by_a_hand() -> None:
    play = Play().perform(dispense(c1=2, c2=1))
    assert play.until(2.29).heard() == []
    assert play.until(2.3).heard() == [ended("presented", c1=2, c2=1)]
    assert play.told() == [facts.CashPresented(key=KEY, notes={"1": 2, "2": 1}, amount_minor=7000)]
    assert play.until(5.3).heard() == [inputs.CashTaken(KEY)]
    assert play.told() == [facts.CashTaken(key=KEY, amount_minor=7000)]
    assert play.devices.count("end").cassettes == {"1": 98, "2": 4}
    assert play.devices.deadline is None


def test_an_empty_cassette_makes_a_short_dispense() -> None:
    play = Play().perform(dispense(c1=1, c2=7)).until(60)
    because = "a cassette ran empty"
    assert play.heard() == [ended("short", because, c1=1, c2=5), inputs.CashTaken(KEY)]
    assert play.told() == [
        facts.CashPresented(key=KEY, notes={"1": 1, "2": 5}, amount_minor=26000),
        facts.DispenseFailed(key=KEY, asked_minor=36000, moved_minor=26000, because=because),
        facts.CashTaken(key=KEY, amount_minor=26000),
    ]
    play.perform(dispense(NEXT_KEY, c2=1)).until(120)
    assert play.heard() == [ended("refused", "the cassettes are empty", NEXT_KEY)]


def test_a_cassette_that_is_not_there_is_refused() -> None:
    play = Play().perform(dispense(c9=1)).until(60)
    assert play.heard() == [ended("refused", "there is no cassette 9")]


def test_notes_that_nobody_takes_are_retracted_uncounted() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CASH))
    play.perform(dispense(c1=2)).until(32)
    assert play.heard() == [ended("presented", c1=2)]
    play.perform(RetractNotes(KEY)).until(40)
    assert play.heard() == [inputs.CashRetracted(key=KEY, notes_counted=None)]
    assert play.told()[-1] == facts.CashRetracted(key=KEY, amount_minor=2000)
    assert play.devices.count("end").retracted == {"1": 2}
    play.perform(dispense(NEXT_KEY, c1=1)).until(80)
    assert play.heard()[-1] == inputs.CashTaken(NEXT_KEY), "only one customer was told to leave the cash"


def test_a_hand_may_be_faster_than_the_retract() -> None:
    play = Play().perform(dispense(c1=2)).until(4.0)
    play.heard()
    assert play.perform(RetractNotes(KEY)).until(60).heard() == [inputs.CashTaken(KEY)]
    assert [type(each) for each in play.told()] == [facts.CashPresented, facts.CashTaken]


def test_no_note_moves_while_others_lie_in_the_exit() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CASH))
    play.perform(dispense(c1=2)).until(10)
    play.heard()
    assert play.perform(dispense(NEXT_KEY, c1=1)).until(20).heard() == [
        ended("refused", "notes lie in the exit", NEXT_KEY)
    ]
    play.perform(RetractNotes(NEXT_KEY)).until(30)
    assert play.told()[-1] == facts.CashRetracted(key=KEY, amount_minor=2000), "a fact has the key of its notes"


@pytest.mark.parametrize(
    ("does", "notes", "status", "because", "known", "presented_minor", "taken_minor"),
    [
        (DispenserDoes.REFUSE, 0, "refused", "the dispenser reports a fault", {}, None, None),
        (DispenserDoes.SHORT, 3, "short", "stopped after 3 notes", {"1": 2, "2": 1}, 7000, 7000),
        (DispenserDoes.SHORT, 0, "refused", "stopped after 0 notes", {}, None, None),
        (
            DispenserDoes.JAM_UNKNOWN,
            1,
            "unknown",
            "notes jammed, the dispenser cannot say how many moved",
            {},
            None,
            1000,
        ),
        (
            DispenserDoes.JAM_UNKNOWN,
            0,
            "unknown",
            "notes jammed, the dispenser cannot say how many moved",
            {},
            None,
            None,
        ),
    ],
)
def test_a_disturbed_dispenser_does_as_it_is_told_once(
    does: DispenserDoes,
    notes: int,
    status: str,
    because: str,
    known: dict[str, int],
    presented_minor: int | None,
    taken_minor: int | None,
) -> None:
    play = Play()
    play.devices.disturb(DisturbDispenser(does=does, notes=notes))
    play.perform(dispense(c1=2, c2=2)).until(60)
    assert play.heard()[0] == inputs.DispenseEnded(key=KEY, status=status, notes=known, because=because)
    told = play.told()
    moved_minor = taken_minor or 0
    assert facts.DispenseFailed(key=KEY, asked_minor=12000, moved_minor=moved_minor, because=because) in told
    assert [each.amount_minor for each in told if isinstance(each, facts.CashPresented)] == (
        [presented_minor] if presented_minor else []
    )
    assert [each.amount_minor for each in told if isinstance(each, facts.CashTaken)] == (
        [taken_minor] if taken_minor else []
    )
    if does is not DispenserDoes.REFUSE:
        play.perform(dispense(NEXT_KEY, c1=1)).until(70)
        assert play.heard()[-1] == ended("refused", "notes in the transport; purge first", NEXT_KEY)
        play.perform(PurgeNotes(KEY)).until(80).heard()
    play.perform(dispense(NEXT_KEY, c1=1)).until(120)
    assert play.heard()[0] == ended("presented", key=NEXT_KEY, c1=1)


@pytest.mark.parametrize(
    ("does", "known"),
    [(DispenserDoes.SHORT, {"1": 1, "2": 2}), (DispenserDoes.JAM_UNKNOWN, None)],
)
def test_what_is_stuck_in_the_transport_is_purged_into_the_reject_bin(
    does: DispenserDoes, known: dict[str, int] | None
) -> None:
    play = Play()
    play.devices.disturb(DisturbDispenser(does=does, notes=1))
    play.perform(dispense(c1=2, c2=2)).until(30)
    play.heard()
    assert play.devices.dispenser.lying().path == {"1": 1, "2": 2}
    assert play.devices.dispenser.lying().rejected == {}
    before = play.devices.count("end")
    assert before.rejected == {"1": 1, "2": 2}, "who counts looks into the transport too"
    play.perform(PurgeNotes(KEY)).until(31.9)
    assert play.heard() == []
    assert play.until(32).heard() == [inputs.NotesPurged(key=KEY, notes_rejected=known)]
    assert play.told()[-1] == facts.CashPurged(key=KEY, amount_minor=11000)
    assert (play.devices.dispenser.lying().path, play.devices.dispenser.lying().rejected) == ({}, {"1": 1, "2": 2})
    assert play.devices.count("end") == before


def test_a_purge_that_finds_nothing_says_so() -> None:
    play = Play().perform(PurgeNotes(KEY), dispense(NEXT_KEY, c1=1)).until(10)
    assert play.heard() == [
        ended("refused", "the dispenser is still busy with the order before", NEXT_KEY),
        inputs.NotesPurged(key=KEY, notes_rejected={}),
    ]
    assert not [each for each in play.told() if isinstance(each, facts.CashPurged)]


def test_power_fails_while_the_transport_is_purged() -> None:
    cleared = set()
    for seed in range(20):
        play = Play(seed)
        play.devices.disturb(DisturbDispenser(does=DispenserDoes.SHORT, notes=1))
        play.perform(dispense(c1=2)).until(10).perform(PurgeNotes(KEY)).until(11).power_fails()
        play.heard()
        cleared.add(not play.devices.dispenser.lying().path)
        assert play.devices.count("end").rejected == {"1": 1}
        play.until(20).power_comes().perform(PurgeNotes(KEY)).until(30)
        assert [type(each) for each in play.heard()] == [inputs.NotesPurged]
        assert sum(isinstance(each, facts.CashPurged) for each in play.told()) == 1
        assert play.devices.dispenser.lying().rejected == {"1": 1}
    assert cleared == {True, False}


def test_the_dispenser_answers_from_its_own_memory() -> None:
    play = Play().perform(QueryDispenser(KEY)).until(1)
    assert play.heard() == [inputs.DispenserReported(key=KEY, stage="idle", notes={})]
    play.perform(dispense(c1=2)).until(4)
    assert play.heard() == [ended("presented", c1=2)]
    play.perform(QueryDispenser(KEY)).until(5)
    assert play.heard() == [inputs.DispenserReported(key=KEY, stage="presented", notes={"1": 2})]
    play.until(60).heard()
    play.perform(QueryDispenser(KEY), QueryDispenser(NEXT_KEY)).until(61)
    assert play.heard() == [
        inputs.DispenserReported(key=KEY, stage="taken", notes={"1": 2}),
        inputs.DispenserReported(key=NEXT_KEY, stage="idle", notes={}),
    ]


def test_a_question_is_answered_when_nothing_moves_any_more() -> None:
    play = Play().perform(dispense(c1=10), QueryDispenser(KEY)).until(3.2)
    assert play.heard() == [
        ended("presented", c1=10),
        inputs.DispenserReported(key=KEY, stage="presented", notes={"1": 10}),
    ]


def test_a_late_hand_does_not_take_the_next_customers_cash() -> None:
    play = Play(times=DeviceTimes(customer_takes_cash_s=(6.0, 6.0))).perform(dispense(c1=1)).until(2.2)
    play.perform(RetractNotes(KEY)).until(4.3).perform(dispense(NEXT_KEY, c1=1)).until(9)
    assert play.heard()[-1] == ended("presented", key=NEXT_KEY, c1=1)
    assert play.until(60).heard() == [inputs.CashTaken(NEXT_KEY)]


# --- power ----------------------------------------------------------------------------------------


def test_power_fails_while_notes_move_and_the_dispenser_cannot_say_how_many() -> None:
    outcomes = set()
    for seed in range(60):
        play = Play(seed).perform(dispense(c1=2, c2=1)).until(1).power_fails().until(20).power_comes()
        assert play.heard() == [], "without power nobody is told"
        taken_minor = sum(each.amount_minor for each in play.told() if isinstance(each, facts.CashTaken))
        count = play.devices.count("end")
        rejected_minor = sum(count.values_minor[name] * number for name, number in count.rejected.items())
        assert count.cassettes == {"1": 98, "2": 4}
        assert taken_minor + rejected_minor == 7000
        play.perform(QueryDispenser(KEY)).until(21)
        assert play.heard() == [inputs.DispenserReported(key=KEY, stage="moving", notes={})]
        outcomes.add(taken_minor)
    assert outcomes == {0, 1000, 2000, 7000}


def test_cash_taken_in_the_dark_is_told_and_seen_afterwards() -> None:
    play = Play().perform(dispense(c1=2)).until(2.5).power_fails()
    play.heard()
    play.told()
    play.until(10)
    assert play.told() == [facts.CashTaken(key=KEY, amount_minor=2000)]
    play.power_comes().perform(QueryDispenser(KEY), RetractNotes(KEY)).until(20)
    assert play.heard() == [
        inputs.DispenserReported(key=KEY, stage="taken", notes={"1": 2}),
        inputs.CashTaken(KEY),
    ]


def test_cash_left_in_the_dark_is_retracted_when_told() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CASH))
    play.perform(dispense(c1=2)).until(3).power_fails().until(10).power_comes()
    play.heard()
    play.perform(QueryDispenser(KEY), RetractNotes(KEY)).until(20)
    assert play.heard() == [
        inputs.DispenserReported(key=KEY, stage="presented", notes={"1": 2}),
        inputs.CashRetracted(key=KEY, notes_counted=None),
    ]


def test_power_fails_while_notes_are_drawn_back() -> None:
    drawn = set()
    for seed in range(20):
        play = Play(seed)
        play.devices.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CASH))
        play.perform(dispense(c1=2)).until(10).perform(RetractNotes(KEY)).until(11)
        play.told()
        told = play.power_fails().told()
        is_drawn = told == [facts.CashRetracted(key=KEY, amount_minor=2000)]
        assert (play.devices.dispenser.lying().exit == {}) is is_drawn
        play.until(20).heard()
        play.power_comes().perform(QueryDispenser(KEY)).until(21)
        assert play.heard() == [inputs.DispenserReported(key=KEY, stage="moving", notes={})]
        assert play.power_fails().told() == [], "what came to rest does not move at the next failure"
        drawn.add(is_drawn)
    assert drawn == {True, False}
