"""The routes as data: what each takes and gives. The app and the OpenAPI document are both made of this table.

Nothing here may be true of one of them only.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from atmbench.control import asking
from atmbench.control.problems import Refused
from atmbench.control.stream import NDJSON, FactsResponse
from atmbench.drill.acts import read_act, read_fault
from atmbench.drill.names import fact_kinds
from atmbench.drill.records import Step
from atmbench.errors import LocalError
from atmbench.monitor.exposition import CONTENT_TYPE, exposition
from atmbench.report.summary import summary
from atmbench.run.live import CannotNow, Done, LiveBench
from atmbench.run.views import (
    NO_POWER,
    BenchView,
    FaultView,
    LineView,
    Phase,
    SiteView,
    TerminalDetail,
    TerminalView,
    view_faults,
    view_lines,
    view_sites,
    view_terminal,
    view_terminal_closely,
)
from atmbench.terminal.states import State

YAML = "application/yaml"
TEXT = "text/plain"
JSON = "application/json"
STATES = (*(str(state) for state in State), NO_POWER)


class Speed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast the clock of a bench runs."""

    speed: float
    """Seconds of the run in one second of the wall."""


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """What a bench does from now on, after it was told to heal or to stop."""

    state: Phase


Handler = Callable[[LiveBench, Request], Awaitable[Response]]


class Param(msgspec.Struct, frozen=True):
    """A value in a path or a query."""

    name: str
    says: str
    schema: dict[str, Any]
    is_list: bool = False
    """Several values, with commas between."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked of a bench."""

    method: str
    path: str
    says: str
    handler: Handler
    gives: Any = None
    """Type of the answer, if that is JSON; None for whatever else `media_type` is."""
    media_type: str = JSON
    status: int = 200
    takes: Any = None
    """Type of the body: a record, "act" or "fault"; None if there is none."""
    path_params: tuple[Param, ...] = ()
    query: tuple[Param, ...] = ()
    problems: tuple[int, ...] = ()
    """Errors beside those that any route may have."""


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=JSON)


def _no_query(request: Request) -> None:
    asking.read_query(request, set())


def _do(bench: LiveBench, step: Step, status: int = 200) -> Response:
    return _json(bench.act(step), status)


async def _bench(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    return _json(bench.view())


async def _metrics(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    return Response(exposition(bench.metrics()), media_type=CONTENT_TYPE)


async def _terminals(bench: LiveBench, request: Request) -> Response:
    state = asking.read_query(request, {"state"}).get("state")
    if state is not None and state not in STATES:
        raise Refused(422, f"state: found {state[:40]!r}, meant one of {', '.join(STATES)}.")
    bench.refresh()
    views = (view_terminal(driver, bench.board) for driver in bench.world.drivers.values())
    return _json([view for view in views if state in (None, view.state)])


async def _terminal(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    name = request.path_params["terminal"]
    driver = bench.world.drivers.get(name)
    if driver is None:
        first, *_, last = ["", *bench.world.drivers]
        raise Refused(404, f"there is no terminal {name[:40]!r}; this bench has {first or 'T01'} to {last}.")
    bench.refresh()
    return _json(view_terminal_closely(driver, bench.board))


async def _lines(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    bench.refresh()
    return _json(view_lines(bench.world, bench.board))


async def _sites(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    bench.refresh()
    return _json(view_sites(bench.world, bench.board))


async def _faults(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    bench.refresh()
    return _json(view_faults(bench.board))


async def _begin_fault(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    return _do(bench, read_fault(await asking.read_json(request)), 201)


async def _end_fault(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    name = request.path_params["name"]
    bench.refresh()
    if bench.world.phase == "running" and name not in bench.board.faults:
        raise Refused(404, f"there is no active fault {name[:80]!r}.")
    return _do(bench, read_act({"mend": {"name": name}}))


async def _end_faults(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    return _do(bench, read_act({"mend": {}}))


async def _command(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    return _do(bench, read_act(await asking.read_json(request)))


async def _speed(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    try:
        wanted = msgspec.convert(await asking.read_json(request), Speed)
    except msgspec.ValidationError as error:
        raise Refused(422, f"{error}.") from None
    bench.set_speed(wanted.speed)
    return _json(Speed(bench.speed))


async def _audit(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    return _json(summary(bench.audit()))


async def _heal(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    bench.heal()
    return _json(Coming(state="healing"), 202)


async def _stop(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    bench.stop()
    return _json(Coming(state="ended"), 202)


async def _session(bench: LiveBench, request: Request) -> Response:
    _no_query(request)
    return Response(bench.session(), media_type=YAML)


async def _facts(bench: LiveBench, request: Request) -> Response:
    return FactsResponse(bench, asking.read_wanted(request), asking.FOLLOWERS_MAX)


def refusal(error: LocalError) -> Refused:
    """The problem that an error of the bench is."""
    return Refused(409 if isinstance(error, CannotNow) else 422, str(error))


_TRUTH = {"type": "boolean", "default": False}
_TEXT = {"type": "string"}

ROUTES = (
    Route(method="GET", path="/v1/bench", says="The bench as a whole.", handler=_bench, gives=BenchView),
    Route(method="GET", path="/metrics", says="What Prometheus scrapes.", handler=_metrics, media_type=TEXT),
    Route(
        method="GET",
        path="/v1/terminals",
        says="All terminals, or those in a state.",
        handler=_terminals,
        gives=list[TerminalView],
        query=(Param("state", "Only terminals in this state.", {"type": "string", "enum": list(STATES)}),),
    ),
    Route(
        method="GET",
        path="/v1/terminals/{terminal}",
        says="One terminal from near by.",
        handler=_terminal,
        gives=TerminalDetail,
        path_params=(Param("terminal", "Its name, such as T01.", _TEXT),),
        problems=(404,),
    ),
    Route(method="GET", path="/v1/lines", says="All lines.", handler=_lines, gives=list[LineView]),
    Route(method="GET", path="/v1/sites", says="All sites.", handler=_sites, gives=list[SiteView]),
    Route(method="GET", path="/v1/faults", says="All active faults.", handler=_faults, gives=list[FaultView]),
    Route(
        method="POST",
        path="/v1/faults",
        says="Start a fault; it applies to every frame from this instant on.",
        handler=_begin_fault,
        gives=Done,
        status=201,
        takes="fault",
        problems=(409,),
    ),
    Route(method="DELETE", path="/v1/faults", says="End all faults.", handler=_end_faults, gives=Done, problems=(409,)),
    Route(
        method="DELETE",
        path="/v1/faults/{name}",
        says="End one fault.",
        handler=_end_fault,
        gives=Done,
        path_params=(Param("name", "Its name.", _TEXT),),
        problems=(404, 409),
    ),
    Route(
        method="POST",
        path="/v1/commands",
        says="Carry out a command now: a drill's step without its trigger.",
        handler=_command,
        gives=Done,
        takes="act",
        problems=(409,),
    ),
    Route(
        method="PUT",
        path="/v1/speed",
        says="Let the clock run at another speed.",
        handler=_speed,
        gives=Speed,
        takes=Speed,
        problems=(409,),
    ),
    Route(
        method="POST",
        path="/v1/audit",
        says="Judge the run so far: the report as `atmbench audit --format json` gives it.",
        handler=_audit,
        gives=dict[str, Any],
    ),
    Route(
        method="POST",
        path="/v1/heal",
        says="Mend everything and wait until all has converged; the run ends then.",
        handler=_heal,
        gives=Coming,
        status=202,
        problems=(409,),
    ),
    Route(method="POST", path="/v1/stop", says="End at once.", handler=_stop, gives=Coming, status=202),
    Route(
        method="GET",
        path="/v1/session.drill.yaml",
        says="The session so far as a drill.",
        handler=_session,
        media_type=YAML,
        problems=(409,),
    ),
    Route(
        method="GET",
        path="/v1/facts",
        says="Facts above a number, one a line; with `follow` as they come, until the run has ended.",
        handler=_facts,
        media_type=NDJSON,
        query=(
            Param("since", "Facts with a higher number.", {"type": "integer", "minimum": 0, "default": 0}),
            Param("follow", "Go on with those that come.", _TRUTH),
            Param("lossy", "Leave facts out for a follower who is too slow, and say which.", _TRUTH),
            Param("kind", "Only these kinds.", {"type": "string", "enum": sorted(fact_kinds())}, is_list=True),
            Param("actor", "Only of these actors; T01 stands for T01/primary too.", _TEXT, is_list=True),
            Param("key", "Only of these transactions.", _TEXT, is_list=True),
        ),
        problems=(503,),
    ),
)
