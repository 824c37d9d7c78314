"""One command that moves notes, note by note, and what the machine counts of it. Pure; knows no byte and no time.

At every tick the note on its way arrives, and the next is picked. So a power failure finds at most one on the path.
What is counted and what is true are two things: troubles part them.
"""

from collections.abc import Sequence

import msgspec

from firmware_stubs.dispenser.harms import Harm, Trouble
from firmware_stubs.dispenser.machine import CHK, DVT, EJT, Machine, add, count
from firmware_stubs.dispenser.settings import Notes

EMPTY, TOO_MANY, TOO_MANY_REJECTS, TROUBLE = "empty", "too many", "too many rejects", "trouble"
"""Why a motion has ended before its time."""

STUCK_AT = {Harm.STUCK_AT_CHK: CHK, Harm.STUCK_AT_DVT: DVT, Harm.STUCK_AT_EJT: EJT}
STRIKES_AT_END = {Harm.OVER}


class Wanted(msgspec.Struct, frozen=True):
    """What a command asks for, in the order of picking; `to_tray` sends every note to the reject tray."""

    notes: tuple[tuple[str, int], ...]
    to_tray: bool = False


class _Flying(msgspec.Struct, frozen=True):
    name: str
    number: int
    is_good: bool
    """Goes where the command wants it, and not into the reject tray."""
    counts: int


class Motion:
    """Notes on their way. `out`, `rejects` and `picked` are what the machine has counted; `truly_out` is true."""

    def __init__(
        self, machine: Machine, wanted: Wanted, trouble: Trouble | None, *, notes_max: int, rejects_max: int
    ) -> None:
        self.wanted = wanted
        self.trouble = trouble
        self.out: Notes = {}
        self.rejects: Notes = {}
        self.picked: Notes = {}
        self.truly_out: Notes = {}
        self.tray: Notes = {}
        """What went into the reject tray."""
        self.because = ""
        self.at = ""
        """The cassette that it was at when it ended."""
        self.is_over = False
        self._machine = machine
        self._notes_max = notes_max
        self._rejects_max = rejects_max
        self._flying: _Flying | None = None
        self._left_to_reject = trouble.rejects if trouble is not None else 0
        self._has_struck = trouble is None

    @property
    def is_counted(self) -> bool:
        """Whether what lies in the exit is what the machine has counted."""
        return self.out == self.truly_out

    def tick(self) -> None:
        """One note further; `is_over` when nothing more will move."""
        self._arrive()
        name = self._next()
        if name is None:
            self._finish()
        elif count(self.picked) >= self._notes_max:
            self._end(TOO_MANY, name)
        elif count(self.rejects) >= self._rejects_max and not self.wanted.to_tray:
            self._end(TOO_MANY_REJECTS, name)
        elif self._is_due():
            self._strike(name)
        else:
            self._pick(name, is_good=True)

    def _arrive(self) -> None:
        flying, self._flying = self._flying, None
        if flying is None:
            return
        if flying.is_good and not self.wanted.to_tray:
            self._machine.carry(flying.name, flying.number, DVT, self._machine.exit)
            add(self.truly_out, {flying.name: flying.number})
            add(self.out, {flying.name: flying.counts})
        else:
            self._machine.carry(flying.name, flying.number, DVT, self._machine.rejected)
            add(self.tray, {flying.name: flying.number})
            add(self.rejects, {flying.name: flying.counts})

    def _next(self) -> str | None:
        done = self.rejects if self.wanted.to_tray else self.truly_out
        for name, number in self.wanted.notes:
            if done.get(name, 0) < number:
                return name
        return None

    def _is_due(self) -> bool:
        if self.trouble is None or self._has_struck or self.trouble.harm in STRIKES_AT_END:
            return False
        return count(self.rejects if self.wanted.to_tray else self.truly_out) >= self.trouble.after

    def _pick(self, name: str, *, is_good: bool, number: int = 1, counts: int = 1) -> None:
        there = self._machine.pick(name, number, DVT)
        if not there:
            self._end(EMPTY, name)
            return
        add(self.picked, {name: 1})
        self._flying = _Flying(name, there, is_good, counts)

    def _strike(self, name: str) -> None:
        assert self.trouble is not None
        if self._left_to_reject:
            self._left_to_reject -= 1
            self._pick(name, is_good=False)
            return
        self._has_struck = True
        harm = self.trouble.harm
        if harm is Harm.REJECTED:
            self._pick(name, is_good=True)
        elif harm is Harm.DOUBLE:
            self._pick(name, is_good=False, number=2)
        elif harm is Harm.MISCOUNTED:
            self._pick(name, is_good=True, counts=0)
        else:
            self._stop(harm, name)

    def _stop(self, harm: Harm, name: str) -> None:
        assert self.trouble is not None
        machine = self._machine
        if harm in STUCK_AT:
            add(self.picked, {name: machine.pick(name, self.trouble.stuck, STUCK_AT[harm])})
        elif harm is Harm.STRANGER:
            machine.pick(self._stranger(name), 1, DVT)
        elif harm is Harm.UNCOUNTED and machine.pick(name, 1, DVT):
            add(self.picked, {name: 1})
            machine.carry(name, 1, DVT, machine.exit)
            add(self.truly_out, {name: 1})
        self._end(TROUBLE, name)

    def _stranger(self, name: str) -> str:
        others: Sequence[str] = [each for each in self._machine.cassettes if each != name]
        return others[0] if others else name

    def _finish(self) -> None:
        trouble = self.trouble
        if trouble is not None and trouble.harm is Harm.OVER and not self._has_struck:
            self._has_struck = True
            name = self.wanted.notes[-1][0]
            if self._machine.pick(name, 1, DVT):
                self._machine.carry(name, 1, DVT, self._machine.exit)
                for pile in (self.picked, self.out, self.truly_out):
                    add(pile, {name: 1})
            self._end(TROUBLE, name)
        else:
            self.is_over = True

    def _end(self, because: str, at: str) -> None:
        self.because, self.at, self.is_over = because, at, True
