"""Driver of a Bill-to-Bill recycler, as a terminal's note acceptor. Dry.

The notes of a deposit go one by one into the recycling cassette that is assigned to escrow, and wait there until the
terminal has decided: then they are unloaded into the drop cassette, or dispensed to the customer, the very same notes
(MAN_CCNET_D1 2.6.0, 3.4). DISPENSE has room for 20, so a deposit is at most 20 notes. Whatever moves notes is ordered
once; the machine's polls, its POWER RECOVERY and the count of its cassette tell what came of it. This module must never
guess on the terminal's behalf.
"""

from collections.abc import Callable

from atmbench import facts
from atmbench.devices import notes as bundles
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.b2b_hands import Hands
from atmbench.devices.b2b_kept import Kept
from atmbench.devices.b2b_unit import LEAVING, Recycler
from atmbench.devices.b2b_witness import RecyclerWitness
from atmbench.devices.b2b_words import BILL_TO_BILL, DISPENSE_NOTES_MAX, ESCROW_TYPE, dispense, unload
from atmbench.devices.ccnet_acceptor import INSERT_S, OFFLINE_S, CcnetAcceptor
from atmbench.devices.ccnet_kept import REPORTED, Stage
from atmbench.devices.ccnet_line import ANSWER_S, ILLEGAL, Command
from atmbench.devices.ccnet_runner import Asking
from atmbench.devices.ccnet_talk import CLEAN_POLLS, POLL_S, SETTLE_POLLS_MAX
from atmbench.devices.ccnet_words import CLEAN, DISABLE, HOLDS, STACK, STARTED, Says
from atmbench.devices.port import Machine, Port
from atmbench.devices.roles import Deposit
from atmbench.terminal import inputs

LEAVE_S = 60.0
"""Within this all notes have left the escrow cassette, and the customer has them. Our choice."""
OUTSIDE = frozenset({Stage.NONE, Stage.RETURNED})


class BillToBillAcceptor(CcnetAcceptor[RecyclerWitness]):
    """A recycler at `port`; `machine` is None for a real one. `letters` are those of the bill table for `currency`."""

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
        self.unit = Recycler(currency=currency, letters=letters, scene=scene)
        self.stored: Deposit = {}
        """The terminal's own books of the drop cassette."""
        super().__init__(
            number=BILL_TO_BILL,
            talk=self.unit,
            witness=RecyclerWitness(machine, agenda=agenda, scene=scene) if machine is not None else None,
            port=port,
            machine=machine,
            agenda=agenda,
            scene=scene,
            answer_s=answer_s,
        )

    def _booked(self) -> Deposit:
        notes = dict(self.stored)
        if self.unit.kept.stage not in (*OUTSIDE, Stage.STORED):
            bundles.add(notes, self.unit.kept.all_notes)
        return notes

    # --- notes come in ----------------------------------------------------------------------------

    def _counting(self, key: str, notes: Deposit) -> Asking[None]:
        unit = self.unit
        self._is_counting = True
        number = bundles.count(notes)
        if number > DISPENSE_NOTES_MAX:
            more = (
                f"it takes {DISPENSE_NOTES_MAX} notes a deposit; {number - DISPENSE_NOTES_MAX} stay with the customer"
            )
            self.condition.failed("tooManyItems", more, key)
        if (yield from self._is_ready()) and self._is_counting:
            if unit.kept.stage not in (*OUTSIDE, Stage.STORED):
                bundles.add(self.stored, unit.kept.all_notes)
            unit.kept = Kept(key, stage=Stage.COMING)
            yield from self._taking_in(notes)
            yield from self._close_escrow()
        self._is_counting = False
        is_held = unit.kept.key == key and unit.kept.stage is Stage.HELD
        self._scene.give(inputs.DepositCounted(unit.kept.all_notes if is_held else {}))

    def _is_ready(self) -> Asking[bool]:
        """Whether it can take notes of known worth into an empty escrow cassette."""
        unit = self.unit
        seen = yield from unit.settled()
        if seen is None or seen.code not in CLEAN:
            return False
        if not unit.table:
            yield from unit.learn_table()
        yield from unit.say(DISABLE)
        left = yield from unit.counted()
        if left:
            because = f"{left} notes of an earlier deposit are in its escrow cassette; they go into the drop cassette"
            self.condition.failed("hardwareError", because, unit.key)
            unit.kept.must_ask = (yield from unit.say(unload(unit.escrow, left))) == ILLEGAL
            yield from self._ended()
            left = yield from unit.counted()
        return left == 0 and bool(unit.table) and not unit.kept.must_ask

    def _taking_in(self, notes: Deposit) -> Asking[None]:
        """Until the customer has no more, or they cannot be followed."""
        kept = self.unit.kept
        hands = Hands(notes, self._witness, kept)
        until = self._runner.now + INSERT_S
        while self._is_counting and self._runner.now < until and not kept.must_ask:
            seen = yield from self.unit.poll()
            if seen is None or kept.must_ask:
                pass
            elif seen.code == Says.ESCROW and self.unit.is_read:
                kept.is_stacking = True
                yield from self.unit.say(STACK)
            elif seen.code == Says.STACKED:
                until = self._runner.now + INSERT_S
            elif seen.code == Says.DISABLED:
                yield from self.unit.enable()
            if seen is not None and not hands.go_on(seen):
                return
            yield POLL_S

    def _close_escrow(self) -> Asking[bool]:
        """No more notes; whether all of them are where they are known to be: with the customer, or in a cassette."""
        unit, kept = self.unit, self.unit.kept
        yield from unit.say(DISABLE)
        seen = yield from unit.settled()
        if seen is not None and seen.trouble is not None and seen.trouble.is_broken:
            unit.lose_track(f"{seen.trouble.text}, and it does not tell of all notes")
        if kept.stage is not Stage.COMING or seen is None or seen.code not in CLEAN:
            return False
        yield from unit.say(DISABLE)
        left = yield from unit.counted()
        if left is None or not unit.is_held(left):
            return False
        if kept.all_notes:
            kept.stage, kept.left = Stage.HELD, left
        return True

    # --- notes leave the escrow cassette ----------------------------------------------------------

    def _storing(self, key: str) -> Asking[None]:
        unit, kept = self.unit, self.unit.kept
        if kept.key != key:
            self.condition.failed("sequenceError", "it knows nothing of this deposit", key)
            return
        if kept.stage is Stage.HELD:
            kept.stage = Stage.STORING
        yield from self._leaving(Stage.STORING, lambda left: unload(unit.escrow, left))
        if kept.stage is Stage.STORING and not kept.left:
            kept.stage = Stage.STORED
            bundles.add(self.stored, kept.all_notes)
            self._tell_money(facts.CashAccepted(key=key, amount_minor=_value_minor(kept.all_notes)))
        if kept.stage is not Stage.STORED:
            where = kept.stage.name.lower()
            self.condition.failed("deviceNotReady", f"the notes cannot be stored: they are {where}", key)
            return
        self._scene.give(inputs.DepositStored(key))

    def _returning(self, key: str) -> Asking[None]:
        kept = self.unit.kept
        is_ours = kept.key == key and kept.stage not in OUTSIDE
        if is_ours and kept.stage is Stage.COMING and (yield from self._close_escrow()):
            kept.stage = kept.stage if kept.all_notes else Stage.RETURNED
        if is_ours and kept.stage is Stage.HELD:
            kept.stage = Stage.RETURNING
        yield from self._leaving(Stage.RETURNING, lambda left: dispense(ESCROW_TYPE, left))
        if is_ours and kept.stage is Stage.RETURNING and not kept.left and not kept.dropped:
            kept.stage = Stage.RETURNED
            self._tell_money(facts.CashReturned(key=key, amount_minor=_value_minor(kept.notes)))
        if is_ours and kept.stage not in OUTSIDE:
            where = kept.stage.name.lower()
            self.condition.failed("deviceNotReady", f"the notes cannot be given back: they are {where}", key)
            return
        self._scene.give(inputs.DepositReturned(key))

    def _leaving(self, stage: Stage, order: Callable[[int], Command]) -> Asking[None]:
        """Order what is left in the escrow cassette to leave it, as often as the machine says that something is."""
        assert stage in LEAVING
        unit, kept = self.unit, self.unit.kept
        until = self._runner.now + LEAVE_S
        while kept.stage is stage and self._runner.now < until:
            seen = yield from unit.settled()
            left = (yield from unit.counted()) if seen is not None and seen.code in CLEAN else None
            is_told = seen is not None and seen.code not in CLEAN and not kept.left
            if kept.stage is not stage or left == 0 == kept.left or is_told:
                return  # a full drop cassette keeps it from being counted again
            if left is None or kept.must_ask:
                yield POLL_S
            elif left > kept.left:
                unit.lose_track(f"{kept.left} notes were left in the escrow cassette, and it has {left}")
            elif left:
                kept.left = left
                kept.must_ask = (yield from unit.say(order(left))) == ILLEGAL
                yield from self._ended()
            else:
                kept.left = left

    def _ended(self) -> Asking[None]:
        """Poll until what was ordered has ended, or had never begun."""
        clean = 0
        for _ in range(SETTLE_POLLS_MAX):
            seen = yield from self.unit.poll()
            clean = clean + 1 if seen is not None and seen.code in CLEAN else 0
            is_over = seen is not None and (seen.code in STARTED or seen.trouble is not None)
            if is_over or clean >= CLEAN_POLLS:
                return
            yield POLL_S

    def _tell_money(self, fact: facts.CashAccepted | facts.CashReturned) -> None:
        if self._witness is None and fact.amount_minor:
            self._scene.tell(fact)

    # --- between deposits -------------------------------------------------------------------------

    def _reporting(self, key: str) -> Asking[None]:
        kept = self.unit.kept
        if kept.key == key and kept.must_ask:
            yield from self.unit.settled()
        stage = REPORTED[kept.stage] if kept.key == key else "empty"
        self._scene.give(inputs.EscrowReported(key=key, stage=stage))

    def _looking(self) -> Asking[None]:
        """At a unit that nobody has asked anything of."""
        seen = yield from self.unit.poll()
        if seen is None:
            return
        if seen.code in STARTED:
            yield from self._starting()
        elif seen.code in HOLDS or (seen.code in CLEAN and self.unit.kept.must_ask):
            yield from self.unit.settled()
        elif seen.code == Says.IDLING:
            yield from self.unit.say(DISABLE)

    @property
    def _look_for_notes_s(self) -> float | None:
        kept = self.unit.kept
        return OFFLINE_S if kept.must_ask or kept.stage is Stage.COMING or kept.stage in LEAVING else None


def _value_minor(notes: Deposit) -> int:
    return sum(value * number for value, number in notes.items())
