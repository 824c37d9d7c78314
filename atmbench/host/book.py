"""The book of one site: its transactions, and the ledger, card limits and PIN tries that follow from them.

All of it is a pure function of the set of records it was given. `apply` takes records of this site and
of the other one alike, in any order and any number of times. The book must never make a record itself.
"""

from bisect import insort
from collections.abc import Mapping, Sequence, Set
from copy import copy

import msgspec

from atmbench.errors import LocalError
from atmbench.facts import BalanceOverwritten, Fact, HoldPlaced, HoldReleased, TombstoneLaid
from atmbench.host.batch_settings import Batch
from atmbench.host.defects import amounts, days, replication, security
from atmbench.host.defects.watching import OVERWRITE_UNTOLD
from atmbench.host.journal import (
    Answered,
    ChipCounted,
    Held,
    JournalRecord,
    Misposted,
    PinChanged,
    PinKeyCounted,
    Reversed,
    Suspected,
    Terms,
    Transaction,
)
from atmbench.host.ledger import Entry, Ledger
from atmbench.host.postings import Posting, entry_posted
from atmbench.host.settings import Account, EntryDay, HostSettings
from atmbench.host.unheard import NOT_USED, CardUse, Unheard
from atmbench.messages.records import Purpose

_Stamp = tuple[float, str, str]
"""When, where and in which transaction a PIN was checked."""


class PinTries(msgspec.Struct, gc=False):
    """Wrong PINs of one card since the last right one."""

    right: _Stamp | None = None
    wrong: list[_Stamp] = msgspec.field(default_factory=list)

    def learn(self, right: bool, stamp: _Stamp) -> None:
        """Take in one check of a PIN, whenever it becomes known."""
        if self.right is not None and stamp <= self.right:
            return
        if right:
            self.right = stamp
            self.wrong = [each for each in self.wrong if each > stamp]
        elif stamp not in self.wrong:
            insort(self.wrong, stamp)


class Book:
    """What one site knows.

    `answers_max` bounds the transactions it remembers. With `batch` a process posts what the book calls for. With
    `own_days` entries are made in the business day that this site is in, and not in that of the record.
    """

    def __init__(
        self,
        site: str,
        accounts: Sequence[Account],
        answers_max: int,
        batch: Batch | None = None,
        *,
        own_days: bool = False,
        defects: Set[str] = frozenset(),
    ) -> None:
        self.site = site
        self._defects = defects
        self._own_days = own_days
        self.days = [""]
        """Business days of this site, the present one last."""
        self._accounts = accounts
        self.ledger = Ledger(accounts)
        self._batch = batch
        self.posting = Posting(batch, self.ledger, defects) if batch is not None else None
        """The process that posts in batches; None if the ledger is as far as the book at all times."""
        self.transactions: dict[str, Transaction] = {}
        self.unheard = Unheard()
        """What the core of this site has not heard."""
        self._answers_max = answers_max
        self._uses: dict[tuple[str, str], CardUse] = {}
        self._tries: dict[str, PinTries] = {}
        self._pins: dict[str, PinChanged] = {}
        self._counters: dict[str, int] = {}
        self._pin_keys: dict[str, tuple[int, str]] = {}

    @property
    def day(self) -> str:
        """The business day that this site is in, YYMMDD; empty for the one that the run began with."""
        return self.days[-1]

    def begin_day(self, day: str) -> None:
        """Another business day has begun."""
        self.days.append(day)

    def used(self, pan: str, day: str) -> CardUse:
        """What a card has drawn on a business day. Only to be read."""
        return self._uses.get((pan, day), NOT_USED)

    def wrong_pins(self, pan: str) -> int:
        """Wrong PINs of a card since the last right one."""
        tries = self._tries.get(pan)
        return len(tries.wrong) if tries is not None else 0

    def pin_reference(self, pan: str) -> str:
        """What is stored of a PIN that was changed; empty if it never was."""
        changed = self._pins.get(pan)
        return changed.reference if changed is not None else ""

    def last_atc(self, pan: str) -> int:
        """The highest transaction counter seen of a chip."""
        return self._counters.get(pan, 0)

    def last_pin_key(self, terminal: str) -> tuple[int, str]:
        """The highest counter of a DUKPT key seen of a terminal, and the transaction it was used for."""
        return self._pin_keys.get(terminal, (0, ""))

    def apply(self, record: JournalRecord) -> list[Fact]:
        """Take in a record and return what it changed.

        Raises LocalError if the book remembers as many transactions as it may.
        """
        facts: list[Fact] = []
        if isinstance(record, Misposted):
            self._enter(
                Entry(
                    record.entry,
                    record.kind,
                    record.key,
                    record.service,
                    record.legs,
                    record.origin,
                    record.local_time,
                    record.business_day,
                ),
                facts,
            )
            return facts
        if isinstance(record, PinChanged):
            old = self._pins.get(record.pan)
            is_newer = old is None or (record.at, record.origin) > (old.at, old.origin)
            from_elsewhere = record.origin != self.site
            if is_newer and not (from_elsewhere and security.FORGET_PIN_CHANGED_ELSEWHERE in self._defects):
                self._pins[record.pan] = record
            return facts
        if isinstance(record, ChipCounted):
            self._counters[record.pan] = max(record.atc, self.last_atc(record.pan))
            return facts
        if isinstance(record, PinKeyCounted):
            last = self.last_pin_key(record.terminal)
            self._pin_keys[record.terminal] = max(last, (record.counter, record.key))
            return facts
        key = record.key
        transaction = self.transactions.get(key)
        if transaction is None:
            transaction = self._begin(key)
        if isinstance(record, Answered):
            if record.pin_right is not None and not self._forgets_try(record):
                tries = self._tries.setdefault(record.pan, PinTries())
                tries.learn(record.pin_right, (record.at, record.origin, key))
        elif isinstance(record, Reversed | Suspected):
            self._lay_tombstone(transaction, record, facts)
        transaction.learn(record)
        terms = transaction.terms
        if terms is not None:
            if self.unheard.must_wait(key, transaction):
                self._count(transaction, terms)
            else:
                self._settle(key, transaction, terms, facts)
        return facts

    def has_posted(self, key: str) -> bool:
        """Whether this site has itself posted a transaction."""
        known = self.transactions.get(key)
        posted = known.posted if known is not None and known.moved_minor else None
        return posted is not None and posted.origin == self.site

    def tell_core(self, key: str) -> list[Fact]:
        """The core hears of a transaction: what had to wait happens now."""
        facts: list[Fact] = []
        self.unheard.told(key)
        transaction = self.transactions[key]
        terms = transaction.terms
        if terms is not None and not transaction.is_unadvised:
            self._settle(key, transaction, terms, facts)
        return facts

    def blank(self) -> "Book":
        """A book of this site that knows nothing but the opening balances."""
        blank = Book(
            self.site, self._accounts, self._answers_max, self._batch, own_days=self._own_days, defects=self._defects
        )
        blank.days = list(self.days)
        return blank

    def become_like(self, other: "Book") -> None:
        """Forget everything, and know what another site knows."""
        self.ledger.become_like(other.ledger)
        if self.posting is not None and other.posting is not None:
            self.posting.become_like(other.posting)
        self.days = list(other.days)
        self.transactions = {key: copy(each) for key, each in other.transactions.items()}
        self._uses = {card_and_day: copy(use) for card_and_day, use in other._uses.items()}
        self._tries = {pan: PinTries(tries.right, list(tries.wrong)) for pan, tries in other._tries.items()}
        self._pins, self._counters = dict(other._pins), dict(other._counters)
        self._pin_keys = dict(other._pin_keys)
        self.unheard.become_like(other.unheard)

    def balances_of(self, key: str) -> dict[str, int]:
        """The balances of the accounts between which a transaction has moved money; empty if it has not."""
        transaction = self.transactions.get(key)
        terms = transaction.entered if transaction is not None else None
        if terms is None:
            return {}
        return {account: self.ledger.balances.get(account, 0) for account in (terms.debit, terms.credit)}

    def overwrite(self, balances: Mapping[str, int], record: JournalRecord) -> list[Fact]:
        """Take over the balances that came with a record of another site; what that changed is told."""
        facts: list[Fact] = []
        for account, now_minor in balances.items():
            was_minor = self.ledger.overwrite(account, now_minor)
            if was_minor != now_minor and OVERWRITE_UNTOLD not in self._defects:
                facts.append(
                    BalanceOverwritten(
                        account=account,
                        was_minor=was_minor,
                        now_minor=now_minor,
                        key=record.key,
                        origin=record.origin,
                    )
                )
        return facts

    def set_right(self, record: JournalRecord) -> list[Fact]:
        """Take in a record as the site that made it knows it, whatever is known of it here."""
        transaction = self.transactions.get(record.key)
        if transaction is not None:
            transaction.forget(record)
        return self.apply(record)

    def restore_balances(self) -> list[Fact]:
        """Put what the entries come to in the place of balances that were taken over from another site."""
        facts: list[Fact] = []
        for account, now_minor in self.ledger.sums().items():
            was_minor = self.ledger.overwrite(account, now_minor)
            if was_minor != now_minor:
                facts.append(
                    BalanceOverwritten(
                        account=account, was_minor=was_minor, now_minor=now_minor, key="", origin=self.site
                    )
                )
        return facts

    def _begin(self, key: str) -> Transaction:
        if len(self.transactions) >= self._answers_max:
            raise LocalError(
                f"site {self.site} remembers {self._answers_max} transactions, as many as host.answers_kept_max "
                "allows; shorten the drill or raise it"
            )
        transaction = self.transactions[key] = Transaction()
        return transaction

    def _lay_tombstone(self, transaction: Transaction, record: JournalRecord, facts: list[Fact]) -> None:
        unknown = transaction.answer is None and transaction.completed is None
        if unknown and not transaction.overtaken:
            facts.append(TombstoneLaid(key=record.key, origin=record.origin))

    def _settle(self, key: str, transaction: Transaction, terms: Terms, facts: list[Fact]) -> None:
        """Make the entries and holds that the records call for and that are not there yet."""
        wanted = transaction.wanted()
        entered = transaction.entered
        if entered is not terms:
            if entered is not None and entered.route != terms.route:
                self._move_over(key, transaction, entered, facts)
            transaction.entered = terms
        self._hold(key, transaction, terms, wanted.hold, facts)
        if transaction.entries == 0 and wanted.first:
            self._move(key, transaction, terms, wanted.first, facts)
        if transaction.moved_minor != wanted.last:
            self._move(key, transaction, terms, wanted.last - transaction.moved_minor, facts)
        self._count(transaction, terms)

    def _move(self, key: str, transaction: Transaction, terms: Terms, amount_minor: int, facts: list[Fact]) -> None:
        """Move money by the next entry of a transaction.

        The first is "post/..." and the second "rev/..." at every site. There are more only where two sites
        decided one key differently, and their balances must be brought together again.
        """
        transaction.entries = entries = transaction.entries + 1
        cause: JournalRecord | None = transaction.posted or transaction.completed
        if entries == 1:
            entry_id, kind = f"post/{key}", "posting"
            if isinstance(cause, Held):  # which moves nothing: what came after it does
                cause = transaction.completed or transaction.reversed
        else:
            number = f"/{self.site}{entries}" if entries > 2 else ""
            entry_id, kind = f"rev/{key}{number}", "reversal"
            cause = transaction.reversed or transaction.completed or cause
        assert cause is not None, "money moves for a reason"
        transaction.moved_minor += amount_minor
        legs = {terms.debit: -amount_minor, terms.credit: amount_minor}
        day = terms.business_day
        if kind == "reversal" and day != self.day and days.REVERSE_IN_PRESENT_DAY in self._defects:
            day = self.day
        entry = Entry(entry_id, kind, key, terms.service, legs, cause.origin, terms.local_time, day)
        self._enter(entry, facts)

    def _move_over(self, key: str, transaction: Transaction, old: Terms, facts: list[Fact]) -> None:
        """Undo everything under terms that have lost against those of the other site."""
        self._hold(key, transaction, old, 0, facts)
        if transaction.moved_minor:
            self._move(key, transaction, old, -transaction.moved_minor, facts)

    def _enter(self, entry: Entry, facts: list[Fact]) -> None:
        if self._own_days:
            entry = msgspec.structs.replace(entry, day=self.day)
        if self.posting is not None:
            self.posting.note(entry)
        elif self.ledger.apply(entry):
            facts.append(entry_posted(entry))

    def _hold(self, key: str, transaction: Transaction, terms: Terms, hold_minor: int, facts: list[Fact]) -> None:
        change = hold_minor - transaction.held_minor
        if not change or (change > 0 and self._forgets_hold(transaction)):
            return
        transaction.held_minor = hold_minor
        self.ledger.hold(terms.debit, change)
        kind = HoldPlaced if change > 0 else HoldReleased
        facts.append(kind(key=key, account=terms.debit, amount_minor=abs(change)))

    def _forgets_hold(self, transaction: Transaction) -> bool:
        from_elsewhere = transaction.posted is not None and transaction.posted.origin != self.site
        return from_elsewhere and replication.HOLD_ONLY_WHERE_PLACED in self._defects

    def _count(self, transaction: Transaction, terms: Terms) -> None:
        """Keep the limits of the card, which the switch knows whether or not the core is there."""
        card_and_day, counted = (terms.pan, terms.day), transaction.counted
        if counted is not terms:
            if counted is not None and (counted.pan, counted.day) != card_and_day:
                self._use(transaction, (counted.pan, counted.day), 0)
            transaction.counted = terms
        wanted = transaction.wanted()
        left_minor = (wanted.hold or wanted.last) if terms.service is Purpose.WITHDRAWAL else 0
        self._use(transaction, card_and_day, self._spoilt_use(transaction, left_minor))

    def _spoilt_use(self, transaction: Transaction, left_minor: int) -> int:
        """What counts against a limit: the same, unless a defect is planted."""
        is_back = transaction.reversed is not None and left_minor < transaction.used_minor
        if is_back and amounts.KEEP_LIMIT_USED in self._defects:
            return transaction.used_minor
        from_elsewhere = transaction.posted is not None and transaction.posted.origin != self.site
        if left_minor and from_elsewhere and replication.LIMIT_OF_EACH_SITE in self._defects:
            return 0
        return left_minor

    def _forgets_try(self, record: Answered) -> bool:
        from_elsewhere = record.pin_right is False and record.origin != self.site
        return from_elsewhere and security.FORGET_TRIES_ELSEWHERE in self._defects

    def _use(self, transaction: Transaction, card_and_day: tuple[str, str], used_minor: int) -> None:
        if transaction.stands_in or transaction.stood_in_minor:
            self.unheard.count(transaction, card_and_day, used_minor)
        before = transaction.used_minor
        if used_minor == before:
            return
        transaction.used_minor = used_minor
        use = self._uses.get(card_and_day)
        if use is None:
            use = self._uses[card_and_day] = CardUse()
        use.change(before, used_minor)


def new_books(settings: HostSettings, accounts: Sequence[Account], defects: Set[str]) -> dict[str, Book]:
    """The books of all sites, in which nothing is written but what was on the accounts."""
    own_days, batch, kept_max = settings.entry_day is EntryDay.OWN, settings.batch, settings.answers_kept_max
    return {name: Book(name, accounts, kept_max, batch, own_days=own_days, defects=defects) for name in settings.sites}
