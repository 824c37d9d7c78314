"""Which lines of a history a follower wants, and how they look with their numbers. Dry.

Lines are judged by their first bytes, as the history writes them: kind, time, actor. None is decoded, but for its key.
"""

import re
from collections.abc import Iterable

import msgspec

from atmbench.drill.names import fact_kinds
from atmbench.errors import LocalError

VALUES_MAX = 50
"""So many values of one filter."""
VALUE_CHARACTERS_MAX = 200

_HEAD = re.compile(rb'\{"fact":"([a-z0-9_]+)"(?:,"t":[^,}]+)?(?:,"actor":"((?:[^"\\]|\\.)*)")?')


class _Key(msgspec.Struct):
    key: str = ""


_key = msgspec.json.Decoder(_Key)


class Filter(msgspec.Struct, frozen=True):
    """What a follower wants; an empty set wants all. An actor stands for its lines too: T01 for T01/primary."""

    kinds: frozenset[bytes] = frozenset()
    actors: frozenset[bytes] = frozenset()
    keys: frozenset[str] = frozenset()

    def wants(self, line: bytes) -> bool:
        """Whether a line of the history is one of those."""
        if self.kinds or self.actors:
            head = _HEAD.match(line)
            if head is None:
                return False
            kind, actor = head[1], head[2] or b""
            if self.kinds and kind not in self.kinds:
                return False
            if self.actors and actor not in self.actors and actor.partition(b"/")[0] not in self.actors:
                return False
        return not self.keys or (b'"key":' in line and _key.decode(line).key in self.keys)


ALL = Filter()


def read_filter(kind: str = "", actor: str = "", key: str = "") -> Filter:
    """A filter of the values of a query, several with commas between. Raises LocalError for what can never fit."""
    kinds, known = _values("kind", kind), fact_kinds()
    for each in kinds:
        if each not in known:
            raise LocalError(f"kind: found {each!r}, meant a kind of fact such as cash_taken (`atmbench schema`).")
    actors = (msgspec.json.encode(each)[1:-1] for each in _values("actor", actor))
    return Filter(frozenset(each.encode() for each in kinds), frozenset(actors), frozenset(_values("key", key)))


def _values(name: str, text: str) -> list[str]:
    values = [each.strip() for each in text.split(",") if each.strip()]
    if len(values) > VALUES_MAX or any(len(each) > VALUE_CHARACTERS_MAX for each in values):
        meant = f"at most {VALUES_MAX}, of up to {VALUE_CHARACTERS_MAX} characters"
        raise LocalError(f"{name}: found {len(values)} values, meant {meant}.")
    return values


def numbered(first: int, lines: Iterable[bytes], wanted: Filter) -> bytes:
    """Lines of a history, the first of which has this number, as a follower gets them."""
    if wanted == ALL:
        return b"".join(b'{"seq":%d,%b\n' % (number, line[1:]) for number, line in enumerate(lines, start=first))
    wants = wanted.wants
    return b"".join(
        b'{"seq":%d,%b\n' % (number, line[1:]) for number, line in enumerate(lines, start=first) if wants(line)
    )


def missed(first: int, last: int) -> bytes:
    """What a lossy follower is told who was moved to the end."""
    return b'{"missed":{"from":%d,"to":%d}}\n' % (first, last)
