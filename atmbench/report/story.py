"""Stories: one transaction in time order, as all witnesses tell it, in plain words.

A second pass over the history picks the facts of the wanted transactions, with what happened to their
terminal's lines meanwhile. If a request was altered on its way so that it names another transaction, both
names are one story. Every story is bounded. It must never show more of a card than its mask.
"""

from collections.abc import Iterable, Sequence

from atmbench import facts
from atmbench.audit.book import Book
from atmbench.facts import AnyFact, Fact
from atmbench.report.words import Teller

STORY_FACTS_MAX = 80
"""Facts one story tells; of a longer one the middle is left out."""
CONTEXT_FACTS_MAX = 40
"""Facts about the terminal's lines that are kept between two facts of a transaction."""

CONTEXT = (
    facts.LineLost,
    facts.DialFailed,
    facts.CallFailed,
    facts.LineSuspected,
    facts.LineChosen,
    facts.SignedOn,
    facts.SignedOff,
    facts.PowerFailed,
    facts.PowerRestored,
    facts.FrameRefused,
    facts.MessageNotSent,
    facts.ReplyIgnored,
    facts.KeysLoaded,
    facts.DeviceStateChanged,
    facts.DeviceFailed,
)
"""What concerns a terminal, and so the transaction that it has under way."""
OF_TERMINAL = (facts.FrameDisturbed, facts.KeysIssued, facts.SecurityRefused)
"""The same, told by somebody else."""
WORLD = (
    facts.FaultStarted,
    facts.FaultEnded,
    facts.SiteRoleChanged,
    facts.CoreChanged,
    facts.BrakeChanged,
    facts.PromotionRefused,
    facts.SiteRebuilt,
    facts.SitesCompared,
    facts.StepPerformed,
    facts.HealStarted,
)
"""What concerns every transaction under way."""


class Thread:
    """The facts of one transaction, with the context that lies between them. Bounded, whatever happens.

    `keys` are all names that witnesses know the transaction by.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = keys
        self.terminals = tuple(dict.fromkeys(key.rsplit("/", 2)[0] for key in keys))
        self.head: list[AnyFact] = []
        self.tail: list[AnyFact] = []
        self.left_out = 0
        self._context: list[AnyFact] = []

    @property
    def is_open(self) -> bool:
        """Whether anything was told yet."""
        return bool(self.head)

    def add(self, fact: AnyFact) -> None:
        """A fact of the transaction itself; the context before it is now part of the story."""
        for each in (*self._context, fact):
            if len(self.head) < STORY_FACTS_MAX // 2:
                self.head.append(each)
                continue
            self.tail.append(each)
            if len(self.tail) > STORY_FACTS_MAX // 2:
                del self.tail[0]
                self.left_out += 1
        self._context.clear()

    def add_context(self, fact: AnyFact) -> None:
        """A fact that matters only if the story goes on after it."""
        if self.is_open and len(self._context) < CONTEXT_FACTS_MAX:
            self._context.append(fact)


def stories(history: Iterable[AnyFact], keys: Sequence[str], book: Book | None = None) -> dict[str, list[str]]:
    """The stories of some transactions, by key, each a list of lines. A key without facts has no story.

    `book` knows which requests were renamed on their way; without it each key stands for itself.
    """
    threads = {key: Thread(_names(key, book)) for key in keys}
    if not threads:
        return {}
    teller = Teller()
    weaver = _Weaver(list(threads.values()))
    for fact in history:
        teller.learn(fact)
        weaver.add(fact)
    return {key: _tell(thread, teller) for key, thread in threads.items() if thread.is_open}


def _names(key: str, book: Book | None) -> Sequence[str]:
    """All keys of one transaction: the one it was sent with, and those that it was given on its way."""
    if book is None or not book.renamed:
        return (key,)
    sent_as = book.sent_as(key)
    renamed = [each for each in book.renamed if book.sent_as(each) == sent_as]
    return tuple(dict.fromkeys((key, sent_as, *renamed)))


class _Weaver:
    """Gives each fact to the threads that it belongs to."""

    def __init__(self, threads: Sequence[Thread]) -> None:
        self._threads = threads
        self._by_key: dict[str, list[Thread]] = {}
        self._by_terminal: dict[str, list[Thread]] = {}
        for thread in threads:
            for key in thread.keys:
                self._by_key.setdefault(key, []).append(thread)
            for terminal in thread.terminals:
                self._by_terminal.setdefault(terminal, []).append(thread)

    def add(self, fact: AnyFact) -> None:
        """One fact of the history, in its order."""
        own = self._own(fact)
        for thread in own:
            thread.add(fact)
        if own:
            return
        if isinstance(fact, CONTEXT):
            terminal = fact.actor.partition("/")[0]  # a cable speaks as T01/primary
            self._add_context(fact, self._by_terminal.get(terminal, ()))
        elif isinstance(fact, OF_TERMINAL):
            self._add_context(fact, self._by_terminal.get(fact.terminal, ()))
        elif isinstance(fact, WORLD):
            only = _only_terminal(fact)
            self._add_context(fact, self._by_terminal.get(only, ()) if only else self._threads)

    def _own(self, fact: AnyFact) -> Sequence[Thread]:
        """The threads of whose transaction a fact speaks."""
        if isinstance(fact, facts.ReplyIgnored):
            return ()
        if isinstance(fact, facts.FrameDisturbed) and fact.became:
            both = (*self._by_key.get(fact.key, ()), *self._by_key.get(fact.became, ()))
            return tuple(dict.fromkeys(both))
        key = getattr(fact, "key", "")
        return self._by_key.get(key, ()) if key else ()

    def _add_context(self, fact: AnyFact, threads: Sequence[Thread]) -> None:
        for thread in threads:
            thread.add_context(fact)


def _only_terminal(fact: AnyFact) -> str:
    """The one terminal that a step or a fault names, if it names one: it is no matter of the others."""
    if isinstance(fact, facts.StepPerformed | facts.FaultStarted):
        named = str(fact.detail.get("terminal", ""))
        return "" if "*" in named else named
    return ""


def tell(facts_of_key: Sequence[Fact], teller: Teller | None = None) -> list[str]:
    """Lines of a story, one or none per fact: "12.004 T07      asked 50.00, STAN 000118"."""
    teller = teller or Teller()
    for fact in facts_of_key:
        teller.learn(fact)
    return [line for fact in facts_of_key if (line := teller.line(fact))]


def _tell(thread: Thread, teller: Teller) -> list[str]:
    lines = tell(thread.head, teller)
    if thread.left_out:
        lines.append(f"{'...':>10} {thread.left_out:,} more facts of this transaction")
    return lines + tell(thread.tail, teller)
