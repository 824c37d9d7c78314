"""The JSON Schema for editors says what the records say."""

import json
from typing import Any

import pytest
from msgspec import inspect

from atmbench.drill.names import fact_kinds
from atmbench.drill.records import Drill
from atmbench.drill.rules import COMMANDS
from atmbench.drill.schema import drill_schema
from atmbench.drill.stock import stock_drill_names, stock_drill_text


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return drill_schema()


def test_it_is_plain_json(schema: dict[str, Any]) -> None:
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    for part in _all(schema):
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in schema["$defs"]


def test_a_step_has_one_trigger_and_one_command(schema: dict[str, Any]) -> None:
    step = schema["$defs"]["Step"]
    trigger, command = step["allOf"]

    assert [each["required"] for each in trigger["oneOf"]] == [["at"], ["after"], ["every"]]
    assert [each["required"] for each in command["oneOf"]] == [[name] for name in COMMANDS]
    assert {*COMMANDS, "at", "after", "every", "name"} < set(step["properties"])


def test_texts_under_fields_become_descriptions(schema: dict[str, Any]) -> None:
    parts = schema["$defs"]

    assert parts["Drill"]["properties"]["proves"]["description"] == "One line: what a passing run has shown."
    assert parts["Delay"]["properties"]["mti"]["description"].startswith("Four digits"), "inherited by every fault"
    assert parts["Timers"]["properties"]["reply_s"]["description"] == "How long a request waits for its reply."


def test_kinds_of_facts_can_be_completed(schema: dict[str, Any]) -> None:
    assert schema["$defs"]["After"]["properties"]["fact"]["enum"] == list(fact_kinds())
    assert schema["$defs"]["FactCount"]["properties"]["fact"]["enum"] == list(fact_kinds())


def test_tags_that_files_do_not_write_are_not_asked_for(schema: dict[str, Any]) -> None:
    assert "command" not in schema["$defs"]["Withdraw"]["properties"]
    assert "kind" not in schema["$defs"]["Cut"]["required"]
    assert "kind" in schema["$defs"]["Delay"]["required"]


def test_amounts_may_be_numbers_and_mtis_may_not(schema: dict[str, Any]) -> None:
    assert schema["$defs"]["Withdraw"]["properties"]["amount"]["type"] == ["string", "number"]
    assert schema["$defs"]["Delay"]["properties"]["mti"]["type"] == "string"


def test_it_knows_every_key_of_the_records(schema: dict[str, Any]) -> None:
    info = inspect.type_info(Drill)
    assert isinstance(info, inspect.StructType)

    assert list(schema["$defs"]["Drill"]["properties"]) == [field.name for field in info.fields]


@pytest.mark.parametrize("name", stock_drill_names())
def test_a_stock_drill_keeps_to_it(schema: dict[str, Any], name: str) -> None:
    from ruamel.yaml import YAML

    plain = YAML(typ="safe", pure=True).load(stock_drill_text(name))
    assert _misfits(plain, schema, schema) == []


def _all(part: Any) -> list[dict[str, Any]]:
    found = [part] if isinstance(part, dict) else []
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return found + [each for value in inner for each in _all(value)]


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def _misfits(value: Any, part: dict[str, Any], root: dict[str, Any]) -> list[str]:
    """What a value breaks, by the keywords that msgspec uses: enough of a validator for one's own schema."""
    if "$ref" in part:
        return _misfits(value, root["$defs"][part["$ref"].removeprefix("#/$defs/")], root)
    if "discriminator" in part:
        chosen = part["discriminator"]["mapping"][value["kind"]]
        return _misfits(value, {"$ref": chosen}, root)
    if "anyOf" in part and all(_misfits(value, each, root) for each in part["anyOf"]):
        return [f"{value!r} fits none of {part['anyOf']}"]
    if "enum" in part and value not in part["enum"]:
        return [f"{value!r} is none of {part['enum']}"]
    kinds = part.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, _TYPES[kind]) for kind in kinds):
        return [f"{value!r} is no {kinds}"]
    misfits = []
    if isinstance(value, dict) and "properties" in part:
        misfits += [f"no {key}" for key in part.get("required", []) if key not in value]
        for key, inner in value.items():
            known = part["properties"].get(key)
            misfits += [f"unknown {key}"] if known is None else _misfits(inner, known, root)
        for rule in part.get("allOf", []):
            fits = sum(all(key in value for key in each["required"]) for each in rule["oneOf"])
            misfits += [] if fits == 1 else [f"{fits} of {rule['description']}"]
    elif isinstance(value, dict) and isinstance(part.get("additionalProperties"), dict):
        misfits += [each for inner in value.values() for each in _misfits(inner, part["additionalProperties"], root)]
    elif isinstance(value, list) and isinstance(part.get("items"), dict):
        misfits += [each for inner in value for each in _misfits(inner, part["items"], root)]
    return misfits
