"""The driver of ESC/POS printers: against golden bytes, and joined to the stub, with all that goes wrong there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from atmbench import facts, shipped
from atmbench.devices import escpos_words as words
from atmbench.devices.escpos_printer import POWER_FAILED, TOO_MANY, EscPosPrinter
from atmbench.devices.escpos_runner import JOBS_MAX
from atmbench.devices.escpos_unit import LOOK_S, SILENT
from atmbench.devices.escpos_words import CodePage, Profile, Status
from atmbench.devices.states import DeviceState, PaperState
from atmbench.errors import RemoteError
from firmware_stubs.printer.stub import make
from tests.devices.wiring import Machine

FRAMES: dict[str, Any] = YAML(typ="safe", pure=True).load(shipped.read("frames", "printer.yaml"))
KEY, NEXT_KEY = "T01/000001", "T01/000002"
LINES = ("ATMBENCH", "Paid 20.00", "Thank you")
PRINTED = facts.ReceiptPrinted(key=KEY, lines=LINES)
PROFILES: tuple[Profile, ...] = ("esc-pos", "kiosk")


class Play(Machine[EscPosPrinter]):
    """A terminal's printer with power."""

    def __init__(self, profile: Profile = "esc-pos", page: CodePage = words.CODE_PAGE, **settings: Any) -> None:
        super().__init__(make({"profile": profile, **settings}, {}))
        self.driver = EscPosPrinter(
            port=self.wire, machine=self.wire, agenda=self.agenda, scene=self.scene, profile=profile, page=page
        )
        self.wire.driver = self.driver
        self.scene.has_power = True
        self.driver.power_on(0.0)
        self.wait(5.0)
        self.told()

    def print(self, key: str = KEY, lines: tuple[str, ...] = LINES) -> "Play":
        self.driver.print(key, lines, self.now)
        self.settle()
        return self

    def until(self, duration_s: float = 60.0) -> "Play":
        self.wait(duration_s)
        return self

    def state(self) -> DeviceState:
        return self.driver.condition.state

    def receipts(self) -> list[Any]:
        """What was told of receipts."""
        return [each for each in self.told() if isinstance(each, facts.ReceiptPrinted | facts.ReceiptFailed)]

    def texts(self) -> list[str]:
        """What has come out of the slot, a cut as "--"."""
        return [detail.get("text", "--") for event, detail in self.wire.happened if event in ("printed", "cut")]


def failed(error: str, because: str, key: str = KEY) -> facts.ReceiptFailed:
    return facts.ReceiptFailed(key=key, error=error, because=because)


# --- golden bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("golden", FRAMES["queries"], ids=lambda golden: golden["name"])
def test_a_golden_answer_is_understood(golden: dict[str, Any]) -> None:
    host, unit = bytes.fromhex(golden["host"]), bytes.fromhex(golden["unit"])
    if golden["means"] == {"done": True}:
        assert host == words.TELL_WHEN_DONE
        assert words.is_done(unit[0])
        return
    assert host == words.query(host[2])
    assert words.read(host[2], unit) == Status(**golden["means"])
    assert len(unit) > 1 or not any(words.is_done(unit[0] ^ 1 << bit) for bit in range(8))


@pytest.mark.parametrize("golden", FRAMES["receipts"], ids=lambda golden: golden["name"])
def test_a_golden_receipt_is_sent(golden: dict[str, Any]) -> None:
    page = words.CODE_PAGES[golden.get("page", 0)]
    assert words.receipt(tuple(golden["lines"]), page) == bytes.fromhex(golden["host"])


@pytest.mark.parametrize(("number", "answer"), [(1, "10"), (4, "93"), (2, ""), (20, "100F"), (20, "110F00000000")])
def test_what_is_no_answer_is_refused(number: int, answer: str) -> None:
    with pytest.raises(RemoteError, match=f"is no answer to DLE EOT {number}"):
        words.read(number, bytes.fromhex(answer))


def test_text_cannot_become_a_command() -> None:
    assert words.receipt(("a\x1b@\x10\x04\x01b\u20acc\u00e9",)) == words.begin() + b"a?@???b?c\x82\n" + words.CUT


@pytest.mark.parametrize(("number", "says"), [(0, "? ? \u00e9 \u03c0 ?"), (15, "\u20ac ? \u00e9 ? ?")])
def test_what_a_code_page_lacks_is_seen_to_be_missing(number: int, says: str) -> None:
    """Euro, naira, e acute, pi, and a control character of 8859-15."""
    play = Play(page=words.CODE_PAGES[number]).print(lines=("\u20ac \u20a6 \u00e9 \u03c0 \x9b",)).until()
    assert play.texts() == [says, "--"]


# --- with the stub --------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_a_receipt_is_told_when_it_has_come_out_and_not_before(profile: Profile) -> None:
    play = Play(profile, line_s=1.0).print().until(5.0)
    assert play.receipts() == [], "nine lines are not out yet"
    assert play.until().receipts() == [PRINTED]
    assert play.texts() == [*LINES, "--"]
    assert play.state() is DeviceState.ONLINE


def test_receipts_come_out_one_after_the_other() -> None:
    play = Play().print().print(NEXT_KEY, ("second",)).until()
    assert play.receipts() == [PRINTED, facts.ReceiptPrinted(key=NEXT_KEY, lines=("second",))]
    assert play.texts() == [*LINES, "--", "second", "--"]


@pytest.mark.parametrize("profile", PROFILES)
def test_paper_runs_out_in_the_middle_and_no_half_receipt_comes_out_later(profile: Profile) -> None:
    play = Play(profile, clears_at_any_time=True).order("load_paper", lines=2).print().until()
    assert play.receipts() == [failed("paperOut", "the paper is out")]
    assert (play.driver.paper, play.state()) == (PaperState.OUT, DeviceState.USER_ERROR)
    play.order("load_paper").until(LOOK_S)
    assert (play.driver.paper, play.state()) == (PaperState.FULL, DeviceState.ONLINE)
    assert play.print(NEXT_KEY, ("new",)).until().receipts() == [facts.ReceiptPrinted(key=NEXT_KEY, lines=("new",))]
    assert play.texts() == [*LINES[:2], "--", "new", "--"], "what may hang out is cut off first"


@pytest.mark.parametrize("profile", PROFILES)
def test_half_a_receipt_that_cannot_be_cleared_is_kept_apart_from_the_next(profile: Profile) -> None:
    play = Play(profile).order("load_paper", lines=2).print().until().order("load_paper").until(LOOK_S)
    assert play.print(NEXT_KEY, ("new",)).until().receipts()[-1] == facts.ReceiptPrinted(key=NEXT_KEY, lines=("new",))
    assert play.texts() == [*LINES, "--", "--", "new", "--"]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_word_of_success_of_an_old_receipt_is_not_that_of_the_next(profile: Profile) -> None:
    play = Play(profile, line_s=0.5).order("load_paper", lines=2).print().until()
    assert play.receipts() == [failed("paperOut", "the paper is out")]
    play.order("load_paper").print(NEXT_KEY).until(5.5).order("open_cover").until()
    assert play.texts() == [*LINES, "--"], "the rest of the old one has come out, and nothing of the next"
    assert play.receipts() == [failed("userError", "the cover is open", NEXT_KEY)]


def test_paper_that_runs_low_is_told_once() -> None:
    play = Play().order("load_paper", lines=50).print().print(NEXT_KEY).until()
    assert play.told() == [
        facts.DeviceStateChanged(device="printer", state="online", because="the paper is near its end"),
        PRINTED,
        facts.ReceiptPrinted(key=NEXT_KEY, lines=LINES),
    ]
    assert play.driver.paper is PaperState.LOW


@pytest.mark.parametrize("profile", PROFILES)
def test_an_open_cover_is_for_a_person_to_close(profile: Profile) -> None:
    play = Play(profile).order("open_cover").print().until()
    assert play.told() == [
        facts.DeviceFailed(device="printer", error="userError", because="the cover is open"),
        facts.DeviceStateChanged(device="printer", state="userError", because="the cover is open"),
        failed("userError", "the cover is open"),
    ]
    assert play.texts() == [], "nothing was sent to it"
    assert play.order("close_cover").print().until().receipts() == [PRINTED]


@pytest.mark.parametrize(
    ("profile", "error", "because"),
    [("esc-pos", "hardwareError", "a mechanical error"), ("kiosk", "paperJammed", "the paper is jammed")],
)
def test_a_jam_is_told_as_far_as_the_printer_can_name_it(profile: Profile, error: str, because: str) -> None:
    play = Play(profile).order("jam", after=1).print().until()
    assert play.receipts() == [failed(error, because)]
    assert play.state() is DeviceState.HARDWARE_ERROR
    assert play.order("clear_jam").until(LOOK_S).state() is DeviceState.ONLINE
    assert play.print().until().receipts() == [PRINTED]
    assert play.texts() == [LINES[0], "--", *LINES, "--"]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_receipt_that_is_not_cut_has_not_come_out(profile: Profile) -> None:
    play = Play(profile).order("break_cutter").print().until()
    assert play.receipts() == [failed("hardwareError", "the cutter does not move")]
    assert play.order("mend_cutter").print().until().receipts() == [PRINTED]


def test_a_dead_line_is_told_and_tried_again() -> None:
    play = Play().order("link_fault", at="no_ack", times=6).print().until()
    assert play.receipts() == [failed("deviceNotReady", "the printer does not answer")]
    assert play.state() is DeviceState.ONLINE, "it was called until it answered"
    assert play.print().until().receipts() == [PRINTED]


@pytest.mark.parametrize(
    "fault", [{"at": "answer_lost"}, {"at": "answer_damaged"}, {"at": "answer_late", "late_s": 1.2}]
)
@pytest.mark.parametrize("command", ["status1", "status2", "status4"])
def test_one_bad_answer_is_asked_for_again(fault: dict[str, Any], command: str) -> None:
    play = Play().order("link_fault", command=command, **fault).print().until()
    assert play.receipts() == [PRINTED]


def test_a_lost_word_of_success_is_no_success() -> None:
    play = Play().order("link_fault", at="answer_lost", command="transmit").print().until()
    assert play.receipts() == [failed(SILENT.error, SILENT.because)]
    assert play.print(NEXT_KEY).until().receipts() == [facts.ReceiptPrinted(key=NEXT_KEY, lines=LINES)]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_printer_that_alone_loses_power_never_seems_to_have_printed(profile: Profile) -> None:
    play = Play(profile, line_s=1.0).print().until(1.5).order("power_off").order("power_on").until()
    assert play.texts() == [LINES[0]]
    (told,) = play.receipts()
    assert isinstance(told, facts.ReceiptFailed)
    assert play.print().until().receipts() == [PRINTED]


def test_a_printer_that_is_pulled_out_is_missed_and_found_again() -> None:
    play = Play(line_s=1.0).print().until(1.5).order("unplug").until(1.0)
    assert play.receipts() == [failed("deviceNotReady", "its port is gone")]
    assert play.state() is DeviceState.NO_DEVICE
    assert play.print().until(1.0).receipts() == [failed("deviceNotReady", "its port is gone")]
    play.order("plug").until()
    assert play.state() is DeviceState.ONLINE
    assert play.print().until().receipts() == [PRINTED]


def test_receipts_that_power_has_taken_are_told_when_it_is_back() -> None:
    play = Play(line_s=1.0).print().print(NEXT_KEY).until(1.5).power_fails().until()
    assert play.receipts() == []
    play.power_comes()
    assert play.receipts() == [failed("deviceNotReady", POWER_FAILED), failed("deviceNotReady", POWER_FAILED, NEXT_KEY)]
    assert play.until().print().until().receipts() == [PRINTED]
    assert play.texts() == [LINES[0], "--", *LINES, "--"]


def test_a_queue_that_is_too_long_is_told_and_not_kept() -> None:
    play = Play(line_s=1.0)
    for number in range(JOBS_MAX + 3):
        play.print(f"T01/{number}")
    assert play.receipts() == [failed("deviceNotReady", TOO_MANY, f"T01/{JOBS_MAX + number}") for number in (1, 2)]


ACTS = st.sampled_from(
    [
        ("print", {}),
        ("power", {}),
        ("unplug", {}),
        ("plug", {}),
        ("power_off", {}),
        ("power_on", {}),
        ("load_paper", {"lines": 12}),
        ("load_paper", {}),
        ("open_cover", {}),
        ("close_cover", {}),
        ("jam", {"after": 2}),
        ("clear_jam", {}),
        ("break_cutter", {}),
        ("mend_cutter", {}),
        ("link_fault", {"at": "answer_lost"}),
        ("link_fault", {"at": "answer_late", "late_s": 1.3}),
        ("link_fault", {"at": "answer_damaged"}),
    ]
)


@given(st.sampled_from(PROFILES), st.booleans(), st.lists(st.tuples(ACTS, st.floats(0, 4)), max_size=12))
def test_what_is_told_as_printed_has_come_out_whole(profile: Profile, clears: bool, acts: list[Any]) -> None:
    play = Play(profile, line_s=0.2, clears_at_any_time=clears)
    asked = 0
    for (do, rest), wait_s in [*acts, (("print", {}), 60.0)]:
        if do == "print":
            asked += 1
            play.print(f"T01/{asked}", (f"first of {asked}", f"last of {asked}"))
        elif do == "power":
            play.power_fails().until(1.0).power_comes()
        else:
            play.order(do, **rest)
        play.until(wait_s)
    play.until(600.0)
    told = play.receipts()
    assert sorted(each.key for each in told) == sorted(f"T01/{number + 1}" for number in range(asked))
    out = "\n".join(play.texts())
    for each in told:
        if isinstance(each, facts.ReceiptPrinted):
            assert "\n".join([*each.lines, "--"]) in out
