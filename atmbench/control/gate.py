"""Who is let in: the door in front of all routes. None is open where a token is set.

Without a token a bench listens on loopback only, and even there a browser could be made to speak for a stranger's page:
by a name that is rebound to 127.0.0.1, or by a form. So the Host must be a name of loopback, and an Origin its own.
"""

import hmac
import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from atmbench.control.problems import Refused
from atmbench.errors import LocalError

TOKEN_CHARACTERS_MIN = 16
"""A shorter token could be guessed."""
TOKEN_CHARACTERS_MAX = 512


class Gate:
    """Lets requests through to an app, or answers them itself. `token` is empty where none is asked for.

    `on_ask` is called for every request that is let in.
    """

    def __init__(self, app: ASGIApp, token: str, on_ask: Callable[[], None]) -> None:
        self._app = app
        self._token = token.encode()
        self._on_ask = on_ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return  # a lifespan is not ours to have, and a socket of the web gets no answer
        try:
            self._check(Request(scope))
        except Refused as refused:
            await refused.response()(scope, receive, send)
            return
        self._on_ask()
        await self._app(scope, receive, send)

    def _check(self, request: Request) -> None:
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if not self._token and not is_loopback(_name_of(host)):
            raise Refused(403, f"found the Host {host!r}, meant a name of this machine such as 127.0.0.1 or localhost.")
        if origin is not None and urlsplit(origin).netloc != host:
            raise Refused(403, "a page of another origin asked; a bench takes no orders from web pages.")
        if self._token:
            self._check_token(request.headers.get("authorization", ""))

    def _check_token(self, given: str) -> None:
        scheme, _, token = given.partition(" ")
        is_right = hmac.compare_digest(token.strip().encode(), self._token)
        if scheme.lower() != "bearer" or not is_right:
            found = "another token" if given else "no token"
            raise Refused(
                401,
                f"found {found}, meant that of this bench, in a header `Authorization: Bearer TOKEN`.",
                {"WWW-Authenticate": 'Bearer realm="atmbench"'},
            )


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine and nobody else's."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    """A Host header without its port: 127.0.0.1:8590, [::1]:8590."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def check_token(token: str, host: str) -> None:
    """Raises LocalError for an address that cannot do without a token, or for one that is too easy to guess."""
    if not token:
        if not is_loopback(host):
            raise LocalError(
                f"{host} is not loopback, and a bench that others can reach needs a token: give --token-file, or set "
                "ATMBENCH_TOKEN"
            )
        return
    if not TOKEN_CHARACTERS_MIN <= len(token) <= TOKEN_CHARACTERS_MAX or not token.isascii() or not token.isprintable():
        raise LocalError(
            f"the token is none; expected {TOKEN_CHARACTERS_MIN} to {TOKEN_CHARACTERS_MAX} printable ASCII characters, "
            "such as `openssl rand -hex 24` makes"
        )
