"""JSON Schemas of records, with the words that stand under their fields: for editors.

Editors read YAML amounts such as 50.00 as numbers, so text in a record may be a number in a schema wherever
`datafile` takes it.
"""

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def describe(
    parts: dict[str, dict[str, Any]], said: Mapping[str, Mapping[str, str]], *, exact: frozenset[str] = frozenset()
) -> None:
    """Say in the parts (`$defs`) of a schema what each key means, and let text be written as a number.

    `exact` names keys whose text a number would change; text with a pattern stays text too.
    """
    for name, part in parts.items():
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
        for key, value in part.get("properties", {}).items():
            if (description := said.get(name, {}).get(key)) is not None:
                value["description"] = description  # beside a reference too: 2020-12 allows that
            if key not in exact:
                _allow_numbers_as_text(value)


def _allow_numbers_as_text(value: dict[str, Any]) -> None:
    if value.get("type") == "string" and "enum" not in value and "pattern" not in value:
        value["type"] = ["string", "number"]
    elif value.get("type") == "array" and isinstance(value.get("items"), dict):
        _allow_numbers_as_text(value["items"])
    elif value.get("type") == "object" and isinstance(value.get("additionalProperties"), dict):
        _allow_numbers_as_text(value["additionalProperties"])
    for alternative in value.get("anyOf", ()):
        _allow_numbers_as_text(alternative)


def texts_under_fields(modules: Iterable[ModuleType]) -> dict[str, dict[str, str]]:
    """Class name to field name to the text under the field, read from the sources of the records.

    Bases come before the classes that have them.
    """
    said: dict[str, dict[str, str]] = {}
    for module in modules:
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef):
                own = dict(_said_in(node))
                for base in node.bases:
                    if isinstance(base, ast.Name):
                        own = {**said.get(base.id, {}), **own}
                said[node.name] = own
    return said


def _said_in(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Fields of a class that have a string right under them, with that string on one line."""
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            yield field.target.id, " ".join(below.value.value.split())
