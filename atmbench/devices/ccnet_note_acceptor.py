"""Driver of a CashCode validator with CCNET, as a terminal's note acceptor. Dry.

Its escrow holds one note, so a deposit here is one note: if a customer brings more, the rest stays in the hand, and
that is told. So a deposit can always be given back whole. HOLD keeps the note in escrow until the terminal has decided.
After power failure the unit is reset: it gives back what was in the validator and reports what was in the stacker.
Where it reports neither of a note that STACK was said for, that is unknown. This module must never guess on the
terminal's behalf.
"""

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.ccnet_acceptor import INSERT_S, OFFLINE_S, CcnetAcceptor
from atmbench.devices.ccnet_kept import INSIDE, OUTSIDE, REPORTED, UNSTACKED, Kept, Stage
from atmbench.devices.ccnet_line import ACK, ANSWER_S
from atmbench.devices.ccnet_runner import Asking
from atmbench.devices.ccnet_talk import POLL_S
from atmbench.devices.ccnet_unit import Unit
from atmbench.devices.ccnet_witness import Witness
from atmbench.devices.ccnet_words import CLEAN, DISABLE, HOLD, HOLDS, RETURN, STACK, STARTED, VALIDATOR, Says, Seen
from atmbench.devices.notes import add, count
from atmbench.devices.port import Machine, Port
from atmbench.devices.roles import Deposit
from atmbench.terminal import inputs

HELD_S = 1.0
"""Between polls while a note waits in escrow. Our choice."""
HOLD_S = 5.0
"""Between HOLDs; the unit gives the note back after 10 s without (facts of devices 5.1.3)."""
MOTION_S = 30.0
"""Within this STACK or RETURN is done (5.1.3)."""


class CcnetNoteAcceptor(CcnetAcceptor[Witness]):
    """A validator at `port`; `machine` is None for a real one. `letters` are those of the bill table for `currency`."""

    def __init__(
        self,
        *,
        currency: str,
        letters: str,
        port: Port,
        machine: Machine | None,
        agenda: Agenda,
        scene: Scene,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.unit = Unit(currency=currency, letters=letters, scene=scene, is_witnessed=machine is not None)
        self._hold_at = 0.0
        super().__init__(
            number=VALIDATOR,
            talk=self.unit,
            witness=Witness(machine, agenda=agenda, scene=scene) if machine is not None else None,
            port=port,
            machine=machine,
            agenda=agenda,
            scene=scene,
            answer_s=answer_s,
        )

    def _booked(self) -> Deposit:
        kept, notes = self.unit.kept, dict(self.unit.stored)
        if kept.stage in INSIDE and kept.value_minor:
            add(notes, {kept.value_minor: 1})
        return notes

    # --- one deposit ------------------------------------------------------------------------------

    def _counting(self, key: str, notes: Deposit) -> Asking[None]:
        unit = self.unit
        self._is_counting = True
        if count(notes) > 1:
            more = f"it takes one note a deposit; {count(notes) - 1} stay with the customer"
            self.condition.failed("tooManyItems", more, key)
        is_ready = yield from unit.is_ready()
        if is_ready and self._is_counting:
            unit.kept = Kept(key)
            yield from unit.enable()
            yield from self._taking_in(notes)
        self._is_counting = False
        kept = unit.kept
        held: Deposit = {}
        if kept.key == key and kept.stage is Stage.HELD:
            self._hold_at = self._runner.now + HOLD_S
            held = {kept.value_minor: 1}
        else:
            yield from unit.say(DISABLE)
        self._scene.give(inputs.DepositCounted(held))

    def _taking_in(self, notes: Deposit) -> Asking[None]:
        """Until a note is in escrow or back, or cannot be followed."""
        kept, until = self.unit.kept, self._runner.now + INSERT_S
        has_offered = has_come = False
        while self._is_counting and self._runner.now < until:
            seen = yield from self.unit.poll()
            if kept.stage in (Stage.HELD, Stage.UNKNOWN):
                return
            has_come = has_come or kept.stage is not Stage.NONE or (seen is not None and seen.trouble is not None)
            if seen is not None and seen.code in CLEAN:
                if has_come and kept.stage in OUTSIDE:
                    return
                if seen.code == Says.DISABLED:
                    yield from self.unit.enable()  # it has not heard
                elif self._witness is not None and notes and not has_offered:
                    has_offered = True
                    self._witness.offer(next(iter(notes)), kept.key)
            yield POLL_S

    def _storing(self, key: str) -> Asking[None]:
        unit, kept = self.unit, self.unit.kept
        if kept.key != key:
            self.condition.failed("sequenceError", "it knows nothing of this deposit", key)
            return
        until = self._runner.now + MOTION_S
        if kept.stage is Stage.HELD:
            kept.stage = Stage.STORING
            yield from unit.say(STACK)
        while kept.stage is Stage.STORING and self._runner.now < until:
            seen = yield from self._moved()
            if seen is not None and seen.code in HOLDS:
                yield from unit.say(STACK)
            if kept.stage is Stage.STORING:
                yield POLL_S
        if kept.stage not in (Stage.STORED, Stage.RETURNED):
            where = kept.stage.name.lower()
            self.condition.failed("deviceNotReady", f"the note cannot be stacked: it is {where}", key)
            return
        is_stored = kept.stage is Stage.STORED
        self._scene.give(inputs.DepositStored(key) if is_stored else inputs.DepositReturned(key))
        yield from unit.say(DISABLE)
        yield from unit.settled()

    def _returning(self, key: str) -> Asking[None]:
        unit, kept = self.unit, self.unit.kept
        is_ours = kept.key == key and kept.was_enabled
        until = self._runner.now + MOTION_S
        while is_ours and self._runner.now < until:
            seen = yield from self._moved()
            if seen is not None and seen.code in HOLDS and kept.stage in UNSTACKED:
                kept.stage = Stage.RETURNING
                yield from unit.say(RETURN)
            if _is_back(kept, seen) or kept.stage in (Stage.UNKNOWN, Stage.STORED):
                break
            yield POLL_S
        if is_ours and kept.stage not in OUTSIDE:
            where = kept.stage.name.lower()
            self.condition.failed("deviceNotReady", f"the note cannot be given back: it is {where}", key)
            return
        self._scene.give(inputs.DepositReturned(key))
        yield from unit.say(DISABLE)
        yield from unit.settled()

    def _moved(self) -> Asking[Seen | None]:
        """What it says; of one that has started anew, when that has settled."""
        seen = yield from self.unit.poll()
        if seen is not None and seen.code in STARTED:
            seen = yield from self.unit.settled()
        return seen

    def _reporting(self, key: str) -> Asking[None]:
        kept = self.unit.kept
        if kept.key == key and kept.stage in INSIDE:
            yield from self.unit.settled()
        stage = REPORTED[kept.stage] if kept.key == key else "empty"
        self._scene.give(inputs.EscrowReported(key=key, stage=stage))

    # --- between deposits -------------------------------------------------------------------------

    def _looking(self) -> Asking[None]:
        """At a unit that nobody has asked anything of."""
        stage = self.unit.kept.stage
        seen = yield from self.unit.poll()
        if seen is None:
            return
        if seen.code in STARTED:
            yield from self._starting()
        elif seen.code in HOLDS and stage is Stage.HELD:
            if self._runner.now >= self._hold_at and (yield from self.unit.say(HOLD)) == ACK:
                self._hold_at = self._runner.now + HOLD_S
        elif seen.code in HOLDS and stage is not Stage.STORING:
            yield from self.unit.say(RETURN)  # nobody has asked for this note
        elif seen.code == Says.IDLING:
            yield from self.unit.say(DISABLE)

    @property
    def _look_for_notes_s(self) -> float | None:
        stage = self.unit.kept.stage
        if stage is Stage.HELD:
            return HELD_S
        return OFFLINE_S if stage in INSIDE else None


def _is_back(kept: Kept, seen: Seen | None) -> bool:
    """Whether no note is inside, as the unit says at rest."""
    if seen is None or kept.stage not in OUTSIDE:
        return False
    return (
        seen.code in CLEAN or seen.code == Says.RETURNED or (seen.trouble is not None and seen.code != Says.REJECTING)
    )
