"""Plain values into YAML text that this room reads back as the same values. It must never write a comment or a tag.

Lists of mappings get one line an item, as drills are written by hand.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[-/.][A-Za-z0-9_]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
"""What some reader of YAML or other takes for something else than a text."""


def to_yaml(values: Mapping[str, Any]) -> str:
    """A mapping as YAML 1.2: one key a line, lists of mappings one item a line."""
    return "".join(f"{line}\n" for line in _lines(values))


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if _is_list_of_mappings(value):
            yield f"{_inline(key)}:"
            yield from (f"- {_inline(item)}" for item in value)
        else:
            yield f"{_inline(key)}: {_inline(value)}"


def _is_list_of_mappings(value: Any) -> bool:
    return (
        isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(each, Mapping) for each in value)
    )


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_inline(key)}: {_inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, str):
        return (
            value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else json.dumps(value, ensure_ascii=False)
        )
    if isinstance(value, Sequence):
        return "[" + ", ".join(_inline(each) for each in value) + "]"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"  # no exponent: YAML readers disagree about them
    return json.dumps(value)
