"""Data files: YAML 1.2 text into typed records, with errors a tester can act upon.

Drills and dialects are read here and nowhere else. Every wrong file is one `DataFileError` with the
line, what was found there and what was meant. This module must never open a file, build anything but
plain values and the wanted record, or guess: where two readings are possible it asks for quotes.

Text, where a record wants text, may be written without quotes: `amount: 50.00` is "50.00". A number
with a leading zero may not, because YAML readers disagree about it: MTIs are quoted, "0200".
"""

import re
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from atmbench.datafile.error import DataFileError, mistake
from atmbench.datafile.extending import EXTENDS_MAX, extended
from atmbench.datafile.nodes import CHARACTERS_MAX, DEPTH_MAX, NODES_MAX, Mapping, Node, Path, Sequence, compose
from atmbench.datafile.shape import Reader
from atmbench.datafile.words import meant_key

__all__ = [
    "CHARACTERS_MAX",
    "DEPTH_MAX",
    "EXTENDS_MAX",
    "NODES_MAX",
    "DataFileError",
    "Loaded",
    "Path",
    "load",
    "load_extending",
    "load_with_lines",
    "meant_key",
]

T = TypeVar("T")


class Loaded(Generic[T]):
    """A record, and where in the file each part of it stands. For rules that types cannot say."""

    def __init__(self, value: T, name: str, root: Node) -> None:
        self.value = value
        self.name = name
        self._root = root

    def line(self, path: Path = ()) -> int:
        """The line of a path such as ("steps", 3, "cut"), or of its nearest part that was written."""
        node, line = self._root, self._root.line
        for part in path:
            if isinstance(node, Mapping) and str(part) in node.keys:
                line, node = node.keys[str(part)].line, node.items[str(part)]
            elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
                line = node.line
            else:
                break
        return line

    def says(self, path: Path) -> bool:
        """Whether a key was written in the file, whatever its default is."""
        node = self._root
        for part in path:
            if not isinstance(node, Mapping) or str(part) not in node.items:
                return False
            node = node.items[str(part)]
        return True

    def wrong(self, path: Path, found: str, meant: str) -> DataFileError:
        """The error for a broken rule at a path, ready to be raised."""
        return mistake(self.name, self.line(path), found, meant)


def load(text: str, kind: type[T], *, name: str) -> T:
    """The record that a YAML text describes. `name` is what errors call the file.

    Raises DataFileError for any text that is not exactly one document of this kind.
    """
    return load_with_lines(text, kind, name=name).value


def load_with_lines(text: str, kind: type[T], *, name: str) -> Loaded[T]:
    """As `load`, and keeps the lines."""
    return _convert(compose(text, name), kind, name)


def _convert(root: Node, kind: type[T], name: str) -> Loaded[T]:
    plain = Reader(name).read(root, kind)
    loaded = Loaded(plain, name, root)
    try:
        value = msgspec.convert(plain, kind, strict=True)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `$")
        raise DataFileError(name, loaded.line(_path_of(where)), said) from None
    return Loaded(value, name, root)


def load_extending(text: str, kind: type[T], *, name: str, find: Callable[[str], str]) -> T:
    """As `load`, for a file that may be told as another one with some keys replaced.

    `extends: NAME` names the other file, whose text `find(NAME)` gives; `without: [KEY, KEY.KEY]` says what of it is
    left out first. Mappings are laid over one another key by key, with those of this file in front; everything else
    is replaced. Raises DataFileError, also for a chain that comes back to itself or has more than EXTENDS_MAX files.
    """
    root = extended(text, name, find)
    return _convert(root, kind, name).value


def _path_of(where: str) -> Path:
    """The path that msgspec names as `.steps[3].cut`, up to the first part it does not name."""
    parts: list[str | int] = []
    for name, index in re.findall(r"\.(\w+)|\[([^\]]*)\]", where):
        if index == "...":
            break
        parts.append(name or int(index))
    return tuple(parts)
