"""The trace: the last messages as they were seen, and which of them belong together. Dry and bounded."""

from collections import deque
from collections.abc import Sequence

import msgspec

from atmbench import facts
from atmbench.facts import AnyFact, Fact

TRACE_MAX = 5_000
"""Messages and what befell them that are kept."""
OUTSTANDING_MAX = 20_000
"""Requests whose reply is awaited, of all terminals."""
NUMBER_MAX = 1 << 62
NEAR_MAX = 4_000
"""Entries of the trace that are searched for the other half of an exchange."""

MESSAGES = (facts.MessageSent, facts.MessageReceived)
MISHAPS = (facts.FrameDisturbed, facts.FrameRefused, facts.ReplyIgnored, facts.MessageNotSent)
"""What befell a message, and is told between the messages."""

Message = facts.MessageSent | facts.MessageReceived


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One fact of the trace. `number` is that of its line in the history, from 1."""

    number: int
    fact: AnyFact


class Filter(msgspec.Struct, frozen=True):
    """What of the trace is shown. Empty means all."""

    terminal: str = ""
    mti: str = ""
    """"0210"; x stands for any digit: "x210"."""
    code: str = ""
    line: str = ""
    witness: str = "terminal"
    """"terminal": as terminals saw it; "site"; or "both"."""
    is_mishap: bool = False
    """Only what befell messages, and answers that are no approval."""

    @property
    def says(self) -> str:
        """The filter as a tester types it."""
        words = [self.terminal, self.mti, f"code:{self.code}" if self.code else "", self.line]
        words += ["" if self.witness == "terminal" else self.witness, "odd" if self.is_mishap else ""]
        return " ".join(word for word in words if word)

    def takes(self, fact: AnyFact) -> bool:
        """Whether a fact of the trace is shown."""
        if isinstance(fact, MESSAGES):
            if self.is_mishap and fact.code in ("", "00", "000"):
                return False
            if self.witness != "both" and (fact.actor == fact.terminal) != (self.witness == "terminal"):
                return False
        terminal, mti, code = terminal_of(fact), getattr(fact, "mti", ""), getattr(fact, "code", "")
        return (
            self.terminal in ("", terminal)
            and (not self.mti or is_like(mti, self.mti))
            and self.code in ("", code)
            and self.line in ("", getattr(fact, "line", ""))
        )


def parse_filter(text: str, terminals: Sequence[str], lines: Sequence[str]) -> Filter:
    """The filter that somebody typed: terminals, lines, MTIs ("x2xx"), codes ("91", "code:N7"), "site", "both", "odd".

    A word that is none of these is taken for a terminal, so that nothing is shown rather than the wrong thing.
    """
    found: dict[str, str] = {}
    is_mishap = False
    for word in text.split():
        if word in ("site", "both", "terminal"):
            found["witness"] = word
        elif word in ("odd", "mishaps"):
            is_mishap = True
        elif word.startswith("code:"):
            found["code"] = word.removeprefix("code:")
        elif word in lines:
            found["line"] = word
        elif len(word) == len("0210") and set(word) <= set("0123456789x") and word not in terminals:
            found["mti"] = word
        elif word.isdigit() and len(word) in (2, 3) and word not in terminals:
            found["code"] = word
        else:
            found["terminal"] = next((name for name in terminals if name.lower() == word.lower()), word)
    return Filter(is_mishap=is_mishap, **found)


def is_like(mti: str, pattern: str) -> bool:
    """Whether an MTI is one of a pattern."""
    return len(mti) == len(pattern) and all(want in ("x", got) for want, got in zip(pattern, mti, strict=True))


def terminal_of(fact: Fact) -> str:
    """The terminal that a fact concerns: the one it names, or its actor."""
    return getattr(fact, "terminal", "") or fact.actor.partition("/")[0]


def is_reply(mti: str) -> bool:
    """Whether a message of this type answers another (ISO 8583: third digit odd)."""
    return len(mti) == len("0210") and mti[2] in "13579"


class Trace:
    """The last messages, and how long replies took."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=TRACE_MAX)
        self._sent_t: dict[tuple[str, int], float] = {}
        """When a terminal sent what is not answered, by terminal and STAN."""

    def add(self, fact: AnyFact, number: int) -> float | None:
        """A fact of the trace. Gives the response time in seconds if it is a reply at a terminal."""
        self.entries.append(Entry(number, fact))
        if isinstance(fact, facts.MessageSent):
            if fact.actor == fact.terminal and len(self._sent_t) < OUTSTANDING_MAX:
                self._sent_t[fact.terminal, fact.stan] = fact.t
        elif isinstance(fact, facts.MessageReceived) and fact.actor == fact.terminal:
            sent_t = self._sent_t.pop((fact.terminal, fact.stan), None)
            return None if sent_t is None else fact.t - sent_t
        return None

    def given_up(self, terminal: str, stan: int) -> None:
        """Nobody waits for this reply any more."""
        self._sent_t.pop((terminal, stan), None)

    def chosen(self, choice: Filter) -> list[Entry]:
        """What a filter shows, the oldest first."""
        return [entry for entry in self.entries if choice.takes(entry.fact)]

    def exchange(self, entry: Entry) -> list[Entry]:
        """All that is known of the request and the reply that an entry belongs to, in the order of the history.

        They have terminal and STAN in common, from one sending by the terminal to the next or to the moment in which
        it has the reply. What befell them on their way is told too.
        """
        fact = entry.fact
        if not isinstance(fact, MESSAGES):
            return [entry]
        near = [each for each in self.entries if abs(each.number - entry.number) < NEAR_MAX]
        same = [each for each in near if each is entry or _is_named_alike(each.fact, fact)]
        at = same.index(entry)
        first = next((each for each in range(at, -1, -1) if _begins(same[each].fact)), 0)
        last = next((each for each in range(at + 1, len(same)) if _begins(same[each].fact)), len(same)) - 1
        begun, others = same[first], same[first : last + 1]
        had = next((each.fact.t for each in others if _is_had(each.fact)), None)
        if had is not None:
            others = [each for each in others if each.fact.t <= had]
        disturbed = [each for each in near if _is_alike_and_nameless(each.fact, fact)]
        end = self._next_sending(near, begun, others[-1], fact)
        others += [each for each in disturbed if begun.number < each.number < end]
        return sorted(others, key=lambda each: each.number)

    def _next_sending(self, near: list[Entry], begun: Entry, last: Entry, fact: Message) -> int:
        """The number before which a disturbance without a name is of this exchange: the next sending of its kind."""
        for each in near:
            sent = each.fact
            if each.number <= begun.number or not isinstance(sent, facts.MessageSent) or not _begins(sent):
                continue
            if sent.terminal == fact.terminal and sent.mti[:2] == fact.mti[:2]:
                return each.number
        return last.number + 1 if _is_had(last.fact) else NUMBER_MAX


def _begins(fact: AnyFact) -> bool:
    """Whether a terminal sends a request: an exchange begins."""
    return isinstance(fact, facts.MessageSent) and fact.actor == fact.terminal


def _is_had(fact: AnyFact) -> bool:
    """Whether a terminal gets a reply."""
    return isinstance(fact, facts.MessageReceived) and fact.actor == fact.terminal


def _is_named_alike(other: AnyFact, fact: Message) -> bool:
    if isinstance(other, MESSAGES):
        return other.terminal == fact.terminal and other.stan == fact.stan
    if isinstance(other, facts.ReplyIgnored):
        return other.actor == fact.terminal and other.stan == fact.stan
    return isinstance(other, facts.FrameDisturbed) and bool(other.key) and other.key == fact.key


def _is_alike_and_nameless(other: AnyFact, fact: Message) -> bool:
    """A disturbed reply names no transaction; at a terminal one of a kind is under way at a time."""
    if not isinstance(other, facts.FrameDisturbed) or other.key:
        return False
    return (other.terminal, other.line, other.mti[:2]) == (fact.terminal, fact.line, fact.mti[:2])
