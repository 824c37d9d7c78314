"""A modelled receipt printer: paper without end, and every receipt comes out at once and whole."""

from atmbench import facts
from atmbench.devices.agenda import Scene
from atmbench.facts.statements import Statement


class Printer:
    """As a driver of a real one (`roles.ReceiptPrinter`), without its troubles."""

    def __init__(self, *, scene: Scene) -> None:
        self._scene = scene

    def print(self, key: str, lines: tuple[str, ...], now: float, states: Statement | None = None) -> None:
        """Print a receipt; the fact follows at once."""
        self._scene.tell(facts.ReceiptPrinted(key=key, lines=lines, states=states))

    def power_fail(self, now: float) -> None:
        """What was printed hangs out of the slot."""

    def power_on(self, now: float) -> None:
        """Nothing was lost."""
