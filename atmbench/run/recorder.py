"""The recorder: puts facts into the history, in one order, as they happen.

It stamps facts, keeps those of one instant together until time moves on, and writes them in the order
(actor, order of recording). So two tasks that wake at the same virtual instant leave the same history
whichever of them ran first. It must never change or drop a fact of the run, and never wait.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Protocol

from atmbench.facts import AnyFact, Fact, stamp, to_lines, type_of

Watcher = Callable[[AnyFact], None]


class Sink(Protocol):
    """Where the lines of a history go: a file, or what counts them on their way into one."""

    def write(self, lines: bytes, /) -> object:
        """Take whole lines."""
        ...

    def flush(self) -> object:
        """Hand on what was taken."""
        ...


BATCH_FACTS = 256
"""So many facts are written at a time; a run that is killed may lose the last of them."""

_by_actor = attrgetter("actor")


class Recorder:
    """Appends facts to a history.

    `now` gives seconds since the start of the run. `file`, if given, gets one line of JSON a fact;
    `readers` get every fact in the order of the history. Both see a batch of facts at a time, whole
    instants only, or all at `settle` and `flush`. `watchers` (the conductor's triggers) see a fact at once.
    """

    def __init__(self, now: Callable[[], float], file: Sink | None = None) -> None:
        self._now = now
        self._file = file
        self._now_was = 0.0
        self._t = 0.0
        """That time in whole microseconds: what the facts of one instant share."""
        self._instant: list[Fact] = []
        self._past: list[Fact] = []
        self._is_closed = False
        self.readers: list[Watcher] = []
        self.watchers: dict[type[Fact], list[Watcher]] = {}
        """Kind of fact to those who wait for it."""

    def record(self, actor: str, fact: Fact) -> None:
        """Stamp a fact with the present time and append it."""
        if self._is_closed:
            return
        now = self._now()
        if now != self._now_was:
            self._now_was = now
            t = round(now, 6)
            if t != self._t:
                self._end_instant()
                self._t = t
        stamp(fact, self._t, actor)
        self._instant.append(fact)
        if self.watchers:
            for watcher in self.watchers.get(type(fact), ()):
                watcher(fact)  # type: ignore[arg-type]  # every Fact is one of AnyFact; a test holds it

    def watch(self, kind: str, watcher: Watcher) -> None:
        """Call `watcher` at once for each fact of this kind."""
        self.watchers.setdefault(type_of(kind), []).append(watcher)

    def close(self) -> None:
        """Take nothing more: what happens while a world is taken down is no part of its history."""
        self._is_closed = True

    def settle(self) -> None:
        """Show readers all that was recorded before this very moment, and nothing of the moment itself."""
        if round(self._now(), 6) != self._t:
            self._end_instant()
        self._write()

    def flush(self) -> None:
        """Write what is held back, down to the operating system: a run that is killed later keeps it."""
        self._end_instant()
        self._write()
        if self._file is not None:
            self._file.flush()

    def _end_instant(self) -> None:
        facts = self._instant
        if len(facts) > 1:
            facts.sort(key=_by_actor)
        self._past += facts
        facts.clear()
        if len(self._past) >= BATCH_FACTS:
            self._write()

    def _write(self) -> None:
        facts, self._past = self._past, []
        if self._file is not None:
            self._file.write(to_lines(facts))
        for reader in self.readers:
            for fact in facts:
                reader(fact)  # type: ignore[arg-type]  # as above
