"""What the entries of a shape are called, and lengths in ASCII digits.

An entry that has no name is read all the same; what is shown of it is for the shape to say.
"""

from collections.abc import Mapping

from atmbench.messages.subfields import TEXT, Piece, Problem, Subfield, unfit


class Names:
    """The named entries of a shape, and how all others are treated."""

    def __init__(self, known: Mapping[str, Piece], others: Piece) -> None:
        self._known = known
        self._others = others
        self.hides = others.hides or any(piece.hides for piece in known.values())

    def read(self, key: str, data: bytes, at: int, path: str) -> tuple[Subfield, Problem | None]:
        """The entry `key` of a field or sub-field `path`."""
        return self.piece(key).read(key, data, at, path)

    def build(self, part: Subfield, path: str) -> bytes:
        """The content of an entry. Raises EncodeFailed."""
        return self.piece(part.key).build(part, path)

    def piece(self, key: str) -> Piece:
        """The entry of this key."""
        return self._known.get(key, self._others)


def size_in(digits: bytes) -> int | None:
    """The length that ASCII digits tell; None if they are none."""
    return int(digits) if digits.isdigit() else None


def digits_in(size: int, digits: int, path: str) -> bytes:
    """A length in ASCII digits. Raises EncodeFailed."""
    if size >= 10**digits:
        raise unfit(path, f"it has {size} bytes, which {digits} digits cannot tell")
    return f"{size:0{digits}d}".encode(TEXT)
