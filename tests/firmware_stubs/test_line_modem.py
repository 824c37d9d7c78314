"""The modem stub: command lines and results, by the golden exchanges and by transcripts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_stubs.errors import OrderError
from firmware_stubs.line_modem.acts import Connect, HangUp
from firmware_stubs.line_modem.commands import dialling_s, parsed
from firmware_stubs.line_modem.settings import Settings
from firmware_stubs.line_modem.stub import make
from tests.firmware_stubs.modem_play import NUMBER, Play, connected, frames

FRAMES = frames()


# --- golden exchanges -----------------------------------------------------------------------------


@pytest.mark.parametrize("golden", FRAMES["commands"], ids=lambda each: each["name"])
def test_it_answers_commands_as_the_golden_exchanges_say(golden: dict[str, Any]) -> None:
    assert Play().ask(golden["sends"]) == golden["echo"] + golden["says"]


@pytest.mark.parametrize("verbal", [True, False])
@pytest.mark.parametrize("golden", FRAMES["results"], ids=lambda each: each["word"])
def test_it_says_how_a_call_went_as_the_golden_exchanges_say(golden: dict[str, Any], verbal: bool) -> None:
    play = Play(**golden.get("settings", {}))
    play.ask(f"ATE0V{verbal:d}\r")
    if "fault" in golden:
        play.order("fault", **golden["fault"])
    if "link_fault" in golden:
        play.order("link_fault", **golden["link_fault"])
    said = play.ask(f"ATDT{NUMBER}\r", 60.0)
    assert said == (golden["says"] if verbal else f"{golden['number']}\r")
    assert play.seen["carrier"] == (golden["means"] == "connected")


@pytest.mark.parametrize("golden", FRAMES["sequences"], ids=lambda each: each["name"])
def test_it_goes_along_with_the_golden_sequences(golden: dict[str, Any]) -> None:
    play = Play()
    if golden.get("begins") == "connected":
        play.hear(f"ATDT{NUMBER}\r").wait(15.0).taken()
    for who, text, *after_s in golden["steps"]:
        if who == "terminal":
            assert play.wait(*after_s).taken() == ""
            play.hear(text)
        else:
            while play.said.decode() != text:
                assert play.core.deadline is not None
                play.wait(play.core.deadline - play.now)
            play.taken()
    assert (play.far == b"") == ("begins" not in golden)


# --- command lines --------------------------------------------------------------------------------


def test_a_line_may_be_small_be_spaced_be_mended_and_be_repeated() -> None:
    play = Play(echo=False)
    assert play.words("at e0 q0 v1 h0\r", 0.1) == "OK"
    assert play.words("ATE0X7\b4\r", 0.1) == "OK"
    assert play.words("ATS0=3\r", 0.1) == "OK"
    assert play.words("ATS0?\r", 0.1) == "003 | OK"
    assert play.words("A/", 0.1) == "003 | OK"
    assert play.words("noise\rAT\r", 0.1) == "OK"
    assert play.words("aT\r", 0.1) == ""
    assert play.words("AATE9\r", 0.1) == "ERROR"


@pytest.mark.parametrize("line", ["K", "E2", "S99=1", "S0=256", "S1=0", "DT555;", "X5", "S0", "\x7f", "M4"])
def test_what_it_does_not_know_is_an_error_and_what_stood_before_is_done(line: str) -> None:
    play = Play(echo=False)
    assert play.words(f"ATS7=9{line}\r", 0.1) == "ERROR"
    assert play.words("ATS7?\r", 0.1) == "009 | OK"


def test_a_line_that_is_too_long_is_an_error_and_nothing_of_it_is_done() -> None:
    play = Play(echo=False)
    assert play.words("ATS7=9" + "M1" * 19 + "\r", 0.1) == "ERROR"
    assert play.words("ATS7?\r", 0.1) == "030 | OK"
    assert play.words("AT" + "M1" * 20 + "\r", 0.1) == "OK"


def test_parity_of_a_terminal_is_not_heard() -> None:
    even = "".join(chr(ord(each) | 0x80 * (ord(each).bit_count() % 2)) for each in "ATE1\r")
    assert Play().ask(even) == "ATE1\r\r\nOK\r\n"


def test_quiet_says_nothing_and_a_reset_ends_it() -> None:
    play = Play(echo=False)
    assert play.words("ATQ1\r", 0.1) == ""
    assert play.words("ATK\r", 0.1) == ""
    assert play.words("ATZ\r", 0.1) == "OK"


def test_a_reset_with_a_result_still_to_come_does_not_stop_it() -> None:
    play = Play(echo=False)
    assert play.words("AT\rATZ\rATE0\r", 0.1) == "OK | OK | OK"


def test_registers_say_how_a_line_ends() -> None:
    play = Play(echo=False)
    play.ask("ATS3=33S4=46\r")
    assert play.ask("AT!") == "!.OK!."


@given(st.binary(max_size=60), st.integers(0, 40))
def test_whatever_it_hears_it_goes_on(data: bytes, cut: int) -> None:
    play = Play()
    play.hear(data[:cut].decode("latin-1")).wait(0.5).hear(data[cut:].decode("latin-1")).wait(120.0)
    play.wait(2.0).hear("+++").wait(2.0).hear("\rATZ\r").wait(1.0).taken()
    assert play.ask("ATE0Q0V1H0S3=13\r").endswith("OK\r\n")


@given(st.text(max_size=50))
def test_a_line_is_read_up_to_what_is_not_known(text: str) -> None:
    line = parsed(text)
    assert len(line.commands) <= len(text)
    assert parsed(text + "$").commands == line.commands or "D" in text.upper()
    assert not parsed(text + "$").is_sound


# --- calls out ------------------------------------------------------------------------------------


def test_dialling_takes_its_time() -> None:
    play = Play(echo=False)
    assert play.ask(f"ATDT{NUMBER}\r", 2.0 + 7 * 0.19 + 6.0 - 0.01) == ""
    assert play.acts == []
    assert play.wait(0.02).taken() == "\r\nCONNECT 2400\r\n"
    assert play.acts == [Connect(NUMBER)]
    assert play.seen | {"carrier": True, "bps": 2400, "number": NUMBER, "calls": 1, "call": "up"} == play.seen
    assert play.told == ["calling", "carrier_on"]


def test_pulses_and_commas_take_longer() -> None:
    times = {"is_pulse": False, "tone_s": 0.1, "pulse_gap_s": 0.7, "pause_s": 2.0}
    assert dialling_s("T12", **times) == pytest.approx(0.4)  # type: ignore[arg-type]
    assert dialling_s("P120", **times) == pytest.approx(0.8 + 0.9 + 1.7)  # type: ignore[arg-type]
    assert dialling_s("0,1", **times) == pytest.approx(2.4)  # type: ignore[arg-type]
    assert dialling_s("0", **{**times, "is_pulse": True}) == pytest.approx(1.7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "fault", "says"),
    [
        (0, {"is": "slow", "bps": 1200}, "CONNECT"),
        (1, {"is": "busy"}, "NO CARRIER"),
        (2, {"is": "busy"}, "NO CARRIER"),
        (3, {"is": "busy"}, "BUSY"),
        (1, {"is": "no_dialtone"}, "NO CARRIER"),
        (3, {"is": "no_dialtone"}, "NO CARRIER"),
        (2, {"is": "no_dialtone"}, "NO DIALTONE"),
    ],
)
def test_x_says_which_tones_are_known(level: int, fault: dict[str, Any], says: str) -> None:
    play = Play(echo=False)
    play.order("fault", **fault)
    assert play.words(f"ATX{level}DT{NUMBER}\r") == says


def test_nobody_in_the_network_is_nobody_who_lifts() -> None:
    play = Play(echo=False, joins=False)
    assert play.words(f"ATDT{NUMBER}\r") == "NO ANSWER"
    assert play.acts == [Connect(NUMBER), HangUp()]
    play = Play(echo=False, joins=False, unanswered_word="NO CARRIER")
    assert play.words(f"ATDT{NUMBER}\r") == "NO CARRIER"


def test_a_key_ends_an_attempt_but_not_the_line_feed_behind_the_command() -> None:
    play = Play(echo=False)
    assert play.ask(f"ATDT{NUMBER}\r\n", 1.0) == ""
    assert play.words("x", 0.1) == "NO CARRIER"
    assert play.wait(60.0).taken() == ""
    assert play.words("AT\r", 0.1) == "OK"


# --- a call ---------------------------------------------------------------------------------------


def test_bytes_take_the_time_of_the_line_both_ways() -> None:
    play = connected(line_bps=1200)
    play.hear("0123456789abcdef!").from_far(b"ok")
    assert play.wait(2 * 10 / 1200 + 0.0001).taken() == "ok"
    assert play.far == b""
    assert play.wait(14 * 10 / 1200).far == b"0123456789abcdef"
    assert play.wait(1.0).far == b"0123456789abcdef!"


def test_what_is_sent_without_end_is_lost_and_told() -> None:
    play = connected()
    play.hear("x" * 5_000).wait(60.0)
    assert len(play.far) == 4_096
    assert play.told[-1] == "overrun"


def test_three_signs_alone_lead_to_commands_and_o_leads_back() -> None:
    play = connected()
    assert play.hear("+++").wait(0.99).taken() == ""
    assert play.wait(0.02).taken() == "\r\nOK\r\n"
    assert (play.seen["mode"], play.seen["carrier"]) == ("commands", True)
    assert play.far == b"+++"
    assert play.from_far(b"meanwhile").wait(1.0).taken() == ""
    assert play.ask("ATO\r") == "\r\nCONNECT 2400\r\nmeanwhile"
    assert play.hear("on").wait(1.0).far == b"+++on"


@pytest.mark.parametrize(
    "pieces",
    [
        [("x", 0.5), ("+++", 5.0)],
        [("+++", 0.5), ("x", 5.0)],
        [("+++x", 5.0)],
        [("x+++", 5.0)],
        [("++", 5.0)],
        [("++++", 5.0)],
        [("++", 1.5), ("+", 5.0)],
    ],
    ids=str,
)
def test_anything_else_is_data(pieces: list[tuple[str, float]]) -> None:
    play = connected()
    for text, wait_s in pieces:
        play.hear(text).wait(wait_s)
    assert (play.seen["mode"], play.taken()) == ("data", "")
    assert play.far.decode() == "".join(text for text, _ in pieces)


def test_three_signs_may_be_typed_one_by_one() -> None:
    play = connected()
    for _ in range(3):
        play.hear("+").wait(0.3)
    assert play.wait(1.0).taken() == "\r\nOK\r\n"


def test_an_escape_can_be_switched_off() -> None:
    play = Play(echo=False)
    play.ask(f"ATS2=128DT{NUMBER}\r", 15.0)
    assert play.hear("+++").wait(5.0).hear("\x80\x80\x80").wait(5.0).seen["mode"] == "data"


def test_h_hangs_up_and_o_finds_nobody_then() -> None:
    play = connected()
    play.hear("+++").wait(2.0).taken()
    assert play.words("ATH\r", 0.1) == "OK"
    assert (play.hung_up, play.seen["carrier"]) == (1, False)
    assert play.words("ATO\r", 0.1) == "NO CARRIER"
    assert play.words("ATDT1\r", 20.0) == "CONNECT 2400"


def test_a_second_call_is_an_error_as_long_as_one_stands() -> None:
    play = connected()
    play.hear("+++").wait(2.0).taken()
    assert play.words("ATDT1\r", 0.1) == "ERROR"
    assert play.words("ATA\r", 0.1) == "ERROR"


def test_a_far_end_that_hangs_up_is_heard_to_its_end_and_then_the_carrier_is_given_up() -> None:
    play = connected()
    play.from_far(b"x" * 40).far_hangs_up().from_far(b"never")
    assert play.seen["carrier"]
    assert play.wait(40 * 10 / 2400 + 0.01).taken() == "x" * 40
    assert not play.seen["carrier"]
    assert play.hear("lost").wait(1.3).taken() == ""
    assert play.wait(0.2).taken() == "\r\nNO CARRIER\r\n"
    assert (play.seen["mode"], play.far, play.hung_up) == ("commands", b"", 1)


def test_dtr_ends_a_call_unless_it_is_only_a_flicker() -> None:
    play = connected()
    play.order("drop_dtr").wait(0.04).order("raise_dtr").wait(1.0)
    assert play.seen["carrier"]
    play.order("drop_dtr").wait(0.1)
    assert play.taken() == "\r\nNO CARRIER\r\n"
    assert (play.hung_up, play.seen["dtr"]) == (1, False)
    assert play.words("ATDT1\r", 0.1) == "ERROR"
    play.order("raise_dtr")
    assert play.words("ATDT1\r", 20.0) == "CONNECT 2400"


def test_a_modem_may_take_no_notice_of_dtr() -> None:
    play = connected(obeys_dtr=False)
    assert play.order("drop_dtr").wait(1.0).seen["carrier"]


def test_the_telephone_line_may_be_pulled_out() -> None:
    play = connected()
    assert play.order("unplug_line").wait(2.0).taken() == "\r\nNO CARRIER\r\n"
    assert play.words(f"ATDT{NUMBER}\r") == "NO DIALTONE"
    with pytest.raises(OrderError, match="cannot be called now"):
        play.order("ring")
    play.order("plug_line")
    assert play.words(f"ATDT{NUMBER}\r") == "CONNECT 2400"


def test_power_that_fails_ends_the_call_and_all_that_was_set() -> None:
    play = connected()
    play.order("power_off").wait(1.0)
    assert (play.hung_up, play.seen["carrier"]) == (1, False)
    play.order("power_on")
    assert play.ask("AT\r", 1.5) == ""
    assert play.ask("AT\r") == "AT\r\r\nOK\r\n"
    assert make({}, play.core.kept()).seen()["calls"] == 1


# --- calls in -------------------------------------------------------------------------------------


def test_it_answers_by_itself_after_so_many_rings() -> None:
    play = Play()
    play.ask("ATB0E0Q0S0=2\r")
    assert play.order("ring").taken() == "\r\nRING\r\n"
    assert play.seen["rings"] == 1
    assert play.wait(6.1).taken() == "\r\nRING\r\n"
    assert play.wait(3.0).taken() == "\r\nCONNECT 2400\r\n"
    assert play.acts == [Connect("")]
    assert play.from_far(b"hello").wait(1.0).taken() == "hello"


def test_it_is_answered_by_a_command_or_rings_until_the_caller_gives_up() -> None:
    play = Play(echo=False)
    play.order("ring", times=2)
    assert play.words("ATA\r", 10.0) == "CONNECT 2400"
    play = Play(echo=False)
    assert play.order("ring", times=2).wait(30.0).taken() == "\r\nRING\r\n" * 2
    assert play.seen["rings"] == 0
    assert play.words("ATA\r") == "NO CARRIER"


def test_without_dtr_it_lets_it_ring() -> None:
    play = Play(echo=False)
    play.ask("ATS0=1\r")
    play.order("drop_dtr").wait(1.0).order("ring", times=3).wait(60.0)
    assert (play.taken(), play.seen["carrier"]) == ("\r\nRING\r\n" * 3, False)


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"registers": {"99": 1}}, "no register '99'"),
        ({"codes": {"HELLO": 9}}, "no result 'HELLO'"),
        ({"phone_book": {"1": "socket://192.0.2.1:80"}}, "cannot be called as 1"),
        ({"phone_book": {"1": "socket://127.0.0.1:0"}}, "ports are 1 to 65535"),
        ({"phone_book": {"1": "tcp"}}, "say line, or socket"),
    ],
)
def test_settings_that_cannot_be_are_named(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(OrderError, match=says):
        Settings(**settings).check()
    with pytest.raises(OrderError):
        make(settings, {})
