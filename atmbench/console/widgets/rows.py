"""Rows: a list with columns and a cursor that paints only the lines in sight, so that its length costs nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from atmbench.console.themes import ink
from atmbench.console.views.paint import Column, Line, Row, Tone, fit, join, plain, toned, widths

T = TypeVar("T")


def _own_key(row: Row) -> str:
    return row.key


def _itself(row: Row) -> Row:
    return row


class Rows(ScrollView, can_focus=True):
    """Rows below a line of titles. While the cursor is at the last row it stays there as rows come."""

    DEFAULT_CSS = """
    Rows { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        rows: "Rows"
        key: str

        @property
        def control(self) -> "Rows":
            """The list, so that a handler can name the one it is for."""
            return self.rows

    @dataclass
    class Chosen(Message):
        """A row was opened, by Enter or a second click."""

        rows: "Rows"
        key: str

        @property
        def control(self) -> "Rows":
            """The list, so that a handler can name the one it is for."""
            return self.rows

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "",
        id: str | None = None,
        has_cursor: bool = True,
        follows: bool = False,
        has_titles: bool = True,
    ) -> None:
        super().__init__(id=id)
        self._columns = list(columns)
        self._empty = empty
        self._has_cursor = has_cursor
        self._follows = follows
        self._heads = int(has_titles)
        self._items: Sequence[Any] = ()
        self._key_of: Callable[[Any], str] = _own_key
        self._row_of: Callable[[Any], Row] = _itself
        self.cursor = 0
        self._base = Style()

    @property
    def key(self) -> str:
        """What the row under the cursor is about; empty if there is none."""
        return self._key_of(self._items[self.cursor]) if self._items else ""

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._items)

    def row(self, key: str) -> Row | None:
        """The row about something."""
        at = self._find(key)
        return None if at is None else self._row_of(self._items[at])

    def _find(self, key: str) -> int | None:
        return next((at for at, item in enumerate(self._items) if self._key_of(item) == key), None)

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows. The cursor stays with what it was on, or at the end if it follows."""
        self.show_lazily(rows, _own_key, _itself)

    def show_lazily(self, items: Sequence[T], key_of: Callable[[T], str], row_of: Callable[[T], Row]) -> None:
        """The same for things of which a row is made when it is in sight."""
        was, was_last = self.key, self.cursor >= len(self._items) - 1
        self._items, self._key_of, self._row_of = items, key_of, row_of
        if self._follows and was_last:
            self.cursor = max(len(items) - 1, 0)
        elif self.cursor >= len(items) or self.key != was:
            found = self._find(was)
            self.cursor = self.cursor if found is None else found
        self.cursor = min(self.cursor, max(len(items) - 1, 0))
        self.virtual_size = Size(self.size.width, len(items) + self._heads)
        if self._follows and was_last:
            self._reveal()
        self.refresh()
        if self.key != was:
            self.post_message(self.Moved(self, self.key))

    def choose_key(self, key: str) -> None:
        """Put the cursor on a row."""
        found = self._find(key)
        if found is not None:
            self._go(found)

    def action_move(self, by: int) -> None:
        """Move the cursor; a list without one scrolls."""
        if self._has_cursor:
            self._go(self.cursor + by)
        else:
            self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Move by what is in sight."""
        self.action_move(by * max(self.size.height - self._heads - 1, 1))

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self._items and self._has_cursor:
            self.post_message(self.Chosen(self, self.key))

    def _go(self, to: int) -> None:
        to = min(max(to, 0), max(len(self._items) - 1, 0))
        if to == self.cursor:
            return
        self.cursor = to
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self, self.key))

    def _reveal(self) -> None:
        in_sight = max(self.size.height - self._heads, 1)
        top = self.scroll_offset.y
        if self.cursor < top:
            top = self.cursor
        elif self.cursor >= top + in_sight:
            top = self.cursor - in_sight + 1
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in sight."""
        self.virtual_size = Size(self.size.width, len(self._items) + self._heads)
        self.call_after_refresh(self._reveal)

    def on_click(self, event: events.Click) -> None:
        """One click moves the cursor there; a click on the row under the cursor opens it."""
        at = event.get_content_offset(self)
        if at is None or at.y < self._heads or not self._has_cursor:
            return
        row = self.scroll_offset.y + at.y - self._heads
        if row >= len(self._items):
            return
        if row == self.cursor:
            self.action_choose()
        else:
            self._go(row)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines in sight. Their common look is asked for once: it is worked out from all that this widget stands in."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line in sight."""
        width = self.scrollable_content_region.width
        shares = widths(self._columns, width)
        if y < self._heads:
            titles = [toned(column.title, Tone.DIM) for column in self._columns]
            return self._paint(self._line(titles, shares), width, Style(underline=False))
        at = self.scroll_offset.y + y - self._heads
        if at >= len(self._items):
            text = toned(self._empty, Tone.DIM) if not self._items and y == self._heads else ()
            return self._paint(text, width, Style())
        is_under_cursor = self._has_cursor and at == self.cursor
        back = Style()
        if is_under_cursor:
            shade = "primary-muted" if self.has_focus else "panel"
            back = Style(bgcolor=self.app.theme_variables[shade])
        return self._paint(self._line(self._row_of(self._items[at]).cells, shares), width, back)

    def _line(self, cells: Sequence[Line], shares: Sequence[int]) -> Line:
        parts = [
            fit(cell, share, right=column.right)
            for cell, share, column in zip(cells, shares, self._columns, strict=False)
            if share
        ]
        return join(*parts, gap=" ") if parts else plain("")

    def _paint(self, line: Line, width: int, back: Style) -> Strip:
        app, base = self.app, self._base
        segments = [Segment(text, base + ink(app, tone) + back) for text, tone in fit(line, width)]
        return Strip(segments, width)
