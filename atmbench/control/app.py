"""The app: requests to handlers, and whatever goes wrong into a problem. It must never wait for the engine."""

import sys
import traceback
from collections.abc import Callable, Mapping

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as Path
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from atmbench.control.gate import Gate
from atmbench.control.openapi import document
from atmbench.control.problems import Refused
from atmbench.control.routes import JSON, ROUTES, Handler, refusal
from atmbench.errors import LocalError
from atmbench.run.live import LiveBench


def build_app(bench: LiveBench, *, token: str = "", on_ask: Callable[[], None] = lambda: None) -> ASGIApp:
    """The app of one bench. With a `token`, nothing is answered without it. `on_ask` hears of every request let in."""
    openapi = msgspec.json.encode(document(is_guarded=bool(token)))

    async def give_openapi(bench: LiveBench, request: Request) -> Response:
        return Response(openapi, media_type=JSON)

    by_path: dict[str, dict[str, Handler]] = {"/openapi.json": {"GET": give_openapi}}
    for route in ROUTES:
        by_path.setdefault(route.path, {})[route.method] = route.handler
    paths = [Path(path, _Endpoint(bench, handlers)) for path, handlers in by_path.items()]
    return Gate(_Problems(Router(paths, redirect_slashes=False, default=_nothing_there)), token, on_ask)


async def _nothing_there(scope: Scope, receive: Receive, send: Send) -> None:
    raise Refused(404, f"there is nothing at {scope['path'][:80]!r}; /openapi.json lists what there is.")


class _Endpoint:
    """All methods of one path."""

    def __init__(self, bench: LiveBench, handlers: Mapping[str, Handler]) -> None:
        self._bench = bench
        self._handlers = dict(handlers)
        if "GET" in handlers:
            self._handlers["HEAD"] = handlers["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        handler = self._handlers.get(request.method)
        if handler is None:
            allowed = ", ".join(self._handlers)
            raise Refused(405, f"found {request.method} for {request.url.path}, meant {allowed}.", {"Allow": allowed})
        try:
            response = await handler(self._bench, request)
        except LocalError as error:
            raise refusal(error) from None
        await response(scope, receive, send)


class _Problems:
    """Turns what is raised into an answer. What nobody foresaw is a bug of the bench: 500, and stderr says more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Refused as refused:
            await refused.response()(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception:
            traceback.print_exc(file=sys.stderr)
            said = "this is a bug of the bench, not of what you asked; its stderr says more."
            await Refused(500, said).response()(scope, receive, send)
