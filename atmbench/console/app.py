"""The application: takes facts from a source, folds them into the model, shows screens and sends orders.

It keeps no state of the run but the model, and decides nothing about it.
"""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import App, ScreenStackError, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from atmbench.audit.judge import Audit
from atmbench.console import orders
from atmbench.console.bench_process import BenchProcess
from atmbench.console.model import Model
from atmbench.console.orders import Order
from atmbench.console.palette import palette_orders
from atmbench.console.screens.ask import Ask
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.screens.fleet import FleetScreen
from atmbench.console.screens.help import HelpScreen
from atmbench.console.screens.lines import LinesScreen
from atmbench.console.screens.story import StoryScreen
from atmbench.console.screens.terminal import TerminalScreen
from atmbench.console.screens.trace import TraceScreen
from atmbench.console.screens.verdicts import VerdictsScreen
from atmbench.console.sources import OrderRefused, Replay, Source
from atmbench.console.themes import DARK, LIGHT
from atmbench.console.views.status import MODES
from atmbench.console.widgets.slider import Slider
from atmbench.console.widgets.top_bar import TopBar
from atmbench.errors import LocalError

REPAINT_S = 0.2
SAVED_MAX = 1_000
CLOCKS = (1.0, 2.0, 5.0, 10.0, 20.0)
WORKLOADS_S = (0.0, 5.0, 20.0, 60.0)
"""What the palette offers."""
JUDGE_EVERY_S = 1.0
JUDGE_CASES_MAX = 20_000
"""With more transactions the audit is asked for at the end, and not while the run goes on."""


class ConsoleApp(App[int]):
    """The console over one source. `bench` is the process that it started, if it did."""

    TITLE = "atmbench"
    ENABLE_COMMAND_PALETTE = True
    CSS = """
    Screen { background: $background; }
    #bottom { dock: bottom; height: auto; }
    #bottom KeyBar { dock: none; }
    .box { border: round $panel; border-title-color: $secondary; padding: 0 1; }
    .box:focus { border: round $primary; border-title-color: $primary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"mode('{mode}')", mode.capitalize(), show=False) for n, mode in enumerate(MODES, start=1)),
        Binding("space", "play", "Play"),
        Binding("left_square_bracket", "jump(-10)", "10 s back", show=False),
        Binding("right_square_bracket", "jump(10)", "10 s on", show=False),
        Binding("comma", "jump(-1)", "1 s back", show=False),
        Binding("full_stop", "jump(1)", "1 s on", show=False),
        Binding("minus", "speed(-1)", "Slower", show=False),
        Binding("plus,equals_sign", "speed(1)", "Faster", show=False),
        Binding("x", "toggle_cut", "Cut/mend"),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("ctrl+t", "turn_theme", "Light/dark", show=False),
        Binding("q", "leave", "Quit"),
    ]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        each.MODE: each for each in (FleetScreen, TerminalScreen, LinesScreen, TraceScreen, StoryScreen, VerdictsScreen)
    }
    DEFAULT_MODE = "fleet"

    def __init__(self, source: Source, bench: BenchProcess | None = None) -> None:
        super().__init__()
        self.source = source
        self.bench = bench
        self.model = Model()
        self.notice = ""
        self.audit: Audit | None = None
        self.terminal = ""
        """The terminal that is open."""
        self.story_key = ""
        """The transaction that is open."""
        self._painted = -1
        self._judged = -1
        self._judged_at = 0.0

    def on_mount(self) -> None:
        """Put on the theme, and begin to listen."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.listen()
        self.set_interval(REPAINT_S, self.repaint_if_due)

    @work(exclusive=True)
    async def listen(self) -> None:
        """Take facts until there are no more. What keeps us from listening is said, and the rest stays to be read."""
        try:
            async for batch in self.source.batches():
                if batch.restarts:
                    self.model, self.audit, self._judged = Model(), None, -1
                if batch.missed:
                    self.model.missed(batch.missed)
                if batch.notice is not None:
                    self.notice, self._painted = batch.notice, -1
                self.model.add_all(batch.facts)
        except LocalError as error:
            self.notice = str(error)
            self.notify(str(error), severity="error", timeout=30)

    def repaint_if_due(self) -> None:
        """Show what is new, if anything is."""
        is_moving = self.source.playhead is not None and self.source.playhead.is_playing
        if self._painted != self.model.count or is_moving:
            self.repaint()

    def repaint(self) -> None:
        """Show everything as it is now."""
        self._painted = self.model.count
        top = self._top()
        if self.model.ended is not None:
            self.judge()
        elif isinstance(top, VerdictsScreen):
            self.judge_if_cheap()
        if isinstance(top, ConsoleScreen):
            top.repaint()

    def repaint_soon(self) -> None:
        """Show everything at the next tick of the clock, whether it is new or not."""
        self._painted = -1

    def _top(self) -> Screen[Any] | None:
        """The screen that is shown; None while the console ends, when a last tick of the clock may still come."""
        try:
            return self.screen
        except ScreenStackError:
            return None

    def judge(self) -> None:
        """Ask the audit about the facts so far, unless it has seen them all."""
        if self._judged != self.model.count:
            self._judged = self.model.count
            self.audit = self.model.audit()

    def judge_if_cheap(self) -> None:
        """The same while the run goes on, as long as there are not too many transactions."""
        book, now = self.model.book, asyncio.get_running_loop().time()
        is_due = self.audit is None or now - self._judged_at >= JUDGE_EVERY_S
        if book is not None and len(book.cases) <= JUDGE_CASES_MAX and is_due:
            self._judged_at = now
            self.judge()

    def save_drill(self, text: str) -> Path:
        """Write a session down beside where the console was started, under a name that is free."""
        name = self.model.run.drill if self.model.run is not None else "session"
        for number in range(1, SAVED_MAX):
            path = Path(f"{name}-session{f'-{number}' if number > 1 else ''}.drill.yaml")
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.write(text)
            except FileExistsError:
                continue
            except OSError as error:
                raise OrderRefused(f"the session cannot be saved as {path}: {error.strerror}") from None
            return path
        raise OrderRefused(f"there are {SAVED_MAX} saved sessions of {name} here; delete some")

    # --- where to look ----------------------------------------------------------------------------

    def action_mode(self, mode: str) -> None:
        """Show a screen."""
        self.switch_mode(mode)

    @on(TopBar.Asked)
    def _tab(self, message: TopBar.Asked) -> None:
        self.switch_mode(message.mode)

    def open_terminal(self, terminal: str) -> None:
        """Show one terminal."""
        self.terminal = terminal
        self.switch_mode("terminal")

    def open_story(self, key: str) -> None:
        """Show one transaction."""
        self.story_key = key
        self.switch_mode("story")

    def action_help(self) -> None:
        """Say what the keys do."""
        self.push_screen(HelpScreen(self.source.playhead is not None))

    def action_turn_theme(self) -> None:
        """Dark to light and back."""
        self.theme = LIGHT.name if self.theme != LIGHT.name else DARK.name

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that move the playhead are there only where there is one."""
        return self.source.playhead is not None if action in ("play", "jump", "speed") else True

    # --- replay -----------------------------------------------------------------------------------

    def action_play(self) -> None:
        """Play or pause."""
        self._turn(lambda replay: replay.playhead.toggle())

    def action_jump(self, seconds: float) -> None:
        """Go back or forth."""
        self._turn(lambda replay: replay.seek(replay.playhead.position_s + seconds))

    def action_speed(self, steps: int) -> None:
        """Faster or slower."""
        self._turn(lambda replay: replay.playhead.change_speed(steps))

    @on(Slider.Asked)
    def _slide(self, message: Slider.Asked) -> None:
        self._turn(lambda replay: replay.seek(message.position_s))

    def _turn(self, knob: Callable[[Replay], None]) -> None:
        if isinstance(self.source, Replay):
            knob(self.source)
            self.source.wake()
            self._painted = -1

    # --- orders -----------------------------------------------------------------------------------

    def order(self, order: Order) -> None:
        """Send an order, and say what came of it."""
        self.run_worker(self._order(order), group="orders")

    async def _order(self, order: Order) -> None:
        try:
            self.notify(await self.source.send(order), timeout=4)
        except OrderRefused as error:
            self.notify(str(error), severity="error", timeout=8)

    def action_toggle_cut(self) -> None:
        """Cut the preferred line, or mend it if it is cut."""
        line = next(iter(self.model.lines.line_sites), "")
        if line:
            self.toggle_cut(line)

    def toggle_cut(self, line: str) -> None:
        """Cut a line, or mend it if it is cut. A site that is dark is no cut of its line: starting it mends that."""
        is_cut = any(
            fault.kind == "cut" and fault.detail.get("line") == line for fault in self.model.lines.faults.values()
        )
        self.order(orders.mend_line(line) if is_cut else orders.cut(line))

    # --- the end ----------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Leave; ask first if a bench would end with it."""
        if self.bench is None or self.model.ended is not None:
            self.exit(0)
            return
        self.push_screen(
            Ask(
                "The bench that this console has started will end with it.", (("s", "stop it and quit"), ("n", "stay"))
            ),
            self._answered,
        )

    def _answered(self, answer: str | None) -> None:
        if answer == "s":
            self.exit(0)

    async def on_unmount(self) -> None:
        """Let go of the source."""
        await self.source.close()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        yield from super().get_system_commands(screen)
        for mode in MODES:
            yield SystemCommand(f"Show {mode}", f"The {mode} screen", lambda mode=mode: self.switch_mode(mode))
        yield SystemCommand("Light or dark", "Change between the two themes", self.action_turn_theme)
        yield SystemCommand("Mend everything", "End all faults", lambda: self.order(orders.mend_all()))
        yield SystemCommand("Heal", "Mend everything and end the run when settled", lambda: self.order(orders.heal()))
        for times in CLOCKS:
            yield SystemCommand(f"Clock {times:g}x", "On loopback", lambda times=times: self.order(orders.speed(times)))
        for every_s in WORKLOADS_S:
            order = orders.workload(every_s)
            yield SystemCommand(order.says.capitalize(), "From now on", lambda order=order: self.order(order))
        for line in self.model.lines.line_sites:
            yield SystemCommand(f"Cut {line}", "By silence", lambda line=line: self.order(orders.cut(line)))
            yield SystemCommand(f"Mend {line}", "All its faults", lambda line=line: self.order(orders.mend_line(line)))
        known = self.model.lines
        for order in palette_orders(tuple(known.sites), tuple(known.line_sites), self.source.offers):
            title = order.says[:1].upper() + order.says[1:]
            yield SystemCommand(title, "At once", lambda order=order: self.order(order))
