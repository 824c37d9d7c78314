"""The host's side of the line to an Omron reader, against bytes written by hand: golden frames, repeats, timers."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from atmbench.devices.agenda import Agenda
from atmbench.devices.omron_line import RESPONSE_BYTES_MAX, OmronLine, Reading, Sign, command_frame
from atmbench.devices.omron_whereabouts import Became, Whereabouts
from atmbench.devices.omron_wishes import Want, Wish, Wishes
from atmbench.devices.omron_words import error_of
from atmbench.devices.states import MediaState

FRAMES = YAML(typ="safe").load(Path("fixtures/frames/card_reader.yaml").read_text())["frames"]
ENQ, EOT, ACK, NAK = b"\x10\x05", b"\x10\x04", b"\x10\x06", b"\x10\x15"
STATUS = bytes.fromhex("10024331301003 41")
EMPTY = bytes.fromhex("1002503130303010 0352")


class Line:
    """A line with nobody at its other end: what is sent, and how exchanges end."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        self.sent: list[bytes] = []
        self.ended: list[bytes | None] = []
        self.line = OmronLine(self.sent.append, self.agenda, lambda text, now: self.ended.append(text))
        self.now = 0.0

    def ask(self, command: str = "10", parameters: bytes = b"") -> "Line":
        self.line.ask(command, parameters, 10.0, self.now)
        return self

    def hear(self, *data: bytes) -> "Line":
        for piece in data:
            self.line.on_bytes(piece, self.now)
        return self

    def wait(self, seconds: float) -> "Line":
        self.now += seconds
        self.agenda.perform(self.now)
        return self

    def said(self) -> list[bytes]:
        sent = list(self.sent)
        self.sent.clear()
        return sent


@pytest.mark.parametrize("golden", FRAMES, ids=lambda golden: str(golden["name"]))
def test_a_golden_frame_is_sent_or_understood(golden: dict[str, Any]) -> None:
    raw, text = bytes.fromhex(golden["hex"]), bytes.fromhex(golden["text"])
    if golden["direction"] == "to_host":
        assert Reading().take(raw) == [text or Sign[golden["meaning"]]]
    elif text:
        assert command_frame(text) == raw
        line = Line().ask(text[1:3].decode(), text[3:])
        assert line.said() == [raw]
    else:
        line = Line().ask().hear(ACK)
        line.line.interrupt()
        assert raw in line.said()


def test_an_exchange_is_not_acknowledged_at_its_end() -> None:
    line = Line().ask().hear(ACK, EMPTY)
    assert line.said() == [STATUS, ENQ]
    assert line.ended == [b"P1000"]
    assert (line.line.command, line.agenda.deadline) == ("", None)


def test_a_response_may_come_in_any_pieces() -> None:
    line = Line().ask()
    for byte in ACK + EMPTY:
        line.hear(bytes([byte]))
    assert line.ended == [b"P1000"]


def test_without_an_acknowledgement_the_command_is_sent_three_times() -> None:
    line = Line().ask().wait(5.0)
    assert line.said() == [STATUS]
    line.wait(0.2).wait(5.2)
    assert line.said() == [STATUS, STATUS]
    line.wait(5.2)
    assert (line.said(), line.ended) == ([], [None])


def test_a_refused_command_is_sent_again() -> None:
    line = Line().ask().hear(NAK, NAK)
    assert line.said() == [STATUS] * 3
    line.hear(NAK)
    assert line.ended == [None]


@pytest.mark.parametrize("bad", [EMPTY[:-1] + b"\x00", EMPTY[:4] + b"\x10\x02" + EMPTY[4:], b"\x10\x02P1\x10\x15"])
def test_a_bad_response_is_asked_for_again(bad: bytes) -> None:
    line = Line().ask().hear(ACK, bad)
    assert line.said()[:3] == [STATUS, ENQ, ENQ]
    line.hear(EMPTY)
    assert line.ended[-1] == b"P1000"


def test_a_response_that_stops_is_asked_for_again() -> None:
    line = Line().ask().hear(ACK, EMPTY[:5]).wait(3.1)
    assert line.said() == [STATUS, ENQ, ENQ]
    assert line.hear(EMPTY).ended == [b"P1000"]


def test_a_response_that_never_comes_is_none() -> None:
    line = Line().ask().hear(ACK).wait(10).wait(10).wait(10)
    assert line.said() == [STATUS, ENQ, ENQ, ENQ]
    assert line.ended == [None]


def test_the_response_of_another_command_is_not_taken() -> None:
    line = Line().ask("Q0").hear(EMPTY, ACK, EMPTY)
    assert line.ended == []
    assert line.hear(b"\x10\x02PQ000007\x10\x03" + bytes([0x05])).ended == [b"PQ000007"]


def test_what_is_dropped_is_heard_of_no_more() -> None:
    line = Line().ask().hear(ACK)
    line.line.interrupt()
    assert line.said()[-1] == EOT
    assert line.hear(EMPTY).wait(60).ended == []


@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([ACK, NAK, EMPTY, EMPTY[:6], b"\x10\x02"]))))
def test_hostile_bytes_never_raise_and_never_grow(pieces: list[bytes]) -> None:
    line = Line().ask()
    for piece in pieces:
        line.hear(piece)
        if not line.line.command:
            line.ask()
        line.wait(0.5)
        assert len(line.line._reading._buffer) <= RESPONSE_BYTES_MAX + 30
    line.hear(b"\x10\x02" + b"x" * 100_000)
    assert len(line.line._reading._buffer) <= RESPONSE_BYTES_MAX


@given(st.binary(max_size=300))
def test_any_text_comes_through(text: bytes) -> None:
    assert Reading().take(b"\x00\x10\x10" + command_frame(text) + ACK) == [text, Sign.ACK]


# --- what is known --------------------------------------------------------------------------------


def test_the_count_says_who_has_the_card() -> None:
    for number, became in [(5, Became.TAKEN), (6, Became.CAPTURED)]:
        card = Whereabouts()
        assert card.counted(5, MediaState.NOT_PRESENT) is Became.NOTHING
        card.see(MediaState.PRESENT)
        assert card.counted(5, MediaState.PRESENT) is Became.NOTHING
        card.doubt()
        assert not card.is_known
        card.see(MediaState.NOT_PRESENT)
        assert card.must_count
        assert card.counted(number, MediaState.NOT_PRESENT) is became


def test_a_card_that_went_out_at_the_rear_uncounted_is_lost() -> None:
    card = Whereabouts()
    card.counted(5, MediaState.PRESENT)
    card.see(MediaState.NOT_PRESENT)
    card.sent_to_bin()
    assert card.counted(5, MediaState.NOT_PRESENT) is Became.LOST


def test_a_count_that_begins_anew_is_a_count_that_has_changed() -> None:
    card = Whereabouts()
    card.counted(999, MediaState.PRESENT)
    assert card.counted(0, MediaState.NOT_PRESENT) is Became.CAPTURED


def test_wishes_of_one_card_replace_each_other_and_one_card_waits() -> None:
    wishes = Wishes()
    insert, eject, retain = Wish(Want.INSERT), Wish(Want.EJECT, "a"), Wish(Want.RETAIN, "a")
    assert wishes.add(insert)
    wishes.done()
    assert wishes.add(eject)
    assert wishes.add(retain)
    assert (len(wishes), wishes.present) == (1, retain)
    assert not wishes.add(Wish(Want.RETAIN, "a"))
    later = Wish(Want.INSERT)
    assert wishes.add(later)
    assert wishes.is_full
    wishes.done()
    assert wishes.present is later


def test_nothing_can_be_wanted_of_a_card_that_is_not_inside() -> None:
    wishes = Wishes()
    wishes.add(Wish(Want.INSERT))
    with pytest.raises(AssertionError, match="nobody knows yet"):
        wishes.add(Wish(Want.EJECT, "a"))


def test_an_error_that_nobody_knows_is_told_by_its_code() -> None:
    assert error_of("77") == ("hardwareError", "error 77, an error that this driver does not know")
