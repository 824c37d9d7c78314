"""The ledger of one site: double entry, in integer minor units.

A customer's account shows what the customer owns. `cash:T01` shows what terminal T01 has paid out less
what it has taken in, `biller:...` what a biller is owed, and `equity:opening` stands against the
opening balances, so that the sum over all accounts is zero at all times. The ledger must never apply
an entry twice, and never decide whether an entry is right.
"""

from bisect import insort
from collections.abc import Sequence

import msgspec

from atmbench.errors import LocalError
from atmbench.host.settings import Account

OPENING = "equity:opening"
CASH = "cash:"
"""How the accounts of what is in terminals begin."""
STATEMENT_LINES_MAX = 10
"""Lines of a mini statement."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A balanced change of balances.

    `id` is unique in the world: both sites give the same entry the same id. `legs` is account to
    change in minor units; its sum is zero. `origin` is the site whose record made it due.
    """

    id: str
    kind: str
    """"posting" or "reversal"."""
    key: str
    service: str
    legs: dict[str, int]
    origin: str
    local_time: str
    """Date and time at the terminal, as in the request."""
    day: str = ""
    """The business day (YYMMDD) that it belongs to; empty for the one that the run began with."""


class DayCount(msgspec.Struct, gc=False):
    """What a ledger has of one business day."""

    entries: int = 0
    reversals: int = 0
    cash: dict[str, int] = msgspec.field(default_factory=dict)
    """Cash account to its change in minor units."""


class StatementLine(msgspec.Struct, frozen=True, order=True, gc=False):
    """One entry of an account as a mini statement shows it, in order of local time."""

    local_time: str
    entry: str
    service: str
    kind: str
    amount_minor: int


class Ledger:
    """Balances, holds and the latest entries per account.

    Raises LocalError if two accounts share a number.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.balances: dict[str, int] = {account.number: account.opening_minor for account in accounts}
        if len(self.balances) != len(accounts):
            raise LocalError(f"{len(accounts)} accounts have {len(self.balances)} numbers; each needs its own")
        self.holds: dict[str, int] = {}
        self.unposted: dict[str, int] = {}
        """Account to what entries that wait for a posting process will change it by."""
        self._customers = frozenset(self.balances)
        self.entries: dict[str, Entry] = {}
        """Entries that were applied, by their id. Only to be read."""
        self._statements: dict[str, list[StatementLine]] = {}
        self.balances[OPENING] = -sum(self.balances.values())
        self._sums: dict[str, int] = {}
        """What the entries come to, of accounts whose balance was overwritten."""

    def is_customer(self, account: str) -> bool:
        """Whether this is a customer's account, not one of the bank's own."""
        return account in self._customers

    def available(self, account: str) -> int:
        """What the customer may use, in minor units: the balance less what is set aside, and with what is unposted."""
        return self.balances[account] - self.holds.get(account, 0) + self.unposted.get(account, 0)

    def apply(self, entry: Entry) -> bool:
        """Change balances by an entry. False, and nothing changed, if it is already in the ledger."""
        if entry.id in self.entries:
            return False
        self._enter(entry)
        return True

    def await_posting(self, entry: Entry) -> None:
        """An entry will be applied: what customers may use changes now."""
        for account in self._customers.intersection(entry.legs):
            self.unposted[account] = self.unposted.get(account, 0) + entry.legs[account]

    def apply_awaited(self, entry: Entry) -> bool:
        """Apply an entry that waited. False, and nothing changed, if it is already in the ledger."""
        if not self.apply(entry):
            return False
        for account in self._customers.intersection(entry.legs):
            self.unposted[account] -= entry.legs[account]
        return True

    def apply_again(self, entry: Entry) -> None:
        """Change balances by an entry without a look at what is there. Only a process that replays blindly does."""
        self._enter(entry)

    def _enter(self, entry: Entry) -> None:
        assert sum(entry.legs.values()) == 0, "an entry must balance"
        self.entries[entry.id] = entry
        balances, customers = self.balances, self._customers
        for account, change in entry.legs.items():
            balances[account] = balances.get(account, 0) + change
            if account in self._sums:
                self._sums[account] += change
            if account in customers:
                self._note(account, entry, change)

    def overwrite(self, account: str, balance_minor: int) -> int:
        """Put another balance in the place of one, without an entry, and say what it was."""
        was_minor = self.balances.get(account, 0)
        if was_minor != balance_minor:
            self._sums.setdefault(account, was_minor)
            self.balances[account] = balance_minor
        return was_minor

    def become_like(self, other: "Ledger") -> None:
        """Forget everything, and have what another ledger has."""
        self.balances, self.holds = dict(other.balances), dict(other.holds)
        self.unposted = dict(other.unposted)
        self.entries, self._sums = dict(other.entries), dict(other._sums)
        self._statements = {account: list(lines) for account, lines in other._statements.items()}

    def sums(self) -> dict[str, int]:
        """What the entries come to, of accounts whose balance was overwritten at some time."""
        return dict(self._sums)

    def hold(self, account: str, amount_minor: int) -> None:
        """Set money aside. A negative amount gives it free again."""
        held = self.holds.get(account, 0) + amount_minor
        assert held >= 0, "more was released than was held"
        if held:
            self.holds[account] = held
        else:
            del self.holds[account]

    def statement(self, account: str) -> Sequence[StatementLine]:
        """The latest entries of a customer's account, oldest first."""
        return self._statements.get(account, ())

    def count(self) -> dict[str, int]:
        """All balances. The bank's own accounts appear if they are not zero, so that equal ledgers look equal."""
        assert self._sums or sum(self.balances.values()) == 0, "the ledger does not balance"
        return {account: balance for account, balance in self.balances.items() if balance or account in self._customers}

    def count_days(self) -> dict[str, DayCount]:
        """Each business day with what was entered in it."""
        days: dict[str, DayCount] = {}
        for entry in self.entries.values():
            count = days.setdefault(entry.day, DayCount())
            count.entries += 1
            count.reversals += entry.kind == "reversal"
            for account, change in entry.legs.items():
                if account.startswith(CASH):
                    count.cash[account] = count.cash.get(account, 0) + change
        return dict(sorted(days.items()))

    def _note(self, account: str, entry: Entry, change: int) -> None:
        lines = self._statements.get(account)
        if lines is None:
            lines = self._statements[account] = []
        insort(lines, StatementLine(entry.local_time, entry.id, entry.service, entry.kind, change))
        if len(lines) > STATEMENT_LINES_MAX:
            del lines[0]
