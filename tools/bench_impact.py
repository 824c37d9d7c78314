"""Benchmark: how long `atmbench impact` takes to fold a history, and how much memory.

    python tools/bench_impact.py RUN_DIR

A run of a million facts is made by `primary-cut` with `terminals: 3000`, a customer every 6 s and 20,000 cards. Time is
that of the processor, since machines are shared; memory is the most that was ever held.
"""

import resource
import sys
import time
from pathlib import Path

from atmbench.impact.impact import ImpactLog, impact_of
from atmbench.store.run_directory import RunDirectory

MIB = 1024


def main(words: list[str]) -> int:
    """Fold one history and print what it took."""
    if len(words) != 1:
        print(__doc__)
        return 2
    log = ImpactLog()
    begun_s = time.process_time()
    for fact in RunDirectory.open(Path(words[0])).history():
        log.add(fact)
    read_s = time.process_time()
    found = impact_of(log)
    done_s = time.process_time()
    most_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    million = log.book.count / 1e6
    print(f"{log.book.count:,} facts, {found.transactions:,} transactions, {found.touched:,} customers touched")
    print(f"{read_s - begun_s:.2f} s to read and fold, {done_s - read_s:.2f} s for figures, {most_mib:.0f} MiB")
    print(f"{(done_s - begun_s) / million:.2f} s and {most_mib / million:.0f} MiB a million facts")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
