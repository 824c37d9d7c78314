"""Story: the transactions, and one of them through all its witnesses."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget

from atmbench.console.model import Model
from atmbench.console.screens.base import ConsoleScreen
from atmbench.console.views import story as view
from atmbench.console.views.paint import Tone, toned
from atmbench.console.widgets.panel import Panel
from atmbench.console.widgets.rows import Rows


class StoryScreen(ConsoleScreen):
    """The list, and the story of the one under the cursor."""

    MODE = "story"
    AUTO_FOCUS = "#transactions"
    CSS = """
    StoryScreen.-narrow #halves { layout: vertical; }
    StoryScreen.-narrow #transactions { height: 7; }
    StoryScreen.-narrow.-tall-story #transactions { display: none; }
    StoryScreen.-wide #transactions { width: 45%; max-width: 68; }
    StoryScreen #right { width: 1fr; height: 1fr; }
    StoryScreen #head { height: 2; padding: 0 1; }
    StoryScreen #tale { height: auto; padding: 0 1; }
    StoryScreen VerticalScroll { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "trouble", "Trouble"),
        Binding("enter", "tall", "Story/list"),
        Binding("o", "terminal", "Terminal"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.is_trouble = False
        self._told: tuple[str, int, int] = ("", 0, 0)

    def body(self) -> Iterable[Widget]:
        """List and story."""
        rows = Rows(view.COLUMNS, id="transactions", empty="no transaction yet", follows=True)
        rows.border_title = "Transactions"
        rows.add_class("box")
        story = Vertical(Panel(id="head"), VerticalScroll(Panel(id="tale"), id="pages"), id="right")
        yield Horizontal(rows, story, id="halves")

    def paint(self, model: Model) -> None:
        """Show the list, and the story if there is more of it."""
        rows = self.query_one(Rows)
        every = view.chosen(model, is_trouble=self.is_trouble)
        rows.show_lazily(every, lambda each: each.key, lambda each: view.row(each, model))
        wanted = self.console.story_key
        if wanted and rows.key != wanted and rows.row(wanted) is not None:
            rows.choose_key(wanted)
        rows.border_title = f"{len(every):,} transactions{' with trouble' if self.is_trouble else ''}"
        self._tell(model, wanted or rows.key)

    def _tell(self, model: Model, key: str) -> None:
        width = max(self.query_one("#pages").content_size.width - 3, 40)
        self.query_one("#head", Panel).show(view.head(model.transactions.get(key), key, model))
        transaction = model.transactions.get(key)
        told = (key, transaction.facts if transaction is not None else model.count, width)
        if told == self._told:
            return
        if key != self._told[0]:
            self.query_one("#pages", VerticalScroll).scroll_home(animate=False)
        self._told = told
        tale = view.told(model.story(key), width, sites=model.lines.sites)
        self.query_one("#tale", Panel).show(
            tale or [toned("the facts of this transaction are no longer here", Tone.DIM)]
        )

    @on(Rows.Moved)
    def _moved(self, message: Rows.Moved) -> None:
        if message.key and message.rows.has_focus:
            self.console.story_key = message.key
            self.call_after_refresh(self.repaint)

    @on(Rows.Chosen)
    def action_tall(self) -> None:
        """On a narrow screen: the story alone, and back."""
        self.toggle_class("-tall-story")
        self.query_one("#pages" if self.has_class("-tall-story") else "#transactions").focus()
        self.call_after_refresh(self.repaint)

    def action_trouble(self) -> None:
        """Only transactions with trouble, or all."""
        self.is_trouble = not self.is_trouble
        if self.is_trouble:
            self.console.story_key = ""
        self.repaint()

    def action_terminal(self) -> None:
        """The terminal of this transaction."""
        each = self.console.model.transactions.get(self.console.story_key or self.query_one(Rows).key)
        if each is not None:
            self.console.open_terminal(each.terminal)
