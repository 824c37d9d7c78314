"""Help: what each key does, on one page."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from atmbench.console.views.help import help_lines
from atmbench.console.widgets.panel import Panel


class HelpScreen(ModalScreen[None]):
    """The page of keys; any of the usual keys closes it."""

    CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 78; max-width: 100%; height: auto; max-height: 100%;
        border: round $primary; border-title-color: $primary; background: $surface; padding: 0 2;
        scrollbar-size-vertical: 1;
    }
    HelpScreen Panel { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "Close")]

    def __init__(self, is_replay: bool) -> None:
        super().__init__()
        self._is_replay = is_replay

    def compose(self) -> ComposeResult:
        """One page that scrolls if it must."""
        page = VerticalScroll(Panel())
        page.border_title = "Keys"
        yield page

    def on_mount(self) -> None:
        """Write the page."""
        self.query_one(Panel).show(help_lines(is_replay=self._is_replay))
