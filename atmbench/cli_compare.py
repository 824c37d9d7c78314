"""The command `compare`: two runs, before and after a release, and in what they differ beyond chance."""

from pathlib import Path

import click

from atmbench.cli_words import EXIT_FAIL, EXIT_PASS, field_numbers, volatile_option

ALPHA_PERCENT = 0.1
TIMING_PERCENT = 5.0


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option(
    "--timing-percent",
    type=click.FloatRange(0, 1_000),
    default=TIMING_PERCENT,
    show_default=True,
    help="Times that differ by less, in median and 95th percentile, are the same.",
)
@click.option(
    "--chance-percent",
    type=click.FloatRange(0.0001, 10),
    default=ALPHA_PERCENT,
    show_default=True,
    help="How likely any false finding may be.",
)
@volatile_option
@click.option(
    "--any", "at_any_rate", is_flag=True, help="Also if drill, venue or currency differ, or a run was stopped."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="As --format json.")
def compare(
    run_a: Path,
    run_b: Path,
    timing_percent: float,
    chance_percent: float,
    volatile: str,
    at_any_rate: bool,
    form: str,
) -> None:
    """Compare two runs of one drill: RUN_A before a release, RUN_B after it.

    Outcomes of each service, response codes, times to the answer, and messages field by field. Customers of another
    seed come at other times and want other amounts; what that explains is no difference. The exit code is 0 if nothing
    differs, else 1.
    """
    from atmbench.compare import Settings
    from atmbench.report.compare import comparison_json, render_comparison
    from atmbench.run.compare import compare_runs

    settings = Settings(
        alpha=chance_percent / 100,
        timing_percent=timing_percent,
        volatile=frozenset(str(number) for number in field_numbers(volatile)),
    )
    found = compare_runs(run_a, run_b, settings, at_any_rate=at_any_rate)
    click.echo(comparison_json(found) if form == "json" else render_comparison(found), nl=False)
    raise click.exceptions.Exit(EXIT_PASS if found.is_none else EXIT_FAIL)
