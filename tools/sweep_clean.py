"""Sweep: a clean system under many seeds must give no alarm, whatever its shape and whatever its lines do to it.

    python tools/sweep_clean.py [--seeds 1000] [--shapes lag,secure] [--jobs 2]

Each seed draws one drill of a shape: how many terminals, how far replication is behind, when which line is cut, what
gets lost. Nothing is planted and nothing is left broken, so a verdict other than PASS is a false alarm: of the audit,
or of a rule that the system does not keep. Prints how many ran of each shape, and exits 1 with drill, seed and report
of the first.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import Pool
from pathlib import Path
from random import Random
from tempfile import gettempdir
from typing import Any

from atmbench.drill.load import parse_drill
from atmbench.run.runner import run_drill
from atmbench.run.source import Source

Parts = dict[str, Any]
SEEDS = 1_000
"""So many take a minute on two processors that have nothing else to do."""
HEAL_AT_S = 100
SERVICES = {"withdrawal": 60, "balance": 10, "transfer": 10, "bill_payment": 5, "deposit": 15}
DIALECTS = ("iso87-ascii", "iso87-bcd", "iso93-ascii", "cmf", "base24-atm", "as2805", "nibss", "postilion")


def some(rng: Random, least: float, most: float) -> float:
    """A number between two, to three places."""
    return round(rng.uniform(least, most), 3)


def base(rng: Random) -> Parts:
    """What all shapes have in common."""
    failover = {"missed_replies": rng.choice([1, 2, 3]), "fail_back_after_s": 20, "fail_back_echoes": 2}
    failover["repeats_request"] = rng.random() < 0.3
    return {
        "proves": "nothing: it is a clean run",
        "terminals": rng.randint(2, 8),
        "dialect": rng.choice(DIALECTS),
        "terminal": {
            "timers": {"reply_s": rng.choice([6, 10, 15]), "network_reply_s": 5, "echo_s": rng.choice([10, 20])},
            "failover": failover,
            "store_and_forward": {"reply_s": 6, "first_repeat_s": 2, "most_s": 10, "attempts_max": 60},
        },
        "cards": {"cards": rng.choice([5, 40]), "opening_balance": "2000.00"},
        "host": {"replication_lag_s": rng.choice([0.05, 0.2, 1.0])},
        "workload": {"every_s": rng.choice([6, 10]), "mix": SERVICES, "amounts": ["20.00", "50.00", "100.00"]},
        "steps": [],
        "heal": {"at": HEAL_AT_S, "within_s": 400},
        "expect": {"approved_min": 1},
    }


def lag(rng: Random) -> Parts:
    """Replication that is behind, and sites that change places by order."""
    there, back = sorted(some(rng, 10, 90) for _ in range(2))
    host: Parts = {"replication_lag_s": some(rng, 0, 8), "replication_lag_tail": rng.choice([0, 0, 1, 3])}
    if rng.random() < 0.3:  # an answer that waits longer than terminals do approves nothing
        host = {"replication_lag_s": some(rng, 0, 2), "confirms": "when_replicated"}
    return {"host": host, "steps": [promote("B", there), promote("A", back)]}


def cut(rng: Random) -> Parts:
    """A line is cut or a site goes dark, and the other site takes over, by itself or by order."""
    begins, ends = some(rng, 10, 40), some(rng, 50, 80)
    by = rng.choice(["silence", "reset", "close"])
    if rng.random() < 0.5:
        steps = [{"at": begins, "stop_site": {"site": "A", "by": by}}, {"at": ends, "start_site": {"site": "A"}}]
    else:
        steps = [
            {"at": begins, "name": "dead", "cut": {"line": "primary", "by": by}},
            {"at": ends, "mend": {"name": "dead"}},
        ]
    steps += [promote("B", begins + some(rng, 0.1, 5)), promote("A", ends + some(rng, 0, 5))]
    host = {"replication_lag_s": rng.choice([0.1, 2.0]), "fencing": rng.choice(["none", "epoch"])}
    return {"host": host, "steps": steps}


def lossy(rng: Random) -> Parts:
    """Messages that are lost, doubled, late and in another order, all the time."""
    kinds: list[Parts] = [
        {"kind": "lose", "probability": 0.1},
        {"kind": "duplicate", "probability": 0.2, "gap_s": some(rng, 0, 20)},
        {"kind": "delay", "probability": 0.1, "delay_s": some(rng, 1, 20)},
        {"kind": "reorder", "probability": 0.2, "hold_s": some(rng, 0.1, 3)},
    ]
    chosen = rng.sample(kinds, rng.randint(1, len(kinds)))
    return {"steps": [{"at": some(rng, 5, 60), "fault": fault} for fault in chosen]}


def power(rng: Random) -> Parts:
    """Terminals that lose power in a transaction. What a dispenser then cannot say, a person is told of."""
    fails = rng.randint(1, 4)
    terminals = [f"T0{rng.randint(1, 2)}" for _ in range(fails)]
    steps: list[Parts] = [
        {
            "at": some(rng, 10, 80),
            "power_fail": {"terminal": each, "after_effect": rng.randint(1, 20), "restore_after_s": some(rng, 1, 9)},
        }
        for each in terminals
    ]
    return {"steps": steps, "expect": {"approved_min": 1, "open_exceptions_max": fails}}


def capacity(rng: Random) -> Parts:
    """Sites with a stated capacity, at times less than what comes."""
    stated: Parts = {
        "rate_per_s": some(rng, 2, 20),
        "servers": rng.randint(1, 3),
        "queue_max": rng.randint(5, 30),
        "when_full": rng.choice(["drop", "refuse"]),
        "advices_first": rng.random() < 0.5,
        "stale_after_s": rng.choice([None, 5]),
    }
    steps: list[Parts] = [{"at": some(rng, 20, 50), "capacity": {"site": "A", "rate_per_s": some(rng, 0.5, 2)}}]
    host = {"capacity": {name: value for name, value in stated.items() if value is not None}}
    return {"host": host, "steps": steps}


def releases(rng: Random) -> Parts:
    """Releases that go together with what runs, deployed at a site and in part of the fleet, and rolled back there."""
    at = [some(rng, *span) for span in ((5, 40), (5, 30), (60, 90), (60, 90))]  # each meets a message
    share = {"percent": rng.choice([25, 50, 100])}
    steps: list[Parts] = [
        {"at": at[0], "deploy": {"release": "optional-field", "site": "A"}},
        {"at": at[1], "deploy": {"release": "N+1", "terminals": share}},
        {"at": at[2], "rollback": {"terminals": share}},
        promote("B", at[3]),
    ]
    constant = {"request": {"constant": {"60": "SOFTWARE 02"}}}
    next_one = {"changes": "Reversals say in DE60 who sends them.", "dialect": {"templates": {"reversal": constant}}}
    # A terminal with a queue before it is never quiet, and changes nothing.
    workload = base(rng)["workload"] | {"every_s": 20}
    return {"dialect": "iso87-ascii", "releases": {"N+1": next_one}, "steps": steps, "workload": workload}


def channels(rng: Random) -> Parts:
    """Two channels beside the ATMs on the same accounts, and customers' views judged, at one site."""
    mix = {"transfer": 40, "bill_payment": 30, "balance": 30}
    each = {"clients": 2, "workload": {"every_s": rng.choice([4, 8]), "mix": mix, "amounts": ["10.00", "25.00"]}}
    lines = {
        "primary": {"site": "A"},
        "secondary": {"site": "B"},
        "online": {"site": "A", "channel": "online"},
        "mobile": {"site": "A", "channel": "mobile"},
    }
    steps: list[Parts] = []
    if rng.random() < 0.5:
        steps = [{"at": some(rng, 5, 60), "fault": {"kind": "lose", "direction": "reply", "probability": 0.1}}]
    return {"lines": lines, "channels": {"online": each, "mobile": each}, "dialect": "iso87-ascii", "steps": steps}


def secure(rng: Random) -> Parts:
    """PINs, MACs, chips and keys that change, with altered bytes on the lines and a failover."""
    life = {"seconds": rng.choice([15, 60]), "uses": rng.choice([5, 50]), "grace_s": 20}
    damage = {"kind": rng.choice(["flip_bits", "truncate"]), "probability": 0.05, "direction": "reply"}
    steps: list[Parts] = [promote("B", some(rng, 20, 60))]
    if rng.random() < 0.5:
        steps.append({"at": some(rng, 5, 60), "fault": damage})
    dialect = rng.choice(["iso87-ascii", "iso87-bcd", "iso93-ascii", "as2805"])
    terminal = base(rng)["terminal"]
    terminal["failover"]["repeats_request"] = False  # which no PIN and no chip can be
    return {
        "dialect": dialect,
        "terminal": terminal,
        "cards": {"cards": 40, "pins": True, "opening_balance": "2000.00"},
        "security": {"mac": True, "chips": rng.random() < 0.5, "key_life": life},
        "steps": steps,
    }


def dual(rng: Random) -> Parts:
    """Withdrawals in two messages, with completions that are lost, repeated and come to the other site."""
    parts = cut(rng)
    parts["steps"].append({"at": 5, "fault": {"kind": "lose", "mti": "x230", "probability": 0.2}})
    terminal = base(rng)["terminal"] | {"confirm": "always", "own_rrn_in_completions": rng.random() < 0.5}
    host = parts["host"] | {"post_at": "completion"}
    return {"dialect": "iso87-ascii-dual", "terminal": terminal, "host": host, "steps": parts["steps"]}


def batches(rng: Random) -> Parts:
    """Posting in batches, broken off and resumed with or without a position."""
    at = sorted(some(rng, 10, 95) for _ in range(4))
    site = rng.choice(["A", "B"])
    orders = ["break_off", *rng.sample(["lose_position", "resume"], 2)]
    steps: list[Parts] = [
        {"at": t, "posting": {"site": site, "does": does}} for t, does in zip(at, orders, strict=False)
    ]
    batch = {"every_s": rng.choice([5, 20]), "items": rng.choice([5, 50])}
    return {"host": {"batch": batch}, "steps": [*steps, promote("B", at[3])]}


def stand_in(rng: Random) -> Parts:
    """A core that goes away and comes back, with a switch that stands in for it, and a failover meanwhile."""
    away, back, there = some(rng, 10, 40), some(rng, 50, 80), some(rng, 10, 90)
    host: Parts = {"stand_in": {"card_amount": "200.00"}, "core_advices_per_s": rng.choice([1, 20])}
    steps: list[Parts] = [{"at": t, "core": {"site": "A", "up": up}} for t, up in ((away, False), (back, True))]
    if rng.random() < 0.5:
        steps.append(promote("B", there))
    return {"host": host, "steps": steps, "expect": {"approved_min": 1, "open_exceptions_max": 20}}


SHAPES: dict[str, Callable[[Random], Parts]] = {
    shape.__name__: shape
    for shape in (lag, cut, lossy, power, capacity, releases, channels, secure, dual, batches, stand_in)
}


def promote(site: str, at: float) -> Parts:
    """The step that makes a site the active one."""
    return {"at": at, "promote": {"site": site}}


def drill_of(shape: str, seed: int) -> str:
    """The text of the drill that a seed draws. JSON is YAML, too."""
    rng = Random(f"{shape}/{seed}")
    return json.dumps({"drill": f"clean-{shape}", **base(rng), **SHAPES[shape](rng)}, indent=1)


def alarm_of(shape_and_seed: tuple[str, int]) -> str:
    """Run one; the report if it gave an alarm, else nothing."""
    shape, seed = shape_and_seed
    text = drill_of(shape, seed)
    result = run_drill(Source(parse_drill(text, shape), text, shape), seed=seed)
    return "" if result.audit.status == "PASS" else result.report


def tell(shape: str, seed: int, report: str) -> None:
    """Where the drill of a false alarm lies, how to run it, and what was said of it."""
    path = Path(gettempdir()) / f"atmbench-clean-{shape}-{seed}.drill.yaml"
    path.write_text(drill_of(shape, seed), encoding="utf-8")
    print(f"\nthe first: shape {shape}, seed {seed}; again by: atmbench run {path} --seed {seed}\n\n{report}")


def main() -> int:
    """Sweep and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    shapes = options.shapes.split(",")
    jobs = [(shapes[seed % len(shapes)], seed) for seed in range(options.seeds)]
    began = time.monotonic()
    with Pool(options.jobs) as pool:
        reports = pool.map(alarm_of, jobs, chunksize=1)
    ran = Counter(shape for shape, _ in jobs)
    alarms = Counter(shape for (shape, _), report in zip(jobs, reports, strict=True) if report)
    for shape in shapes:
        print(f"{shape:<10} {ran[shape]:>5} ran {alarms[shape]:>5} false alarms")
    print(f"{len(jobs)} clean runs in {time.monotonic() - began:.0f} s: {alarms.total()} false alarms")
    first = next(((job, report) for job, report in zip(jobs, reports, strict=True) if report), None)
    if first is not None:
        tell(*first[0], first[1])
    return int(first is not None)


if __name__ == "__main__":
    sys.exit(main())
