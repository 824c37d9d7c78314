"""Lines and sites: what is cut, what is disturbed, who is active; with a key for each thing that can be done."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from atmbench.console import orders
from atmbench.console.model import Model
from atmbench.console.model_lines import ISOLATED
from atmbench.console.orders import Order
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.views import lines as view
from atmbench.console.widgets.panel import Panel
from atmbench.console.widgets.rows import Rows

DISTURB: dict[str, Callable[[str], Order]] = {
    "cut": orders.cut,
    "corrupt": orders.corrupt_replies,
    "delay": orders.delay,
    "lose": orders.lose,
    "duplicate": orders.duplicate,
}


class LinesScreen(ConsoleScreen):
    """Lines above, sites in the middle, active faults below."""

    MODE = "lines"
    AUTO_FOCUS = "#lines"
    CSS = """
    LinesScreen #lines { height: 5; }
    LinesScreen #sites { height: 5; }
    LinesScreen.-high #lines { height: 7; }
    LinesScreen.-high #sites { height: 7; }
    LinesScreen #replication { height: auto; max-height: 3; padding: 0 2; }
    LinesScreen #faults { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cut", "Cut"),
        Binding("k", "disturb('corrupt')", "Corrupt"),
        Binding("d", "disturb('delay')", "Delay"),
        Binding("l", "disturb('lose')", "Lose"),
        Binding("u", "disturb('duplicate')", "Double"),
        Binding("m", "mend", "Mend"),
        Binding("M", "mend_all", "Mend all", show=False),
        Binding("p", "promote", "Promote"),
        Binding("s", "stop_site", "Stop/start site", show=False),
        Binding("R", "rebuild_site", "Start site rebuilt", show=False),
        Binding("i", "site_service", "Site out of/into service", show=False),
        Binding("y", "sick", "Site sick/as usual", show=False),
        Binding("r", "replication", "Pause/resume replication", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        """Three lists."""
        lists = (
            ("lines", "Lines", view.LINE_COLUMNS, "no line is known yet"),
            ("sites", "Sites", view.SITE_COLUMNS, "no site is known yet"),
            ("faults", "Active faults", view.FAULT_COLUMNS, "no fault is active"),
        )
        for name, title, columns, empty in lists:
            rows = Rows(columns, id=name, empty=empty)
            rows.border_title = title
            rows.add_class("box")
            yield rows
            if name == "sites":
                yield Panel(id="replication")

    def paint(self, model: Model) -> None:
        """Show all three."""
        self.query_one("#lines", Rows).show(view.line_rows(model))
        self.query_one("#sites", Rows).show(view.site_rows(model))
        words = self.query_one("#replication", Panel)
        words.show(view.site_words(model, words.content_size.width))
        self.query_one("#faults", Rows).show(view.fault_rows(model))

    def _chosen(self, name: str) -> str:
        return self.query_one(f"#{name}", Rows).key

    def action_cut(self) -> None:
        """Cut the line under the cursor, or mend it."""
        if line := self._chosen("lines"):
            self.console.toggle_cut(line)

    def action_disturb(self, kind: str) -> None:
        """Disturb the line under the cursor."""
        if line := self._chosen("lines"):
            self.console.order(DISTURB[kind](line))

    def action_mend(self) -> None:
        """Mend the fault under the cursor if the list of faults has the focus, else the line."""
        faults = self.query_one("#faults", Rows)
        if faults.has_focus and faults.key:
            self.console.order(orders.mend(faults.key))
        elif line := self._chosen("lines"):
            self.console.order(orders.mend_line(line))

    def action_mend_all(self) -> None:
        """Mend everything."""
        self.console.order(orders.mend_all())

    def action_promote(self) -> None:
        """Make the site under the cursor the active one."""
        if site := self._chosen("sites"):
            self.console.order(orders.promote(site))

    def action_stop_site(self) -> None:
        """Stop the site under the cursor, or start it."""
        if site := self._chosen("sites"):
            is_up = self.console.model.lines.site(site).is_up
            self.console.order(orders.stop_site(site) if is_up else orders.start_site(site))

    def action_rebuild_site(self) -> None:
        """Start the site under the cursor with what another one knows."""
        if site := self._chosen("sites"):
            self.console.order(orders.rebuild_site(site))

    def action_site_service(self) -> None:
        """Keep the site under the cursor apart, or let it back in."""
        if site := self._chosen("sites"):
            is_apart = self.console.model.lines.site(site).role == ISOLATED
            self.console.order(orders.service_of("site", site, is_open=is_apart))

    def action_sick(self) -> None:
        """Make the site under the cursor sick, or well."""
        if site := self._chosen("sites"):
            self.console.order(orders.sick(site, is_sick=not self.console.model.lines.site(site).is_sick))

    def action_replication(self) -> None:
        """Pause replication, or let it go on."""
        self.console.order(orders.replication(paused=not self.console.model.lines.is_replication_paused))
