"""The driver of Puloon dispensers, joined to the stub: what it tells the terminal, and what is true."""

from random import Random

import pytest

from atmbench import facts
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.customer import Customer
from atmbench.devices.lcdm_dispenser import LcdmDispenser
from atmbench.devices.lcdm_outcome import Verdict, judged
from atmbench.devices.lcdm_words import Lcdm4000Words, Result
from atmbench.devices.roles import CashDispenser, Lying
from atmbench.devices.states import DispenserState, TransportState
from atmbench.drill.commands import DispenserDoes, DisturbDispenser
from atmbench.errors import LocalError
from atmbench.facts import DeviceFailed, DeviceStateChanged, Fact
from atmbench.terminal import inputs
from atmbench.terminal.effects import Dispense
from atmbench.terminal.inputs import CashRetracted, CashTaken, DispenserReported, NotesPurged
from firmware_stubs.dispenser.lcdm_4000 import HARMS
from firmware_stubs.dispenser.stub import make
from tests.devices.lcdm_play import KEY, NEXT_KEY, TIMES, VALUES_MINOR, Play, words_of
from tests.devices.play import ended
from tests.devices.wiring import Wire

STATUS, PURGE, DISPENSE, LAST_STATUS, RESET = 0x50, 0x51, 0x52, 0x55, 0x44


def of(told: list[Fact], *kinds: type[Fact]) -> list[Fact]:
    return [fact for fact in told if isinstance(fact, kinds)]


def test_cash_is_presented_and_taken_by_a_hand() -> None:
    play = Play()
    play.codes()
    assert play.dispense(c1=2, c2=1).until(4.5).heard() == [ended("presented", c1=2, c2=1, key=KEY)]
    assert play.told() == [facts.CashPresented(key=KEY, notes={"1": 2, "2": 1}, amount_minor=7000)]
    assert play.codes()[:3] == [STATUS, PURGE, DISPENSE]
    assert play.until(5.0).heard() == [CashTaken(KEY)]
    assert play.told() == [facts.CashTaken(key=KEY, amount_minor=7000)]
    assert play.driver.lying() == Lying({"1": 98, "2": 49})
    play.codes()
    assert play.until(600.0).codes() == [], "an empty exit is not looked at"


def test_what_a_real_one_says_is_all_there_is() -> None:
    play = Play(is_real=True).dispense(c1=2).until(10.0)
    assert play.heard() == [ended("presented", c1=2, key=KEY)]
    assert play.driver.lying() == Lying({"1": 98, "2": 50}, exit={"1": 2})
    play.driver.retract(KEY, play.now)
    assert play.until(20.0).heard() == [], "nobody can draw back there; the exit is watched"
    assert play.order("take_cash").until(1.0).heard() == [CashTaken(KEY)]
    assert play.told() == [
        facts.CashPresented(key=KEY, notes={"1": 2}, amount_minor=2000),
        facts.CashTaken(key=KEY, amount_minor=2000),
    ]
    play.order("fault", **{"is": "skewed", "rejects": 2}).dispense(NEXT_KEY, c2=1).until(10.0)
    assert play.heard() == [ended("presented", c2=1, key=NEXT_KEY)]
    assert of(play.told(), facts.CashPurged) == [facts.CashPurged(key=NEXT_KEY, amount_minor=10000)]
    assert play.driver.lying() == Lying({"1": 98, "2": 47}, exit={"2": 1}, rejected={"2": 2})
    with pytest.raises(LocalError, match="a real dispenser cannot be told to go wrong"):
        play.driver.disturb(DisturbDispenser(does=DispenserDoes.REFUSE))


@pytest.mark.parametrize(
    ("does", "notes", "status", "known", "in_exit", "presented_minor"),
    [
        (DispenserDoes.REFUSE, 0, "refused", {}, {}, 0),
        (DispenserDoes.SHORT, 2, "short", {"1": 2}, {"1": 2}, 2000),
        (DispenserDoes.SHORT, 0, "refused", {}, {}, 0),
        (DispenserDoes.JAM_UNKNOWN, 2, "unknown", {}, {"1": 2}, 2000),
        (DispenserDoes.JAM_UNKNOWN, 0, "unknown", {}, {}, 0),
    ],
)
def test_it_goes_wrong_as_a_drill_wants_it(
    does: DispenserDoes, notes: int, status: str, known: dict[str, int], in_exit: dict[str, int], presented_minor: int
) -> None:
    play = Play(takes=False)
    play.driver.disturb(DisturbDispenser(does=does, notes=notes))
    (heard,) = play.dispense(c1=4).until(20.0).heard()
    assert isinstance(heard, inputs.DispenseEnded)
    assert (heard.status, heard.notes) == (status, known)
    told = play.told()
    assert sum(fact.amount_minor for fact in told if isinstance(fact, facts.CashPresented)) == presented_minor
    (failed,) = (fact for fact in told if isinstance(fact, facts.DispenseFailed))
    assert (failed.asked_minor, failed.moved_minor) == (4000, presented_minor)
    assert of(told, DeviceFailed)
    assert play.driver.lying().exit == in_exit
    play.driver.purge(KEY, play.now)
    is_jammed = does is not DispenserDoes.REFUSE
    rejected = None if status == "unknown" else {"1": 1} if is_jammed else {}
    assert play.until(20.0).heard() == [NotesPurged(key=KEY, notes_rejected=rejected)]
    assert len(of(play.told(), facts.CashPurged)) == is_jammed
    assert play.driver.lying().path == {}


@pytest.mark.parametrize("code", [each for each in HARMS if each != 0x0E])
def test_no_error_makes_it_say_what_is_not_so(code: int) -> None:
    play = Play(takes=False).order("fault", **{"is": f"{code:02x}", "after": 2})
    (heard,) = play.dispense(c1=3, c2=2).until(30.0).heard()
    assert isinstance(heard, inputs.DispenseEnded)
    if heard.status == "unknown":
        assert heard.notes == {}
    else:
        assert heard.notes == play.driver.lying().exit
        assert heard.status == ("short" if heard.notes else "refused")
    assert of(play.told(), DeviceFailed)


def test_a_good_code_with_wrong_counts_is_unknown() -> None:
    play = Play().order("fault", **{"is": "miscount"})
    assert play.dispense(c1=3).until(10.0).heard()[:1] == [ended("unknown", "2 of 3 notes, with code 00", key=KEY)]


@pytest.mark.parametrize(
    ("notes", "because"),
    [
        ({"9": 1}, "there is no cassette 9"),
        ({"3": 1}, "there is no cassette 3"),
        ({"1": 0}, "0 notes cannot be asked for; it is 1 to 40"),
        ({"1": 40, "2": 1}, "41 notes cannot be asked for; it is 1 to 40"),
    ],
)
def test_what_cannot_be_asked_is_not_asked(notes: dict[str, int], because: str) -> None:
    play = Play()
    play.codes()
    play.driver.dispense(Dispense(key=KEY, notes=notes), play.now)
    assert play.until(1.0).heard() == [ended("refused", because, key=KEY)]
    assert play.codes() == []


def test_no_note_moves_while_others_lie_in_the_exit_or_a_cassette_is_out() -> None:
    play = Play(takes=False).dispense(c1=1).until(10.0)
    play.heard()
    assert play.dispense(NEXT_KEY, c1=1).until(10.0).heard() == [ended("refused", "notes lie in the exit", NEXT_KEY)]
    play.order("take_cash").until(10.0).told()
    play.order("remove_cassette", cassette="2").dispense(NEXT_KEY, c2=1).until(10.0)
    assert play.heard()[-1] == ended("refused", "cassette 2 is out", NEXT_KEY)
    assert DeviceFailed(device="dispenser", error="cashUnitError", because="cassette 2 is out") in play.told()
    assert play.driver.dispenser is DispenserState.ATTENTION
    play.order("insert_cassette", cassette="2").dispense(NEXT_KEY, c2=1).until(10.0)
    assert play.heard() == [ended("presented", key=NEXT_KEY, c2=1)]


def test_a_fault_stops_it_until_a_purge_is_good() -> None:
    play = Play(takes=False).order("fault", **{"is": "04"}).order("fault", **{"is": "0e"})
    play.dispense(c1=1).until(20.0).told()
    assert play.heard()[0] == ended("refused", "the transport cannot be cleared", key=KEY)
    play.dispense(c1=1).until(20.0)
    assert (play.driver.dispenser, play.driver.condition.state) == (DispenserState.STOP, "hardwareError")
    play.driver.purge(KEY, play.now)
    play.until(20.0)
    assert (play.driver.dispenser, play.driver.condition.state) == (DispenserState.OK, "online")
    assert play.driver.transport is TransportState.EMPTY
    states = [fact.state for fact in play.told() if isinstance(fact, DeviceStateChanged)]
    assert states == ["online", "hardwareError", "online"]


def test_notes_that_nobody_takes_are_drawn_back() -> None:
    play = Play(takes=False).dispense(c1=2).until(30.0)
    play.heard()
    play.driver.retract(KEY, play.now)
    assert play.until(10.0).heard() == [CashRetracted(key=KEY, notes_counted=None)]
    assert play.told()[-1] == facts.CashRetracted(key=KEY, amount_minor=2000)
    play.driver.query(KEY, play.now)
    assert play.until(1.0).heard() == [DispenserReported(key=KEY, stage="retracted", notes={"1": 2})]
    assert play.driver.lying() == Lying({"1": 98, "2": 50}, retracted={"1": 2})


@pytest.mark.parametrize("hand_after_s", [0.0, 1.0])
def test_a_hand_may_be_faster_than_the_presenter(hand_after_s: float) -> None:
    play = Play(takes=False).dispense(c1=2).until(30.0)
    play.heard()
    if not hand_after_s:
        play.order("take_cash")
    play.driver.retract(KEY, play.now)
    play.until(hand_after_s)
    if hand_after_s:
        play.order("take_cash")
    assert play.until(40.0).heard() == [CashTaken(KEY)]
    assert [type(fact) for fact in play.told()] == [facts.CashPresented, facts.CashTaken]


def test_a_purge_that_is_not_good_is_not_told() -> None:
    play = Play().order("fault", **{"is": "0e"})
    play.driver.purge(KEY, play.now)
    assert play.until(30.0).heard() == []
    assert of(play.told(), DeviceFailed)
    play.driver.purge(KEY, play.now)
    assert play.until(30.0).heard() == [NotesPurged(key=KEY, notes_rejected={})]


def test_a_note_that_a_purge_pushes_out_stops_the_dispense() -> None:
    play = Play(takes=False, purge_pushes_out=True).order("fault", **{"is": "04", "after": 0})
    play.dispense(c1=1).until(10.0).heard()
    assert play.dispense(NEXT_KEY, c1=1).until(20.0).heard() == [
        ended("refused", "the transport is not clear after a purge", NEXT_KEY)
    ]
    assert play.driver.lying().exit == {"1": 1}


def test_small_ones_cannot_count_what_they_purge() -> None:
    play = Play(profile="lcdm-1000", takes=False).order("fault", **{"is": "dvt_ejt", "after": 1})
    assert play.dispense(c1=2).until(10.0).heard() == [ended("short", "jam at DIV (code 36)", key=KEY, c1=1)]
    play.driver.purge(KEY, play.now)
    assert play.until(10.0).heard() == [NotesPurged(key=KEY, notes_rejected=None)]


def test_an_order_it_never_had_is_idle() -> None:
    play = Play()
    play.driver.query(KEY, play.now)
    assert play.until(1.0).heard() == [DispenserReported(key=KEY, stage="idle", notes={})]


def test_a_cassette_that_the_model_has_not_is_refused() -> None:
    wire, scene, agenda = Wire(make({"profile": "lcdm-1000"}, {})), Scene(), Agenda()
    with pytest.raises(LocalError, match="has the cassettes 1, and no cassette 2"):
        LcdmDispenser(
            {"1": 1, "2": 1},
            VALUES_MINOR,
            words=words_of("lcdm-1000"),
            port=wire,
            machine=wire,
            agenda=agenda,
            scene=scene,
            customer=Customer(TIMES, Random(1)),
        )


def test_it_is_a_cash_dispenser() -> None:
    dispenser: CashDispenser = Play().driver
    assert dispenser.values_minor == VALUES_MINOR


# --- judging --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "out", "status"),
    [
        (0x00, {"1": 2, "2": 1}, "presented"),
        (0x00, {"1": 3}, "unknown"),
        (0x00, {"1": 2}, "unknown"),
        (0x03, {"1": 2}, "short"),
        (0x03, {}, "refused"),
        (0x03, {"1": 2, "2": 1}, "unknown"),
        (0x03, {"3": 1}, "unknown"),
        (0x04, {"1": 2}, "unknown"),
        (0x06, {"1": 2, "2": 1}, "unknown"),
        (0x22, {}, "refused"),
        (0x22, {"1": 1}, "unknown"),
        (0x7F, {}, "unknown"),
    ],
)
def test_counts_and_code_must_fit(error: int, out: dict[str, int], status: str) -> None:
    verdict: Verdict = judged({"1": 2, "2": 1}, Result(error, out), Lcdm4000Words().meaning(error))
    assert (verdict.status, verdict.notes) == (status, {} if status in ("unknown", "refused") else out)
