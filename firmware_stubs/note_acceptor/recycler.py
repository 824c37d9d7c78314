"""The Bill-to-Bill recycler: which command is valid when, and what it answers (facts of devices 5.1.7).

Source of what is not in those facts: MAN_CCNET_D1 2.6.0, 3.3 and 3.4.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

import msgspec

from firmware_stubs.note_acceptor.link import ACK
from firmware_stubs.note_acceptor.recycler_body import DISPENSE, UNLOAD, Job, RecyclerBody
from firmware_stubs.note_acceptor.recycler_settings import NOT_ASSIGNED, ORDER_NOTES_MAX, RecyclerSettings
from firmware_stubs.note_acceptor.states import STARTING, State
from firmware_stubs.note_acceptor.stub import CREDIT, IDENTITY, ILLEGAL

RECOVERY = "power_recovery"
"""What POWER RECOVERY is called, for wire faults."""
NOTHING_LOST, CUT_PACKING = 0x00, 0x17
REQUESTED = 0x80
"""Added to a type where POWER RECOVERY repeats what the host had ordered."""
PRESENT, FULL = 0x80, 0x40
AT_REST = frozenset({State.IDLING, State.DISABLED})
POLL_BYTES = 3


class BillToBill(RecyclerBody):
    """A recycler at its line."""

    told_until_known: ClassVar = frozenset({CREDIT, RECOVERY})

    def _obey(self, code: int, data: bytes, now: float) -> bytes:
        obey: dict[int, tuple[frozenset[State], Callable[[bytes, float], bytes | None]]] = {
            0x31: (AT_REST, lambda data, now: self._enabled + self._security + self._routing()),
            0x37: (AT_REST | STARTING, lambda data, now: IDENTITY),
            0x3B: (AT_REST | {State.ESCROW}, lambda data, now: self._cassette_status()),
            0x3C: (frozenset({State.DISABLED}), self._dispense),
            0x3D: (frozenset({State.DISABLED}), self._unload),
            0x41: (AT_REST, lambda data, now: self._settings.table()),
            0x43: (AT_REST | {State.ESCROW}, lambda data, now: self._capacities()),
            0x66: (frozenset({State.DISABLED}), lambda data, now: self._recovery()),
            0x67: (frozenset({State.DISABLED}), self._empty_dispenser),
        }
        if code not in obey:
            return super()._obey(code, data, now)
        valid_in, act = obey[code]
        answer = act(data, now) if self._state in valid_in else None
        return bytes([ILLEGAL]) if answer is None else answer

    def _answer_s(self, code: int) -> float:
        slow = {0x37: self._set_up.status_answer_s, 0x3B: self._set_up.status_answer_s}
        return {**slow, 0x66: self._set_up.recovery_answer_s}.get(code, self._settings.answer_s)

    def _is_known(self, name: str, now: float) -> None:
        if name == RECOVERY:
            self._recovery_is_known()
        else:
            super()._is_known(name, now)

    # --- what it says of itself -------------------------------------------------------------------

    def _polled(self) -> bytes:
        """Three bytes, whatever they mean."""
        state, machine = self._state, self._recycler
        if state is State.POWER_UP and not machine.validator:
            is_inside = machine.stacker or machine.channel or machine.dispenser or machine.exit
            return bytes([State.POWER_UP_STACKER if is_inside else state]).ljust(POLL_BYTES, b"\0")
        if state is State.STACKED:
            return bytes([state, self._detail, self._place])
        if state in (State.DISPENSING, State.UNLOADING, State.UNLOADED):
            return bytes([state, self._detail]).ljust(POLL_BYTES, b"\0")
        return super()._polled().ljust(POLL_BYTES, b"\0")

    def _routing(self) -> bytes:
        kinds = {kind for kind in self._set_up.cassettes if kind < len(self._settings.bills_minor)}
        return sum(1 << kind for kind in kinds).to_bytes(3, "big")

    def _cassette_status(self) -> bytes:
        answer = bytearray()
        for kind, notes in zip(self._set_up.cassettes, self._recycler.recycling.values(), strict=True):
            full = FULL if len(notes) >= self._set_up.cassette_capacity else 0
            answer += bytes([PRESENT | full | kind, len(notes)])
        return bytes(answer)

    def _capacities(self) -> bytes:
        return bytes([self._set_up.cassette_capacity]) * len(self._set_up.cassettes)

    # --- after power failure ----------------------------------------------------------------------

    def _recovery(self) -> bytes:
        job = self._job
        if job is not None and job.code == DISPENSE:
            answer = [DISPENSE, *_flat((kind | REQUESTED, number) for kind, number in job.said), *_moved(job)]
        elif job is not None:
            answer = [UNLOAD, *_flat(job.said), *_moved(job)]
        elif self._uncredited:
            answer = [CUT_PACKING, *_flat(self._uncredited)]
        else:
            answer = [NOTHING_LOST]
        if not self._set_up.recovery_repeats:
            self._recovery_is_known()
        return bytes(answer)

    def _recovery_is_known(self) -> None:
        """Credits are the host's matter now. Notes in the dispenser stay until they are gone."""
        self._uncredited.clear()
        if self._job is not None and self._job.code == UNLOAD:
            self._job = None
        self._keep()

    def _empty_dispenser(self, data: bytes, now: float) -> bytes | None:
        if self._job is None or self._job.code != DISPENSE:
            return None
        self._begin_emptying(now)
        return bytes([ACK])

    def _enable(self, data: bytes, now: float) -> bytes | None:
        """Credits that nobody has asked for are lost; notes in the dispenser are a failure."""
        if self._state is State.DISABLED and len(data) == 6 and any(data[:3]):
            if self._job is not None and self._job.code == DISPENSE:
                self._enter(State.FAILURE, self._set_up.dispenser_failure)
                return bytes([ACK])
            self._recovery_is_known()
        return super()._enable(data, now)

    # --- notes out of cassettes -------------------------------------------------------------------

    def _dispense(self, data: bytes, now: float) -> bytes | None:
        if not data or len(data) % 2 or len(data) > 32 or self._job is not None:
            return None
        said = list(zip(data[::2], data[1::2], strict=True))
        places = self._places(said)
        if places is None or not 0 < len(places) <= ORDER_NOTES_MAX:
            self._enter(State.WRONG_NUMBER)
            return bytes([ACK])
        self._enter(State.DISPENSING)
        self._begin_job(Job(DISPENSE, said), places, now)
        return bytes([ACK])

    def _places(self, said: list[tuple[int, int]]) -> list[int] | None:
        """Where all these notes come from, one by one; None if there are not so many."""
        places: list[int] = []
        left = {place: len(notes) for place, notes in self._recycler.recycling.items()}
        for kind, number in said:
            for _ in range(number):
                assigned = enumerate(self._set_up.cassettes, 1)
                place = next((at for at, has in assigned if has == kind != NOT_ASSIGNED and left[at]), None)
                if place is None:
                    return None
                left[place] -= 1
                places.append(place)
        return places

    def _unload(self, data: bytes, now: float) -> bytes | None:
        if len(data) != 2 or data[0] not in self._recycler.recycling or self._job is not None:
            return None
        place, number = data
        there = len(self._recycler.recycling[place])
        self._enter(State.UNLOADING, int(number > there))
        self._begin_job(Job(UNLOAD, [(place, number)]), [place] * min(number, there), now)
        return bytes([ACK])


def _flat(pairs: Iterable[tuple[int, int]]) -> list[int]:
    return [byte for pair in pairs for byte in pair]


def _moved(job: Job) -> list[int]:
    return _flat((int(kind), number) for kind, number in sorted(job.moved.items(), key=lambda each: int(each[0])))


def make(settings: Mapping[str, object], kept: Mapping[str, object]) -> BillToBill:
    """A recycler of settings that JSON can hold. Raises msgspec.ValidationError or OrderError for others."""
    return BillToBill(msgspec.convert(dict(settings), RecyclerSettings), kept)
