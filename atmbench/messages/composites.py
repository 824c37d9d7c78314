"""Fields made of parts: DE54, DE90 and DE95 by the lists of parts that a dialect file gives.

Source: iso8583 facts 1.5 and 1.6. All parts have fixed sizes; a value is right-justified after zeros.
"""

from collections.abc import Mapping, Sequence

from atmbench.errors import LocalError
from atmbench.messages.dialect_file import Part


class Unreadable(Exception):
    """Why a field cannot be understood, in half a sentence without its content. Never leaves this room."""


class Composite:
    """Text of one composite field, from named values and back."""

    def __init__(self, parts: Sequence[Part], name: str) -> None:
        self._name = name
        self._plan = [(part.value or "", part.size, part.constant or "0" * part.size) for part in parts]
        self.size = sum(part.size for part in parts)
        self._slices: list[tuple[str, int, int]] = []
        start = 0
        for value, size, constant in self._plan:
            if len(constant) != size:
                raise LocalError(f"{name}: a constant part has {len(constant)} characters and says size {size}")
            if value:
                self._slices.append((value, start, start + size))
            start += size

    def compose(self, values: Mapping[str, str]) -> str:
        """The text of the field. Raises LocalError for a value that is longer than its part."""
        pieces = []
        for value, size, constant in self._plan:
            text = values[value].rjust(size, "0") if value else constant
            if len(text) != size:
                raise LocalError(f"{self._name}: {value} has {len(text)} characters; it has room for {size}")
            pieces.append(text)
        return "".join(pieces)

    def read(self, text: str) -> dict[str, str]:
        """The values of the field, as they stand. Constants are not looked at. Raises Unreadable."""
        if len(text) != self.size:
            raise Unreadable(f"has {len(text)} characters, expected {self.size}")
        return {value: text[start:end] for value, start, end in self._slices}


def digits(text: str) -> str:
    """The text, if it is all digits. Raises Unreadable."""
    if not (text.isdigit() and text.isascii()):
        raise Unreadable("is not all digits")
    return text


def number(text: str) -> int:
    """The number that digits stand for. Raises Unreadable."""
    return int(digits(text))
