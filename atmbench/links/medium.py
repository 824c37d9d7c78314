"""What lies between the two ends of a serial line: how long a character takes, and what faults do to it.

Faults that strike here are beneath the link layer: they meet single blocks and control characters, both ways, and
never a message. A medium must never carry anything itself; `paced` does.
"""

from collections.abc import Callable
from copy import copy

from atmbench.facts import Fact
from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Direction
from atmbench.faults.strikes import Place, UnitPlan
from atmbench.faults.wires import Unit
from atmbench.framing.blocks import Block, UnitReader
from atmbench.framing.headers import TPDU_BYTES
from atmbench.framing.link_styles import SerialSettings


class Medium:
    """The medium of one serial line of a terminal, for all of its calls.

    `now` gives seconds of the run, `record(fact)` is told what faults did, and `key_of(body)` is the transaction of a
    request, empty if it has none.
    """

    def __init__(
        self,
        terminal: str,
        line: str,
        site: str,
        settings: SerialSettings,
        *,
        faults: ActiveFaults,
        now: Callable[[], float],
        record: Callable[[Fact], None],
        key_of: Callable[[bytes], str],
    ) -> None:
        self.settings = settings
        self.char_s = settings.char_s
        self._data_bits = int(settings.format[0])
        self._has_parity = settings.format[1] != "N"
        self._layout = settings.layout
        self._places = {direction: Place(terminal, line, site, direction) for direction in Direction}
        self._struck = frozenset(Direction)
        self._faults = faults
        self._now = now
        self._record = record
        self._key_of = key_of

    def behind_modem(self) -> "Medium":
        """The same for the wire behind a modem: what a terminal sends has met its faults before, whole as it was."""
        behind = copy(self)
        behind._struck = frozenset({Direction.REPLY})
        return behind

    def is_silenced(self, direction: Direction) -> bool:
        """Whether a cut swallows characters that would arrive now: the cable is out."""
        faults, place = self._faults, self._places[direction]
        return not faults.is_idle and faults.silenced(place.terminal, place.line, place.site, direction, self._now())

    def strike(self, direction: Direction, data: bytes) -> UnitPlan | None:
        """What arrives in place of a unit that leaves now; None if it arrives as it is."""
        if self._faults.is_idle or direction not in self._struck:
            return None
        unit = Unit(data=data, data_bits=self._data_bits, has_parity=self._has_parity)
        plan = self._faults.strike(unit, self._places[direction], self._now(), self._key)
        for fact in plan.facts if plan is not None else ():
            self._record(fact)
        return plan

    def _key(self, data: bytes) -> str | None:
        """The transaction of a whole block; None if it is none."""
        units = UnitReader(self._layout).feed(data)
        if len(units) != 1 or not isinstance(units[0], Block) or units[0].raw != data:
            return None
        return self._key_of(units[0].payload[TPDU_BYTES if self._layout.header is not None else 0 :])
