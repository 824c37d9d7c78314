"""The command `atmbench ctl`: talk to a running bench. Tables on stdout, or what the bench answered with --json."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atmbench.cli_words import EXIT_OF_STATUS, PORT, need_control, talk
from atmbench.errors import LocalError

if TYPE_CHECKING:
    from atmbench.control.client import Client

URL = f"http://127.0.0.1:{PORT}"
CELL_CHARACTERS_MAX = 60

Row = Mapping[str, Any]


class Ctl:
    """The bench that is meant, and how answers are shown."""

    def __init__(self, client: "Client", *, as_json: bool) -> None:
        self.client = client
        self.as_json = as_json

    def show(self, answer: Any, table: Callable[[Any], str]) -> None:
        """Print an answer."""
        click.echo(json.dumps(answer, indent=2) if self.as_json else table(answer))

    def act(self, command: Mapping[str, Any], name: str = "") -> None:
        """Carry out a command now."""
        body = {**command, "name": name} if name else command
        self.show(self.client.ask("POST", "/v1/commands", body), _done)


pass_ctl = click.make_pass_decorator(Ctl)


@click.group()
@click.option("--url", default=URL, envvar="ATMBENCH_URL", show_default=True, help="Where the bench answers.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="File with its token; else variable ATMBENCH_TOKEN.",
)
@click.option("--ca", type=click.Path(path_type=Path), help="Who signed its certificate, in PEM.")
@click.option("--json", "as_json", is_flag=True, help="Print what the bench answers.")
@click.pass_context
def ctl(context: click.Context, url: str, token_file: Path | None, ca: Path | None, as_json: bool) -> None:
    """Talk to a running bench (`atmbench serve`)."""
    need_control()
    from atmbench.control.client import Client
    from atmbench.control.token import read_token

    token = read_token(token_file) if token_file is not None else os.environ.get("ATMBENCH_TOKEN", "")
    client = Client(url, token, ca)
    context.call_on_close(client.close)
    context.obj = Ctl(client, as_json=as_json)


# --- looking -------------------------------------------------------------------------------------------


@ctl.command()
@pass_ctl
def status(bench: Ctl) -> None:
    """The bench as a whole."""
    bench.show(bench.client.ask("GET", "/v1/bench"), _pairs)


@ctl.command()
@click.option("--state", help="Only terminals in this state, such as ready or no_power.")
@pass_ctl
def terminals(bench: Ctl, state: str | None) -> None:
    """All terminals."""
    rows = bench.client.ask("GET", "/v1/terminals", query={"state": state} if state else None)
    columns = ("terminal", "state", "line", "screen", "waiting", "stored_messages", "closed_by_order")
    bench.show(rows, lambda rows: _table(rows, columns))


@ctl.command()
@click.argument("name")
@pass_ctl
def terminal(bench: Ctl, name: str) -> None:
    """One terminal from near by."""
    bench.show(bench.client.ask("GET", f"/v1/terminals/{_quoted(name)}"), _pairs)


@ctl.command()
@pass_ctl
def lines(bench: Ctl) -> None:
    """All lines."""
    bench.show(bench.client.ask("GET", "/v1/lines"), _table)


@ctl.command()
@pass_ctl
def sites(bench: Ctl) -> None:
    """All sites."""
    bench.show(bench.client.ask("GET", "/v1/sites"), _table)


@ctl.command()
@pass_ctl
def faults(bench: Ctl) -> None:
    """All active faults."""
    bench.show(bench.client.ask("GET", "/v1/faults"), _table)


@ctl.command()
@click.option("--follow", is_flag=True, help="Go on with facts as they come.")
@click.option("--since", type=click.IntRange(0), default=0, help="Facts with a higher number.")
@click.option("--kind", default="", help="Only these kinds, with commas between.")
@click.option("--actor", default="", help="Only of these actors, with commas between.")
@click.option("--key", default="", help="Only of these transactions, with commas between.")
@click.option("--lossy", is_flag=True, help="Leave facts out if they are not read in time.")
@pass_ctl
def facts(bench: Ctl, follow: bool, since: int, kind: str, actor: str, key: str, lossy: bool) -> None:
    """Facts, one line of JSON each."""
    query: dict[str, Any] = {"since": since, "follow": str(follow).lower(), "lossy": str(lossy).lower()}
    query |= {name: value for name, value in (("kind", kind), ("actor", actor), ("key", key)) if value}
    for line in bench.client.facts(query):
        click.echo(line)


@ctl.command()
@pass_ctl
def audit(bench: Ctl) -> None:
    """Judge the run so far. The exit code says how it is."""
    found = bench.client.ask("POST", "/v1/audit")
    bench.show(
        found, lambda found: "\n".join((found["status"], _table(found["checks"], ("check", "status", "because"))))
    )
    raise click.exceptions.Exit(EXIT_OF_STATUS[found["status"]])


@ctl.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_ctl
def save(bench: Ctl, file: Path) -> None:
    """Save the session so far as a drill in FILE; - is stdout."""
    text = bench.client.ask("GET", "/v1/session.drill.yaml")
    if str(file) == "-":
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LocalError(f"{file} cannot be written: {error.strerror}") from None
    talk(f"saved; run it again with: atmbench run {file}")


# --- doing ---------------------------------------------------------------------------------------------


@ctl.command()
@click.argument("line")
@click.option("--by", type=click.Choice(["silence", "reset", "close", "refusal"]), default="silence", show_default=True)
@click.option("--name", default="", help="To mend it by.")
@pass_ctl
def cut(bench: Ctl, line: str, by: str, name: str) -> None:
    """Cut a LINE."""
    bench.act({"cut": {"line": line, "by": by}}, name)


@ctl.command()
@click.argument("name", default="")
@click.option("--line", default="", help="All faults that are aimed at this line.")
@pass_ctl
def mend(bench: Ctl, name: str, line: str) -> None:
    """End the fault NAME, or all."""
    bench.act({"mend": {key: value for key, value in (("name", name), ("line", line)) if value}})


@ctl.command()
@click.argument("spec", metavar="JSON|YAML")
@click.option("--name", default="", help="To mend it by.")
@pass_ctl
def fault(bench: Ctl, spec: str, name: str) -> None:
    """Start a fault, such as '{kind: delay, line: primary, delay_s: 2}'."""
    bench.act(_act(f"fault: {spec}" if spec.lstrip().startswith("{") else _indented("fault", spec)), name)


@ctl.command("do")
@click.argument("spec", metavar="JSON|YAML")
@pass_ctl
def do_(bench: Ctl, spec: str) -> None:
    """Carry out any command as a drill's step has it, such as '{stop_site: {site: A}}'."""
    bench.act(_act(spec))


@ctl.command()
@click.argument("terminal")
@click.argument("amount")
@click.option("--card", type=int, help="Number of the card; else one is drawn.")
@pass_ctl
def withdraw(bench: Ctl, terminal: str, amount: str, card: int | None) -> None:
    """A customer withdraws AMOUNT at a TERMINAL."""
    bench.act({"withdraw": {"terminal": terminal, "amount": amount, **given(card=card)}})


@ctl.command()
@click.argument("terminal")
@click.argument("service")
@click.option("--amount")
@click.option("--card", type=int, help="Number of the card; else one is drawn.")
@click.option("--by-hand", is_flag=True, help="The customer takes card and cash by `hand` only.")
@click.option("--wrong-pin", is_flag=True, help="The customer types another PIN than the card's.")
@pass_ctl
def transact(
    bench: Ctl, terminal: str, service: str, amount: str | None, card: int | None, by_hand: bool, wrong_pin: bool
) -> None:
    """A customer wants a SERVICE at a TERMINAL, such as balance or withdrawal."""
    more = given(amount=amount, card=card, by_hand=by_hand or None, wrong_pin=wrong_pin or None)
    bench.act({"transact": {"terminal": terminal, "service": service, **more}})


@ctl.command()
@click.argument("terminal")
@click.argument("does", type=click.Choice(["takes_card", "takes_cash", "cancels"]))
@pass_ctl
def hand(bench: Ctl, terminal: str, does: str) -> None:
    """A hand does something at a TERMINAL."""
    bench.act({"hand": {"terminal": terminal, "does": does}})


@ctl.command()
@click.argument("terminal")
@click.argument("on", metavar="on|off", type=click.Choice(["on", "off"]))
@pass_ctl
def power(bench: Ctl, terminal: str, on: str) -> None:
    """Take the power of a TERMINAL away until told, or give it back."""
    bench.act({"power": {"terminal": terminal, "on": on == "on"}})


@ctl.command()
@click.argument("what", type=click.Choice(["pause", "resume", "lag"]))
@click.argument("lag_s", type=float, required=False)
@pass_ctl
def replication(bench: Ctl, what: str, lag_s: float | None) -> None:
    """Pause or resume what sites tell each other, or set its lag to LAG_S seconds."""
    if (what == "lag") is not (lag_s is not None):
        raise click.UsageError("say `lag SECONDS`, or `pause` or `resume` alone")
    bench.act({"replication": {"lag_s": lag_s} if what == "lag" else {"paused": what == "pause"}})


@ctl.command()
@click.argument("site")
@pass_ctl
def promote(bench: Ctl, site: str) -> None:
    """Make a SITE the active one."""
    bench.act({"promote": {"site": site}})


@ctl.command()
@click.argument("site")
@click.argument("is_there", metavar="up|away", type=click.Choice(["up", "away"]))
@pass_ctl
def core(bench: Ctl, site: str, is_there: str) -> None:
    """Take the core of a SITE, which keeps its accounts, away, or bring it back."""
    bench.act({"core": {"site": site, "up": is_there == "up"}})


@ctl.command()
@click.argument("site")
@click.argument("on", metavar="on|off", type=click.Choice(["on", "off"]))
@pass_ctl
def brake(bench: Ctl, site: str, on: str) -> None:
    """Let a SITE approve no withdrawals any more, or again."""
    bench.act({"brake": {"site": site, "on": on == "on"}})


@ctl.command()
@click.argument("every_s", type=click.FloatRange(0))
@click.option("--mix", default="", metavar="SERVICE=WEIGHT,...", help="Weights of the services.")
@click.option("--amounts", default="", metavar="AMOUNT,...")
@pass_ctl
def workload(bench: Ctl, every_s: float, mix: str, amounts: str) -> None:
    """A customer comes to each terminal EVERY_S seconds on average from now on; 0: nobody."""
    change: dict[str, Any] = {"every_s": every_s}
    if mix:
        pairs = [each.partition("=") for each in mix.split(",")]
        if not all(weight.strip().isdecimal() for _, _, weight in pairs):
            raise click.UsageError("--mix is SERVICE=WEIGHT,... such as withdrawal=3,balance=1")
        change["mix"] = {service.strip(): int(weight) for service, _, weight in pairs}
    if amounts:
        change["amounts"] = [each.strip() for each in amounts.split(",")]
    bench.act({"workload": change})


@ctl.command()
@click.argument("times", type=float)
@pass_ctl
def speed(bench: Ctl, times: float) -> None:
    """Let the clock run so many TIMES faster than real time."""
    bench.show(bench.client.ask("PUT", "/v1/speed", {"speed": times}), _pairs)


@ctl.command()
@click.option("--no-wait", is_flag=True, help="Do not wait for the verdict.")
@pass_ctl
def heal(bench: Ctl, no_wait: bool) -> None:
    """Mend everything and wait until all has settled; the run ends then. The exit code says how it went."""
    _end(bench, "heal", no_wait=no_wait)


@ctl.command()
@pass_ctl
def stop(bench: Ctl) -> None:
    """End the run at once. The exit code says how it went."""
    _end(bench, "stop", no_wait=False)


def _end(bench: Ctl, how: str, *, no_wait: bool) -> None:
    bench.client.ask("POST", f"/v1/{how}")
    if no_wait:
        return
    for _ in bench.client.facts({"follow": "true", "kind": "run_ended"}):
        pass  # the stream ends with the run
    found = bench.client.ask("GET", "/v1/bench")
    bench.show(found, lambda found: f"{found['status']}  {found['drill']}; run directory: {found['run_directory']}")
    raise click.exceptions.Exit(EXIT_OF_STATUS[found["status"]])


# --- words ---------------------------------------------------------------------------------------------


def _act(text: str) -> dict[str, Any]:
    """A command in the words of a drill file, as the bench wants it."""
    import msgspec

    from atmbench.datafile import load
    from atmbench.drill.records import Step

    values: dict[str, Any] = msgspec.to_builtins(load(text, Step, name="the command"), str_keys=True)
    return values


def _indented(key: str, text: str) -> str:
    return f"{key}:\n" + "".join(f"  {line}\n" for line in text.splitlines())


def given(**values: Any) -> dict[str, Any]:
    """Those of the values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


def _done(answer: Row) -> str:
    name = f" {answer['name']}" if answer.get("name") else ""
    return f"{answer['command']}{name} at {answer['t']:.3f} s, fact {answer['seq']}"


def _pairs(values: Row) -> str:
    width = max(len(name) for name in values)
    return "\n".join(f"{name:<{width}}  {_cell(value)}" for name, value in values.items())


def _table(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
    if not rows:
        return "none"
    names = columns or list(rows[0])
    cells = [list(names), *([_cell(row.get(name))[:CELL_CHARACTERS_MAX] for name in names] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_cell(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_cell(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
