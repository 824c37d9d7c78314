"""The field that brings new working keys in the reply to a key exchange: pieces of text, one behind the other.

Bare keys and check values are hexadecimal; the header of a TR-31 block has other letters and digits too.
Source: iso8583 facts 4.4 and 4.5. Which field it is, and how its pieces lie, the dialect says.
"""

import string

from atmbench.errors import LocalError
from atmbench.messages.composites import Unreadable
from atmbench.messages.dialect_file import DialectFile
from atmbench.messages.records import Message, Reply, WrappedKeys

_HEXADECIMAL = frozenset("0123456789ABCDEF")
_BLOCK = frozenset(string.digits + string.ascii_uppercase)


class KeyField:
    """Keys to text and back. A dialect without security has an empty one."""

    def __init__(self, file: DialectFile, name: str) -> None:
        self._name = name
        self._parts = file.security.keys.parts if file.security is not None else ()
        wanted = set(WrappedKeys.__struct_fields__)
        if self._parts and {part.value for part in self._parts} - {None} != wanted:
            raise LocalError(f"{name}: security.keys.parts needs each of {', '.join(sorted(wanted))}")
        self._size = sum(part.size for part in self._parts)
        self._is_bare = file.security is None or file.security.keys.form == "bare"

    def take(self, reply: Reply, _to: Message) -> str:
        """The field for a reply; empty if it brings no keys. Raises LocalError for a key that has no room."""
        if reply.keys is None:
            return ""
        pieces = []
        for part in self._parts:
            text = getattr(reply.keys, part.value) if part.value else ""
            if len(text) > part.size:
                raise LocalError(f"{self._name}: {part.value} has {len(text)} digits; it has room for {part.size}")
            pieces.append(text.ljust(part.size, "0"))
        return "".join(pieces)

    def read(self, text: str) -> WrappedKeys:
        """The keys of a field. Raises Unreadable."""
        if len(text) != self._size or not self._size:
            raise Unreadable(f"has {len(text)} characters, expected {self._size}")
        if not (_HEXADECIMAL if self._is_bare else _BLOCK).issuperset(text):
            meant = "hexadecimal digits" if self._is_bare else "the letters and digits of key blocks"
            raise Unreadable(f"holds something else than {meant}")
        values, start = {}, 0
        for part in self._parts:
            if part.value:
                values[part.value] = text[start : start + part.size]
            start += part.size
        return WrappedKeys(**values)
