"""Benchmark: what somebody who reads along costs the engine.

    python tools/bench_control.py [--terminals 1000] [--speed 5.5] [--seconds 15] [--repeats 5] [--json]

A bench on memory wires, with a clock that runs as fast as makes about 500 messages a second of the wall. Alone and with
a follower of all facts, turn and turn about, each in a process of its own; the follower is another process. Told are
withdrawals by the second of the wall and, which is the finer measure, the processor time that the bench took for one.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

DRILL = """
drill: bench-control
proves: nothing; it is a load
terminals: {terminals}
cards: {{cards: 1000, opening_balance: "1000000.00"}}
host: {{daily_limit: "1000000.00", daily_count: 100000}}
workload: {{every_s: {every_s}}}
terminal:
  timers: {{echo_s: 3600}}
  cassettes: [{{value: "10.00", notes: 100000}}, {{value: "20.00", notes: 100000}}, {{value: "50.00", notes: 100000}}]
heal: {{at: 7200}}
"""
FOLLOWER = """
import sys, httpx
facts = size = 0
with httpx.stream("GET", sys.argv[1] + "/v1/facts?follow=true", trust_env=False, timeout=None) as answer:
    for chunk in answer.iter_raw():
        facts += chunk.count(b"\\n")
        size += len(chunk)
print(facts, size)
"""
WARM_S = 4.0
"""All terminals are in service by then, and customers are at most of them."""


def one_run(terminals: int, every_s: float, speed: float, seconds: float, *, followed: bool) -> dict[str, float]:
    """Figures of one bench: withdrawals and facts by the second of the wall, and what a follower got."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.drill.yaml"
        path.write_text(DRILL.format(terminals=terminals, every_s=every_s), encoding="utf-8")
        bench = subprocess.Popen(
            [sys.executable, "-m", "atmbench", "serve", str(path), "--venue", "virtual", "--speed", f"{speed:g}",
             "--port", "0", "--out", f"{folder}/run"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ,
        )  # fmt: skip
        assert bench.stderr is not None
        said = bench.stderr.readline()
        url = said.split()[-1]
        follower = None
        if followed:
            follower = subprocess.Popen([sys.executable, "-c", FOLLOWER, url], stdout=subprocess.PIPE, text=True)
        try:
            return measured(url, bench.pid, seconds) | got_by(bench, follower)
        finally:
            for process in (bench, follower):
                if process is not None and process.poll() is None:
                    process.kill()


def cpu_s(pid: int) -> float:
    """Processor time of a process so far, as Linux tells it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(url: str, pid: int, seconds: float) -> dict[str, float]:
    time.sleep(WARM_S)
    with httpx.Client(base_url=url, trust_env=False, timeout=60.0) as client:
        began, first, cpu_began_s = time.perf_counter(), look(client), cpu_s(pid)
        time.sleep(seconds)
        last, wall_s = look(client), time.perf_counter() - began
        used_s = cpu_s(pid) - cpu_began_s
    withdrawals = last["entries"] - first["entries"]
    return {
        "withdrawals_per_s": withdrawals / wall_s,
        "cpu_ms_per_withdrawal": 1000.0 * used_s / withdrawals,
        "facts_per_s": (last["seq"] - first["seq"]) / wall_s,
        "run_s_per_s": (last["now"] - first["now"]) / wall_s,
    }


def look(client: httpx.Client) -> dict[str, float]:
    sites, bench = client.get("/v1/sites").json(), client.get("/v1/bench").json()
    return {"entries": sites[0]["entries"], "seq": bench["seq"], "now": bench["now"]}


def got_by(bench: "subprocess.Popen[str]", follower: "subprocess.Popen[str] | None") -> dict[str, float]:
    bench.send_signal(signal.SIGINT)
    bench.communicate(timeout=120)
    if follower is None:
        return {}
    facts, size = (int(each) for each in follower.communicate(timeout=60)[0].split())
    return {"followed_facts": facts, "followed_bytes": size}


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def ratio(runs: list[dict[str, float]], others: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] / other[name] for run, other in zip(runs, others, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description="What somebody who reads along costs the engine.")
    parser.add_argument("--terminals", type=int, default=1000)
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two customers at one terminal")
    parser.add_argument("--speed", type=float, default=5.5)
    parser.add_argument("--seconds", type=float, default=15.0, help="of the wall, that are counted")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    alone: list[dict[str, float]] = []
    followed: list[dict[str, float]] = []
    for number in range(given.repeats):
        for runs, is_followed in ((alone, False), (followed, True)):
            run = one_run(given.terminals, given.every, given.speed, given.seconds, followed=is_followed)
            runs.append(run)
            print(f"{number + 1} {'followed' if is_followed else 'alone   '} {told(run)}", file=sys.stderr)
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "terminals": given.terminals,
        "alone": medians(alone),
        "followed": medians(followed),
        "ratio": ratio(followed, alone, "withdrawals_per_s"),
        "cpu_ratio": ratio(followed, alone, "cpu_ms_per_withdrawal"),
    }
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        print(f"alone     {told(found['alone'])}")
        print(f"followed  {told(found['followed'])}")
        print(f"with a follower: {found['ratio']:.3f} of the withdrawals, {found['cpu_ratio']:.3f} of the CPU for each")
    return 0


def told(run: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:,.1f}" for name, value in run.items())


if __name__ == "__main__":
    sys.exit(main())
