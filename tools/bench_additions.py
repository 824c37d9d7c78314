"""Benchmark: what each addition to a plain drill costs, as a ratio of transactions per processor second.

    python tools/bench_additions.py [--terminals 40] [--withdrawals 25] [--repeats 5] [--json]

The plain drill is that of bench_withdrawals: terminals that do nothing but withdraw, on `virtual`, from the drill's
text to its reports on disk. Each addition is laid over it alone. All take turns in this one process, so that a machine
that slows down slows all of them; the ratio is that of one turn, and the median of all turns is told. Processor time
is taken, because others may be on the machine.
"""

import argparse
import gc
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atmbench.drill.load import parse_drill
from atmbench.facts import AnyFact, TransactionEnded
from atmbench.run.runner import run_drill
from atmbench.run.source import Source

Parts = dict[str, Any]
EVERY_S = 20
PLAIN = "plain"
LIMITS: Parts = {"daily_limit": "1000000.00", "daily_count": 100_000}
CARDS: Parts = {"cards": 1000, "opening_balance": "1000000.00"}
TERMINAL: Parts = {
    "timers": {"echo_s": 3600},
    "cassettes": [{"value": value, "notes": 100_000} for value in ("10.00", "20.00", "50.00")],
}
CHANNEL: Parts = {
    "clients": 5,
    "workload": {"every_s": EVERY_S, "mix": {"transfer": 50, "bill_payment": 50}, "amounts": ["10.00"]},
}
ADDITIONS: dict[str, Parts] = {
    PLAIN: {},
    "lagging replication": {"host": LIMITS | {"replication_lag_s": 5, "replication_lag_tail": 1}},
    "synchronous confirms": {"host": LIMITS | {"confirms": "when_replicated"}},
    "fencing by epochs": {"host": LIMITS | {"fencing": "epoch"}},
    "balances replicated": {"host": LIMITS | {"replicates": "balances"}},
    "capacity": {"host": LIMITS | {"capacity": {"rate_per_s": 500, "servers": 10}}},
    "releases deployed": {
        "steps": [
            {"at": 30, "deploy": {"release": "optional-field", "site": "A"}},
            {"at": 40, "deploy": {"release": "optional-field", "terminals": {"percent": 50}}},
        ]
    },
    "two channels": {
        "lines": {
            "primary": {"site": "A"},
            "secondary": {"site": "B"},
            "online": {"site": "A", "channel": "online"},
            "mobile": {"site": "A", "channel": "mobile"},
        },
        "channels": {"online": CHANNEL, "mobile": CHANNEL},
    },
    "two messages": {
        "dialect": "iso87-ascii-dual",
        "host": LIMITS | {"post_at": "completion"},
        "terminal": TERMINAL | {"confirm": "always"},
    },
    "posting in batches": {"host": LIMITS | {"batch": {}}},
    "stand-in, core away": {
        "host": LIMITS | {"stand_in": {"card_amount": "100000.00", "card_count": 1000, "total_amount": "10000000.00"}},
        "steps": [{"at": 60, "core": {"site": "A", "up": False}}, {"at": 300, "core": {"site": "A", "up": True}}],
    },
    "brake and alarms": {
        "host": LIMITS
        | {
            "brake": {"window_s": 60, "total": {"amount": "10000000.00"}, "card": {"count": 1000}},
            "alarms": {"key_refusals": 5, "unreached_s": 7200},
        },
    },
    "two days, two zones": {
        "utc_offset_s": 3600,
        "utc_offsets_s": {"B": 0},
        "steps": [{"at": 300, "cutover": {}}],
    },
    "asked again": {"terminal": TERMINAL | {"failover": {"repeats_request": True}}},
    "PINs": {"cards": CARDS | {"pins": True}},
    "PINs, MACs, chips": {"cards": CARDS | {"pins": True}, "security": {"mac": True, "chips": True}},
    "NIBSS": {"dialect": "nibss"},
    "NIBSS, MACs, DUKPT": {
        "dialect": "nibss",
        "cards": CARDS | {"pins": True},
        "security": {"mac": True, "dukpt": True},
    },
    "a fault that waits": {"steps": [{"at": 0, "fault": {"kind": "lose", "mti": "x430"}}]},
}


class Watch:
    """Counts the facts of a run, and the transactions that were approved."""

    def __init__(self) -> None:
        self.facts = 0
        self.approved = 0

    def __call__(self, fact: AnyFact) -> None:
        """One more fact."""
        self.facts += 1
        self.approved += isinstance(fact, TransactionEnded) and fact.outcome == "approved"


def drill_with(addition: str, terminals: int, withdrawals: int) -> str:
    """The text of the plain drill with one addition. JSON is YAML, too."""
    plain: Parts = {
        "drill": "bench-additions",
        "proves": "nothing; it is a load",
        "terminals": terminals,
        "cards": CARDS,
        "host": LIMITS,
        "workload": {"every_s": EVERY_S, "per_terminal_max": withdrawals},
        "terminal": TERMINAL,
        "heal": {"at": EVERY_S * (withdrawals * 1.4 + 30)},
        "expect": {"approved_min": terminals * withdrawals * 9 // 10},
    }
    return json.dumps({**plain, **ADDITIONS[addition]})


def measured(addition: str, terminals: int, withdrawals: int) -> tuple[float, Watch]:
    """Approved transactions per processor second of one run, and what was seen of it."""
    text = drill_with(addition, terminals, withdrawals)
    watch = Watch()
    gc.collect()  # nobody pays for the one before
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        source = Source(parse_drill(text, addition), text, addition)
        result = run_drill(source, out=Path(folder) / "run", reader=watch)
        took_s = time.process_time() - began
    if result.audit.status != "PASS":
        raise SystemExit(f"{addition}:\n{result.report}")
    return watch.approved / took_s, watch


def main(arguments: Sequence[str]) -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terminals", type=int, default=40)
    parser.add_argument("--withdrawals", type=int, default=25)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    size = options.terminals, options.withdrawals
    measured(PLAIN, 2, 2)
    rates: dict[str, list[float]] = {addition: [] for addition in ADDITIONS}
    facts: dict[str, float] = {}
    names = list(ADDITIONS)
    for turn in range(options.repeats):
        for addition in names[turn % len(names) :] + names[: turn % len(names)]:
            rate, watch = measured(addition, *size)
            rates[addition].append(rate)
            facts[addition] = watch.facts / watch.approved
    table = {
        addition: {
            "per_s": round(statistics.median(each)),
            "ratio": round(statistics.median(a / b for a, b in zip(each, rates[PLAIN], strict=True)), 2),
            "facts_each": round(facts[addition], 1),
        }
        for addition, each in rates.items()
    }
    if options.json:
        print(json.dumps({"python": platform.python_version(), "additions": table}))
        return
    print(f"{'':<22} {'per s':>7} {'of plain':>9} {'facts each':>11}")
    for addition, row in table.items():
        print(f"{addition:<22} {row['per_s']:>7} {row['ratio']:>9} {row['facts_each']:>11}")


if __name__ == "__main__":
    main(sys.argv[1:])
