"""Facts as a stream of lines: each follower reads the history's file for itself, so that none keeps the engine waiting.

What a follower does not take stays where it is, on disk.
"""

from collections.abc import Awaitable, Callable

import trio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from atmbench.control.asking import Wanted
from atmbench.control.filters import missed, numbered
from atmbench.control.problems import Refused
from atmbench.run.live import LiveBench
from atmbench.store.numbered import HistoryReader

HEARTBEAT_S = 5.0
"""After so long without a fact an empty line is sent, in seconds of the wall."""
BEHIND_MAX = 10_000
"""A lossy follower who is more facts behind is moved to the end."""
NDJSON = "application/x-ndjson"

Say = Callable[[bytes], Awaitable[None]]


class FactsResponse(Response):
    """The facts that somebody wants, as they come."""

    media_type = NDJSON

    def __init__(self, bench: LiveBench, wanted: Wanted, followers_max: int) -> None:
        if bench.followers >= followers_max:
            raise Refused(503, f"{followers_max} read along already, which is the most; end one of them first.")
        super().__init__()
        del self.headers["content-length"]
        self.headers["cache-control"] = "no-store"
        self._bench = bench
        self._wanted = wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, until the facts end or whoever asked has gone."""

        async def say(data: bytes) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": True})

        async def wait_for_leave() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            nursery.cancel_scope.cancel()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait_for_leave)
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                reader = self._bench.follow(self._wanted.since)
                try:
                    await _tell(self._bench, reader, self._wanted, say)
                finally:
                    self._bench.let_go(reader)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            nursery.cancel_scope.cancel()


async def _tell(bench: LiveBench, reader: HistoryReader, wanted: Wanted, say: Say) -> None:
    """Say all that is wanted: up to now, or until the run has ended."""
    bench.refresh()
    last = bench.history.number
    said_at = trio.current_time()
    while wanted.follow or reader.number < last:
        if wanted.lossy and reader.behind > BEHIND_MAX:
            await say(_skip(bench, reader, wanted.since))
        found = reader.read()
        if found is None:
            if bench.result is not None:
                return
            await bench.news(HEARTBEAT_S)
        data = numbered(*found, wanted.wanted) if found is not None else b""
        if not data and trio.current_time() - said_at >= HEARTBEAT_S * bench.speed:
            data = b"\n"
        if data:
            await say(data)
            said_at = trio.current_time()
        else:
            await trio.lowlevel.checkpoint()


def _skip(bench: LiveBench, reader: HistoryReader, since: int) -> bytes:
    first, last = max(reader.number, since) + 1, bench.history.number
    reader.go_to(last)
    return missed(first, last)
