"""A history whose lines are numbered from 1, while it is written: who reads along finds any number again.

A reader has a file handle and a position of its own, so that a slow one keeps nobody waiting. A sparse index says where
lines begin. This module must never look into a line.
"""

from bisect import bisect_right
from pathlib import Path
from typing import BinaryIO

MARK_EVERY = 1_000
"""The index knows the place of about one line in so many."""
READ_BYTES = 1 << 16
"""So much is read at a time."""


class NumberedHistory:
    """A history file that is appended to. `number` is that of the last line written."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.number = 0
        self._file = file
        self._offset = 0
        self._marked = [0]
        """Numbers of lines after which a mark stands, ascending."""
        self._offsets = [0]
        """Where the line after each of them begins."""

    def write(self, lines: bytes) -> None:
        """Append whole lines."""
        self._file.write(lines)
        self.number += lines.count(b"\n")
        self._offset += len(lines)
        if self.number - self._marked[-1] >= MARK_EVERY:
            self._marked.append(self.number)
            self._offsets.append(self._offset)

    def flush(self) -> None:
        """Hand what was written to the operating system: readers see it from now on."""
        self._file.flush()

    def mark_before(self, number: int) -> tuple[int, int]:
        """The last mark at or before a line: the number it stands after, and the offset it stands at."""
        at = bisect_right(self._marked, number) - 1
        return self._marked[at], self._offsets[at]


class HistoryReader:
    """Reads the lines above a number, as they come. Close it."""

    def __init__(self, history: NumberedHistory, since: int) -> None:
        self._history = history
        self._file = history.path.open("rb", buffering=0)
        self.go_to(since)

    def go_to(self, number: int) -> None:
        """The next line read is the one after this."""
        self._wanted = number
        self.number, offset = self._history.mark_before(number)
        """Number of the last line read."""
        self._file.seek(offset)
        self._rest = b""

    @property
    def behind(self) -> int:
        """How many lines are written that were not read."""
        return self._history.number - max(self.number, self._wanted)

    def read(self) -> tuple[int, list[bytes]] | None:
        """Some whole lines, without their ends, and the number of the first; None if there is nothing new on disk.

        The list may be empty: what was read lies before what is wanted, or is half a line.
        """
        data = self._file.read(READ_BYTES)
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        first = self.number + 1
        self.number += len(lines)
        if first <= self._wanted:
            lines = lines[self._wanted + 1 - first :]
            first = self.number + 1 - len(lines)
        return first, lines

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
