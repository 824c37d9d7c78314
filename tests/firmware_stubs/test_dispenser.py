"""The dispenser stub, dry: transcripts of its line, its faults, and where its notes are."""

from typing import Any

import pytest

from firmware_stubs.dispenser.lcdm_4000 import HARMS
from firmware_stubs.dispenser.lcdm_small import HARMS_2000
from firmware_stubs.outcomes import Tell
from tests.firmware_stubs.dispenser_play import (
    ACK,
    EOT,
    LAST_STATUS,
    NAK,
    PURGE,
    RESET,
    STATUS,
    Play,
    command,
    dispense,
    frames,
    total,
)

DISP, PRESENTED_1 = 5, {"bundle": 1, "counted": True}


def code_of(answer: bytes) -> int:
    return answer[4] - 0x20


def set_up(machine: dict[str, Any], profile: str) -> Play:
    play = Play(profile=profile, cassettes=machine.get("cassettes"), repeat_s=1000.0)
    for fault in machine.get("faults", []):
        play.order("fault", **fault)
    for frame in machine.get("before", []):
        play.hear(bytes.fromhex(frame)).wait()
    play.says()
    return play


@pytest.mark.parametrize("golden", frames(), ids=lambda golden: f"{golden['profile']} {golden['name']}")
def test_golden_frames_are_answered_to_the_byte(golden: dict[str, Any]) -> None:
    play = set_up(golden.get("machine", {}), golden["profile"])
    play.hear(bytes.fromhex(golden["host"])).wait(10.0)
    answer = bytes.fromhex(golden.get("unit") or "")
    if "unit" in golden:
        assert play.line == (ACK + answer if answer else b"")
    else:
        assert (play.line[:1], play.line[4]) == (ACK, bytes.fromhex(golden["host"])[3])


# --- the exchange ---------------------------------------------------------------------------------


def test_a_good_dispense_from_command_to_hand() -> None:
    play = Play()
    assert play.hear(dispense(2, 1)).says() == ACK
    assert play.wait(0.9).says() == b"", "notes are on their way"
    assert play.hear(STATUS).says() == b"", "and nothing is heard"
    assert play.wait(10).says()[:5] == bytes.fromhex("01 30 02 52 20")
    assert play.hear(ACK).says() == EOT
    assert play.tells() == [Tell("presented", {"notes": {"1": 2, "2": 1}, **PRESENTED_1})]
    assert play.ask(STATUS)[DISP] == 0x48
    assert play.order("take_cash").tells() == [Tell("taken", {"notes": {"1": 2, "2": 1}, "bundle": 1})]
    assert play.ask(STATUS)[DISP] == 0x40
    assert (play.seen["taken"], play.seen["cassettes"]["1"]) == ({"1": 2, "2": 1}, 998)


def test_a_damaged_command_is_refused_and_does_nothing() -> None:
    play = Play()
    frame = dispense(1)
    assert play.hear(frame[:-1] + b"\x00").wait().says() == NAK
    assert play.seen["cassettes"]["1"] == 1000
    assert play.hear(b"\x04\x30\x02\x52\x01").says() == NAK, "01 is no parameter"
    assert play.hear(b"\x04\x31\x02\x50\x03\x64").wait().says() == b"", "another unit is meant"
    assert play.hear(frame[:9] + frame).says() == ACK, "a command that breaks off is forgotten when another begins"


def test_a_command_that_is_not_whole_in_time_is_forgotten() -> None:
    play = Play()
    play.hear(STATUS[:4]).wait(1.0)
    assert play.hear(STATUS[4:]).wait().says() == b""


@pytest.mark.parametrize(("profile", "status"), [("lcdm-4000", STATUS), ("lcdm-1000", command(0x46, unit=0x50))])
def test_an_answer_is_sent_three_times_in_all(profile: str, status: bytes) -> None:
    play = Play(profile=profile)
    answer = play.hear(status).wait(0.1).says()[1:]
    assert answer
    assert [play.hear(NAK).says() for _ in range(3)] == [answer, answer, b""]


def test_a_small_one_repeats_an_answer_that_nobody_acknowledges() -> None:
    play = Play(profile="lcdm-1000")
    status = command(0x46, unit=0x50)
    answer = play.hear(status).wait().says()[1:]
    assert answer == 3 * bytes.fromhex("01 50 02 46 30 30 80 80 03 16")
    play.hear(status).wait(0.1)
    assert play.hear(ACK).wait().says() == ACK + answer[:10], "no EOT ends it"
    assert play.ask(command(0x47, unit=0x50))[4:12] == b"O30T8013"
    assert play.ask(command(0x76, unit=0x50))[4:12] == b"01000001"
    assert (play.seen["rejected"], play.seen["exit"]) == ({"1": 1}, {})


def test_the_two_cassettes_of_an_lcdm_2000_are_told_apart() -> None:
    play = Play(profile="lcdm-2000", cassettes={"1": 40, "2": 31}, repeat_s=1000.0)
    assert play.ask(command(0x47, unit=0x50))[4:12] == b"T30T;56="
    assert play.ask(command(0x77, unit=0x50))[4:12] == b"01000101"
    assert play.ask(command(0x55, *b"02", unit=0x50))[4:12] == b"02020100"
    assert play.ask(command(0x46, unit=0x50))[6:8] == b"\xa0\xa0", (
        "notes in the exit, and the lower one is near its end"
    )
    assert play.order("take_cash").order("remove_cassette", cassette="1").ask(command(0x46, unit=0x50))[7] == 0xA2
    assert play.ask(command(0x56, *b"0101", unit=0x50))[12] == 0x45
    assert play.ask(command(0x56, *b"6101", unit=0x50))[12] == 0x3B
    assert play.ask(command(0x99, unit=0x50))[4] == 0x37


def test_a_new_command_ends_the_exchange_before() -> None:
    play = Play()
    play.hear(STATUS).wait()
    play.says()
    assert play.hear(LAST_STATUS).wait().says()[4] == 0x55


@pytest.mark.parametrize(
    ("style", "at_once", "later"),
    [("silent", b"", b""), ("ack", ACK, b""), ("two_responses", ACK, bytes.fromhex("01 30 02 44 20 03 54"))],
)
def test_reset_has_three_styles(style: str, at_once: bytes, later: bytes) -> None:
    play = Play(reset_style=style)
    assert play.hear(RESET).says() == at_once
    if later:
        for _ in range(2):
            assert play.wait(3.0).says() == later
            assert play.hear(ACK).says() == EOT
    else:
        assert play.hear(STATUS).wait(1.9).says() == b"", "it is deaf for two seconds"
        play.wait(0.2)
    assert play.hear(STATUS).says() == ACK


@pytest.mark.parametrize(
    ("fault", "first", "after_nak"),
    [
        ({"at": "no_ack"}, (b"", b""), b""),
        ({"at": "nak"}, (NAK, b""), b""),
        ({"at": "ack_lost"}, (b"", b"A"), b"A"),
        ({"at": "answer_lost"}, (ACK, b""), b"A"),
        ({"at": "answer_damaged"}, (ACK, b"D"), b"A"),
        ({"at": "answer_late", "late_s": 30.0}, (ACK, b""), b""),
    ],
)
def test_wire_faults_strike_at_their_stage(fault: dict[str, Any], first: tuple[bytes, bytes], after_nak: bytes) -> None:
    good = Play().ask(dispense(1))
    damaged = good[:14] + bytes([good[14] ^ 1]) + good[15:]
    said = {b"A": good, b"D": damaged}
    play = Play().order("link_fault", command="dispense", **fault)
    assert play.hear(dispense(1)).says() == first[0]
    assert play.wait(5.0).says() == said.get(first[1], b"")
    assert play.hear(NAK).says() == said.get(after_nak, b"")
    is_done = fault["at"] not in ("no_ack", "nak")
    assert play.seen["exit"] == ({"1": 1} if is_done else {})
    assert play.wait(60.0).says() == (good if fault["at"] == "answer_late" else b"")


def test_a_lost_end_is_said_after_the_next_acknowledgement() -> None:
    play = Play().order("link_fault", at="end_lost")
    answer = play.hear(STATUS).wait().says()[1:]
    assert play.hear(ACK).says() == b""
    assert (play.hear(NAK).says(), play.hear(ACK).says()) == (answer, EOT)


# --- what goes wrong inside -----------------------------------------------------------------------


@pytest.mark.parametrize("code", [*HARMS])
def test_every_error_code_can_be_ordered(code: int) -> None:
    play = Play()
    play.order("fault", **{"is": f"{code:02x}", "after": 1})
    frame = PURGE if code == 0x0E else dispense(3)
    error, out, _ = play.result(frame)
    assert error == code
    assert play.result(LAST_STATUS) == (code, out, {})
    assert total(play.seen) == dict.fromkeys("1234", 1000)
    assert sum(out.values()) <= sum(play.seen["exit"].values())


@pytest.mark.parametrize("code", [*HARMS_2000])
def test_every_error_code_of_a_small_one_can_be_ordered(code: int) -> None:
    play = Play(profile="lcdm-2000")
    play.order("fault", **{"is": f"{code:02x}", "after": 1})
    answer = play.ask(command(0x44, unit=0x50) if code == 0x4E else command(0x45, 0x30, 0x33, unit=0x50))
    assert answer[4 if code == 0x4E else 8] == code
    assert total(play.seen) == {"1": 1000, "2": 1000}


@pytest.mark.parametrize(
    ("word", "code", "stuck_at", "disp", "in_exit"),
    [
        ("pick_up", 0x01, "", 0x48, 2),
        ("chk_dvt", 0x02, "chk", 0x48, 2),
        ("dvt_ejt", 0x03, "dvt", 0x4B, 2),
        ("ejt_exit", 0x04, "ejt", 0x4C, 2),
        ("exit", 0x05, "", 0x48, 3),
    ],
)
def test_a_jam_leaves_notes_where_the_sensors_see_them(
    word: str, code: int, stuck_at: str, disp: int, in_exit: int
) -> None:
    play = Play().order("fault", **{"is": word, "after": 2})
    assert play.result(dispense(0, 5)) == (code, {"2": 2}, {})
    assert play.seen["exit"] == {"2": in_exit}
    assert play.seen["path_at"] == ({stuck_at: {"2": 1}} if stuck_at else {})
    status = play.ask(STATUS)
    assert status[DISP] == disp
    assert status[10] == (0x47 if stuck_at == "chk" else 0x44)
    play.order("take_cash")
    assert play.result(dispense(1))[0] == (0x0B if stuck_at else 0x00)


def test_a_purge_clears_the_path_and_last_status_tells_of_it() -> None:
    play = Play().order("fault", **{"is": "dvt_ejt", "stuck": 3})
    play.result(dispense(5))
    play.tells()
    assert play.result(PURGE) == (0, {}, {"1": 3})
    assert play.tells() == [Tell("purged", {"notes": {"1": 3}})]
    assert play.ask(LAST_STATUS)[4:6] == bytes([0x51, 0x20])
    assert (play.seen["rejected"], play.seen["path"]) == ({"1": 3}, {})


def test_a_purge_may_push_a_note_out_to_the_customer() -> None:
    play = Play(purge_pushes_out=True).order("fault", **{"is": "ejt_exit", "after": 1})
    play.result(dispense(2))
    play.order("take_cash").tells()
    assert play.result(PURGE) == (0, {}, {})
    assert play.tells() == [Tell("presented", {"notes": {"1": 1}, "bundle": 2, "counted": False})]


def test_rejected_notes_are_replaced_until_there_are_too_many() -> None:
    play = Play().order("fault", **{"is": "double_pick"}).order("fault", **{"is": "skewed", "rejects": 11})
    assert play.result(dispense(2)) == (0x00, {"1": 2}, {"1": 1})
    assert play.seen["rejected"] == {"1": 2}, "a double is one reject and two notes"
    play.order("take_cash")
    assert play.result(dispense(2)) == (0x0D, {}, {"1": 10})
    assert play.seen["rejected"] == {"1": 12}


def test_a_miscount_that_nobody_notices_is_only_in_the_counts() -> None:
    play = Play().order("fault", **{"is": "miscount", "after": 1})
    assert play.result(dispense(3)) == (0x00, {"1": 2}, {})
    assert play.tells()[-1] == Tell("presented", {"notes": {"1": 3}, "bundle": 1, "counted": False})


def test_what_a_command_asks_wrongly_is_refused_by_its_code() -> None:
    play = Play(near_end_refuses=True, cassettes={"1": 100, "2": 3})
    assert play.result(dispense())[0] == 0x24
    assert code_of(play.ask(command(0x52, 0x21))) == 0x31
    assert code_of(play.ask(command(0x59))) == 0x30
    assert play.result(dispense(0, 1))[0] == 0x25
    play.order("remove_reject_tray")
    assert play.result(dispense(1))[0] == 0x26
    play.order("insert_reject_tray").order("block", sensor="rjt")
    assert play.result(dispense(1))[0] == 0x20
    assert play.ask(STATUS)[DISP] == 0x50
    assert play.order("unblock", sensor="rjt").result(dispense(1))[0] == 0x00


def test_a_short_command_of_another_driver_is_obeyed() -> None:
    assert len(Play().ask(command(0x52, 0x21, 0x20, 0x20, 0x20, 0x20, 0x20, 0x2A))) == 29


def test_no_more_than_a_hundred_notes_move_in_one_command() -> None:
    error, out, _ = Play().result(dispense(60, 60))
    assert (error, out) == (0x0C, {"1": 60, "2": 40})


def test_a_cassette_can_be_out_empty_or_filled() -> None:
    play = Play(cassettes={"1": 2, "2": 100})
    assert play.result(dispense(3)) == (0x01, {"1": 2}, {})
    play.order("take_cash").order("remove_cassette", cassette="2")
    answer = play.ask(STATUS)
    assert answer[10:12] == bytes([0x40, 0x30])
    assert play.result(dispense(0, 1))[0] == 0x01
    play.order("insert_cassette", cassette="2").order("fill", cassette="1", notes=50)
    assert play.result(dispense(3, 1)) == (0x00, {"1": 3, "2": 1}, {})


def test_settings_are_written_and_read_back() -> None:
    play = Play()
    assert code_of(play.ask(command(0x5E, *bytes.fromhex("3C 36 30 30 35 3A 30 30")))) == 0
    assert play.ask(command(0x5F))[5:13] == bytes.fromhex("3C 36 35 3A 35 3A 35 3A")
    assert code_of(play.ask(command(0x5C, *b"2134"))) == 0
    assert code_of(play.ask(command(0x5C, *b"2234"))) == 0x31
    again = Play(kept=play.written)
    assert again.ask(command(0x5D))[5:9] == b"2134"
    assert len(again.ask(command(0x5B))) == 15
    assert again.ask(command(0x67)) == bytes.fromhex("01 30 02 67 20 21 03 56")
    assert again.ask(command(0x58, 0x32)) == bytes.fromhex("01 30 02 58 20 5C 7A 34 25 03 7F")
    assert again.seen["rejected"] == {"2": 5}
