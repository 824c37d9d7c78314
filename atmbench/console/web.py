"""The console in a browser on this machine, by textual-serve. Each page is a console in a process of its own.

Nobody but a page of ours may talk to it: a page from elsewhere could steer a bench through the browser of its tester.
And a page of ours loads nothing from elsewhere.
"""

import shlex
import sys
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")


class LoopbackServer(Server):
    """Serves to pages of its own only."""

    def __init__(self, arguments: Sequence[str], port: int) -> None:
        words = [each for each in arguments if each != "--web"]
        command = shlex.join([sys.executable, "-m", "atmbench", *words])
        super().__init__(command, host=HOST, port=port, title="atmbench")

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command has said where it is."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(guard(self.port))
        return app


def guard(port: int) -> Middleware:
    """Refuses requests in another name than this machine's, and those that a page from elsewhere makes."""
    hosts = {f"{name}:{port}" for name in NAMES}
    origins = {"", *(f"http://{host}" for host in hosts)}
    own = " ".join(f"http://{host} ws://{host}" for host in sorted(hosts))
    policy = f"default-src {own} 'unsafe-inline' data: blob:; connect-src {own}"

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Host", "") not in hosts or request.headers.get("Origin", "") not in origins:
            raise web.HTTPForbidden(text="this console is for pages of this machine only")
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Content-Security-Policy"] = policy
        return answer

    return check
