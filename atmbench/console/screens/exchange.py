"""One exchange laid open: its way, its bytes where a capture has them, and the fields of request and reply."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen

from atmbench.console.field_names import field_names
from atmbench.console.model_trace import MESSAGES, Entry
from atmbench.console.views import trace as view
from atmbench.console.views.paint import Line
from atmbench.console.widgets.key_bar import KeyBar
from atmbench.console.widgets.panel import Panel
from atmbench.console.widgets.rows import Rows

if TYPE_CHECKING:
    from atmbench.console.app import ConsoleApp

WIDE = 130
"""Columns from which on fields and bytes stand side by side."""
DUMP_WIDTH = 74


class ExchangeScreen(Screen[None]):
    """Request and reply side by side."""

    CSS = """
    ExchangeScreen #head { height: 3; padding: 0 1; background: $surface; }
    ExchangeScreen #way { height: auto; max-height: 9; margin: 0 1; }
    ExchangeScreen #way Panel { height: auto; }
    ExchangeScreen #fields { margin: 1 1 0 1; }
    ExchangeScreen #bytes { margin: 1 1 0 1; scrollbar-size-vertical: 1; }
    ExchangeScreen #bytes Panel { height: auto; }
    ExchangeScreen.-narrow #bytes { display: none; }
    ExchangeScreen.-narrow.-bytes #bytes { display: block; }
    ExchangeScreen.-narrow.-bytes #fields { display: none; }
    ExchangeScreen.-wide #bytes { width: 76; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", "Back"),
        Binding("h", "bytes", "Bytes/fields"),
        Binding("e", "story", "Story"),
    ]

    def __init__(self, exchange: Sequence[Entry]) -> None:
        super().__init__()
        self._exchange = list(exchange)
        self._key = next((each.fact.key for each in exchange if isinstance(each.fact, MESSAGES)), "")

    @property
    def console(self) -> "ConsoleApp":
        """The application, by its true type."""
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        """Head, way, fields and bytes."""
        yield Panel(id="head")
        yield VerticalScroll(Panel(id="hops"), id="way")
        fields = Rows(view.FIELD_COLUMNS, id="fields", empty="this is no message")
        yield Horizontal(fields, VerticalScroll(Panel(id="dump"), id="bytes"))
        yield KeyBar()

    def on_mount(self) -> None:
        """Write it: an exchange that is over does not change."""
        model = self.console.model
        request, reply = view.halves(self._exchange)
        self.query_one("#head", Panel).show(view.head_lines(request, reply, model))
        self.query_one("#hops", Panel).show(view.way_lines(self._exchange, model))
        source = self.console.source
        rows = view.field_rows(request, reply, field_names(source.dialect)) if request or reply else []
        self.query_one("#fields", Rows).show(rows)
        self.query_one("#fields", Rows).focus()
        width = DUMP_WIDTH if self.app.size.width >= WIDE else self.app.size.width - 4
        dump: list[Line] = []
        for title, fact in zip(("request", "reply"), view.at_site(self._exchange), strict=True):
            data = source.captured(fact) if fact is not None else None
            dump += [*view.hex_lines(title, data, width), ()]
        self.query_one("#dump", Panel).show(dump)

    def action_bytes(self) -> None:
        """Bytes in place of fields, and back."""
        self.toggle_class("-bytes")

    def action_story(self) -> None:
        """The whole transaction."""
        self.app.pop_screen()
        if self._key:
            self.console.open_story(self._key)
