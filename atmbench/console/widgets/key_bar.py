"""The key bar: what the keys do here, in one line. Painted, not composed, so that another screen costs one line."""

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from atmbench.console.themes import ink
from atmbench.console.views.keys import Key, fitting
from atmbench.console.views.paint import Line


class KeyBar(Widget):
    """Shows the keys that count where the focus is. A click is that key."""

    DEFAULT_CSS = "KeyBar { height: 1; dock: bottom; }"

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[Key, ...] = ()

    def on_mount(self) -> None:
        """Follow the focus: it decides which keys count."""
        self.screen.bindings_updated_signal.subscribe(self, self._take)
        self._take(self.screen)

    def _take(self, screen: Screen[object]) -> None:
        """Each action once, by its first key."""
        keys: dict[str, Key] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show:
                display = self.app.get_key_display(binding)
                keys.setdefault(binding.action, Key(binding.key, display, binding.description, binding.action))
        found = tuple(keys.values())
        if found != self._keys:
            self._keys = found
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Press the key below the mouse."""
        left = 0
        for key, line in self._in_sight():
            width = sum(len(text) for text, _ in line)
            if left <= event.x < left + width:
                self.app.simulate_key(key.key)
                return
            left += width

    def render_line(self, y: int) -> Strip:
        """The one line."""
        width, back = self.size.width, Style(bgcolor=self.app.theme_variables["panel"])
        segments = [Segment(text, ink(self.app, tone) + back) for _, line in self._in_sight() for text, tone in line]
        used = sum(len(segment.text) for segment in segments)
        return Strip([*segments, Segment(" " * max(width - used, 0), back)]).crop(0, width)

    def _in_sight(self) -> list[tuple[Key, Line]]:
        return fitting(self._keys, self.size.width)
