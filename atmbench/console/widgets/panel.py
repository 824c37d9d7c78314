"""Panels: some lines of toned text below a title."""

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import Static

from atmbench.console.themes import ink
from atmbench.console.views.paint import Line


class Panel(Static):
    """Shows lines. The title stands in its border, if it has one."""

    DEFAULT_CSS = "Panel { text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, title: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes)
        self.border_title = title
        self._shown: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        if tuple(lines) != self._shown:
            grows = len(lines) != len(self._shown)
            self._shown = tuple(lines)
            self._write(grows=grows)

    def on_mount(self) -> None:
        """A theme that changes is another ink."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._write())

    def _write(self, *, grows: bool = False) -> None:
        text = Text(no_wrap=True, overflow="ellipsis", end="")
        for number, line in enumerate(self._shown):
            if number:
                text.append("\n")
            for words, tone in line:
                text.append(words, ink(self.app, tone))
        self.update(text, layout=grows)  # lines are never wrapped: as many need the same room
