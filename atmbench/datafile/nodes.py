"""YAML text into a tree of nodes that know their line. The only importer of ruamel.yaml.

The tree holds text, never values: what a scalar means depends on where it stands, and is decided in
`shape`. Work is bounded here: length of the text, depth and number of nodes, no alias into itself.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from atmbench.datafile.error import DataFileError, mistake

CHARACTERS_MAX = 500_000
"""A longer file is refused unread."""
NODES_MAX = 50_000
"""Scalars, lists and mappings of one file, counted again wherever an alias repeats them."""
DEPTH_MAX = 32
"""Lists and mappings inside one another."""

Path = tuple[str | int, ...]
"""Keys and list positions (from 0) from the top of a file down to one place."""

_FOREIGN = (YAMLError, ValueError, TypeError, IndexError, AttributeError, AssertionError, NotImplementedError)
"""What ruamel.yaml raises on text that is no YAML, its own slips on odd text included."""


class Scalar(msgspec.Struct):
    """One word or text. `plain` is without quotes."""

    line: int
    text: str
    plain: bool


class Sequence(msgspec.Struct):
    """A list."""

    line: int
    items: list["Node"]


class Mapping(msgspec.Struct):
    """Keys with values, in the order of the file. `keys` tells where and how a key was written."""

    line: int
    items: dict[str, "Node"]
    keys: dict[str, Scalar]


Node = Scalar | Sequence | Mapping


class _Open(msgspec.Struct):
    """A collection whose end has not been read yet, and the key that waits for its value."""

    node: Sequence | Mapping
    key: Scalar | None = None


def compose(text: str, name: str) -> Node:
    """The tree of the only document in a text. Raises DataFileError."""
    if len(text) > CHARACTERS_MAX:
        raise mistake(name, 1, f"{len(text)} characters", f"at most {CHARACTERS_MAX}")
    try:
        return _Composer(name).compose(text)
    except _FOREIGN as error:
        raise _not_yaml(error, text, name) from None


class _Composer:
    """Builds the tree from the events of the parser, without recursion."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._root: Node | None = None
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self._documents = 0

    def compose(self, text: str) -> Node:
        for event in _events(text):
            line = event.start_mark.line + 1
            if isinstance(event, CollectionEndEvent):
                self._open.pop()
            elif isinstance(event, NodeEvent):
                self._take(event, line)
            elif isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise self._wrong(line, "a second document ('---')", "one document in a file")
        if self._root is None:
            raise self._wrong(1, "an empty file", "keys with values")
        return self._root

    def _take(self, event: NodeEvent, line: int) -> None:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise self._wrong(line, f"more than {NODES_MAX} values", "a smaller file")
        if isinstance(event, AliasEvent):
            self._place(self._alias(event, line), line)
            return
        if getattr(event, "tag", None) is not None:
            raise self._wrong(line, f"the tag {_tag(event)}", "a value without a tag")
        if isinstance(event, ScalarEvent):
            node: Node = Scalar(line, str(event.value), event.style is None)
        elif isinstance(event, SequenceStartEvent):
            node = Sequence(line, [])
        else:
            assert isinstance(event, MappingStartEvent), f"a node event nobody knows: {event}"
            node = Mapping(line, {}, {})
        self._place(node, line)
        if not isinstance(node, Scalar):
            self._open.append(_Open(node))
            if len(self._open) > DEPTH_MAX:
                raise self._wrong(line, f"more than {DEPTH_MAX} levels inside one another", "a flatter file")
        if event.anchor is not None:
            self._anchors[str(event.anchor)] = node

    def _alias(self, event: AliasEvent, line: int) -> Node:
        node = self._anchors.get(str(event.anchor))
        if node is None:
            raise self._wrong(line, f"*{event.anchor}", f"an anchor &{event.anchor} further up")
        if any(each.node is node for each in self._open):
            raise self._wrong(line, f"*{event.anchor} inside itself", "a value that ends")
        return node

    def _place(self, node: Node, line: int) -> None:
        """Put a node where the parser stands: as a key, under the waiting key, into the list, or on top."""
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        if isinstance(top.node, Sequence):
            top.node.items.append(node)
        elif top.key is None:
            top.key = self._key(node, top.node, line)
        else:
            if isinstance(node, Scalar) and node.plain and not node.text:
                node.line = top.key.line
            top.node.items[top.key.text] = node
            top.key = None

    def _key(self, node: Node, mapping: Mapping, line: int) -> Scalar:
        if not isinstance(node, Scalar):
            raise self._wrong(line, "a list or a mapping as a key", "a word")
        if (first := mapping.keys.get(node.text)) is not None:
            raise self._wrong(line, f"the key {node.text!r} again", f"it once (it stands in line {first.line} too)")
        mapping.keys[node.text] = node
        return node

    def _wrong(self, line: int, found: str, meant: str) -> DataFileError:
        return mistake(self._name, line, found, meant)


def _events(text: str) -> Iterator[Any]:
    return iter(YAML(typ="rt", pure=True).parse(text))


def _tag(event: Any) -> str:
    return str(event.tag)[:40]


_SAID = {
    "mapping values are not allowed": (
        "a ':' where no key can be",
        "'key: value' with keys of one level in one column, or quotes around text that holds ': '",
    ),
    "cannot start any token": ("a sign that begins nothing in YAML", "quotes around text that begins with it"),
    "could not find expected ':'": ("a key without ':'", "'key: value'"),
    "expected ',' or": ("brackets that go wrong here", "',' between items and a closing bracket"),
    "expected <block end>": ("a line that stands in no column of its neighbours", "the same indentation as those"),
    "unexpected end of stream": ("the end of the file inside quotes", "a closing quote"),
    "but found '<stream end>'": ("the end of the file inside brackets", "a closing bracket"),
}
"""What the parser says, and what a tester should read."""


def _not_yaml(error: Exception, text: str, name: str) -> DataFileError:
    """The parser's complaint in our words, at its line."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, int(error.position)) + 1
        return mistake(name, line, f"the character U+{ord(text[error.position]):04X}", "printable text")
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return mistake(name, 1, "text that no YAML reader takes", "YAML 1.2")
    line = error.problem_mark.line + 1
    lines = text.splitlines()
    if line <= len(lines) and "\t" in lines[line - 1]:
        return mistake(name, line, "a tab", "spaces (YAML does not indent with tabs)")
    problem = str(error.problem)
    for said, (found, meant) in _SAID.items():
        if said in problem:
            return mistake(name, line, found, meant)
    return mistake(name, line, f"text that is not YAML ({problem})", "YAML 1.2")
