"""A modelled note acceptor with an escrow: deposited notes, held until they are stored or given back.

Notes are never made or lost here. As in the dispenser, the machine forgets what it was doing if power
fails while notes move, and facts tell what is true.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from atmbench import facts
from atmbench.devices import notes as bundles
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.times import DeviceTimes
from atmbench.terminal import inputs

Notes = dict[int, int]
"""Value of a note in minor units to number of notes."""


class Escrow:
    """One escrow, one deposit bin."""

    def __init__(self, *, times: DeviceTimes, rng: Random, agenda: Agenda, scene: Scene) -> None:
        self.held: Notes = {}
        self.stored: Notes = {}
        """The deposit bin."""
        self._held_key = ""
        self._last_key = ""
        self._last_stage = "empty"
        self._moving: Callable[[], None] | None = None
        """What the motion under way does to the notes, should it come to its end."""
        self._busy_until = 0.0
        self._times = times
        self._rng = rng
        self._agenda = agenda
        self._scene = scene

    def count(self, key: str, notes: Notes, now: float) -> None:
        """Begin to take notes in; DepositCounted follows. An escrow that is not empty takes none."""
        brought = {} if self.held or self._moving else {value: number for value, number in notes.items() if number > 0}
        at = now + self._times.count_deposit_s + self._times.count_note_s * bundles.count(brought)
        self._move(key, at, partial(self._take_in, key, brought), "held", inputs.DepositCounted(dict(brought)))

    def store(self, key: str, now: float) -> None:
        """Begin to move what is held into the deposit bin; DepositStored follows."""
        at = now + self._times.store_deposit_s
        self._move(key, at, self._put_away, "stored", inputs.DepositStored(key))

    def give_back(self, key: str, now: float) -> None:
        """Begin to give back what is held; DepositReturned follows."""
        at = now + self._times.return_deposit_s
        self._move(key, at, self._hand_out, "returned", inputs.DepositReturned(key))

    def query(self, key: str, now: float) -> None:
        """Ask the memory; EscrowReported follows when nothing moves any more."""
        self._agenda.plan(max(now, self._busy_until) + self._times.query_s, partial(self._report, key))

    def _move(self, key: str, at: float, act: Callable[[], None], stage: str, answer: inputs.Input) -> None:
        self._last_key, self._last_stage = key, "moving"
        self._moving = act
        self._busy_until = at
        self._agenda.plan(at, partial(self._moved, act, key, stage, answer))

    def _moved(self, act: Callable[[], None], key: str, stage: str, answer: inputs.Input, now: float) -> None:
        if self._moving is act:
            self._moving = None
            self._last_key, self._last_stage = key, stage
        act()
        self._scene.give(answer)

    def _take_in(self, key: str, brought: Notes) -> None:
        if brought:
            bundles.add(self.held, brought)
            self._held_key = key

    def _put_away(self) -> None:
        if self.held:
            bundles.add(self.stored, self.held)
            self._scene.tell(facts.CashAccepted(key=self._held_key, amount_minor=_value_minor(self.held)))
            self.held = {}

    def _hand_out(self) -> None:
        if self.held:
            self._scene.tell(facts.CashReturned(key=self._held_key, amount_minor=_value_minor(self.held)))
            self.held = {}

    def _report(self, key: str, now: float) -> None:
        stage = self._last_stage if self._last_key == key else "empty"
        self._scene.give(inputs.EscrowReported(key=key, stage=stage))

    def deposited(self) -> Notes:
        """All notes that were taken and not given back."""
        deposited = dict(self.stored)
        bundles.add(deposited, self.held)
        return deposited

    def power_on(self, now: float) -> None:
        """The escrow waits to be asked."""

    def power_fail(self, now: float) -> None:
        """What moves comes to its end or stays where it was; the memory can only say that it moved."""
        self._busy_until = now
        act, self._moving = self._moving, None
        if act is not None and self._rng.random() < 0.5:
            act()


def _value_minor(notes: Notes) -> int:
    return sum(value * number for value, number in notes.items())
