"""The command `moments`: strike a transaction at every ambiguous moment, and tell what each cell came to."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atmbench.cli_words import EXIT_OF_STATUS, EXIT_PASS, talk
from atmbench.errors import LocalError

if TYPE_CHECKING:
    from atmbench.explore.moment_runs import CellRun
    from atmbench.explore.moment_table import Coverage

PROGRESS_EVERY = 50
JOBS_MAX = 256


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--only", multiple=True, metavar="AXIS=VALUE,...", help="Only these; may be given again.")
@click.option("--plant", multiple=True, metavar="DEFECT", help="Plant a known bug in every cell; may be given again.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True)
@click.option(
    "--jobs", type=click.IntRange(1, JOBS_MAX), help="Processes to run them in.  [default: one for each processor]"
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for moments.json and moments.html.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--save", metavar="CELL", help="Run nothing; write the drill of this cell to FILE.")
def moments(
    file: Path | None,
    only: Sequence[str],
    plant: Sequence[str],
    seed: int,
    jobs: int | None,
    out: Path | None,
    form: str,
    save: str | None,
) -> None:
    """Strike one transaction at every moment at which nobody can know where the money is.

    A cell is a moment, a fault, the way that is struck, the site, the service and how the host is told of success,
    with dots between: sent.lose.request.A.withdrawal.none. Each is a drill of its own on `virtual`. The exit code is 0
    if all pass, 1 if one fails, 3 if one is unknown.
    """
    from atmbench.explore.jobs import processors
    from atmbench.explore.moment_report import matrix_json, render_text
    from atmbench.explore.moment_runs import AskedCell, run_cells
    from atmbench.explore.moment_table import coverage
    from atmbench.explore.moments import cells, chosen_by

    if save is not None:
        _save(save, file)
        raise click.exceptions.Exit(EXIT_PASS)
    if file is not None:
        raise LocalError(f"{file} is given, and no cell to save there; say which with --save CELL")
    _demand_known(plant)
    asked = [AskedCell(cell, seed, tuple(plant)) for cell in cells(chosen_by(only))]
    runs = run_cells(asked, jobs=jobs or processors())
    found = coverage(_told(runs, len(asked)), seed=seed, plant=tuple(plant))
    if out is not None:
        _write(out, found)
    click.echo(matrix_json(found) if form == "json" else render_text(found), nl=False)
    raise click.exceptions.Exit(EXIT_OF_STATUS[found.status.value])


def _save(name: str, file: Path | None) -> None:
    from atmbench.drill.writing import drill_text
    from atmbench.explore.moment_drills import drill_of
    from atmbench.explore.moment_reasons import no_such_cell
    from atmbench.explore.moments import find_cell

    cell = find_cell(name)
    reason = no_such_cell(cell)
    if reason:
        raise LocalError(f"there is no cell {name}: {reason}")
    path = file or Path(f"{cell.name}.drill.yaml")
    remark = f"The cell {cell.name} of `atmbench moments`, as a drill."
    _put(path, drill_text(drill_of(cell), [remark]))
    talk(f"atmbench: wrote {path}; run it with: atmbench run {path}")


def _write(out: Path, found: "Coverage") -> None:
    from atmbench.explore.moment_report import matrix_html, matrix_json

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(f"cannot make the folder {out}: {error.strerror}") from None
    _put(out / "moments.json", matrix_json(found))
    _put(out / "moments.html", matrix_html(found))
    talk(f"atmbench: wrote moments.json and moments.html into {out}")


def _put(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot write {path}: {error.strerror}") from None


def _demand_known(plant: Sequence[str]) -> None:
    from atmbench.drill.rules import known_defects

    for name in plant:
        if name not in known_defects():
            raise LocalError(f"there is no defect {name!r} to plant; `atmbench defects` lists those that are known")


def _told(runs: "Iterable[CellRun]", total: int) -> "Iterator[CellRun]":
    """The same, with one line on stderr that says how far they are."""
    is_seen = sys.stderr.isatty()
    for number, run in enumerate(runs, start=1):
        if is_seen and number % PROGRESS_EVERY == 0:
            talk(f"\r{number:,} of {total:,} cells\x1b[K", nl=False)
        yield run
    if is_seen:
        talk("\r\x1b[K", nl=False)
