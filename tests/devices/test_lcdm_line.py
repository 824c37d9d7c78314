"""The line to a Puloon dispenser, against transcripts written by hand: what is sent, and what comes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from atmbench import shipped
from atmbench.devices.lcdm_line import Command, Failure, Line, Reply
from atmbench.devices.lcdm_words import GOOD, Lcdm4000Words, Says, Status, Words
from atmbench.errors import RemoteError
from tests.devices.lcdm_play import words_of

STATUS, DISPENSE = "04 30 02 50 03 65", "04 30 02 52 22 21 20 20 20 20 20 20 20 20 20 20 20 20 20 03 44"
STATUS_ANSWER = "01 30 02 50 20 40 44 31 5C 7A 44 32 5C 7A 4C 33 5C 7A 44 34 5C 7A 03 0C"
GOOD_ANSWER = "01 30 02 52 20 30 22 20 31 21 20 32 20 20 33 20 20 34 20 20 20 20 20 20 20 20 20 03 55"
ACK, NAK, EOT = "06", "15", "04"
ASK_STATUS = Command(b"\x50", frozenset({0x50}), answer_s=5.0)
ASK_DISPENSE = Command(bytes.fromhex(DISPENSE)[3:-2], frozenset({0x52}), answer_s=12.0, may_repeat=False)
FRAMES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(shipped.read("frames", "dispenser.yaml"))


class Paper:
    """A line whose other end is written by hand."""

    def __init__(self, words: Words | None = None) -> None:
        words = words or Lcdm4000Words()
        self.is_open = True
        self.sent: list[str] = []
        self.deadline: float | None = None
        self.replies: list[Reply] = []
        self.now = 0.0
        self.line = Line(
            self,
            unit=words.unit,
            lengths=words.lengths,
            ends_with_eot=words.ends_with_eot,
            set_alarm=self._set_alarm,
            done=lambda reply, now: self.replies.append(reply),
        )

    def send(self, data: bytes) -> None:
        self.sent.append(data.hex(" ").upper())

    def _set_alarm(self, at: float | None) -> None:
        self.deadline = at

    def ask(self, command: Command) -> "Paper":
        self.line.ask(command, self.now)
        return self

    def hear(self, *frames: str) -> "Paper":
        for frame in frames:
            self.line.on_bytes(bytes.fromhex(frame), self.now)
        return self

    def silence(self) -> float:
        """Until the deadline; how long that was."""
        assert self.deadline is not None
        waited_s, self.now, self.deadline = self.deadline - self.now, self.deadline, None
        self.line.on_time(self.now)
        return waited_s

    def says(self) -> list[str]:
        sent, self.sent = self.sent, []
        return sent


def body(frame: str) -> bytes:
    return bytes.fromhex(frame)[3:-2]


def test_a_command_is_answered() -> None:
    paper = Paper().ask(ASK_STATUS)
    assert paper.says() == [STATUS]
    assert paper.hear(ACK, STATUS_ANSWER).says() == [ACK]
    assert paper.replies == [], "the EOT is still to come"
    assert paper.hear(EOT).replies == [body(STATUS_ANSWER)]
    assert paper.deadline is None


def test_an_answer_comes_in_any_pieces() -> None:
    paper = Paper().ask(ASK_STATUS).hear(*f"FF {ACK} FF 01 31 {STATUS_ANSWER} {EOT}".split())
    assert (paper.replies, paper.says()) == ([body(STATUS_ANSWER)], [STATUS, ACK])


def test_silence_is_called_into_three_times() -> None:
    paper = Paper().ask(ASK_STATUS)
    assert [paper.silence() for _ in range(3)] == pytest.approx([0.55] * 3)
    assert paper.says() == [STATUS] * 3
    assert paper.replies == [Failure.NOT_HEARD]


def test_an_order_is_never_said_twice_into_silence() -> None:
    paper = Paper().ask(ASK_DISPENSE)
    paper.silence()
    assert (paper.says(), paper.replies) == ([DISPENSE], [Failure.NOT_HEARD])


def test_a_refused_command_is_said_again() -> None:
    paper = Paper().ask(ASK_DISPENSE).hear(NAK, NAK)
    assert paper.says() == [DISPENSE] * 3
    assert paper.hear(NAK).replies == [Failure.REFUSED]


def test_a_damaged_answer_is_asked_for_again() -> None:
    damaged = STATUS_ANSWER.replace("4C", "4D")
    paper = Paper().ask(ASK_STATUS).hear(ACK, damaged)
    assert paper.says() == [STATUS, NAK]
    assert paper.hear(STATUS_ANSWER, EOT).replies == [body(STATUS_ANSWER)]
    paper = Paper().ask(ASK_STATUS).hear(ACK, damaged, damaged, damaged)
    assert (paper.says(), paper.replies) == ([STATUS, NAK, NAK], [Failure.NO_ANSWER])


def test_a_missing_answer_is_asked_for_again() -> None:
    paper = Paper().ask(ASK_DISPENSE).hear(ACK, GOOD_ANSWER[:30])
    assert [paper.silence(), paper.silence()] == [12.0, 2.0]
    assert paper.says() == [DISPENSE, NAK, NAK]
    assert paper.hear(GOOD_ANSWER).says() == [ACK]
    paper.silence()
    assert paper.replies == [body(GOOD_ANSWER)], "an answer counts without its EOT"


def test_an_answer_stands_for_a_lost_acknowledgement() -> None:
    assert Paper().ask(ASK_DISPENSE).hear(GOOD_ANSWER, EOT).replies == [body(GOOD_ANSWER)]
    waiting = Command(ASK_DISPENSE.body, ASK_DISPENSE.accepts, 12.0, may_repeat=False, is_waited_for=True)
    paper = Paper().ask(waiting)
    assert [paper.silence(), paper.silence(), paper.silence(), paper.silence()] == pytest.approx([0.55, 12.0, 2.0, 2.0])
    assert (paper.says(), paper.replies) == ([DISPENSE, NAK, NAK], [Failure.NO_ANSWER])


def test_a_late_answer_to_a_command_before_is_acknowledged_and_no_answer() -> None:
    paper = Paper().ask(ASK_STATUS).hear(GOOD_ANSWER)
    assert (paper.says(), paper.replies) == ([STATUS, ACK], [])
    assert paper.hear(EOT, ACK, STATUS_ANSWER, EOT).replies == [body(STATUS_ANSWER)]


def test_after_a_command_without_answer_there_is_quiet() -> None:
    reset = Command(b"\x44", frozenset(), answer_s=2.2)
    paper = Paper().ask(reset)
    assert paper.silence() == 2.2
    assert (paper.says(), paper.replies) == (["04 30 02 44 03 71"], [b""])
    paper.ask(reset).hear(ACK, "01 30 02 44 20 03 54")
    assert paper.says()[1:] == [ACK], "some answer it, and want to be heard"
    assert (paper.silence(), paper.replies) == (2.2, [b"", b""])


def test_without_a_port_nothing_is_said() -> None:
    paper = Paper()
    paper.is_open = False
    assert (paper.ask(ASK_STATUS).replies, paper.says()) == ([Failure.GONE], [])
    paper.is_open = True
    paper.ask(ASK_STATUS).line.on_port_gone(1.0)
    assert paper.replies == [Failure.GONE, Failure.GONE]
    paper.ask(ASK_STATUS).hear(ACK, STATUS_ANSWER).line.on_port_gone(2.0)
    assert paper.replies[-1] == body(STATUS_ANSWER), "what was answered was answered"


def test_small_ones_say_no_end() -> None:
    paper = Paper(words_of("lcdm-1000")).ask(Command(b"\x46", frozenset({0x46}), 5.0))
    assert paper.hear(ACK, "01 50 02 46 30 30 80 80 03 16").replies == [bytes.fromhex("46 30 30 80 80")]


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"\x06", b"\x15", bytes.fromhex(GOOD_ANSWER)]), max_size=20))
def test_noise_never_raises_nor_grows(heard: list[bytes]) -> None:
    paper = Paper().ask(ASK_DISPENSE)
    for data in heard:
        paper.line.on_bytes(data, 0.0)
        assert len(paper.line._came) <= 256
    while paper.deadline is not None and not paper.replies:
        paper.silence()
    assert len(paper.replies) == 1


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("golden", [each for each in FRAMES if "asks" in each], ids=lambda each: str(each["name"]))
def test_golden_frames_are_sent_and_understood(golden: dict[str, Any]) -> None:
    words, asks = words_of(golden["profile"]), golden["asks"]
    command = words.dispense(asks["notes"]) if "notes" in asks else getattr(words, asks["do"])
    paper = Paper(words).ask(Command(command, frozenset(command[:1]), 5.0))
    assert paper.says() == [golden["host"]]
    if not golden["unit"]:
        return
    paper.hear(ACK, golden["unit"], EOT)
    (reply,) = paper.replies
    assert isinstance(reply, bytes)
    means = golden["means"]
    if asks["do"] == "status":
        status = Status(means["exit"], means["path"], tuple(means["missing"]), tuple(means["near_end"]))
        assert words.read_status(reply) == status
    else:
        result = words.read_result(reply)
        told = (result.error, result.out, result.rejects, result.last)
        assert told == (means["error"], means["out"], means["rejects"], means.get("last", 0))
        assert (words.meaning(result.error) == GOOD) == (means["error"] in (0x00, 0x30))


def test_sensors_are_read_by_the_bits_that_are_known() -> None:
    words = Lcdm4000Words()
    for base in (0x00, 0x40, 0xC0):
        sensed = [base | 0x0D, base | 4, 0x31, 0, 0, base | 8, 0x30, 0, 0, base | 4, 0x33, 0, 0, base | 12, 0x34, 0, 0]
        assert words.read_status(bytes([0x50, 0x20, *sensed])) == Status(True, True, ("2",), ("4",))
    sensed = [0x40, 0x45, 0x31, 0, 0, *[0x44, 0x32, 0, 0] * 3]
    assert words.read_status(bytes([0x50, 0x20, *sensed])) == Status(False, True)
    two = words_of("lcdm-2000")
    assert two.read_status(bytes.fromhex("46 30 30 A0 84")) == Status(True, False, ("2",))
    assert two.read_status(bytes.fromhex("46 30 30 80 A8")) == Status(False, True, (), ("2",))
    assert words_of("lcdm-1000").read_status(bytes.fromhex("46 30 30 C4 82")) == Status(False, True, ("1",), ("1",))


def test_what_cannot_be_a_count_is_refused() -> None:
    with pytest.raises(RemoteError, match="below zero"):
        Lcdm4000Words().read_result(bytes.fromhex("52 20 30 1F 20 31") + bytes([0x20, 0x20, 0x32] * 3))
    with pytest.raises(RemoteError, match="no number"):
        words_of("lcdm-1000").read_result(bytes.fromhex("45 30 31 30 3A 30 30 30 30"))


def test_a_code_that_no_list_has_says_nothing_about_the_notes() -> None:
    for profile in ("lcdm-4000", "lcdm-1000"):
        assert words_of(profile).meaning(0x7E).says is Says.UNKNOWN
