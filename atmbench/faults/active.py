"""The faults that are active now: who is met, in which order they plan, and what is told of it.

The cable asks here for every frame and every dial, and performs the answer. It must never wait, and
it holds no frame: what is planned is the cable's.
"""

from collections.abc import Callable, Collection, Mapping

import msgspec

from atmbench.errors import LocalError
from atmbench.facts import FrameDisturbed, RecordDisturbed
from atmbench.faults.base import DialAnswer, Direction, Fault, Severing, Stage, Wire
from atmbench.faults.books import Book, Item, Latest, Sources, Stream
from atmbench.faults.cut import Cut
from atmbench.faults.record_strikes import Passing, fate_of, state_of
from atmbench.faults.records import Fate
from atmbench.faults.strikes import Place, UnitPlan, struck
from atmbench.faults.walk import Walk
from atmbench.faults.wires import Unit

FAULTS_MAX = 100
"""So many faults may be active at once."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes, and when they arrive, by the clock of the cables."""

    data: bytes
    at: float
    to: str = ""
    """Another terminal than the frame's own."""
    held_by: tuple[str, ...] = ()
    """The faults without which they would arrive earlier."""


class Plan(msgspec.Struct, frozen=True):
    """What becomes of one frame. Arrivals at one instant are in the order in which they are to be written."""

    arrivals: list[Arrival]
    facts: list[FrameDisturbed]


class ActiveFaults:
    """All faults of a run that are active now. The same seed and the same frames give the same plans.

    `carriers` says of a line whose cables it uses, where that is known.
    """

    def __init__(self, seed: int, carriers: Mapping[str, str] | None = None) -> None:
        self._carriers = carriers or {}
        self._active: list[Book] = []
        """In the order of adding."""
        self._by_stage: list[Book] = []
        """In the order in which they plan."""
        self._cuts: list[Book] = []
        self._readers: list[Book] = []
        self._wires: list[Book] = []
        self._between_sites: list[Book] = []
        self._reading: dict[Stream, Latest] = {}
        self._sources = Sources(seed)

    # --- what is active -------------------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """No fault is active: every frame is delivered as it is, and nobody needs to know its MTI."""
        return not self._active

    def add(self, name: str, fault: Fault, now: float) -> None:
        """From this instant on the fault meets every frame and every dial.

        Raises LocalError if the name is taken, if too many faults are active, or if a parameter is out of bounds.
        """
        if any(each.name == name for each in self._active):
            raise LocalError(f"a fault named {name!r} is active already; mend it first or choose another name")
        if len(self._active) >= FAULTS_MAX:
            raise LocalError(f"{FAULTS_MAX} faults are active, which is the most; mend one first")
        try:
            msgspec.convert(msgspec.to_builtins(fault), type(fault))
        except msgspec.ValidationError as error:
            raise LocalError(f"fault {name!r} has a parameter out of bounds: {error}") from None
        self._active.append(Book(name, fault, self._carried(fault)))
        self._sort()

    def remove(self, name: str, now: float) -> None:
        """End a fault. What it alone holds is the cable's to deliver now. Raises LocalError for an unknown name."""
        if all(each.name != name for each in self._active):
            known = ", ".join(self.names()) or "none"
            raise LocalError(f"no fault named {name!r} is active; active are: {known}")
        self._active = [each for each in self._active if each.name != name]
        self._sources.forget(name)
        for each in self._active:
            each.busy = self._still_held(each.busy)
        self._reading = self._still_held(self._reading)
        self._sort()

    def clear(self, now: float) -> None:
        """End all faults."""
        for name in self.names():
            self.remove(name, now)

    def names(self) -> tuple[str, ...]:
        """The active faults, in the order of adding."""
        return tuple(each.name for each in self._active)

    def holds(self, names: Collection[str]) -> bool:
        """Whether one of these faults is active still: then what they hold stays held."""
        return any(each.name in names for each in self._active)

    def line_of(self, name: str) -> str:
        """The line that an active fault is aimed at; empty for all lines. Raises LocalError for an unknown name."""
        for each in self._active:
            if each.name == name:
                return each.fault.line
        raise LocalError(f"no fault named {name!r} is active")

    def _carried(self, fault: Fault) -> frozenset[str] | None:
        """The lines of the carrier that a cut is aimed at; None if it is aimed at none."""
        if not isinstance(fault, Cut) or not fault.carrier:
            return None
        return frozenset(line for line, carrier in self._carriers.items() if carrier == fault.carrier)

    def _still_held(self, book: dict[Stream, Latest]) -> dict[Stream, Latest]:
        return {stream: latest for stream, latest in book.items() if self.holds(latest.held_by)}

    def _sort(self) -> None:
        stages = {stage: [each for each in self._active if each.fault.stage is stage] for stage in Stage}
        self._cuts = stages[Stage.ROAD]
        self._readers = stages[Stage.READS]
        self._wires = stages[Stage.WIRE]
        self._between_sites = stages[Stage.SITES]
        self._by_stage = [*self._cuts, *stages[Stage.FRAME]]

    # --- lines ----------------------------------------------------------------------------------

    def silenced(self, terminal: str, line: str, site: str, direction: Direction | None, now: float) -> bool:
        """Whether a cut swallows frames here: asked when a frame is sent, and again when it would arrive.

        A `direction` of None means either.
        """
        if not self._cuts:
            return False
        return any(each.is_aimed_at(terminal, line, site, direction, now) for each in self._cuts)

    def dial(self, terminal: str, line: str, site: str, now: float) -> DialAnswer:
        """What becomes of a dial. Silence outweighs all; of several others the one added first decides."""
        books = [*self._cuts, *self._wires]
        answers = [each.fault.dial() for each in books if each.is_aimed_at(terminal, line, site, None, now)]
        if "silence" in answers:
            return "silence"
        return next((answer for answer in answers if answer != "accept"), "accept")

    def severs(self, fault: Fault) -> Severing | None:
        """What becomes of standing connections that `touches` the fault, at the instant it starts."""
        return fault.severs()

    def touches(self, name: str, terminal: str, line: str, site: str, now: float) -> bool:
        """Whether this one fault is aimed at a line. Raises LocalError for an unknown name."""
        for each in self._active:
            if each.name == name:
                return each.is_aimed_at(terminal, line, site, None, now)
        raise LocalError(f"no fault named {name!r} is active")

    # --- units of serial wires ------------------------------------------------------------------

    def strike(self, unit: Unit, place: Place, now: float, key_of: Callable[[bytes], str | None]) -> UnitPlan | None:
        """What becomes of a block or of control characters that leave now, as `strikes.struck` says."""
        return struck(self._wires, unit, place, now, self._sources, key_of) if self._wires else None

    # --- between sites ----------------------------------------------------------------------------

    def record(self, passing: Passing, now: float) -> tuple[Fate, RecordDisturbed] | None:
        """What becomes of a journal record that leaves a site now, and what is told of it; None leaves it alone."""
        return fate_of(self._between_sites, passing, now, self._sources) if self._between_sites else None

    def state_of_way(self, sender: str, receiver: str) -> str:
        """What a way between two sites is: open (""), "blocked", or "unread"; blocked outweighs unread."""
        states = {state_of(each, sender, receiver) for each in self._between_sites}
        return next((state for state in ("blocked", "unread") if state in states), "")

    # --- frames ---------------------------------------------------------------------------------

    def plan(
        self,
        data: bytes,
        body: bytes,
        mti: str,
        terminal: str,
        line: str,
        site: str,
        direction: Direction,
        now: float,
        wire: Wire,
        due: float,
    ) -> Plan | None:
        """What becomes of a frame that is sent now. None means: deliver it as it is, and tell nothing.

        `data` is the frame as on the wire, `body` the same without framing. `now` is the time of the drill, for
        the windows of faults; `due` is when the frame arrives if nothing meets it, by the one clock of all cables.
        """
        if not self._active:
            return None
        item = Item(data, body, mti, due)
        walk = Walk(item, terminal, line, site, direction, now, wire, self._sources, self._reading)
        items = [item]
        for active in self._by_stage:
            items = [after for item in items for after in walk.through(active, item)]
        if self._readers:
            items = [after for item in items for after in walk.into_reads(self._readers, item)]
        if not walk.is_changed:
            return None
        return Plan(
            [Arrival(data=each.data, at=each.at, to=each.to, held_by=each.held_by) for each in items], walk.facts
        )
