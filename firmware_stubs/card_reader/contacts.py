"""The chip commands of the firmware: press, activate, exchange, and back. T=0 only, and no kernel of any scheme.

Source: the maker's text, 3.3.2, 4.17, 4.19, 4.32, 5.10, 5.12 (facts of devices 2.3).
"""

import re
from collections.abc import Callable

from firmware_stubs.card_reader.machine import Place
from firmware_stubs.card_reader.motion import Motion

CONTACT_COMMANDS = ("C0", "C1", "C2", "C3", "C4", "C5", "C6", "F0")
APDU_LENGTHS = range(4, 262)
PARAMETERS = {
    "C2": re.compile(rb"([0-7]{2})?"),
    "C4": re.compile(rb"(0[6-9]|[1-9][0-9])0{6}"),
    "C5": re.compile(rb"([0-7]{2})?"),
    "F0": re.compile(rb".*", re.DOTALL),
}
"""Node addresses; seconds and six spares; an APDU. The others take none."""
PRESSED, ACTIVE, EXCHANGED = "10", "11", "20"


class Contacts:
    """What presses on a chip. `state` is "pressed", "active" or empty."""

    def __init__(
        self, motion: Motion, finish: Callable[..., None], refuse: Callable[[str, float], None], press_s: float
    ) -> None:
        self.state = ""
        self._motion = motion
        self._machine = motion.machine
        self._finish = finish
        self._refuse = refuse
        self._press_s = press_s

    def execute(self, command: str, given: bytes, now: float) -> None:
        """Begin one of the commands."""
        if PARAMETERS.get(command, re.compile(b"")).fullmatch(given) is None:
            self._refuse("02", now)
        elif command == "C4":
            self._finish(now)  # a chip of a script never takes that long
        elif trouble := self._motion.trouble("contact"):
            self._refuse(trouble, now)
        elif command in ("C0", "C5"):
            self._press(command, now)
        elif not self.state:
            self._refuse("01", now)
        elif command == "C2":
            self._activate(now)
        elif command == "F0":
            self._exchange(given, now)
        else:
            self.state = "pressed" if command == "C3" else ""
            self._finish(now, state=PRESSED if self.state else "")

    def _press(self, command: str, now: float) -> None:
        if self._machine.card is None or self._machine.place is Place.TAKEOUT:
            self._refuse("01", now)
            return

        def pressed(at: float) -> None:
            self.state = self.state or "pressed"
            if command == "C5":
                self._activate(at)
            else:
                self._finish(at, state=PRESSED)

        def there(at: float) -> None:
            self._motion.after(self._press_s, at, pressed)

        self._motion.travel(Place.INSIDE, now, there, self._refuse, jam="10")

    def _activate(self, now: float) -> None:
        """ATR follows; a card without a chip does not answer, and the reader deactivates by itself (error 82)."""
        card = self._machine.card
        if card is None or card.chip is None:
            self.state = "pressed"
            self._refuse("82", now)
            return
        self.state = "active"
        self._finish(now, card.chip.atr, ACTIVE)

    def _exchange(self, apdu: bytes, now: float) -> None:
        card = self._machine.card
        if self.state != "active" or card is None or card.chip is None:
            self._refuse("01", now)
        elif len(apdu) not in APDU_LENGTHS:
            self._refuse("02", now)
        else:
            self._finish(now, card.chip.answer(apdu), EXCHANGED)
