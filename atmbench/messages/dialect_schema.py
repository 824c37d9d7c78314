"""The JSON Schema of dialect files, for editors that complete and check while one types.

A file that extends another may leave out anything, so there are two readings: one of a whole file, and one in
which no key is demanded. What a schema cannot say is said by `parse_dialect`.
"""

from copy import deepcopy
from typing import Any

import msgspec

from atmbench.datafile.described import SCHEMA_DIALECT, describe, texts_under_fields
from atmbench.messages import dialect_file, layout_file, security_file, subfield_file

ROOT = "DialectFile"
EXTENDING = "Extending"
"""What the parts of the second reading begin with."""


def dialect_schema() -> dict[str, Any]:
    """The schema as plain values, fresh for each caller."""
    schema = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(dialect_file.DialectFile)))
    parts: dict[str, dict[str, Any]] = schema["$defs"]
    describe(parts, texts_under_fields((layout_file, security_file, subfield_file, dialect_file)))
    extending = {EXTENDING + name: _without_demands(deepcopy(part)) for name, part in parts.items()}
    root = extending[EXTENDING + ROOT]
    root["properties"] = {
        "extends": {
            "type": "string",
            "description": "Another dialect, shipped or a file beside this one. Keys given here go before its own.",
        },
        "without": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Keys of the other one that are left out first: [responses, fields.55].",
        },
        **root["properties"],
    }
    return {
        "$schema": SCHEMA_DIALECT,
        "title": "atmbench dialect",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{EXTENDING}{ROOT}"},
        "else": {"$ref": f"#/$defs/{ROOT}"},
        "$defs": {**parts, **extending},
    }


def _without_demands(part: dict[str, Any]) -> dict[str, Any]:
    """A part that points to parts of its own reading, and demands no key."""
    part.pop("required", None)
    _point_elsewhere(part)
    return part


def _point_elsewhere(value: Any) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            value["$ref"] = value["$ref"].replace("#/$defs/", f"#/$defs/{EXTENDING}")
        for each in value.values():
            _point_elsewhere(each)
    elif isinstance(value, list):
        for each in value:
            _point_elsewhere(each)
