"""The link layer, both ends: by the exchanges of the facts, and against a wire that does its worst."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from atmbench.framing.blocks import (
    ACK,
    CONTROLS,
    DISCONNECT,
    ENQ,
    EOT,
    NAK,
    Block,
    BlockLayout,
    Control,
    UnitReader,
)
from atmbench.framing.link_ends import BLOCKS_WAITING_MAX, Deliver, Ended, HostEnd, Outcome, TerminalEnd, Transmit
from atmbench.framing.link_styles import STYLES
from tests.framing.host_line import HOST_LINE, Exchange

LAYOUT = BlockLayout()
REQUEST, ANSWER = LAYOUT.block(b"0200"), LAYOUT.block(b"TEST")
DELAY_S = 0.01


def damaged(block: bytes) -> bytes:
    return block[:2] + bytes([block[2] ^ 1]) + block[3:]


def ends(style: str, *, awaits_enq: bool = True) -> tuple[TerminalEnd, HostEnd]:
    return TerminalEnd(STYLES[style], LAYOUT, awaits_enq=awaits_enq), HostEnd(
        STYLES[style], LAYOUT, awaits_enq=awaits_enq
    )


def sent(outcomes: list[Outcome]) -> list[bytes]:
    return [each.data for each in outcomes if isinstance(each, Transmit)]


# --- transcripts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("exchange", HOST_LINE.exchanges, ids=lambda each: each.name)
def test_both_ends_say_what_the_facts_say(exchange: Exchange) -> None:
    terminal, host = ends(exchange.style)
    told: dict[str, list[bytes]] = {"terminal": [], "host": sent(host.begin(0.0))}
    others: dict[str, TerminalEnd | HostEnd] = {"terminal": host, "host": terminal}
    assert terminal.send(REQUEST, 0.0) == []
    for who, raw, _, *what in exchange.steps:
        said, told[who] = told[who][0], told[who][1:]
        assert said == bytes.fromhex(raw)
        hears = "host" if who == "terminal" else "terminal"
        outcomes = others[who].feed(damaged(said) if what else said, 0.0)
        told[hears] += sent(outcomes)
        if hears == "host" and any(isinstance(each, Deliver) for each in outcomes):
            told["host"] += sent(host.send(ANSWER, 0.0))
    assert not any(told.values())
    assert terminal.is_at_rest
    assert host.is_at_rest


def test_a_terminal_that_is_not_asked_gives_its_line_up() -> None:
    terminal, _ = ends("visa-2")
    deadlines = [terminal.deadline]
    terminal.send(REQUEST, 10.0)
    assert [*deadlines, terminal.deadline] == [None, 25.0]
    assert terminal.on_time(25.0) == [Transmit(DISCONNECT), Ended("the host did not ask (ENQ) for 15 s")]
    assert terminal.send(REQUEST, 26.0) == terminal.feed(ENQ, 26.0) == []
    assert terminal.is_at_rest


def test_a_terminal_that_need_not_be_asked_sends_at_once() -> None:
    terminal, _ = ends("visa-1", awaits_enq=False)
    assert terminal.send(REQUEST, 0.0) == [Transmit(REQUEST)]
    assert terminal.send(ANSWER, 0.0) == []
    assert terminal.feed(ANSWER, 1.0) == [Transmit(ACK), Deliver(ANSWER), Transmit(ANSWER)]


def test_without_an_answer_the_second_style_goes_on_and_the_first_hangs_up() -> None:
    for style, outcomes, at in (
        ("visa-2", [Transmit(EOT)], 35.0),
        ("visa-1", [Transmit(EOT), Ended("the host did not answer for 60 s")], 60.0),
    ):
        terminal, _ = ends(style)
        terminal.send(REQUEST, 0.0)
        terminal.feed(ENQ, 0.0)
        terminal.feed(ACK, 1.0)
        assert terminal.deadline == at
        assert terminal.on_time(at) == outcomes
        assert terminal.is_at_rest


def test_three_repeats_and_no_more() -> None:
    terminal, _ = ends("visa-2")
    terminal.send(REQUEST, 0.0)
    terminal.feed(ENQ, 0.0)
    assert [sent(terminal.feed(NAK, 0.0)) for _ in range(3)] == [[REQUEST]] * 3
    because = "a block was sent 4 times in vain: the host refused it as damaged"
    assert terminal.feed(NAK, 0.0) == [Transmit(DISCONNECT), Ended(because)]


def test_a_host_repeats_its_answer_until_it_is_acknowledged_or_hangs_up() -> None:
    _, host = ends("visa-2")
    assert host.begin(0.0) == [Transmit(ENQ)]
    assert host.feed(REQUEST, 0.5) == [Transmit(ACK), Deliver(REQUEST)]
    assert host.send(ANSWER, 1.0) == [Transmit(ANSWER)]
    for at in (11.0, 21.0, 31.0):
        assert host.deadline == at
        assert host.on_time(at) == [Transmit(ANSWER)]
    assert host.on_time(41.0) == [
        Transmit(DISCONNECT),
        Ended("a block was sent 4 times in vain: the terminal did not acknowledge it"),
    ]


def test_a_host_asks_once_a_second_but_not_into_a_block() -> None:
    _, host = ends("visa-1")
    host.begin(0.0)
    assert host.on_time(1.0) == [Transmit(ENQ)]
    host.feed(REQUEST[:3], 1.5)
    assert host.on_time(2.0) == []
    assert host.feed(REQUEST[3:], 2.5) == [Transmit(ACK), Deliver(REQUEST)]


@pytest.mark.parametrize(("style", "fed", "at"), [("visa-2", 3, 5.0), ("visa-1", 3, 10.0), ("visa-1", -1, 2.0)])
def test_a_block_that_does_not_go_on_is_asked_for_again(style: str, fed: int, at: float) -> None:
    _, host = ends(style)
    host.feed(REQUEST[:fed], 0.0)
    assert host.deadline == at
    assert host.on_time(at) == [Transmit(NAK)]
    assert host.feed(REQUEST, at) == [Transmit(ACK), Deliver(REQUEST)]


def test_what_is_never_whole_ends_the_call() -> None:
    _, host = ends("visa-2")
    host.begin(0.0)
    assert [host.feed(damaged(REQUEST), 0.0) for _ in range(3)] == [[Transmit(NAK)]] * 3
    *_, end = host.feed(damaged(REQUEST), 0.0)
    assert isinstance(end, Ended)
    assert "no block came whole in 4 tries: the LRC" in end.because


def test_an_answer_that_nobody_waits_for_is_lost() -> None:
    _, host = ends("visa-2")
    host.begin(0.0)
    host.feed(REQUEST, 0.5)
    host.feed(EOT, 1.0)
    assert host.send(ANSWER, 2.0) == []
    assert host.is_at_rest


def test_the_same_block_again_is_a_repeat_in_its_exchange_and_new_in_the_next() -> None:
    _, host = ends("visa-2")
    host.begin(0.0)
    assert Deliver(REQUEST) in host.feed(REQUEST, 0.0)
    assert host.feed(REQUEST, 0.1) == [Transmit(ACK)]
    host.send(ANSWER, 0.2)
    assert host.feed(REQUEST, 0.3) == [Transmit(ACK)]
    assert host.feed(ACK, 0.4) == [Transmit(EOT)]
    assert host.feed(REQUEST, 2.0) == [Transmit(ACK), Deliver(REQUEST)]


@pytest.mark.parametrize("style", STYLES)
def test_whoever_closes_says_so(style: str) -> None:
    for closing, other in (ends(style), ends(style)[::-1]):
        said = sent(closing.close(0.0))
        assert said == [STYLES[style].end]
        assert closing.close(0.0) == []
        if isinstance(other, HostEnd) or style == "visa-2":
            assert other.feed(said[0], 0.0) == [Ended()]


def test_what_waits_has_a_bound() -> None:
    terminal, _ = ends("visa-2")
    for _ in range(BLOCKS_WAITING_MAX):
        assert terminal.send(REQUEST, 0.0) == []
    assert terminal.send(REQUEST, 0.0)[-1] == Ended(f"more than {BLOCKS_WAITING_MAX} blocks wait to be sent")


# --- a wire that does its worst -------------------------------------------------------------------

HARMS = ("sound", "lost", "doubled", "damaged", "shortened", "nak before", "nak after")


@dataclass
class Wire:
    """Both ends, and what happens to each unit either of them puts on the wire, until the list of harms is used up."""

    terminal: TerminalEnd
    host: HostEnd
    harms: list[str]
    cuts: list[int]
    app_s: list[float | None]
    now: float = 0.0
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    number: int = 0
    asked: list[bytes] = field(default_factory=list)
    answered: list[bytes] = field(default_factory=list)
    at_host: list[bytes] = field(default_factory=list)
    at_terminal: list[bytes] = field(default_factory=list)
    busy_until: dict[str, float] = field(default_factory=dict)

    def later(self, at: float, act: Callable[[], None]) -> None:
        self.number += 1
        heapq.heappush(self.events, (at, self.number, act))

    def ask(self, text: bytes) -> None:
        block = LAYOUT.block(text)
        self.asked.append(block)
        self.perform("host", self.terminal.send(block, self.now))

    def answer(self, block: bytes) -> None:
        answer = LAYOUT.block(b"answer " + block[1:-2])
        self.answered.append(answer)
        self.perform("terminal", self.host.send(answer, self.now))

    def perform(self, to: str, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Transmit):
                for unit in self.harmed(outcome.data):
                    self.carry(to, unit)
            elif isinstance(outcome, Deliver) and to == "terminal":
                self.at_host.append(outcome.block)
                wait_s = self.app_s.pop() if self.app_s else 0.1
                if wait_s is not None:
                    self.later(self.now + wait_s, lambda block=outcome.block: self.answer(block))  # type: ignore[misc]
            elif isinstance(outcome, Deliver):
                self.at_terminal.append(outcome.block)

    def harmed(self, unit: bytes) -> list[bytes]:
        harm = self.harms.pop() if self.harms else "sound"
        event(harm)
        is_block = unit not in CONTROLS
        damage = {"lost": [], "doubled": [unit, unit], "nak before": [NAK, unit], "nak after": [unit, NAK]}
        if is_block:
            damage |= {"damaged": [damaged(unit)], "shortened": [unit[:3] + unit[4:]]}
        return damage.get(harm, [unit])

    def carry(self, to: str, unit: bytes) -> None:
        cut = self.cuts.pop() % (len(unit) + 1) if self.cuts else 0
        for piece in (unit[:cut], unit[cut:]):
            if piece:
                at = self.busy_until[to] = max(self.now, self.busy_until.get(to, 0.0)) + DELAY_S
                self.later(at, lambda piece=piece: self.arrive(to, piece))  # type: ignore[misc]

    def arrive(self, to: str, piece: bytes) -> None:
        if to == "host":
            self.perform("terminal", self.host.feed(piece, self.now))
        else:
            self.perform("host", self.terminal.feed(piece, self.now))

    def run(self, until: float) -> None:
        self.perform("terminal", self.host.begin(0.0))
        for _ in range(20_000):
            due = [(at, who) for who, at in (("host", self.terminal.deadline), ("terminal", self.host.deadline)) if at]
            next_end = min(due, default=(until, ""))
            next_event = self.events[0][0] if self.events else until
            self.now = min(next_end[0], next_event)
            if self.now >= until:
                return
            if next_event <= next_end[0]:
                heapq.heappop(self.events)[2]()
            else:
                end = self.terminal if next_end[1] == "host" else self.host
                self.perform(next_end[1], end.on_time(self.now))
        raise AssertionError("the ends do not come to rest")


def is_in_order_and_once(got: list[bytes], all_of: list[bytes]) -> bool:
    rest = iter(all_of)
    return all(each in rest for each in got)


def the_wire(style: str, awaits_enq: bool, harms: list[str], cuts: list[int], app_s: list[float | None]) -> Wire:
    wire = Wire(*ends(style, awaits_enq=awaits_enq), harms, cuts, app_s)
    for number in range(4):
        wire.later(3.0 * number + 0.5, lambda number=number: wire.ask(b"request %d" % number))  # type: ignore[misc]
    return wire


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("awaits_enq", [True, False])
@given(
    st.lists(st.sampled_from(HARMS), max_size=40),
    st.lists(st.integers(0, 30), max_size=40),
    st.lists(st.sampled_from([None, 0.0, 0.1, 5.0, 34.99, 40.0]), max_size=4),
)
def test_a_block_arrives_unaltered_once_or_not_at_all_and_both_ends_come_to_rest(
    style: str, awaits_enq: bool, harms: list[str], cuts: list[int], app_s: list[float | None]
) -> None:
    wire = the_wire(style, awaits_enq, harms, cuts, app_s)
    wire.run(1_000.0)
    assert is_in_order_and_once(wire.at_host, wire.asked)
    assert is_in_order_and_once(wire.at_terminal, wire.answered)
    assert wire.terminal.is_at_rest
    assert wire.host.is_at_rest


@pytest.mark.parametrize("style", STYLES)
@given(st.lists(st.sampled_from(("sound", "damaged", "shortened")), max_size=3), st.lists(st.integers(0, 30)))
def test_what_is_damaged_up_to_three_times_arrives_all_the_same(style: str, harms: list[str], cuts: list[int]) -> None:
    wire = the_wire(style, True, harms, cuts, [])
    wire.run(1_000.0)
    assert (wire.at_host, wire.at_terminal) == (wire.asked, wire.answered)
    assert len(wire.asked) == 4


@pytest.mark.parametrize("style", STYLES)
@given(st.lists(st.sampled_from((ENQ, ACK, NAK, EOT, DISCONNECT, REQUEST, ANSWER, b"\x02", b"junk")), max_size=50))
def test_any_units_are_answered_within_bounds(style: str, units: list[bytes]) -> None:
    for end in ends(style):
        for at, unit in enumerate(units):
            for data in sent(end.feed(unit, float(at))):
                assert isinstance(UnitReader(LAYOUT).feed(data)[0], Control | Block)
        if not end.is_over:
            assert end.deadline is None or end.deadline >= 0
