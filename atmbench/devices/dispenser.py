"""A modelled cash dispenser: notes, where they lie, and what the machine knows of them.

Notes are never made or lost here: they go from a cassette through the transport to the exit, and from the
exit to a hand or the retract bin. What a dispense leaves in the transport stays there until it is purged into
the reject bin; no other order moves before. What the machine knows is less than what is true: it forgets its
count if power fails while notes move, and it does not count what it retracts (iso8583 1.10). Facts
tell what is true. This module must never guess on the terminal's behalf.
"""

from collections import deque
from functools import partial
from random import Random

import msgspec

from atmbench import facts
from atmbench.devices import notes as bundles
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.customer import Customer
from atmbench.devices.roles import Lying
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import DispenserDoes, DisturbDispenser
from atmbench.terminal import inputs
from atmbench.terminal.effects import Dispense

TROUBLES_MAX = 1_000
"""So many orders to go wrong may be waiting."""

Notes = dict[str, int]


class _LastOrder(msgspec.Struct):
    """LAST STATUS: what the dispenser's own memory says of its last order. It survives a power failure."""

    key: str = ""
    stage: str = "idle"
    notes: Notes = {}


class _Motion(msgspec.Struct, frozen=True):
    """Notes on their way from the cassettes to the exit. Of those `pulled` only `notes` will get there."""

    order: Dispense
    pulled: Notes
    notes: Notes
    because: str
    can_count: bool


class Dispenser:
    """`cassettes` is what each holds, `values_minor` what one of its notes is worth."""

    def __init__(
        self,
        cassettes: Notes,
        values_minor: dict[str, int],
        *,
        times: DeviceTimes,
        rng: Random,
        agenda: Agenda,
        scene: Scene,
        customer: Customer,
    ) -> None:
        self.cassettes = cassettes
        self.values_minor = values_minor
        self.path: Notes = {}
        """What was pulled and has not reached the exit: it blocks the transport."""
        self.exit: Notes = {}
        self.rejected: Notes = {}
        self.retracted: Notes = {}
        self._exit_key = ""
        self._bundle = 0
        """Number of the bundle in the exit: a hand that comes late must not take the next one."""
        self._last = _LastOrder()
        self._motion: _Motion | None = None
        self._retracting = False
        self._path_key = ""
        self._path_is_counted = True
        self._purging = False
        self._busy_until = 0.0
        self._troubles: deque[tuple[DisturbDispenser, int]] = deque()
        self._times = times
        self._rng = rng
        self._agenda = agenda
        self._scene = scene
        self._customer = customer

    def value_minor(self, notes: Notes) -> int:
        """What a bundle is worth."""
        value_minor = 0
        for name, number in notes.items():
            value_minor += self.values_minor[name] * number
        return value_minor

    def lying(self) -> Lying:
        """Where the notes are."""
        return Lying(self.cassettes, self.path, self.exit, self.rejected, self.retracted)

    def disturb(self, command: DisturbDispenser) -> None:
        """The next orders go wrong. Orders to go wrong are worked off one after the other."""
        if command.times > 0 and len(self._troubles) < TROUBLES_MAX:
            self._troubles.append((command, command.times))

    # --- orders ---------------------------------------------------------------------------------

    def dispense(self, order: Dispense, now: float) -> None:
        """Begin to move notes to the exit; DispenseEnded follows."""
        objection = self._objection(order.notes, now)
        trouble = None if objection else self._next_trouble()
        if trouble is not None and trouble.does is DispenserDoes.REFUSE:
            objection = "the dispenser reports a fault"
        if objection:
            if self._motion is None:
                self._last = _LastOrder(order.key, "refused")
            self._agenda.plan(now + self._times.refuse_s, partial(self._refuse, order, objection))
            return
        self._motion = motion = self._set_in_motion(order, trouble)
        self._last = _LastOrder(order.key, "moving")
        self._busy_until = now + self._times.dispense_s + self._times.dispense_note_s * bundles.count(motion.notes)
        self._agenda.plan(self._busy_until, self._dispensed)

    def retract(self, key: str, now: float) -> None:
        """Begin to draw back what lies in the exit; CashRetracted follows, or CashTaken if a hand was faster."""
        self._retracting = True
        self._busy_until = max(now, self._busy_until) + self._times.retract_s
        self._agenda.plan(self._busy_until, partial(self._retracted, key))

    def purge(self, key: str, now: float) -> None:
        """Begin to clear the transport into the reject bin; NotesPurged follows, also if there is nothing in it.

        The exit has a drive of its own: notes may be retracted at the same time.
        """
        self._purging = True
        begins = now if self._motion is None else self._busy_until
        self._agenda.plan(begins + self._times.purge_s, partial(self._purged, key))

    def query(self, key: str, now: float) -> None:
        """Ask the memory; DispenserReported follows when nothing moves any more."""
        self._agenda.plan(max(now, self._busy_until) + self._times.query_s, partial(self._report, key))

    def _objection(self, asked: Notes, now: float) -> str:
        for name in asked:
            if name not in self.cassettes:
                return f"there is no cassette {name}"
        if self._motion is not None or self._purging or now < self._busy_until:
            return "the dispenser is still busy with the order before"
        if self.path:
            return "notes in the transport; purge first"
        if self.exit:
            return "notes lie in the exit"
        if not any(min(number, self.cassettes[name]) > 0 for name, number in asked.items()):
            return "the cassettes are empty" if bundles.count(asked) else "no note was asked for"
        return ""

    def _next_trouble(self) -> DisturbDispenser | None:
        if not self._troubles:
            return None
        trouble, times = self._troubles.popleft()
        if times > 1:
            self._troubles.appendleft((trouble, times - 1))
        return trouble

    def _set_in_motion(self, order: Dispense, trouble: DisturbDispenser | None) -> _Motion:
        pulled = bundles.within(order.notes, self.cassettes)
        because = "" if bundles.count(pulled) == bundles.count(order.notes) else "a cassette ran empty"
        if trouble is None:
            return _Motion(order, pulled, pulled, because, can_count=True)
        moving = bundles.first(pulled, trouble.notes)
        if trouble.does is DispenserDoes.JAM_UNKNOWN:
            because = "notes jammed, the dispenser cannot say how many moved"
            return _Motion(order, pulled, moving, because, can_count=False)
        if bundles.count(moving) < bundles.count(order.notes):
            because = f"stopped after {bundles.count(moving)} notes"
        return _Motion(order, pulled, moving, because, can_count=True)

    # --- what comes of them ---------------------------------------------------------------------

    def _refuse(self, order: Dispense, because: str, now: float) -> None:
        asked = {name: number for name, number in order.notes.items() if name in self.values_minor}
        self._fail(order, self.value_minor(asked), {}, because)
        self._scene.give(inputs.DispenseEnded(key=order.key, status="refused", notes={}, because=because))

    def _dispensed(self, now: float) -> None:
        motion, self._motion = self._motion, None
        assert motion is not None
        order, moved = motion.order, motion.notes
        self._pull(motion, moved, now, is_counted=motion.can_count)
        if moved and motion.can_count:
            self._scene.tell(facts.CashPresented(key=order.key, notes=moved, amount_minor=self.value_minor(moved)))
        if motion.because:
            self._fail(order, self.value_minor(order.notes), moved, motion.because)
        known: Notes = {}
        if not motion.can_count:
            status = "unknown"
        elif not moved:
            status = "refused"
            self._last = _LastOrder(order.key, "refused")
        else:
            status, known = ("short" if motion.because else "presented"), moved
            self._last = _LastOrder(order.key, "presented", moved)
        self._scene.give(inputs.DispenseEnded(key=order.key, status=status, notes=known, because=motion.because))

    def _fail(self, order: Dispense, asked_minor: int, moved: Notes, because: str) -> None:
        self._scene.tell(
            facts.DispenseFailed(
                key=order.key, asked_minor=asked_minor, moved_minor=self.value_minor(moved), because=because
            )
        )

    def _pull(self, motion: _Motion, reached: Notes, now: float, *, is_counted: bool) -> None:
        """Notes leave the cassettes; some reach the exit, the rest stays in the transport."""
        for name, number in motion.pulled.items():
            self.cassettes[name] -= number
        self.path = bundles.without(motion.pulled, reached)
        self._path_key = motion.order.key
        self._path_is_counted = is_counted
        if not reached:
            return
        self.exit = reached
        self._exit_key = motion.order.key
        self._bundle += 1
        take = partial(self._taken, self._bundle)
        after_s = self._customer.takes_cash_after_s(take, partial(self._lies, self._bundle))
        if after_s is not None:
            self._agenda.plan(now + after_s, take, by_hand=True)

    def _lies(self, bundle: int) -> bool:
        return bundle == self._bundle and bool(self.exit)

    def _taken(self, bundle: int, now: float) -> None:
        if not self._lies(bundle):
            return
        self._scene.tell(facts.CashTaken(key=self._exit_key, amount_minor=self.value_minor(self.exit)))
        self.exit = {}
        if self._scene.has_power:
            self._note_taken()
            self._scene.give(inputs.CashTaken(self._exit_key))
            self._retracting = False

    def _note_taken(self) -> None:
        if self._last.stage == "presented" and self._last.key == self._exit_key:
            self._last.stage = "taken"

    def _retracted(self, key: str, now: float) -> None:
        if not self._retracting:
            return  # a hand was faster, and CashTaken has told so
        self._retracting = False
        if not self.exit and self._last.key == key and self._last.stage == "taken":
            self._scene.give(inputs.CashTaken(key))
            return
        self._draw_back()
        if self._last.key == key:
            self._last.stage = "retracted"
        self._scene.give(inputs.CashRetracted(key=key, notes_counted=None))

    def _draw_back(self) -> None:
        if self.exit:
            bundles.add(self.retracted, self.exit)
            self._scene.tell(facts.CashRetracted(key=self._exit_key, amount_minor=self.value_minor(self.exit)))
            self.exit = {}

    def _purged(self, key: str, now: float) -> None:
        rejected, is_counted = self.path, self._path_is_counted
        self._purging = False
        self._clear_path()
        self._scene.give(inputs.NotesPurged(key=key, notes_rejected=dict(rejected) if is_counted else None))

    def _clear_path(self) -> None:
        if self.path:
            bundles.add(self.rejected, self.path)
            self._scene.tell(facts.CashPurged(key=self._path_key, amount_minor=self.value_minor(self.path)))
        self.path = {}
        self._path_is_counted = True

    def _report(self, key: str, now: float) -> None:
        last = self._last if self._last.key == key else _LastOrder()
        self._scene.give(inputs.DispenserReported(key=key, stage=last.stage, notes=dict(last.notes)))

    # --- power ----------------------------------------------------------------------------------

    def power_fail(self, now: float) -> None:
        """Whatever moves comes to rest somewhere, and the memory can only say that it moved."""
        motion, self._motion = self._motion, None
        if motion is not None:
            reached = bundles.first(motion.notes, self._rng.randint(0, bundles.count(motion.notes)))
            self._pull(motion, reached, now, is_counted=False)
        elif self._retracting and self.exit:
            self._last = _LastOrder(self._exit_key, "moving")
            if self._rng.random() < 0.5:
                self._draw_back()
        if self._purging and motion is None and self._rng.random() < 0.5:
            self._clear_path()
        self._retracting = self._purging = False
        self._busy_until = now

    def power_on(self, now: float) -> None:
        """The exit sensor works again: notes that were presented and are gone were taken by a hand."""
        if not self.exit:
            self._note_taken()
