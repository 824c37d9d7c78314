"""The PIN pad stub, dry: transcripts of its line, its keys, and a PIN from the first finger to the block."""

import json
from typing import Any

import pytest

from atmbench.security.keys import Key
from atmbench.security.mac import MacKey, MacMethod, MacRule
from firmware_stubs.errors import KeptError
from firmware_stubs.outcomes import Keep, Send, Tell
from tests.firmware_stubs.pin_pad_play import (
    ACCOUNT,
    GOOD,
    MASTER,
    UID,
    WORKING,
    ZEROS,
    Play,
    framed,
    frames,
    under,
)


@pytest.mark.parametrize("golden", [each for each in frames() if "host" in each], ids=lambda golden: golden["name"])
def test_golden_frames_are_answered_to_the_byte(golden: dict[str, Any]) -> None:
    play, state = Play(), golden.get("state", {})
    if "key_30" in state:
        assert state["key_30"] == WORKING
        play.set_up().ask("600012")
        play.types(state["types"]).proves("30")
    host = bytes.fromhex(golden["host"])
    play.says()
    answer = play.hear(host).says()
    if "text" in golden:
        assert framed(bytes.fromhex(golden["text"])) == host
    if "unit" in golden:
        assert answer == bytes.fromhex(golden["unit"])
    else:
        assert answer[4:5] == GOOD
    if "data" in golden:
        assert answer[5:-3] == bytes.fromhex(golden["data"])


# --- the line -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"\x02",
        b"\x02001",
        b"\x020013\x0302",
        b"\x02999" + b"1" * 50 + b"\x03",
        framed("3")[:-1],
        b"\x02abc3\x0301",
        b"\x02000" + b"\x03" * 30,
    ],
)
def test_a_damaged_frame_is_met_with_silence_and_the_next_one_with_an_answer(noise: bytes) -> None:
    play = Play()
    assert play.hear(noise).says() == b""
    play.wait(1)
    assert play.ask("3")[:1] == GOOD


def test_a_frame_in_pieces_is_one_frame_and_two_in_one_piece_are_two() -> None:
    play = Play()
    for byte in framed("5032"):
        play.hear(bytes([byte]))
    assert play.says() == framed(GOOD)
    assert play.hear(framed("5032") + framed("5033")).says() == 2 * framed(GOOD)


def test_a_text_too_long_for_three_digits_has_the_length_000() -> None:
    play = Play()
    text = "x" * 995 + "\x03\x03ABCDE"
    assert framed(text)[:4] == b"\x02000"
    assert play.hear(framed(text)).says() == framed(b"\xeb"), "command x is none"


@pytest.mark.parametrize("text", ["", "9", "x", "100", "1000"])
def test_what_is_no_command_is_refused(text: str) -> None:
    assert Play().ask(text) in (b"\xe8", b"\xeb")


@pytest.mark.parametrize(
    ("text", "rtn"),
    [
        ("1000zz", 0xE9),
        ("100" + "04" + ZEROS, 0xE3),
        ("100" + "02" + ZEROS[2:], 0xE8),
        ("100" + "02" + " " + ZEROS[1:], 0xE9),
        ("140" + "02" + ZEROS, 0xE4),
        ("21031" + "52" + ZEROS, 0xE2),
        ("21031" + "92" + ZEROS[1:], 0xE8),
        ("21010" + "32" + ZEROS, 0xE4),
        ("4" + "00" * 23, 0xE8),
        ("50", 0xE8),
        ("503", 0xE8),
        ("5Z30", 0xEB),
        ("5500", 0xE9),
        ("600013", 0xE9),
        ("60001", 0xE8),
        ("730@", 0xEB),
        ("731 " + ACCOUNT, 0xEF),
        ("730 " + ACCOUNT[1:], 0xE8),
        ("831X12345678", 0xEB),
        ("831A1234567", 0xE8),
        ("831A12345678", 0xE4),
        (":00" + UID, 0xE4),
        (":90" + UID, 0xFA),
        (":A0", 0xE8),
        ("N1", 0xEB),
        ("I0", 0xE8),
        ("3" + 51 * "x", 0xE8),
    ],
)
def test_what_cannot_be_obeyed_is_refused_by_its_return_byte(text: str, rtn: int) -> None:
    assert Play().ask(text) == bytes([rtn])


# --- keys -----------------------------------------------------------------------------------------


def test_keys_are_loaded_told_by_their_check_values_and_survive_a_power_failure() -> None:
    play = Play()
    assert play.ask("100" + "02" + ZEROS) == GOOD + bytes.fromhex("8CA64DE9C1B123A7"), "bytes, not digits"
    play.ask(":80" + UID)
    play.proves("00")
    assert play.ask("10102" + MASTER)[1:].hex().upper() == under(MASTER, "00" * 8)
    play.proves("01")
    assert play.ask("20130" + "32" + under(MASTER, WORKING)) == GOOD + b"08D7B4FB629D0885"
    assert [each.event for each in play.tells()] == ["key_loaded"] * 3
    assert play.pad.seen()["keys"] == {"00": "8CA64D", "01": Key.parse(MASTER).check_value, "30": "08D7B4"}
    play.order("power_off").order("power_on")
    again = Play(json.loads(json.dumps(play.pad.kept())))
    assert again.pad.seen()["keys"] == play.pad.seen()["keys"]
    assert again.ask("600012") == GOOD
    assert again.types().block() == GOOD + b"00047886F2179A0694B3"


def test_what_is_told_of_a_key_is_written_down_before() -> None:
    play = Play()
    play.hear(framed("100" + "02" + ZEROS))
    kinds = [type(each) for each in play.outcomes]
    assert kinds == [Keep, Tell, Send]


def test_without_an_imk_or_a_tmk_no_other_key_is_taken() -> None:
    play = Play()
    assert play.ask("10102" + MASTER) == b"\xe1"
    play.ask("100" + "02" + ZEROS)
    play.ask(":80" + UID)
    assert play.proves("00").ask("21030" + "32" + WORKING) == b"\xe2"


def test_every_use_of_a_key_must_be_authenticated_by_that_key() -> None:
    play = Play().set_up()
    load = "21030" + "32" + under(MASTER, WORKING)
    assert play.ask(load) == b"\xec"
    assert play.proves("30").ask(load) == b"\xec", "proved for another key"
    assert play.proves("10").ask(load)[:1] == GOOD
    assert play.ask(load) == b"\xec", "used up"
    assert play.ask("831A12345678") == b"\xec"
    assert play.ask("100" + "02" + ZEROS) == b"\xec", "a second first key"
    assert play.ask(":80" + ZEROS) == b"\xec"


def test_who_does_not_know_the_uid_proves_nothing() -> None:
    play = Play().set_up()
    random = play.ask(":A0" + UID)[1:].decode()
    challenge = play.ask(":30" + random)[1:].decode()
    assert challenge == under(WORKING, random)
    assert play.ask(":90" + under(ZEROS, challenge)) == b"\xec"
    assert play.ask(":90" + under(UID, challenge)) == b"\xec", "a challenge counts once"
    assert play.ask(":30" + random) == b"\xec"
    assert play.ask(":A0" + UID)[1:].decode() != random


@pytest.mark.parametrize(("rule", "rtn"), [("every", b"\xec"), ("once", GOOD), ("never", GOOD)])
def test_how_often_a_use_must_be_authenticated_is_a_setting(rule: str, rtn: bytes) -> None:
    play = Play(authentication=rule).set_up()
    play.proves("31").ask("831A12345678")
    assert play.ask("831A12345678")[:1] == rtn


def test_a_key_works_for_what_it_is_for_only() -> None:
    play = Play().set_up()
    assert play.proves("30").ask("830A12345678") == b"\xe5"
    play.ask("600012")
    assert play.types().proves("31").ask(f"731 {ACCOUNT}") == b"\xe5"
    assert play.proves("30").ask("23032" + "32" + WORKING) == b"\xe5"


def test_a_key_is_erased() -> None:
    play = Play().set_up()
    assert play.proves("31").ask("200310" + "0") == GOOD
    assert "31" not in play.pad.seen()["keys"]


def test_macs_are_chained_by_the_first_part_and_ended_by_the_whole_key() -> None:
    play, key = Play().set_up(), Key.parse(WORKING)
    text = b"The quick brown fox jumps over the lazy dog, twice."
    padded = text.ljust(56, b"\0")
    first = play.proves("31").ask(b"8312" + padded[:-8])[1:]
    assert (
        first.decode()
        == MacKey(Key.parse(WORKING[:16]), MacRule(method=MacMethod.X9_9)).generate(padded[:-8]).hex().upper()
    )
    last = (int(first, 16) ^ int.from_bytes(padded[-8:])).to_bytes(8)
    mac = play.proves("31").ask(b"831A" + last)[1:]
    assert mac.decode() == MacKey(key, MacRule()).generate(text).hex().upper()


# --- wire faults ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "is_done", "is_heard"),
    [("no_ack", False, False), ("nak", False, False), ("answer_lost", True, False), ("answer_damaged", True, True)],
)
def test_where_the_wire_fails_decides_what_is_done(at: str, is_done: bool, is_heard: bool) -> None:
    play = Play().order("link_fault", at=at, command="5")
    said = play.hear(framed("5033")).says()
    assert (said != b"") is is_heard
    assert said != framed(GOOD)
    assert (play.pad.seen()["input"] == "plain") is is_done
    assert play.ask("5033") == GOOD


def test_a_late_answer_is_late_and_a_flood_of_commands_is_bounded() -> None:
    play = Play().order("link_fault", at="answer_late", late_s=2.5)
    assert play.hear(framed("5033")).wait(2.4).says() == b""
    assert play.wait(0.2).says() == framed(GOOD)
    play = Play(answer_s=1.0).hear(500 * framed("600012"))
    assert play.wait(5).says() == 10 * framed(GOOD)
    assert play.hear(framed("5033")).wait(5).says() == framed(GOOD)


# --- the ZT588 ------------------------------------------------------------------------------------


def test_the_zt588_gets_its_account_with_the_entry_and_proves_itself() -> None:
    play = Play(profile="zt588")
    uid = "11" * 8
    imk, working = "0123456789ABCDEF" * 3, WORKING
    assert play.ask("120" + "21" + MASTER) == b"\xe1"
    assert play.ask("180" + "12" + imk) == GOOD + under(imk, "00" * 8).encode()
    random = play.ask(":A0" + "30" * 16)[1:].decode()
    response = under(imk, random)
    assert play.ask(":91" + response) == GOOD + under(imk, response).encode()
    assert play.ask("120" + "21" + MASTER)[:1] == GOOD
    random = play.ask(":A0" + "30" * 16)[1:].decode()
    response = under(uid, play.ask(":20" + random)[1:].decode())
    assert play.ask(":90" + response) == GOOD + under(uid, response).encode()
    assert play.ask("22030" + "32" + under(MASTER, working))[:1] == GOOD
    for text in ("53FF", "5404", "550C"):
        assert play.ask(text) == GOOD
    assert play.ask("630 004" + ACCOUNT) == GOOD
    assert play.types(enter=False).says() == b"\xff" * 4, "and no byte when it is full"
    assert play.ask("7") == GOOD + b"00047886F2179A0694B3"
    assert play.ask("630@004" + ACCOUNT) == b"\xeb"


def test_what_one_model_has_kept_is_not_taken_for_another() -> None:
    with pytest.raises(KeptError, match="of a zt598, and this is a zt588"):
        Play(Play().pad.kept(), profile="zt588")
