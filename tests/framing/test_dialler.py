"""The dialler: by the golden exchanges, by transcripts, and on whatever a modem may say."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from atmbench import shipped
from atmbench.framing.dial_up import HELD_BYTES_MAX, DialSettings, Why
from atmbench.framing.dialler import (
    Connected,
    Dialler,
    Failed,
    HungUp,
    Lost,
    Outcome,
    Received,
    SetDtr,
    TryFailed,
)
from atmbench.framing.link_ends import Transmit

FRAMES: dict[str, Any] = YAML(typ="safe", pure=True).load(shipped.read("frames", "line_modem.yaml"))
SETTINGS = DialSettings(number="5551234", tries=2)
WITH_LINES = msgspec.structs.replace(SETTINGS, modem_lines=True)
OK, CONNECT, GONE = b"\r\nOK\r\n", b"\r\nCONNECT 2400\r\n", b"\r\nNO CARRIER\r\n"
AT, RESET = Transmit(b"AT\r"), Transmit(b"ATE1Q0V1H0\r")
DIAL, ESCAPE = Transmit(b"ATB0M1X4L1DT5551234\r"), Transmit(b"+++")


class Play:
    """A dialler with a clock."""

    def __init__(self, settings: DialSettings = SETTINGS) -> None:
        self.dialler = Dialler(settings)
        self.now = 0.0
        self.outcomes: list[Outcome] = []

    def do(self, outcomes: list[Outcome]) -> "Play":
        self.outcomes += outcomes
        return self

    def dial(self) -> "Play":
        return self.do(self.dialler.dial(self.now))

    def hang_up(self) -> "Play":
        return self.do(self.dialler.hang_up(self.now))

    def hear(self, data: bytes) -> "Play":
        return self.do(self.dialler.feed(data, self.now))

    def carrier(self, is_on: bool) -> "Play":
        return self.do(self.dialler.on_carrier(is_on, self.now))

    def due(self) -> float:
        """Go to the deadline; how long that took."""
        assert self.dialler.deadline is not None
        passed, self.now = self.dialler.deadline - self.now, self.dialler.deadline
        self.do(self.dialler.on_time(self.now))
        return passed

    def wait(self, duration_s: float) -> "Play":
        end = self.now + duration_s
        while self.dialler.deadline is not None and self.dialler.deadline <= end:
            self.due()
        self.now = end
        return self

    def taken(self) -> list[Outcome]:
        taken, self.outcomes = self.outcomes, []
        return taken


def dialled(settings: DialSettings = SETTINGS) -> Play:
    """The number is dialled, nothing said yet."""
    play = Play(settings).dial().wait(0.25).hear(OK)
    assert play.taken() == [AT, RESET, DIAL]
    return play


def connected(settings: DialSettings = SETTINGS) -> Play:
    """A call stands."""
    play = dialled(settings).carrier(True).hear(CONNECT).wait(0.5)
    assert play.taken() == [Connected(2400)]
    return play


# --- golden exchanges -----------------------------------------------------------------------------


@pytest.mark.parametrize("golden", FRAMES["results"], ids=lambda each: each["word"])
def test_it_makes_of_a_result_what_the_golden_exchanges_say(golden: dict[str, Any]) -> None:
    first = dialled().hear(golden["says"].encode()).wait(0.5).taken()[0]
    if golden["means"] == "connected":
        assert first == Connected(golden.get("bps", 0))
    else:
        assert isinstance(first, TryFailed)
        assert first.why == golden["means"]


@pytest.mark.parametrize("golden", FRAMES["sequences"], ids=lambda each: each["name"])
def test_it_goes_by_the_golden_sequences(golden: dict[str, Any]) -> None:
    play = Play()
    if golden.get("begins") == "connected" and golden["name"] == "hang up":
        play = connected().hang_up()
    else:
        play.dial()
    for who, text, *after_s in golden["steps"]:
        if who == "modem":
            play.hear(text.encode())
            continue
        waited_s = 0.0
        while not play.outcomes:
            waited_s += play.due()
        assert (play.outcomes.pop(0), waited_s) == (Transmit(text.encode()), *after_s)
    assert [each for each in play.taken() if not isinstance(each, HungUp)] in ([], [DIAL])


# --- transcripts ----------------------------------------------------------------------------------


def test_a_modem_that_says_nothing_is_reset_by_dtr_and_escape_and_then_named() -> None:
    play = Play(WITH_LINES).dial()
    waits = [play.due() for _ in range(6)]
    assert waits == [0.25, 1.0, 1.5, 1.5, 1.5, 10.0]
    *steps, failed = play.taken()
    assert steps == [AT, RESET, SetDtr(False), SetDtr(True), ESCAPE, RESET]
    assert isinstance(failed, TryFailed)
    assert failed.because == (
        "the modem does not say OK to ATE1Q0V1H0 within 10 s; see that it is on, and that this is its port and speed"
    )


def test_a_port_without_modem_lines_is_silent_before_the_escape() -> None:
    play = Play().dial()
    waits = [play.due() for _ in range(5)]
    assert waits == [0.25, 1.0, 1.5, 1.5, 10.0]
    assert play.taken()[:4] == [AT, RESET, ESCAPE, RESET]


def test_tries_are_bounded_and_all_are_told() -> None:
    play = dialled().hear(b"\r\nBUSY\r\n")
    assert play.taken() == [TryFailed(Why.BUSY, "the number 5551234 of the host is busy")]
    assert play.due() == 5.0
    play.wait(0.25).hear(OK).hear(b"\r\nNO ANSWER\r\n")
    because = "nobody answers at the number 5551234 of the host"
    assert play.taken() == [
        *(AT, RESET, DIAL),
        TryFailed(Why.NO_ANSWER, because),
        Failed((Why.BUSY, Why.NO_ANSWER), f"{because} (try 2; before: busy)"),
    ]
    assert (play.dialler.is_idle, play.dialler.deadline) == (True, None)


def test_a_call_without_a_result_is_given_up_and_at_last_taken_back() -> None:
    play = dialled(msgspec.structs.replace(SETTINGS, tries=1))
    assert play.due() == 45.0
    because = "the modem did not say within 45 s what became of the call to 5551234"
    assert play.taken() == [TryFailed(Why.NO_RESULT, because), AT]
    play.wait(0.25).hear(OK)
    assert play.taken() == [RESET, Failed((Why.NO_RESULT,), because)]
    play = dialled(msgspec.structs.replace(SETTINGS, tries=1)).wait(100.0)
    assert play.taken()[-1] == Failed((Why.NO_RESULT,), because)


def test_what_the_host_sends_while_the_line_settles_is_not_lost() -> None:
    play = dialled().hear(CONNECT[:-1]).hear(b"\n").hear(b"\nfirst ").hear(b"words")
    assert play.taken() == []
    assert play.wait(0.5).taken() == [Connected(2400), Received(b"\nfirst words")]
    play = dialled().hear(CONNECT + b"x" * 10_000).wait(0.5)
    assert play.taken() == [Connected(2400), Received(b"x" * HELD_BYTES_MAX)]


@pytest.mark.parametrize("word", [b"RING", b"OK", b"ATB0M1X4L1DT5551234", b"\xff\xfe", b"CONNECTED", b"x" * 500, b"0"])
def test_what_is_no_result_of_a_call_is_passed_over(word: bytes) -> None:
    play = dialled().hear(b"\r\n" + word + b"\r\n")
    assert play.taken() == []
    assert play.hear(CONNECT).wait(0.5).taken() == [Connected(2400)]


@pytest.mark.parametrize(
    ("said", "bps"), [(b"CONNECT\r", 0), (b"CONNECT 9600/ARQ\r", 9600), (b"CONNECT 1200 \r", 1200)]
)
def test_a_connect_may_say_more(said: bytes, bps: int) -> None:
    assert dialled().hear(said).wait(0.5).taken() == [Connected(bps)]


# --- a call that stands ---------------------------------------------------------------------------


def test_bytes_pass_only_while_a_call_stands() -> None:
    play = Play()
    assert play.dialler.send(b"x", 0.0) == play.dialler.feed(b"x\r", 0.0) == []
    play = connected()
    assert play.dialler.send(b"request", play.now) == [Transmit(b"request")]
    assert play.hear(b"answer").taken() == [Received(b"answer")]


def test_no_carrier_is_the_modems_word_if_nothing_follows_it() -> None:
    because = "the modem says NO CARRIER: the host or the telephone network has ended the call"
    play = connected().hear(b"half an ans").hear(GONE[:-1])
    assert play.hear(GONE[-1:]).due() == 0.5
    assert play.taken()[-1] == Lost(because)
    assert play.dialler.is_idle


def test_the_same_words_in_an_answer_are_data() -> None:
    play = connected().hear(b"text: " + GONE).wait(0.4).hear(b"and more").wait(10.0)
    assert play.dialler.is_connected
    assert b"".join(each.data for each in play.taken() if isinstance(each, Received)) == b"text: " + GONE + b"and more"
    assert connected().hear(b"NO CARRIER").wait(10.0).dialler.is_connected


def test_an_echo_of_what_was_sent_since_does_not_hide_the_end() -> None:
    play = connected().hear(GONE)
    play.do(play.dialler.send(b"\x05", play.now)).hear(b"\x05").wait(0.5)
    assert isinstance(play.taken()[-1], Lost)


def test_where_there_is_a_carrier_line_it_alone_says_that_the_call_is_over() -> None:
    play = connected(WITH_LINES).hear(GONE).wait(10.0)
    assert play.taken() == [Received(GONE)]
    assert play.carrier(False).taken() == [
        Lost("the carrier is gone: the host or the telephone network has ended the call")
    ]


def test_a_connect_without_a_carrier_is_none() -> None:
    play = dialled(WITH_LINES).hear(CONNECT).wait(0.5)
    assert play.taken() == [TryFailed(Why.NO_CARRIER, WITH_LINES.because(Why.NO_CARRIER))]


# --- hanging up -----------------------------------------------------------------------------------


def test_a_port_with_dtr_hangs_up_by_it() -> None:
    play = connected(WITH_LINES).hang_up()
    assert play.carrier(False).due() == 5.0
    assert play.due() == 1.5
    assert play.taken() == [SetDtr(False), SetDtr(True), HungUp()]


def test_a_modem_that_does_not_obey_dtr_is_reset() -> None:
    play = connected(WITH_LINES).hang_up().wait(6.5)
    assert play.taken() == [SetDtr(False), SetDtr(True), AT]
    play.wait(1.25 + 3.0 + 1.5).hear(OK)
    assert play.taken() == [RESET, SetDtr(False), SetDtr(True), ESCAPE, RESET, HungUp()]


def test_a_modem_that_does_not_answer_is_left_with_a_warning() -> None:
    play = connected().hang_up().wait(60.0)
    assert play.taken() == [ESCAPE, RESET, HungUp(SETTINGS.because(Why.NO_MODEM))]
    assert play.dialler.is_idle


@pytest.mark.parametrize("wait_s", [0.0, 0.25, 2.0, 3.0, 5.0])
def test_an_attempt_can_be_given_up_at_any_moment(wait_s: float) -> None:
    play = Play().dial().wait(wait_s).hang_up().wait(0.25).hear(OK)
    assert play.taken()[-1] == HungUp()
    assert play.dialler.is_idle
    play = dialled().hear(b"\r\nBUSY\r\n").hang_up()
    assert play.taken()[-1] == HungUp()
    play = Play(msgspec.structs.replace(SETTINGS, tries=1)).dial().wait(0.25).hear(OK).wait(45.0).hang_up()
    assert play.wait(0.25).hear(OK).taken()[-1] == HungUp()
    assert Play().hang_up().taken() == [HungUp()]


# --- whatever a modem may say ---------------------------------------------------------------------

WORDS = (OK, CONNECT, GONE, b"\r\nBUSY\r\n", b"\r\nNO ", b"CARRIER\r", b"\n", b"\r\nRING\r\n", b"ATE1Q0V1H0\r", b"\xff")
ENDS = (Connected, Failed)


@given(
    st.booleans(),
    st.lists(
        st.one_of(
            st.tuples(st.just("hear"), st.one_of(st.sampled_from(WORDS), st.binary(max_size=20))),
            st.tuples(st.just("wait"), st.sampled_from([0.0, 0.2, 0.5, 1.0, 1.5, 10.0, 45.0])),
            st.tuples(st.just("carrier"), st.booleans()),
        ),
        max_size=60,
    ),
)
def test_whatever_is_said_the_tries_are_bounded_and_something_comes_of_them(
    lines: bool, steps: list[tuple[str, Any]]
) -> None:
    play = Play(msgspec.structs.replace(SETTINGS, modem_lines=lines, tries=3)).dial()
    for what, value in steps:
        getattr(play, what)(value)
    play.wait(1_000.0)
    assert sum(isinstance(each, TryFailed) for each in play.outcomes) <= 3
    assert sum(each == DIAL for each in play.outcomes) <= 3
    assert sum(isinstance(each, ENDS) for each in play.outcomes) == 1
    assert sum(isinstance(each, Lost) for each in play.outcomes) <= sum(isinstance(e, Connected) for e in play.outcomes)
    assert play.dialler.deadline is None
    play.hang_up().wait(100.0)
    assert isinstance(play.outcomes[-1], HungUp)
    assert play.dialler.is_idle


@given(st.binary(max_size=200), st.lists(st.integers(1, 20), max_size=20))
def test_what_the_host_sends_is_handed_up_byte_by_byte_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    play = connected()
    rest = data
    for cut in cuts:
        play.hear(rest[:cut])
        rest = rest[cut:]
    play.hear(rest)
    assert b"".join(each.data for each in play.taken() if isinstance(each, Received)) == data


@pytest.mark.parametrize("told", [{"number": ""}, {"number": "555 1"}, {"number": "1", "tries": 0}, {"number": "1;"}])
def test_settings_that_cannot_be_are_refused(told: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told, DialSettings)
