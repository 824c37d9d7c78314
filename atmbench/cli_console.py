"""The command `atmbench console`: what it is given on the command line, and the bench that it starts.

Textual and all that belongs to it are imported when the command runs, so that every other command starts quickly.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from atmbench.cli_words import SPEED_MAX, talk
from atmbench.errors import LocalError

if TYPE_CHECKING:
    from atmbench.console.bench_process import BenchProcess
    from atmbench.console.sources import Source

WEB_PORT = 8591
EXTRA = "the console needs more than the core of atmbench; install it: pip install 'atmbench[console]'"


@click.command()
@click.argument("drill", required=False)
@click.option("--attach", "url", metavar="URL", help="A bench that runs already, such as http://127.0.0.1:8590.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="File with the token of the bench; else variable ATMBENCH_TOKEN.",
)
@click.option("--replay", "run_dir", type=click.Path(path_type=Path), help="A run directory, to be played back.")
@click.option("--at", "at_s", type=click.FloatRange(0), default=0.0, help="With --replay: begin at this second.")
@click.option("--web", is_flag=True, help=f"In a browser, at http://127.0.0.1:{WEB_PORT}, in place of this terminal.")
@click.option("--web-port", type=click.IntRange(1, 65535), default=WEB_PORT, show_default=True)
@click.option("--venue", type=click.Choice(["virtual", "loopback"]), default="loopback", show_default=True)
@click.option("--speed", type=click.FloatRange(1, SPEED_MAX), default=1.0, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Run directory of the bench that is started.")
def console(
    drill: str | None,
    url: str | None,
    token_file: Path | None,
    run_dir: Path | None,
    at_s: float,
    web: bool,
    web_port: int,
    venue: str,
    speed: float,
    seed: int,
    out: Path | None,
) -> None:
    """Watch and steer a bench from the keyboard, or play back a recorded run.

    With DRILL a bench is started for it and ends with the console, which then prints its verdict and has its exit
    code. --attach goes to one that runs already.
    """
    if sum(each is not None for each in (drill, url, run_dir)) != 1:
        raise click.UsageError("say one of DRILL, --attach URL or --replay RUN_DIR")
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        raise click.UsageError(f"--attach: found {url!r}, meant the address of a bench such as http://127.0.0.1:8590")
    try:
        import atmbench.console.app  # noqa: F401 - is it there? before a bench is started in vain
    except ModuleNotFoundError as error:
        raise LocalError(f"{EXTRA} ({error.name} is missing)") from None
    if web:
        from atmbench.console.web import LoopbackServer

        talk(f"atmbench: the console is at http://127.0.0.1:{web_port}; Ctrl-C ends it")
        LoopbackServer(sys.argv[1:], web_port).serve()
        return
    bench: BenchProcess | None = None
    if drill is not None:
        bench = start_bench(drill, venue=venue, speed=speed, seed=seed, out=out)
        url = bench.url
    try:
        code = show(_source(url, token_file, run_dir, at_s), bench)
    finally:
        if bench is not None:
            code, report = bench.end()
            click.echo(report, nl=False)
    raise click.exceptions.Exit(code)


def show(source: "Source", bench: "BenchProcess | None") -> int:
    """Show a source until the tester leaves; the exit code."""
    from atmbench.console.app import ConsoleApp

    app = ConsoleApp(source, bench)
    return app.run() or 0


def start_bench(drill: str, *, venue: str, speed: float, seed: int, out: Path | None) -> "BenchProcess":
    """A bench of our own that answers already."""
    from atmbench.console.attach import answers
    from atmbench.console.bench_process import BenchProcess
    from atmbench.run.source import find_drill

    find_drill(drill)  # a mistake in it is told here, and not by a process that has ended
    arguments = [drill, "--venue", venue, "--speed", f"{speed:g}", "--seed", str(seed)]
    arguments += ["--out", str(out)] if out is not None else []
    talk(f"atmbench: starting a bench for {drill}")
    bench = BenchProcess(arguments)
    try:
        bench.wait_until_ready(answers)
    except BaseException:
        bench.end()
        raise
    return bench


def _source(url: str | None, token_file: Path | None, run_dir: Path | None, at_s: float) -> "Source":
    from atmbench.console.attach import Attach
    from atmbench.console.sources import Replay
    from atmbench.control.token import read_token

    if run_dir is not None:
        return Replay(run_dir, at_s=at_s, is_playing=not at_s)
    assert url is not None
    return Attach(url, read_token(token_file) if token_file is not None else os.environ.get("ATMBENCH_TOKEN", ""))
