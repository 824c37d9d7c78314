"""Journal records and what they changed as rows of a database, and back. Card data never lie in the database.

A PAN, and what is stored of a PIN, stand in the rows as a word of this run ("card-17"); only the bench knows whose
it is. This module knows no database.
"""

from collections.abc import Sequence

import msgspec

from atmbench.errors import VenueError
from atmbench.facts import EntryPosted, Fact, HoldPlaced, HoldReleased
from atmbench.host.journal import (
    Advised,
    Answered,
    ChipCounted,
    Completed,
    Held,
    JournalRecord,
    Misposted,
    PinChanged,
    PinKeyCounted,
    Posted,
    Reversed,
    StoodIn,
    Suspected,
    Terms,
)

_KINDS: dict[str, type[JournalRecord]] = {
    each.__name__: each
    for each in (
        *(Answered, Posted, Held, StoodIn, Advised, Completed, Reversed, Suspected),
        *(PinChanged, ChipCounted, PinKeyCounted, Misposted),
    )
}


class Row(msgspec.Struct, frozen=True, gc=False):
    """A record as it lies in the journal. `id` is the same at all sites, and unique."""

    id: str
    origin: str
    key: str
    kind: str
    body: str
    """JSON."""


class Write(msgspec.Struct, frozen=True, gc=False):
    """What one commit adds: a row, the entries that came of it, and account to change of what is held."""

    row: Row
    entries: tuple[EntryPosted, ...]
    holds: tuple[tuple[str, int], ...]


class Rows:
    """Makes rows of the records of one run, and reads them."""

    def __init__(self) -> None:
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
        return Write(self._row(record), entries, tuple(holds))

    def read(self, row: Row) -> JournalRecord:
        """The record of a row. Raises VenueError if it is not one of this run."""
        try:
            record = msgspec.json.decode(row.body, type=_KINDS[row.kind])
            return _replaced(record, self._secrets)
        except (KeyError, msgspec.MsgspecError) as error:
            raise VenueError(
                f"the database holds a record {row.id} that this run did not write ({error}); "
                "let nobody else write to it, and run again"
            ) from None

    def _row(self, record: JournalRecord) -> Row:
        for secret in _secrets_of(record):
            if secret and secret not in self._words:
                word = f"card-{len(self._words) + 1}"
                self._words[secret], self._secrets[word] = word, secret
        body = msgspec.json.encode(_replaced(record, self._words)).decode()
        return Row(row_id(record), record.origin, record.key, type(record).__name__, body)


def row_id(record: JournalRecord) -> str:
    """The `id` of the row of a record."""
    name = record.entry if isinstance(record, Misposted) else record.key
    return f"{type(record).__name__}/{name}/{record.origin}"


def _secrets_of(record: JournalRecord) -> tuple[str, ...]:
    match record:
        case Posted():
            return record.pan, record.terms.pan
        case Answered():
            return (record.pan,)
        case Completed():
            return (record.terms.pan,)
        case PinChanged():
            return record.pan, record.reference
        case ChipCounted():
            return (record.pan,)
        case _:
            return ()


def _replaced(record: JournalRecord, words: dict[str, str]) -> JournalRecord:
    """A record with the words in place of its secrets, or the other way round."""
    replace = msgspec.structs.replace
    match record:
        case Answered():
            purpose, pan, *rest = record.content
            record = replace(record, content=(purpose, _word(pan, words), *rest))
            return replace(record, terms=_terms(record.terms, words)) if isinstance(record, Posted) else record
        case Completed():
            return replace(record, terms=_terms(record.terms, words))
        case PinChanged():
            return replace(record, pan=_word(record.pan, words), reference=_word(record.reference, words))
        case ChipCounted():
            return replace(record, pan=_word(record.pan, words))
        case _:
            return record


def _terms(terms: Terms, words: dict[str, str]) -> Terms:
    return msgspec.structs.replace(terms, pan=_word(terms.pan, words))


def _word(text: str, words: dict[str, str]) -> str:
    return words[text] if text else text
