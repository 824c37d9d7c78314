"""The JSON Schema of drill files, for editors that complete and check while one types.

It says what the records say, and a little more in words. What it cannot say (`rules`) is said by
`parse_drill`.
"""

import sys
from functools import lru_cache
from typing import Any, get_args

import msgspec

from atmbench.datafile.described import SCHEMA_DIALECT, describe, texts_under_fields
from atmbench.drill import commands, expectations, records
from atmbench.drill.names import fact_kinds
from atmbench.drill.rules import COMMANDS, TRIGGERS
from atmbench.faults.all import AnyFault
from atmbench.faults.base import Fault
from atmbench.framing import dial_up, link_styles
from atmbench.host import risk_settings
from atmbench.host import settings as host_settings
from atmbench.messages import records as messages_records
from atmbench.security import key_ring
from atmbench.terminal import settings as terminal_settings

__all__ = ["drill_schema", "fact_kinds"]

EXACT_TEXTS = frozenset({"mti", "bin", "kind", "fact", "format", "tpdu"})
"""Keys whose text a number would change."""
_FACT_PARTS = ("After", "FactCount")


def drill_schema() -> dict[str, Any]:
    """The schema as plain values, fresh for each caller."""
    schema = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(records.Drill)))
    parts: dict[str, dict[str, Any]] = schema["$defs"]
    describe(parts, descriptions(), exact=EXACT_TEXTS)
    for name in _FACT_PARTS:
        parts[name]["properties"]["fact"]["enum"] = list(fact_kinds())
    _demand_one_trigger_and_command(parts["Step"])
    _drop_tags(parts)
    return {"$schema": SCHEMA_DIALECT, "title": "atmbench drill", **schema}


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


@lru_cache(maxsize=1)
def descriptions() -> dict[str, dict[str, str]]:
    """What each field of each record in a drill means: record to field to words."""
    bases = [base for kind in get_args(AnyFault) for base in kind.__mro__ if issubclass(base, Fault)]
    faults = {base.__module__: sys.modules[base.__module__] for base in bases}
    return texts_under_fields(
        (
            messages_records,
            *faults.values(),
            terminal_settings,
            host_settings,
            risk_settings,
            key_ring,
            link_styles,
            dial_up,
            commands,
            expectations,
            records,
        )
    )
