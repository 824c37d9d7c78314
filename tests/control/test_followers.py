"""Followers of facts over TCP: whole, in order, resumed, filtered, and never in the engine's way."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import trio

from atmbench.control import server, stream
from atmbench.run.live import LiveBench
from tests.control.talk import follow, talk


def history(bench: LiveBench) -> list[dict[str, Any]]:
    lines = (bench.directory.path / "history.jsonl").read_bytes().splitlines()
    return [{"seq": number, **msgspec.json.decode(line)} for number, line in enumerate(lines, start=1)]


async def heal_at(client: httpx.AsyncClient, at: float) -> None:
    await trio.sleep_until(at)
    assert (await client.post("/v1/heal")).status_code == 202


async def first_bytes(client: httpx.AsyncClient, path: str, at_least: int) -> list[bytes]:
    """The whole lines in the first bytes of a stream, which is broken off then."""
    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    data = b""
    async with await trio.open_tcp_stream(host, port) as wire:
        await wire.send_all(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        async for chunk in wire:
            data += chunk
            head, _, body = data.partition(b"\r\n\r\n")
            if len(body) >= at_least:
                break
    assert b" 200 " in head
    return body.split(b"\n")[:-1]


def test_two_followers_get_every_fact_to_the_end_and_a_slow_one_holds_nobody_up(tmp_path: Path) -> None:
    got: dict[str, list[dict[str, Any]]] = {}

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        async def read(name: str, **query: Any) -> None:
            got[name] = await follow(client, **query)

        host, port = client.base_url.host, client.base_url.port
        assert port is not None
        slow = await trio.open_tcp_stream(host, port)
        await slow.send_all(b"GET /v1/facts?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: read("all"))
            nursery.start_soon(lambda: read("late", since=100))
            nursery.start_soon(lambda: read("some", kind="transaction_ended,run_ended", actor="T01,conductor"))
            nursery.start_soon(heal_at, client, 25.0)
        await slow.aclose()

    bench = talk(tmp_path, script)
    told = history(bench)
    assert got["all"] == told
    assert got["late"] == told[100:]
    assert got["some"] == [
        each
        for each in told
        if each["fact"] in ("transaction_ended", "run_ended") and each["actor"] in ("T01", "conductor")
    ]
    assert got["some"][-1]["fact"] == "run_ended"


def test_a_stream_that_breaks_is_taken_up_where_it_ended(tmp_path: Path) -> None:
    seen: list[int] = []

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(heal_at, client, 20.0)
            while bench.result is None or seen[-1] < bench.history.number:
                since = seen[-1] if seen else 0
                for line in await first_bytes(client, f"/v1/facts?follow=true&since={since}", 10_000):
                    seen.append(msgspec.json.decode(line)["seq"])

    bench = talk(tmp_path, script)
    assert seen == list(range(1, bench.history.number + 1))
    assert bench.followers == 0


def test_without_follow_the_facts_up_to_now_are_given(tmp_path: Path) -> None:
    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        await trio.sleep(10)
        number = (await client.get("/v1/bench")).json()["seq"]
        lines = (await client.get("/v1/facts")).content.splitlines()
        assert len(lines) >= number
        assert (await client.get("/v1/facts", params={"since": 10**6})).content == b""
        one = await client.get("/v1/facts", params={"kind": "run_started"})
        assert [msgspec.json.decode(line)["drill"] for line in one.content.splitlines()] == ["talk"]
        key = next(each["key"] for each in map(msgspec.json.decode, lines) if each["fact"] == "transaction_started")
        about = [
            msgspec.json.decode(line)
            for line in (await client.get("/v1/facts", params={"key": key})).content.splitlines()
        ]
        assert {each["key"] for each in about} == {key}
        assert {each["actor"][:3] for each in about} >= {"T0" + key[2]}

    talk(tmp_path, script)


def test_a_lossy_follower_who_is_far_behind_is_moved_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEHIND_MAX", 50)

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        await trio.sleep(10)
        bench.refresh()
        number = bench.history.number
        async with trio.open_nursery() as nursery:
            nursery.start_soon(heal_at, client, 15.0)
            lines = await follow(client, lossy="true", since=5)
        assert lines[0]["missed"]["from"] == 6
        assert lines[0]["missed"]["to"] >= number
        assert lines[1]["seq"] == lines[0]["missed"]["to"] + 1
        whole = await follow(client, since=5)
        assert whole[0]["seq"] == 6

    talk(tmp_path, script)


def test_silence_is_filled_with_empty_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.01)

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        assert await first_bytes(client, "/v1/facts?follow=true&kind=run_ended", 2) == [b"", b""]

    talk(tmp_path, script)


def test_connections_that_have_ended_make_room_and_too_many_at_once_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS_MAX", 5)

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        for _ in range(20):
            assert len(await first_bytes(client, "/v1/facts?kind=run_started", 1)) == 1
        host, port = client.base_url.host, client.base_url.port
        assert port is not None
        held = [await trio.open_tcp_stream(host, port) for _ in range(8)]
        assert await held[-1].receive_some() == b""
        for each in held:
            await each.aclose()

    talk(tmp_path, script)


def test_so_many_followers_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atmbench.control.asking.FOLLOWERS_MAX", 1)

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        async with client.stream("GET", "/v1/facts?follow=true") as first:
            assert first.status_code == 200
            second = await client.get("/v1/facts?follow=true")
            assert (second.status_code, second.json()["detail"]) == (
                503, "1 read along already, which is the most; end one of them first."
            )  # fmt: skip
        with trio.fail_after(1_000):
            while (await client.get("/v1/facts")).status_code != 200:
                await trio.lowlevel.checkpoint()

    talk(tmp_path, script)
