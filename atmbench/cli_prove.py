"""The commands of planted defects: `defects` lists them, `prove` shows that the bench finds them and nothing else."""

import json
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atmbench.cli_words import EXIT_OF_STATUS, talk
from atmbench.errors import LocalError

if TYPE_CHECKING:
    from atmbench.explore.proof import Proof
    from atmbench.explore.prove import Progress

LIST_WIDTH = 120
CLEAN_SEEDS = 3
SEEDS_MAX = 10_000
JOBS_MAX = 256
"""As `explore.jobs` has it, which is too heavy for `--help`."""
PROGRESS_EVERY_S = 0.2

format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.command()
@format_option
def defects(form: str) -> None:
    """List the known bugs that can be planted with --plant, and which checks must find them."""
    from atmbench.run.runner import DEFECTS

    listed = sorted(DEFECTS.items())
    if form == "json":
        records = [
            {"name": name, "says": each.says, "source": each.source, "found_by": each.found_by} for name, each in listed
        ]
        click.echo(json.dumps(records, indent=2))
        return
    width = max(len(name) for name in DEFECTS)
    for name, each in listed:
        found_by = f"Found by: {', '.join(each.found_by)}." if each.found_by else "Cannot be seen yet."
        says = f"{name:<{width}}  {each.says} {found_by} [{each.source}]"
        click.echo(textwrap.fill(says, LIST_WIDTH, subsequent_indent=" " * (width + 2)))


@click.command()
@click.argument("names", metavar="[DEFECT]...", nargs=-1)
@click.option(
    "--drill", "drills", multiple=True, metavar="NAME", help="Of the stock drills only this; may be repeated."
)
@click.option(
    "--seeds", type=click.IntRange(1, SEEDS_MAX), default=1, show_default=True, help="Seeds 1 to N for every defect."
)
@click.option(
    "--clean-seeds",
    type=click.IntRange(0, SEEDS_MAX),
    default=CLEAN_SEEDS,
    show_default=True,
    help="Seeds 1 to N for runs without a defect, at least as many as --seeds.",
)
@click.option(
    "--until-found", is_flag=True, help="Plant no defect again that a right check has found: quicker, and no shares."
)
@click.option("--jobs", type=click.IntRange(1, JOBS_MAX), help="Processes that work at a time.  [default: processors]")
@click.option("--out", type=click.Path(path_type=Path), help="Folder that gets prove.json and prove.html.")
@format_option
def prove(
    names: Sequence[str],
    drills: Sequence[str],
    seeds: int,
    clean_seeds: int,
    until_found: bool,
    jobs: int | None,
    out: Path | None,
    form: str,
) -> None:
    """Plant every DEFECT (default: all) in every stock drill on `virtual`, and show which check finds it.

    It passes if each is found by a check whose business it is in at least one run, and no clean run gives a false
    alarm. What was not found in drills that were chosen is unknown, because another drill may find it.
    """
    from atmbench.explore.jobs import processors
    from atmbench.explore.prove import plan_of
    from atmbench.explore.prove import prove as proved

    if out is not None:
        _make(out)
    plan = plan_of(names, drills, seeds=seeds, clean_seeds=clean_seeds, until_found=until_found)
    progress = _Progress() if sys.stderr.isatty() else None
    try:
        proof = proved(plan, jobs=jobs or processors(), told=progress or _silent)
    finally:
        if progress is not None:
            progress.clear()
    _give_out(proof, out, form)
    if not proof.is_complete:
        raise click.Abort("atmbench: stopped from outside; the above is what was done until then")
    raise click.exceptions.Exit(EXIT_OF_STATUS[proof.status.value])


def _make(folder: Path) -> None:
    """Before the first run, so that a place that cannot be written to costs no minutes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(f"cannot make the folder {folder}: {error.strerror}") from None


def _give_out(proof: "Proof", out: Path | None, form: str) -> None:
    import msgspec

    from atmbench.explore.prove_html import render_page
    from atmbench.explore.prove_text import render_proof

    record = json.dumps(msgspec.to_builtins(proof), indent=2)
    click.echo(record if form == "json" else render_proof(proof), nl=form == "json")
    if out is None:
        return
    try:
        (out / "prove.json").write_text(record + "\n", encoding="utf-8")
        (out / "prove.html").write_text(render_page(proof), encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot write to {out}: {error.strerror}") from None
    talk(f"written: {out / 'prove.json'}, {out / 'prove.html'}")


def _silent(progress: "Progress") -> None:
    """Nobody looks on."""


class _Progress:
    """One line on stderr that is written over."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def __call__(self, progress: "Progress") -> None:
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + PROGRESS_EVERY_S
            talk(f"\r{progress.doing}: {progress.done:,} of {progress.of:,}\x1b[K", nl=False)

    def clear(self) -> None:
        """Leave the terminal clean for the result."""
        talk("\r\x1b[K", nl=False)
