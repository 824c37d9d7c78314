"""Verdicts: what the audit says so far, the running money, failover times, exceptions and rates."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Grid, VerticalScroll
from textual.widget import Widget

from atmbench.console import orders
from atmbench.console.model import Model
from atmbench.console.screens.ask import Ask
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.sources import OrderRefused
from atmbench.console.views import verdicts as view
from atmbench.console.views.paint import Tone, text_of, wrapped
from atmbench.console.views.rates import rate_lines
from atmbench.console.widgets.panel import Panel
from atmbench.console.widgets.rows import Rows


class VerdictsScreen(ConsoleScreen):
    """Everything that says whether the run is right."""

    MODE = "verdicts"
    AUTO_FOCUS = "#checks"
    CSS = """
    VerdictsScreen #head { height: auto; max-height: 3; padding: 0 1; }
    VerdictsScreen #checks { height: 11; }
    VerdictsScreen #because { height: auto; max-height: 6; padding: 0 2; margin-bottom: 1; }
    VerdictsScreen Grid { height: auto; grid-size: 1; grid-rows: auto; }
    VerdictsScreen.-wide Grid { grid-size: 2; grid-columns: 1fr 1fr; }
    VerdictsScreen Grid Panel { height: auto; min-height: 9; }
    VerdictsScreen #exceptions { height: 8; }
    VerdictsScreen VerticalScroll { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "judge", "Judge"),
        Binding("H", "heal", "Heal"),
        Binding("S", "save", "Save"),
    ]

    def body(self) -> Iterable[Widget]:
        """One page that scrolls."""
        checks = Rows(view.CHECK_COLUMNS, id="checks", empty="not judged yet")
        checks.border_title = "Checks"
        exceptions = Rows(view.EXCEPTION_COLUMNS, id="exceptions", empty="no exception is open")
        exceptions.border_title = "Open exceptions"
        for rows in (checks, exceptions):
            rows.add_class("box")
        boxes = (("Money", "money"), ("Failover", "failover"))
        yield Panel(id="head")
        yield VerticalScroll(
            checks,
            Panel(id="because"),
            Grid(*(Panel(title, id=name, classes="box") for title, name in boxes)),
            exceptions,
            Panel("Rates", id="rates", classes="box"),
        )

    def paint(self, model: Model) -> None:
        """Show what is known."""
        audit = self.console.audit
        head = self.query_one("#head", Panel)
        head.show(view.head_lines(model, audit, max(head.size.width - 2, 40)))
        checks = self.query_one("#checks", Rows)
        checks.show(view.check_rows(audit, model))
        self._explain()
        self.query_one("#money", Panel).show(view.money_lines(model))
        self.query_one("#failover", Panel).show(view.failover_lines(audit, model))
        self.query_one("#exceptions", Rows).show(view.exception_rows(model))
        rates = self.query_one("#rates", Panel)
        rates.show(rate_lines(model, rates.content_size.width))

    @on(Rows.Moved, "#checks")
    def _explain(self) -> None:
        """The whole sentence of the check under the cursor."""
        because = self.query_one("#because", Panel)
        row = self.query_one("#checks", Rows).row(self.query_one("#checks", Rows).key)
        width = max(because.size.width - 4, 40)
        because.show(wrapped(text_of(row.cells[2]), width, tone=Tone.DIM) if row is not None else [])

    def action_judge(self) -> None:
        """Judge the facts so far."""
        self.console.judge()
        self.repaint()

    def action_heal(self) -> None:
        """Mend everything and end the run, if that is meant."""
        question = "Mend everything, wait until all is settled, and end the run?"
        self.app.push_screen(Ask(question, (("y", "heal and end"), ("n", "no"))), self._heal)

    def _heal(self, answer: str | None) -> None:
        if answer == "y":
            self.console.order(orders.heal())

    @work(group="orders")
    async def action_save(self) -> None:
        """Write the session down as a drill that does the same again."""
        try:
            text = await self.console.source.fetch(orders.SESSION)
            path = self.console.save_drill(text)
        except OrderRefused as error:
            self.notify(str(error), severity="error", timeout=8)
        else:
            self.notify(f"saved as {path}", timeout=8)

    @on(Rows.Chosen, "#exceptions")
    def _exception_chosen(self, message: Rows.Chosen) -> None:
        if "/" in message.key:
            self.console.open_story(message.key)

    @on(Rows.Chosen, "#checks")
    def _check_chosen(self, message: Rows.Chosen) -> None:
        """The first finding of a check leads to its transaction."""
        audit = self.console.audit
        if audit is None:
            return
        keys = [finding.key for finding in audit.verdict(message.key).findings if finding.key]
        if keys:
            self.console.open_story(keys[0])
