"""The fleet as a grid of cells: tiles while there is room, then labels, then letters. One widget for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from atmbench.console.themes import fill, ink
from atmbench.console.views.fleet import Cell, tile
from atmbench.console.views.paint import Line, Tone, fit

TILE = (18, 3)
"""Width and height of a tile."""
MARKED, LETTER = (2, 1), (1, 1)
"""A letter with its mark, and a letter alone: in lower case if there is a mark."""
STATE_WIDTH = 15
"""Of a label that says the state in words, too."""
GAP = 1
"""Between cells, unless they are single letters."""


class FleetGrid(ScrollView, can_focus=True):
    """A cell for each terminal, in the order that it is given."""

    DEFAULT_CSS = "FleetGrid { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", "Left", show=False),
        Binding("right", "move(1, 0)", "Right", show=False),
        Binding("up", "move(0, -1)", "Up", show=False),
        Binding("down", "move(0, 1)", "Down", show=False),
        Binding("home", "go(0)", "First", show=False),
        Binding("end", "go(1000000)", "Last", show=False),
        Binding("enter", "choose", "Open terminal", show=False),
    ]

    @dataclass
    class Opened(Message):
        """A terminal was opened, by Enter or a click."""

        terminal: str

    @dataclass
    class Pointed(Message):
        """The cursor stands on another terminal."""

        terminal: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cells: list[Cell] = []
        self._empty: Line = ()
        self.cursor = 0
        self._base = self._plain = self._cursor_fill = Style()
        self._fills: dict[tuple[Tone, bool], Style] = {}
        """Tone, and whether it is the first line of a cell, to how the cell is filled."""
        self._look: tuple[object, ...] = ()
        self._painted: dict[tuple[int, int], tuple[tuple[list[Cell], int], Strip]] = {}
        """Row and line of its cells to what was painted there, and of what: few of them change at a time."""
        self._cell_size = TILE
        self._across = 1
        self._label = 1

    def show(self, cells: Sequence[Cell], empty: Line) -> None:
        """Show other cells."""
        was = self.terminal
        self._cells, self._empty = list(cells), empty
        self.cursor = next((at for at, cell in enumerate(cells) if cell.name == was), self.cursor)
        self.cursor = min(self.cursor, max(len(cells) - 1, 0))
        self._lay_out()
        self.refresh()
        if self.terminal != was:
            self.post_message(self.Pointed(self.terminal))

    @property
    def terminal(self) -> str:
        """The terminal under the cursor; empty if there is none."""
        return self._cells[self.cursor].name if self._cells else ""

    def _lay_out(self) -> None:
        """Choose the largest cells that are all in sight; the smallest may be scrolled."""
        label = self._label = max([len(cell.name) for cell in self._cells], default=3) + 4
        width, height = max(self.size.width - 1, 1), max(self.size.height, 1)
        for size in (TILE, (label + STATE_WIDTH, 1), (label, 1), MARKED, LETTER):
            gap = 0 if size == LETTER else GAP
            columns = max((width + gap) // (size[0] + gap), 1)
            rows = -(-len(self._cells) // columns)
            between = GAP if size == TILE else 0
            if rows * (size[1] + between) - between <= height:
                break
        self._cell_size, self._across = size, columns
        self.virtual_size = Size(self.size.width, rows * (size[1] + between))

    @property
    def _pitch(self) -> int:
        return self._cell_size[1] + (GAP if self._cell_size == TILE else 0)

    @property
    def _gap(self) -> int:
        return 0 if self._cell_size == LETTER else GAP

    def on_resize(self, event: events.Resize) -> None:
        """More or less room, other cells."""
        self._lay_out()

    def action_move(self, across: int, down: int) -> None:
        """Move the cursor."""
        self.action_go(self.cursor + across + down * self._across)

    def action_go(self, to: int) -> None:
        """Put the cursor on a cell."""
        to = min(max(to, 0), max(len(self._cells) - 1, 0))
        if to == self.cursor:
            return
        self.cursor = to
        row = to // self._across * self._pitch
        top, height = self.scroll_offset.y, self.size.height
        if row < top or row + self._cell_size[1] > top + height:
            self.scroll_to(y=max(row - height // 2, 0), animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Pointed(self.terminal))

    def action_choose(self) -> None:
        """Open the terminal under the cursor."""
        if self._cells:
            self.post_message(self.Opened(self.terminal))

    def on_click(self, event: events.Click) -> None:
        """A click opens a terminal."""
        at = self._at(event.x, event.y)
        if at is not None:
            self.action_go(at)
            self.action_choose()

    def _at(self, x: int, y: int) -> int | None:
        column, row = x // (self._cell_size[0] + self._gap), (y + self.scroll_offset.y) // self._pitch
        at = row * self._across + column
        return at if column < self._across and at < len(self._cells) else None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines in sight. How each tone looks is worked out once for all cells."""
        app, base = self.app, self.rich_style
        self._base = base
        self._plain = ink(app, Tone.PLAIN)
        self._fills = {
            (tone, first): base + fill(app, tone, is_strong=first) for tone in Tone for first in (True, False)
        }
        variables = app.theme_variables
        shade = variables["primary" if self.has_focus else "secondary"]
        self._cursor_fill = Style(color=variables["background"], bgcolor=shade)
        look = (base, app.theme, self.has_focus, self._cell_size, self.size.width)
        if look != self._look:
            self._look = look
            self._painted.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line in sight: a line of each cell of a row."""
        width = self.size.width
        if not self._cells and y == 0:
            return Strip([Segment(text, ink(self.app, tone)) for text, tone in fit(self._empty, width)], width)
        row, line = divmod(y + self.scroll_offset.y, self._pitch)
        first = row * self._across
        cells = self._cells[first : first + self._across]
        shows = (cells, self.cursor - first if 0 <= self.cursor - first < len(cells) else -1)
        painted = self._painted.get((row, line))
        if painted is None or painted[0] != shows:
            painted = self._painted[row, line] = (shows, self._paint(first, line, width))
        return painted[1]

    def _paint(self, first: int, line: int, width: int) -> Strip:
        segments: list[Segment] = []
        gap = Segment(" " * self._gap, self._base)
        if line < self._cell_size[1]:
            for at in range(first, min(first + self._across, len(self._cells))):
                segments += (self._cell(at, line), gap)
        used = sum(len(segment.text) for segment in segments)
        return Strip([*segments, Segment(" " * max(width - used, 0), self._base)]).crop(0, width)

    def _cell(self, at: int, line: int) -> Segment:
        cell, (width, _) = self._cells[at], self._cell_size
        if at == self.cursor:
            style = self._cursor_fill + Style(bold=line == 0)
        else:
            style = self._fills[cell.tone, line == 0]
        if self._cell_size == TILE:
            if line and at != self.cursor:
                style += self._plain
            return Segment(tile(cell, width)[line], style)
        if self._cell_size == MARKED:
            return Segment(cell.letter + (cell.mark or " "), style)
        if width == 1:
            return Segment(cell.letter.lower() if cell.mark else cell.letter, style)
        label = f"{cell.name:<{self._label - 4}} {cell.letter}{cell.mark or ' '} "
        return Segment(f"{label}{cell.state:<{STATE_WIDTH}}"[:width], style)
