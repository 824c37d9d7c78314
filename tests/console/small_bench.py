"""A bench as the console sees it, as small as it can be: a real HTTP server that gives out given facts.

It breaks off the stream when it is told to, says that facts were missed, and keeps what it was ordered.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from atmbench.facts import AnyFact, to_line


class SmallBench:
    def __init__(self, history: Sequence[AnyFact], token: str = "") -> None:
        self.history = list(history)
        self.token = token
        self.run_directory = "run-1"
        self.break_after: list[int] = []
        """Lines after which a stream breaks off: one number for each stream, then none does."""
        self.missed: tuple[int, int] | None = None
        self.ordered: list[tuple[str, str, Any]] = []
        self.refuse = ""
        self.is_bench = True
        self.nonsense = b""
        """A line that the stream begins with."""
        self.streams_from: list[int] = []
        self.says: dict[str, Any] = {}
        """What it says of itself besides."""
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["SmallBench"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                words = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head.splitlines()}
                body = await reader.readexactly(int(words.get("content-length", "0")))
                method, target, _ = head.split(maxsplit=2)
                if not await self._answer(method, target, words, body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(
        self, method: str, target: str, words: dict[str, str], body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection goes on."""
        if self.token and words.get("authorization") != f"Bearer {self.token}":
            return self._say(writer, 401, {"detail": "a token is needed"})
        url = urlsplit(target)
        if url.path == "/v1/facts":
            await self._stream(int(parse_qs(url.query)["since"][0]), writer)
            return False
        if not self.is_bench:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi")
            return True
        if method == "GET":
            said = {"seq": len(self.history), "run_directory": self.run_directory, **self.says}
            return self._say(writer, 200, said)
        if self.refuse:
            return self._say(writer, 409, {"title": "Conflict", "detail": self.refuse})
        self.ordered.append((method, url.path, json.loads(body) if body else None))
        return self._say(writer, 201, {"name": "f1"} if url.path == "/v1/faults" else {})

    def _say(self, writer: asyncio.StreamWriter, status: int, said: dict[str, Any]) -> bool:
        body = json.dumps(said).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        return True

    async def _stream(self, since: int, writer: asyncio.StreamWriter) -> None:
        self.streams_from.append(since)
        most = self.break_after.pop(0) if self.break_after else None
        head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"
        writer.write(head.encode())
        if self.nonsense:
            self._chunk(writer, self.nonsense)
        first = since + 1
        if self.missed is not None and since < self.missed[0]:
            self._chunk(writer, json.dumps({"missed": {"from": self.missed[0], "to": self.missed[1]}}).encode() + b"\n")
            first = self.missed[1] + 1
        for told, number in enumerate(range(first, len(self.history) + 1)):
            if most is not None and told == most:
                await writer.drain()
                return  # without the last chunk: it breaks off
            line = to_line(self.history[number - 1])
            self._chunk(writer, b'{"seq":%d,' % number + line[1:])
        self._chunk(writer, b"\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _chunk(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(b"%x\r\n" % len(data) + data + b"\r\n")
