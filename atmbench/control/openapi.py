"""The OpenAPI document of a bench, made of the routes and of the records that go over the wire."""

import inspect
from http import HTTPStatus
from typing import Any, get_args

import msgspec

from atmbench import __version__
from atmbench.control import problems, routes
from atmbench.control.problems import PROBLEM_JSON, Problem
from atmbench.control.routes import JSON, ROUTES, TEXT, YAML, Param, Route
from atmbench.control.stream import NDJSON
from atmbench.datafile.described import texts_under_fields
from atmbench.drill.acts import NOT_IN_AN_ACT
from atmbench.drill.records import Step
from atmbench.drill.rules import COMMANDS
from atmbench.drill.schema import descriptions
from atmbench.faults.all import AnyFault
from atmbench.run import live, views

REF = "#/components/schemas/{name}"
_NOT_JSON = {YAML: {"type": "object", "description": "A drill."}, NDJSON: {"type": "string"}, TEXT: {"type": "string"}}
ANY_PROBLEMS = (400, 403, 422)
"""Errors that any route may answer with."""
BODY_PROBLEMS = (413, 415)


def document(*, is_guarded: bool) -> dict[str, Any]:
    """OpenAPI 3.1 as plain values. `is_guarded` says that a token is asked for."""
    bodies: list[Any] = [route.takes for route in ROUTES if isinstance(route.takes, type)]
    types = [Problem, Step, *(route.gives for route in ROUTES if route.gives is not None), *bodies]
    schemas, parts = msgspec.json.schema_components(types, ref_template=REF)
    answers = dict(zip((str(each) for each in types), schemas, strict=True))
    parts = msgspec.json.decode(msgspec.json.encode(parts))
    _describe(parts)
    parts["Act"] = _act(parts)
    parts["NamedFault"] = _named_fault(parts)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, answers, is_guarded=is_guarded)
    paths["/openapi.json"] = {"get": _self(is_guarded=is_guarded)}
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "atmbench", "version": __version__, "description": "A running bench."},
        "paths": paths,
        "components": {"schemas": parts},
    }
    if is_guarded:
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
    return found


def _describe(parts: dict[str, Any]) -> None:
    """Say what each field means, in the words that stand under it in the source."""
    said = {**descriptions(), **texts_under_fields((views, live, problems, routes))}
    for name, part in parts.items():
        for key, value in part.get("properties", {}).items():
            if (text := said.get(name, {}).get(key)) is not None:
                value["description"] = text


def _operation(route: Route, answers: dict[str, Any], *, is_guarded: bool) -> dict[str, Any]:
    words = (
        route.path.removeprefix("/v1/")
        .removeprefix("/")
        .replace(".", "_")
        .replace("/", "_")
        .translate({ord(c): None for c in "{}"})
    )
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{words}",
        "summary": route.says,
        "parameters": [_param(each, "path") for each in route.path_params]
        + [_param(each, "query") for each in route.query],
        "responses": {str(route.status): _answer(route, answers), **_problems(route, is_guarded=is_guarded)},
    }
    if route.takes is not None:
        ref = {"act": "Act", "fault": "NamedFault"}.get(route.takes) if isinstance(route.takes, str) else None
        schema = {"$ref": REF.format(name=ref)} if ref else answers[str(route.takes)]
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return operation


def _answer(route: Route, answers: dict[str, Any]) -> dict[str, Any]:
    schema = answers[str(route.gives)] if route.gives is not None else _NOT_JSON[route.media_type]
    return {"description": route.says, "content": {route.media_type: {"schema": schema}}}


def _problems(route: Route, *, is_guarded: bool) -> dict[str, Any]:
    statuses = {*ANY_PROBLEMS, *route.problems}
    if route.takes is not None:
        statuses |= set(BODY_PROBLEMS)
    if is_guarded:
        statuses.add(401)
    content = {PROBLEM_JSON: {"schema": {"$ref": REF.format(name="Problem")}}}
    return {str(each): {"description": HTTPStatus(each).phrase, "content": content} for each in sorted(statuses)}


def _param(param: Param, place: str) -> dict[str, Any]:
    schema = {"type": "array", "items": param.schema} if param.is_list else param.schema
    told: dict[str, Any] = {"name": param.name, "in": place, "description": param.says, "schema": schema}
    if place == "path":
        told["required"] = True
    if param.is_list:
        told |= {"style": "form", "explode": False}
    return told


def _self(*, is_guarded: bool) -> dict[str, Any]:
    route = Route(method="GET", path="/openapi.json", says="This document.", handler=ROUTES[0].handler)
    answer = {"description": route.says, "content": {JSON: {"schema": {"type": "object"}}}}
    return {
        "operationId": "get_openapi",
        "summary": route.says,
        "responses": {"200": answer, **_problems(route, is_guarded=is_guarded)},
    }


def _act(parts: dict[str, Any]) -> dict[str, Any]:
    """A step without its trigger, and with exactly one command. Inside, the key names the command, and no tag does."""
    step = parts.pop("Step")
    parts.pop("After", None)
    act: dict[str, Any] = {**step, "title": "Act", "description": inspect.cleandoc(_ACT_SAYS)}
    act["properties"] = {name: value for name, value in step["properties"].items() if name not in NOT_IN_AN_ACT}
    for name in COMMANDS:
        value = act["properties"][name]
        alternatives = [each for each in value.pop("anyOf") if each != {"type": "null"}]
        value.pop("default", None)
        value.update(alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives})
    for part in parts.values():
        if "command" in part.get("properties", {}):
            del part["properties"]["command"]
            part["required"] = [key for key in part.get("required", []) if key != "command"]
    cut = parts["Cut"]
    parts["CutAct"] = {
        **cut,
        "title": "CutAct",
        "properties": {name: value for name, value in cut["properties"].items() if name != "kind"},
        "required": [key for key in cut.get("required", []) if key != "kind"],
    }
    act["properties"]["cut"] = {"$ref": REF.format(name="CutAct")}
    act["oneOf"] = [{"required": [name]} for name in COMMANDS]
    act.pop("required", None)
    return act


_ACT_SAYS = "One command, as in a step of a drill, without a trigger. `name` is for `cut` and `fault`."


def _named_fault(parts: dict[str, Any]) -> dict[str, Any]:
    """A fault, with a name beside its own keys."""
    kinds = []
    for kind in get_args(AnyFault):
        part = parts[kind.__name__]
        named = {
            **part,
            "properties": {"name": {"type": "string", "description": "To mend it by."}, **part["properties"]},
        }
        kinds.append(named)
    return {"title": "NamedFault", "description": "A fault to start.", "anyOf": kinds}
