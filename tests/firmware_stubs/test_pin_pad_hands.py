"""PINs on the stub of the PIN pad, from the first finger to the block; power, thieves and other hands."""

import json
from typing import Any

import pytest

from atmbench.security.keys import Key
from atmbench.security.pin_block import PinFormat, unseal
from firmware_stubs.errors import OrderError
from firmware_stubs.pin_pad.keypad import KEYS
from tests.firmware_stubs.pin_pad_play import (
    ACCOUNT,
    GOOD,
    MASTER,
    PAN,
    PIN,
    UID,
    WORKING,
    ZEROS,
    Play,
)
from tests.security.secrecy import leaks

SECRETS: list[bytes | str] = [bytes.fromhex(WORKING), bytes.fromhex(MASTER), "4271936"]


# --- PINs -----------------------------------------------------------------------------------------


def test_a_pin_is_typed_hidden_and_comes_out_sealed() -> None:
    play = Play().set_up()
    assert play.ask("600012") == GOOD
    assert play.types().says() == b"****\r"
    assert play.block() == GOOD + b"00047886F2179A0694B3"
    assert play.block() == GOOD + b"00047886F2179A0694B3", "asked again, given again"
    events = [(each.event, each.detail) for each in play.tells()]
    assert events[0] == ("pin_entry_began", {})
    assert events[1:6] == [("key_pressed", {"kind": "digit"})] * 4 + [("key_pressed", {"kind": "enter"})]
    assert events[6:] == [("pin_entry_ended", {"how": "typed"})] + [("pin_block_given", {})] * 2


@pytest.mark.parametrize(("character", "format"), [(" ", 0), ("!", 1), ('"', 2), ("#", 3)])
def test_every_format_can_be_read_by_a_host(character: str, format: int) -> None:
    play = Play().set_up()
    play.ask("600012")
    play.types().proves("30")
    answer = play.ask(f"730{character}{ACCOUNT}")[1:].decode()
    assert unseal(answer[4:], PAN, Key.parse(WORKING), PinFormat(format)) == PIN


def test_fill_digits_never_come_twice() -> None:
    play = Play().set_up()
    play.ask("600012")
    play.types()
    blocks = set()
    for _ in range(5):
        play.proves("30")
        blocks.add(play.ask(f"730#{ACCOUNT}"))
    assert len(blocks) == 5


def test_clear_takes_all_back_or_the_last_digit() -> None:
    for way, keys, pin in (
        ("2", ["9", "9", "clear", *PIN, "enter"], PIN),
        ("1", ["1", "2", "3", "9", "clear", "4", "enter"], PIN),
    ):
        play = Play().set_up()
        play.ask(f"60001{way}")
        play.order("press", keys=keys, every_s=0)
        assert unseal(play.block()[5:].decode(), PAN, Key.parse(WORKING)) == pin


def test_what_is_no_pin_is_none() -> None:
    play = Play().set_up()
    assert play.block() == b"\xef", "nothing was begun"
    play.ask("600012")
    assert play.block() == b"\xef", "nothing was typed"
    assert play.types("123").says() == b"***", "enter is dead before there are four"
    assert play.order("press", keys=["cancel"]).says() == b"\x1b"
    assert play.block() == b"\xef"
    play.ask("600012")
    play.ask("5032")
    assert play.types().says() == b"", "the keys are off"
    assert play.block() == b"\xef"


def test_a_new_entry_forgets_the_pin_before() -> None:
    play = Play().set_up()
    play.ask("600012")
    play.types().ask("600012")
    assert play.block() == b"\xef"


def test_an_entry_that_takes_too_long_is_over_with_one_byte() -> None:
    play = Play().set_up()
    play.ask("5205")
    play.ask("600012")
    play.types("123", enter=False).says()
    play.wait(3).ask("600012")
    play.types("1234", enter=False).says()
    assert play.wait(4.9).says() == b""
    assert play.wait(0.1).says() == b"\x80"
    assert play.wait(60).says() == b""
    assert play.block() == b"\xee"
    assert play.types().says() == b""


@pytest.mark.parametrize(
    ("at_max", "said", "is_there"), [("wait", b"****", False), ("enter", b"****\r", True), ("silent", b"****", True)]
)
def test_what_a_full_pin_does_is_a_setting(at_max: str, said: bytes, is_there: bool) -> None:
    play = Play(at_max=at_max).set_up()
    play.ask("5504")
    play.ask("600012")
    assert play.types("12349", enter=False).says() == said
    assert (play.block()[:1] == GOOD) is is_there


def test_a_pin_that_does_not_stay_can_be_fetched_once() -> None:
    play = Play(pin_stays=False).set_up()
    play.ask("600012")
    assert play.types().block()[:1] == GOOD
    assert play.block() == b"\xef"


def test_plain_keys_send_what_the_table_says() -> None:
    play = Play()
    assert play.ask("5033") == GOOD
    assert play.order("press", keys=["1", "00", "enter", "cancel", "a", "h"], every_s=0).says() == b'1"\r\x1bAH'
    play.ask("4" + "".join(f"{0x60 + index:02X}" for index in range(24)))
    assert play.order("press", keys=list(KEYS[:20]), every_s=0).says() == bytes(range(0x60, 0x74))
    assert play.ask("3")[1 + 50 : 1 + 98] == "".join(f"{0x60 + index:02X}" for index in range(24)).encode()


def test_information_has_its_146_bytes_in_their_places() -> None:
    play = Play()
    for text in ("3Lagos 7", "5214", "5404", "5512", "564F", "5034", "5820"):
        assert play.ask(text) == GOOD
    told = play.ask("3")[1:]
    assert len(told) == 146
    assert told[:50] == b"Lagos 7".ljust(50)
    assert told[98:118] == b"0100142A040C37372000"
    assert told[118:] == b"STUB0001ZT598 1001002401" + b"0001"
    play.set_up().ask("5033")
    assert play.ask("3")[99:101] == b"02", "no longer blank, and keys are on"


# --- power, thieves, hands ------------------------------------------------------------------------


def test_power_that_fails_takes_the_pin_and_leaves_the_keys() -> None:
    play = Play().set_up()
    play.ask("600012")
    play.types().proves("30").order("power_off").order("power_on")
    assert play.ask("3") == b"", "deaf while it starts"
    play.wait(1)
    assert play.ask(f"730 {ACCOUNT}") == b"\xef"
    play.ask("600012")
    assert play.types().ask(f"730 {ACCOUNT}") == b"\xec", "what was proved is forgotten"
    assert play.block()[:1] == GOOD


def test_a_reset_forgets_the_pin_and_who_proved_what() -> None:
    play = Play().set_up()
    play.ask("600012")
    assert play.types().proves("30").ask("5030") == GOOD
    assert play.wait(1).ask("831A12345678") == b"\xec"
    assert play.block() == b"\xef"


def test_whoever_tampers_finds_no_keys() -> None:
    play = Play().set_up()
    play.ask("600012")
    play.types().tells()
    play.order("tamper")
    assert [each.event for each in play.tells()] == ["tampered", "wiped"]
    assert play.pad.kept()["keys"] == {}
    for text in ("I", "600012", ":A0" + UID, "100" + "02" + ZEROS):
        assert play.ask(text) == b"\xdd"
    assert Play(json.loads(json.dumps(play.pad.kept()))).ask("I") == b"\xdd"
    play.order("repair")
    assert play.ask("I")[:1] == GOOD
    assert play.set_up().pad.seen()["keys"].keys() == {"00", "10", "30", "31"}


def test_tampering_needs_no_power() -> None:
    play = Play().set_up().order("power_off").order("tamper").order("power_on").wait(1)
    assert play.ask("I") == b"\xdd"
    assert play.pad.kept()["keys"] == {}


def test_an_open_removal_switch_stops_it_and_leaves_a_flag() -> None:
    play = Play().set_up()
    assert play.ask("N0") == GOOD + b"000"
    assert play.order("remove").ask("I") == b"\xff"
    assert play.ask("S") == b"\xff"
    assert play.order("install").ask("N0") == GOOD + b"001"
    assert play.ask("S") == GOOD
    assert play.ask("N0") == GOOD + b"000"
    assert play.proves("31").ask("831A12345678")[:1] == GOOD, "the keys are still there"
    assert Play(removal_wipes=True).set_up().order("remove").pad.kept()["keys"] == {}


def test_a_wipe_takes_keys_uid_and_settings() -> None:
    play = Play().set_up()
    play.ask("5404")
    assert play.ask("5031") == GOOD
    assert (play.pad.kept()["keys"], play.pad.kept()["uid"]) == ({}, "")
    assert play.set_up().pad.seen()["keys"].keys() == {"00", "10", "30", "31"}


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"do": "type_pin"}, "type_pin needs pin"),
        ({"do": "type_pin", "pin": "12a4"}, "type_pin needs pin"),
        ({"do": "type_pin", "pin": "1" * 20}, "type_pin needs pin"),
        ({"do": "type_pin", "pin": "1234", "every_s": -1}, "every_s and after_s"),
        ({"do": "press", "keys": ["any"]}, "press needs keys"),
        ({"do": "press", "keys": "1"}, "press needs keys"),
        ({"do": "repair"}, "nothing to repair"),
        ({"do": "install"}, "in its place already"),
        ({"do": "refuse", "command": "7"}, "refuse needs"),
        ({"do": "refuse", "command": "7", "rtn": "E"}, "refuse needs"),
        ({"do": "refuse", "command": "Z", "rtn": "EC"}, "refuse needs"),
    ],
)
def test_what_nobody_can_do_is_refused_without_a_digit(order: dict[str, Any], words: str) -> None:
    with pytest.raises(OrderError, match=words) as caught:
        Play().order(**order)
    assert order.get("pin", "1234") not in str(caught.value)


def test_fingers_are_bounded() -> None:
    play = Play().order("type_pin", pin="1" * 19).order("type_pin", pin="1" * 18)
    with pytest.raises(OrderError, match="no room on one keypad"):
        play.order("type_pin", pin="1" * 19)


def test_fingers_take_their_time_and_stop_when_power_fails() -> None:
    play = Play()
    play.ask("5033")
    play.order("type_pin", pin="123", after_s=1.0)
    assert [play.wait(each).says() for each in (0.9, 0.2, 0.2, 0.1, 0.1)] == [b"", b"1", b"2", b"3", b""]
    play.order("power_off").wait(5).order("power_on")
    assert play.wait(5).says() == b""


def test_a_refusal_that_was_ordered_does_nothing() -> None:
    play = Play().set_up().order("refuse", command="6", rtn="FB", times=2)
    assert [play.ask("600012") for _ in range(3)] == [b"\xfb", b"\xfb", GOOD]


# --- secrecy --------------------------------------------------------------------------------------


def test_nothing_that_is_told_seen_or_shown_gives_a_key_or_a_pin_away() -> None:
    pin = "4271936"
    play = Play().set_up()
    play.ask("600012")
    play.types(pin, enter=False)
    machine = play.pad._machine
    shown = [repr(each) for each in (play.pad.seen(), machine, vars(machine), vars(machine.vault), play.tells())]
    play.order("press", keys=["enter"])
    shown += [repr(each) for each in (play.pad.seen(), machine.entry, play.tells())]
    assert leaks(" ".join(shown), SECRETS) == []
    assert leaks(repr(play.pad.kept()), SECRETS[:1]) != [], "the file must hold the keys, and only it"
