"""The Omron 3S4YR stub: its exchange and its commands, as transcripts."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from firmware_stubs.card_reader.link import Control, Receiver, control, framed
from tests.firmware_stubs.reader_host import ACK, ENQ, EOT, NAK, TRACK2, Host, frame, ready, with_card

FRAMES = YAML(typ="safe").load(Path("fixtures/frames/card_reader.yaml").read_text())["frames"]


# --- golden frames --------------------------------------------------------------------------------


@pytest.mark.parametrize("golden", FRAMES, ids=lambda golden: str(golden["name"]))
def test_a_golden_frame_is_understood_and_made(golden: dict[str, Any]) -> None:
    raw, text = bytes.fromhex(golden["hex"]), bytes.fromhex(golden["text"])
    if text:
        assert framed(text) == raw
        assert Receiver().feed(raw) == [text]
    elif golden["direction"] == "to_reader":
        assert Receiver().feed(raw) == [Control[golden["meaning"]]]
    else:
        assert control(raw[1]) == raw


def test_the_golden_conversation() -> None:
    by_name = {golden["name"]: bytes.fromhex(golden["hex"]) for golden in FRAMES}
    host = Host()
    host.send(by_name["status"])
    assert host.wait(0.02) == by_name["command taken"]
    host.send(by_name["execute, or say again"])
    assert host.wait(1) == by_name["status refused, Initial Reset awaited"]
    host.send(by_name["initial reset, card to takeout"])
    host.wait(0.02)
    host.send(by_name["execute, or say again"])
    assert host.wait(5) == frame(b"P0000")
    assert host.ask("C10") == "P1000"
    assert frame(b"P1000") == by_name["status, no card"]


# --- the exchange ---------------------------------------------------------------------------------


def test_a_damaged_command_is_refused_and_a_response_is_said_again() -> None:
    host = ready()
    host.send(b"\x10\x02C10\x10\x03\x00")
    assert host.wait(1) == NAK
    host.send(ENQ)
    assert host.wait(1) == frame(b"P0200"), "ENQ without a command asks for the last response"
    assert host.ask("C10") == "P1000"
    host.send(ENQ)
    assert host.wait(1) == frame(b"P1000")


def test_nothing_begins_before_enq_and_only_eot_is_heeded_after() -> None:
    host = ready()
    host.order("insert_card", track2=TRACK2)
    host.send(frame(b"C20"))
    assert host.wait(60) == ACK
    assert host.heard_of() == []
    host.send(ENQ)
    assert host.wait(0.3) == b""
    host.send(frame(b"C10") + ENQ)
    assert host.wait(10) == frame(b"P2002")
    assert host.heard_of() == ["card_inserted", "card_drawn_in"]


def test_eot_ends_a_wait_and_nothing_is_said_again() -> None:
    host = ready()
    host.begin("C20")
    assert host.wait(5) == b""
    host.send(EOT)
    host.send(ENQ)
    assert host.wait(60) == b""
    host.order("insert_card", track2=TRACK2)
    assert host.ask("C10") == "P1000", "nobody lets the card in any more"


def test_eot_before_enq_takes_the_command_back() -> None:
    host = ready()
    host.send(frame(b"C20"))
    host.wait(0.02)
    host.send(EOT)
    host.send(ENQ)
    assert host.wait(60) == frame(b"P0200")


def test_a_text_that_stops_is_refused_after_five_seconds() -> None:
    host = ready()
    host.send(frame(b"C10")[:4])
    assert host.wait(4.9) == b""
    host.send(b"1")
    assert host.wait(4.9) == b""
    assert host.wait(0.2) == NAK


def test_the_unit_answers_no_sooner_than_it_was_told() -> None:
    host = ready()
    assert host.ask("C029C") == "P0200"
    host.send(frame(b"C10"))
    assert host.wait(0.089) == b""
    assert host.wait(0.002) == ACK


def test_an_initial_reset_too_soon_after_19_is_not_heard() -> None:
    host = Host()
    host.begin("C10")
    assert host.wait(0.0101) == frame(b"N1019")
    host.send(frame(b"C00"))
    assert host.wait(1) == b""
    assert host.ask("C00") == "P0000"


# --- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("C99", "N9900"),
        ("CE00", "NE000"),
        ("C10x", "N1002"),
        ("C02X", "N0202"),
        ("C30", "N3001"),
        ("C62", "N6201"),
        ("C40", "N4060"),
        ("C90", "P9000"),
        ("C20", "N2061"),
        ("C11", "P1100" + "0" * 12),
        ("CQ0", "PQ000000"),
        ("CW05", "NW002"),
        ("CC0", "NC001"),
        ("CF0\x00\xa4\x04\x00", "NF001"),
    ],
)
def test_what_an_empty_reader_answers(command: str, answer: str) -> None:
    assert ready().ask(command.encode("latin-1"), 60) == answer


def test_a_card_comes_in_is_read_and_goes_out() -> None:
    host = ready()
    host.begin("C21")
    assert host.wait(10) == b""
    host.order("insert_card", track2=TRACK2)
    assert host.end() == b"P2102"
    assert host.ask("C11") == "P1102" + "001010000000"
    assert host.ask("C62") == "P6202" + TRACK2
    assert host.ask("C61") == "N6144"
    assert host.ask("C30") == "P3001"
    assert host.ask("C11") == "P1101" + "100001110000"
    host.begin("C90")
    assert host.wait(5) == b""
    host.order("take_card")
    assert host.end() == b"P9000"
    assert host.heard_of() == ["card_inserted", "card_drawn_in", "card_presented", "card_taken"]


def test_several_tracks_are_read_in_each_form() -> None:
    host = with_card(track1="B9999990000001234^TEST/CARD^3012", unreadable={"3": "43"})
    one, two = "B9999990000001234^TEST/CARD^3012", TRACK2
    assert host.ask("C687") == f"P68024{one}"
    assert host.ask("C692") == f"P6902{two}"
    assert host.ask("C693") == "N6949"
    assert host.ask("C6A7") == f"P6A027000043032034000{one}{two}"
    assert host.ask("C683") == "N6843"
    assert host.ask("C680") == "N6802"


def test_times_run_out() -> None:
    host = with_card()
    assert host.ask("CW105") == "PW102"
    assert host.ask("CW203") == "PW202"
    assert host.ask("C30") == "P3001"
    host.begin("C90")
    assert host.wait(4.9) == b""
    assert host.end(0.2) == b"N9062"
    host.order("hold_card")
    host.begin("C41")
    assert host.wait(2.9) == b""
    assert host.end(0.2) == b"N4163"
    host.begin("C41")
    host.order("release_card")
    assert host.end() == b"P4100"
    assert host.ask("CQ0") == "PQ000001"


def test_a_card_is_captured_and_counted() -> None:
    host = with_card()
    assert host.ask("C31") == "P3100"
    assert host.heard_of() == ["card_captured"]
    assert host.ask("CQ0") == "PQ000001"
    assert host.ask("CQ1") == "PQ100"
    assert host.ask("CQ0") == "PQ000000"
    assert host.stub.seen()["binned"] == 1, "clearing the number empties no bin"
    host.order("empty_bin")
    assert host.stub.seen()["binned"] == 0


def test_a_re_intake_reads_the_lowest_track() -> None:
    host = with_card(track1="B1")
    host.ask("C30")
    assert host.ask("C427") == "P42024B1"


def test_a_permission_waits_for_ever_and_is_taken_back() -> None:
    host = ready()
    assert host.ask("C:2") == "P:200"
    assert host.wait(500) == b""
    host.order("insert_card")
    assert host.ask("C10") == "P1000", "a card without a stripe is not let in"
    host.order("take_card")
    host.order("insert_card", track2=TRACK2)
    host.wait(5)
    assert host.ask("C10") == "P1002"
    host.ask("C31")
    assert host.ask("C:0") == "P:000"
    assert host.ask("C:1") == "P:100"
    host.order("insert_card", track2=TRACK2)
    assert host.ask("C10") == "P1000"


def test_a_chip_is_pressed_activated_and_asked() -> None:
    apdu = bytes.fromhex("00A4040010")
    host = with_card(chip={"atr": "3B021450", "script": {apdu.hex(): "6F109000"}})
    assert host.ask("CC0") == "PC010"
    assert host.ask("C30") == "N3001", "a pressed card does not move"
    assert host.ask("CC2") == "PC211\x3b\x02\x14\x50"
    assert host.ask(b"CF0" + apdu) == "PF020\x6f\x10\x90\x00"
    assert host.ask(b"CF0\x00\xb0\x00\x00") == "PF020\x6d\x00"
    assert host.ask("CC410000000") == "PC402"
    assert host.ask("CC3") == "PC310"
    assert host.ask("CC6") == "PC602"
    assert host.ask("CC5") == "PC511\x3b\x02\x14\x50"
    assert host.ask("C02") == "P0202"


def test_a_card_without_a_chip_is_not_activated() -> None:
    host = with_card()
    assert host.ask("CC5") == "NC582"
    assert host.ask("CC1") == "PC102"
