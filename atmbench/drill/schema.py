"""The JSON Schema of drill files, for editors that complete and check while one types.

It says what the records say, and a little more in words. What it cannot say (`rules`) is said by
`parse_drill`. Editors read YAML amounts such as 50.00 as numbers, so text in a record may be a number
in the schema wherever `datafile` takes it.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any

import msgspec

from atmbench.drill import commands, expectations, records
from atmbench.drill.names import fact_kinds
from atmbench.drill.rules import COMMANDS, TRIGGERS
from atmbench.faults import base as faults_base
from atmbench.host import settings as host_settings
from atmbench.messages import records as messages_records
from atmbench.terminal import settings as terminal_settings

__all__ = ["drill_schema", "fact_kinds"]

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FACT_PARTS = ("After", "FactCount")


def drill_schema() -> dict[str, Any]:
    """The schema as plain values, fresh for each caller."""
    schema = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(records.Drill)))
    parts: dict[str, dict[str, Any]] = schema["$defs"]
    said = _descriptions()
    for name, part in parts.items():
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
        for key, value in part.get("properties", {}).items():
            if (description := said.get(name, {}).get(key)) is not None:
                _describe(value, description)
            _allow_numbers_as_text(value, key)
    for name in _FACT_PARTS:
        parts[name]["properties"]["fact"]["enum"] = list(fact_kinds())
    _demand_one_trigger_and_command(parts["Step"])
    _drop_tags(parts)
    return {"$schema": SCHEMA_DIALECT, "title": "atmbench drill", **schema}


def _describe(value: dict[str, Any], description: str) -> None:
    """Say what a key means, beside a reference too (2020-12 allows that)."""
    value["description"] = description


def _allow_numbers_as_text(value: dict[str, Any], key: str) -> None:
    """Let text be written as a number, except where that changes it: MTIs and card BINs."""
    if key in ("mti", "bin", "kind", "fact"):
        return
    if value.get("type") == "string" and "enum" not in value:
        value["type"] = ["string", "number"]
    elif value.get("type") == "array" and isinstance(value.get("items"), dict):
        _allow_numbers_as_text(value["items"], key)


def _demand_one_trigger_and_command(step: dict[str, Any]) -> None:
    """Exactly one trigger and one command in a step; neither may be null."""
    for name in (*TRIGGERS, *COMMANDS):
        value = step["properties"][name]
        value.pop("default", None)
        alternatives = [each for each in value.pop("anyOf") if each != {"type": "null"}]
        value.update(alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives})
    step["allOf"] = [
        {"oneOf": [{"required": [name]} for name in TRIGGERS], "description": "Exactly one trigger."},
        {"oneOf": [{"required": [name]} for name in COMMANDS], "description": "Exactly one command."},
    ]


def _drop_tags(parts: dict[str, dict[str, Any]]) -> None:
    """Inside a step the key names the command, so that a tag is not written; `fault` alone has its `kind`."""
    for name, part in parts.items():
        if "command" in part.get("properties", {}):
            del part["properties"]["command"]
            part["required"] = [key for key in part.get("required", []) if key != "command"]
        if name == "Cut" and "kind" in part.get("required", []):
            part["required"].remove("kind")


# --- descriptions ---------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _descriptions() -> dict[str, dict[str, str]]:
    """Class name to field name to the text under the field, read from the sources of the records."""
    said: dict[str, dict[str, str]] = {}
    for module in _modules():
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef):
                own = dict(_said_in(node))
                for base in node.bases:
                    if isinstance(base, ast.Name):
                        own = {**said.get(base.id, {}), **own}
                said[node.name] = own
    return said


def _modules() -> tuple[ModuleType, ...]:
    faults = {kind.__module__: sys.modules[kind.__module__] for kind in faults_base.Fault.__subclasses__()}
    return (
        messages_records,
        faults_base,
        *faults.values(),
        terminal_settings,
        host_settings,
        commands,
        expectations,
        records,
    )


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
