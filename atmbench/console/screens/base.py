"""What all screens of the console have: the bar at the top, the keys at the bottom, and the slider of a replay."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget

from atmbench.console.model import Model
from atmbench.console.views.status import status
from atmbench.console.widgets.key_bar import KeyBar
from atmbench.console.widgets.slider import Slider
from atmbench.console.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from atmbench.console.app import ConsoleApp


class ConsoleScreen(Screen[None]):
    """A screen of the console. `body` lays it out, `paint` shows the model."""

    MODE: ClassVar[str]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]

    _is_whole = False
    """Whether all widgets are there: a container has its children a moment after itself."""

    @property
    def console(self) -> "ConsoleApp":
        """The application, by its true type."""
        return cast("ConsoleApp", self.app)

    def compose(self) -> ComposeResult:
        """The bar, the body, the slider and the keys."""
        yield TopBar(self.MODE)
        yield from self.body()
        with Vertical(id="bottom"):
            if self.console.source.playhead is not None:
                yield Slider(self.console.source.playhead)
            yield KeyBar()

    def body(self) -> Iterable[Widget]:
        """What this screen is made of."""
        raise NotImplementedError

    def paint(self, model: Model) -> None:
        """Show the model."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Show what is known now, and at the next tick of the clock what takes longer to find out."""
        self.console.repaint_soon()
        self.call_after_refresh(self.repaint)

    def repaint(self) -> None:
        """Show everything as it is now; nothing while the parts of this screen are still being put together."""
        if self._is_whole and not (self.is_attached and self.query(TopBar)):
            return  # it is being taken down, and a last tick of the clock has come
        self._is_whole = self._is_whole or all(each.is_mounted for each in (self, *self.walk_children(Widget)))
        if not self._is_whole:
            self.call_after_refresh(self.repaint)
            return
        app = self.console
        verdict = app.audit.status.value if app.audit is not None and app.model.ended is not None else ""
        line = status(app.model, app.source.title, app.notice, app.source.playhead, verdict)
        self.query_one(TopBar).show(line)
        for slider in self.query(Slider):
            slider.show()
        self.paint(app.model)
