"""Fields made of parts: DE54, DE90, DE95 and others by the lists of parts that a dialect file gives.

Source: iso8583 facts 1.5 and 1.6. Parts have fixed sizes, but the last may carry its own length (the acquirer in
DE56 of 1993).
"""

from collections.abc import Mapping, Sequence

from atmbench.errors import LocalError
from atmbench.messages.dialect_file import Part


class Unreadable(Exception):
    """Why a field cannot be understood, in half a sentence without its content. Never leaves this room."""


class Composite:
    """Text of one composite field, from named values and back. Raises LocalError for parts that do not fit together."""

    def __init__(self, parts: Sequence[Part], name: str) -> None:
        self._name = name
        self._parts = tuple(parts)
        self.values = frozenset(part.value for part in parts if part.value)
        """The values that it holds."""
        self._last = parts[-1] if parts and parts[-1].prefix else None
        self.size = sum(part.size for part in parts if part is not self._last)
        """Characters of the parts of fixed size."""
        self._slices: list[tuple[str, int, int]] = []
        start = 0
        for part in parts:
            self._check(part)
            if part.value and not part.prefix:
                self._slices.append((part.value, start, start + part.size))
            start += part.size

    def _check(self, part: Part) -> None:
        if part.constant and len(part.constant) != part.size:
            found = f"a constant part has {len(part.constant)} characters and says size {part.size}"
            raise LocalError(f"{self._name}: {found}")
        if part.constant and part.value:
            raise LocalError(f"{self._name}: a part has a constant and the value {part.value}; give one of them")
        if part.prefix and (part is not self._last or not part.value):
            raise LocalError(f"{self._name}: a prefix stands before a value, in the last part only")

    def compose(self, values: Mapping[str, str]) -> str:
        """The text of the field. Raises LocalError for a value that is longer than its part."""
        return "".join(
            self._piece(part, values[part.value]) if part.value else part.constant or "0" * part.size
            for part in self._parts
        )

    def _piece(self, part: Part, text: str) -> str:
        if len(text) > part.size:
            raise LocalError(f"{self._name}: {part.value} has {len(text)} characters; it has room for {part.size}")
        if part.prefix:
            return f"{len(text):02d}{text}" if part.prefix == "LL" else text
        return text.rjust(part.size, "0") if part.justify == "right" else text.ljust(part.size)

    def read(self, text: str) -> dict[str, str]:
        """The values of the field, as they stand. Constants are not looked at. Raises Unreadable."""
        last = self._last
        if (len(text) != self.size) if last is None else (len(text) < self.size):
            raise Unreadable(f"has {len(text)} characters, expected {self.size}{' or more' if last else ''}")
        values = {value: text[start:end] for value, start, end in self._slices}
        if last is not None and last.value is not None:
            values[last.value] = self._own_length(last, text[self.size :])
        return values

    def _own_length(self, part: Part, text: str) -> str:
        if part.prefix == "LL":
            said, text = text[:2], text[2:]
            if number(said) != len(text):
                raise Unreadable(f"has a last part of {len(text)} characters, and says another length for it")
        if len(text) > part.size:
            raise Unreadable(f"has {len(text)} characters in its last part, expected at most {part.size}")
        return text


def digits(text: str) -> str:
    """The text, if it is all digits. Raises Unreadable."""
    if not (text.isdigit() and text.isascii()):
        raise Unreadable("is not all digits")
    return text


def number(text: str) -> int:
    """The number that digits stand for. Raises Unreadable."""
    return int(digits(text))
