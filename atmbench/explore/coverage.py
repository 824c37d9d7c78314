"""What a run has touched: states and moves of terminals, kinds of facts, events and which followed which, codes.

Two grains. What a reader counts (states, moves, kinds, codes) is soon complete. `pairs`, which event followed which at
one actor, are thousands; they steer the search. This module must never judge.
"""

import msgspec

from atmbench import facts
from atmbench.audit.verdict import Status
from atmbench.drill.names import fact_kinds
from atmbench.explore.trial import Trial
from atmbench.facts import AnyFact, MessageReceived, MessageSent, StateChanged, kind_of
from atmbench.messages.records import NETWORK
from atmbench.terminal.states import TRANSITIONS, State

STATES = frozenset(str(each) for each in State)
MOVES = frozenset((str(state), str(move)) for state, moves in TRANSITIONS.items() for move in moves)
NO_CUSTOMERS = frozenset(str(each) for each in NETWORK)


TELLING: dict[type[AnyFact], tuple[str, ...]] = {
    facts.AdviceQueued: ("purpose", "reason"),
    facts.CardRetained: ("because",),
    facts.ExceptionOpened: ("kind",),
    facts.FrameDisturbed: ("kind", "direction"),
    facts.MessageReceived: ("purpose", "outcome"),
    facts.MessageSent: ("purpose", "outcome"),
    facts.RecordDisturbed: ("kind",),
    facts.ReplyIgnored: ("reason",),
    facts.SecurityRefused: ("what",),
    facts.SiteRoleChanged: ("role",),
    facts.StateChanged: ("because",),
    facts.StepPerformed: ("command",),
    facts.TransactionEnded: ("outcome",),
}
"""What a fact of a kind says most, beside its kind."""
UNSAID: tuple[str, ...] = ()


class Coverage(msgspec.Struct, frozen=True):
    """What one run has touched, or many."""

    states: frozenset[str] = frozenset()
    moves: frozenset[tuple[str, str]] = frozenset()
    """State and what happened there: the entries of the terminal's transition table."""
    kinds: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    """Response codes that terminals received."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Events of which the second followed the first at one actor. An event is a kind of fact and what it says most."""

    def __or__(self, other: "Coverage") -> "Coverage":
        return Coverage(*(getattr(self, name) | getattr(other, name) for name in self.__struct_fields__))

    def adds_to(self, known: "Coverage") -> bool:
        """Whether there is something here that is not known yet."""
        return any(getattr(self, name) - getattr(known, name) for name in self.__struct_fields__)

    @property
    def size(self) -> int:
        """How much there is, of all grains together."""
        return sum(len(getattr(self, name)) for name in self.__struct_fields__)


class Watch:
    """Sees every fact of one run."""

    def __init__(self) -> None:
        self.messages = 0
        """Sent by terminals for customers: requests, repeats and advices, no sign-ons and echoes."""
        self._moves: set[tuple[str, str]] = set()
        self._states: set[str] = set()
        self._codes: set[str] = set()
        self._kinds: set[type[AnyFact]] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._last: dict[str, str] = {}

    def __call__(self, fact: AnyFact) -> None:
        """Take the next fact."""
        kind = type(fact)
        self._kinds.add(kind)
        event = kind.__name__
        for name in TELLING.get(kind, UNSAID):
            event = f"{event} {getattr(fact, name)}"
        self._pairs.add((self._last.get(fact.actor, ""), event))
        self._last[fact.actor] = event
        if kind is StateChanged:
            assert isinstance(fact, StateChanged)
            self._states |= {fact.old, fact.new}
            self._moves.add((fact.old, fact.because))
        elif kind is MessageSent:
            assert isinstance(fact, MessageSent)
            self.messages += fact.actor == fact.terminal and fact.purpose not in NO_CUSTOMERS
        elif kind is MessageReceived:
            assert isinstance(fact, MessageReceived)
            if fact.code:
                self._codes.add(fact.code)

    def coverage(self) -> Coverage:
        """What was touched so far."""
        return Coverage(
            states=frozenset(self._states),
            moves=frozenset(self._moves),
            kinds=frozenset(kind_of(kind) for kind in self._kinds),
            codes=frozenset(self._codes),
            pairs=frozenset(self._pairs),
        )


class Verdicts(msgspec.Struct, frozen=True):
    """How often each check came to what."""

    of: dict[str, dict[Status, int]] = {}

    def __or__(self, other: "Verdicts") -> "Verdicts":
        checks = dict.fromkeys((*self.of, *other.of))
        return Verdicts({check: _added(self.of.get(check, {}), other.of.get(check, {})) for check in checks})


def verdicts_of(trial: Trial) -> Verdicts:
    """Those of one run."""
    found = {each.check: each.status for each in trial.found}
    return Verdicts({check: {found.get(check, Status.PASS): 1} for check in trial.checks})


def kinds_known() -> int:
    """How many kinds of facts there are at all."""
    return len(fact_kinds())


def _added(some: dict[Status, int], others: dict[Status, int]) -> dict[Status, int]:
    return {status: some.get(status, 0) + others.get(status, 0) for status in Status if status in {*some, *others}}
