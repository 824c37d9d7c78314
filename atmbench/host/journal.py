"""What a site has done, as records that replicate, and what they come to.

The records of a transaction form a set: the money they move depends on which records there are, never
on the order or on how often they arrive. So two sites that know the same records agree, whichever of
them acted first. A record must never be changed, and never hold what its origin could not know.
"""

import msgspec

from atmbench.messages.records import AccountType, Outcome, Purpose, Reply, Request

Content = tuple[Purpose, str, int, AccountType, AccountType, str]
"""What makes two requests with one key the same: purpose, PAN, amount, accounts and payee."""


REFUSED_BY_CORE = "suspense:stand-in"
"""The bank's own account that pays for cash which a core does not take from a customer afterwards."""


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What a transaction moves: `amount_minor` from the account `debit` to the account `credit`."""

    service: Purpose
    debit: str
    credit: str
    amount_minor: int
    pan: str
    local_time: str
    business_day: str = ""
    """The day (YYMMDD) that the site was in which posted; empty for the one that the run began with."""

    @property
    def day(self) -> str:
        """The day of a card's limits: the local date at the terminal, which may lack the year."""
        return self.local_time[:-6]

    @property
    def route(self) -> tuple[str, str, str, str, str]:
        """Everything that two sites must agree upon before amounts can be compared."""
        return self.debit, self.credit, self.pan, self.day, self.business_day

    def __repr__(self) -> str:
        return f"Terms({self.service}, {self.debit}, {self.credit}, {self.amount_minor})"


class JournalRecord(msgspec.Struct, frozen=True, gc=False):
    """Root of all records: the transaction it is about and the site that made it."""

    key: str
    origin: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key}, {self.origin})"


class Replied(JournalRecord, frozen=True, gc=False):
    """Root of all records that keep the answer a terminal got, for when it asks again."""

    reply: Reply


class Answered(Replied, frozen=True, gc=False):
    """A request got this answer. By itself it moves no money: a decline, or an inquiry."""

    content: Content
    at: float
    pin_right: bool | None
    """None if no PIN was checked."""

    @property
    def pan(self) -> str:
        """The card that was used."""
        return self.content[1]


class Posted(Answered, frozen=True, gc=False):
    """A request was approved, and its money moves with the approval."""

    terms: Terms


class Held(Posted, frozen=True, gc=False):
    """A request was approved, and its money is set aside until it is completed or reversed."""


class StoodIn(Posted, frozen=True, gc=False):
    """A request was approved by the switch alone, while its core was away: no balance was asked.

    Its money moves when a core has been told of it and Advised says what became of that.
    """


class Advised(JournalRecord, frozen=True, gc=False):
    """What a core made of an approval in stand-in. The cash is out: what it refuses, the bank owes itself."""

    outcome: Outcome


class Completed(Replied, frozen=True, gc=False):
    """A terminal said that a service was completed. The terms are its own: the original may be unknown here."""

    terms: Terms
    actual_minor: int
    at_completion: bool
    """Money moves with this record, not with the approval."""
    keeps_hold: bool = False
    """The hold of the approval was not found, and stays. Never so in a host without defects."""


class Reversed(Replied, frozen=True, gc=False):
    """A terminal said that all but `actual_minor` of a transaction is to be undone.

    Where the original is not known, this is a tombstone.
    """

    actual_minor: int


class Suspected(Replied, frozen=True, gc=False):
    """A terminal could not say what came out, and the bank waits for a count: what is posted or held stays."""


class PinChanged(JournalRecord, frozen=True, gc=False):
    """A customer has another PIN from now on. The latest of a card counts at every site."""

    pan: str
    reference: str
    at: float


class ChipCounted(JournalRecord, frozen=True, gc=False):
    """A chip has proved itself with this count: no lower one and not this one again will be taken."""

    pan: str
    atc: int


class PinKeyCounted(JournalRecord, frozen=True, gc=False):
    """A PIN was opened with this DUKPT key: the terminal has used up all below it, and this one for its transaction."""

    terminal: str
    counter: int


class Misposted(JournalRecord, frozen=True, gc=False):
    """An entry that a planted defect makes besides the rules. A host without defects has none."""

    entry: str
    kind: str
    service: str
    legs: dict[str, int]
    local_time: str
    business_day: str = ""


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """What the records of a transaction come to, in minor units moved from debit to credit."""

    first: int
    """What the posting moves."""
    last: int
    """What is left of it in the end."""
    hold: int
    """What is set aside."""


class Transaction(msgspec.Struct, gc=False):
    """All that one site knows of one transaction key.

    Of two records of a kind, one wins by a rule that does not depend on their order.
    """

    answered: Answered | None = None
    posted: Posted | None = None
    completed: Completed | None = None
    reversed: Reversed | None = None
    suspected: Suspected | None = None
    advised: Advised | None = None

    entered: Terms | None = None
    """The terms under which entries were made so far."""
    entries: int = 0
    moved_minor: int = 0
    held_minor: int = 0
    counted: Terms | None = None
    """The terms under which the limits of a card and a day were used so far."""
    used_minor: int = 0
    """How much of the daily limit."""
    stood_in_minor: int = 0
    """How much of the limit in stand-in."""
    at_risk_minor: int = 0
    """How much of what was approved in stand-in and no core has heard of."""

    @property
    def answer(self) -> Answered | None:
        """The answer that a repeat of the request gets."""
        return self.posted if self.posted is not None else self.answered

    @property
    def overtaken(self) -> bool:
        """An advice said that the terminal is done with it: an original that comes now is late."""
        return self.reversed is not None or self.suspected is not None

    def has_other_numbers(self, advice: Request) -> bool:
        """Whether neither STAN nor RRN of an advice are those of the request, as far as that is known here."""
        asked = self.answer
        return asked is None or (advice.stan != asked.reply.stan and advice.rrn != asked.reply.rrn)

    @property
    def stands_in(self) -> bool:
        """It was approved by a switch alone."""
        return isinstance(self.posted, StoodIn)

    @property
    def is_unadvised(self) -> bool:
        """It was approved by a switch alone, and no core has heard of it."""
        return self.advised is None and self.stands_in

    @property
    def terms(self) -> Terms | None:
        """What is to be moved, if any record here knows."""
        if self.posted is not None:
            terms, advised = self.posted.terms, self.advised
            is_refused = self.stands_in and advised is not None and advised.outcome is not Outcome.APPROVED
            return msgspec.structs.replace(terms, debit=REFUSED_BY_CORE) if is_refused else terms
        return self.completed.terms if self.completed is not None else None

    def learn(self, record: JournalRecord) -> None:
        """Take in a record.

        Of two answers or completions that of the lowest site name counts, and so of two approvals; but one that a core
        gave before one in stand-in, and then one of an earlier business day, which a repeat has kept and the terminal
        counts in. Of two reversals the one that gives more back counts.
        """
        match record:
            case Posted():
                old_posted = self.posted
                if old_posted is None or _rank(record) < _rank(old_posted):
                    self.posted = record
            case Answered():
                if self.answered is None or record.origin < self.answered.origin:
                    self.answered = record
            case Reversed():
                old = self.reversed
                if old is None or (record.actual_minor, record.origin) < (old.actual_minor, old.origin):
                    self.reversed = record
            case Completed():
                if self.completed is None or record.origin < self.completed.origin:
                    self.completed = record
            case Suspected():
                if self.suspected is None or record.origin < self.suspected.origin:
                    self.suspected = record
            case Advised():
                if self.advised is None or record.origin < self.advised.origin:
                    self.advised = record
            case _:
                raise AssertionError(f"{record!r} is about no transaction")

    def forget(self, record: JournalRecord) -> None:
        """Forget what was known of a kind of record, so that another of the kind takes its place."""
        match record:
            case Posted():
                self.posted = None
            case Answered():
                self.answered = None
            case Reversed():
                self.reversed = None
            case Completed():
                self.completed = None
            case Suspected():
                self.suspected = None
            case Advised():
                self.advised = None

    def wanted(self) -> Wanted:
        """What the records come to. A reversal has the last word, then a completion, then the approval."""
        terms = self.terms
        assert terms is not None, "no record here moves money"
        full = terms.amount_minor
        completed = full if self.completed is None else min(self.completed.actual_minor, full)
        kept = None if self.reversed is None else min(self.reversed.actual_minor, full)
        if not self._moves_at_completion:
            return Wanted(full, completed if kept is None else kept, 0)
        if self.completed is not None:
            still_held = full if self.completed.keeps_hold and self.posted is not None else 0
            return Wanted(completed, completed if kept is None else min(kept, completed), still_held)
        return Wanted(0, 0, full) if kept is None else Wanted(kept, kept, 0)

    @property
    def _moves_at_completion(self) -> bool:
        if self.posted is not None:
            return isinstance(self.posted, Held)
        return self.completed is not None and self.completed.at_completion


def _rank(record: Posted) -> tuple[bool, str, str]:
    return isinstance(record, StoodIn), record.terms.business_day, record.origin


def altered(record: JournalRecord, by_minor: int) -> JournalRecord:
    """A record that says another amount than it did; one that moves no money as it is."""
    match record:
        case Posted():
            terms = msgspec.structs.replace(record.terms, amount_minor=max(record.terms.amount_minor + by_minor, 0))
            return msgspec.structs.replace(record, terms=terms)
        case Completed() | Reversed():
            return msgspec.structs.replace(record, actual_minor=max(record.actual_minor + by_minor, 0))
        case _:
            return record


KINDS: dict[type[JournalRecord], str] = {
    Answered: "answered",
    Posted: "posted",
    Held: "held",
    StoodIn: "stood_in",
    Advised: "advised",
    Completed: "completed",
    Reversed: "reversed",
    Suspected: "suspected",
    PinChanged: "pin_changed",
    ChipCounted: "chip_counted",
    PinKeyCounted: "pin_key_counted",
    Misposted: "misposted",
}
"""What each kind of record is called."""
