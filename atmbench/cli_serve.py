"""The command `atmbench serve`: a bench that a tester can talk to while it runs.

Heavy rooms are imported where they are used, so that `--help` stays quick.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from atmbench.cli_words import (
    PORT,
    RUNS_FOLDER,
    SPEED_MAX,
    dialect_option,
    given_keys,
    need_control,
    print_result,
    talk,
)


@click.command()
@click.argument("drill")
@click.option(
    "--venue",
    type=click.Choice(["loopback", "virtual"]),
    default="loopback",
    show_default=True,
    help="loopback: real TCP on this machine. virtual: memory wires. The clock runs in both.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="[default: the drill's own, or 1]")
@click.option(
    "--speed",
    type=click.FloatRange(0.01, SPEED_MAX),
    default=1.0,
    show_default=True,
    help="How much faster than real time the clock runs; `atmbench ctl speed` changes it.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen. All but loopback needs a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="File with the token to ask for, readable by its owner only; else variable ATMBENCH_TOKEN.",
)
@click.option("--tls-cert", type=click.Path(path_type=Path), help="Certificate in PEM: listen with TLS.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="Its key in PEM.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help=f"Run directory to create.  [default: {RUNS_FOLDER}/DRILL-VENUE-SEED]",
)
@click.option("--to-the-end", is_flag=True, help="Heal and end when the drill says so, not when a tester does.")
@click.option("--plant", multiple=True, metavar="DEFECT", help="Plant a known bug; may be given again.")
@click.option(
    "--keys",
    "key_file",
    type=click.Path(path_type=Path),
    help="File of keys to begin with (NAME = HEX), readable by its owner only.",
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    help="On loopback: keep the ledgers of both sites in a pair of PostgreSQL databases; a pair.json, or its folder.",
)
@dialect_option
@click.option("--devices", type=click.Choice(["modelled", "serial"]), help="In place of the drill's own.")
@click.option("--lines", type=click.Choice(["tcp", "serial"]), help="In place of the drill's own.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def serve(
    drill: str,
    venue: str,
    seed: int | None,
    speed: float,
    host: str,
    port: int,
    token_file: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    out: Path | None,
    to_the_end: bool,
    plant: Sequence[str],
    key_file: Path | None,
    ledger: Path | None,
    dialect: str,
    devices: str | None,
    lines: str | None,
    form: str,
) -> None:
    """Run DRILL as a bench to talk to, and print the verdict when it ends.

    The drill's steps happen at their times; everything else is up to `atmbench ctl`, curl or the console.
    The bench ends by `atmbench ctl heal`, which mends everything and waits, by `atmbench ctl stop`, or by Ctrl-C.
    """
    need_control()
    from atmbench.control.server import Door
    from atmbench.control.server import serve as serve_bench
    from atmbench.control.token import read_token
    from atmbench.run.live import LiveBench
    from atmbench.run.source import find_drill, run_name
    from atmbench.store.run_directory import free_path

    token = read_token(token_file) if token_file is not None else os.environ.get("ATMBENCH_TOKEN", "")
    door = Door(host=host, port=port, token=token, cert=tls_cert, key=tls_key)
    door.check()
    source = find_drill(drill, dialect=dialect, devices=devices or "", lines=lines or "")
    seed = source.drill.seed if seed is None else seed
    bench = LiveBench(
        source,
        out=out or free_path(Path(RUNS_FOLDER), run_name(source, venue, seed)),
        venue=venue,
        seed=seed,
        speed=speed,
        plant=plant,
        keys=given_keys(key_file),
        to_the_end=to_the_end,
        ledger=ledger,
    )
    print_result(serve_bench(bench, door, lambda url: talk(f"atmbench: {source.name} answers at {url}")), form)
