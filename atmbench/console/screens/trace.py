"""Trace: messages as they pass, filtered as a tester types."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from atmbench.console.model import Model
from atmbench.console.model_trace import Filter, parse_filter
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.screens.exchange import ExchangeScreen
from atmbench.console.views import trace as view
from atmbench.console.views.paint import Tone, join, plain, toned
from atmbench.console.widgets.panel import Panel
from atmbench.console.widgets.rows import Rows

WITNESSES = ("terminal", "site", "both")


class TraceScreen(ConsoleScreen):
    """A filter and the messages that pass it."""

    MODE = "trace"
    AUTO_FOCUS = "#messages"
    CSS = """
    TraceScreen #filter { height: 1; border: none; padding: 0 1; background: $surface; }
    TraceScreen #says { height: 1; padding: 0 1; }
    TraceScreen Rows { margin: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("w", "witness", "Witness"),
        Binding("o", "odd", "Only odd"),
        Binding("enter", "open", "Open"),
        Binding("end", "last", "Latest"),
        Binding("escape", "leave_filter", "To the list", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.choice = Filter()

    def body(self) -> Iterable[Widget]:
        """The filter above the messages."""
        yield Input(placeholder="filter: T01 0210 x4xx 91 secondary site both odd", id="filter", compact=True)
        yield Panel(id="says")
        yield Rows(view.COLUMNS, id="messages", follows=True, empty="no message fits the filter")

    def paint(self, model: Model) -> None:
        """Show what passes the filter."""
        entries = model.trace.chosen(self.choice)
        seen = {"terminal": "as terminals saw them", "site": "as sites saw them", "both": "as both ends saw them"}
        self.query_one("#says", Panel).show(
            [
                join(
                    toned(f"{len(entries):,} of the last {len(model.trace.entries):,}", Tone.STRONG),
                    plain(f"  {seen[self.choice.witness]}"),
                    toned("  only odd ones" if self.choice.is_mishap else "", Tone.WARN),
                )
            ]
        )
        self.query_one(Rows).show_lazily(entries, lambda entry: str(entry.number), lambda entry: view.row(entry, model))

    @on(Input.Changed, "#filter")
    def _typed(self, message: Input.Changed) -> None:
        model = self.console.model
        self.choice = parse_filter(message.value, list(model.terminals.by_name), list(model.lines.line_sites))
        self.repaint()

    @on(Input.Submitted, "#filter")
    def action_leave_filter(self) -> None:
        """Back to the list."""
        self.query_one(Rows).focus()

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one("#filter", Input).focus()

    def _say_filter(self, **change: object) -> None:
        values = {name: getattr(self.choice, name) for name in Filter.__struct_fields__} | change
        self.query_one("#filter", Input).value = Filter(**values).says
        self.action_leave_filter()

    def action_witness(self) -> None:
        """As terminals, sites or both saw it."""
        at = WITNESSES.index(self.choice.witness) + 1
        self._say_filter(witness=WITNESSES[at % len(WITNESSES)])

    def action_odd(self) -> None:
        """Only what went wrong, or all."""
        self._say_filter(is_mishap=not self.choice.is_mishap)

    def action_last(self) -> None:
        """To the latest message, and stay there."""
        self.query_one(Rows).action_move(1_000_000)

    def action_open(self) -> None:
        """Open the message under the cursor."""
        self.query_one(Rows).action_choose()

    @on(Rows.Chosen)
    def _chosen(self, message: Rows.Chosen) -> None:
        trace = self.console.model.trace
        entry = next((each for each in trace.entries if str(each.number) == message.key), None)
        if entry is not None:
            self.console.push_screen(ExchangeScreen(trace.exchange(entry)))
