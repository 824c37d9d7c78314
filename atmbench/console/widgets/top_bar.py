"""The top bar: a tab for each screen, and the state of the run below."""

from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from atmbench.console.themes import ink
from atmbench.console.views.paint import Line, Tone, fit
from atmbench.console.views.status import tabs


class TopBar(Widget):
    """Two lines. A click on a tab asks for its screen."""

    DEFAULT_CSS = "TopBar { height: 2; dock: top; }"

    @dataclass
    class Asked(Message):
        """A tab was clicked."""

        mode: str

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode
        self._status: Line = ()

    def show(self, status: Line) -> None:
        """Show another state of the run."""
        if status != self._status:
            self._status = status
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Find the tab below the mouse."""
        if event.y != 0:
            return
        left = 0
        for mode, (text, _) in tabs(self._mode):
            if left <= event.x < left + len(text) and mode:
                self.post_message(self.Asked(mode))
            left += len(text)

    def render_line(self, y: int) -> Strip:
        """The tabs or the state."""
        width, variables = self.size.width, self.app.theme_variables
        if y == 0:
            back = Style(bgcolor=variables["panel"])
            segments = []
            for mode, (text, tone) in tabs(self._mode):
                style = ink(self.app, tone) + back
                if mode and mode == self._mode:
                    style = Style(color=variables["background"], bgcolor=variables["primary"], bold=True)
                segments.append(Segment(text, style))
            used = sum(len(segment.text) for segment in segments)
            return Strip([*segments, Segment(" " * max(width - used, 0), back)]).crop(0, width)
        if y == 1:
            back = Style(bgcolor=variables["surface"])
            return Strip([Segment(text, ink(self.app, tone) + back) for text, tone in fit(self._status, width)], width)
        return Strip([Segment(" " * width, ink(self.app, Tone.PLAIN))], width)
