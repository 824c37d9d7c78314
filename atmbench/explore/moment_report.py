"""The matrix as a reader wants it: text, JSON, or a page that opens offline. It builds strings and writes no file."""

import json
from importlib.resources import files
from typing import Any

from atmbench import __version__
from atmbench.audit.verdict import Status
from atmbench.explore.moment_runs import CellRun
from atmbench.explore.moment_table import Coverage, Square, numbers, replay
from atmbench.explore.moments import AXES, Fault, Moment

PAGE = "moments.html.j2"
SHOWN_MAX = 20
"""Cells that did not pass, as the text shows them. The files have all."""
_NONE = "-"


def render_text(found: Coverage) -> str:
    """The coverage table, why there is what there is not, and each cell that did not pass."""
    lines = [*_table(found), "", *_totals(found), "", *_reasons(found)]
    shown = found.not_passed[:SHOWN_MAX]
    for run in shown:
        lines += ["", f"{run.status}  {run.cell.name}", f"    {run.because}", f"    {replay(run, found)}"]
    left = len(found.not_passed) - len(shown)
    if left:
        lines += ["", f"and {left:,} more that did not pass"]
    return "\n".join(lines) + "\n"


def matrix_json(found: Coverage) -> str:
    """Everything as JSON, one cell a line."""
    head = json.dumps(_head(found), indent=1)[:-2]
    number = numbers()
    cells = ",\n  ".join(json.dumps(_cell(run, number[run.cell])) for run in found.runs)
    return f'{head},\n "cells": [\n  {cells}\n ]\n}}\n'


def matrix_html(found: Coverage) -> str:
    """One page with the same, which needs nothing else."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(files("atmbench.explore").joinpath(PAGE).read_text("utf-8"))
    number = numbers()
    by_moment = {
        moment: [(number[run.cell], run) for run in found.runs if run.cell.moment is moment and not run.reason]
        for moment in Moment
    }
    return page.render(
        found=found,
        moments=_rows(found),
        faults=list(Fault),
        axes=list(AXES),
        by_moment=by_moment,
        replay=replay,
        version=__version__,
        status=found.status.value,
    )


def _rows(found: Coverage) -> dict[Moment, list[Square]]:
    seen = {moment for moment, _ in found.squares}
    return {
        moment: [found.squares.get((moment, fault), Square()) for fault in Fault] for moment in Moment if moment in seen
    }


def _table(found: Coverage) -> list[str]:
    """A square is `run`, or `passed/run` where not all passed."""
    rows = _rows(found)
    width = max(len(moment) for moment in Moment)
    widths = [max(len(fault), 6) for fault in Fault]
    head = " ".join(f"{fault:>{wide}}" for fault, wide in zip(Fault, widths, strict=True))
    lines = [f"{'cells run':<{width}}  {head}"]
    for moment, squares in rows.items():
        told = " ".join(f"{_square(each):>{wide}}" for each, wide in zip(squares, widths, strict=True))
        lines.append(f"{moment:<{width}}  {told}")
    return lines


def _square(square: Square) -> str:
    if not square.run:
        return _NONE
    return f"{square.run}" if square.passed == square.run else f"{square.passed}/{square.run}"


def _totals(found: Coverage) -> list[str]:
    whole = found.all_cells
    planted = f"; planted: {', '.join(found.plant)}" if found.plant else ""
    return [
        f"{found.status}  {whole.total:,} cells: {whole.run:,} run, {whole.impossible:,} cannot be; seed {found.seed}"
        f"{planted}",
        f"{whole.passed:,} PASS, {whole.failed:,} FAIL, {whole.unknown:,} UNKNOWN",
    ]


def _reasons(found: Coverage) -> list[str]:
    return [f"{number:>6,} cannot be: {reason}" for reason, number in found.reasons.items()]


def _head(found: Coverage) -> dict[str, Any]:
    whole = found.all_cells
    return {
        "version": __version__,
        "seed": found.seed,
        "plant": list(found.plant),
        "status": found.status.value,
        "axes": {axis: list(kind) for axis, kind in AXES.items()},
        "cells_in_all": whole.total,
        "run": whole.run,
        "passed": whole.passed,
        "failed": whole.failed,
        "unknown": whole.unknown,
        "cannot_be": found.reasons,
    }


def _cell(run: CellRun, number: int) -> dict[str, Any]:
    told: dict[str, Any] = {"number": number, "cell": run.cell.name}
    if run.reason:
        return told | {"reason": run.reason}
    assert run.status is not None
    assert run.trial is not None
    told |= {"status": run.status.value, "struck_at_s": run.struck_at}
    told |= {"facts": run.trial.facts, "history": run.trial.history}
    return told if run.status is Status.PASS else told | {"because": run.because}
