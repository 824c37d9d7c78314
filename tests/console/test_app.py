"""The console under the hands of a tester: keys are pressed, and what comes of it is seen or was ordered."""

import asyncio
from pathlib import Path

import pytest

from atmbench import facts
from atmbench.audit.judge import CHECKS
from atmbench.console import attach as attach_module
from atmbench.console.app import ConsoleApp
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.screens.help import HelpScreen
from atmbench.console.sources import Replay
from atmbench.console.themes import DARK, LIGHT
from atmbench.console.views.status import MODES
from atmbench.facts import AnyFact
from tests.console.play import attached, press, replaying, said, shown, told, until
from tests.console.small_bench import SmallBench
from tests.console.tell import at, begun, withdrawal


def live(*more: AnyFact) -> list[AnyFact]:
    """A bench with two terminals that are ready."""
    history = [begun()]
    for name in ("T01", "T02"):
        counted = facts.CassettesCounted(when="start", cassettes={"1": 100}, values_minor={"1": 1000})
        history += [
            at(0.0, name, counted),
            at(0.1, name, facts.PowerRestored()),
            at(0.2, name, facts.LineUp(line="primary")),
            at(0.3, name, facts.SignedOn(line="primary")),
            at(0.3, name, facts.StateChanged(old="closed", new="ready", because="signed on to a host")),
            at(0.3, name, facts.ScreenShown(screen="welcome", lines=("Welcome.",))),
        ]
    return [*history, *more]


CUT = at(5.0, "tester", facts.FaultStarted(name="cut-1", kind="cut", detail={"line": "primary", "by": "silence"}))


@pytest.fixture(autouse=True)
def _one_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small bench ends its stream; the console would take it up again at once."""
    monkeypatch.setattr(attach_module, "FIRST_RETRY_S", 60.0)


def test_every_screen_has_its_key(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0) as (app, pilot):
            for number, mode in enumerate(MODES, start=1):
                await press(pilot, str(number))
                assert app.current_mode == mode
                assert shown(app, "TopBar").splitlines()[1].split()[:3] == ["56.0", "s", "running"]
            await pilot.click("TopBar", offset=(14, 0))
            assert app.current_mode == "fleet"

    asyncio.run(go())


def test_a_screen_that_is_not_put_together_yet_is_painted_when_it_is(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0, (100, 40)) as (app, pilot):
            for mode in reversed(MODES):
                app.switch_mode(mode)
                app.repaint()
            await pilot.pause()
            app.switch_mode("verdicts")
            app.repaint()
            await pilot.pause()
            assert "1,880.00" in shown(app, "#money")

    asyncio.run(go())


@pytest.mark.parametrize("mode", MODES)
def test_the_key_that_leads_out_is_in_sight_at_every_screen(recorded: Path, mode: str) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0) as (app, pilot):
            app.switch_mode(mode)
            await pilot.pause()
            assert shown(app, "KeyBar").rstrip().endswith("q Quit")

    asyncio.run(go())


def test_a_click_on_a_key_presses_it(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0) as (app, pilot):
            await pilot.click("KeyBar", offset=(shown(app, "KeyBar").index("? Help"), 0))
            await pilot.pause()
            assert isinstance(app.screen, HelpScreen)

    asyncio.run(go())


def test_a_screen_that_is_being_taken_down_paints_nothing(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 0.0) as (app, _):
            screen = app.screen
            assert isinstance(screen, ConsoleScreen)
            await screen.remove_children()
            screen.repaint()

    asyncio.run(go())


def test_a_last_tick_of_the_clock_finds_no_screen_and_paints_nothing(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 0.0) as (app, _):
            app.model.count += 1  # something is new, and nobody has painted it
        app.repaint_if_due()
        assert app.model.count == app._painted

    asyncio.run(go())


def test_a_replay_goes_both_ways(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 45.0) as (app, pilot):
            before = app.model.count
            await press(pilot, "right_square_bracket")
            await told(pilot)
            assert app.model.count > before
            assert app.model.now <= 55.0
            await press(pilot, "left_square_bracket")
            await told(pilot)
            assert app.model.count == before
            assert isinstance(app.source, Replay)
            await press(pilot, "space", "plus")
            assert (app.source.playhead.is_playing, app.source.playhead.speed) == (True, 2.0)

    asyncio.run(go())


@pytest.mark.full
def test_a_click_into_the_slider_goes_to_a_time(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 0.0) as (app, pilot):
            await pilot.click("Slider", offset=(62, 0))
            await told(pilot)
            assert isinstance(app.source, Replay)
            assert 150 < app.source.playhead.position_s <= 192
            await until(pilot, app, lambda: app.model.now > 150)

    asyncio.run(go())


def test_a_replay_says_why_it_cannot_cut(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 20.0) as (app, pilot):
            await press(pilot, "x")
            await until(pilot, app, lambda: said(app))
            assert "cannot cut primary: this is a replay" in said(app)[0]

    asyncio.run(go())


def test_the_end_of_a_run_has_a_verdict(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 1e9, (120, 40)) as (app, pilot):
            assert "● PASS" in shown(app, "TopBar")
            await press(pilot, "6")
            assert "● PASS" in shown(app, "#head")
            assert shown(app, "#checks").count("● PASS") == len(CHECKS)
            await press(pilot, "down")
            assert "20 terminals by hand" in shown(app, "#because")

    asyncio.run(go())


@pytest.mark.full
def test_the_fleet_is_filtered_sorted_and_opened(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0) as (app, pilot):
            await press(pilot, "slash", *"t16", "enter")
            assert "filter 't16': 1 shown" in shown(app, "#counters")
            await press(pilot, "enter")
            assert (app.current_mode, app.terminal) == ("terminal", "T16")
            assert "T16" in shown(app, "#atm")
            await press(pilot, "1", "escape", "s")
            assert "sort trouble" in shown(app, "#counters")

    asyncio.run(go())


@pytest.mark.full
def test_a_message_is_opened_with_its_other_half_and_its_bytes(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0, (160, 40)) as (app, pilot):
            await press(pilot, "4", "slash", *"T06 0210", "enter")
            assert "T06" in shown(app, "#messages")
            await press(pilot, "enter")
            assert "answered 0210 withdrawal" in shown(app, "#hops")
            assert "999999******" in shown(app, "#fields")
            assert "card data covered" in shown(app, "#dump")
            await press(pilot, "e")
            assert app.current_mode == "story"
            assert app.story_key.startswith("T06/")

    asyncio.run(go())


@pytest.mark.full
def test_a_transaction_tells_its_story(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 1e9, (140, 40)) as (app, pilot):
            await press(pilot, "5", "n", "home")
            assert app.screen.query_one("#transactions").border_title == "18 transactions with trouble"
            assert "reversal accepted after 2 sendings" in shown(app, "#tale")
            await press(pilot, "o")
            assert app.current_mode == "terminal"

    asyncio.run(go())


def test_one_key_cuts_the_primary_and_mends_it() -> None:
    async def go() -> None:
        bench = SmallBench(live())
        async with attached(bench) as (app, pilot):
            await press(pilot, "x")
            await until(pilot, app, lambda: bench.ordered)
            app.model.add(CUT)
            await press(pilot, "x")
            await until(pilot, app, lambda: len(bench.ordered) == 2)
        assert bench.ordered == [
            ("POST", "/v1/faults", {"kind": "cut", "line": "primary", "by": "silence"}),
            ("POST", "/v1/commands", {"mend": {"line": "primary"}}),
        ]

    asyncio.run(go())


@pytest.mark.full
def test_each_key_of_the_lines_is_an_order() -> None:
    async def go() -> None:
        bench = SmallBench(live(CUT))
        async with attached(bench) as (app, pilot):
            await press(pilot, "3", "down")
            for number, key in enumerate("kdluMpsrRiy", start=1):
                await press(pilot, key)
                await until(pilot, app, lambda number=number: len(bench.ordered) == number)
            await press(pilot, "tab", "tab", "m")
            await until(pilot, app, lambda: len(bench.ordered) == 12)
        asked = [(method, path, body) for method, path, body in bench.ordered]
        assert [body["kind"] for _, path, body in asked if path == "/v1/faults" and body] == [
            "flip_bits",
            "delay",
            "lose",
            "duplicate",
        ]
        assert all(body["line"] == "secondary" for _, path, body in asked if path == "/v1/faults" and body)
        assert asked[4:] == [
            ("DELETE", "/v1/faults", None),
            ("POST", "/v1/commands", {"promote": {"site": "A"}}),
            ("POST", "/v1/commands", {"stop_site": {"site": "A"}}),
            ("POST", "/v1/commands", {"replication": {"paused": True}}),
            ("POST", "/v1/commands", {"start_site": {"site": "A", "rebuilt": True}}),
            ("POST", "/v1/commands", {"service": {"site": "A", "open": False}}),
            ("POST", "/v1/commands", {"capacity": {"site": "A", "sick": {}}}),
            ("DELETE", "/v1/faults/cut-1", None),
        ]

    asyncio.run(go())


def test_a_customer_is_operated_by_hand() -> None:
    async def go() -> None:
        bench = SmallBench(live())
        async with attached(bench) as (app, pilot):
            await press(pilot, "2")
            assert "Insert card" in shown(app, "#atm")
            front = shown(app, "#atm").splitlines()
            row = next(at for at, line in enumerate(front) if "Insert card" in line)
            await pilot.click("#atm", offset=(front[row].index("card"), row))
            assert "Wrong PIN" in shown(app, "#atm")
            await press(pilot, "b", "b")
            assert "Please choose an amount." in shown(app, "#atm")
            await press(pilot, "b")
            await until(pilot, app, lambda: bench.ordered)
            app.model.add_all(withdrawal(1.0)[:4])
            app.model.add(at(3.0, "T01", facts.StateChanged(old="dispensing", new="presenting", because="x")))
            app.repaint()
            await pilot.pause()
            assert "Take cash" in shown(app, "#atm")
            await press(pilot, "a", "o", "v", "w")
            await until(pilot, app, lambda: len(bench.ordered) == 5)
        wanted = {"terminal": "T01", "service": "withdrawal", "amount": "20.00", "by_hand": True, "wrong_pin": True}
        assert [body for _, _, body in bench.ordered] == [
            {"transact": wanted},
            {"hand": {"terminal": "T01", "does": "takes_cash"}},
            {"power": {"terminal": "T01", "on": False}},
            {"service": {"terminal": "T01", "open": False}},
            {"withdraw": {"terminal": "T01", "amount": "10.00"}},
        ]

    asyncio.run(go())


def test_what_the_bench_refuses_is_said() -> None:
    async def go() -> None:
        bench = SmallBench(live())
        bench.refuse = "the dialect cannot do that"
        async with attached(bench) as (app, pilot):
            await press(pilot, "x")
            await until(pilot, app, lambda: said(app))
            assert said(app) == ["the dialect cannot do that"]

    asyncio.run(go())


@pytest.mark.full
def test_a_session_is_saved_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def go() -> None:
        async with attached(SmallBench(live())) as (app, pilot):
            await press(pilot, "6", "S")
            await until(pilot, app, lambda: said(app))
            await press(pilot, "S")
            await until(pilot, app, lambda: len(said(app)) == 2)

    asyncio.run(go())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a-drill-session-2.drill.yaml",
        "a-drill-session.drill.yaml",
    ]


@pytest.mark.full
def test_healing_is_asked_about_first() -> None:
    async def go() -> None:
        bench = SmallBench(live())
        async with attached(bench) as (app, pilot):
            await press(pilot, "6", "H", "n")
            await press(pilot, "H", "y")
            await until(pilot, app, lambda: bench.ordered)
        assert bench.ordered == [("POST", "/v1/heal", None)]

    asyncio.run(go())


@pytest.mark.full
def test_help_opens_and_closes(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 1.0) as (app, pilot):
            await press(pilot, "question_mark")
            assert "cut the preferred line" in shown(app, "HelpScreen Panel")
            await press(pilot, "escape")
            assert app.current_mode == "fleet"
            await press(pilot, "f1")
            assert len(app.screen_stack) == 2

    asyncio.run(go())


@pytest.mark.full
def test_the_theme_turns(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0) as (app, pilot):
            assert app.theme == DARK.name
            await press(pilot, "ctrl+t")
            assert app.theme == LIGHT.name

    asyncio.run(go())


@pytest.mark.full
def test_the_palette_knows_lines_and_screens(recorded: Path) -> None:
    async def go() -> None:
        async with replaying(recorded, 1.0) as (app, _):
            titles = {command.title for command in app.get_system_commands(app.screen)}
            assert {"Show fleet", "Cut primary", "Mend secondary", "Heal", "Light or dark"} <= titles

    asyncio.run(go())


def test_a_console_without_a_bench_of_its_own_quits_at_once(recorded: Path) -> None:
    async def go() -> int | None:
        app = ConsoleApp(Replay(recorded))
        async with app.run_test() as pilot:
            await pilot.press("q")
        return app.return_value

    assert asyncio.run(go()) == 0


@pytest.mark.full
@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 12)])
def test_all_screens_stand_any_size(recorded: Path, size: tuple[int, int]) -> None:
    async def go() -> None:
        async with replaying(recorded, 56.0, size) as (app, pilot):
            for number in range(1, 7):
                await press(pilot, str(number))
            assert app.is_running

    asyncio.run(go())
