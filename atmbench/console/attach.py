"""Attached to a running bench: its facts over HTTP, and orders back. The only module of the console that knows httpx.

Facts are numbered, so a connection that breaks is taken up again after the last one that came, and nothing is lost.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import msgspec

from atmbench.console.orders import SESSION, Order
from atmbench.console.palette import Offers
from atmbench.console.sources import BATCH_MAX, Batch, OrderRefused
from atmbench.errors import LocalError
from atmbench.facts import AnyFact, MessageReceived, MessageSent, RunEnded, from_line

REQUEST_S = 30.0
SILENCE_S = 20.0
"""The bench says something every five seconds; silent for so long, the connection is given up."""
FIRST_RETRY_S, RETRY_S_MAX = 0.25, 5.0
LINE_BYTES_MAX = 16 << 20


class _Missed(msgspec.Struct):
    from_: int = msgspec.field(name="from")
    to: int


class _Gap(msgspec.Struct):
    missed: _Missed


class _Numbered(msgspec.Struct):
    seq: int


GAP_BEGINS = b'{"missed":'
"""A line that is no fact, but tells which facts were left out. A fact begins with its number."""
_gap = msgspec.json.Decoder(_Gap)
_numbered = msgspec.json.Decoder(_Numbered)


class Attach:
    """A bench that runs in another process, by the address of its control plane."""

    def __init__(self, url: str, token: str = "") -> None:
        self.title = url
        self.playhead = None
        self.dialect = ""
        self.offers = Offers()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=REQUEST_S, trust_env=False)
        self.last_seq = 0
        self._run = ""
        self._is_over = False
        self._session = ""

    def captured(self, fact: MessageSent | MessageReceived) -> None:
        """A running bench gives out no bytes."""

    async def batches(self) -> AsyncIterator[Batch]:
        """Facts as they come, until the run has ended. Raises LocalError if the bench does not let us in."""
        retry_s = FIRST_RETRY_S
        while not self._is_over:
            try:
                if await self._is_another_run():
                    self.last_seq = 0
                    yield Batch(restarts=True)
                yield Batch(notice="")
                async for batch in self._follow():
                    retry_s = FIRST_RETRY_S
                    yield batch
            except httpx.HTTPError as error:
                yield Batch(notice=f"no bench answers at {self.title} ({_reason(error)}); trying again")
            if not self._is_over:
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, RETRY_S_MAX)
        with suppress(OrderRefused):
            self._session = await self.fetch(SESSION)

    async def _is_another_run(self) -> bool:
        """Whether the bench at this address is not the one that we have heard so far."""
        answer = await self._client.get("/v1/bench")
        if answer.status_code in (401, 403):
            raise LocalError(f"the bench at {self.title} does not let us in: {_problem(answer)}; give --token-file")
        if not _is_json(answer) or answer.is_error:
            raise LocalError(
                f"what answers at {self.title} is no bench: {_problem(answer)}; `atmbench serve` starts one"
            )
        bench: dict[str, Any] = answer.json()
        self.offers = _offers(bench)
        run = str(bench.get("run_directory", ""))
        was, self._run = self._run, run
        return bool(was) and (run != was or int(bench.get("seq", 0)) < self.last_seq)

    async def _follow(self) -> AsyncIterator[Batch]:
        wanted = {"since": str(self.last_seq), "follow": "true"}
        timeout = httpx.Timeout(REQUEST_S, read=SILENCE_S)
        async with self._client.stream("GET", "/v1/facts", params=wanted, timeout=timeout) as answer:
            answer.raise_for_status()
            rest = b""
            async for chunk in answer.aiter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > LINE_BYTES_MAX:
                    raise LocalError(f"the bench at {self.title} sent a line of more than {LINE_BYTES_MAX:,} bytes")
                for at in range(0, len(lines), BATCH_MAX):
                    yield self._batch(lines[at : at + BATCH_MAX])

    def _batch(self, lines: list[bytes]) -> Batch:
        """What some whole lines of the stream say. Raises LocalError if one is nothing that a bench says."""
        try:
            return self._read(lines)
        except msgspec.MsgspecError as error:
            raise LocalError(f"the bench at {self.title} sent a line that is no fact: {error}") from None

    def _read(self, lines: list[bytes]) -> Batch:
        found: list[AnyFact] = []
        missed = 0
        for line in lines:
            if not line.strip():
                continue
            if line.startswith(GAP_BEGINS):
                gap = _gap.decode(line).missed
                missed += gap.to - gap.from_ + 1
                self.last_seq = gap.to
                continue
            seq = _numbered.decode(line).seq
            if seq <= self.last_seq:
                continue
            self.last_seq = seq
            fact = from_line(line)
            self._is_over = self._is_over or isinstance(fact, RunEnded)
            found.append(fact)
        return Batch(tuple(found), missed=missed)

    async def send(self, order: Order) -> str:
        """Carry out an order."""
        answer = await self._ask(order.method, order.path, order.body)
        name = answer.json().get("name", "") if _is_json(answer) else ""
        return f"{order.says}{f' ({name})' if name else ''}"

    async def fetch(self, path: str) -> str:
        """A text that the bench gives out. The session of a run that has ended is had even when the bench is gone."""
        if path == SESSION and self._session:
            return self._session
        return (await self._ask("GET", path, None)).text

    async def bench(self) -> dict[str, Any]:
        """What the bench says of itself. Raises OrderRefused if it does not answer."""
        found: dict[str, Any] = (await self._ask("GET", "/v1/bench", None)).json()
        return found

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise OrderRefused(f"the bench at {self.title} does not answer: {_reason(error)}") from None
        if answer.is_error:
            raise OrderRefused(_problem(answer))
        return answer

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


def _offers(bench: dict[str, Any]) -> Offers:
    """What a bench says can be named. One that says something else is asked by ctl."""
    try:
        return msgspec.convert(bench, Offers)
    except msgspec.ValidationError:
        return Offers()


def answers(url: str, patience_s: float) -> bool:
    """Whether a bench answers at an address. If not, so much time has passed."""

    async def ask() -> bool:
        async with httpx.AsyncClient(base_url=url, timeout=REQUEST_S, trust_env=False) as client:
            try:
                return (await client.get("/v1/bench")).status_code < httpx.codes.INTERNAL_SERVER_ERROR
            except httpx.HTTPError:
                await asyncio.sleep(patience_s)
                return False

    return asyncio.run(ask())


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__


def _is_json(answer: httpx.Response) -> bool:
    return "json" in answer.headers.get("content-type", "") and answer.text.lstrip().startswith("{")


def _problem(answer: httpx.Response) -> str:
    """The sentence of an application/problem+json answer; else its status."""
    if _is_json(answer):
        told = answer.json()
        return str(told.get("detail") or told.get("title") or answer.status_code)
    return f"{answer.status_code} {answer.reason_phrase}"
