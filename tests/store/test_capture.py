"""A capture file: one interface a line, packets in order, remarks of faults, bounds, and readable at any time."""

import io
from datetime import datetime

import pytest

from atmbench import __version__
from atmbench.faults.base import Direction
from atmbench.framing.registry import framer
from atmbench.messages.codec import Codec
from atmbench.store import capture
from atmbench.store.capture import BATCH_BYTES, PACKETS_HELD_MAX, PACKETS_KEPT_BACK, Capture
from atmbench.store.cover import BLANK, covered
from tests.messages.samples import DIALECT, PAN, SIGN_ON, WITHDRAWAL
from tests.store.wire import Captured, read

REQUEST, REPLY = Direction.REQUEST, Direction.REPLY
CODEC = Codec(DIALECT)
WRAP = framer("length2").wrap
ECHO = WRAP(CODEC.encode(DIALECT.request_message(SIGN_ON)))
CARD = WRAP(CODEC.encode(DIALECT.request_message(WITHDRAWAL)))
HIDDEN_CARD = WRAP(covered(CARD[2:], CODEC))


class Tape:
    """A capture into memory, at a time that the test sets."""

    def __init__(self) -> None:
        self.file = io.BytesIO()
        self.now = 0.0
        self.capture = Capture(
            self.file,
            starts_at=datetime.fromisoformat("2026-01-05T09:00:00"),
            now=lambda: self.now,
            codec=CODEC,
            make_framer=lambda: framer("length2"),
        )

    def written(self) -> Captured:
        return read(self.file.getvalue())

    def closed(self) -> Captured:
        self.capture.close()
        return self.written()


def test_each_line_is_an_interface_and_each_end_has_an_address() -> None:
    tape = Tape()
    taps = [tape.capture.tap(*line) for line in (("T1", "one", "A"), ("T1", "two", "B"), ("T2", "one", "A"))]
    for tap in (*taps, taps[0]):
        tap.opened()
        tape.now += 1.0
    captured = tape.closed()
    assert captured.application == f"atmbench {__version__}"
    assert captured.interfaces == [
        ("T1/one", "terminal T1, one line to site A: 198.18.0.1 to 198.19.0.1:8583"),
        ("T1/two", "terminal T1, two line to site B: 198.18.0.1 to 198.19.0.2:8583"),
        ("T2/one", "terminal T2, one line to site A: 198.18.0.2 to 198.19.0.1:8583"),
    ]
    assert [(each.interface, *each.flow) for each in captured.packets[::3]] == [
        ("T1/one", "198.18.0.1:49152", "198.19.0.1:8583"),
        ("T1/two", "198.18.0.1:49153", "198.19.0.2:8583"),
        ("T2/one", "198.18.0.2:49152", "198.19.0.1:8583"),
        ("T1/one", "198.18.0.1:49154", "198.19.0.1:8583"),
    ]
    assert captured.kinds[:3] == ["> S 0", "< SA 0", "> A 0"]


def test_times_are_those_of_the_history_after_the_start_of_the_drill() -> None:
    tape = Tape()
    tap = tape.capture.tap("T1", "one", "A")
    tape.now = 12.3456789
    tap.refused()
    [dial, answer] = tape.closed().packets
    assert (dial.at_us, dial.kind, answer.kind) == (1_767_603_612_345_679, "> S 0", "< RA 0")


def test_a_message_passes_covered_and_its_answer_follows() -> None:
    tape = Tape()
    trace = tape.capture.tap("T1", "one", "A").opened()
    trace.passed(REQUEST, CARD)
    trace.passed(REPLY, ECHO)
    trace.ended(REQUEST, rude=False)
    captured = tape.closed()
    assert captured.kinds[3:] == [f"> PA {len(CARD)}", f"< PA {len(ECHO)}", "> FA 0", "< A 0"]
    assert (captured.stream(outbound=True), captured.stream(outbound=False)) == (HIDDEN_CARD, ECHO)
    assert PAN.encode() not in tape.file.getvalue()


def test_pieces_wait_for_their_frame_and_keep_their_times() -> None:
    tape = Tape()
    trace = tape.capture.tap("T1", "one", "A").opened()
    for at, piece in enumerate((CARD[:1], CARD[1:50], CARD[50:] + ECHO[:9])):
        tape.now = float(at)
        trace.passed(REQUEST, piece)
        tape.capture.flush()
    assert len(tape.written().packets) == 5
    trace.passed(REQUEST, ECHO[9:])
    captured = tape.closed()
    assert captured.stream(outbound=True) == HIDDEN_CARD + ECHO
    assert [len(each.data) for each in captured.packets[3:6]] == [1, 49, len(CARD) - 50 + 9]
    assert [each.at_us % 60_000_000 for each in captured.packets[3:6]] == [0, 1_000_000, 2_000_000]


def test_a_frame_that_stays_unfinished_is_blanked_when_its_connection_ends() -> None:
    for rude in (True, False):
        tape = Tape()
        trace = tape.capture.tap("T1", "one", "A").opened()
        trace.passed(REQUEST, CARD[:100])
        trace.ended(REPLY, rude=rude)
        tape.capture.flush()
        assert tape.written().stream(outbound=True) == CARD[:6] + BLANK * 94


def test_a_frame_that_never_ends_holds_up_so_many_packets_and_no_more() -> None:
    tape = Tape()
    slow, fast = (tape.capture.tap(name, "one", "A").opened() for name in ("T1", "T2"))
    slow.passed(REQUEST, CARD[:100])
    for _ in range(PACKETS_HELD_MAX):
        fast.passed(REQUEST, ECHO)
    tape.capture.flush()
    captured = tape.written()
    assert captured.stream(outbound=True, of="T1/one") == CARD[:6] + BLANK * 94
    assert captured.stream(outbound=True, of="T2/one") == ECHO * PACKETS_HELD_MAX


def test_faults_remark_on_the_reply_that_came_and_the_request_that_leaves() -> None:
    tape = Tape()
    trace = tape.capture.tap("T1", "one", "A").opened()
    trace.remark(REPLY, "nothing came yet")
    trace.remark(REQUEST, "held for 3 s")
    trace.passed(REQUEST, ECHO)
    trace.passed(REPLY, ECHO)
    trace.passed(REQUEST, ECHO)
    trace.remark(REPLY, "lost")
    trace.remark(REPLY, "twice")
    trace.remark(REQUEST, "cut by reset")
    trace.ended(REQUEST, rude=True)
    captured = tape.closed()
    assert {each.kind: each.comment for each in captured.packets if each.comment} == {
        f"> PA {len(ECHO)}": "held for 3 s",
        f"< PA {len(ECHO)}": "on its way on to the terminal: lost; on its way on to the terminal: twice",
        "> RA 0": "cut by reset",
    }
    assert [each.comment for each in captured.packets if each.kind == f"> PA {len(ECHO)}"] == ["held for 3 s", ""]


def test_a_run_that_is_killed_leaves_whole_blocks() -> None:
    tape = Tape()
    trace = tape.capture.tap("T1", "one", "A").opened()
    packets, lengths = 3, [0]
    while tape.file.tell() < 3 * BATCH_BYTES:
        trace.passed(REQUEST, ECHO)
        trace.passed(REPLY, ECHO)
        tape.now += 0.001
        packets += 2
        if tape.file.tell() != lengths[-1]:
            lengths.append(tape.file.tell())
            assert 0 <= packets - len(tape.written().packets) <= PACKETS_KEPT_BACK + 2
    assert len(lengths) <= 4, "not one write a packet"
    tape.capture.flush()
    assert len(tape.written().packets) == packets


def test_packets_of_one_instant_are_written_by_interface_whoever_was_told_first() -> None:
    def written(order: tuple[int, int]) -> list[tuple[str, str]]:
        tape = Tape()
        traces = [tape.capture.tap(*line).opened() for line in (("T1", "one", "A"), ("T2", "one", "A"))]
        tape.now = 1.0
        for number in order:
            traces[number].passed(REQUEST, ECHO)
            traces[number].passed(REPLY, ECHO)
        return [(each.interface, "out" if each.outbound else "in") for each in tape.closed().packets[6:]]

    assert written((0, 1)) == written((1, 0)) == [(line, way) for line in ("T1/one", "T2/one") for way in ("out", "in")]


def test_a_full_file_takes_no_more_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "CAPTURE_BYTES_MAX", 20_000)
    tape = Tape()
    trace = tape.capture.tap("T1", "one", "A").opened()
    assert tape.capture.notice == ""
    for at in range(1000):
        tape.now = float(at)
        trace.passed(REQUEST, ECHO)
    trace.ended(REQUEST, rude=True)
    captured = tape.closed()
    assert 19_000 < tape.file.tell() <= 20_000
    last_s = (captured.packets[-1].at_us - 1_767_603_600_000_000) / 1_000_000
    assert f"it was full (20,000 bytes) at {last_s + 1:.3f} s" in tape.capture.notice


def test_nothing_is_captured_after_the_end() -> None:
    tape = Tape()
    tap = tape.capture.tap("T1", "one", "A")
    trace = tap.opened()
    before = tape.closed()
    trace.passed(REQUEST, ECHO)
    trace.ended(REQUEST, rude=False)
    tap.opened()
    assert len(before.packets) == 3 < PACKETS_KEPT_BACK
    assert tape.closed() == before


def test_ports_are_used_again_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "PORTS", 4)
    tape = Tape()
    tap = tape.capture.tap("T1", "one", "A")
    for _ in range(5):
        tap.refused()
    packets = tape.closed().packets
    assert [packets[at].source for at in (0, -4, -2)] == ["198.18.0.1:49152", "198.18.0.1:49155", "198.18.0.1:49152"]
