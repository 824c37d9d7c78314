"""The command `impact`: what a recorded run did to its customers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from atmbench.cli_words import EXIT_FAIL, EXIT_PASS, talk
from atmbench.errors import LocalError

if TYPE_CHECKING:
    from atmbench.impact.customers import Customer
    from atmbench.impact.impact import Impact

SHOWN = 10
SECONDS_MAX = 1e9
F = TypeVar("F", bound=Callable[..., Any])


def _budgets(command: F) -> F:
    """Options that make an exit code of the figures."""
    for option in (
        click.option(
            "--availability-min", type=click.FloatRange(0, 1), metavar="SHARE", help="Of each terminal: 0.9995."
        ),
        click.option("--touched-max", type=click.IntRange(0), metavar="N", help="Customers who may be touched."),
        click.option(
            "--minutes-max", type=click.FloatRange(0), metavar="MIN", help="Customer minutes that may be lost."
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--customer", metavar="WHO", help="Only these: a terminal, a transaction (T07/000118) or a masked card.")
@click.option("--most", type=click.IntRange(0), default=SHOWN, show_default=True, help="Stories to tell, worst first.")
@click.option(
    "--slow-s", type=click.FloatRange(0, SECONDS_MAX), help="An answer that took longer touches.  [default: 10]"
)
@click.option(
    "--late-s", type=click.FloatRange(0, SECONDS_MAX), help="A payment that took longer is delayed.  [default: 60]"
)
@_budgets
def impact(
    run_dir: Path,
    form: str,
    customer: str | None,
    most: int,
    slow_s: float | None,
    late_s: float | None,
    minutes_max: float | None,
    touched_max: int | None,
    availability_min: float | None,
) -> None:
    """Tell what a recorded run did to its customers.

    Who was touched, what each tried and saw, how long money was wrong and when it was right again, customer minutes
    lost, delayed payments, and for how long each terminal was in service. From the history alone; nothing is written.
    The exit code is 1 if a budget that was given is exceeded.
    """
    from atmbench.report.impact import over_budget, render_impact

    found = _impact(run_dir, slow_s, late_s)
    wanted = _wanted(found, customer) if customer is not None else None
    if form == "json":
        _print_json(found, wanted)
    elif wanted is not None:
        _print_stories(found, wanted)
    else:
        click.echo(render_impact(found, most), nl=False)
    over = list(over_budget(found, minutes_max=minutes_max, touched_max=touched_max, availability_min=availability_min))
    for each in over:
        talk(f"OVER BUDGET: {each}")
    raise click.exceptions.Exit(EXIT_FAIL if over else EXIT_PASS)


def _impact(run_dir: Path, slow_s: float | None, late_s: float | None) -> "Impact":
    from atmbench.impact.bounds import Bounds
    from atmbench.impact.impact import impact_of_history
    from atmbench.store.run_directory import RunDirectory

    usual = Bounds()
    bounds = Bounds(
        slow_s=usual.slow_s if slow_s is None else slow_s, late_s=usual.late_s if late_s is None else late_s
    )
    return impact_of_history(RunDirectory.open(run_dir).history(), bounds)


def _wanted(found: "Impact", who: str) -> "Sequence[Customer]":
    wanted = [
        each
        for each in found.customers
        if who in (each.key, each.terminal, each.card) or each.key.startswith(f"{who}/")
    ]
    if not wanted:
        raise LocalError(
            f"no customer {who!r} was touched among {found.touched:,} who were; expected a terminal such as T07, a "
            f"transaction such as T07/000118, or a card as it is masked"
        )
    return wanted


def _print_stories(found: "Impact", wanted: "Sequence[Customer]") -> None:
    from atmbench.report.impact_story import story_lines

    for number, each in enumerate(wanted, start=1):
        click.echo("\n".join(story_lines(each, found.currency, f"{number}. ", all_screens=True)))


def _print_json(found: "Impact", wanted: "Sequence[Customer] | None") -> None:
    import msgspec

    if wanted is not None:
        found = msgspec.structs.replace(found, customers=tuple(wanted))
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
