"""A bench and its control plane over real TCP on this machine, and a client beside it in the same trio loop."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import trio

from atmbench.control.server import Door, Server
from atmbench.drill.load import parse_drill
from atmbench.run.live import LiveBench
from atmbench.run.source import Source

TEXT = """
drill: talk
proves: a bench can be talked to
terminals: 4
workload: {every_s: 5, amounts: [20.00, 50.00]}
steps:
- {at: 4, name: slow, fault: {kind: delay, line: secondary, delay_s: 0.2}}
heal: {at: 30, within_s: 200}
"""
SOURCE = Source(parse_drill(TEXT, "talk"), TEXT, "talk")
JSON = {"content-type": "application/json"}

Script = Callable[[httpx.AsyncClient, LiveBench], Awaitable[None]]


def talk(
    folder: Path, script: Script, *, speed: float = 20.0, token: str = "", source: Source = SOURCE, verify: Any = True,
    **door: Any,
) -> LiveBench:  # fmt: skip
    """Run a bench of `source` in memory wires and a script that talks to it; what it leaves running is stopped."""
    bench = LiveBench(source, out=folder / "run", venue="virtual", speed=speed, seed=3)

    async def main() -> None:
        url = ""
        is_ready = trio.Event()

        def announce(found: str) -> None:
            nonlocal url
            url = found
            is_ready.set()

        server = Server(bench, Door(port=0, token=token, **door), announce)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.run)
            await is_ready.wait()
            async with httpx.AsyncClient(base_url=url, timeout=None, trust_env=False, verify=verify) as client:
                try:
                    await script(client, bench)
                finally:
                    server.end()

    trio.run(main, clock=bench.clock)
    return bench


async def follow(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """All lines of a stream of facts, to its end."""
    found: list[dict[str, Any]] = []
    async with client.stream("GET", "/v1/facts", params={"follow": "true", **query}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-ndjson"
        async for line in answer.aiter_lines():
            if line:
                found.append(msgspec.json.decode(line))
    return found
