"""The inside of a field as a tree of named parts, and back.

A `Shape` reads content of one kind; shapes hold one another as the dialect file says. All of them work on
bytes, so that positions are bytes of the field. Nothing is masked in here: see `display`. Errors name the
sub-field and the place, and never quote content.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from atmbench.errors import RemoteError
from atmbench.messages.failures import EncodeFailed
from atmbench.messages.subfield_file import Named, Shown

TEXT = "latin-1"
"""Between characters and bytes, one to one. What may stand in a field is for the codec to say."""


class Subfield(msgspec.Struct, frozen=True):
    """One named part of a field.

    `key` is its number, tag or place ("25", "9F02", "TCC"), `position` its first byte within the field, `text` its
    whole content, also where `parts` say what is inside; bytes are upper-case hexadecimal. To build, `parts` count
    if there are any, else `text`; `name`, `position` and `shown` do not matter.
    """

    key: str
    text: str = ""
    parts: "tuple[Subfield, ...]" = ()
    name: str = ""
    position: int = 0
    shown: Shown = "plain"

    def __repr__(self) -> str:
        return f"Subfield({self.key}, position={self.position}, {len(self.text)} characters, {len(self.parts)} parts)"


class SubfieldFailed(RemoteError):
    """Content of a field that is not of the kind its dialect says. `field` is the sub-field, such as "127.25"."""


class Problem(NamedTuple):
    """Why reading stopped: the path of the sub-field, the byte within the field, and half a sentence."""

    path: str
    position: int
    why: str


class Taken(NamedTuple):
    """What a shape read, and what stopped it."""

    parts: tuple[Subfield, ...]
    problem: Problem | None = None


class Shape(Protocol):
    """Reads and builds content of one kind. Built by `shapes.shape_of`."""

    hides: bool
    """Whether something of it must not be shown."""

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """The parts of content that begins `at` this byte of the field named by `path`. Raises nothing."""
        ...

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """The content of parts. Raises EncodeFailed."""
        ...


class Piece:
    """One sub-field of a shape: content, with a shape inside or without."""

    def __init__(
        self, named: Named | None, inside: Shape | None, *, form: str = "text", shown: Shown = "plain"
    ) -> None:
        self.name = named.name if named else ""
        self.shown: Shown = named.shown if named else shown
        self.is_raw = form == "raw"
        self.inside = inside
        self.or_plain = bool(named and named.inside and named.inside.or_plain)
        self.hides = self.shown != "plain" or (inside is not None and inside.hides)

    def read(self, key: str, data: bytes, at: int, path: str) -> tuple[Subfield, Problem | None]:
        """The sub-field `key` of a field or sub-field `path`. The inside may be read in part; nothing has none."""
        text = data.hex().upper() if self.is_raw else data.decode(TEXT)
        parts: tuple[Subfield, ...] = ()
        problem = None
        if self.inside is not None and data:
            parts, problem = self.inside.read(data, at, f"{path}.{key}")
            if problem is not None and self.or_plain:
                parts, problem = (), None
        return Subfield(key, text, parts, self.name, at, self.shown), problem

    def build(self, part: Subfield, path: str) -> bytes:
        """Its content. Raises EncodeFailed."""
        if part.parts and self.inside is not None:
            return self.inside.build(part.parts, f"{path}.{part.key}")
        return bytes_of(part.text, f"{path}.{part.key}", is_raw=self.is_raw)


def bytes_of(text: str, path: str, *, is_raw: bool) -> bytes:
    """The content that a text tells. Raises EncodeFailed."""
    try:
        return bytes.fromhex(text) if is_raw else text.encode(TEXT)
    except ValueError:
        what = "hexadecimal digits" if is_raw else "characters of one byte each"
        raise unfit(path, f"it is not {what}") from None


def unfit(path: str, why: str) -> EncodeFailed:
    """The error for a part that cannot be built."""
    return EncodeFailed(f"sub-field {path} cannot be built: {why}", field=path)


class FieldSubfields:
    """The inside of one field of a dialect. Safe to share."""

    def __init__(self, number: int, shape: Shape, *, is_raw: bool, or_plain: bool) -> None:
        self._path = str(number)
        self._shape = shape
        self._is_raw = is_raw
        self._or_plain = or_plain
        self.hides = shape.hides
        """Whether something in it must not be shown."""

    def read(self, text: str) -> tuple[Subfield, ...]:
        """The parts of a field's text. Raises SubfieldFailed."""
        parts, failure = self.read_leniently(text)
        if failure is not None:
            raise failure
        return parts

    def read_leniently(self, text: str) -> tuple[tuple[Subfield, ...], SubfieldFailed | None]:
        """All parts that can be read, and what stopped it. Raises nothing."""
        try:
            data = bytes.fromhex(text) if self._is_raw else text.encode(TEXT)
        except ValueError:
            return (), self._failed(Problem(self._path, 0, "it holds characters that no such field has"))
        parts, problem = self._shape.read(data, 0, self._path)
        if problem is not None and self._or_plain:
            return (), None
        return parts, None if problem is None else self._failed(problem)

    def build(self, parts: Sequence[Subfield]) -> str:
        """The field's text. Raises EncodeFailed for parts that its dialect has no place for."""
        data = self._shape.build(parts, self._path)
        return data.hex().upper() if self._is_raw else data.decode(TEXT)

    def _failed(self, problem: Problem) -> SubfieldFailed:
        inside = "" if problem.path == self._path else f" of field {self._path}"
        what = "field" if problem.path == self._path else "sub-field"
        because = f"{what} {problem.path} cannot be taken apart at byte {problem.position}{inside}: {problem.why}"
        return SubfieldFailed(because, field=problem.path, position=problem.position)
