"""Every route over TCP: what it gives, and how it says no."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import trio

from atmbench import facts
from atmbench.control import server
from atmbench.control.openapi import document
from atmbench.control.problems import Problem
from atmbench.control.routes import ROUTES
from atmbench.drill.load import parse_drill
from atmbench.run.live import Done, LiveBench
from atmbench.run.views import BenchView, FaultView, LineView, SiteView, TerminalDetail, TerminalView
from tests.control.talk import JSON, follow, talk


async def given(client: httpx.AsyncClient, path: str, kind: Any) -> Any:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    return msgspec.json.decode(answer.content, type=kind)


async def done(client: httpx.AsyncClient, method: str, path: str, body: Any = None, status: int = 200) -> Done:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    return msgspec.json.decode(answer.content, type=Done)


def test_a_tester_looks_acts_and_heals(tmp_path: Path) -> None:
    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        await trio.sleep(6)
        view: BenchView = await given(client, "/v1/bench", BenchView)
        assert (view.drill, view.state, view.terminals, view.lines) == (
            "talk", "running", 4, {"primary": "A", "secondary": "B"}
        )  # fmt: skip
        assert view.seq > 20
        terminals: list[TerminalView] = await given(client, "/v1/terminals", list[TerminalView])
        assert [each.terminal for each in terminals] == ["T01", "T02", "T03", "T04"]

        cut = await done(client, "POST", "/v1/faults", {"kind": "cut", "line": "primary", "by": "reset"}, 201)
        assert cut.name == "tester-cut-1"
        named = await done(client, "POST", "/v1/commands", {"fault": {"kind": "lose", "mti": "0210"}, "name": "mine"})
        assert named.name == "mine"
        found: list[FaultView] = await given(client, "/v1/faults", list[FaultView])
        assert [(each.name, each.kind) for each in found] == [("slow", "delay"), (cut.name, "cut"), ("mine", "lose")]
        lines: list[LineView] = await given(client, "/v1/lines", list[LineView])
        assert [(each.line, each.site, each.faults) for each in lines] == [
            ("primary", "A", ("tester-cut-1", "mine")),
            ("secondary", "B", ("slow", "mine")),
        ]
        await done(client, "DELETE", f"/v1/faults/{cut.name}")
        await done(client, "DELETE", "/v1/faults")
        assert await given(client, "/v1/faults", list[FaultView]) == []

        off = await done(client, "POST", "/v1/commands", {"power": {"terminal": "T02", "on": False}})
        assert off.seq > cut.seq
        dark = await given(client, "/v1/terminals?state=no_power", list[TerminalView])
        assert [(each.terminal, each.has_power) for each in dark] == [("T02", False)]
        detail: TerminalDetail = await given(client, "/v1/terminals/T02", TerminalDetail)
        assert (detail.state, detail.screen, detail.lines["primary"].up) == ("no_power", "", False)

        assert (await client.put("/v1/speed", json={"speed": 40})).json() == {"speed": 40}
        audit = (await client.post("/v1/audit")).json()
        assert (audit["status"], audit["run"]["drill"]) == ("UNKNOWN", "talk")
        saved = (await client.get("/v1/session.drill.yaml")).text
        assert [step.name for step in parse_drill(saved, "saved").steps] == ["slow", "tester-cut-1", "mine", "", "", ""]

        answer = await client.post("/v1/heal")
        assert (answer.status_code, answer.json()) == (202, {"state": "healing"})
        await follow(client, kind="run_ended")
        view = await given(client, "/v1/bench", BenchView)
        assert (view.state, view.status) == ("ended", "PASS")
        assert (await client.post("/v1/audit")).json()["status"] == "PASS"
        refused = await client.post("/v1/commands", json={"mend": {}})
        assert (refused.status_code, refused.json()["detail"]) == (409, "the run has ended")
        sites: list[SiteView] = await given(client, "/v1/sites", list[SiteView])
        assert sites[0].ledger_minor == sites[1].ledger_minor > 0

    bench = talk(tmp_path, script)
    assert bench.result is not None
    assert bench.result.audit.status.value == "PASS"
    by_tester = {type(fact) for fact in bench.directory.history() if fact.actor == "tester"}
    assert by_tester == {facts.StepPerformed, facts.FaultStarted, facts.FaultEnded}


def test_stop_ends_at_once_and_the_bench_still_says_how_it_went(tmp_path: Path) -> None:
    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        answer = await client.post("/v1/stop")
        assert (answer.status_code, answer.json()) == (202, {"state": "ended"})
        view: BenchView = await given(client, "/v1/bench", BenchView)
        assert (view.state, view.status) == ("ended", "UNKNOWN")
        assert (await client.get("/v1/session.drill.yaml")).status_code == 200

    bench = talk(tmp_path, script)
    last = list(bench.directory.history())[-1]
    assert isinstance(last, facts.RunEnded)
    assert last.because == "it was stopped"
    assert (bench.directory.path / "report.txt").exists()


def test_who_sends_a_bench_away_after_its_end_gets_a_whole_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LINGER_STEP_S", 0.0)  # it looks all the time whether anybody wants it

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        await client.post("/v1/heal")
        await follow(client)
        answer = await client.post("/v1/stop")
        assert (answer.status_code, answer.json()) == (202, {"state": "ended"})

    assert talk(tmp_path, script).is_dismissed


Wrong = tuple[str, str, dict[str, Any], int, str]
WRONG: list[Wrong] = [
    # first: nobody can have cash yet
    ("POST", "/v1/commands", {"json": {"hand": {"terminal": "T01", "does": "takes_cash"}}}, 409, "no cash lies in"),
    ("GET", "/v1/nothing", {}, 404, "there is nothing at '/v1/nothing'"),
    ("GET", "/v1/bench/", {}, 404, "there is nothing at '/v1/bench/'"),
    ("POST", "/v1/bench", {}, 405, "found POST for /v1/bench, meant GET, HEAD."),
    ("GET", "/v1/terminals/T99", {}, 404, "there is no terminal 'T99'; this bench has T01 to T04."),
    ("GET", "/v1/terminals?state=asleep", {}, 422, "state: found 'asleep', meant one of closed, ready"),
    ("GET", "/v1/bench?x=1", {}, 422, "found 'x' in the query, meant nothing."),
    ("GET", "/v1/facts?since=-1", {}, 422, "since: found '-1', meant the number of a fact"),
    ("GET", "/v1/facts?since=1&since=2", {}, 422, "found 'since' twice"),
    ("GET", "/v1/facts?kind=cash", {}, 422, "kind: found 'cash', meant a kind of fact"),
    ("GET", "/v1/facts?follow=perhaps", {}, 422, "follow: found 'perhaps', meant true or false."),
    ("DELETE", "/v1/faults/none", {}, 404, "there is no active fault 'none'."),
    ("POST", "/v1/commands", {"content": b"{}"}, 415, "found a body of type 'unknown', meant application/json."),
    ("POST", "/v1/commands", {"content": b"{", "headers": JSON}, 400, "the body is no JSON"),
    ("POST", "/v1/commands", {"content": b"[" * 60_000, "headers": JSON}, 400, "the body is no JSON"),
    ("POST", "/v1/commands", {"content": b" " * 70_000, "headers": JSON}, 413, "a body of more than 65,536 bytes"),
    ("POST", "/v1/commands", {"json": []}, 422, "found no mapping, meant a command"),
    ("POST", "/v1/commands", {"json": {}}, 422, "found no command, meant exactly one of cut, fault"),
    ("POST", "/v1/commands", {"json": {"mend": {}, "promote": {"site": "B"}}}, 422, "found 2 commands (mend, promote)"),
    ("POST", "/v1/commands", {"json": {"at": 3, "mend": {}}}, 422, "at: found a trigger, meant none"),
    ("POST", "/v1/commands", {"json": {"promote": {"site": "C"}}}, 422, "site: found site 'C'"),
    ("POST", "/v1/commands", {"json": {"promote": {"sight": "B"}}}, 422, "unknown field `sight`"),
    ("POST", "/v1/faults", {"json": {"kind": "gremlin"}}, 422, "Invalid value 'gremlin'"),
    ("POST", "/v1/faults", {"json": {"kind": "noise", "flips": 1}}, 422, "unknown field `flips`"),
    ("PUT", "/v1/speed", {"json": {"speed": 1e9}}, 422, "a clock cannot run at 1e+09 times real time"),
    ("PUT", "/v1/speed", {"json": {"speed": "fast"}}, 422, "Expected `float`"),
    ("GET", "/v1/bench", {"headers": {"Host": "bench.example:80"}}, 403, "found the Host 'bench.example:80'"),
    ("POST", "/v1/stop", {"headers": {"Origin": "http://evil.example"}}, 403, "a page of another origin asked"),
    ("POST", "/v1/stop", {"headers": {"Origin": "null"}}, 403, "a page of another origin asked"),
]  # fmt: skip


def test_what_is_wrong_is_one_sentence(tmp_path: Path) -> None:
    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        for method, path, more, status, says in WRONG:
            answer = await client.request(method, path, **more)
            where = (method, path, more.get("json"), answer.text)
            assert answer.status_code == status, where
            assert answer.headers["content-type"] == "application/problem+json", where
            problem = msgspec.json.decode(answer.content, type=Problem)
            assert problem.status == status, where
            assert says in problem.detail, where
            assert "access-control-allow-origin" not in answer.headers
        assert bench.view().state == "running"

    talk(tmp_path, script)


def test_with_a_token_no_route_is_open(tmp_path: Path) -> None:
    token = "a-token-of-24-characters"

    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        ways = [(route.method, route.path.format(terminal="T01", name="x")) for route in ROUTES]
        for method, path in [*ways, ("GET", "/openapi.json"), ("GET", "/"), ("OPTIONS", "/v1/bench")]:
            for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": f"Basic {token}"}):
                answer = await client.request(method, path, headers=headers)
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert token not in answer.text
        client.headers["Authorization"] = f"Bearer {token}"
        assert (await client.get("/v1/bench")).status_code == 200
        assert (await client.get("/v1/bench", headers={"Host": "bench.example"})).status_code == 200
        assert (await client.get("/openapi.json")).json()["security"] == [{"token": []}]

    talk(tmp_path, script, token=token)


def test_the_document_has_every_route_and_every_reference_leads_somewhere() -> None:
    told = document(is_guarded=False)
    ways = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert ways == {(route.method, route.path) for route in ROUTES} | {("GET", "/openapi.json")}
    text = msgspec.json.encode(told).decode()
    names = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= told["components"]["schemas"].keys()
    parts = told["components"]["schemas"]
    assert "at" not in parts["Act"]["properties"]
    assert parts["BenchView"]["properties"]["seq"]["description"] == "Number of the last fact."
    assert parts["SwitchPower"]["required"] == ["terminal", "on"]
    assert parts["Transact"]["properties"]["wrong_pin"]["description"].startswith("The customer types another PIN")


@pytest.mark.parametrize("path", ["/v1/bench", "/v1/facts?follow=true"])
def test_head_gives_the_head(tmp_path: Path, path: str) -> None:
    async def script(client: httpx.AsyncClient, bench: LiveBench) -> None:
        answer = await client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")

    talk(tmp_path, script)
