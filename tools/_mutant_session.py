"""One pytest session for many mutants: tests are collected once, and each mutant has a forked process of its own.

mutmut starts pytest anew for every mutant, which for thousands of mutants is most of the time. Here the tests run
once as they are, to learn which of them reach which function and how long they take. Then a process is forked for
each mutant, which plants it and runs only those tests, nearest and shortest first, until one fails. The parent
itself is never changed.
"""

import gc
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from cProfile import Profile
from enum import Enum
from pathlib import Path
from types import CodeType

import pytest

from tools._mutants import Mutant

TEST_CPU_S = 8.0
"""Processor time that one test may take with a mutant; the slowest takes a twentieth of it without one."""
MEMORY_MAX_BYTES = 4 << 30
STDOUT = 1
BROKEN = 3
"""Exit code of a process in which a mutant could not be planted: an error of these tools."""


class Outcome(Enum):
    """What became of a mutant. The values are exit codes of its process."""

    SURVIVED = 0
    KILLED = 1
    TIMED_OUT = -1


class MutantSession:
    """A pytest plugin that takes the place of pytest's own loop over the tests."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int, tests_s: float) -> None:
        self.mutants = mutants
        self.jobs = jobs
        self.tests_s = tests_s
        """Processor time of tests beyond those of its own module that a mutant is tried with."""
        self.outcomes: dict[int, Outcome] = {}
        """By the place of the mutant in `mutants`."""
        self._left = Counter(mutant.path for mutant in mutants)
        """Mutants of each module that are not tried yet."""
        self._under_way: dict[int, int] = {}
        """Process to the place of its mutant."""
        self._has_failed = False
        self._took_s: dict[str, float] = {}
        self._reached: dict[tuple[str, str], list[pytest.Item]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Any phase of a test that failed."""
        self._has_failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants with the tests that were collected. Raises UsageError if they fail without any mutant."""
        for item in session.items:
            self._learn(item)
        if self._has_failed or session.testsfailed:
            raise pytest.UsageError("the tests fail without any mutant")
        gc.freeze()
        for place, mutant in enumerate(self.mutants):
            while len(self._under_way) >= self.jobs:
                self._wait_for_one()
            self._start(place, mutant)
        while self._under_way:
            self._wait_for_one()
        return True

    # --- once, as it is -----------------------------------------------------------------------------

    def _learn(self, item: pytest.Item) -> None:
        profile = Profile(builtins=False)
        began = time.process_time()
        profile.enable()
        try:
            self._run(item)
        finally:
            profile.disable()
        self._took_s[item.nodeid] = time.process_time() - began
        for entry in profile.getstats():
            if isinstance(entry.code, CodeType):
                self._reached[entry.code.co_filename, entry.code.co_qualname].append(item)

    def _tests_of(self, mutant: Mutant) -> list[pytest.Item]:
        """The tests that reach it: all of its own module, then the shorter ones of others while there is time."""
        own = f"test_{Path(mutant.path).stem}"
        reached = self._reached.get((str(Path(mutant.path).resolve()), mutant.function), [])
        tests = [item for item in reached if item.path.name.startswith(own)]
        left_s = self.tests_s
        for item in sorted(reached, key=lambda item: self._took_s[item.nodeid]):
            left_s -= self._took_s[item.nodeid]
            if left_s < 0:
                break
            if not item.path.name.startswith(own):
                tests.append(item)
        return tests

    # --- once for each mutant -----------------------------------------------------------------------

    def _start(self, place: int, mutant: Mutant) -> None:
        tests = self._tests_of(mutant)
        if not tests:
            self._note(place, Outcome.SURVIVED)
            return
        process = os.fork()
        if process == 0:
            try:
                os._exit(self._try(mutant, tests).value)
            finally:
                os._exit(BROKEN)
        self._under_way[process] = place

    def _try(self, mutant: Mutant, tests: Iterable[pytest.Item]) -> Outcome:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
        mutant.plant(sys.modules[mutant.path.removesuffix(".py").replace("/", ".")])
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
        for item in tests:
            signal.setitimer(signal.ITIMER_VIRTUAL, TEST_CPU_S)  # its signal ends the process
            self._run(item)
            if self._has_failed:
                return Outcome.KILLED
        return Outcome.SURVIVED

    def _run(self, item: pytest.Item) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def _wait_for_one(self) -> None:
        process, status = os.wait()
        place = self._under_way.pop(process)
        code = os.waitstatus_to_exitcode(status)
        if code == BROKEN:
            raise pytest.UsageError(f"{self.mutants[place].name} cannot be planted: mend tools/_mutants.py")
        self._note(place, Outcome(code) if code in (0, 1) else Outcome.TIMED_OUT)

    def _note(self, place: int, outcome: Outcome) -> None:
        self.outcomes[place] = outcome
        path = self.mutants[place].path
        self._left[path] -= 1
        if not self._left[path]:
            seen = Counter(self.outcomes[each].name for each, mutant in enumerate(self.mutants) if mutant.path == path)
            print(path, ", ".join(f"{number:,} {name.lower()}" for name, number in sorted(seen.items())), flush=True)
