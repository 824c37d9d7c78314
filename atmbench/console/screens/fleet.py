"""Fleet: every terminal at a glance, and what has happened lately."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from atmbench.console.model import Model
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.views import fleet as view
from atmbench.console.views.paint import Column
from atmbench.console.views.rates import rate_lines
from atmbench.console.widgets.fleet_grid import FleetGrid
from atmbench.console.widgets.panel import Panel
from atmbench.console.widgets.rows import Rows

ALERT_COLUMNS = (Column("time", 9, right=True), Column("", 1), Column("what happened", least=20))


class FleetScreen(ConsoleScreen):
    """The grid of terminals, counters and alerts."""

    MODE = "fleet"
    AUTO_FOCUS = "FleetGrid"
    CSS = """
    FleetScreen #counters { height: 2; padding: 0 1; }
    FleetScreen #legend { height: 1; padding: 0 1; }
    FleetScreen FleetGrid { margin: 0 1; }
    FleetScreen #filter { display: none; height: 1; border: none; padding: 0 1; }
    FleetScreen #filter.-open { display: block; }
    FleetScreen.-narrow #alerts { height: 7; }
    FleetScreen.-narrow #halves { layout: vertical; }
    FleetScreen.-narrow #rates { display: none; }
    FleetScreen #rates { height: 8; }
    FleetScreen.-wide #left { width: 3fr; }
    FleetScreen.-wide #alerts { width: 2fr; height: 1fr; }
    FleetScreen.-wide FleetGrid { margin: 1 1 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open"),
        Binding("s", "sort", "Sort"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("escape", "unfilter", "All", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.sort = view.SORTS[0]
        self.wanted = ""

    def body(self) -> Iterable[Widget]:
        """Counters above, the grid, and alerts beside or below it."""
        yield Panel(id="counters")
        yield Input(placeholder="name, state, line, outcome, stored, suspected", id="filter", compact=True)
        alerts = Rows(ALERT_COLUMNS, id="alerts", empty="nothing yet", follows=True, has_titles=False)
        alerts.border_title = "Alerts"
        alerts.add_class("box")
        rates = Panel("Rates", id="rates", classes="box")
        yield Horizontal(Vertical(FleetGrid(), Panel(id="legend"), rates, id="left"), alerts, id="halves")

    def paint(self, model: Model) -> None:
        """Show the fleet."""
        terminals = view.chosen(model, self.sort, self.wanted)
        preferred = next(iter(model.lines.line_sites), "")
        cells = [view.cell_of(each, preferred) for each in terminals]
        self.query_one(FleetGrid).show(cells, view.empty_words(model))
        self.query_one("#counters", Panel).show(view.counters(model, len(terminals), self.sort, self.wanted))
        self.query_one("#legend", Panel).show([view.legend(cells)])
        rates = self.query_one("#rates", Panel)
        rates.show(rate_lines(model, rates.content_size.width))
        self.query_one("#alerts", Rows).show(view.alert_rows(model.alerts.latest))

    def action_open(self) -> None:
        """Open what the cursor stands on."""
        self.query_one(FleetGrid).action_choose()

    @on(FleetGrid.Opened)
    def _opened(self, message: FleetGrid.Opened) -> None:
        self.console.open_terminal(message.terminal)

    @on(Rows.Chosen, "#alerts")
    def _alert_chosen(self, message: Rows.Chosen) -> None:
        key, terminal = view.leads_to(message.key)
        if key:
            self.console.open_story(key)
        elif terminal:
            self.console.open_terminal(terminal)

    def action_sort(self) -> None:
        """The next order."""
        self.sort = view.SORTS[(view.SORTS.index(self.sort) + 1) % len(view.SORTS)]
        self.repaint()

    def action_filter(self) -> None:
        """Type which terminals are shown."""
        field = self.query_one("#filter", Input)
        field.add_class("-open")
        field.focus()

    def action_unfilter(self) -> None:
        """Show all again."""
        self.query_one("#filter", Input).value = ""
        self._close_filter()

    @on(Input.Changed, "#filter")
    def _typed(self, message: Input.Changed) -> None:
        self.wanted = message.value.strip()
        self.repaint()

    @on(Input.Submitted, "#filter")
    def _close_filter(self) -> None:
        self.query_one("#filter", Input).remove_class("-open")
        self.query_one(FleetGrid).focus()
