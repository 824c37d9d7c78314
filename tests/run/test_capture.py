"""A run that is captured is the same run; its capture shows every line, repeats, and holds no card."""

import re
from pathlib import Path

import pytest

from atmbench.drill.load import parse_drill
from atmbench.errors import LocalError
from atmbench.facts import DialFailed, LineUp, RunStarted
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.run.population import build_customers
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill
from atmbench.store import capture
from atmbench.store.run_directory import RunDirectory
from tests.store.wire import FIN, RST, SYN, Captured, read

SMALL = """
drill: small
proves: three terminals can pay with a PIN, also over a bad line
terminals: 3
cards: {cards: 50, pins: true}
workload: {every_s: 8}
steps:
  - {at: 5, fault: {kind: split, pieces: 5, direction: request}}
  - {at: 10, fault: {kind: flip_bits, direction: request, mti: "0200", probability: 0.3}}
  - {at: 20, fault: {kind: garble_field, field: 2, direction: request, mti: "0200", probability: 0.3}}
  - {at: 30, fault: {kind: garble_field, field: 35, direction: request, mti: "0200", probability: 0.3}}
  - {at: 40, cut: {line: primary, by: reset}}
  - {at: 60, mend: {}}
heal: {at: 90}
"""


def source(text: str = SMALL) -> Source:
    return Source(parse_drill(text, "small"), text, "small")


def captured(path: Path) -> Captured:
    return read((path / "wire.pcapng").read_bytes())


def test_a_capture_changes_nothing_and_repeats(tmp_path: Path) -> None:
    for name in ("half-dead-primary", "swapped-replies"):
        runs = [tmp_path / f"{name}{number}" for number in range(3)]
        reports = [run_drill(find_drill(name), seed=3, out=out, capture=out is not runs[0]).report for out in runs]
        assert len({(out / "history.jsonl").read_bytes() for out in runs}) == 1
        assert len(set(reports)) == 1
        assert (runs[1] / "wire.pcapng").read_bytes() == (runs[2] / "wire.pcapng").read_bytes()
        assert not (runs[0] / "wire.pcapng").exists()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_card_of_the_drill_is_in_its_capture(tmp_path: Path, seed: int) -> None:
    drill = source()
    run_drill(drill, seed=seed, out=tmp_path / "run", capture=True)
    raw = (tmp_path / "run" / "wire.pcapng").read_bytes()
    whole = captured(tmp_path / "run")
    streams = [raw, *(whole.stream(outbound=way, of=name) for way in (True, False) for name, _ in whole.interfaces)]
    customers = build_customers(drill.drill, seed)
    assert len(whole.comments) > 10
    for card in customers.cards:
        hidden = (card.pan[2:-2], customers.track2(card)[-17:])
        assert all(each.encode() not in stream for each in hidden for stream in streams)
    assert all(not re.search(rb"\d=\d", stream) for stream in streams)


def test_what_a_card_and_its_holder_bring_is_nines_of_the_same_length(tmp_path: Path) -> None:
    head, tail = SMALL.partition("steps:")[0], "heal: {at: 60}"
    run_drill(source(head + tail), out=tmp_path / "run", capture=True)
    codec = Codec(load_dialect("iso87-ascii"))
    bodies = [
        each.data[2:] for each in captured(tmp_path / "run").packets if each.outbound and b"0200" in each.data[:6]
    ]
    withdrawals = [codec.decode(body).fields for body in bodies]
    assert len(withdrawals) > 5
    for fields in withdrawals:
        assert re.fullmatch(r"9{12}\d{4}", fields[2])
        assert (fields[35], fields[52]) == ("9" * 34, "9" * 16)


def test_every_line_is_an_interface_and_every_connection_is_there(tmp_path: Path) -> None:
    run_drill(find_drill("primary-cut"), out=tmp_path / "run", capture=True)
    whole = captured(tmp_path / "run")
    facts = list(RunDirectory.open(tmp_path / "run").history())
    lines = next(each.lines for each in facts if isinstance(each, RunStarted))
    terminals = {each.actor for each in facts if isinstance(each, LineUp)}
    assert [name for name, _ in whole.interfaces] == [f"{name}/{line}" for name in sorted(terminals) for line in lines]
    dials = [each for each in whole.packets if each.flags == SYN]
    assert len(dials) == sum(isinstance(each, LineUp) for each in facts)
    times = [each.at_us for each in whole.packets]
    assert times == sorted(times)


def test_a_line_that_is_cut_by_silence_is_silent_in_the_capture(tmp_path: Path) -> None:
    run_drill(find_drill("primary-cut"), out=tmp_path / "run", capture=True)
    whole = captured(tmp_path / "run")
    start_us = 1_767_603_600_000_000
    dark = [
        each
        for each in whole.packets
        if each.interface.endswith("/primary")
        and 40.6e6 < each.at_us - start_us < 110e6
        and (each.data or each.outbound)
    ]
    assert dark
    assert all(each.flags & FIN and not each.data and "while the line is cut" in each.comment for each in dark)


def test_a_cut_by_reset_is_a_reset_and_a_refusal_leaves_nothing(tmp_path: Path) -> None:
    run_drill(source(), out=tmp_path / "run", capture=True)
    resets = [each for each in captured(tmp_path / "run").packets if each.flags & RST]
    assert {each.interface for each in resets} == {"T01/primary", "T02/primary", "T03/primary"}
    assert {each.comment for each in resets} == {"the line was cut by reset"}
    text = SMALL.replace("by: reset", "by: refusal")
    run_drill(source(text), out=tmp_path / "refused", capture=True)
    facts = list(RunDirectory.open(tmp_path / "refused").history())
    assert any(isinstance(each, DialFailed) for each in facts)
    dials = [each for each in captured(tmp_path / "refused").packets if each.flags == SYN]
    assert len(dials) == sum(isinstance(each, LineUp) for each in facts)


@pytest.mark.full
def test_a_capture_over_real_tcp(tmp_path: Path) -> None:
    run_drill(source(), venue="loopback", speed=50.0, out=tmp_path / "run", capture=True)
    whole = captured(tmp_path / "run")
    assert len(whole.interfaces) == 6
    assert any(each.flags & RST for each in whole.packets)
    assert b"0210" in whole.stream(outbound=False, of="T01/primary")


def test_a_full_capture_is_told_in_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "CAPTURE_BYTES_MAX", 20_000)
    result = run_drill(source(), out=tmp_path / "run", capture=True)
    assert "The capture is not complete: it was full (20,000 bytes) at" in result.report
    assert (tmp_path / "run" / "report.txt").read_text() == result.report
    assert 19_000 < (tmp_path / "run" / "wire.pcapng").stat().st_size <= 20_000


def test_only_test_cards_are_captured_and_only_into_a_run_directory(tmp_path: Path) -> None:
    foreign = SMALL.replace("cards: 50", 'bin: "412345", cards: 50')
    with pytest.raises(LocalError, match=r"cards\.bin is '412345', and only test cards may be captured"):
        run_drill(source(foreign), out=tmp_path / "run", capture=True)
    assert not (tmp_path / "run").exists()
    with pytest.raises(LocalError, match="none is kept"):
        run_drill(source(), capture=True)
    declared = foreign.replace("cards: 50", "is_test_range: true, cards: 50")
    run_drill(source(declared), out=tmp_path / "run", capture=True)
    assert captured(tmp_path / "run").packets
