"""The driver of an Omron reader when the wire or the power fails: what it reports is true, and no card is lost."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.devices.states import DeviceState, MediaState
from atmbench.terminal import inputs
from tests.devices.omron_play import KEY, TRACK2, Play

STAGES = ("no_ack", "nak", "ack_lost", "answer_lost", "answer_late", "answer_damaged", "end_lost")
WAY_IN = ("11", "20", "62", "Q0")
WAYS_OUT = {
    "taken": ("11", "30", "90", "Q0"),
    "retained": ("11", "30", "31", "41", "90", "Q0"),
}
EJECTED, TAKEN = facts.CardEjected(key=KEY), facts.CardTaken(key=KEY)
RETAINED = facts.CardRetained(because="not taken", key=KEY)
who = pytest.mark.parametrize("is_real", [False, True], ids=["machine", "real"])
strikes = pytest.mark.parametrize("stage", STAGES)


def end_of(play: Play, way: str) -> list[facts.Fact]:
    """A session to its end: the card is taken, or left and kept."""
    play.eject().until(240)
    if way == "taken" and play.is_real:
        play.order("take_card")
    elif way == "retained":
        play.retain()
    return play.until(240).of_card()


@who
@strikes
@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("times", [1, 4])
def test_a_wire_fault_changes_nothing_of_what_is_told(is_real: bool, way: str, stage: str, times: int) -> None:
    for command in WAYS_OUT[way]:
        play = Play(is_real=is_real, takes=way == "taken").insert()
        play.order("link_fault", at=stage, command=command, times=times, late_s=4.0)
        assert end_of(play, way) == [EJECTED, TAKEN if way == "taken" else RETAINED], command
        assert play.heard() == ([inputs.CardTaken()] if way == "taken" else []), command
        assert play.wire.seen["binned"] == (way == "retained")
        assert play.driver.state is DeviceState.ONLINE
        assert play.wire.refused == []


@who
@strikes
@pytest.mark.parametrize("command", WAY_IN)
def test_a_wire_fault_lets_nobody_in_by_halves(is_real: bool, command: str, stage: str) -> None:
    """One fault is repaired. Whoever is turned away for more of them has the card, and the next one is let in."""
    for times in (1, 4):
        play = Play(is_real=is_real)
        play.order("link_fault", at=stage, command=command, times=times, late_s=4.0).comes()
        if is_real:
            play.order("insert_card", track2=TRACK2)
        while not play.entered:
            play.until(1)
        assert times > 1 or play.entered == [""]
        if play.entered == [""]:
            play.eject()
        for _ in range(240):
            play.until(1)
            if is_real and (play.wire.seen["place"] == "takeout" or play.wire.seen["offered"]):
                play.order("take_card")
        assert (play.wire.seen["place"], play.wire.seen["offered"], play.wire.seen["binned"]) == (None, False, 0)
        assert play.insert().until(60).entered[1:] == [""]


@pytest.mark.parametrize("times", [3, 12])
def test_a_card_captured_unheard_is_known_by_the_count(times: int) -> None:
    play = Play(is_real=True, takes=False).insert()
    play.order("link_fault", at="answer_lost", command="31", times=times).retain().until(200)
    assert play.of_card() == [RETAINED]


def test_a_reader_that_never_answers_is_not_guessed_about() -> None:
    play = Play(takes=False).insert()
    play.order("link_fault", at="answer_lost", times=10_000).eject().until(600)
    assert play.driver.state is DeviceState.OFFLINE
    assert (play.driver.media, play.heard()) == (MediaState.UNKNOWN, [])
    failures = Counter(fact.error for fact in play.facts if isinstance(fact, facts.DeviceFailed))
    assert failures == {"deviceNotReady": 1}


def test_a_late_word_that_a_card_was_taken_is_not_believed() -> None:
    play = Play(takes=False).insert().eject().until(5)
    play.driver.on_bytes(b"\x10\x02P9000\x10\x03" + bytes([0x5A]), play.now)
    play.until(1)
    assert play.heard() == []
    assert (play.driver.media, play.of_device()) == (MediaState.ENTERING, [])


def test_a_reader_that_still_waits_for_a_hand_is_made_to_leave_that() -> None:
    play = Play(takes=False).insert().eject().until(5)
    play.driver.on_bytes(b"\x10\x02N9062\x10\x03" + bytes([0x40]), play.now)
    play.until(21)
    assert play.driver.state is DeviceState.ONLINE
    assert play.wire.said[-1] == (">", b"\x10\x05"), "it waits for the hand once more"


# --- power ----------------------------------------------------------------------------------------

acts = st.sampled_from(
    ["insert", "eject", "retain", "turn_away", "take_card", "power", "hold_card", "release_card", "unplug"]
)
scripts = st.lists(st.tuples(acts, st.sampled_from([0.0, 0.02, 0.3, 0.55, 1.1, 4.0, 40.0])), max_size=30)


class World:
    """A driver that is told anything at all, with a bookkeeper beside it."""

    def __init__(self, is_real: bool, **settings: Any) -> None:
        self.play = Play(is_real=is_real, takes=False, **settings)
        self.is_real = is_real
        self.is_on = self.is_in = True
        self.is_coming = self.is_inside = False
        """Whether the terminal may want something of a card: its customer has been let in."""
        self.number = 0
        self.told: Counter[str] = Counter()

    def do(self, act: str) -> None:
        play = self.play
        key = f"T01/{self.number:06d}"
        if act == "power":
            self.is_on, self.is_coming = not self.is_on, False
            _ = play.power_comes() if self.is_on else play.power_fails()
        elif act == "unplug":
            self.is_in = not self.is_in
            play.order("plug" if self.is_in else "unplug")
        elif act in ("take_card", "hold_card", "release_card"):
            play.order(act)
        elif self.is_on and act == "insert" and not self.is_coming:
            self.number += 1
            self.is_coming, self.is_inside = True, False
            play.driver.insert(TRACK2, play.now, self._entered)
            if self.is_real:
                play.order("insert_card", track2=TRACK2)
        elif self.is_on and self.is_inside:
            self._want(act, key)

    def _entered(self, refused: str, now: float) -> None:
        assert self.is_coming, "told twice, or without power"
        self.is_coming, self.is_inside = False, not refused

    def _want(self, act: str, key: str) -> None:
        if act == "eject":
            self.play.eject(key)
        elif act == "retain":
            self.play.retain("because", key)
        elif act == "turn_away":
            self.is_inside = False
            self.play.turn_away()

    def check(self) -> None:
        """No fact of a card without a card, and with a witness each in its place."""
        play = self.play
        for fact in play.told():
            self.told[type(fact).__name__] += 1
        happened = Counter(event for event, _ in play.wire.happened)
        binned, taken = play.wire.seen["binned"], happened["card_taken"]
        there = play.wire.seen["place"] is not None
        assert happened["card_inserted"] == binned + taken + there
        if not self.is_real:
            assert (self.told["CardRetained"], self.told["CardTaken"]) == (binned, taken)
        assert self.told["CardRetained"] <= binned
        assert self.told["CardTaken"] <= taken

    def wait(self, duration_s: float) -> None:
        """From instant to instant: the terminal never hears that a card was taken that is still in the reader."""
        play, end = self.play, self.play.now + duration_s
        while True:
            deadlines = (play.agenda.deadline, play.wire.core.deadline)
            play.wait(max(0.0, min([end, *(at for at in deadlines if at is not None)]) - play.now))
            if play.heard():
                assert play.wire.seen["place"] is None
            if play.now >= end:
                break
        self.check()

    def heal(self) -> None:
        """All is well again, and nobody holds on to anything."""
        if not self.is_in:
            self.do("unplug")
        if not self.is_on:
            self.do("power")
        self.play.order("release_card")
        self.wait(400)


@given(scripts, st.booleans())
def test_whatever_happens_no_fact_is_untrue(script: list[tuple[str, float]], is_real: bool) -> None:
    world = World(is_real)
    for act, pause_s in script:
        world.do(act)
        world.wait(pause_s)
    world.heal()
    play = world.play
    assert play.driver.state is DeviceState.ONLINE
    place = play.wire.seen["place"]
    assert play.driver.media is {None: MediaState.NOT_PRESENT, "takeout": MediaState.ENTERING}.get(
        place, MediaState.PRESENT
    )


@given(
    st.floats(0.0, 6.0),
    st.floats(0.0, 3.0),
    st.sampled_from(["eject", "retain"]),
    st.booleans(),
    st.booleans(),
)
def test_power_fails_in_the_middle_and_the_terminal_asks_again(
    at: float, dark_s: float, act: str, is_taken: bool, is_real: bool
) -> None:
    play = Play(is_real=is_real, takes=False).insert()
    _ = play.eject() if act == "eject" else play.retain()
    play.until(at).power_fails()
    if is_taken:
        play.order("take_card")
    play.until(dark_s).power_comes().until(20)
    binned, taken = play.wire.seen["binned"], any(event == "card_taken" for event, _ in play.wire.happened)
    told = [type(fact) for fact in play.of_card()]
    assert (told.count(facts.CardRetained), told.count(facts.CardTaken)) == (binned, taken)
    assert play.heard() == []
    play.eject().until(10)
    assert play.heard() == ([inputs.CardTaken()] if taken else [])
    if not (taken or binned):
        assert play.driver.media is MediaState.ENTERING
        play.order("take_card").until(5)
        assert play.heard() == [inputs.CardTaken()]
