"""Histories and captures of runs as digests, in this process or in one of its own.

python -m tests.run.replay primary-cut:3
"""

import hashlib
import sys
import tempfile
from pathlib import Path

from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill


def digests(runs: list[str]) -> list[str]:
    """One line for each "drill:seed": its name, and digests of its history, of that without the first fact, and of its
    capture.
    """
    return [f"{run} {_digest(*run.split(':'))}" for run in runs]


def _digest(drill: str, seed: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        run_drill(find_drill(drill), seed=int(seed), out=out, capture=True)
        history, capture = ((out / name).read_bytes() for name in ("history.jsonl", "wire.pcapng"))
    rest = history.partition(b"\n")[2]
    return " ".join(hashlib.sha256(each).hexdigest() for each in (history, rest, capture))


if __name__ == "__main__":
    sys.stdout.write("\n".join(digests(sys.argv[1:])))
