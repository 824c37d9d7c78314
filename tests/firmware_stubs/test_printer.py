"""The printer stub, dry: transcripts of its line, its paper, and what goes wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from atmbench import shipped
from firmware_stubs.errors import OrderError
from firmware_stubs.outcomes import Outcome, Send, Tell
from firmware_stubs.printer.link import BARCODE_BYTES_MAX, TABS_MAX, Command, Link, Text
from firmware_stubs.printer.stub import Printer, make

CUT = b"\x1dV\x00"
FEED_AND_CUT = b"\x1bd\x06" + CUT
FRAMES: dict[str, Any] = YAML(typ="safe", pure=True).load(shipped.read("frames", "printer.yaml"))
BUFFER_BYTES = 128


class Play:
    """A stub with a clock. `line` is what it has said, `told` what its machine has told, since they were last read."""

    def __init__(self, *, kept: dict[str, Any] | None = None, **settings: Any) -> None:
        self.core: Printer = make(settings, kept or {})
        self.now = 100.0
        self.line = b""
        self.told: list[Tell] = []

    def _perform(self, outcomes: list[Outcome]) -> "Play":
        self.line += b"".join(each.data for each in outcomes if isinstance(each, Send))
        self.told += [each for each in outcomes if isinstance(each, Tell)]
        return self

    def hear(self, data: bytes) -> "Play":
        return self._perform(self.core.on_bytes(data, self.now))

    def order(self, do: str, **rest: Any) -> "Play":
        return self._perform(self.core.on_order({"do": do, **rest}, self.now))

    def wait(self, duration_s: float = 30.0) -> "Play":
        end = self.now + duration_s
        while self.core.deadline is not None and self.core.deadline <= end:
            self.now = self.core.deadline
            self._perform(self.core.on_time(self.now))
        self.now = end
        return self

    def ask(self, number: int) -> int:
        """DLE EOT n."""
        self.line = b""
        self.hear(bytes([0x10, 0x04, number]))
        assert len(self.line) == 1
        return self.line[0]

    def events(self) -> list[str]:
        told, self.told = self.told, []
        return [f"{each.event} {each.detail['text']}" if "text" in each.detail else each.event for each in told]


@pytest.mark.parametrize("golden", FRAMES["queries"], ids=lambda golden: golden["name"])
def test_golden_queries_are_answered_to_the_byte(golden: dict[str, Any]) -> None:
    if golden.get("is_only_read"):
        return  # no machine here breaks in that way
    play = Play(**golden.get("settings", {}))
    for order in golden.get("orders", []):
        play.order(**order)
    play.hear(bytes.fromhex(golden.get("before", ""))).wait(1.0)
    assert play.hear(bytes.fromhex(golden["host"])).line == bytes.fromhex(golden["unit"])


@pytest.mark.parametrize("golden", FRAMES["commands"])
def test_a_command_is_as_long_as_it_is(golden: str) -> None:
    raw = bytes.fromhex(golden)
    for heard in (
        Link().feed(raw + b"A"),
        [each for link in [Link()] for byte in raw + b"A" for each in link.feed(bytes([byte]))],
    ):
        assert isinstance(heard[0], Command)
        assert heard[1:] == [Text(b"A")]
        assert raw.startswith(heard[0].head)


@pytest.mark.parametrize("golden", FRAMES["receipts"], ids=lambda golden: golden["name"])
def test_a_golden_receipt_comes_out(golden: dict[str, Any]) -> None:
    play = Play().hear(bytes.fromhex(golden["host"])).wait()
    assert play.events() == [*(f"printed {line}" for line in golden["lines"]), "cut"]
    assert play.core.seen()["receipts"] == 1


def test_lines_come_out_one_after_the_other_and_a_status_does_not_wait() -> None:
    play = Play(line_s=1.0, paper_lines=500).hear(b"one\ntwo\n" + FEED_AND_CUT + b"\x1dr\x01")
    assert play.wait(1.5).events() == ["printed one"]
    assert (play.ask(1), play.ask(4)) == (0x12, 0x12)
    play.line = b""
    assert play.wait().line == b"\x00", "GS r has waited for the cut"
    assert play.events() == ["printed two", "cut"]
    assert play.core.seen()["paper"] == 492


def test_a_long_line_goes_on_in_the_next() -> None:
    assert Play(columns=8).hear(b"0123456789\n").wait().events() == ["printed 01234567", "printed 89"]


def test_code_pages_are_settings_that_a_power_cycle_loses() -> None:
    play = Play().hear(b"\x1bt\x0f\xa4 \xe9\n").wait()
    assert play.events() == ["printed \u20ac \u00e9"]
    play.order("power_off").order("power_on").wait()
    assert play.hear(b"\x82\n").wait().events() == ["printed \u00e9"]


def test_no_query_is_heard_inside_an_image_unless_that_is_set() -> None:
    image = bytes.fromhex("1D 76 30 00 01 00 03 00 10 04 01")
    assert Play().hear(image).line == b""
    assert Play(realtime_in_data=True).hear(image).line == b"\x12"
    assert Play().hear(image).hear(b"\x10\x04\x01").line == b"\x12"


def test_paper_runs_low_and_then_out_in_the_middle_of_a_receipt() -> None:
    play = Play(near_end_lines=3).order("load_paper", lines=4)
    play.events()
    play.hear(b"1\n2\n3\n4\n5\n6\n" + FEED_AND_CUT).wait()
    assert play.events() == ["printed 1", "paper_low", "printed 2", "printed 3", "printed 4", "paper_out"]
    assert (play.ask(1), play.ask(2), play.ask(4)) == (0x1A, 0x32, 0x7E)
    play.order("load_paper").wait()
    assert play.events() == ["paper_loaded", "printed 5", "printed 6", "cut"], "it goes on by itself"
    assert play.ask(1) == 0x12


def test_what_waits_can_be_cleared_at_the_end_of_the_paper() -> None:
    play = Play(paper_lines=1, clears_at_any_time=True)
    play.hear(b"1\n2\n" + FEED_AND_CUT).wait().hear(b"\x10\x05\x02")
    play.events()
    assert play.order("load_paper", lines=50).wait().events() == ["paper_loaded"]
    assert play.hear(b"new\n").wait().events() == ["printed new"]


def test_an_open_cover_stops_it_until_it_is_closed() -> None:
    play = Play(line_s=1.0).hear(b"1\n2\n").wait(1.5).order("open_cover").wait()
    assert play.ask(2) == 0x16
    assert play.events() == ["printed 1", "cover_opened"]
    assert play.order("close_cover").wait().events() == ["cover_closed", "printed 2"]
    with pytest.raises(OrderError, match="the cover is closed already"):
        play.order("close_cover")


def test_a_cover_that_opens_during_the_cut_puts_it_off() -> None:
    play = Play().hear(b"1\n" + CUT).wait(0.05).order("open_cover").wait()
    assert play.core.seen()["receipts"] == 0
    assert play.order("close_cover").wait().core.seen()["receipts"] == 1


def test_a_broken_cutter_is_an_error_until_it_is_mended_and_recovered() -> None:
    play = Play().order("break_cutter").hear(b"1\n" + FEED_AND_CUT + b"2\n").wait()
    assert play.events() == ["printed 1", "cutter_failed"]
    assert (play.ask(1), play.ask(2), play.ask(3)) == (0x1A, 0x52, 0x1A)
    play.hear(b"\x10\x05\x01").order("mend_cutter")
    assert play.ask(3) == 0x1A, "it does not look by itself"
    assert play.hear(b"\x10\x05\x01").wait().events() == ["printed 2"]
    assert play.ask(3) == 0x12


def test_paper_jams_after_so_many_lines() -> None:
    play = Play().order("jam", after=1).hear(b"1\n2\n").wait()
    assert play.events() == ["printed 1", "jammed"]
    assert play.ask(3) == 0x16
    play.order("power_off").order("power_on").wait()
    assert play.ask(3) == 0x16, "the paper is still stuck"
    play.order("clear_jam").hear(b"\x10\x05\x02")
    assert play.ask(3) == 0x12
    assert play.hear(b"3\n").wait().events() == ["jam_cleared", "printed 3"]


def test_power_takes_what_waits_and_leaves_paper() -> None:
    play = Play(line_s=1.0).hear(b"1\n2\n" + CUT).wait(1.5).order("power_off").wait().order("power_on")
    assert play.hear(b"\x10\x04\x01").line == b"", "it starts"
    assert play.wait().events() == ["printed 1"]
    assert Play(kept=play.core.kept()).core.seen()["hanging"] == 1


def test_the_feed_button_moves_one_line() -> None:
    play = Play(paper_lines=500).order("press_feed")
    assert play.ask(2) == 0x1A
    assert play.wait().ask(2) == 0x12
    assert play.core.seen()["paper"] == 499


def test_symbols_and_images_take_paper() -> None:
    qr_print = bytes.fromhex("1D 28 6B 03 00 31 51 30")
    play = Play(paper_lines=500, symbol_lines=7, dots_per_line=24).hear(qr_print).wait()
    assert play.core.seen()["paper"] == 493
    play.hear(bytes.fromhex("1D 76 30 00 01 00 30 00") + bytes(0x30)).wait()
    assert (play.core.seen()["paper"], play.events()) == (491, ["drawn", "drawn"])


def test_answers_are_lost_late_or_damaged_on_the_wire() -> None:
    play = Play().order("link_fault", at="answer_lost", command="status1")
    assert play.hear(b"\x10\x04\x01").line == b""
    play.order("link_fault", at="answer_damaged", command="status4")
    assert play.ask(4) == 0x13
    play.order("link_fault", at="answer_late", command="status4", late_s=2.0)
    play.line = b""
    assert play.hear(b"\x10\x04\x04").wait(1.9).line == b""
    assert play.wait(0.2).line == b"\x12"


@pytest.mark.parametrize(
    "order", [{"do": "load_paper", "lines": -1}, {"do": "load_paper", "lines": "a"}, {"do": "jam", "after": -1}]
)
def test_orders_that_cannot_be_are_refused(order: dict[str, Any]) -> None:
    with pytest.raises(OrderError, match="from 0 to 100000"):
        Play().order(**order)


def test_codecs_that_are_none_are_refused() -> None:
    with pytest.raises(OrderError, match="there is no codec 'cp0'"):
        make({"code_pages": {"1": "cp0"}}, {})


@pytest.mark.parametrize(("head", "most"), [("1b 44", TABS_MAX), ("1d 6b 02", BARCODE_BYTES_MAX)])
def test_data_without_its_closing_00_swallow_no_more_than_they_may(head: str, most: int) -> None:
    closed = Link().feed(bytes.fromhex(head) + b"\x08" * most + b"\0ABC")
    assert [type(each) for each in closed] == [Command, Text]
    assert closed[1] == Text(b"ABC")
    open_ended = Link().feed(bytes.fromhex(head) + b"\x08" * most + b"ABC")
    assert open_ended[1] == Text(b"BC"), "the byte in the place of the 00 is gone, and nothing more"


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\x1d(k\xff\xff", b"\x1dv0", b"\x1bD", b"\x10\x04", b"\n"])))
def test_hostile_bytes_never_raise_and_memory_stays_bounded(chunks: list[bytes]) -> None:
    play = Play(buffer_bytes=BUFFER_BYTES, paper_lines=50)
    for chunk in chunks:
        play.hear(chunk).wait(0.05)
        assert play.core.waiting_bytes <= BUFFER_BYTES + 256
    play.order("power_off").order("power_on").wait().order("load_paper").wait()
    assert play.ask(1) in (0x12, 0x1A)
