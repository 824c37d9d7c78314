"""Mutation test of the audit: every line that proves money must itself be proven by a test.

    python tools/mutate.py [--jobs 2] [--tests tests/audit] [--seconds 0.5] [MODULE ...]

Each mutant is the audit with one small wrong change, made by mutmut, and some test in tests/audit must fail for it.
Prints for each module how many were killed, and by name those that survived without being explained in
tools/mutate_survivors.toml. Exits 1 if fewer than 95 % were killed, if a survivor is not explained, or if an
explained one does not survive any more. MODULE is that of atmbench/audit, such as `book`; without any, all are taken,
which takes a quarter of an hour on two processors that have nothing else to do.
"""

import argparse
import os
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools._mutant_session import MutantSession, Outcome  # noqa: E402
from tools._mutants import Mutant, mutants_of  # noqa: E402

ROOM = Path("atmbench/audit")
TESTS = "tests/audit"
SURVIVORS = Path("tools/mutate_survivors.toml")
KILLED_MIN = 0.95
TESTS_S = 0.5
"""All tests of a module are tried with its mutants; those of others, shortest first, for so much processor time."""
PYTEST = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--capture=no", "--tb=native")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("modules", nargs="*", metavar="MODULE")
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--tests", default=TESTS, help=f"where the tests are: {TESTS}, a part of it, or more")
    options.add_argument("--seconds", type=float, default=TESTS_S, help="of tests of other modules for each mutant")
    asked = options.parse_args()
    os.chdir(ROOT)
    began = time.monotonic()
    paths = [ROOM / f"{module}.py" for module in asked.modules] or sorted(ROOM.glob("*.py"))
    absent = [str(path) for path in paths if not path.is_file()]
    if absent:
        options.error(f"there is no {', '.join(absent)}")
    mutants = [mutant for path in paths for mutant in mutants_of(path)]
    print(f"{len(mutants):,} mutants in {len(paths)} modules; first the tests as they are", flush=True)
    session = MutantSession(mutants, max(1, asked.jobs), asked.seconds)
    code = pytest.main([*PYTEST, asked.tests], plugins=[session])
    if code or len(session.outcomes) < len(mutants):
        print("The mutants could not be tried.")
        return int(code) or 1
    outcomes = [session.outcomes[place] for place in range(len(mutants))]
    print(table(mutants, outcomes))
    print(f"{time.monotonic() - began:.0f} s")
    return judge(mutants, outcomes, explained(SURVIVORS.read_text()))


def table(mutants: Sequence[Mutant], outcomes: Sequence[Outcome]) -> str:
    """One line for each module, and one for all."""
    seen = Counter((module, outcome) for mutant, outcome in zip(mutants, outcomes, strict=True)
                   for module in (Path(mutant.path).stem, "all"))  # fmt: skip
    lines = [f"{'module':16}{'mutants':>8}{'killed':>8}{'timed out':>11}{'survived':>10}{'%':>7}"]
    for module in dict.fromkeys(module for module, _ in (*((m, o) for m, o in seen if m != "all"), ("all", None))):
        killed, timed_out, survived = (
            seen[module, outcome] for outcome in (Outcome.KILLED, Outcome.TIMED_OUT, Outcome.SURVIVED)
        )
        made = killed + timed_out + survived
        share = (killed + timed_out) / made if made else 1.0
        lines.append(f"{module:16}{made:8,}{killed:8,}{timed_out:11,}{survived:10,}{share:7.1%}")
    return "\n".join(lines)


def explained(text: str) -> dict[str, str]:
    """Name of a mutant that may survive, to why."""
    return {name: kind["because"] for kind in tomllib.loads(text).get("survivor", ()) for name in kind["mutants"]}


def judge(mutants: Sequence[Mutant], outcomes: Iterable[Outcome], reasons: dict[str, str]) -> int:
    """Say what is not as it should be; the exit code."""
    survived = [mutant for mutant, outcome in zip(mutants, outcomes, strict=True) if outcome is Outcome.SURVIVED]
    names = dict.fromkeys(mutant.name for mutant in survived)
    faults = [f"survived: {name}" for name in names if name not in reasons]
    tried = {Path(mutant.path).name for mutant in mutants}
    faults += [
        f"explained in {SURVIVORS}, but is killed or gone: {name}"
        for name in reasons
        if name.partition(" ")[0] in tried and name not in names
    ]
    killed = 1 - len(survived) / len(mutants) if mutants else 1.0
    if killed < KILLED_MIN:
        faults.append(f"{killed:.1%} killed, {KILLED_MIN:.0%} are wanted")
    print("\n".join(faults) or f"{killed:.1%} killed, and all that survived are explained in {SURVIVORS}.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
