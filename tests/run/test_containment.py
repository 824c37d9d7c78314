"""Orders of an operator in a whole world: lines, sites, regions, channels; and drills whose mitigation is left out."""

import re
from pathlib import Path

import pytest
import trio

from atmbench import facts
from atmbench.audit.judge import Audit
from atmbench.drill.commands import OrderService, StartSite, StopSite, Transact, Withdraw
from atmbench.drill.stock import stock_drill_text
from atmbench.errors import LocalError
from atmbench.messages.records import Purpose
from atmbench.run.board import Board
from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill
from atmbench.run.views import view_lines, view_terminal_closely
from tests.run.stage import Stage, drill_of

PAUSED = "This service is paused. Try another ATM or the branch."
CHANNELS = """
lines: {primary: {site: A}, secondary: {site: B}, online: {site: A, channel: online}}
channels: {online: {clients: 2}}
regions: {north: [T01]}
"""
DRILL = drill_of(CHANNELS, terminals=2, heal_at=500.0)
WITHDRAW = Withdraw(terminal="T01", amount="50.00")
BALANCE = Transact(terminal="W01", service=Purpose.BALANCE)


def closed(stage: Stage) -> list[str]:
    """Who shows its customers what the operator wants them to read."""
    return sorted({each.actor for each in stage.facts_of(facts.ScreenShown, screen="closed", lines=(PAUSED,))})


def test_a_line_is_left_for_another_and_a_channel_without_another_is_closed() -> None:
    async def script(stage: Stage) -> None:
        stage.do(OrderService(line="primary", open=False), OrderService(line="online", open=False, because=PAUSED))
        await trio.sleep(5)
        stage.do(WITHDRAW, BALANCE)
        assert [each.active_line for each in stage.world.drivers.values()] == ["secondary", "secondary", "", ""]

    stage = Stage(drill_of(CHANNELS.replace("secondary: {site: B}", "secondary: {site: A}"), terminals=2)).play(script)
    assert closed(stage) == ["W01", "W02"]
    [away] = stage.facts_of(facts.CustomerTurnedAway, actor="W01")
    assert away.because == f"out of service by order: {PAUSED}"


def test_a_site_is_left_in_good_order_and_nothing_is_lost_when_it_is_back() -> None:
    async def script(stage: Stage) -> None:
        stage.do(WITHDRAW)
        await trio.sleep(20)
        stage.do(OrderService(site="A", open=False, because=PAUSED))
        stage.world.switch.perform(stage.world.switch.host.promote("B", stage.world.now(), "by order"))
        await trio.sleep(20)
        assert closed(stage) == ["W01", "W02"], "they have no line to another site"
        stage.do(WITHDRAW)
        await trio.sleep(20)
        assert stage.world.pending()[0].endswith("records of site B have not reached site A")
        stage.do(OrderService(site="A", open=True))
        await trio.sleep(20)
        stage.do(BALANCE)
        await trio.sleep(5)

    stage = Stage(DRILL).play(script)
    assert [each.answered for each in stage.facts_of(facts.SignedOff)] == [True] * 4
    signed_off = [each for each in stage.facts_of(facts.MessageSent, actor="A") if each.purpose == "sign_off"]
    assert {each.outcome for each in signed_off} == {"host_unavailable"}, "the site is apart at once"
    assert stage.outcomes()[:2] == ["approved", "approved"]
    assert stage.roles() == [("A", "isolated"), ("B", "active"), ("A", "standby")]
    assert stage.world.switch.host.pending() == ()


def test_a_dark_site_cannot_be_isolated_and_nothing_changes() -> None:
    async def script(stage: Stage) -> None:
        stage.world.switch.perform(stage.world.switch.host.stop("B", stage.world.now()))
        with pytest.raises(LocalError, match="site B is down"):
            stage.do(OrderService(site="B", open=False))
        assert stage.facts_of(facts.StepPerformed) == []

    Stage(DRILL).play(script)


def test_a_site_is_taken_out_again_though_it_was_dark_meanwhile() -> None:
    async def script(stage: Stage) -> None:
        out = OrderService(site="A", open=False, because=PAUSED)
        stage.do(out, StopSite(site="A"), StartSite(site="A"))
        assert stage.roles()[-1] == ("A", "active")
        stage.do(out)
        assert stage.roles()[-1] == ("A", "isolated")
        stage.do(OrderService(site="A", open=True))
        assert stage.roles()[-1] == ("A", "active")

    Stage(DRILL).play(script)


def test_a_region_and_a_channel_are_what_the_drill_says() -> None:
    async def script(stage: Stage) -> None:
        stage.do(OrderService(region="north", open=False, because=PAUSED))
        await trio.sleep(5)
        assert closed(stage) == ["T01"]
        stage.do(OrderService(channel="online", open=False, because=PAUSED))
        await trio.sleep(5)
        assert closed(stage) == ["T01", "W01", "W02"]
        stage.do(OrderService(open=True))
        await trio.sleep(5)
        assert {driver.active_line for driver in stage.world.drivers.values()} == {"primary", "online"}

    Stage(DRILL).play(script)


def test_an_order_about_a_line_finds_a_terminal_that_has_no_power() -> None:
    async def script(stage: Stage) -> None:
        stage.driver.fail_power(20)
        stage.do(OrderService(line="primary", open=False))
        await trio.sleep(40)
        assert stage.driver.active_line == "secondary"

    Stage(drill_of(CHANNELS, "host: {sites: [B, A]}", terminals=1)).play(script)


def test_healing_puts_everything_back() -> None:
    steps = """
steps:
  - {at: 5, service: {open: false, site: A}}
  - {at: 5, service: {open: false, line: secondary, because: gone}}
  - {at: 5, service: {open: false, region: north}}
expect: {approved_min: 0}
"""
    stage = Stage(drill_of(CHANNELS, steps, terminals=2, heal_at=30.0))
    assert stage.run().status == "PASS"
    assert {driver.active_line for driver in stage.world.drivers.values()} == {"primary", "online"}


def test_a_running_bench_shows_clients_and_their_lines() -> None:
    async def script(stage: Stage) -> None:
        board = Board()
        client = view_terminal_closely(stage.world.drivers["W01"], board)
        assert (client.line, client.cassettes, list(client.lines)) == ("online", {}, ["online"])
        lines = {line.line: (line.terminals_up, line.terminals_active) for line in view_lines(stage.world, board)}
        assert lines == {"primary": (2, 2), "secondary": (0, 0), "online": (2, 2)}

    Stage(DRILL).play(script)


# --- stock drills whose mitigation is off ----------------------------------------------------------


def judged(tmp_path: Path, text: str) -> Audit:
    path = tmp_path / "changed.drill.yaml"
    path.write_text(text, encoding="utf-8")
    return run_drill(find_drill(str(path)), out=tmp_path / "run").audit


def without_pause(text: str) -> str:
    """The sites change places at once, and nobody is told anything."""
    text = re.sub(r"  - at: 44\.5\n    service: .*\n", "", text)
    text = text.replace("  - {at: 55, service: {open: true}}\n", "")
    return text.replace("at: 54, promote", "at: 45, promote")


def test_without_the_pause_customers_are_told_stale_balances(tmp_path: Path) -> None:
    audit = judged(tmp_path, without_pause(stock_drill_text("two-channels-one-customer")))
    view = audit.verdict("view")
    assert view.status == "FAIL"
    assert "site B told a balance of account" in view.findings[0].says
    assert audit.verdict("money").status == "PASS", "the money comes right; what customers saw was wrong"


def test_a_pause_that_is_too_short_is_of_no_use(tmp_path: Path) -> None:
    text = stock_drill_text("two-channels-one-customer")
    text = text.replace("at: 54, promote", "at: 45, promote").replace("at: 55, service", "at: 45.5, service")
    assert judged(tmp_path, text).verdict("view").status == "FAIL"


def test_without_the_orders_nothing_is_contained(tmp_path: Path) -> None:
    text = re.sub(r"  - at: \d+\n    service: .*\n", "", stock_drill_text("containment"))
    assert judged(tmp_path, text).verdict("expected").status == "FAIL"


def test_without_a_reason_nobody_is_told_why(tmp_path: Path) -> None:
    text = re.sub(r", because: \".*\"\}", "}", stock_drill_text("containment"))
    findings = judged(tmp_path, text).verdict("expected").findings
    assert [finding.says.partition(" where")[0] for finding in findings] == ["customer_turned_away"] * 2


def test_a_host_that_posts_a_repeat_again_is_seen_by_customers(tmp_path: Path) -> None:
    text = stock_drill_text("two-channels-one-customer").replace(
        "steps:\n", "steps:\n  - {at: 5, fault: {kind: duplicate, terminal: W01, direction: request, mti: x200}}\n", 1
    )
    path = tmp_path / "twice.drill.yaml"
    path.write_text(text, encoding="utf-8")
    audit = run_drill(find_drill(str(path)), out=tmp_path / "run", plant=("double-post-repeat",)).audit
    assert "postings of it" in audit.verdict("view").findings[0].says
