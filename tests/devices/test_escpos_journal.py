"""The driver of a journal printer, joined to the stub: every line comes onto paper, whatever goes wrong meanwhile."""

from typing import Any

import pytest

from atmbench import facts
from atmbench.devices import escpos_words as words
from atmbench.devices.escpos_journal import LINES_MAX, TOO_MANY, EscPosJournal
from atmbench.devices.escpos_unit import LOOK_S
from atmbench.devices.states import DeviceState, PaperState
from atmbench.terminal.inputs import JournalPrinterChanged
from firmware_stubs.printer.stub import make
from tests.devices.wiring import Machine

PAPER_OUT = JournalPrinterChanged(is_able=False, because="the paper is out")
READY = JournalPrinterChanged(is_able=True)


class Play(Machine[EscPosJournal]):
    """A terminal's journal printer with power."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(make(settings, {}))
        self.driver = EscPosJournal(port=self.wire, machine=self.wire, agenda=self.agenda, scene=self.scene)
        self.wire.driver = self.driver
        self.power_comes().until(5.0)
        self.told()

    def write(self, *lines: str) -> "Play":
        for line in lines:
            self.driver.write(line, self.now)
        self.settle()
        return self

    def until(self, duration_s: float = 60.0) -> "Play":
        self.wait(duration_s)
        return self

    def texts(self) -> list[str]:
        """What has come out, a cut as "--"."""
        return [detail.get("text", "--") for event, detail in self.wire.happened if event in ("printed", "cut")]


def test_lines_come_out_in_order_and_nothing_is_cut() -> None:
    play = Play().write("one", "two").until(1.0).write("three").until()
    assert play.texts() == ["one", "two", "three"]
    assert (play.heard(), play.told()) == ([], [])


def test_more_lines_than_go_at_once() -> None:
    lines = [f"line {number}" for number in range(50)]
    assert Play().write(*lines).until(120).texts() == lines


def test_paper_near_its_end_is_told_and_printing_goes_on() -> None:
    play = Play(paper_lines=102).write("one", "two", "three").until()
    assert play.texts() == ["one", "two", "three"]
    assert play.heard() == []
    assert facts.DeviceStateChanged(
        device="journal_printer", state="online", because="the paper is near its end"
    ) in play.told()  # fmt: skip


def test_paper_ends_in_the_middle_and_no_line_is_missing() -> None:
    play = Play().order("load_paper", lines=2).write("one", "two", "three").until().write("four").until()
    assert play.heard() == [PAPER_OUT]
    assert (play.driver.paper, play.driver.condition.state) == (PaperState.OUT, DeviceState.USER_ERROR)
    play.order("load_paper").until(2 * LOOK_S)
    assert play.heard() == [READY]
    assert play.texts() == ["one", "two", "three", "one", "two", "three", "four"], "what was under way is printed again"


@pytest.mark.parametrize(
    ("break_it", "mend_it", "because"),
    [
        ("open_cover", "close_cover", "the cover is open"),
        ("unplug", "plug", "its port is gone"),
    ],
)
def test_it_is_told_when_it_cannot_print_and_when_it_can_again(break_it: str, mend_it: str, because: str) -> None:
    play = Play().order(break_it).write("one").until()
    assert play.heard() == [JournalPrinterChanged(is_able=False, because=because)]
    assert play.texts() == []
    play.order(mend_it).until()
    assert play.heard() == [READY]
    assert play.texts() == ["one"]


@pytest.mark.parametrize("after_s", [0.0, 0.3, 1.2, 2.5])
def test_power_fails_and_no_line_is_missing(after_s: float) -> None:
    play = Play(line_s=0.5).write("one", "two", "three").until(after_s).power_fails().write("four").until(5)
    texts = play.power_comes().until().texts()
    assert texts[-4:] == ["one", "two", "three", "four"]
    assert texts[:-4] == ["one", "two", "three"][: len(texts) - 4]


def test_an_answer_of_before_does_not_pass_for_another() -> None:
    """The rest of an old batch is printed when there is paper, and its GS r is answered then."""
    play = Play(line_s=1.0).order("load_paper", lines=1).write("one", "two").until().order("load_paper").until(LOOK_S)
    play.power_fails().until(5).power_comes().until()
    assert play.texts()[-2:] == ["one", "two"]


def test_no_more_lines_wait_than_are_kept() -> None:
    play = Play().order("open_cover").until(2 * LOOK_S).write(*["line"] * (LINES_MAX + 2))
    full = facts.DeviceFailed(device="journal_printer", error="deviceNotReady", because=TOO_MANY)
    assert play.told().count(full) == 1
    play.order("close_cover").until(600)
    assert play.texts() == ["line"] * LINES_MAX
    assert play.write("again").until().texts()[-1] == "again"


def test_what_a_roll_looks_like() -> None:
    assert words.roll(("caf\u00e9 \u20ac",)) == b"\x1b@\x1bt\x00caf\x82 ?\n"
