"""The command `drift`: the same probes for two hosts, and in what their answers differ."""

import click

from atmbench.cli_words import EXIT_FAIL, EXIT_PASS, dialect_option, field_numbers, volatile_option

PROBES = 500


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--drill", default="", metavar="NAME|FILE", help="Whose sites, releases, host and dialect words mean.")
@dialect_option
@click.option("--probes", type=click.IntRange(1, 100_000), default=PROBES, show_default=True, help="How many.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Same seed, same probes.")
@volatile_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="As --format json.")
def drift(a: str, b: str, drill: str, dialect: str, probes: int, seed: int, volatile: str, form: str) -> None:
    """Ask hosts A and B the same, and print in which fields their answers differ.

    A and B are each a site of the drill with what its steps deploy there, a release (N is what runs at the start,
    others are the drill's own or shipped), a dialect, or another drill. The exit code is 0 if all answers are the
    same, else 1.
    """
    from atmbench.report.drift import drift_json, render_drift
    from atmbench.run.drift import drift as compared
    from atmbench.run.drift import find_subject, usual_drill

    base, spoken = usual_drill(drill, dialect)
    subjects = [find_subject(word, base, spoken) for word in (a, b)]
    found = compared(subjects[0], subjects[1], probes=probes, seed=seed, volatile=field_numbers(volatile))
    click.echo(drift_json(found, seed) if form == "json" else render_drift(found, seed), nl=False)
    raise click.exceptions.Exit(EXIT_PASS if found.is_none else EXIT_FAIL)
