"""A message explained: every field with its place, its value out of harm's way and what it says. Dry.

Takes bytes that came from anywhere, finds out what stands around them and which dialect they are in, and tells
what was read, what is odd and where it stopped. It must never show card data, whatever the bytes are.
"""

from collections.abc import Iterator, Sequence

import msgspec

from atmbench.errors import LocalError
from atmbench.framing.base import FrameError
from atmbench.framing.registry import framer
from atmbench.framing.sniffing import Wrapping, wrappings
from atmbench.messages.codec import MESSAGE_BYTES_MAX
from atmbench.messages.dialect import Dialect
from atmbench.messages.display import Display, shape
from atmbench.messages.failures import Piece, Reading
from atmbench.messages.guessing import Candidate, candidate, meaning_of
from atmbench.messages.layout import is_digits
from atmbench.messages.layout_file import LengthForm
from atmbench.messages.subfields import Subfield
from atmbench.report.dump import dump
from atmbench.report.field_words import FieldWords, mti_words, sentence
from atmbench.report.given import Given, ways_to_take

RUNNERS_UP_MAX = 4
"""Dialects that are told beside the one that was chosen."""
UNLIKELY = 60
"""Points that count against taking hexadecimal digits for the bytes themselves."""
BITMAP_DIGITS_SHOWN_MAX = 6
"""Significant digits of a secondary bitmap in a message in doubt: it may be a card number that slipped there."""
_STRUCTURE = {"h": "header", "t": "MTI", "p": "bitmap", "1": "bitmap"}


class ExplainedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-field. `position` counts bytes of its field."""

    key: str
    name: str
    position: int
    value: str
    parts: "tuple[ExplainedPart, ...]" = ()


class ExplainedField(msgspec.Struct, frozen=True, kw_only=True):
    """A field as it lay in the message. `prefix` is its length as it stood there, `says` what its value means."""

    key: str
    name: str
    position: int
    prefix: str
    value: str
    says: str
    parts: tuple[ExplainedPart, ...] = ()


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A message explained, fit to be shown to anybody."""

    dialect: str
    size: int
    is_complete: bool
    given: str
    """How the bytes came, and what stands around the message."""
    because: tuple[str, ...]
    """Why this dialect; empty if it was asked for."""
    runners_up: tuple[str, ...]
    fields: tuple[ExplainedField, ...]
    meaning: str
    remarks: tuple[str, ...]
    stopped: str
    """Where and why reading stopped; empty if it went to the end."""
    rest: tuple[str, ...]
    """What is left, as a dump that shows kinds of characters only."""


class _Choice(msgspec.Struct, frozen=True):
    given: Given
    wrapping: Wrapping
    candidate: Candidate

    @property
    def score(self) -> int:
        return self.candidate.score - (UNLIKELY if self.given.is_unlikely else 0)


def explain(givens: Sequence[Given], dialects: Sequence[Dialect], *, is_bare: bool = False) -> Explanation:
    """The likeliest reading of bytes that may have been given in several ways, in the likeliest of some dialects.

    `is_bare`: nothing stands around the message. Raises LocalError if it has no or too many bytes.
    """
    choices = sorted(_choices(givens, dialects, is_bare=is_bare), key=lambda each: -each.score)
    if not choices:
        raise LocalError(f"a message of 1 to {MESSAGE_BYTES_MAX} bytes was expected; give one message at a time")
    chosen = choices[0]
    others: dict[str, _Choice] = {}
    for choice in choices:
        if choice.candidate.dialect is not chosen.candidate.dialect:
            others.setdefault(choice.candidate.dialect.name, choice)
    is_guessed = len(dialects) > 1
    runners_up = tuple(_one_line(each.candidate) for each in others.values())
    return _explained(chosen, is_guessed, runners_up[:RUNNERS_UP_MAX])


def explain_given(data: bytes, dialects: Sequence[Dialect], *, framing: str | None = None) -> list[Explanation]:
    """Messages as a person gives them; with a framing all messages of whole frames, else one.

    Raises LocalError if there is none.
    """
    givens = ways_to_take(data)
    if framing is None:
        return [explain(givens, dialects)]
    for given in givens:
        feeder = framer(framing)
        try:
            bodies = feeder.feed(given.raw)
        except FrameError:
            continue
        if bodies and not feeder.pending:
            says = f"{given.says}; out of a frame of {framing}"
            return [explain([Given(says, body)], dialects, is_bare=True) for body in bodies]
    raise LocalError(f"whole frames of {framing} were expected; leave --framing out to have the prefix recognised")


def _choices(givens: Sequence[Given], dialects: Sequence[Dialect], *, is_bare: bool) -> Iterator[_Choice]:
    for given in givens:
        for wrapping in wrappings(given.raw)[: 1 if is_bare else None]:
            body = given.raw[wrapping.start : wrapping.end]
            if 0 < len(body) <= MESSAGE_BYTES_MAX:
                for dialect in dialects:
                    yield _Choice(given, wrapping, candidate(body, dialect))


def _one_line(candidate: Candidate) -> str:
    return f"{candidate.dialect.name}: {'; '.join(candidate.because)}"


def _explained(chosen: _Choice, is_guessed: bool, runners_up: tuple[str, ...]) -> Explanation:
    found = chosen.candidate
    reading, dialect = found.reading, found.dialect
    body = chosen.given.raw[chosen.wrapping.start : chosen.wrapping.end]
    fields = _Fields(dialect, reading)
    explained = tuple(fields.field(piece) for piece in reading.pieces)
    failure = reading.failure
    around = f"{chosen.wrapping.says}, taken off" if chosen.wrapping.says else ""
    return Explanation(
        dialect=dialect.name,
        size=len(body),
        is_complete=found.is_complete,
        given="; ".join(each for each in (chosen.given.says, around) if each),
        because=found.because if is_guessed else (),
        runners_up=runners_up,
        fields=explained,
        meaning=_meaning(dialect, reading),
        remarks=(*reading.remarks, *fields.remarks),
        stopped="" if failure is None else str(failure),
        rest=() if failure is None else dump(body, failure.position or 0, is_text=_is_text(dialect)),
    )


def _meaning(dialect: Dialect, reading: Reading) -> str:
    if reading.failure is not None or not mti_words(reading.message.mti):
        return ""
    meaning = meaning_of(dialect, reading.message)
    if isinstance(meaning, str):
        return f"{dialect.name} makes nothing of it: {meaning}"
    return sentence(meaning)


def _is_text(dialect: Dialect) -> bool:
    encoding = dialect.layout.encoding
    return (encoding.text, encoding.binary, encoding.bitmap, encoding.digits) == ("ascii", "hex", "hex", "text")


class _Fields:
    """Explains the pieces of one reading. `remarks` gathers what is odd inside of fields."""

    def __init__(self, dialect: Dialect, reading: Reading) -> None:
        self._dialect = dialect
        self._slots = dialect.layout_for(reading.message.mti).slots
        self._is_known = dialect.roles.is_known(reading.message.mti)
        self._display = Display(dialect, reading)
        self._words = FieldWords(dialect, reading.message)
        failure = reading.failure
        self._failed = failure.field if failure is not None else ""
        self._read = reading.message.fields
        self.remarks: list[str] = []

    def field(self, piece: Piece) -> ExplainedField:
        """One piece."""
        key = _STRUCTURE.get(piece.key, piece.key)
        value, says, parts = self._value(piece)
        return ExplainedField(
            key=key,
            name=piece.name,
            position=piece.position,
            prefix=self._prefix(piece),
            value=value,
            says=says,
            parts=parts,
        )

    def _prefix(self, piece: Piece) -> str:
        slot = self._slots.get(int(piece.key)) if piece.key.isdigit() else None
        if slot is None or slot.length_form is not LengthForm.TEXT:
            return piece.prefix.hex().upper()
        return self._display.text(piece.prefix.decode(self._dialect.layout.codec, "replace"), is_free=False)

    def _value(self, piece: Piece) -> tuple[str, str, tuple[ExplainedPart, ...]]:
        if piece.key == "t":
            return piece.text if is_digits(piece.text) else shape(piece.text), mti_words(piece.text), ()
        if piece.key in ("p", "1"):
            return self._bitmap(piece)
        if piece.key == "h":
            return self._display.text(piece.text, is_free=True), "", ()
        number = int(piece.key)
        if number not in self._read:
            return f"({len(piece.data)} bytes that could not be read)" if piece.data else "", "", ()
        value = self._display.field(number, piece.text)
        is_whole = not self._display.is_doubtful or value == piece.text
        says = self._words.field(number, piece.text) if is_whole else ""
        return value, says, self._parts(number, piece.text)

    def _bitmap(self, piece: Piece) -> tuple[str, str, tuple[ExplainedPart, ...]]:
        is_at_place = self._is_known and not self._display.is_astray
        is_sure = is_at_place if piece.key == "p" else not self._display.is_doubtful
        if not is_sure and len(piece.text.strip("0")) > BITMAP_DIGITS_SHOWN_MAX:
            return f"({len(piece.text)} hidden)", "", ()
        first = 0 if piece.key == "p" else 64
        try:
            bits = f"{int(piece.text, 16):064b}"
        except ValueError:
            return self._display.text(piece.text, is_free=True), "", ()
        numbers = [first + at for at, bit in enumerate(bits, start=1) if bit == "1"]
        announced = [str(number) for number in numbers if number != 1]
        return piece.text.upper(), "fields " + (", ".join(announced) or "none"), ()

    def _parts(self, number: int, text: str) -> tuple[ExplainedPart, ...]:
        inside = self._dialect.subfields.get(number)
        if inside is None or not text:
            return ()
        parts, failure = inside.read_leniently(text)
        if failure is not None:
            self.remarks.append(str(failure))
        return tuple(self._part(part) for part in parts)

    def _part(self, part: Subfield) -> ExplainedPart:
        return ExplainedPart(
            key=self._display.text(part.key, is_free=True),
            name=part.name,
            position=part.position,
            value=self._display.part(part),
            parts=tuple(self._part(each) for each in part.parts),
        )
