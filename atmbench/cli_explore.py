"""The commands `explore` and `shrink`: look for drills that fail, and make one that fails as short as can be."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atmbench.cli_words import EXIT_BUG, EXIT_FAIL, EXIT_PASS, EXIT_UNKNOWN, dialect_option, talk
from atmbench.errors import LocalError, VenueError

if TYPE_CHECKING:
    from atmbench.explore.search import Harvest
    from atmbench.explore.telling import Told

FOUND_FOLDER = "atmbench-found"
RUNS = 1_000
RUNS_MAX = 10_000_000

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=FOUND_FOLDER,
    show_default=True,
    help="Folder for the drills that fail.",
)
plant_option = click.option("--plant", multiple=True, metavar="DEFECT", help="Plant a known bug; may be given again.")


@click.command()
@click.argument("drill")
@click.option(
    "--runs", type=click.IntRange(1, RUNS_MAX), default=RUNS, show_default=True, help="How many drills to run."
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes.  [default: as many as there are processors]")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=1,
    show_default=True,
    help="Same drill, runs and seed: the same drills, whatever the jobs.",
)
@plant_option
@out_option
@dialect_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explore(
    drill: str,
    runs: int,
    jobs: int | None,
    seed: int,
    plant: Sequence[str],
    out: Path,
    dialect: str,
    form: str,
) -> None:
    """Draw variants of DRILL, run them, and shrink what fails.

    Lines, host, security, devices and settings stay as DRILL has them. Customers, faults and their times are drawn, so
    that a sound system must pass. What fails is shrunk to the shortest drill that fails the same way, and saved with
    its seed. The exit code is 0 if nothing was found, 1 if something failed, 3 if it was stopped before, 70 if the
    bench itself crashed.
    """
    from atmbench.explore.finds import finds_of
    from atmbench.explore.jobs import processors
    from atmbench.explore.search import Harvest, search
    from atmbench.explore.telling import Told
    from atmbench.run.source import find_drill

    base = find_drill(drill, dialect=dialect).drill
    planted, jobs = _known(plant), jobs or processors()
    harvest, stopped, broken = Harvest(), False, None
    progress = _Progress(runs)
    try:
        for harvest in search(base, runs=runs, seed=seed, jobs=jobs, plant=planted):
            progress(harvest)
    except KeyboardInterrupt:
        stopped = True
    except VenueError as error:  # a process died; what the others found is told all the same
        broken = error
    progress.shrinking(harvest)
    finds = tuple(
        finds_of(
            harvest.failures,
            harvest.failed,
            base=base.drill,
            plant=planted,
            out=out,
            jobs=jobs,
            shrinks=not (stopped or broken),
        )
    )
    progress.clear()
    told = Told(name=base.drill, asked=runs, jobs=jobs, harvest=harvest, finds=finds)
    _print(told, form)
    if broken is not None:
        raise broken
    raise click.exceptions.Exit(_code(told, stopped=stopped))


@click.command()
@click.argument("drill")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="[default: the drill's own, or 1]")
@click.option("--check", default="", metavar="CHECK", help="The check that fails.  [default: the first that does]")
@plant_option
@out_option
@dialect_option
def shrink(drill: str, seed: int | None, check: str, plant: Sequence[str], out: Path, dialect: str) -> None:
    """Make DRILL, which fails, the shortest drill that fails the same way.

    The exit code is 1 if it was shrunk, and 0 if it does not fail.
    """
    import msgspec

    from atmbench.explore.finds import finds_of
    from atmbench.explore.shrink import failure_of
    from atmbench.explore.telling import replay, words
    from atmbench.run.source import find_drill

    base = find_drill(drill, dialect=dialect).drill
    if seed is not None:
        base = msgspec.structs.replace(base, seed=seed)
    planted = _known(plant)
    failure = failure_of(base, planted, check)
    if failure is None:
        click.echo(f"{drill} does not fail{f' by {check}' if check else ''} with seed {base.seed}")
        raise click.exceptions.Exit(EXIT_PASS)
    (find,) = finds_of((failure,), {}, base=base.drill, plant=planted, out=out, jobs=1)
    click.echo(f"{find.way}: {words(find.before)} -> {words(find.after)}, in {find.shrink_runs} runs")
    click.echo("\n".join(filter(None, (find.remark, find.says, replay(find)))))
    raise click.exceptions.Exit(EXIT_BUG if find.is_crash else EXIT_FAIL)


def _known(plant: Sequence[str]) -> tuple[str, ...]:
    from atmbench.run.runner import DEFECTS

    for name in plant:
        if name not in DEFECTS:
            raise LocalError(f"there is no defect {name!r} to plant; `atmbench defects` lists them")
    return tuple(sorted(set(plant)))


def _print(told: "Told", form: str) -> None:
    from atmbench.explore.telling import as_json, render

    click.echo(as_json(told) if form == "json" else render(told), nl=False)


def _code(told: "Told", *, stopped: bool) -> int:
    if any(find.is_crash for find in told.finds):
        return EXIT_BUG
    if told.finds:
        return EXIT_FAIL
    return EXIT_UNKNOWN if stopped else EXIT_PASS


class _Progress:
    """One line on stderr that is written over, if somebody looks."""

    def __init__(self, runs: int) -> None:
        self._runs = runs
        self._is_shown = sys.stderr.isatty()

    def __call__(self, harvest: "Harvest") -> None:
        failed = f"  {sum(harvest.failed.values())} failed" if harvest.failed else ""
        self._say(f"{harvest.runs:,} of {self._runs:,} drills  {harvest.coverage.size:,} touched{failed}")

    def shrinking(self, harvest: "Harvest") -> None:
        """What fails is made shorter."""
        if harvest.failures:
            self._say(f"shrinking {len(harvest.failures)} of {sum(harvest.failed.values())} failures")

    def clear(self) -> None:
        """Leave the terminal clean for the report."""
        self._say("")

    def _say(self, text: str) -> None:
        if self._is_shown:
            talk(f"\r{text}\x1b[K", nl=False)
