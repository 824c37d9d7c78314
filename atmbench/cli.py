"""The command line: results on stdout, talk on stderr, and an exit code that says how it went.

0 pass, 1 fail, 2 wrong usage or a venue that cannot do it, 3 unknown, 70 a bug of the bench.
Heavy rooms are imported where they are used, so that `--help` stays quick.
"""

import gc
import json
import os
import signal
import sys
import textwrap
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from atmbench import __version__
from atmbench.cli_compare import compare
from atmbench.cli_console import console
from atmbench.cli_ctl_operator import ctl
from atmbench.cli_drift import drift
from atmbench.cli_explore import explore, shrink
from atmbench.cli_impact import impact
from atmbench.cli_moments import moments
from atmbench.cli_prove import defects, prove
from atmbench.cli_seal import seal, verify
from atmbench.cli_serve import serve
from atmbench.cli_words import (
    EXIT_BUG,
    EXIT_FAIL,
    EXIT_PASS,
    EXIT_UNKNOWN,
    EXIT_USAGE,
    RUNS_FOLDER,
    SPEED_MAX,
    dialect_option,
    given_keys,
    print_both,
    print_result,
    talk,
)
from atmbench.errors import AtmbenchError

if TYPE_CHECKING:
    from atmbench.facts import AnyFact

PROGRESS_EVERY_S = 0.2
GARBAGE_THRESHOLDS = (5_000, 10, 1_000)
"""How rarely Python looks for rings among objects. A run keeps most of what it makes, and almost none of it in rings:
at Python's own pace it would stand still for up to half a second at a time, to find nothing."""
LIST_WIDTH = 120


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="atmbench")
def atmbench() -> None:
    """Cut lines under an ATM fleet, and prove where the money went.

    A drill starts emulated terminals and a two-site host, lets customers draw cash, breaks something, mends
    it, and compares what every witness says. Start with: atmbench run primary-cut
    """


@atmbench.command()
@click.argument("drill")
@click.option(
    "--venue",
    type=click.Choice(["virtual", "loopback"]),
    default="virtual",
    show_default=True,
    help="virtual: memory wires and a virtual clock. loopback: real TCP on this machine.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Same drill, same seed: same history on virtual, byte for byte.  [default: the drill's own, or 1]",
)
@click.option(
    "--speed",
    type=click.FloatRange(1, SPEED_MAX),
    default=1.0,
    show_default=True,
    help="On loopback: how much faster than real time the clock runs.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help=f"Run directory to create.  [default: {RUNS_FOLDER}/DRILL-VENUE-SEED]",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--capture", is_flag=True, help="Keep what passed on the lines as wire.pcapng; test cards only.")
@click.option(
    "--keys",
    "key_file",
    type=click.Path(path_type=Path),
    help="File of keys to begin with (NAME = HEX), readable by its owner only.",
)
@click.option("--plant", multiple=True, metavar="DEFECT", help="Plant a known bug; may be given again.")
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    help="On loopback: keep the ledgers of both sites in a pair of PostgreSQL databases; a pair.json, or its folder.",
)
@dialect_option
@click.option(
    "--devices",
    type=click.Choice(["modelled", "serial"]),
    help="serial: machines driven byte by byte over serial lines (firmware stubs) in place of models; those that the "
    "drill names stay. modelled: models only.",
)
@click.option(
    "--lines",
    type=click.Choice(["tcp", "serial"]),
    help="In place of the drill's own. serial: lines to the host with ENQ, ACK and LRC at 9600 baud; pty on loopback.",
)
def run(
    drill: str,
    venue: str,
    seed: int | None,
    speed: float,
    out: Path | None,
    form: str,
    capture: bool,
    key_file: Path | None,
    plant: Sequence[str],
    ledger: Path | None,
    dialect: str,
    devices: str | None,
    lines: str | None,
) -> None:
    """Run DRILL and print the verdict.

    DRILL is a file, or the name of a stock drill (see `atmbench drills`). Keys may also come from variables
    ATMBENCH_KEY_<NAME>; names are TMK, TPK, TAK, PVK, IMK, and TMK_T01 for one terminal.
    """
    from atmbench.run.runner import run_drill
    from atmbench.run.source import find_drill, run_name
    from atmbench.store.run_directory import free_path

    source = find_drill(drill, dialect=dialect, devices=devices or "", lines=lines or "")
    seed = source.drill.seed if seed is None else seed
    if speed != 1.0 and venue != "loopback":
        talk(f"atmbench: --speed counts on loopback only; {venue} is as fast as it can be")
        speed = 1.0
    out = out or free_path(Path(RUNS_FOLDER), run_name(source, venue, seed))
    progress = _Progress(source.drill.heal.at) if sys.stderr.isatty() else None
    try:
        result = run_drill(
            source,
            venue=venue,
            seed=seed,
            speed=speed,
            out=out,
            plant=plant,
            reader=progress,
            capture=capture,
            keys=given_keys(key_file),
            ledger=ledger,
        )
    except KeyboardInterrupt:
        talk(f"\nrun directory: {out}")
        raise click.Abort from None  # left to itself, click would write to a terminal that may be gone
    finally:
        if progress is not None:
            progress.clear()
    print_result(result, form)


@atmbench.command()
def drills() -> None:
    """List the stock drills, and what each proves."""
    from atmbench.drill.stock import stock_drills

    listed = stock_drills()
    width = max(len(each.name) for each in listed)
    for each in listed:
        click.echo(
            textwrap.fill(f"{each.name:<{width}}  {each.proves}", LIST_WIDTH, subsequent_indent=" " * (width + 2))
        )


@atmbench.command()
def dialects() -> None:
    """List the shipped dialects: ways in which switch families speak ISO 8583."""
    from atmbench.messages.dialect import dialect_names, load_dialect

    names = dialect_names()
    width = max(len(name) for name in names)
    for name in names:
        click.echo(f"{name:<{width}}  {load_dialect(name).describes}")


@atmbench.command()
@click.argument("file")
@dialect_option
def validate(file: str, dialect: str) -> None:
    """Check a drill FILE (or a stock drill) and its dialect without running it.

    Says also what two lines of the same terminals share, a carrier or a site.
    """
    from atmbench.drill.shared import shared_parts
    from atmbench.run.source import find_drill

    drill = find_drill(file, dialect=dialect).drill
    for each in shared_parts(drill):
        click.echo(f"warning: {each}: they fall together")
    click.echo(
        f"{file}: a good drill; terminals: {drill.terminals}, steps: {len(drill.steps)}, dialect: {drill.dialect}"
    )


@atmbench.command()
@click.option("--dialect", "of_dialect", is_flag=True, help="That of dialect files.")
def schema(of_dialect: bool) -> None:
    """Print the JSON Schema of drill files, for editors."""
    from atmbench.drill.schema import drill_schema
    from atmbench.messages.dialect_schema import dialect_schema

    click.echo(json.dumps(dialect_schema() if of_dialect else drill_schema(), indent=2))


@atmbench.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--second-opinion", "twice", is_flag=True, help="Judge the ledgers by the posting rules alone, too.")
def audit(run_dir: Path, form: str, twice: bool) -> None:
    """Judge a recorded run again, from its history alone."""
    from atmbench.run.runner import audit_directory

    result = audit_directory(run_dir)
    if not twice:
        print_result(result, form)
    from atmbench.run.second_opinion import opinion_on

    print_both(result, opinion_on(run_dir), form)


@atmbench.command()
@click.argument("message", metavar="HEX|FILE|-")
@click.option("--dialect", metavar="NAME|FILE", help="What it is in.  [default: every shipped dialect is tried]")
@click.option("--framing", metavar="NAME", help="What stands around it.  [default: length prefixes are recognised]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def decode(message: str, dialect: str | None, framing: str | None, form: str) -> None:
    r"""Explain one message field by field. Card data is never shown.

    The message is given in hexadecimal (blanks, 0x and \x do not matter), as a file of bytes or of
    hexadecimal, or on standard input. The exit code is 1 if it could not be read to its end.
    """
    from atmbench.messages.dialect import dialect_names
    from atmbench.report.explain import explain_given
    from atmbench.report.explain_text import explanations_json, render_explanation
    from atmbench.run.dialects import find_dialect

    tried = [find_dialect(name).dialect for name in ([dialect] if dialect else dialect_names())]
    explanations = explain_given(_bytes_given(message), tried, framing=framing)
    if form == "json":
        click.echo(explanations_json(explanations), nl=False)
    else:
        click.echo("\n".join(render_explanation(each) for each in explanations), nl=False)
    is_complete = all(each.is_complete for each in explanations)
    raise click.exceptions.Exit(EXIT_PASS if is_complete else EXIT_FAIL)


atmbench.add_command(compare)
atmbench.add_command(console)
atmbench.add_command(drift)
atmbench.add_command(seal)
atmbench.add_command(verify)
atmbench.add_command(explore)
atmbench.add_command(shrink)
atmbench.add_command(impact)
atmbench.add_command(defects)
atmbench.add_command(moments)
atmbench.add_command(prove)
atmbench.add_command(serve)
atmbench.add_command(ctl)


def main() -> None:
    """Entry point: runs a command and turns its errors into one sentence and an exit code."""
    _end_as_ctrl_c_does()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        code = atmbench.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = EXIT_USAGE
    except (click.Abort, KeyboardInterrupt) as stop:
        talk(str(stop) or "atmbench: stopped from outside; a run that had begun can be read with `atmbench audit`")
        # Interrupted while a library made code from text, Python would kill itself by SIGINT at its end, whatever the
        # exit code. It forgets that when it runs another text.
        exec("")
        code = EXIT_UNKNOWN
    except AtmbenchError as error:
        talk(f"atmbench: {error}")
        code = EXIT_USAGE
    except SystemExit:  # click's answer to a reader of our output that has gone; it says nothing of the verdict
        code = EXIT_USAGE
    except OSError as error:
        talk(f"atmbench: the output cannot be written: {error.strerror}")
        code = EXIT_USAGE
    except Exception:
        traceback.print_exc()
        click.echo("atmbench: this is a bug of the bench, not of what you test; please report the text above", err=True)
        code = EXIT_BUG
    _let_go_of_output()
    sys.exit(code)


def _let_go_of_output() -> None:
    """Write out what is left. A terminal that is gone must not change the exit code, as Python would at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end_as_ctrl_c_does() -> None:
    """A cancelled CI job (SIGTERM) and a closed terminal window (SIGHUP) end a run as Ctrl-C does.

    Trio knows where it may be interrupted, so its handler of Ctrl-C is asked, if it has put one up by then. What
    follows the first of these signals must not cut short the writing down. `nohup` stays what it is.
    """
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        on_ctrl_c = signal.getsignal(signal.SIGINT)
        assert callable(on_ctrl_c)
        on_ctrl_c(signal.SIGINT, frame)

    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):  # a job that a script has put in the background
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # still nobody's Ctrl-C, but trio puts up its handler
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for each in numbers:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, stop)


def _bytes_given(message: str) -> bytes:
    """The bytes of an argument: standard input, a file, or the text itself."""
    from atmbench.report.given import GIVEN_BYTES_MAX

    if message == "-":
        return sys.stdin.buffer.read(GIVEN_BYTES_MAX + 1)
    try:
        with Path(message).open("rb") as file:
            return file.read(GIVEN_BYTES_MAX + 1)
    except (OSError, ValueError):  # no file, or a text that can be no path
        return message.encode("utf-8", "surrogateescape")


class _Progress:
    """One line on stderr that is written over: where the drill is, and how much has happened."""

    def __init__(self, heal_at: float) -> None:
        self._heal_at = heal_at
        self._facts = 0
        self._next_s = 0.0

    def __call__(self, fact: "AnyFact") -> None:
        self._facts += 1
        if self._facts % 64:
            return
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + PROGRESS_EVERY_S
        phase = "faults" if fact.t < self._heal_at else "healing"
        talk(f"\r{fact.t:9.1f} s of {self._heal_at:.0f} s  {phase}  {self._facts} facts\x1b[K", nl=False)

    def clear(self) -> None:
        """Leave the terminal clean for the verdict."""
        talk("\r\x1b[K", nl=False)
