"""A question with a few answers, each with its key."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from atmbench.console.views.paint import Tone, join, plain, toned, wrapped
from atmbench.console.widgets.panel import Panel

WIDTH = 64
"""As in the style below."""


class Ask(ModalScreen[str]):
    """Asks, and gives the key of the answer; Escape is the last one."""

    CSS = """
    Ask { align: center middle; }
    Ask Vertical {
        width: 64; max-width: 100%; height: auto;
        border: round $warning; background: $surface; padding: 1 2;
    }
    Ask Panel { height: auto; }
    """

    def __init__(self, question: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._question = question
        self._answers = tuple(answers)

    def compose(self) -> ComposeResult:
        """The question and its answers."""
        yield Vertical(Panel())

    def on_mount(self) -> None:
        """Write the question."""
        answers = join(*(join(toned(f" {key} ", Tone.ACCENT), plain(says)) for key, says in self._answers), gap="   ")
        self.query_one(Panel).show([*wrapped(self._question, WIDTH - 6, tone=Tone.STRONG), (), answers])

    def on_key(self, event: events.Key) -> None:
        """A key is an answer."""
        event.stop()
        if event.key == "escape":
            self.dismiss(self._answers[-1][0])
        elif event.key in [key for key, _ in self._answers]:
            self.dismiss(event.key)
