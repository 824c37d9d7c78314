"""More of `atmbench ctl`: what an operator does to sites, to releases, to what is in service, and to days and clocks.

Each is the command of a drill's step, and may be saved as one.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from atmbench.cli_ctl import Ctl, ctl, given, pass_ctl
from atmbench.drill.commands import PostingDoes

__all__ = ["ctl"]

F = TypeVar("F", bound=Callable[..., Any])
POSTING_WORDS = {each.value.replace("_", "-"): each.value for each in PostingDoes}


def _where(command: F) -> F:
    """The options that say which site or which terminals."""
    options = (
        click.option("--site", help="A site."),
        click.option("--percent", type=click.FloatRange(0, 100, min_open=True), help="A share of the terminals."),
        click.option("--names", metavar="T01,T02", help="These terminals."),
        click.option("--prefix", metavar="T1", help="Terminals whose name begins so."),
        click.option("--region", help="The terminals of a region."),
        click.option("--at-once", is_flag=True, help="Do not wait until a terminal is quiet."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _place(*, site: str | None, names: str | None, at_once: bool, **chosen: Any) -> dict[str, Any]:
    """What these options come to in a step. `chosen` are the other ways to choose terminals."""
    listed = None if names is None else [each.strip() for each in names.split(",")]
    terminals = given(names=listed, **chosen)
    return given(site=site, terminals=terminals or None, when="at_once" if at_once else None)


@ctl.command()
@click.argument("release")
@_where
@pass_ctl
def deploy(bench: Ctl, /, release: str, **where: Any) -> None:
    """Put a RELEASE into a site, or into some terminals."""
    bench.act({"deploy": {"release": release, **_place(**where)}})


@ctl.command()
@_where
@pass_ctl
def rollback(bench: Ctl, /, **where: Any) -> None:
    """Give a site, or some terminals, back what ran there before the last deployment."""
    bench.act({"rollback": _place(**where)})


@ctl.command()
@click.argument("site")
@click.option("--rate-per-s", type=float, help="So many requests a second.")
@click.option("--servers", type=int, help="So many at a time.")
@click.option("--queue-max", type=int, help="So many may wait.")
@click.option("--sick", is_flag=True, help="Some requests are held up.")
@click.option("--answers", type=float, help="Of a sick site: the share that goes through as ever.")
@click.option(
    "--delay-s", type=float, nargs=2, metavar="FROM TO", help="Of a sick site: how long it holds the rest up."
)
@click.option("--usual", is_flag=True, help="As the drill has it again.")
@pass_ctl
def capacity(
    bench: Ctl,
    site: str,
    rate_per_s: float | None,
    servers: int | None,
    queue_max: int | None,
    sick: bool,
    answers: float | None,
    delay_s: tuple[float, float] | None,
    usual: bool,
) -> None:
    """Change what a SITE can serve, in a drill that states a capacity."""
    if not sick and (answers is not None or delay_s is not None):
        raise click.UsageError("--answers and --delay-s are of a sick site; say --sick too")
    sickness = given(answers=answers, delay_s=delay_s) if sick else None
    change = given(rate_per_s=rate_per_s, servers=servers, queue_max=queue_max, sick=sickness, usual=usual or None)
    bench.act({"capacity": {"site": site, **change}})


@ctl.command()
@click.option("--no-repair", is_flag=True, help="Only tell what differs.")
@pass_ctl
def reconcile(bench: Ctl, no_repair: bool) -> None:
    """Hold the books of the sites against each other, and set right what differs."""
    bench.act({"reconcile": {"repair": False} if no_repair else {}})


@ctl.command()
@click.argument("where", metavar="out|back", type=click.Choice(["out", "back"]))
@click.option("--terminal", help="One terminal, or client of a channel.")
@click.option("--region", help="The terminals of a region.")
@click.option("--channel", help="The clients of a channel.")
@click.option("--line", help="A line of all terminals.")
@click.option("--site", help="A site, which is kept apart.")
@click.option("--because", help="What customers read meanwhile.")
@pass_ctl
def service(
    bench: Ctl,
    where: str,
    terminal: str | None,
    region: str | None,
    channel: str | None,
    line: str | None,
    site: str | None,
    because: str | None,
) -> None:
    """Take something out of service, or put it back; all terminals and clients if nothing is named."""
    what = given(terminal=terminal, region=region, channel=channel, line=line, site=site, because=because)
    bench.act({"service": {"open": where == "back", **what}})


@ctl.command("stop-site")
@click.argument("site")
@click.option("--by", type=click.Choice(["silence", "reset", "close", "refusal"]), default="silence", show_default=True)
@pass_ctl
def stop_site(bench: Ctl, site: str, by: str) -> None:
    """A SITE goes dark."""
    bench.act({"stop_site": {"site": site, "by": by}})


@ctl.command("start-site")
@click.argument("site")
@click.option("--rebuilt", is_flag=True, help="It has lost all that it knew, and begins with what another site knows.")
@pass_ctl
def start_site(bench: Ctl, site: str, rebuilt: bool) -> None:
    """A dark SITE comes back."""
    bench.act({"start_site": {"site": site, **given(rebuilt=rebuilt or None)}})


@ctl.command()
@click.argument("site")
@click.argument("does", metavar="break-off|lose-position|resume|resume-at-end", type=click.Choice([*POSTING_WORDS]))
@pass_ctl
def posting(bench: Ctl, site: str, does: str) -> None:
    """Stop the posting process of a SITE in mid-batch, make it lose its place, or let it go on."""
    bench.act({"posting": {"site": site, "does": POSTING_WORDS[does]}})


@ctl.command()
@click.argument("site", default="")
@click.option("--to", default="", metavar="DATE", help="The next business day, such as 2026-01-08; else the day after.")
@pass_ctl
def cutover(bench: Ctl, site: str, to: str) -> None:
    """End the business day of a SITE, or of all."""
    bench.act({"cutover": given(site=site or None, to=to or None)})


@ctl.command()
@click.argument("of")
@click.argument("step_s", type=int)
@click.option("--local", is_flag=True, help="Local time alone: summer time begins or ends.")
@pass_ctl
def clock(bench: Ctl, of: str, step_s: int, local: bool) -> None:
    """Set the clock OF a site, terminal, region or channel ahead by STEP_S seconds; back: `-- A -7200`.

    OF is "" for every clock there is.
    """
    bench.act({"clock": {"of": of, "step_s": step_s, **given(local=local or None)}})
