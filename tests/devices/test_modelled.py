"""Modelled devices: transcripts of one terminal's cash, card and notes."""

from random import Random

import pytest

from atmbench import facts
from atmbench.devices.modelled import ModelledDevices
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import CustomerDoes, DispenserDoes, DisturbCustomer, DisturbDispenser
from atmbench.errors import LocalError
from atmbench.facts import Fact
from atmbench.terminal import inputs
from atmbench.terminal.effects import (
    CountDeposit,
    Dial,
    Dispense,
    Effect,
    EjectCard,
    QueryDispenser,
    QueryEscrow,
    RetainCard,
    RetractNotes,
    ReturnDeposit,
    StoreDeposit,
)
from atmbench.terminal.inputs import Input
from atmbench.terminal.settings import Cassette, TerminalSettings

KEY, NEXT_KEY = "T01/000001/0105090000", "T01/000002/0105090100"
SETTINGS = TerminalSettings(cassettes=(Cassette("10.00", 100), Cassette("50.00", 5)))
TIMES = DeviceTimes(customer_takes_card_s=(2.0, 2.0), customer_takes_cash_s=(3.0, 3.0), customer_cancels_s=(0.5, 0.5))


class Play:
    """Devices with power; what happens is heard in order."""

    def __init__(self, seed: int = 1, times: DeviceTimes = TIMES) -> None:
        self.devices = ModelledDevices("T01", SETTINGS, "NGN", Random(seed), times)
        self.now = 0.0
        self.inputs: list[Input] = []
        self.facts: list[Fact] = []
        self.facts += self.devices.power_on(0.0)

    def perform(self, *effects: Effect) -> "Play":
        for effect in effects:
            self.facts += self.devices.perform(effect, self.now)
        return self

    def until(self, now: float) -> "Play":
        while self.devices.deadline is not None and self.devices.deadline <= now:
            self.now = self.devices.deadline
            given, told = self.devices.on_time(self.now)
            self.inputs += given
            self.facts += told
        self.now = now
        return self

    def power_fails(self) -> "Play":
        self.facts += self.devices.power_fail(self.now)
        return self

    def power_comes(self) -> "Play":
        self.facts += self.devices.power_on(self.now)
        return self

    def heard(self) -> list[Input]:
        heard, self.inputs = self.inputs, []
        return heard

    def told(self) -> list[Fact]:
        told, self.facts = self.facts, []
        return told


def dispense(key: str = KEY, **notes: int) -> Dispense:
    return Dispense(key=key, notes={name[1:]: number for name, number in notes.items()})


def ended(status: str, because: str = "", key: str = KEY, **notes: int) -> inputs.DispenseEnded:
    numbers = {name[1:]: number for name, number in notes.items()}
    return inputs.DispenseEnded(key=key, status=status, notes=numbers, because=because)


# --- cash ------------------------------------------------------------------------------------------


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
    play.perform(dispense(NEXT_KEY, c1=1)).until(120)
    assert play.heard()[0] == ended("presented", key=NEXT_KEY, c1=1)


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


# --- cash and power --------------------------------------------------------------------------------


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
        assert (play.devices.dispenser.exit == {}) is is_drawn
        play.until(20).heard()
        play.power_comes().perform(QueryDispenser(KEY)).until(21)
        assert play.heard() == [inputs.DispenserReported(key=KEY, stage="moving", notes={})]
        assert play.power_fails().told() == [], "what came to rest does not move at the next failure"
        drawn.add(is_drawn)
    assert drawn == {True, False}


def test_a_result_that_was_due_when_power_failed_never_comes() -> None:
    play = Play().perform(dispense(c9=1), EjectCard(KEY)).power_fails().until(0.1).power_comes().until(60)
    assert not [each for each in play.heard() if isinstance(each, inputs.DispenseEnded)]


def test_without_power_nothing_can_be_asked() -> None:
    with pytest.raises(LocalError, match="no power"):
        Play().power_fails().perform(dispense(c1=1))


def test_what_no_device_performs_is_refused() -> None:
    with pytest.raises(LocalError, match="Dial"):
        Play().perform(Dial("primary"))


# --- the card --------------------------------------------------------------------------------------


def test_a_card_is_ejected_and_taken() -> None:
    play = Play().perform(EjectCard(KEY)).until(60)
    assert play.heard() == [inputs.CardTaken()]
    assert play.told() == [facts.CardEjected(key=KEY), facts.CardTaken(key=KEY)]


def test_a_card_that_is_left_is_retained_and_one_that_was_taken_is_not() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CARD))
    play.perform(EjectCard(KEY)).until(30).perform(RetainCard("not taken", KEY)).until(60)
    assert play.heard() == []
    assert play.told() == [facts.CardEjected(key=KEY), facts.CardRetained(because="not taken", key=KEY)]
    play.perform(EjectCard(NEXT_KEY)).until(90).perform(RetainCard("too late", NEXT_KEY)).until(120)
    assert play.told() == [facts.CardEjected(key=NEXT_KEY), facts.CardTaken(key=NEXT_KEY)]


def test_a_hand_may_be_faster_than_the_bin() -> None:
    play = Play().perform(EjectCard(KEY)).until(2.5).perform(RetainCard("not taken", KEY)).until(60)
    assert play.heard() == [inputs.CardTaken()]
    assert play.devices.card_reader.retained == 0


def test_a_card_in_the_slot_can_be_taken_in_the_dark_and_is_gone() -> None:
    play = Play().perform(EjectCard(KEY)).until(2).power_fails().until(10).power_comes()
    assert play.told() == [facts.CardEjected(key=KEY), facts.CardTaken(key=KEY)]
    play.perform(EjectCard(KEY)).until(12)
    assert play.heard() == [inputs.CardTaken()]
    assert play.told() == []


def test_a_card_that_stayed_in_the_slot_is_drawn_in_when_power_comes() -> None:
    play = Play().perform(EjectCard(KEY)).until(2).power_fails().until(2.5).power_comes().until(10)
    assert play.heard() == []
    assert play.perform(EjectCard(KEY)).until(60).heard() == [inputs.CardTaken()]
    assert [type(each) for each in play.told()] == [facts.CardEjected, facts.CardEjected, facts.CardTaken]


def test_a_late_hand_does_not_take_the_card_that_came_back() -> None:
    play = Play(times=DeviceTimes(customer_takes_card_s=(4.0, 4.0))).perform(EjectCard(KEY)).until(2)
    play.power_fails().until(2.1).power_comes().perform(EjectCard(KEY)).until(7)
    assert play.heard() == []
    assert play.until(8).heard() == [inputs.CardTaken()]


def test_a_customer_presses_cancel_while_the_host_thinks() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.CANCELS))
    play.devices.customer_began(0.0)
    assert play.until(60).heard() == [inputs.CustomerCancelled()]
    play.devices.customer_began(60.0)
    assert play.until(120).heard() == []


# --- deposits --------------------------------------------------------------------------------------


def test_a_deposit_is_counted_and_stored() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3, 5000: 1})).until(2.8)
    assert play.heard() == [inputs.DepositCounted({1000: 3, 5000: 1})]
    play.perform(StoreDeposit(KEY)).until(10)
    assert play.heard() == [inputs.DepositStored(KEY)]
    assert play.told() == [facts.CashAccepted(key=KEY, amount_minor=8000)]
    assert play.devices.count("end").deposited == {"1000": 3, "5000": 1}


def test_a_deposit_can_be_given_back() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3})).until(10)
    play.perform(
        ReturnDeposit(KEY),
    ).until(20).perform(QueryEscrow(KEY), QueryEscrow(NEXT_KEY)).until(30)
    assert play.heard()[1:] == [
        inputs.DepositReturned(KEY),
        inputs.EscrowReported(key=KEY, stage="returned"),
        inputs.EscrowReported(key=NEXT_KEY, stage="empty"),
    ]
    assert play.told() == [facts.CashReturned(key=KEY, amount_minor=3000)]
    assert play.devices.count("end").deposited == {}


def test_held_notes_stay_when_power_fails() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3})).until(10).power_fails().until(20).power_comes()
    play.heard()
    play.perform(QueryEscrow(KEY)).until(21).perform(ReturnDeposit(KEY)).until(30)
    assert play.heard() == [inputs.EscrowReported(key=KEY, stage="held"), inputs.DepositReturned(KEY)]


def test_power_fails_while_a_deposit_moves_and_the_escrow_cannot_say_where_it_is() -> None:
    outcomes = set()
    for seed in range(20):
        play = Play(seed).perform(CountDeposit(key=KEY, notes={1000: 3})).until(10).perform(StoreDeposit(KEY))
        play.until(11).heard()
        play.power_fails().until(20).power_comes().perform(QueryEscrow(KEY)).until(21)
        assert play.heard() == [inputs.EscrowReported(key=KEY, stage="moving")]
        was_stored = play.told() == [facts.CashAccepted(key=KEY, amount_minor=3000)]
        assert (play.devices.escrow.stored == {1000: 3}) is was_stored
        assert (play.devices.escrow.held == {1000: 3}) is not was_stored
        outcomes.add(was_stored)
    assert outcomes == {True, False}


def test_an_escrow_that_is_not_empty_takes_no_other_notes() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3})).until(10)
    play.heard()
    play.perform(CountDeposit(key=NEXT_KEY, notes={5000: 1})).until(20)
    assert play.heard() == [inputs.DepositCounted({})]
    play.perform(StoreDeposit(NEXT_KEY)).until(30)
    assert play.told() == [facts.CashAccepted(key=KEY, amount_minor=3000)], "a fact has the key of its notes"
