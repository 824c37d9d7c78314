"""What the commands of the command line have in common: exit codes, options, and how they talk."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import msgspec

from atmbench.errors import LocalError

if TYPE_CHECKING:
    from atmbench.run.key_room import GivenKeys
    from atmbench.run.runner import RunResult
    from atmbench.second_opinion import Opinion

EXIT_PASS, EXIT_FAIL, EXIT_USAGE, EXIT_UNKNOWN, EXIT_BUG = 0, 1, 2, 3, 70
EXIT_OF_STATUS = {"PASS": EXIT_PASS, "FAIL": EXIT_FAIL, "UNKNOWN": EXIT_UNKNOWN}
RUNS_FOLDER = "atmbench-runs"
PORT = 8590
"""Where a bench answers, unless told otherwise."""
SPEED_MAX = 50
"""A clock that runs faster makes a busy machine look like a slow line."""
CONTROL_EXTRA = "a bench to talk to needs more than the core of atmbench; install it: pip install 'atmbench[control]'"

dialect_option = click.option(
    "--dialect",
    default="",
    metavar="NAME|FILE",
    help="In place of the drill's own: a shipped dialect (see `atmbench dialects`), or a file that ends in .yaml.",
)

volatile_option = click.option(
    "--volatile", default="", metavar="DE,DE", help="More fields that are not compared; never the response code."
)


def field_numbers(text: str) -> Sequence[int]:
    """The numbers in a text such as "38,54". Raises LocalError for anything else."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in words if not (word.isascii() and word.isdigit())]
    if wrong:
        raise LocalError(f"--volatile has {wrong[0]!r}; expected numbers of fields such as 38,54")
    return [int(word) for word in words]


def talk(text: str, *, nl: bool = True) -> None:
    """Say something on stderr. A terminal that is gone does not hear it, and that changes no exit code."""
    with suppress(OSError):
        click.echo(text, err=True, nl=nl)


def given_keys(path: Path | None) -> "GivenKeys":
    """Keys of the environment and of a file."""
    from atmbench.run.key_room import GivenKeys
    from atmbench.store.key_file import keys_of_environment, read_key_file

    keys = keys_of_environment(os.environ)
    if path is not None:
        keys |= read_key_file(path)
    return GivenKeys(keys, str(path) if path is not None else "")


def print_result(result: "RunResult", form: str) -> NoReturn:
    """Print the verdict of a run, and exit with its code."""
    _print(result, form)
    raise click.exceptions.Exit(EXIT_OF_STATUS[result.audit.status.value])


def print_both(result: "RunResult", opinion: "Opinion", form: str) -> NoReturn:
    """Print the verdict of a run and a second opinion, and where they disagree; exit with the code of the worse."""
    from atmbench.run.second_opinion import disagreement, worse
    from atmbench.second_opinion import render

    differs = disagreement(opinion, result.audit)
    _print(result, form, {"second_opinion": {**msgspec.to_builtins(opinion), "disagreement": differs}})
    if form == "text":
        click.echo("\n" + render(opinion), nl=False)
        if differs:
            click.echo(f"  DISAGREE {differs}")
    raise click.exceptions.Exit(EXIT_OF_STATUS[worse(opinion, result.audit).value])


def _print(result: "RunResult", form: str, more: dict[str, object] | None = None) -> None:
    if form == "json":
        from atmbench.report.summary import summary

        click.echo(json.dumps({**summary(result.audit), **(more or {})}, indent=2))
    else:
        click.echo(result.report, nl=False)
    if result.unwritten:
        talk(f"atmbench: {result.unwritten}")
    if result.directory is not None:
        click.echo(f"run directory: {result.directory}", err=True)


def need_control() -> None:
    """Raises LocalError if what the control plane needs is not installed."""
    missing = [name for name in ("httpx", "hypercorn", "prometheus_client", "starlette") if find_spec(name) is None]
    if missing:
        raise LocalError(f"{CONTROL_EXTRA} ({', '.join(missing)} missing)")
