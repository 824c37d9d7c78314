"""What moves in a Bill-to-Bill recycler beyond a validator, and what it knows of that after a power failure.

Source: MAN_CCNET_D1 2.6.0, 3.4 and 7.9 to 7.12 (facts of devices 5.1.7). A note that was being stacked when power
failed, or whose stacking was not acknowledged, is stacked at power-up and told by POWER RECOVERY. So are the notes of
an interrupted UNLOAD; those of an interrupted DISPENSE wait in the dispenser for EMPTY DISPENSER.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from firmware_stubs.core import Order
from firmware_stubs.errors import OrderError
from firmware_stubs.note_acceptor.recycler_machine import DROP, RecyclerMachine
from firmware_stubs.note_acceptor.recycler_settings import ESCROW_TYPE, RecyclerSettings
from firmware_stubs.note_acceptor.states import Harm, State
from firmware_stubs.note_acceptor.stub import NoteAcceptor

DISPENSE, UNLOAD = 0x3C, 0x3D


class Job(msgspec.Struct):
    """An order that takes notes out of cassettes, as the memory keeps it until its end is known to the host."""

    code: int
    said: list[tuple[int, int]]
    """As the host said it: type and number, or cassette and number."""
    moved: dict[str, int] = {}
    """Type to number of notes that came out of their cassette."""


class RecyclerBody(NoteAcceptor):
    """`kept` is what an earlier one has kept. Raises OrderError for settings that cannot be."""

    def __init__(self, settings: RecyclerSettings | None = None, kept: Mapping[str, Any] | None = None) -> None:
        self._set_up = settings or RecyclerSettings()
        super().__init__(self._set_up, kept)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        super()._restore(kept)
        self._machine = self._recycler = RecyclerMachine(kept, len(self._set_up.cassettes))
        self._uncredited: list[tuple[int, int]] = [(kind, place) for kind, place in kept.get("uncredited", [])]
        """Type and place of a note that was stacked, as long as the host has not acknowledged that."""
        job = kept.get("job")
        self._job = None if job is None else msgspec.convert(job, Job)
        self._to_draw: list[int] = []
        """From which cassettes notes still have to come."""
        self._place = DROP
        """Where the last note was stacked to."""
        self._orders["take_bundle"] = self._take_bundle

    def kept(self) -> dict[str, Any]:
        """As of a validator, with credits and the order that the host does not know the end of."""
        job = None if self._job is None else msgspec.to_builtins(self._job)
        return {**super().kept(), "uncredited": [list(each) for each in self._uncredited], "job": job}

    def _on_power_on(self, now: float) -> None:
        super()._on_power_on(now)
        self._to_draw.clear()

    # --- a note comes in --------------------------------------------------------------------------

    def _place_for(self, kind: int) -> int:
        """Its own cassette, else the escrow's, else the drop cassette."""
        for wanted in (kind, ESCROW_TYPE):
            for place, assigned in enumerate(self._set_up.cassettes, 1):
                if assigned == wanted and len(self._recycler.recycling[place]) < self._set_up.cassette_capacity:
                    return place
        return DROP

    def _stacked(self) -> None:
        kind = self._machine.kind or 0
        place = self._place_for(kind)
        note = self._recycler.put_away(place)
        self._counter += 1
        self._uncredited.append((kind, place))
        self._place = place
        self._enter(State.STACKED, kind)
        self._keep()
        self._tell("stacked", note=note, place=place)

    def _event_is_known(self, now: float) -> None:
        if self._state is State.STACKED:
            self._uncredited.clear()
        elif self._state in (State.DISPENSED, State.UNLOADED):
            self._job = None
        super()._event_is_known(now)

    # --- power-up ---------------------------------------------------------------------------------

    def _restart(self, now: float) -> None:
        super()._restart(now)
        self._to_draw.clear()

    def _initialised(self, now: float) -> None:
        machine = self._recycler
        if machine.channel and not machine.jam:
            self._settle_channel()
        if self._job is not None and self._job.code == DISPENSE and not (machine.dispenser or machine.exit):
            self._job = None  # it never began, or a hand has taken everything
        if machine.stacker and not machine.jam and machine.has_cassette:
            self._stacked()  # told by POWER RECOVERY, and not by polls
            self._rest()
        elif machine.validator and not machine.jam and machine.has_cassette:
            self._begin_returning(now)
        else:
            self._rest()
        self._keep()

    def _settle_channel(self) -> None:
        """A note that power failed on goes on, or back."""
        if self._job is not None and self._job.code == DISPENSE and self._set_up.channel_goes == "cassette":
            self._recycler.push_back()
        else:
            self._move_on()

    # --- notes come out ---------------------------------------------------------------------------

    def _begin_job(self, job: Job, places: list[int], now: float) -> None:
        self._job = job
        self._to_draw = places
        self._draw_next(now)

    def _draw_next(self, now: float) -> None:
        job = self._job
        assert job is not None
        if self._to_draw:
            self._recycler.draw(self._to_draw.pop(0))
            note_s = self._set_up.dispense_note_s if job.code == DISPENSE else self._set_up.unload_note_s
            self._then(now + note_s, self._drawn)
        elif job.code == DISPENSE:
            self._present()
        else:
            self._enter(State.UNLOADED, sum(job.moved.values()))
        self._keep()

    def _drawn(self, now: float) -> None:
        if self._troubles.take(Harm.JAM_MOVING):
            self._to_draw.clear()
            self._jammed("chassis")
            return
        self._move_on()
        self._draw_next(now)

    def _move_on(self) -> None:
        """The note in the channel arrives."""
        job, note = self._job, self._recycler.channel
        if job is not None:
            kind = str(self._settings.bills_minor.index(note))
            job.moved[kind] = job.moved.get(kind, 0) + 1
        if job is not None and job.code == DISPENSE:
            self._recycler.bundle()
            self._keep()
        else:
            self._recycler.unload()
            self._keep()
            self._tell("unloaded", note=note)

    def _present(self) -> None:
        notes = self._recycler.push_bundle_out()
        self._enter(State.DISPENSING, 1)
        self._keep()
        self._tell("presented", notes=notes)

    def _begin_emptying(self, now: float) -> None:
        if self._recycler.dispenser or self._recycler.exit:
            self._enter(State.DISPENSING)
            self._then(now + self._set_up.dispense_note_s, lambda at: self._present())
        else:
            self._enter(State.DISPENSED)
        self._keep()

    def _take_bundle(self, order: Order, now: float) -> None:
        if not self._recycler.exit:
            raise OrderError("no bundle sticks out")
        notes = self._recycler.take_bundle()
        if self.has_power and self._state is State.DISPENSING:
            self._enter(State.DISPENSED)
        self._keep()
        self._tell("bundle_taken", notes=notes)
