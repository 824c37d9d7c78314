"""Which dialect is spoken: every one is tried on the bytes, and the best reading wins.

A reading is good if it comes to the end, if nothing stands where it must not, if the dialect has this message type,
if the message means something in it, and if its dates exist. This module must never decide anything for a line: a
line has a dialect.
"""

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect
from atmbench.messages.failures import Reading
from atmbench.messages.records import Message, Reply, Request

_READ, _REMARK, _MTI, _MEANS, _DATE, _HEADER = 100, 4, 10, 20, 3, 15
"""Points. To come to the end outweighs all else; the rest tells dialects of one family apart."""


class Candidate(msgspec.Struct, frozen=True):
    """How one dialect reads the bytes. `because` are half sentences, the good ones first."""

    dialect: Dialect
    reading: Reading
    score: int
    because: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether it was read to the end."""
        return self.reading.failure is None


def ranked(raw: bytes, dialects: Iterable[Dialect]) -> list[Candidate]:
    """All dialects, the best first; of equals the one given first. Raises DecodeFailed for too many bytes."""
    candidates = [candidate(raw, dialect) for dialect in dialects]
    return sorted(candidates, key=lambda each: -each.score)


def candidate(raw: bytes, dialect: Dialect) -> Candidate:
    """How one dialect reads the bytes. Raises DecodeFailed for too many."""
    reading = _codec(dialect).read(raw)
    score = 0
    good: list[str] = []
    bad: list[str] = []
    for points, says in _judged(raw, dialect, reading):
        score += points
        (good if points > 0 else bad).append(says)
    return Candidate(dialect, reading, score, (*good, *bad))


@lru_cache(maxsize=64)
def _codec(dialect: Dialect) -> Codec:
    return Codec(dialect, compiles=False)


def _judged(raw: bytes, dialect: Dialect, reading: Reading) -> Iterable[tuple[int, str]]:
    """Points, and why."""
    failure, mti = reading.failure, reading.message.mti
    if failure is None:
        yield _READ, "read to the end"
    else:
        position = failure.position or 0
        where = f"stopped at byte {position} of {len(raw)}"
        yield -(_READ * (len(raw) - position)) // max(len(raw), 1), where
    if reading.remarks:
        count = len(reading.remarks)
        yield -_REMARK * count, f"{count} field{'s' if count > 1 else ''} with what must not stand there"
    if dialect.roles.is_known(mti):
        yield _MTI, f"{mti} is a message of it"
    else:
        yield -_MTI, "no message of it has this type"
    header = dialect.layout.header
    if header is not None and header.form == "text":
        is_like = reading.message.header[:3] == header.value[:3]
        yield (_HEADER if is_like else -_HEADER), f"the header {'is' if is_like else 'is not'} of its kind"
    if failure is None and dialect.roles.is_known(mti):
        meaning = meaning_of(dialect, reading.message)
        yield (-_MEANS // 2, meaning) if isinstance(meaning, str) else (_MEANS, "it has all that this needs")
    yield from _dates(dialect, reading)


def meaning_of(dialect: Dialect, message: Message) -> Request | Reply | str:
    """What a message means in its dialect, or why it means nothing."""
    try:
        return dialect.read_reply(message) if dialect.is_reply(message.mti) else dialect.read_request(message)
    except (RemoteError, LocalError) as error:
        return str(error)


def _dates(dialect: Dialect, reading: Reading) -> Iterable[tuple[int, str]]:
    right, wrong = dialect.roles.dates(reading.message)
    if right:
        yield _DATE * right, f"{right} of its dates and times exist"
    if wrong:
        yield -_DATE * wrong, f"{wrong} of its dates and times do not exist"
