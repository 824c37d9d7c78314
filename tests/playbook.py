"""A transcript of what a dry core is told and what it asks for: `Play(terminal).given(...).expect(...)`.

A mismatch fails with the whole dialogue and what was expected in its place. Effects that only tell (facts,
screens, journal, receipts, memory) may be passed over by `expect_acts`; `expect` finds them when they are named.
"""

import difflib
from collections.abc import Sequence
from typing import Any, Protocol

import pytest

from atmbench.facts import Fact
from atmbench.terminal.effects import (
    Effect,
    Forget,
    PrintReceipt,
    Record,
    Remember,
    ShowScreen,
    WriteJournal,
)
from atmbench.terminal.inputs import Input

TELLS = (Record, ShowScreen, WriteJournal, PrintReceipt, Remember, Forget)


class Core(Protocol):
    """What can be played: a terminal."""

    deadline: float | None

    def on_input(self, given: Input, now: float) -> list[Effect]: ...

    def on_time(self, now: float) -> list[Effect]: ...


class Like:
    """Stands for any record of a kind with these values; other fields may be anything."""

    def __init__(self, kind: type, /, **values: Any) -> None:
        self.kind = kind
        self.values = values

    def matches(self, other: object) -> bool:
        if isinstance(other, Record) and not issubclass(self.kind, Effect):
            other = other.fact
        return isinstance(other, self.kind) and all(
            _fits(value, getattr(other, name, None)) for name, value in self.values.items()
        )

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.kind.__name__}({values}{', ' if values else ''}...)"


def like(kind: type, /, **values: Any) -> Any:
    """Any effect or fact of a kind with these values. A fact is found inside the `Record` that asks for it."""
    return Like(kind, **values)


def _fits(expected: object, found: object) -> bool:
    if isinstance(expected, Like):
        return expected.matches(found)
    if isinstance(expected, type):
        return isinstance(found, expected) or (isinstance(found, Record) and isinstance(found.fact, expected))
    if isinstance(expected, Fact):
        return isinstance(found, Record) and found.fact == expected
    return expected == found


class Play:
    """One dialogue. Times are seconds; each turn's effects are what the next `expect` looks at."""

    def __init__(self, core: Core, at: float = 0.0) -> None:
        self.core = core
        self.now = at
        self.turn: list[Effect] = []
        """Effects of the last turn."""
        self.all: list[Effect] = []
        self._dialogue: list[str] = []

    def given(self, *inputs: Input, at: float | None = None, after_s: float = 0.0) -> "Play":
        """Tell the core something, at a time or some seconds after the turn before."""
        self.now = self.now + after_s if at is None else at
        self.turn = []
        for each in inputs:
            self._dialogue.append(f"{self.now:10.3f} >> {each!r}")
            self._take(self.core.on_input(each, self.now))
        return self

    def wait_until_deadline(self) -> "Play":
        """Let time pass until the core wants to be called, and call it."""
        if self.core.deadline is None:
            self._fail("a deadline", "none is set")
        assert self.core.deadline is not None
        return self._pass_to(max(self.now, self.core.deadline))

    def wait(self, seconds: float) -> "Play":
        """Let time pass, calling the core whenever it wants; the turn is all it asked for meanwhile."""
        until = self.now + seconds
        turn: list[Effect] = []
        while self.core.deadline is not None and self.core.deadline <= until:
            self._pass_to(max(self.now, self.core.deadline))
            turn += self.turn
        self.now, self.turn = until, turn
        return self

    def _pass_to(self, now: float) -> "Play":
        self.now = now
        self.turn = []
        self._dialogue.append(f"{self.now:10.3f} >> (time)")
        self._take(self.core.on_time(self.now))
        if self.core.deadline is not None and self.core.deadline <= self.now:
            self._fail("a later deadline", f"it is still {self.core.deadline}")
        return self

    def _take(self, effects: list[Effect]) -> None:
        self.turn += effects
        self.all += effects
        self._dialogue += [f"           << {effect!r}" for effect in effects]

    # --- what must be so ------------------------------------------------------------------------

    def expect(self, *patterns: Any) -> "Play":
        """These are in the last turn, in this order; others may stand between them.

        A pattern is an effect, a fact, a type of either, or `like(...)`.
        """
        at = 0
        for pattern in patterns:
            while at < len(self.turn) and not _fits(pattern, self.turn[at]):
                at += 1
            if at == len(self.turn):
                self._differ(patterns, self.turn)
            at += 1
        return self

    def expect_acts(self, *patterns: Any) -> "Play":
        """These, and no other effects that do more than tell, are in the last turn."""
        found = [effect for effect in self.turn if not isinstance(effect, TELLS)]
        if len(found) != len(patterns) or not all(map(_fits, patterns, found)):
            self._differ(patterns, found)
        return self

    def never(self, *patterns: Any) -> "Play":
        """None of these is in the whole dialogue."""
        for pattern in patterns:
            if any(_fits(pattern, effect) for effect in self.all):
                self._fail(f"no {pattern!r} at all", "there is one")
        return self

    def find(self, pattern: Any) -> Any:
        """The last effect (or fact) of the dialogue that fits."""
        for effect in reversed(self.all):
            if _fits(pattern, effect):
                return effect.fact if isinstance(effect, Record) else effect
        self._fail(repr(pattern), "there is none")
        raise AssertionError

    def count(self, pattern: Any) -> int:
        """How often something is in the dialogue."""
        return sum(_fits(pattern, effect) for effect in self.all)

    def _differ(self, patterns: Sequence[Any], found: Sequence[Effect]) -> None:
        expected = [_text(pattern) for pattern in patterns]
        came = [
            next((_text(pattern) for pattern in patterns if _fits(pattern, effect)), repr(effect)) for effect in found
        ]
        diff = "\n".join(difflib.unified_diff(expected, came, "expected", "came", lineterm="", n=99))
        pytest.fail(f"the last turn is another one\n{diff}\n\nthe whole dialogue\n" + "\n".join(self._dialogue))

    def _fail(self, expected: str, found: str) -> None:
        pytest.fail(f"expected {expected}; {found}\n\nthe whole dialogue\n" + "\n".join(self._dialogue))


def _text(pattern: Any) -> str:
    return pattern.__name__ if isinstance(pattern, type) else repr(pattern)
