"""Drills whose lines are serial: the same business above, an own link layer beneath, and nothing else that changes."""

from pathlib import Path

import msgspec
import pytest

from atmbench.datafile import DataFileError
from atmbench.drill.load import parse_drill
from atmbench.drill.records import LINES
from atmbench.errors import LocalError
from atmbench.facts import FrameDisturbed, LineLost, LineUp, MessageReceived, MessageSent
from atmbench.framing.blocks import lrc
from atmbench.run.population import build_customers
from atmbench.run.runner import RunResult, audit_directory, run_drill
from atmbench.run.source import Source, find_drill
from atmbench.store.run_directory import RunDirectory
from tests.store.wire import read

SERIAL = "{style: visa-2, baud: 2400}"
SMALL = """
drill: small
proves: three terminals pay over serial lines
terminals: 3
lines:
  primary: {site: A, serial: %s}
  secondary: {site: B, serial: {style: visa-1, baud: 9600, format: 8E1}}
terminal:
  timers: {reply_s: 10, network_reply_s: 10}
  failover: {fail_back_after_s: 30, probe_s: 5}
host: {promote_after_silence_s: 5}
cards: {cards: 50}
workload: {every_s: 8}
steps:
%s
heal: {at: 90}
"""


def run(steps: str = "  []", serial: str = SERIAL, out: Path | None = None, dialect: str = "", seed: int = 1,
        capture: bool = False) -> RunResult:  # fmt: skip
    text = SMALL % (serial, steps)
    if dialect:
        text += f"dialect: {dialect}\n"
    return run_drill(Source(parse_drill(text, "small"), text, "small"), seed=seed, out=out, capture=capture)


CUTS = """
  - {at: 30, name: gone, cut: {line: primary, by: %s}}
  - {at: 31, promote: {site: B}}
  - {at: 55, mend: {}}
  - {at: 60, promote: {site: A}}
"""


@pytest.mark.parametrize("by", ["silence", "reset", "close", "refusal"])
def test_every_cut_sends_terminals_to_the_other_line_and_back(tmp_path: Path, by: str) -> None:
    result = run(CUTS % by, out=tmp_path / "run")
    assert result.audit.status == "PASS", result.report
    history = list(RunDirectory.open(tmp_path / "run").history())
    assert {fact.actor for fact in history if isinstance(fact, LineUp) and fact.line == "secondary"} == {
        "T01",
        "T02",
        "T03",
    }
    assert any(isinstance(fact, LineLost) for fact in history) == (by != "silence")


def test_a_captured_run_is_the_same_run_and_repeats_and_can_be_judged_again(tmp_path: Path) -> None:
    steps = """
  - {at: 10, fault: {kind: noise, rate: 0.001}}
  - {at: 10, fault: {kind: lose_control, probability: 0.05}}
  - {at: 20, fault: {kind: flip_bits, direction: request, probability: 0.2}}
"""
    outs = [tmp_path / name for name in ("one", "two", "three")]
    first, _, last = [run(steps, out=out, seed=5, capture=out is not outs[0]) for out in outs]
    assert first.audit.status == "PASS", first.report
    assert len({(out / "history.jsonl").read_bytes() for out in outs}) == 1
    assert (outs[1] / "wire.pcapng").read_bytes() == (outs[2] / "wire.pcapng").read_bytes()
    assert first.report == last.report == audit_directory(outs[1]).report


def test_a_capture_shows_blocks_as_they_came_through_and_no_card(tmp_path: Path) -> None:
    run(out=tmp_path / "run", capture=True)
    raw = (tmp_path / "run" / "wire.pcapng").read_bytes()
    data = [packet.data for packet in read(raw).packets if packet.data]
    assert data
    assert all(each[:1] == b"\x02" and each[-2:-1] == b"\x03" for each in data)
    assert all(lrc(each[1:-1]) == each[-1:] for each in data), "checks are those of what is shown"
    history = list(RunDirectory.open(tmp_path / "run").history())
    sent = sum(isinstance(fact, MessageSent) for fact in history)
    assert sent == len(data)
    cards = build_customers(parse_drill(SMALL % (SERIAL, "  []"), "small"), 1).cards
    assert not [card for card in cards if card.pan.encode() in raw]


def test_messages_take_the_time_of_the_line(tmp_path: Path) -> None:
    """A withdrawal of some 200 characters at 2400 baud cannot be at the host within half a second."""
    run(out=tmp_path / "run")
    sent_at: dict[str, float] = {}
    took: list[float] = []
    for fact in RunDirectory.open(tmp_path / "run").history():
        if isinstance(fact, MessageSent) and fact.actor == fact.terminal and fact.purpose == "withdrawal":
            sent_at[fact.key] = fact.t
        elif isinstance(fact, MessageReceived) and fact.actor != fact.terminal and fact.key in sent_at:
            took.append(fact.t - sent_at.pop(fact.key))
    assert len(took) > 5
    assert min(took) > 0.5
    assert max(took) < 3


@pytest.mark.parametrize("dialect", ["iso87-bcd", "iso93-bcd", "as2805"])
def test_a_binary_dialect_runs_where_blocks_have_a_length(dialect: str) -> None:
    result = run(serial="{length: binary2, tpdu: '6000030000'}", dialect=dialect)
    assert result.audit.status == "PASS", result.report


def test_a_body_that_cannot_be_carried_says_what_to_set() -> None:
    with pytest.raises(LocalError, match="length: binary2"):
        run(dialect="iso87-bcd")


@pytest.mark.parametrize(
    ("serial", "says"),
    [
        ("{tpdu: '6000030000'}", "found a TPDU, which is binary, and no length, meant length: binary2 too, or no tpdu"),
        ("{length: bcd2, format: 7E1}", "a format with 8 data bits, such as 8E1, or length: none"),
        ("{style: visa-3}", "visa-1"),
        ("{baud: 0}", "50"),
    ],
)
def test_settings_that_cannot_be_are_a_mistake_with_its_line(serial: str, says: str) -> None:
    with pytest.raises(DataFileError, match="line 6") as caught:
        run(serial=serial)
    assert says in str(caught.value)


def test_a_fault_breaks_blocks_above_the_link_layer_and_the_host_never_sees_them(tmp_path: Path) -> None:
    steps = "  - {at: 20, fault: {kind: flip_bits, where: frame, byte: 20, direction: request, nth: 3}}"
    result = run(steps, out=tmp_path / "run")
    assert result.audit.status == "PASS", result.report
    history = list(RunDirectory.open(tmp_path / "run").history())
    assert sum(isinstance(fact, FrameDisturbed) for fact in history) == 1
    lost = [fact for fact in history if isinstance(fact, LineLost)]
    assert [fact.because for fact in lost] == ["the far side closed the connection"]


def test_lines_of_a_drill_can_be_others_for_a_run() -> None:
    source = find_drill("primary-cut", lines="serial")
    assert {line.serial for line in source.drill.lines.values()} == {LINES["serial"]}
    assert source.drill.lines["primary"].site == "A"
    assert {line.serial for line in find_drill("primary-cut", lines="tcp").drill.lines.values()} == {None}
    with pytest.raises(LocalError, match="expected one of tcp, serial"):
        find_drill("primary-cut", lines="carrier-pigeon")


def test_lines_that_are_serial_already_stay_as_the_drill_says() -> None:
    own = find_drill("modem-busy-and-dropped").drill.lines
    assert find_drill("modem-busy-and-dropped", lines="serial").drill.lines == own


def test_a_serial_line_reads_and_writes_as_data() -> None:
    drill = parse_drill(SMALL % (SERIAL, "  []"), "small")
    assert msgspec.to_builtins(drill.lines)["primary"] == {"site": "A", "serial": {"baud": 2400}}


def test_a_drill_of_serial_wires_cannot_run_over_tcp() -> None:
    with pytest.raises(LocalError, match="no line that is serial"):
        find_drill("noisy-serial-lines", lines="tcp")


def test_bad_parity_needs_a_line_with_parity() -> None:
    steps = "  - {at: 1, fault: {kind: bad_parity, line: %s}}"
    with pytest.raises(DataFileError, match="such as format: 8E1"):
        run(steps % "primary")
    parse_drill(SMALL % (SERIAL, steps % "secondary"), "small")
