"""Outstanding requests: which reply belongs to which, and which replies no one may act upon.

Rules: iso8583 facts 1.8. A reply must match version and class of the MTI, terminal and STAN of a request
that still waits, and must not contradict it in what else it says. Everything else is ignored: it never
ends a wait, so the deadline stands. This module must never act on a reply.
"""

from atmbench.facts import ReplyIgnored
from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import ADVICES, Outcome, Reply, Request
from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.defects.answers import IGNORE_REPLY_AMOUNT, IGNORE_REPLY_TERMINAL, TAKE_NEXT_ANSWER
from atmbench.terminal.effects import SendMessage
from atmbench.terminal.inputs import ReplyReceived
from atmbench.terminal.memory import Intent

RECENT_KEYS_MAX = 32
"""Ended requests of which a late reply is still known for what it is."""
APPROVALS = frozenset({Outcome.APPROVED, Outcome.PARTIALLY_APPROVED})
NEVER = float("inf")


class Waiting:
    """A request that waits for its reply until a moment, on a line, for a transaction (if any)."""

    __slots__ = ("answered", "is_spoiled", "key", "line", "request", "reversible", "transaction", "until")

    def __init__(self, request: Request, key: ReplyKey, transaction: str, line: str, until: float) -> None:
        self.request = request
        self.key = key
        self.transaction = transaction
        self.line = line
        self.until = until
        self.is_spoiled = False
        """Something came in its place that could not be taken for an answer."""
        self.answered = False
        self.reversible: Intent | None = None
        """Set when it ended without being reversed: an approval that comes yet must be reversed."""


class Outstanding:
    """All requests of one terminal that wait, and a few that did."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet
        self._waiting: dict[ReplyKey, Waiting] = {}
        self._recent: dict[ReplyKey, Waiting] = {}
        self.deadline = NEVER
        """When the first of them has waited long enough."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def send(
        self, request: Request, line: str, until: float, transaction: str = "", secret: Request | None = None
    ) -> Waiting:
        """Ask for a message to be sent, and wait for its reply.

        `secret` is the same request with track and PIN block: it is sent in its place, and not kept.
        """
        key = self._cabinet.request_key(request)
        self._waiting[key] = waiting = Waiting(request, key, transaction, line, until)
        if until < self.deadline:
            self.deadline = until
        self._cabinet.ask(SendMessage(line, secret or request, transaction))
        return waiting

    def is_waiting_on(self, line: str) -> bool:
        """Whether any request waits on this line."""
        return any(waiting.line == line for waiting in self._waiting.values())

    def sent_over(self, transaction: str, line: str) -> bool | None:
        """Whether the last request of a transaction went over this line; None if that is not known any more."""
        for waiting in reversed(self._recent.values()):
            if waiting.transaction == transaction and waiting.request.purpose not in ADVICES:
                return waiting.line == line
        return None

    def end(self, waiting: Waiting) -> None:
        """Stop waiting. A reply that comes from now on is late."""
        left, recent = self._waiting, self._recent
        del left[waiting.key]
        recent[waiting.key] = waiting
        if len(recent) > RECENT_KEYS_MAX:
            del recent[next(iter(recent))]
        self.deadline = min([each.until for each in left.values()]) if left else NEVER

    def end_expired(self, now: float) -> list[Waiting]:
        """Stop waiting for those whose time is over, and give them back in the order of their sending."""
        return self._end_all([each for each in self._waiting.values() if each.until <= now])

    def end_line(self, line: str) -> list[Waiting]:
        """Stop waiting for all on a line that is gone."""
        return self._end_all([each for each in self._waiting.values() if each.line == line])

    def _end_all(self, ended: list[Waiting]) -> list[Waiting]:
        for waiting in ended:
            self.end(waiting)
        return ended

    def spoil(self, line: str) -> None:
        """Something unreadable arrived on a line: it may have been the answer to what waits there."""
        for waiting in self._waiting.values():
            if waiting.line == line:
                waiting.is_spoiled = True

    def match(self, given: ReplyReceived) -> Waiting | None:
        """The request that a reply answers, which then waits no more; None (and a fact) if no one may act on it."""
        waiting = self._waiting.get(given.key)
        if waiting is None:
            return self._mistaken(given)
        differs = self._difference(waiting.request, given.reply)
        if differs is None:
            waiting.answered = True
            self.end(waiting)
            return waiting
        waiting.is_spoiled = True
        self._ignore(given, differs[0], f"{_name(waiting)} {differs[1]}", waiting.transaction)
        return None

    def _mistaken(self, given: ReplyReceived) -> Waiting | None:
        """The request that an unmatched reply is taken to answer by a terminal that is spoilt; None for a sound one."""
        key, defects = given.key, self._cabinet.defects
        waiting = self._waiting.get(ReplyKey(key.mti_class, self._cabinet.name, key.stan))
        if waiting is None or IGNORE_REPLY_TERMINAL not in defects:
            alike = (each for each in self._waiting.values() if each.request.purpose is given.reply.purpose)
            waiting = next(alike, None)
            if waiting is None or key.terminal != self._cabinet.name or TAKE_NEXT_ANSWER not in defects:
                return None
        waiting.answered = True
        self.end(waiting)
        return waiting

    def late(self, given: ReplyReceived) -> Waiting | None:
        """The ended request that an unmatched reply is for, if it is still known. Records that the reply is ignored."""
        if given.key in self._waiting:
            return None  # `match` has told what is wrong with it
        past = self._recent.get(given.key)
        if past is not None:
            ended = "was answered before" if past.answered else "had waited long enough"
            self._ignore(given, "late", f"{_name(past)} {ended}", past.transaction)
        elif given.key.terminal != self._cabinet.name:
            self._ignore(given, "other_terminal", f"this is {self._cabinet.name}, not {given.key.terminal}")
        else:
            self._ignore(given, "unmatched", self._nearest(given.key))
        return past

    def _nearest(self, key: ReplyKey) -> str:
        if not self._waiting:
            return "nothing is outstanding"
        nearest = min(self._waiting.values(), key=lambda each: abs(each.request.stan - key.stan))
        return f"{_name(nearest)} waits; this reply has STAN {key.stan:06d} and class {key.mti_class}"

    def _ignore(self, given: ReplyReceived, reason: str, nearest: str, transaction: str = "") -> None:
        reply = given.reply
        self._cabinet.record(
            ReplyIgnored(
                line=given.line,
                reason=reason,
                nearest=nearest,
                mti=given.mti,
                stan=reply.stan,
                key=transaction,
                approved=reply.outcome in APPROVALS,
            )
        )

    def _difference(self, request: Request, reply: Reply) -> tuple[str, str] | None:
        """How a reply contradicts the request whose key it has: a reason of ReplyIgnored, and words."""
        if reply.terminal != request.terminal:
            return "other_terminal", f"is of {request.terminal}, the reply for {reply.terminal}"
        if reply.purpose is not request.purpose:
            return "other_transaction", f"got a reply to a {reply.purpose}"
        if reply.amount_minor is not None and reply.amount_minor != request.amount_minor:
            is_partial = reply.outcome is Outcome.PARTIALLY_APPROVED and 0 < reply.amount_minor < request.amount_minor
            if not is_partial and IGNORE_REPLY_AMOUNT not in self._cabinet.defects:
                return "other_amount", f"asked for {request.amount_minor}, the reply says {reply.amount_minor}"
        if reply.currency and reply.currency != request.currency:
            return "other_amount", f"is in {request.currency}, the reply in {reply.currency}"
        if reply.rrn and request.rrn and reply.rrn != request.rrn:
            return "other_transaction", f"has RRN {request.rrn}, the reply {reply.rrn}"
        if reply.local_time and request.local_time and reply.local_time[-10:] != request.local_time[-10:]:
            return "other_transaction", f"began at {request.local_time[-10:]}, the reply says {reply.local_time[-10:]}"
        return None


def _name(waiting: Waiting) -> str:
    return f"{waiting.request.purpose} with STAN {waiting.request.stan:06d}"
