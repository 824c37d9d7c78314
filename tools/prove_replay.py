"""Proof: what `explore` finds is replayed with identical history, as often as one likes, and is short.

    python tools/prove_replay.py [--failures 50] [--replays 50] [--jobs 2]

For each of ten planted defects it explores a drill in which that defect can do harm until enough failures are found,
shrinks each, saves it, and runs each file so many times: half of them in this family of processes, half in one with
another PYTHONHASHSEED. Prints, for each defect and in all, how many histories differ (none may) and how long the
shrunk drills are: median and worst. Exits 1 if a history differs or too few failures were found.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from atmbench.drill.records import Drill
from atmbench.explore.failures import Failure, Size, weight
from atmbench.explore.finds import Job, shrink_job
from atmbench.explore.jobs import over
from atmbench.explore.saving import named, save, text_of
from atmbench.explore.search import search
from atmbench.explore.trial import Asked, run_trial
from atmbench.run.source import find_drill

WHERE = {
    "forget-reversal": "primary-cut",
    "dispense-on-late-reply": "primary-cut",
    "credit-second-reversal": "primary-cut",
    "forget-unknown-reversal": "primary-cut",
    "ignore-reply-amount": "primary-cut",
    "reuse-stan": "primary-cut",
    "forget-partial": "short-dispense",
    "post-late-original": "overtaken-original",
    "double-post-repeat": "repeat-at-the-other-site",
    "accept-any-mac": "mac-flipped",
}
"""Defect to a stock drill whose settings let it do harm."""
RUNS_MAX = 20_000
"""Drawn for one defect at most."""
HASH_SEEDS = ("0", "4242")


class Proof(msgspec.Struct, frozen=True):
    """What came of one failure."""

    defect: str
    found: Size
    shrunk: Size
    runs: int
    histories: int
    """Different ones among all replays; 1 is right."""


def failures_for(defect: str, number: int, jobs: int) -> list[Failure]:
    """So many failures of drills that are all different."""
    base, found = find_drill(WHERE[defect]).drill, dict[str, Failure]()
    for harvest in search(base, runs=RUNS_MAX, jobs=jobs, plant=(defect,)):
        for each in harvest.failures:
            found.setdefault(text_of(each.drill) + each.way, each)
        if len(found) >= number:
            break
    return sorted(found.values(), key=lambda each: weight(each.drill))[:number]


def histories_of(drill: Drill, replays: int, path: Path) -> set[str]:
    """The histories of all replays of a file: here, and in a process whose hashes are other ones."""
    half = replays // 2
    here = {run_trial(Asked(drill, drill.seed)).history for _ in range(half)}
    there = subprocess.run(
        [sys.executable, __file__, "--replay", str(path), "--replays", str(replays - half)],
        env={**os.environ, "PYTHONHASHSEED": HASH_SEEDS[1]},
        capture_output=True,
        text=True,
        check=True,
    )
    return here | set(json.loads(there.stdout))


def replay(path: str, replays: int) -> None:
    """Run a file so often, and print its histories."""
    drill = find_drill(path).drill
    print(json.dumps(sorted({run_trial(Asked(drill, drill.seed)).history for _ in range(replays)})))


def proof_of(work: tuple[str, Failure, int, str]) -> Proof:
    """Shrink, save, and replay."""
    defect, failure, replays, folder = work
    shrunk = shrink_job(Job(failure, (defect,)))
    path = save(named(shrunk.after, WHERE[defect]), Path(folder))
    histories = histories_of(find_drill(str(path)).drill, replays, path) | {shrunk.after.history}
    return Proof(defect, failure.size, shrunk.after.size, shrunk.runs, len(histories))


def line(name: str, proofs: Sequence[Proof]) -> str:
    """Sizes of some proofs in words."""
    sizes = [each.shrunk for each in proofs]
    parts = []
    for noun in ("terminals", "steps", "messages"):
        numbers = [getattr(each, noun) for each in sizes]
        parts.append(f"{statistics.median(numbers):>6g} {max(numbers):>5}")
    found = statistics.median(each.found.steps for each in proofs)
    runs = statistics.median(each.runs for each in proofs)
    differ = sum(each.histories != 1 for each in proofs)
    return f"{name:<26}{len(proofs):>4}{found:>8g}  {'  '.join(parts)}{runs:>8g}{differ:>9}"


def prove(failures: int, replays: int, jobs: int) -> int:
    """Prove and print; the exit code."""
    each = -(-failures // len(WHERE))
    began, folder = time.monotonic(), tempfile.mkdtemp(prefix="atmbench-found-")
    print(
        f"{'':<26}{'':>4}{'found':>8}  {'terminals':>12}  {'steps':>12}  {'messages':>12}{'shrink':>8}{'histories':>9}"
    )
    print(f"{'defect':<26}{'':>4}{'steps':>8}  {3 * 'median worst  '}{'runs':>6}{'differ':>9}")
    proofs: list[Proof] = []
    for defect in WHERE:
        asked = [(defect, failure, replays, folder) for failure in failures_for(defect, each, jobs)]
        of_defect = list(over(proof_of, asked, jobs=jobs))
        proofs += of_defect
        print(line(defect, of_defect) if of_defect else f"{defect:<26}   0  not found", flush=True)
    print(line("all", proofs))
    wrong = sum(proof.histories != 1 for proof in proofs)
    told = (
        f"{len(proofs)} failures, each replayed {replays} times in two processes: {wrong} with a history that differs"
    )
    print(f"{told}; {time.monotonic() - began:.0f} s; drills in {folder}")
    return int(wrong > 0 or len(proofs) < failures)


def main() -> int:
    """Prove; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--failures", type=int, default=50)
    parser.add_argument("--replays", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--replay", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replay:
        replay(options.replay, options.replays)
        return 0
    return prove(options.failures, options.replays, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
