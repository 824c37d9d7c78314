"""The firmware of an LCDM-1000 (facts of devices 1.3, the maker's document) and of an LCDM-2000 (1.4, drivers).

They have no LAST STATUS and no RESET: what an answer said is known only as long as the answer can be asked for again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from firmware_stubs.dispenser.harms import NO_CODE, Harm, Harms
from firmware_stubs.dispenser.link import Command
from firmware_stubs.dispenser.machine import CHK, DVT, EJT, Machine
from firmware_stubs.dispenser.motion import EMPTY, TOO_MANY, TOO_MANY_REJECTS, Motion, Wanted
from firmware_stubs.dispenser.settings import Notes, Settings
from firmware_stubs.dispenser.tasks import Move, Purge, Say, Task

PURGE, UPPER, STATUS, ROM, LOWER, BOTH, TEST_UPPER, TEST_LOWER = 0x44, 0x45, 0x46, 0x47, 0x55, 0x56, 0x76, 0x77
WANTED_MAX = 60
ALWAYS = 0x80
"""Bit 7 of a sensor byte is always 1."""

GOOD, NO_TRAY, UNKNOWN_COMMAND, BAD_REQUEST = 0x30, 0x3F, 0x37, 0x3B
JAM_CHK, JAM_EXIT, JAM_DIV, PURGE_FAILED, SOLENOID = 0x33, 0x35, 0x36, 0x4E, 0x4A
OVER_LIMIT, OVER_REJECTS = 0x34, 0x44

HARMS_1000: Harms = {
    0x31: Harm.STOPPED,
    0x32: Harm.STOPPED,
    JAM_CHK: Harm.STUCK_AT_CHK,
    OVER_LIMIT: Harm.OVER,
    JAM_EXIT: Harm.STUCK_AT_EJT,
    JAM_DIV: Harm.STUCK_AT_DVT,
    UNKNOWN_COMMAND: Harm.REFUSED,
    0x38: Harm.STOPPED,
    BAD_REQUEST: Harm.REFUSED,
    0x3C: Harm.UNCOUNTED,
    0x3D: Harm.UNCOUNTED,
    NO_TRAY: Harm.REFUSED,
    0x41: Harm.STUCK_AT_DVT,
    0x42: Harm.STUCK_AT_DVT,
    0x43: Harm.STUCK_AT_DVT,
    OVER_REJECTS: Harm.STOPPED,
    0x45: Harm.REFUSED,
    0x47: Harm.STUCK_AT_DVT,
    0x49: Harm.REFUSED,
    SOLENOID: Harm.REFUSED,
    PURGE_FAILED: Harm.NOT_PURGED,
}
"""Every code of 1.3 but 30, and what happens to notes with it; what lies where is our choice."""

HARMS_2000: Harms = {
    **HARMS_1000,
    0x3A: Harm.UNCOUNTED,
    0x40: Harm.STOPPED,
    0x46: Harm.REFUSED,
    0x48: Harm.STUCK_AT_EJT,
    0x4B: Harm.UNCOUNTED,
    0x4C: Harm.STUCK_AT_CHK,
    0x4F: Harm.STRANGER,
    0x50: Harm.STUCK_AT_CHK,
}

WORDS = {
    "before": 0x49,
    "pick_up": 0x32,
    "chk_dvt": JAM_CHK,
    "dvt_ejt": JAM_DIV,
    "ejt_exit": JAM_EXIT,
    "exit": 0x3D,
}

NAMES_1000 = {PURGE: "purge", UPPER: "dispense", STATUS: "status", ROM: "rom", TEST_UPPER: "test_dispense"}
NAMES_2000 = NAMES_1000 | {LOWER: "dispense", BOTH: "dispense", TEST_LOWER: "test_dispense"}

ROMS = {"lcdm-1000": b"O30T8013", "lcdm-2000": b"T30T\x3b56\x3d"}
"""Version, and a checksum that carries a nibble in the low half of each character."""

EMPTY_CODES = {"1": 0x38, "2": 0x40}
MISSING_CODES = {"1": 0x45, "2": 0x46}
ON_PATH_CODES = {CHK: JAM_CHK, DVT: JAM_DIV, EJT: JAM_EXIT}


def two_digits(number: int) -> bytes:
    """A count as two ASCII digits."""
    return f"{min(number, 99):02d}".encode("ascii")


class LcdmSmall:
    """One with one cassette or two. `blocked` are sensors that somebody has covered."""

    unit = 0x50
    ends_with_eot = False
    repeats = 3
    words: Mapping[str, int] = WORDS

    def __init__(self, settings: Settings, machine: Machine, blocked: set[str], kept: Mapping[str, Any]) -> None:
        self._settings = settings
        self._machine = machine
        self._blocked = blocked
        has_two = settings.profile == "lcdm-2000"
        self._has_two = has_two
        self.harms: Harms = HARMS_2000 if has_two else HARMS_1000
        self.names: Mapping[int, str] = NAMES_2000 if has_two else NAMES_1000
        self._begin: dict[int, Callable[[bytes], Task | int]] = {
            PURGE: lambda _: Purge(),
            STATUS: lambda _: Say(bytes([STATUS, 0x30, GOOD, *self._sensors()])),
            ROM: lambda _: Say(bytes([ROM]) + ROMS[settings.profile]),
            UPPER: lambda told: self._dispense(told, ("1",)),
            TEST_UPPER: lambda _: self._test("1"),
        }
        if has_two:
            self._begin[LOWER] = lambda told: self._dispense(told, ("2",))
            self._begin[BOTH] = lambda told: self._dispense(told, ("1", "2"))
            self._begin[TEST_LOWER] = lambda _: self._test("2")

    def kept(self) -> dict[str, Any]:
        """Nothing is remembered without power."""
        return {}

    def power_on(self) -> None:
        """Nothing was remembered."""

    # --- commands ---------------------------------------------------------------------------------

    def begin(self, command: Command, refusal: int | None) -> Task:
        """A whole command came."""
        begin = self._begin.get(command.code)
        if refusal is None:
            task = begin(command.parameters) if begin is not None else UNKNOWN_COMMAND
            if not isinstance(task, int):
                return task
            refusal = task
        if command.code == STATUS:
            return Say(bytes([STATUS, 0x30, refusal, *self._sensors()]))
        if command.code in self._begin and command.code not in (PURGE, ROM):
            return Say(self._result(command.code, refusal, {}, {}, {}))
        return Say(bytes([command.code, refusal]))

    def _dispense(self, told: bytes, names: tuple[str, ...]) -> Task | int:
        if len(told) != 2 * len(names) or not told.isdigit():
            return BAD_REQUEST
        asked = {name: int(told[2 * place : 2 * place + 2]) for place, name in enumerate(names)}
        if max(asked.values()) > WANTED_MAX or not any(asked.values()):
            return BAD_REQUEST
        wanted = tuple((name, number) for name, number in asked.items() if number)
        return self._objection([name for name, _ in wanted]) or Move(Wanted(wanted))

    def _test(self, name: str) -> Task | int:
        return self._objection([name]) or Move(Wanted(((name, 1),), to_tray=True))

    def _objection(self, names: list[str]) -> int:
        machine = self._machine
        if not machine.has_reject_tray:
            return NO_TRAY
        for name in names:
            if not machine.is_in(name):
                return MISSING_CODES[name]
        if machine.exit or "exit" in self._blocked:
            return JAM_EXIT
        for place in machine.path:
            return ON_PATH_CODES[place]
        return JAM_DIV if self._blocked else 0

    def _sensors(self) -> tuple[int, int]:
        machine, blocked = self._machine, self._blocked
        chk = machine.path.get(CHK, {})
        first, second = ("1" in chk or "chk1" in blocked), ("2" in chk or "chk3" in blocked)
        dvt = DVT in machine.path or "dvt" in blocked
        ends = [machine.is_in(name) and machine.is_near_end(name) for name in self._settings.names]
        ejt, leaving = EJT in machine.path or "ejt" in blocked, bool(machine.exit) or "exit" in blocked
        one = (first, first, dvt, dvt, ejt, leaving, ends[0])
        missing = [not machine.is_in(name) for name in self._settings.names]
        if self._has_two:
            two = ("sol" in blocked, missing[0], missing[1], second, second, ends[1], not machine.has_reject_tray)
        else:
            two = (not machine.has_reject_tray, missing[0], "sol" in blocked, False, False, False, False)
        return _bits(one), _bits(two)

    # --- results ----------------------------------------------------------------------------------

    def moving(self, code: int, motion: Motion) -> None:
        """Nothing is remembered."""

    def moved(self, code: int, motion: Motion) -> bytes:
        """The answer to a command that moved notes."""
        error = GOOD
        if motion.because == EMPTY:
            error = EMPTY_CODES[motion.at]
        elif motion.because in (TOO_MANY, TOO_MANY_REJECTS):
            error = OVER_LIMIT if motion.because == TOO_MANY else OVER_REJECTS
        elif motion.because and motion.trouble is not None and motion.trouble.code != NO_CODE:
            error = motion.trouble.code
        return self._result(code, error, motion.picked, motion.out, motion.rejects)

    def _result(self, code: int, error: int, picked: Notes, out: Notes, rejects: Notes) -> bytes:
        ends = {name: 0x30 + self._machine.is_near_end(name) for name in self._settings.names}
        if code == BOTH:
            body = b"".join(two_digits(pile.get(name, 0)) for name in ("1", "2") for pile in (picked, out))
            body += bytes([error, ends["1"], ends["2"]])
            body += b"".join(two_digits(rejects.get(name, 0)) for name in ("1", "2"))
        else:
            name = "2" if code in (LOWER, TEST_LOWER) else "1"
            body = two_digits(picked.get(name, 0)) + two_digits(out.get(name, 0))
            body += bytes([error, ends[name]]) + two_digits(rejects.get(name, 0))
        return bytes([code]) + body

    def purged(self, code: int, notes: Notes, failure: int | None) -> bytes:
        """The answer to a purge: it does not count."""
        return bytes([code, failure or GOOD])


def _bits(seen: tuple[bool, ...]) -> int:
    return ALWAYS | sum(1 << bit for bit, is_seen in enumerate(seen) if is_seen)
