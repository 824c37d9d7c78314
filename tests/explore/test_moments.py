"""The matrix of ambiguous moments: no cell is left out, each can be run and written, and what is planted is found."""

import json
from math import prod
from pathlib import Path

import pytest
from click.testing import CliRunner

from atmbench.audit.verdict import Status
from atmbench.cli import atmbench
from atmbench.drill.load import parse_drill
from atmbench.drill.rules import broken_by
from atmbench.drill.writing import drill_text
from atmbench.errors import LocalError
from atmbench.explore.jobs import processors
from atmbench.explore.moment_drills import drill_of
from atmbench.explore.moment_reasons import REASONS, no_such_cell
from atmbench.explore.moment_runs import NEVER_CAME, AskedCell, run_cell, run_cells
from atmbench.explore.moment_table import coverage, numbers
from atmbench.explore.moment_watch import StrikeWatch
from atmbench.explore.moments import AXES, Moment, cells, chosen_by, find_cell
from atmbench.facts import AnyFact, FaultStarted, LineLost, MessageReceived, MessageSent, PowerFailed
from atmbench.facts.base import stamp

EVERY = list(cells())
RUNNABLE = [cell for cell in EVERY if not no_such_cell(cell)]
QUICK = (
    "before-send.silence.both.A.balance.negative-only",
    "half-sent.lose.request.A.transfer.negative-only",
    "sent.delay.request.A.withdrawal.negative-only",
    "before-posting.site-lost.both.A.deposit.negative-only",
    "after-posting.reset.both.B.withdrawal.dual",
    "replied.silence.reply.A.bill-payment.negative-only",
    "half-reply.corrupt.reply.B.withdrawal.always",
    "before-cash.close.both.A.withdrawal.dual",
    "during-cash.power-lost.both.A.withdrawal.negative-only",
    "before-confirmation.lose.both.A.short-withdrawal.always",
    "reversal.duplicate.request.A.withdrawal.none",
    "replay.refusal.both.B.withdrawal.always",
    "sign-on.lose.reply.B.mini-statement.dual",
    "promotion.silence.both.B.pin-change.negative-only",
)
"""One cell of each moment, and each fault, service and style at least once."""


# --- the generator ---------------------------------------------------------------------------------


def test_cells_are_the_product_of_the_axes_and_each_has_a_name_of_its_own() -> None:
    assert len(EVERY) == prod(len(kind) for kind in AXES.values())
    assert len({cell.name for cell in EVERY}) == len(EVERY) == len(numbers())
    assert all(find_cell(cell.name) == cell for cell in EVERY[::13])


def test_a_cell_can_be_run_or_has_one_of_a_few_reasons_and_each_reason_is_of_use() -> None:
    assert {no_such_cell(cell) for cell in EVERY} == {"", *REASONS}


def test_each_value_of_each_axis_is_run() -> None:
    for axis, kind in AXES.items():
        assert {getattr(cell, axis) for cell in RUNNABLE} == set(kind)
        assert {getattr(find_cell(name), axis) for name in QUICK} >= set(kind) - {"way"}


@pytest.mark.full
def test_every_cell_that_can_be_run_is_a_good_drill() -> None:
    for cell in RUNNABLE:
        assert not list(broken_by(drill_of(cell))), cell.name


@pytest.mark.parametrize("name", QUICK)
def test_a_cell_is_written_as_a_drill_and_read_back(name: str) -> None:
    drill = drill_of(find_cell(name))
    assert parse_drill(drill_text(drill, ["a remark"]), name) == drill
    assert drill.drill == name


@pytest.mark.parametrize("text", ["moment", "when=sent", "moment=never", "way="])
def test_what_chooses_nothing_is_refused_with_what_could(text: str) -> None:
    with pytest.raises(LocalError, match="expected"):
        chosen_by([text])


def test_what_is_chosen_of_one_axis_adds_up_and_axes_narrow() -> None:
    chosen = chosen_by(["moment=sent", "moment=replied", "fault=lose,delay", "site=A"])
    assert len(list(cells(chosen))) == 2 * 2 * len(AXES["way"]) * len(AXES["service"]) * len(AXES["confirm"])


@pytest.mark.parametrize("name", ["sent.lose", "sent.lose.up.A.withdrawal.none"])
def test_a_name_of_no_cell_is_refused(name: str) -> None:
    with pytest.raises(LocalError, match="expected"):
        find_cell(name)


# --- whether the moment came -----------------------------------------------------------------------


def test_a_fault_that_meets_nothing_has_not_struck() -> None:
    watch = StrikeWatch(find_cell("sent.silence.both.A.withdrawal.none"))
    watch(stamp_of(FaultStarted(name="strike", kind="cut"), 10.0, "conductor"))
    watch(stamp_of(PowerFailed(during="ready"), 12.0, "T01"))
    assert watch.struck_at is None


def test_a_message_that_nobody_receives_was_struck_by_the_cut_that_began_while_it_was_on_its_way() -> None:
    watch = StrikeWatch(find_cell("sent.silence.both.A.withdrawal.none"))
    watch(stamp_of(sent(stan=7), 9.99, "T01"))
    watch(stamp_of(FaultStarted(name="strike", kind="cut"), 10.0, "conductor"))
    watch(stamp_of(PowerFailed(during="ready"), 12.0, "T02"))
    assert watch.struck_at == 10.0


def test_a_message_that_is_received_after_all_was_not_struck() -> None:
    watch = StrikeWatch(find_cell("sent.silence.reply.A.withdrawal.none"))
    watch(stamp_of(sent(stan=7), 9.99, "T01"))
    watch(stamp_of(FaultStarted(name="strike", kind="cut"), 10.0, "conductor"))
    received = MessageReceived(
        terminal="T01", line="primary", purpose="withdrawal", mti="0200", stan=7, fields={}, key=""
    )
    watch(stamp_of(received, 10.01, "A"))
    watch(stamp_of(PowerFailed(during="ready"), 12.0, "T02"))
    assert watch.struck_at is None


def test_a_line_that_is_lost_in_the_instant_of_the_cut_was_struck_whichever_is_told_first() -> None:
    watch = StrikeWatch(find_cell("sent.reset.both.A.withdrawal.none"))
    watch(stamp_of(LineLost(line="primary", because="the connection was reset"), 10.0, "T01"))
    assert watch.struck_at is None
    watch(stamp_of(FaultStarted(name="strike", kind="cut"), 10.0, "conductor"))
    assert watch.struck_at == 10.0


def stamp_of(fact: AnyFact, t: float, actor: str) -> AnyFact:
    stamp(fact, t, actor)
    return fact


def sent(stan: int) -> MessageSent:
    return MessageSent(terminal="T01", line="primary", purpose="withdrawal", mti="0200", stan=stan, fields={})


# --- cells, run ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", QUICK)
def test_a_cell_is_struck_and_passes(name: str) -> None:
    run = run_cell(AskedCell(find_cell(name)))
    assert (run.status, run.because) == (Status.PASS, "")
    assert run.struck_at is not None


def test_a_cell_that_cannot_be_says_why_and_is_no_verdict() -> None:
    run = run_cell(AskedCell(find_cell("during-cash.lose.request.A.balance.negative-only")))
    assert run.reason
    assert run.status is None


def test_a_cell_in_which_nothing_was_struck_is_unknown_whatever_the_checks_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StrikeWatch, "__call__", lambda watch, fact: None)
    run = run_cell(AskedCell(find_cell(QUICK[0])))
    assert (run.status, run.because) == (Status.UNKNOWN, NEVER_CAME)


@pytest.mark.parametrize(
    ("defect", "name"),
    [
        ("forget-reversal", "replied.silence.reply.A.transfer.negative-only"),
        ("forget-unknown-reversal", "replied.reset.both.A.withdrawal.none"),
        ("post-late-original", "sent.delay.request.A.withdrawal.negative-only"),
        ("dispense-on-late-reply", "replied.delay.reply.A.withdrawal.negative-only"),
        ("credit-second-reversal", "reversal.duplicate.request.A.withdrawal.negative-only"),
    ],
)
def test_a_planted_defect_is_found_in_the_cell_of_its_moment(defect: str, name: str) -> None:
    run = run_cell(AskedCell(find_cell(name), plant=(defect,)))
    assert run.status is Status.FAIL
    assert run.because


@pytest.mark.full
def test_every_seventh_cell_is_struck_and_passes() -> None:
    """The whole matrix is `atmbench moments`; seven has no factor in common with any axis that is not 14 long."""
    asked = [AskedCell(cell) for cell in RUNNABLE[::7]]
    amiss = [run for run in run_cells(asked, jobs=processors()) if run.status is not Status.PASS]
    assert not amiss, [(run.cell.name, run.because) for run in amiss[:5]]


# --- the reports and the command ---------------------------------------------------------------------


def test_the_coverage_counts_every_cell_once() -> None:
    chosen = chosen_by(["moment=during-cash", "service=balance", "site=A"])
    found = coverage([run_cell(AskedCell(cell)) for cell in cells(chosen)], seed=1)
    assert found.all_cells.run == 0
    assert found.all_cells.impossible == sum(found.reasons.values()) == len(found.runs)
    assert found.status is Status.UNKNOWN


def test_the_command_tells_writes_and_fails_for_what_is_planted(tmp_path: Path) -> None:
    words = ["moments", "--only", "moment=replied", "--only", "fault=reset", "--only", "site=A", "--jobs", "1"]
    words += ["--only", "service=withdrawal", "--only", "confirm=none", "--plant", "forget-unknown-reversal"]
    done = CliRunner().invoke(atmbench, [*words, "--out", str(tmp_path)])
    assert done.exit_code == 1, done.output
    assert "atmbench moments --save replied.reset.both.A.withdrawal.none" in done.output
    told = json.loads((tmp_path / "moments.json").read_text())
    assert (told["cells_in_all"], told["run"], told["failed"]) == (3, 1, 1)
    page = (tmp_path / "moments.html").read_text()
    assert "replied.reset.both.A.withdrawal.none" in page
    assert "http" not in page


def test_a_saved_cell_runs_to_the_same_verdict(tmp_path: Path) -> None:
    file = tmp_path / "cell.drill.yaml"
    runner = CliRunner()
    assert runner.invoke(atmbench, ["moments", "--save", QUICK[5], str(file)]).exit_code == 0
    done = runner.invoke(atmbench, ["run", str(file), "--out", str(tmp_path / "run")])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "words", [["--save", "sent.lose.reply.A.balance.dual"], ["file"], ["--plant", "no-such"], ["--only", "x=y"]]
)
def test_what_cannot_be_asked_for_is_refused(words: list[str]) -> None:
    done = CliRunner().invoke(atmbench, ["moments", *words])
    assert isinstance(done.exception, LocalError)


@pytest.mark.full
def test_cells_come_back_in_their_order_from_two_processes() -> None:
    asked = [AskedCell(cell) for cell in EVERY[:4]]
    assert list(run_cells(asked, jobs=2)) == list(run_cells(asked, jobs=1))


def test_moments_are_told_in_the_order_of_a_transaction() -> None:
    assert next(iter(Moment)) is Moment.BEFORE_SEND
