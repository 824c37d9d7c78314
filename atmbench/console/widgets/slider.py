"""The time slider of a replay: where the playhead is, and where faults lay."""

from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from atmbench.console.playhead import Playhead
from atmbench.console.themes import ink
from atmbench.console.views.paint import Tone, clock


class Slider(Widget):
    """One line above the keys. A click goes to a time."""

    DEFAULT_CSS = "Slider { height: 1; }"

    @dataclass
    class Asked(Message):
        """A time was clicked, in seconds of the run."""

        position_s: float

    def __init__(self, playhead: Playhead) -> None:
        super().__init__()
        self._playhead = playhead
        self._shown: tuple[float, bool, float] = (-1.0, False, 0.0)

    def show(self) -> None:
        """Show the playhead where it is now."""
        head = self._playhead
        state = (head.position_s, head.is_playing, head.speed)
        if state != self._shown:
            self._shown = state
            self.refresh()

    def _parts(self) -> tuple[str, int, str]:
        head = self._playhead
        before = f" {'▶' if head.is_playing else '■'} {clock(head.position_s):>7} "
        after = f" {clock(head.end_s)}  {head.speed:g}x "
        return before, max(self.size.width - len(before) - len(after), 5), after

    def on_click(self, event: events.Click) -> None:
        """Go where the mouse points."""
        before, width, _ = self._parts()
        at = event.x - len(before)
        if 0 <= at < width:
            self.post_message(self.Asked(at / max(width - 1, 1) * self._playhead.end_s))

    def render_line(self, y: int) -> Strip:
        """The track with its knob."""
        head = self._playhead
        before, width, after = self._parts()
        at = round(head.position_s / head.end_s * (width - 1)) if head.end_s else 0
        back = Style(bgcolor=self.app.theme_variables["panel"])
        return Strip(
            [
                Segment(before, ink(self.app, Tone.STRONG) + back),
                Segment("━" * at, ink(self.app, Tone.NOTE) + back),
                Segment("●", ink(self.app, Tone.STRONG) + back),
                Segment("─" * (width - at - 1), ink(self.app, Tone.DIM) + back),
                Segment(after, ink(self.app, Tone.DIM) + back),
            ]
        )
