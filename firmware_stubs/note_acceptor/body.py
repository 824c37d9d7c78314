"""What moves in a CCNET validator, what its firmware makes of that, and what hands can do at it: no byte of its line.

A note that is inside when power fails goes back after RESET if it is in the validator, and is stacked and reported as
credit if it is in the stacker (facts of devices 5.1.5). Notes are written down as kept before a byte tells of them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from firmware_stubs.core import Core, Order
from firmware_stubs.errors import OrderError
from firmware_stubs.note_acceptor.machine import Machine, Notes
from firmware_stubs.note_acceptor.settings import Settings
from firmware_stubs.note_acceptor.states import EVENTS, INHIBITED, RESTING, Harm, State, Troubles


class Body(Core):
    """`kept` is what an earlier one has kept. Raises OrderError for a bill table that cannot be told."""

    device = "note_acceptor"

    def __init__(self, settings: Settings | None = None, kept: Mapping[str, Any] | None = None) -> None:
        self._settings = settings or Settings()
        self._settings.check()
        super().__init__(kept)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self._machine = Machine(kept)
        self._counter: int = kept.get("counter", 0)
        self._credit: int | None = kept.get("credit")
        """Type of a stacked note that the host has not acknowledged, as far as the memory knows."""
        self._troubles = Troubles()
        self._state, self._detail = State.POWER_UP, 0
        self._turn = 0
        """Counts motions, so that a plan of an earlier one does nothing."""
        self._enabled, self._escrowed, self._security = bytes(3), bytes(3), bytes(3)
        self._orders |= {
            "fault": lambda order, now: self._troubles.add(order),
            "clear_faults": lambda order, now: self._troubles.clear(),
            "insert_note": self._insert_note,
            "take_note": self._take_note,
            "remove_cassette": lambda order, now: self._move_cassette(now, is_out=True),
            "insert_cassette": lambda order, now: self._move_cassette(now, is_out=False),
            "empty_cassette": self._empty_cassette,
            "clear_jam": self._clear_jam,
        }

    def kept(self) -> dict[str, Any]:
        """Where the notes are, and what memory keeps without power."""
        credit = self._credit if self._settings.credit_survives else None
        return {**self._machine.kept(), "counter": self._counter, "credit": credit}

    def seen(self) -> dict[str, Any]:
        """With what its display would show."""
        return {**super().seen(), "state": self._state.name.lower()}

    # --- what happens by itself -------------------------------------------------------------------

    def _enter(self, state: State, detail: int = 0) -> None:
        self._turn += 1
        self._state, self._detail = state, detail

    def _then(self, at: float, act: Callable[[float], None]) -> None:
        """Do this later, unless another motion has begun before."""
        turn = self._turn
        self._later(at, lambda now: act(now) if turn == self._turn else None)

    def _rest(self) -> None:
        machine = self._machine
        if machine.jam:
            self._enter(State.JAM_CASSETTE if machine.jam == "cassette" else State.JAM_VALIDATOR)
        elif not machine.has_cassette:
            self._enter(State.CASSETTE_OUT)
        elif self._state is State.FAILURE:
            return
        elif machine.stacked >= self._settings.capacity:
            self._enter(State.FULL)
        else:
            self._enter(State.IDLING if any(self._enabled) else State.DISABLED)

    def _restart(self, now: float) -> None:
        self._enabled, self._escrowed, self._security = bytes(3), bytes(3), bytes(3)
        self._enter(State.INITIALISING)
        self._then(now + self._settings.initialise_s, self._initialised)

    def _initialised(self, now: float) -> None:
        machine = self._machine
        if machine.jam or not machine.has_cassette:
            self._rest()
        elif machine.stacker:
            self._stacked()
        elif self._credit is not None:
            self._enter(State.STACKED, self._credit)
        elif machine.validator:
            self._begin_returning(now)
        else:
            self._rest()

    def _jammed(self, place: str) -> None:
        self._machine.jam = place
        self._rest()
        self._keep()
        self._tell("jammed", place=place, note=self._machine.caught)

    def _accepted(self, now: float) -> None:
        machine = self._machine
        failure = self._troubles.take(Harm.FAILURE)
        if self._troubles.take(Harm.JAM_VALIDATOR):
            self._jammed("validator")
            return
        if failure is not None:
            note = machine.push_out()
            self._keep()
            self._tell("returned", note=note)
            self._enter(State.FAILURE, failure.number)
            return
        reason = self._reason()
        if reason:
            self._enter(State.REJECTING, reason)
            self._then(now + self._settings.reject_s, self._rejected)
            return
        assert machine.kind is not None
        self._keep()
        if _has(self._escrowed, machine.kind):
            self._enter(State.ESCROW, machine.kind)
            self._then(now + self._settings.escrow_s, self._begin_returning)
        else:
            self._begin_stacking(now)

    def _reason(self) -> int:
        """Why the note is rejected; 0 if it has been recognised and may come in."""
        trouble = self._troubles.take(Harm.REJECT)
        if trouble is not None:
            return trouble.number
        note, bills = self._machine.validator, self._settings.bills_minor
        if note not in bills:
            return 0x65
        self._machine.kind = bills.index(note)
        return 0 if _has(self._enabled, self._machine.kind) else INHIBITED

    def _rejected(self, now: float) -> None:
        note = self._machine.push_out()
        self._rest()
        self._keep()
        self._tell("rejected", note=note)

    def _begin_stacking(self, now: float) -> None:
        self._enter(State.STACKING)
        self._then(now + self._settings.stack_s / 2, self._pushed_on)

    def _pushed_on(self, now: float) -> None:
        if self._troubles.take(Harm.CHEAT):
            note = self._machine.push_out()
            self._enter(State.CHEATING)
            self._then(now + self._settings.cheat_s, lambda at: self._rest())
            self._keep()
            self._tell("returned", note=note)
            return
        self._machine.push_on()
        self._keep()
        if self._troubles.take(Harm.JAM_CASSETTE):
            self._jammed("cassette")
            return
        self._then(now + self._settings.stack_s / 2, lambda at: self._stacked())

    def _stacked(self) -> None:
        kind = self._machine.kind
        note = self._machine.drop()
        self._counter += 1
        self._credit = kind
        self._enter(State.STACKED, kind or 0)
        self._keep()
        self._tell("stacked", note=note)

    def _begin_returning(self, now: float) -> None:
        self._enter(State.RETURNING)
        self._then(now + self._settings.return_s, lambda at: self._returned())

    def _returned(self) -> None:
        if self._troubles.take(Harm.JAM_RETURNING):
            self._jammed("validator")
            return
        kind = self._machine.kind
        note = self._machine.push_out()
        if kind is None:
            self._rest()  # the type that RETURNED must tell was never known
        else:
            self._enter(State.RETURNED, kind)
        self._keep()
        self._tell("returned", note=note)

    def _event_is_known(self, now: float) -> None:
        if self._state in EVENTS:
            self._credit = None
            self._rest()
            self._keep()

    # --- power ------------------------------------------------------------------------------------

    def _on_power_off(self, now: float) -> None:
        """Whatever moves stays where it is."""
        if not self._settings.credit_survives:
            self._credit = None

    def _on_power_on(self, now: float) -> None:
        self._enabled, self._escrowed, self._security = bytes(3), bytes(3), bytes(3)
        self._enter(State.POWER_UP)

    # --- hands ------------------------------------------------------------------------------------

    def _insert_note(self, order: Order, now: float) -> None:
        note = order.get("value")
        if not isinstance(note, int) or note < 1:
            raise OrderError("insert_note needs value, in minor units")
        if not self.has_power or self._state is not State.IDLING or self._machine.bezel:
            raise OrderError(f"it draws no note in: it is {self._state.name.lower()}, or a note sticks out")
        self._machine.draw_in(note)
        self._enter(State.ACCEPTING)
        self._then(now + self._settings.accept_s, self._accepted)
        self._keep()
        self._tell("inserted", note=note)

    def _take_note(self, order: Order, now: float) -> None:
        if not self._machine.bezel:
            raise OrderError("no note sticks out")
        note = self._machine.take()
        self._keep()
        self._tell("taken", note=note)

    def _move_cassette(self, now: float, *, is_out: bool) -> None:
        machine = self._machine
        if machine.has_cassette is not is_out or (is_out and self._state is State.STACKING):
            raise OrderError("the cassette is there or out already, or a note is on its way into it")
        machine.has_cassette = not is_out
        if self.has_power and is_out and self._state in RESTING:
            self._rest()
        elif self.has_power and not is_out and self._state is State.CASSETTE_OUT:
            self._restart(now)
        self._keep()
        self._tell("cassette_removed" if is_out else "cassette_inserted")

    def _empty_cassette(self, order: Order, now: float) -> None:
        if self._machine.has_cassette:
            raise OrderError("a cassette is emptied outside; remove it first")
        notes: Notes = dict(self._machine.cassette)
        for value, number in notes.items():
            self._machine.cleared[value] = self._machine.cleared.get(value, 0) + number
        self._machine.cassette = {}
        self._keep()
        self._tell("cassette_emptied", notes=notes)

    def _clear_jam(self, order: Order, now: float) -> None:
        if not self._machine.jam:
            raise OrderError("nothing is jammed")
        notes = self._machine.clear()
        if self.has_power and self._state in RESTING:
            self._rest()
        self._keep()
        self._tell("cleared", notes=notes)


def _has(bits: bytes, kind: int) -> bool:
    """Whether a type is among those of three bytes: bit 0 of the last one is type 0."""
    return bool(int.from_bytes(bits, "big") >> kind & 1)
