"""The facts of one run, boiled down to samples in the order of time: what is compared, and nothing else.

Answers are taken as the terminals saw them, so that a real host is compared as an emulated one is.
"""

from typing import TypeVar

import msgspec

from atmbench import facts
from atmbench.compare.shapes import RolesOf, Shape, Shapes
from atmbench.messages.records import Outcome

UNANSWERED_MAX = 100_000
"""Requests that are kept until their answer comes; of more, the oldest are no longer timed."""

Timed = tuple[float, float]
"""When an answer came, and how long it took, in seconds."""
Heard = tuple[float, str]
"""When something came, and what."""
K = TypeVar("K")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as a difference."""

    alpha: float
    """The chance of any false finding at all, between two runs of one release."""
    timing_percent: float
    """Times that differ by less are no finding, however sure the difference is."""
    volatile: frozenset[str] = frozenset()
    """Numbers of fields that are not compared."""


class About(msgspec.Struct, kw_only=True):
    """Which run it was."""

    name: str
    drill: str = ""
    venue: str = ""
    version: str = ""
    currency: str = ""
    seed: int = 0
    defects: tuple[str, ...] = ()
    is_complete: bool = False
    stopped: bool = False


class Kind(msgspec.Struct, frozen=True, order=True):
    """Messages that ought to look alike. `sender` is "terminal" or "host"; `code` is empty where there is none."""

    sender: str
    mti: str
    purpose: str
    code: str

    def __str__(self) -> str:
        code = f" with code {self.code}" if self.code else ""
        return f"{self.mti} {self.purpose}{code} from the {self.sender}"


class Recording:
    """One run. Give it every fact of the history, in order."""

    def __init__(self, name: str, roles_of: RolesOf) -> None:
        self.about = About(name=name)
        self.outcomes: dict[str, list[Heard]] = {}
        """Service to how each transaction ended. Who was turned away before one began is left out: that goes by how
        many customers come and wait, which is the drill's."""
        self.types: dict[tuple[str, str], list[str]] = {}
        """Sender and purpose to message types."""
        self.good: set[str] = {Outcome.APPROVED.value}
        """The outcome, and the codes, with which customers get what they want."""
        self.codes: dict[tuple[str, str], list[Heard]] = {}
        """Message type and purpose to the codes that terminals were answered."""
        self.meanings: dict[tuple[str, str, str], list[str]] = {}
        """Message type, purpose and what an emulated host meant, to the codes that it said so with."""
        self.answers: dict[str, list[Timed]] = {}
        """Purpose to the times from a request's sending to its answer at the terminal."""
        self.waits: dict[str, list[Timed]] = {}
        """The same from when a customer asked, or an advice was queued: repeats and waiting for a line count."""
        self.messages: dict[Kind, list[Shape]] = {}
        self._shapes = Shapes(roles_of)
        self._sent: dict[tuple[str, str, str, int], float] = {}
        self._wanted: dict[tuple[str, str], float] = {}

    def add(self, fact: facts.AnyFact) -> None:
        """The next fact."""
        match fact:
            case facts.MessageSent() if fact.actor == fact.terminal:
                _keep(self._sent, (fact.terminal, fact.line, fact.purpose, fact.stan), fact.t)
                self._saw("terminal", fact)
            case facts.MessageSent() if fact.code:
                self.meanings.setdefault((fact.mti, fact.purpose, fact.outcome), []).append(fact.code)
            case facts.MessageReceived() if fact.actor == fact.terminal:
                self._got(fact)
            case facts.TransactionStarted():
                _keep(self._wanted, (fact.key, fact.service), fact.t)
            case facts.AdviceQueued():
                _keep(self._wanted, (fact.key, fact.purpose), fact.t)
            case facts.TransactionEnded():
                self.outcomes.setdefault(fact.service, []).append((fact.t, fact.outcome))
            case facts.RunStarted():
                self._started(fact)
            case facts.RunEnded():
                self.about.is_complete, self.about.stopped = True, fact.stopped
            case _:
                pass

    def _started(self, fact: facts.RunStarted) -> None:
        about = self.about
        about.drill, about.venue, about.version = fact.drill, fact.venue, fact.version
        about.currency, about.seed, about.defects = fact.currency, fact.seed, fact.defects

    def _got(self, fact: facts.MessageReceived) -> None:
        self._saw("host", fact)
        if fact.code:
            self.codes.setdefault((fact.mti, fact.purpose), []).append((fact.t, fact.code))
            if fact.outcome == Outcome.APPROVED:
                self.good.add(fact.code)
        sent = self._sent.pop((fact.terminal, fact.line, fact.purpose, fact.stan), None)
        if sent is not None:
            self.answers.setdefault(fact.purpose, []).append((fact.t, fact.t - sent))
            wanted = self._wanted.pop((fact.key, fact.purpose), None)
            if wanted is not None:
                self.waits.setdefault(fact.purpose, []).append((fact.t, fact.t - wanted))

    def _saw(self, sender: str, fact: facts.MessageSent | facts.MessageReceived) -> None:
        self.types.setdefault((sender, fact.purpose), []).append(fact.mti)
        kind = Kind(sender, fact.mti, fact.purpose, fact.code)
        self.messages.setdefault(kind, []).append(self._shapes.of(fact.mti, fact.fields))


def _keep(times: dict[K, float], place: K, t: float) -> None:
    times[place] = t
    if len(times) > UNANSWERED_MAX:
        del times[next(iter(times))]
