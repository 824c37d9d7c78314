"""Sweep: the same seed must give the same history, byte for byte, whatever the hash seed of Python.

    python tools/sweep_seeds.py [--seeds 15] [--drills primary-cut,late-reply] [--jobs 2]

Each seed is run twice, in two processes with different PYTHONHASHSEED, on `virtual`. Prints one line a
drill and exits 1 if any history differs; the two files are then kept and named.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HASH_SEEDS = ("1", "4242")


def history_of(drill: str, seed: int, hash_seed: str, folder: Path) -> Path:
    """Run a drill in a process of its own; the path of its history."""
    out = folder / f"{drill}-{seed}-{hash_seed}"
    command = [sys.executable, "-m", "atmbench", "run", drill, "--seed", str(seed), "--out", str(out)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}:\n{done.stderr}")
    return out / "history.jsonl"


def differs(drill: str, seed: int, folder: Path) -> str:
    """Empty if both histories of a seed are equal, else what to look at."""
    first, second = (history_of(drill, seed, hash_seed, folder) for hash_seed in HASH_SEEDS)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)]
    if digests[0] == digests[1]:
        shutil.rmtree(first.parent)
        shutil.rmtree(second.parent)
        return ""
    return f"seed {seed}: {first} and {second} differ"


def main() -> int:
    """Sweep and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=15)
    parser.add_argument("--drills", default="primary-cut,replication-lag-failover,swapped-replies,bank-outage-2023")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="atmbench-sweep-"))
    failed = False
    with ThreadPoolExecutor(options.jobs) as pool:
        for drill in options.drills.split(","):
            found = [each for each in pool.map(lambda s, d=drill: differs(d, s, folder), range(options.seeds)) if each]
            print(f"{drill}: {options.seeds - len(found)} of {options.seeds} seeds gave the same history twice")
            print("\n".join(found), end="\n" if found else "")
            failed = failed or bool(found)
    if not failed:
        shutil.rmtree(folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
