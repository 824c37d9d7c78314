"""The report as a tester reads it. The golden file is rewritten by deleting it and running this test once."""

from pathlib import Path

import pytest

from atmbench.audit.judge import judge
from atmbench.audit.verdict import Status
from atmbench.facts import FaultStarted, FrameDisturbed, RunEnded, RunStarted
from atmbench.report import text
from atmbench.report.story import stories
from tests.audit.builders import Tape, key_of, stamped
from tests.report.small import LOST, SUSPECT, WRONG, small

GOLDEN = Path(__file__).parent / "golden" / "small.txt"


def report_of_small() -> str:
    audit = judge(small())
    return text.render(audit, stories(small(), text.keys_to_tell(audit)))


def test_the_report_of_a_small_history() -> None:
    report = report_of_small()
    if not GOLDEN.exists():
        GOLDEN.write_text(report, encoding="utf-8")
        pytest.fail("the golden report was missing and is written now: read it, then run again")
    assert report == GOLDEN.read_text(encoding="utf-8")


def test_verdict_first_and_no_line_too_long() -> None:
    lines = report_of_small().splitlines()
    assert lines[0].startswith("FAIL  small: ")
    assert max(len(line) for line in lines) <= text.WIDTH
    assert not any(line != line.rstrip() for line in lines)


def test_stories_are_asked_for_findings_and_exceptions_only() -> None:
    keys = text.keys_to_tell(judge(small()))
    assert set(keys) >= {WRONG, SUSPECT}
    assert LOST not in keys
    assert "" not in keys


def test_replay_command_is_given_or_made_of_the_history() -> None:
    audit = judge(small())
    made = "atmbench run small --seed 7 --venue virtual --plant double-post-repeat"
    assert text.render(audit).splitlines()[-1].strip() == made
    assert text.render(audit, replay="atmbench run x").splitlines()[-1].strip() == "atmbench run x"


def test_many_findings_are_bounded() -> None:
    tape = Tape()
    for number in range(200):
        tape.request(1 + 40 * number, key_of("T01", 10 + number))
    tape.end_t = 9000
    audit = judge(tape.play())
    keys = text.keys_to_tell(audit)
    report = text.render(audit, stories(tape.play(), keys))
    assert len(keys) == text.FINDINGS_IN_FULL
    assert report.count("withdrawal 50.00 asked") <= 2 * text.FINDINGS_IN_FULL
    assert "  and 145 more" in report
    assert key_of("T01", 10 + text.FINDINGS_IN_FULL) in report


def test_a_pass_says_so() -> None:
    tape = Tape()
    tape.withdraw(1)
    report = text.render(judge(tape.play()))
    assert report.startswith("PASS  small: every check passed\n")
    assert "FINDINGS" not in report


@pytest.mark.parametrize("missing", [RunStarted, RunEnded])
def test_a_broken_history_has_a_report_too(missing: type) -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.without = (missing,)
    audit = judge(tape.play())
    assert audit.status is Status.UNKNOWN
    assert text.render(audit).startswith("UNKNOWN")
    assert f"no {missing.__name__}" in text.render(audit)


def test_a_fault_that_met_no_frame_is_said_aloud() -> None:
    begun = [
        stamped(1.0, "conductor", FaultStarted(name="lose-1", kind="lose")),
        stamped(1.0, "conductor", FaultStarted(name="cut-1", kind="cut")),
    ]
    report = text.render(judge(begun))
    assert "lose-1                lose              NO FRAME MET IT" in report
    assert "cut-1                 cut               touched 0 frames" in report
    disturbed = FrameDisturbed(
        name="lose-1", kind="lose", terminal="T01", line="primary", direction="reply", what="not applied: no such value"
    )
    report = text.render(judge([*begun, stamped(2.0, "T01/primary", disturbed)]))
    assert "touched 1 frame, of which it had to leave 1 as they were" in report
