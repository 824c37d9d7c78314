"""A history on disk: one fact, one line of JSON. It must never repair or reorder what it reads."""

from collections.abc import Iterable, Iterator

import msgspec

from atmbench.errors import LocalError
from atmbench.facts.base import Fact
from atmbench.facts.kinds import AnyFact

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyFact] = msgspec.json.Decoder(AnyFact)


def to_line(fact: Fact) -> bytes:
    """One line of JSON, newline included. The same fact gives the same bytes on every machine."""
    return _encoder.encode(fact) + b"\n"


def to_lines(facts: list[Fact]) -> bytes:
    """The same for many facts at once."""
    return _encoder.encode_lines(facts)


def from_line(line: bytes) -> AnyFact:
    """The fact of one line. Raises LocalError if the line is no fact of this version."""
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise LocalError(f"this line of the history is no fact: {error}") from None


def read_history(lines: Iterable[bytes]) -> Iterator[AnyFact]:
    """The facts of a history file, line by line.

    A run that was killed may leave half a line at the end: it is passed over, and the audit sees from
    the missing RunEnded that the history is not complete. A broken line anywhere else raises LocalError
    with its number.
    """
    broken: LocalError | None = None
    for number, line in enumerate(lines, start=1):
        if broken is not None:
            raise broken
        try:
            yield from_line(line)
        except LocalError as error:
            broken = LocalError(f"line {number}: {error}")
