"""Drills whose lines are dialled: the same business above, a modem and its calls beneath."""

from pathlib import Path

import pytest

from atmbench.datafile import DataFileError
from atmbench.drill.load import parse_drill
from atmbench.facts import CallFailed, DialFailed, Fact, FrameDisturbed, LineLost, LineSuspected, LineUp, StepRefused
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import Source, find_drill
from atmbench.store.run_directory import RunDirectory

SMALL = """
drill: small
proves: three terminals dial and pay
terminals: 3
lines:
  primary: {site: A, serial: {length: binary2, dial: %s}}
  secondary: {site: B, serial: {baud: 2400}}
terminal:
  timers: {reply_s: 20, network_reply_s: 10, dial_s: %g}
  failover: {fail_back_after_s: 30, probe_s: 5}
host: {promote_after_silence_s: 5}
cards: {cards: 50}
workload: {every_s: 8}
steps:
%s
heal: {at: 120}
"""
DIAL = '{number: "5551234", tries: 2, pause_s: 2}'


def run(
    steps: str = "  []",
    out: Path | None = None,
    *,
    dial: str = DIAL,
    dial_s: float = 120.0,
    seed: int = 1,
    capture: bool = False,
) -> RunResult:
    text = SMALL % (dial, dial_s, steps)
    return run_drill(Source(parse_drill(text, "small"), text, "small"), seed=seed, out=out, capture=capture)


def history(out: Path) -> list[Fact]:
    return list(RunDirectory.open(out).history())


CUTS = """
  - {at: 40, name: gone, cut: {line: primary, by: %s}}
  - {at: 41, promote: {site: B}}
  - {at: 75, mend: {}}
  - {at: 80, promote: {site: A}}
"""


@pytest.mark.parametrize(
    ("by", "modem_lines"),
    [
        ("silence", "false"),
        ("close", "true"),
        pytest.param("reset", "false", marks=pytest.mark.full),
        pytest.param("reset", "true", marks=pytest.mark.full),
        pytest.param("refusal", "true", marks=pytest.mark.full),
    ],
)
def test_every_cut_sends_terminals_to_the_other_line_and_back(tmp_path: Path, by: str, modem_lines: str) -> None:
    dial = DIAL.replace("}", f", modem_lines: {modem_lines}}}")
    result = run(CUTS % by, tmp_path / "run", dial=dial)
    assert result.audit.status == "PASS", result.report
    ups = [(fact.t, fact.actor, fact.line) for fact in history(tmp_path / "run") if isinstance(fact, LineUp)]
    assert {actor for t, actor, line in ups if line == "secondary"} == {"T01", "T02", "T03"}
    assert {actor for t, actor, line in ups if line == "primary" and t > 75} == {"T01", "T02", "T03"}
    assert min(t for t, _, line in ups if line == "primary") > 9.0, "a call takes its time"


@pytest.mark.full
@pytest.mark.parametrize(
    ("venue", "speed", "seed"), [*(("virtual", 1.0, seed) for seed in range(2, 11)), ("loopback", 20.0, 2)]
)
def test_the_stock_drill_passes_whatever_the_seed(venue: str, speed: float, seed: int) -> None:
    result = run_drill(find_drill("modem-busy-and-dropped"), venue=venue, seed=seed, speed=speed)
    assert result.audit.status == "PASS", result.report


STEPS = """
  - {at: 0, machine: {terminal: T01, device: modem, do: fault, with: {is: busy}}}
  - {at: 40, machine: {terminal: T02, device: modem, do: far_hangs_up}}
  - {at: 50, machine: {terminal: T03, device: modem, line: primary, do: power_off}}
  - {at: 55, power_fail: {terminal: T01, restore_after_s: 5}}
  - {at: 70, machine: {terminal: T03, device: modem, do: power_on}}
"""


def test_what_is_done_at_a_modem_is_met_and_the_run_repeats(tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("one", "two")]
    for out in outs:
        result = run(STEPS, out, seed=7, capture=out is outs[1])
        assert result.audit.status == "PASS", result.report
    assert len({(out / "history.jsonl").read_bytes() for out in outs}) == 1
    facts = history(outs[0])
    assert ("T01", "busy") in [(fact.actor, fact.why) for fact in facts if isinstance(fact, CallFailed)]
    lost = {fact.actor: fact.because for fact in facts if isinstance(fact, LineLost)}
    assert lost["T02"] == "the modem says NO CARRIER: the host or the telephone network has ended the call"
    assert "T03" in {fact.actor for fact in facts if isinstance(fact, LineSuspected)}, "its modem was silent"


def test_a_number_that_is_always_busy_is_given_up_after_its_tries(tmp_path: Path) -> None:
    run(
        "  - {at: 0, machine: {terminal: T01, device: modem, do: fault, with: {is: busy, times: 2}}}",
        tmp_path / "run",
    )
    failed = [fact for fact in history(tmp_path / "run") if isinstance(fact, DialFailed)]
    assert [(fact.actor, fact.line, fact.because) for fact in failed] == [
        ("T01", "primary", "the number 5551234 of the host is busy (try 2; before: busy)")
    ]


def test_a_terminal_that_gives_up_first_ends_the_attempt_and_the_next_one_stands(tmp_path: Path) -> None:
    result = run(
        "  - {at: 0, machine: {terminal: T01, device: modem, do: fault, with: {is: no_answer}}}",
        tmp_path / "run",
        dial='{number: "5551234", result_s: 20}',
        dial_s=20.0,
    )
    assert result.audit.status == "PASS", result.report
    facts = history(tmp_path / "run")
    assert [fact.because for fact in facts if isinstance(fact, DialFailed)] == [
        "nobody had answered when the terminal gave up"
    ]
    assert [fact for fact in facts if isinstance(fact, LineUp) and (fact.actor, fact.line) == ("T01", "primary")]


@pytest.mark.parametrize(
    "fault",
    [
        "{kind: noise, of: controls, rate: 0.05, direction: request}",
        "{kind: carrier_drop, direction: request, nth: 9}",
        "{kind: carrier_drop, direction: reply, nth: 9}",
        pytest.param("{kind: slow_characters, gap_s: 0.01, direction: request, nth: 3}", marks=pytest.mark.full),
    ],
)
def test_faults_of_serial_wires_meet_what_either_end_sends(tmp_path: Path, fault: str) -> None:
    steps = f"  - {{at: 20, name: harm, fault: {fault}}}\n  - {{at: 90, mend: {{name: harm}}}}"
    result = run(steps, tmp_path / "run")
    assert result.audit.status == "PASS", result.report
    struck = [each for each in history(tmp_path / "run") if isinstance(each, FrameDisturbed) and each.line == "primary"]
    assert {each.direction for each in struck} == {"request" if "request" in fault else "reply"}
    dropped = [each for each in history(tmp_path / "run") if isinstance(each, LineLost) and each.line == "primary"]
    assert dropped or "carrier_drop" not in fault


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("{terminal: T01, device: modem, line: secondary, do: drop_dtr}", "secondary with a modem"),
        ("{terminal: T01, device: dispenser, line: primary, do: drop_dtr}", "a line of a dispenser"),
    ],
)
def test_a_modem_stands_only_where_a_line_is_dialled(step: str, says: str) -> None:
    with pytest.raises(DataFileError) as caught:
        run(f"  - {{at: 5, machine: {step}}}")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("dial", "dial_s", "says"),
    [
        (DIAL, 5.0, "a modem that has 45 s for a call, and a terminal that waits 5 s"),
        ("{number: 555 1234}", 120.0, "number"),
        ("{}", 120.0, "number"),
    ],
)
def test_settings_that_cannot_be_are_a_mistake_with_its_line(dial: str, dial_s: float, says: str) -> None:
    with pytest.raises(DataFileError, match="line 6") as caught:
        run(dial=dial, dial_s=dial_s)
    assert says in str(caught.value)


def test_what_a_modem_cannot_do_is_refused_and_the_run_goes_on(tmp_path: Path) -> None:
    steps = "  - {at: 30, machine: {terminal: T01, device: modem, do: dance}}"
    result = run(steps, tmp_path / "run")
    assert result.audit.status == "UNKNOWN", result.report
    (refused,) = [fact for fact in history(tmp_path / "run") if isinstance(fact, StepRefused)]
    assert "a line_modem cannot do 'dance'" in refused.because
