"""One scalar as a value of one type, and the words in which errors speak of scalars and types.

Pure functions. The rules are those of the YAML 1.2 core schema, without its number formats that nobody
writes by intent (.inf, .nan).
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from msgspec import inspect

from atmbench.datafile.nodes import Node, Path, Scalar, Sequence

NULL = frozenset({"null", "Null", "NULL", "~"})
TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
NOT: Any = object()
"""A scalar cannot be read as the type."""

SHOWN_CHARACTERS_MAX = 40
"""So much of a wrong value is shown in an error."""
LISTED_MAX = 40
"""So many allowed words are listed in an error."""
DIGITS_MAX = 18
"""A number with more digits fits no field of a record."""

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,2})?")
_ChoiceTypes = (inspect.EnumType, inspect.LiteralType)


def scalar_as(node: Scalar, info: inspect.Type) -> Any:
    """A scalar as a value of one type, or `NOT`. A quoted scalar is text and nothing else."""
    text = node.text
    if isinstance(info, inspect.StrType):
        return NOT if node.plain and (text in TRUE or text in FALSE or text in NULL) else text
    if isinstance(info, _ChoiceTypes):
        return choices(info).get(text, NOT)
    if isinstance(info, inspect.AnyType):
        return _natural(text) if node.plain else text
    if not node.plain:
        return NOT
    if isinstance(info, inspect.BoolType):
        return text in TRUE if text in TRUE or text in FALSE else NOT
    if isinstance(info, inspect.IntType):
        return _whole(text)
    if isinstance(info, inspect.FloatType):
        return _real(text)
    return NOT


def _natural(text: str) -> Any:
    """What YAML 1.2 alone makes of a word without quotes (null is the caller's)."""
    if text in TRUE or text in FALSE:
        return text in TRUE
    for value in (_whole(text), _real(text)):
        if value is not NOT:
            return value
    return text


def _whole(text: str) -> Any:
    if len(text) > DIGITS_MAX or not _INTEGER.fullmatch(text):
        return NOT
    return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)


def _real(text: str) -> Any:
    return float(text) if len(text) <= DIGITS_MAX and _FLOAT.fullmatch(text) else NOT


def choices(info: inspect.Type) -> dict[str, Any]:
    """The words that an enumeration or a literal type allows, and their values."""
    if isinstance(info, inspect.EnumType):
        return {str(member.value): member.value for member in info.cls}
    if isinstance(info, inspect.LiteralType):
        return {str(value): value for value in info.values}
    return {}


def is_within_bounds(value: Any, info: inspect.Type) -> bool:
    """Whether a value keeps the bounds that its type was annotated with."""
    if isinstance(info, (inspect.IntType, inspect.FloatType)):
        return (
            (info.ge is None or value >= info.ge)
            and (info.gt is None or value > info.gt)
            and (info.le is None or value <= info.le)
            and (info.lt is None or value < info.lt)
        )
    if isinstance(info, inspect.StrType):
        return (
            (info.min_length is None or len(value) >= info.min_length)
            and (info.max_length is None or len(value) <= info.max_length)
            and (info.pattern is None or re.search(info.pattern, value) is not None)
        )
    return True


# --- words ----------------------------------------------------------------------------------------


def shown(node: Node) -> str:
    """A value as an error shows it."""
    if not isinstance(node, Scalar):
        return "a list" if isinstance(node, Sequence) else "a mapping"
    text = node.text
    if len(text) > SHOWN_CHARACTERS_MAX:
        text = f"{text[:SHOWN_CHARACTERS_MAX]}..."
    if not node.plain:
        return f"{text!r} in quotes"
    return repr(text) if isinstance(_natural(text), str) and text not in NULL else text


def place(path: Path) -> str:
    """Where in the file a value stands, as the end of a half sentence."""
    if not path:
        return " at the top"
    if isinstance(path[-1], str):
        return f" for {path[-1]!r}"
    return f" as item {path[-1] + 1}" + (f" of {path[-2]!r}" if len(path) > 1 else "")


def inside(path: Path) -> str:
    """In what a key stands, or should."""
    return f"in{place(path).removeprefix(' for').removeprefix(' as')}" if path else "at the top"


def one_of(allowed: Iterable[str]) -> str:
    """The allowed words, in their order."""
    listed = list(allowed)
    more = f" and {len(listed) - LISTED_MAX} more" if len(listed) > LISTED_MAX else ""
    if len(listed) == 1:
        return repr(listed[0])
    return f"one of {', '.join(listed[:LISTED_MAX])}{more}" if listed else "no key at all"


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that somebody probably meant."""
    close = difflib.get_close_matches(word[:SHOWN_CHARACTERS_MAX], list(allowed), n=1)
    return close[0] if close else None


def meant_choice(node: Node, allowed: Iterable[str]) -> str:
    """What was meant instead of a wrong word: all allowed ones, the nearest first."""
    listed = list(allowed)
    close = nearest(node.text, listed) if isinstance(node, Scalar) else None
    return f"{close!r} perhaps ({one_of(listed)})" if close else one_of(listed)


def meant_key(key: str, known: Iterable[str]) -> str:
    """What was meant instead of an unknown key: the nearest one, or one of all."""
    listed = list(known)
    close = nearest(key, listed)
    return repr(close) if close else one_of(listed)


def meant_instead(node: Scalar, wanted: list[inspect.Type]) -> str:
    """What was meant instead of a scalar that fits none of the types."""
    allowed = [word for info in wanted for word in choices(info)]
    if allowed and all(isinstance(info, (*_ChoiceTypes, inspect.NoneType)) for info in wanted):
        return meant_choice(node, allowed)
    if node.plain and node.text in TRUE | FALSE | NULL and any(isinstance(each, inspect.StrType) for each in wanted):
        return f'text in quotes: "{node.text}"'
    return meant(wanted)


def meant(wanted: list[inspect.Type]) -> str:
    """A union of types in words."""
    said = [_said(info) for info in wanted if not isinstance(info, inspect.NoneType)]
    return " or ".join(dict.fromkeys(said)) or "null"


def _said(info: inspect.Type) -> str:
    if isinstance(info, _ChoiceTypes):
        return one_of(choices(info))
    if isinstance(info, inspect.StructType):
        keys = f"a mapping ({', '.join(field.encode_name for field in info.fields[:LISTED_MAX])})"
        return keys if any(field.required for field in info.fields) else f"{keys}, {{}} at least"
    if isinstance(info, (inspect.IntType, inspect.FloatType)):
        return _numeral(info)
    if isinstance(info, inspect.StrType):
        return _text(info)
    names = {
        inspect.BoolType: "true or false",
        inspect.DictType: "a mapping",
        inspect.ListType: "a list",
        inspect.VarTupleType: "a list",
        inspect.TupleType: "a list",
        inspect.SetType: "a list",
        inspect.FrozenSetType: "a list",
        inspect.AnyType: "a value",
    }
    return names.get(type(info), "a value of another kind")


def _numeral(info: inspect.IntType | inspect.FloatType) -> str:
    noun = "a whole number" if isinstance(info, inspect.IntType) else "a number"
    bounds = (("at least", info.ge), ("more than", info.gt), ("at most", info.le), ("less than", info.lt))
    said = [f"{word} {bound:.15g}" for word, bound in bounds if bound is not None]
    return f"{noun} of {' and '.join(said)}" if said else noun


def _text(info: inspect.StrType) -> str:
    said = [
        f"{word} {bound} characters"
        for word, bound in (("at least", info.min_length), ("at most", info.max_length))
        if bound is not None
    ]
    if info.pattern is not None:
        said.append(f"the form {info.pattern}")
    return f"text of {' and '.join(said)}" if said else "text"
