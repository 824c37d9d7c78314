"""Terminal: one ATM as its customer sees it, operated by hand, and what is behind its front."""

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from atmbench.console import orders
from atmbench.console.customer import KEYS, Customer, smallest_amount
from atmbench.console.model import Model
from atmbench.console.model_terminals import Terminal
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.views import terminal as view
from atmbench.console.views.paint import Column
from atmbench.console.widgets.panel import Panel
from atmbench.console.widgets.rows import Rows


class TerminalScreen(ConsoleScreen):
    """The front, the inside and the journal of one terminal."""

    MODE = "terminal"
    AUTO_FOCUS = "#journal"
    CSS = """
    TerminalScreen #top { height: 15; }
    TerminalScreen #atm { width: 46; height: 15; }
    TerminalScreen.-wide #atm { width: 58; }
    TerminalScreen #state { width: 1fr; height: 15; padding: 1 1 0 1; }
    TerminalScreen #inside { height: auto; padding: 0 1; }
    TerminalScreen.-low #inside { display: none; }
    TerminalScreen.-low.-inside #inside { display: block; }
    TerminalScreen.-low.-inside #journal { display: none; }
    TerminalScreen.-wide #bottom-half { layout: horizontal; }
    TerminalScreen.-wide #inside { width: 58; height: 1fr; }
    TerminalScreen.-wide #journal { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"key('{key}')", show=False) for key in KEYS),
        Binding("a", "key('a')", "Keys", key_display="a-i"),
        Binding("n", "turn(1)", "Next"),
        Binding("p", "turn(-1)", "Prev"),
        Binding("w", "withdraw", "Withdraw"),
        Binding("o", "power", "Power"),
        Binding("v", "service", "Service"),
        Binding("e", "story", "Story"),
        Binding("t", "inside", "Inside", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.customer = Customer()
        self._shown = ""

    def body(self) -> Iterable[Widget]:
        """Front and state above, inside and journal below."""
        yield Horizontal(Panel(id="atm"), Panel(id="state"), id="top")
        journal = Rows((Column("", least=20),), id="journal", has_cursor=False, follows=True, has_titles=False)
        journal.border_title = "Journal"
        journal.add_class("box")
        yield Vertical(Panel("Inside", id="inside", classes="box"), journal, id="bottom-half")

    @property
    def terminal(self) -> Terminal | None:
        """The terminal that is open: the one that was asked for, or the first there is."""
        by_name = self.console.model.terminals.by_name
        return by_name.get(self.console.terminal) or next(iter(by_name.values()), None)

    def paint(self, model: Model) -> None:
        """Show the terminal."""
        terminal = self.terminal
        front = self.query_one("#atm", Panel)
        if terminal is None:
            front.show(view.nobody())
            return
        if terminal.name != self._shown:
            self._shown = terminal.name
            self.customer.leave()
        if not terminal.is_in_service:
            self.customer.leave()
        front.show(view.atm(terminal, self.customer, model, 58 if self.has_class("-wide") else 46))
        self.query_one("#state", Panel).show(view.state_lines(terminal, model))
        self.query_one("#inside", Panel).show(view.inside_lines(terminal, model))
        self.query_one("#journal", Rows).show(view.journal_rows(terminal))

    def action_key(self, key: str) -> None:
        """A function key of the terminal."""
        terminal = self.terminal
        if terminal is None:
            return
        options = self.customer.options(terminal, self.console.model.teller.currency)
        at = KEYS.index(key)
        if at < len(options):
            order = self.customer.choose(options[at], terminal)
            if order is not None:
                self.console.order(order)
            self.repaint()

    @on(events.Click, "#atm")
    def _clicked(self, event: events.Click) -> None:
        """A click on a function key, or on what it does."""
        row = event.y - view.KEYS_BEGIN
        if 0 <= row < view.KEY_ROWS:
            is_left = event.x < self.query_one("#atm").size.width // 2
            self.action_key(KEYS[row + view.KEY_ROWS if is_left else row])

    def action_turn(self, by: int) -> None:
        """Another terminal."""
        names = list(self.console.model.terminals.by_name)
        if names and self.terminal is not None:
            self.console.terminal = names[(names.index(self.terminal.name) + by) % len(names)]
            self.repaint()

    def action_withdraw(self) -> None:
        """Send a customer who withdraws the smallest amount and does everything right."""
        if self.terminal is not None:
            amount = smallest_amount(self.terminal, self.console.model.teller.currency)
            self.console.order(orders.withdraw(self.terminal.name, amount))

    def action_power(self) -> None:
        """Switch it off until told, or on."""
        if self.terminal is not None:
            self.console.order(orders.power(self.terminal.name, on=not self.terminal.has_power))

    def action_service(self) -> None:
        """Take it out of service, or put it back."""
        if self.terminal is not None:
            self.console.order(orders.service(self.terminal.name, is_open=not self.terminal.is_in_service))

    def action_story(self) -> None:
        """Tell its transaction, or its last one."""
        if self.terminal is not None and self.terminal.last_key:
            self.console.open_story(self.terminal.last_key)

    def action_inside(self) -> None:
        """On a low screen: the inside in place of the journal, and back."""
        self.toggle_class("-inside")
