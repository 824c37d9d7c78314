"""The driver of an Omron card reader before the stub: the same as the modelled reader, and what only a real one has."""

import pytest

from atmbench import facts
from atmbench.devices.roles import CardMover
from atmbench.devices.states import DeviceState, MediaState
from atmbench.terminal import inputs
from tests.devices.omron_play import KEY, NEXT_KEY, TRACK2, Play

EJECTED, TAKEN = facts.CardEjected(key=KEY), facts.CardTaken(key=KEY)
RETAINED = facts.CardRetained(because="not taken", key=KEY)
both = pytest.mark.parametrize("is_real", [False, True], ids=["machine", "real"])


def failed(error: str, because: str, key: str = "") -> facts.DeviceFailed:
    return facts.DeviceFailed(device="card_reader", error=error, because=because, key=key)


def test_it_is_a_card_mover() -> None:
    mover: CardMover = Play().driver
    assert mover is not None


# --- as the modelled reader -----------------------------------------------------------------------


@both
def test_a_card_comes_in_and_is_ejected_and_taken(is_real: bool) -> None:
    play = Play(is_real=is_real).insert()
    assert play.sent()[-2:] == ["C20", "C62"]
    assert (play.heard(), play.of_card(), play.entered) == ([], [], [""])
    play.eject().until(4)
    if is_real:
        play.order("take_card")
    play.until(4)
    assert play.heard() == [inputs.CardTaken()]
    assert play.of_card() == [EJECTED, TAKEN]
    assert play.sent() == ["C30", "C90", "C11", "CQ0"]


@both
def test_a_card_that_is_left_is_retained(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().eject().until(30)
    play.sent()
    play.retain().until(10)
    assert play.sent() == ["C11", "CQ0", "C41", "CQ0"]
    assert play.heard() == []
    assert play.of_card() == [EJECTED, RETAINED]
    assert play.eject().until(10).heard() == [], "it is in the bin: nobody has taken it"


@both
def test_a_card_is_retained_from_inside(is_real: bool) -> None:
    play = Play(is_real=is_real).insert().retain().until(10)
    assert play.of_card() == [RETAINED]
    assert play.wire.seen["binned"] == 1


@both
def test_a_hand_may_be_faster_than_the_bin(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().eject().until(10).retain().order("take_card").until(10)
    assert play.heard() == [inputs.CardTaken()]
    assert play.of_card() == [EJECTED, TAKEN]
    assert play.retain("too late").until(10).of_card() == []


@both
def test_a_card_in_the_slot_can_be_taken_in_the_dark_and_is_gone(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().eject().until(3).power_fails().order("take_card")
    play.until(3).power_comes().until(5)
    assert play.heard() == []
    assert play.of_card() == [EJECTED, TAKEN]
    assert play.eject().until(5).heard() == [inputs.CardTaken()]
    assert play.of_card() == []


@both
def test_a_card_that_stayed_in_the_slot_is_drawn_in_when_power_comes(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().eject().until(3).power_fails().until(1).power_comes().until(5)
    assert (play.heard(), play.driver.media) == ([], MediaState.PRESENT)
    play.eject().until(5).order("take_card").until(5)
    assert play.heard() == [inputs.CardTaken()]
    assert play.of_card() == [EJECTED, EJECTED, TAKEN]


def test_a_late_hand_does_not_take_the_card_that_came_back() -> None:
    play = Play(takes_after_s=6.0).insert().eject().until(2).power_fails().power_comes().until(2)
    play.eject().until(5)
    assert (play.heard(), play.driver.media) == ([], MediaState.ENTERING)
    assert play.until(4).heard() == [inputs.CardTaken()]
    assert play.wire.refused == []


def test_the_next_customer_waits_for_the_card_before() -> None:
    play = Play(takes=False).insert().eject().until(10).retain().comes()
    assert play.entered == [""]
    play.until(20)
    assert (play.entered, play.of_card()) == (["", ""], [EJECTED, RETAINED])
    play.eject(NEXT_KEY).until(5)
    assert (play.heard(), play.of_card()) == ([], [facts.CardEjected(key=NEXT_KEY)])


# --- the way in -----------------------------------------------------------------------------------


def test_whoever_comes_is_let_in_when_the_card_is_inside_and_not_before() -> None:
    play = Play().comes().until(0.2)
    assert (play.entered, play.driver.media) == ([], MediaState.NOT_PRESENT)
    play.until(2)
    assert (play.entered, play.driver.media) == ([""], MediaState.PRESENT)


def test_a_person_may_take_their_time() -> None:
    play = Play(is_real=True).comes().until(75)
    assert (play.sent().count("C20"), play.entered) == (3, [])
    play.order("insert_card", track2=TRACK2).until(5)
    assert (play.driver.media, play.of_device(), play.entered) == (MediaState.PRESENT, [], [""])


def test_a_person_who_never_comes_is_not_waited_for() -> None:
    play = Play(is_real=True).comes().until(100)
    assert play.entered == ["nobody has put a card in"]
    assert (play.driver.state, play.told(), play.heard()) == (DeviceState.ONLINE, [], [])
    play.sent()
    play.until(60)
    assert play.sent() == [], "the reader is left in peace"


@both
def test_nobody_is_let_in_while_a_card_lies_in_the_slot(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().eject().until(3).power_fails().order("hold_card").power_comes()
    play.until(5).comes().until(1)
    assert play.entered == ["", "a card lies in the slot"]
    assert play.order("take_card").until(5).insert().entered[2:] == [""]


@both
def test_a_stripe_that_cannot_be_read_is_told_and_the_card_goes_back(is_real: bool) -> None:
    play = Play(is_real=is_real)
    if not is_real:
        play.order("spoil_cards")
    play.insert(unreadable={"2": "43"}).until(5)
    assert play.entered == ["the card cannot be read"]
    assert failed("invalidMedia", "error 43, check character") in play.told()
    if is_real:
        play.order("take_card")
    play.until(5)
    assert (play.heard(), play.wire.seen["place"], play.wire.seen["binned"]) == ([], None, 0)


def test_a_card_of_a_wrong_length_goes_back() -> None:
    play = Play(is_real=True).insert(length="long")
    assert play.of_device() == [failed("cardTooLong", "error 20, card too long")]
    assert play.entered == ["the card cannot be read"]
    assert play.until(5).driver.media is MediaState.ENTERING


def test_whose_card_a_person_puts_in_is_not_known() -> None:
    play = Play(is_real=True).comes().order("insert_card", track2="9999990000005678=3012").until(5)
    assert (play.of_device(), play.entered) == ([], [""])


def test_another_track_than_that_of_the_order_is_told_without_a_digit() -> None:
    play = Play()
    play.wire.core.on_order({"do": "insert_card", "track2": "9999990000005678=3012"}, play.now)
    play.insert()
    assert play.entered == ["track 2 is not that of the card that was put in"]
    assert play.of_device() == [failed("invalidMedia", "track 2 is not that of the card that was put in")]


@pytest.mark.parametrize("track2", ["9999990000001234D3012", ";9999990000001234=3012?"])
def test_a_track_is_understood_in_any_dress(track2: str) -> None:
    play = Play().insert(track2)
    assert (play.driver.media, play.of_device(), play.entered) == (MediaState.PRESENT, [], [""])


def test_a_card_that_the_terminal_has_forgotten_makes_room() -> None:
    play = Play().insert().power_fails().power_comes().until(5).comes().until(10)
    assert play.of_card() == [facts.CardRetained(because="it was left in the reader")]
    assert (play.driver.media, play.entered) == (MediaState.PRESENT, ["", ""])
    assert play.wire.seen["binned"] == 1


# --- customers who are not served -----------------------------------------------------------------


@both
def test_a_customer_who_is_not_served_gets_the_card_back(is_real: bool) -> None:
    play = Play(is_real=is_real).insert().turn_away().until(2)
    if is_real:
        play.order("take_card")
    play.until(5)
    assert (play.heard(), play.of_card()) == ([], [facts.CardEjected(), facts.CardTaken()])
    assert play.insert().entered == ["", ""]


@both
def test_a_card_that_an_unserved_customer_leaves_is_kept_and_the_next_is_let_in(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().turn_away().until(100)
    assert play.of_card() == [facts.CardEjected(), facts.CardRetained(because="it was not taken")]
    assert (play.heard(), play.insert().entered) == ([], ["", ""])


def test_power_that_fails_while_a_card_goes_in_leaves_nobody_let_in() -> None:
    play = Play().comes().until(0.3).power_fails().until(5).power_comes().until(20)
    assert (play.entered, play.heard(), play.wire.refused) == ([], [], [])
    assert play.insert().entered == [""]


@both
def test_a_reader_that_is_pulled_out_while_a_card_goes_in_turns_the_customer_away(is_real: bool) -> None:
    play = Play(is_real=is_real).comes().until(0.3)
    play.order("unplug").until(1)
    assert play.entered == ["the card reader is gone"]
    play.comes()
    assert play.entered[1:] == ["no card can be put in: the card reader is noDevice"]
    play.order("plug").until(200)
    if is_real:
        play.order("take_card")
    assert play.until(5).driver.state is DeviceState.ONLINE
    assert (play.heard(), play.wire.seen["place"]) == ([], None)


# --- jams and broken parts ------------------------------------------------------------------------


@both
def test_a_jam_that_passes_delays_the_card(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().order("jam", at="front_throat", times=4)
    play.eject().until(20)
    assert play.told() == [
        failed("mediaJam", "error 10, card jam", KEY),
        facts.DeviceStateChanged(device="card_reader", state="hardwareError", because="error 10, card jam"),
        facts.DeviceStateChanged(device="card_reader", state="online"),
        EJECTED,
    ]


def test_a_jam_that_stays_is_told_once_and_tried_until_it_is_cleared() -> None:
    play = Play(takes=False).insert().order("jam", at="takeout").eject().until(120)
    assert play.told() == [
        failed("mediaJam", "error 10, card jam", KEY),
        facts.DeviceStateChanged(device="card_reader", state="hardwareError", because="error 10, card jam"),
        facts.DeviceStateChanged(device="card_reader", state="online"),
        facts.DeviceStateChanged(device="card_reader", state="hardwareError", because="error 10, card jam"),
        facts.DeviceStateChanged(device="card_reader", state="online"),
        facts.DeviceStateChanged(device="card_reader", state="hardwareError", because="error 10, card jam"),
    ]
    assert play.sent().count("C30") < 20, "with pauses"
    assert play.comes().entered[1:] == ["no card can be put in: the card reader is hardwareError"]
    assert play.order("clear_jams").until(30).heard() == []
    assert EJECTED in play.told()


def test_nobody_is_let_in_by_a_broken_reader() -> None:
    play = Play(takes=False).order("break", part="shutter").insert().until(30)
    assert (play.driver.state, play.entered) == (DeviceState.HARDWARE_ERROR, ["the card reader does not work"])
    play.comes()
    assert play.entered[1:] == ["no card can be put in: the card reader is hardwareError"]
    play.order("mend", part="shutter").until(60)
    assert play.driver.state is DeviceState.ONLINE
    assert play.insert().entered[2:] == [""]


def test_a_card_that_the_bin_does_not_take_comes_back_to_mind() -> None:
    play = Play(bin_cards=0).insert().retain().until(60)
    assert failed("mediaJam", "error 16, card jam at the rear", KEY) in play.told()
    assert play.wire.seen["binned"] == 0
    play.order("remove_card").until(60)
    assert play.heard() == [inputs.CardTaken()], "no longer in the reader, and not counted"


def test_a_hand_that_does_not_let_go_is_told_and_the_card_kept_when_it_does() -> None:
    play = Play(takes=False).insert().eject().until(5).order("hold_card").retain().until(60)
    assert failed("userError", "error 63, the card could not be drawn in", KEY) in play.told()
    play.order("release_card").until(20)
    assert play.of_card() == [RETAINED]


# --- port and secrecy -----------------------------------------------------------------------------


@both
def test_a_reader_that_is_pulled_out_is_asked_when_it_is_back(is_real: bool) -> None:
    play = Play(is_real=is_real, takes=False).insert().eject().until(5)
    play.told()
    play.wire.order("unplug")
    play.until(5).order("take_card").until(60)
    assert play.heard() == []
    play.wire.order("plug")
    play.until(20)
    assert play.heard() == [inputs.CardTaken()]
    states = [fact.state for fact in play.facts if isinstance(fact, facts.DeviceStateChanged)]
    assert states == ["noDevice", "starting", "online"]
    assert TAKEN in play.told()


def test_a_reader_that_is_silent_is_offline_until_it_speaks() -> None:
    play = Play(takes=False).order("power_off").comes().until(20)
    assert (play.driver.state, play.entered) == (
        DeviceState.OFFLINE,
        ["it does not answer, or nothing that can be understood"],
    )
    play.order("power_on").until(30)
    assert play.driver.state is DeviceState.ONLINE
    play.insert().eject().until(10)
    assert play.of_card() == [EJECTED]


def test_no_track_data_is_told_or_shown() -> None:
    play = Play(is_real=True).insert(unreadable={"3": "43"}).eject().until(5).order("take_card").until(5)
    shown = repr([play.told(), play.heard(), vars(play.driver), play.driver._wishes.present])
    assert "0000001234" not in shown
