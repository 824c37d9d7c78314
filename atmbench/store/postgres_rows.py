"""Journal records and what they changed as rows of a database, and back. Card data never lie in the database.

A PAN, and what is stored of a PIN, stand in the rows as a word of this run ("card-17"); only the bench knows whose
it is. This module knows no database.
"""

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import msgspec

from atmbench.errors import VenueError
from atmbench.facts import BalanceOverwritten, EntryPosted, Fact, HoldPlaced, HoldReleased
from atmbench.host.journal import KINDS, Answered, ChipCounted, Completed, JournalRecord, Misposted, PinChanged, Posted

_KINDS = {each.__name__: each for each in KINDS}


class Row(msgspec.Struct, frozen=True, gc=False):
    """A record as it lies in the journal. `id` is the same at all sites, and unique."""

    id: str
    origin: str
    key: str
    kind: str
    body: str
    """JSON."""
    balances: dict[str, int] = {}
    """Accounts that its transaction touched, with their balances after it; empty where sites replicate entries."""


Logged: TypeAlias = Literal["all", "row", "nothing", "again"]
"""What of a write the database puts into its log, and so sends to its standby. "again": all, of what was not before."""


class Write(msgspec.Struct, frozen=True, gc=False):
    """What one commit adds: a row, the entries that came of it, and account to change of what is held."""

    row: Row
    entries: tuple[EntryPosted, ...]
    holds: tuple[tuple[str, int], ...]
    logged: Logged = "all"
    overwritten: tuple[tuple[str, int], ...] = ()
    """Balances that take the place of what the entries make of them."""
    tells_balances: bool = False
    """The row is to hold balances. They are in the log whole, whatever of the entries is not."""


class Rows:
    """Makes rows of the records of one run, and reads them. Rows hold balances where sites replicate them."""

    def __init__(self, *, tells_balances: bool = False) -> None:
        self._tells_balances = tells_balances
        self._words: dict[str, str] = {}
        self._secrets: dict[str, str] = {}

    def write(self, record: JournalRecord, changed: Sequence[Fact]) -> Write:
        """What to write for a record that was made or has arrived, and that changed this."""
        holds = []
        for fact in changed:
            if isinstance(fact, HoldPlaced | HoldReleased):
                sign = 1 if isinstance(fact, HoldPlaced) else -1
                holds.append((fact.account, sign * fact.amount_minor))
        entries = tuple(fact for fact in changed if isinstance(fact, EntryPosted))
        overwritten = tuple((fact.account, fact.now_minor) for fact in changed if isinstance(fact, BalanceOverwritten))
        row = self._row(record)
        return Write(row, entries, tuple(holds), overwritten=overwritten, tells_balances=self._tells_balances)

    def read(self, row: Row) -> JournalRecord:
        """The record of a row. Raises VenueError if it is not one of this run."""
        try:
            record = msgspec.json.decode(row.body, type=_KINDS[row.kind])
            return _replaced(record, self._secrets.__getitem__)
        except (KeyError, msgspec.MsgspecError) as error:
            raise VenueError(
                f"the database holds a record {row.id} that this run did not write ({error}); "
                "let nobody else write to it, and run again"
            ) from None

    def _row(self, record: JournalRecord) -> Row:
        body = msgspec.json.encode(_replaced(record, self._word)).decode()
        return Row(row_id(record), record.origin, record.key, type(record).__name__, body)

    def _word(self, secret: str) -> str:
        """The word of this run for a secret, which gets one if it has none."""
        word = self._words.get(secret)
        if word is None:
            word = self._words[secret] = f"card-{len(self._words) + 1}"
            self._secrets[word] = secret
        return word


def row_id(record: JournalRecord) -> str:
    """The `id` of the row of a record."""
    name = record.entry if isinstance(record, Misposted) else record.key
    return f"{type(record).__name__}/{name}/{record.origin}"


def _replaced(record: JournalRecord, word: Callable[[str], str]) -> JournalRecord:
    """A record with another word in place of each of its secrets; what is empty stays so."""
    replace = msgspec.structs.replace

    def other(text: str) -> str:
        return word(text) if text else text

    match record:
        case Answered():
            purpose, pan, *rest = record.content
            record = replace(record, content=(purpose, other(pan), *rest))
            if isinstance(record, Posted):
                record = replace(record, terms=replace(record.terms, pan=other(record.terms.pan)))
            return record
        case Completed():
            return replace(record, terms=replace(record.terms, pan=other(record.terms.pan)))
        case PinChanged():
            return replace(record, pan=other(record.pan), reference=other(record.reference))
        case ChipCounted():
            return replace(record, pan=other(record.pan))
        case _:
            return record
