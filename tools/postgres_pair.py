"""Starts and stops a pair of PostgreSQL servers on loopback for `atmbench run --ledger`. Called by tools/postgres_pair.

It must never touch a server that it did not make itself.
"""

import argparse
import shutil
import sys
from pathlib import Path

from atmbench.errors import AtmbenchError
from atmbench.store.postgres_pair import (
    Pair,
    cut_pair,
    mend_pair,
    read_pair,
    remove_pair,
    settle_pair,
    start_pair,
    stop_pair,
    used,
)


def main() -> int:
    """Carry out one verb on one folder; the exit code is 1 if it could not be done."""
    parser = argparse.ArgumentParser(prog="tools/postgres_pair", description=__doc__.split("\n", 1)[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, says in (
        ("start", "make a primary and a streaming standby in DIR, in place of those there, and start both"),
        ("status", "say what runs, and where"),
        ("cut", "cut the stream: the standby gets nothing more"),
        ("mend", "let the standby follow again, and start what is down"),
        ("stop", "stop both; their data stay, and `mend` starts them again"),
        ("remove", "stop both and remove DIR"),
    ):
        verbs.add_parser(name, help=says)
    for verb in verbs.choices.values():
        verb.add_argument("folder", metavar="DIR", type=Path)
    given = parser.parse_args()
    try:
        pair = _carry_out(given)
    except AtmbenchError as error:
        print(f"postgres_pair: {error}", file=sys.stderr)
        return 1
    if pair is not None:
        _say(pair)
    return 0


def _carry_out(given: argparse.Namespace) -> Pair | None:
    if given.verb == "start":
        return start_pair(given.folder)
    pair = read_pair(given.folder)
    if given.verb == "status":
        return pair
    with used(pair):
        return _change(pair, given.verb)


def _change(pair: Pair, verb: str) -> Pair | None:
    match verb:
        case "cut":
            cut_pair(pair)
        case "mend" if all(server.is_running for server in pair.servers):
            mend_pair(pair)
        case "mend":
            settle_pair(pair)
        case "stop":
            stop_pair(pair)
        case "remove":
            remove_pair(pair)
            shutil.rmtree(pair.folder)
            return None
    return pair


def _say(pair: Pair) -> None:
    for server in pair.servers:
        what = "standby" if server.is_standby else "primary"
        print(f"{server.name}: {what}, {'running' if server.is_running else 'down'}, {server.url}")
    print(f"run with: atmbench run DRILL --venue loopback --ledger {pair.folder}")


if __name__ == "__main__":
    sys.exit(main())
