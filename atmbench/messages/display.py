"""What may be shown of a message that is explained to somebody: more than a fact may hold, and never card data.

Three nets, one behind the other: what the dialect calls sensitive; card numbers that the message itself tells
(PAN, tracks, chip data), wherever else they turn up; digits that look like a card. A message that could not be
read to its end may have been read at the wrong places, so of it no long run of digits is shown at all; and where
other signs say so too (a header or message type that is none, remarks, dates that do not exist), only the shape.
"""

import re
from collections.abc import Iterable, Iterator

from atmbench.messages.dialect import Dialect
from atmbench.messages.dialect_file import Value
from atmbench.messages.failures import Reading
from atmbench.messages.layout_file import Content, Form
from atmbench.messages.masking import PAN, mask_pan
from atmbench.messages.subfields import Subfield

RUN_SHOWN_MAX = 6
"""Digits in a row that a message in doubt may show, zeros before and after them apart."""
DATES_WRONG = 2
"""So many dates that do not exist are no slip, also in a message that was read to its end."""
PAN_LEAST, PAN_MOST = 13, 19
_TRACK_ROLES = {35, 36, 45}
_PAN_TAGS = {"5A", "57", "56", "9F6B"}

_PAN_AT_START = re.compile(r"B?(\d{12,19})")
_TRACK = re.compile(r"[1-9]\d{11,18}[=D^][\dA-Z/ .^?]{4,}")
_DIGITS = re.compile(r"\d{13,21}")
_MTI = re.compile(r"[0129][1-8][0-7][0-5]")
_DOUBTFUL = re.compile(r"[0-9A-Fa-f=]{7,}")


class Display:
    """Shows the fields of one reading."""

    def __init__(self, dialect: Dialect, reading: Reading) -> None:
        message = reading.message
        self._sensitive = dialect.sensitive(message.mti)
        self._roles = dialect.roles.of(message.mti)
        self._slots = dialect.layout_for(message.mti).slots
        self._subfields = dialect.subfields
        self.is_doubtful = reading.failure is not None
        """Whether values may stand at wrong places."""
        self.is_astray = not _begins_well(reading, dialect) or _is_astray(reading, dialect)
        """Whether they most likely do."""
        self._pans = tuple(_pans_of(reading, dialect))

    def field(self, number: int, text: str) -> str:
        """The value of a field as a whole."""
        if self.is_astray:
            return _hidden(text) if number in self._sensitive else shape(text)
        if number == PAN or self._roles.get(number) is Value.PAN:
            return mask_pan(text)
        slot = self._slots.get(number)
        is_bytes = slot is not None and slot.content is Content.B and slot.form is not Form.HEX
        if number in self._sensitive or (is_bytes and self.is_doubtful):
            return _hidden(text)
        is_free = slot is None or slot.content in (Content.AN, Content.ANS)
        return self.text(text, is_free=is_free and not self._is_structured(number, text))

    def _is_structured(self, number: int, text: str) -> bool:
        """Whether the dialect knows what every character of a field is."""
        inside = self._subfields.get(number)
        if inside is None:
            return False
        parts, failure = inside.read_leniently(text)
        return bool(parts) and failure is None

    def part(self, part: Subfield) -> str:
        """The value of a sub-field. One with parts is shown by them alone."""
        if part.parts:
            return ""
        if part.shown == "pan" and not self.is_astray:
            return mask_pan(part.text)
        return _hidden(part.text) if part.shown != "plain" else self.text(part.text, is_free=True)

    def text(self, text: str, *, is_free: bool) -> str:
        """A text that is not sensitive by itself. `is_free`: anything may stand in it."""
        if self.is_astray:
            return shape(text)
        for pan in self._pans:
            text = text.replace(pan, mask_pan(pan))
        if self.is_doubtful:
            text = _DOUBTFUL.sub(_shortened, text)
        if is_free:
            text = _TRACK.sub(lambda found: _hidden(found.group()), text)
            text = _DIGITS.sub(_without_card, text)
        return text if text.isprintable() else "".join(each if each.isprintable() else "." for each in text)


def shape(text: str) -> str:
    """Kinds of characters only: digits as 9, letters as A, others as they are if they can be printed."""
    return "".join(_kind(each) for each in text)


def _kind(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A"
    return character if character.isprintable() else "."


def _begins_well(reading: Reading, dialect: Dialect) -> bool:
    """Whether header and message type can be such. If not, these are bytes of another kind, or not from the start."""
    header = dialect.layout.header
    mark = header.value[:3] if header is not None and header.form == "text" else ""
    if any(each.isalpha() for each in mark) and reading.message.header[:3] != mark:
        return False
    return not reading.message.mti or _MTI.fullmatch(reading.message.mti) is not None


def _is_astray(reading: Reading, dialect: Dialect) -> bool:
    """Whether other signs say that fields were read at wrong places."""
    _, wrong_dates = dialect.roles.dates(reading.message)
    if reading.failure is None:
        return wrong_dates >= DATES_WRONG
    return bool(reading.remarks or wrong_dates or not dialect.roles.is_known(reading.message.mti))


def _hidden(text: str) -> str:
    return f"({len(text)} hidden)"


def _pans_of(reading: Reading, dialect: Dialect) -> Iterator[str]:
    """The card numbers that a message tells, the longest first."""
    roles = dialect.roles.of(reading.message.mti)
    found: set[str] = set()
    for number, text in reading.message.fields.items():
        if number in _TRACK_ROLES or number == PAN or roles.get(number) in (Value.PAN, Value.TRACK2):
            found.update(_leading_pan(text))
        elif number in dialect.subfields:
            parts, _ = dialect.subfields[number].read_leniently(text)
            found.update(_pans_in(parts))
    yield from sorted(found, key=lambda pan: (-len(pan), pan))


def _pans_in(parts: Iterable[Subfield]) -> Iterator[str]:
    for part in parts:
        if part.shown == "pan" or part.key in _PAN_TAGS:
            yield from _leading_pan(part.text)
        yield from _pans_in(part.parts)


def _leading_pan(text: str) -> Iterator[str]:
    found = _PAN_AT_START.match(text)
    if found and found.group(1).strip("0"):
        yield found.group(1)


def _shortened(run: re.Match[str]) -> str:
    """A run of digits, its middle out of sight unless it is short."""
    text = run.group()
    core = text.strip("0")
    if len(core) <= RUN_SHOWN_MAX or not any(each.isdigit() for each in core):
        return text
    start = len(text) - len(text.lstrip("0"))
    end = start + len(core)
    return text[: start + 2] + "*" * (len(core) - 4) + text[end - 2 :]


def _without_card(run: re.Match[str]) -> str:
    """Digits that pass the check of a card number, after zeros or behind their length too, keep six and four."""
    text = run.group()
    pan = text.lstrip("0")
    if len(pan) > PAN_LEAST and str(len(pan) - 2) == pan[:2]:
        pan = pan[2:]
    if PAN_LEAST <= len(pan) <= PAN_MOST and is_luhn(pan):
        return text[: len(text) - len(pan)] + mask_pan(pan)
    return text


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO 7812-1); all zeros are no number."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and bool(digits.strip("0"))
