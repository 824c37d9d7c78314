"""What a request asks, read within bounds: a JSON body, and the values of its query."""

from contextlib import aclosing
from typing import Any

import msgspec
from starlette.requests import Request

from atmbench.control.filters import Filter, read_filter
from atmbench.control.problems import Refused
from atmbench.errors import LocalError

BODY_BYTES_MAX = 1 << 16
FOLLOWERS_MAX = 32
"""So many may read along at once."""
SEQ_MAX = 2**53
QUERY_CHARACTERS_MAX = 8_000

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class Wanted(msgspec.Struct, frozen=True):
    """What a follower of facts asks for."""

    since: int = 0
    follow: bool = False
    lossy: bool = False
    wanted: Filter = Filter()


async def read_json(request: Request) -> Any:
    """The body of a request. Raises Refused if it is too long, of another kind, or no JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, f"found a body of type {kind or 'unknown'!r}, meant application/json.")
    body = b""
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                raise Refused(413, f"found a body of more than {BODY_BYTES_MAX:,} bytes; no command is so long.")
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"the body is no JSON: {error}.") from None


def read_wanted(request: Request) -> Wanted:
    """What a query of /v1/facts says. Raises Refused."""
    known = {"since", "follow", "lossy", "kind", "actor", "key"}
    query = read_query(request, known)
    try:
        wanted = read_filter(query.get("kind", ""), query.get("actor", ""), query.get("key", ""))
    except LocalError as error:
        raise Refused(422, str(error)) from None
    return Wanted(_number(query.get("since", "0")), _truth(query, "follow"), _truth(query, "lossy"), wanted)


def read_query(request: Request, known: set[str]) -> dict[str, str]:
    """The values of a query by name. Raises Refused for a name nobody knows, or one that comes twice."""
    if len(request.url.query) > QUERY_CHARACTERS_MAX:
        raise Refused(422, f"found a query of more than {QUERY_CHARACTERS_MAX:,} characters.")
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known or name in values:
            found = f"{name!r} twice" if name in values else f"{name!r} in the query"
            raise Refused(422, f"found {found}, meant {', '.join(sorted(known)) or 'nothing'}.")
        values[name] = value
    return values


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(SEQ_MAX)) and int(text) <= SEQ_MAX:
        return int(text)
    raise Refused(422, f"since: found {text[:40]!r}, meant the number of a fact, 0 for all.")


def _truth(query: dict[str, str], name: str) -> bool:
    text = query.get(name, "false")
    if text.lower() not in _TRUTHS:
        raise Refused(422, f"{name}: found {text[:40]!r}, meant true or false.")
    return _TRUTHS[text.lower()]
