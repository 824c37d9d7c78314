"""A tree of nodes into plain values, guided by the type of the record that is wanted.

Checks what a file can get wrong, with the line: kinds of values, keys, choices and bounds. What a word
without quotes means is decided by the type at its place, and by YAML 1.2 only where the type leaves it open.
"""

import re
from functools import lru_cache
from typing import Any

from msgspec import inspect

from atmbench.datafile import words
from atmbench.datafile.error import DataFileError, mistake
from atmbench.datafile.nodes import DEPTH_MAX, NODES_MAX, Mapping, Node, Path, Scalar, Sequence

_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_Sequences = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)
_Nullable = (inspect.NoneType, inspect.AnyType)


@lru_cache(maxsize=64)
def _type_info(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _alternatives(info: inspect.Type) -> list[inspect.Type]:
    """The types of a union, or the type alone, without the wrapping of metadata."""
    if isinstance(info, inspect.Metadata):
        return _alternatives(info.type)
    if isinstance(info, inspect.UnionType):
        return [inner for each in info.types for inner in _alternatives(each)]
    return [info]


def _text_last(info: inspect.Type) -> int:
    """In a union a word without quotes is text only if it is nothing else."""
    return isinstance(info, inspect.StrType) + 2 * isinstance(info, inspect.AnyType)


class Reader:
    """Reads one tree. `name` is what errors call the file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen = 0

    def read(self, root: Node, kind: Any) -> Any:
        """Plain values that fit the type `kind`, ready for msgspec. Raises DataFileError."""
        return self._value(root, _type_info(kind), ())

    def _value(self, node: Node, info: inspect.Type, path: Path) -> Any:
        self._seen += 1
        if self._seen > NODES_MAX or len(path) > DEPTH_MAX:
            raise self._wrong(node.line, "aliases that repeat too much", f"at most {NODES_MAX} values in all")
        wanted = _alternatives(info)
        if isinstance(node, Scalar):
            return self._scalar(node, wanted, path)
        if isinstance(node, Sequence):
            return self._sequence(node, wanted, path)
        return self._mapping(node, wanted, path)

    # --- lists ------------------------------------------------------------------------------------

    def _sequence(self, node: Sequence, wanted: list[inspect.Type], path: Path) -> list[Any]:
        for info in wanted:
            if isinstance(info, _Sequences):
                self._check_length(node.line, len(node.items), info, "items", path)
                return [self._value(item, info.item_type, (*path, at)) for at, item in enumerate(node.items)]
            if isinstance(info, inspect.TupleType):
                if len(node.items) != len(info.item_types):
                    found = f"{len(node.items)} items{words.place(path)}"
                    raise self._wrong(node.line, found, str(len(info.item_types)))
                pairs = zip(node.items, info.item_types, strict=True)
                return [self._value(item, each, (*path, at)) for at, (item, each) in enumerate(pairs)]
            if isinstance(info, inspect.AnyType):
                return [self._value(item, info, (*path, at)) for at, item in enumerate(node.items)]
        raise self._wrong(node.line, f"a list{words.place(path)}", words.meant(wanted))

    # --- mappings ---------------------------------------------------------------------------------

    def _mapping(self, node: Mapping, wanted: list[inspect.Type], path: Path) -> dict[Any, Any]:
        structs = [info for info in wanted if isinstance(info, inspect.StructType)]
        if structs:
            return self._record(node, self._tagged(node, structs, path), path)
        for info in wanted:
            if isinstance(info, inspect.DictType):
                self._check_length(node.line, len(node.items), info, "keys", path)
                return self._entries(node, info.key_type, info.value_type, path)
            if isinstance(info, inspect.AnyType):
                return self._entries(node, info, info, path)
        raise self._wrong(node.line, f"a mapping{words.place(path)}", words.meant(wanted))

    def _entries(self, node: Mapping, keys: inspect.Type, values: inspect.Type, path: Path) -> dict[Any, Any]:
        read: dict[Any, Any] = {}
        for text, value in node.items.items():
            key = self._scalar(node.keys[text], _alternatives(keys), path, is_key=True)
            read[key] = self._value(value, values, (*path, text))
        return read

    def _tagged(self, node: Mapping, structs: list[inspect.StructType], path: Path) -> inspect.StructType:
        """The record that the tag of a mapping names."""
        if len(structs) == 1:
            return structs[0]
        field = structs[0].tag_field
        assert field is not None, "a union of records without tags is no data file format"
        by_tag = {str(each.tag): each for each in structs}
        tag = node.items.get(field)
        if tag is None:
            meant = f"{field}: with {words.one_of(by_tag)}"
            raise self._wrong(node.line, f"no key {field!r} {words.inside(path)}", meant)
        if not isinstance(tag, Scalar) or tag.text not in by_tag:
            raise self._wrong(tag.line, f"{words.shown(tag)} for {field!r}", words.meant_choice(tag, by_tag))
        return by_tag[tag.text]

    def _record(self, node: Mapping, info: inspect.StructType, path: Path) -> dict[str, Any]:
        fields = {field.encode_name: field for field in info.fields}
        read: dict[str, Any] = {}
        for key, value in node.items.items():
            field = fields.get(key)
            if field is not None:
                read[key] = self._value(value, field.type, (*path, key))
            elif key == info.tag_field and isinstance(value, Scalar):
                if value.text != info.tag:
                    raise self._wrong(value.line, f"{words.shown(value)} for {key!r}", f"{info.tag}")
                read[key] = value.text
            else:
                found = f"the key {key!r} {words.inside(path)}"
                raise self._wrong(node.keys[key].line, found, words.meant_key(key, fields))
        for name, field in fields.items():
            if field.required and name not in read:
                meant = f"{name}: with {words.meant(_alternatives(field.type))}"
                raise self._wrong(node.line, f"no key {name!r} {words.inside(path)}", meant)
        return read

    # --- scalars ----------------------------------------------------------------------------------

    def _scalar(self, node: Scalar, wanted: list[inspect.Type], path: Path, *, is_key: bool = False) -> Any:
        place = " as a key" if is_key else words.place(path)
        if node.plain:
            if node.text == "":
                raise self._wrong(node.line, f"nothing{place}", words.meant(wanted))
            if node.text in words.NULL and any(isinstance(each, _Nullable) for each in wanted):
                return None
            self._demand_quotes(node, place, is_mti=not is_key and path[-1:] == ("mti",), wanted=wanted)
        for info in sorted(wanted, key=_text_last) if len(wanted) > 1 else wanted:
            value = words.scalar_as(node, info)
            if value is not words.NOT:
                if not words.is_within_bounds(value, info):
                    break
                return value
        raise self._wrong(node.line, f"{words.shown(node)}{place}", words.meant_instead(node, wanted))

    def _demand_quotes(self, node: Scalar, place: str, *, is_mti: bool, wanted: list[inspect.Type]) -> None:
        """Refuse numbers that YAML readers read differently, and MTIs that only look like numbers."""
        if _LEADING_ZERO.fullmatch(node.text) or (is_mti and node.text.isdigit()):
            looks = "an MTI without quotes" if len(node.text) == 4 else "digits without quotes"
            if all(isinstance(each, (inspect.IntType, inspect.FloatType, inspect.NoneType)) for each in wanted):
                meant = f"{int(node.text)}, without the leading zero"
            else:
                meant = f'text in quotes: "{node.text}"'
            raise self._wrong(node.line, f"{looks} ({node.text}){place}", meant)

    def _check_length(self, line: int, length: int, info: Any, noun: str, path: Path) -> None:
        if info.max_length is not None and length > info.max_length:
            raise self._wrong(line, f"{length} {noun}{words.place(path)}", f"at most {info.max_length}")
        if info.min_length is not None and length < info.min_length:
            raise self._wrong(line, f"{length} {noun}{words.place(path)}", f"at least {info.min_length}")

    def _wrong(self, line: int, found: str, meant: str) -> DataFileError:
        return mistake(self._name, line, found, meant)
