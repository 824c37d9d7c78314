"""The firmware of an LCDM-4000 (facts of devices 1.2): its commands, what it answers, what it remembers."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from firmware_stubs.dispenser.harms import NO_CODE, Harm, Harms
from firmware_stubs.dispenser.link import Command
from firmware_stubs.dispenser.machine import CHK, DVT, EJT, Machine, count
from firmware_stubs.dispenser.motion import EMPTY, TOO_MANY, TOO_MANY_REJECTS, Motion, Wanted
from firmware_stubs.dispenser.settings import Notes, Settings
from firmware_stubs.dispenser.tasks import Move, Purge, Restart, Say, Task

RESET, STATUS, PURGE, DISPENSE, TEST_DISPENSE, LAST_STATUS, DIAGNOSE = 0x44, 0x50, 0x51, 0x52, 0x53, 0x55, 0x58
SET_OPACITIES, GET_OPACITIES, SET_ORDER, GET_ORDER, SET_LENGTHS, GET_LENGTHS = 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F
GET_SERIAL = 0x67

BASE = 0x20
"""Numbers and error codes travel with this added."""
MISS = 0x30
"""The reserved byte; the library puts this into its check whatever comes."""
RESERVED = bytes([BASE] * 9)
DISPENSE_PARAMETERS_LEAST = 7
"""The shortest that a known driver sends."""
DIAGNOSE_NOTES = 5
DIVERT_MS = 20
"""What SENSOR DIAGNOSTICS measures of the diverter; our choice."""

GOOD, PICK_FAILED, ON_PATH, OVER_LIMIT, OVER_REJECTS, PURGE_FAILED = 0x00, 0x01, 0x0B, 0x0C, 0x0D, 0x0E
SENSOR_TROUBLE, NONE_WANTED, NEAR_END, NO_TRAY, UNKNOWN_COMMAND, BAD_PARAMETER = 0x20, 0x24, 0x25, 0x26, 0x30, 0x31

HARMS: Harms = {
    PICK_FAILED: Harm.STOPPED,
    0x02: Harm.STUCK_AT_CHK,
    0x03: Harm.STUCK_AT_DVT,
    0x04: Harm.STUCK_AT_EJT,
    0x05: Harm.UNCOUNTED,
    0x06: Harm.UNCOUNTED,
    0x07: Harm.UNCOUNTED,
    0x08: Harm.UNCOUNTED,
    0x09: Harm.STUCK_AT_EJT,
    0x0A: Harm.UNCOUNTED,
    ON_PATH: Harm.REFUSED,
    OVER_LIMIT: Harm.STOPPED,
    OVER_REJECTS: Harm.STOPPED,
    PURGE_FAILED: Harm.NOT_PURGED,
    **dict.fromkeys((*range(SENSOR_TROUBLE, NO_TRAY + 1), *range(UNKNOWN_COMMAND, 0x37)), Harm.REFUSED),
    0x29: Harm.OVER,
    **dict.fromkeys(range(0x40, 0x44), Harm.STRANGER),
}
"""Every code of 1.2.5, and what happens to notes with it. What lies where is our choice; the codes are not."""

WORDS = {"before": 0x23, "pick_up": 0x01, "chk_dvt": 0x02, "dvt_ejt": 0x03, "ejt_exit": 0x04, "exit": 0x05}

NAMES = {
    RESET: "reset",
    STATUS: "status",
    PURGE: "purge",
    DISPENSE: "dispense",
    TEST_DISPENSE: "test_dispense",
    LAST_STATUS: "last_status",
    DIAGNOSE: "diagnose",
    SET_OPACITIES: "set_opacities",
    GET_OPACITIES: "get_opacities",
    SET_ORDER: "set_order",
    GET_ORDER: "get_order",
    SET_LENGTHS: "set_lengths",
    GET_LENGTHS: "get_lengths",
    GET_SERIAL: "get_serial",
}

ENDED: Mapping[str, int] = {EMPTY: PICK_FAILED, TOO_MANY: OVER_LIMIT, TOO_MANY_REJECTS: OVER_REJECTS}


class Eeprom(msgspec.Struct):
    """What the SET commands write: two values of four cassettes, and the order of picking."""

    opacities: list[int] = msgspec.field(default_factory=lambda: [60] * 4)
    lengths: list[int] = msgspec.field(default_factory=lambda: [90] * 4)
    order: str = "1234"


class Last(msgspec.Struct):
    """The result of the last PURGE, DISPENSE or TEST DISPENSE. `command` is 20h if there is none."""

    command: int = BASE
    error: int = GOOD
    out: Notes = {}
    rejects: Notes = {}


class Lcdm4000:
    """`blocked` are sensors that somebody has covered."""

    unit = 0x30
    ends_with_eot = True
    repeats = 1
    harms: Harms = HARMS
    words: Mapping[str, int] = WORDS
    names: Mapping[int, str] = NAMES

    def __init__(self, settings: Settings, machine: Machine, blocked: set[str], kept: Mapping[str, Any]) -> None:
        self._settings = settings
        self._machine = machine
        self._blocked = blocked
        self._eeprom = msgspec.convert(kept.get("eeprom", {}), Eeprom)
        self._last = msgspec.convert(kept.get("last", {}), Last)
        self._begin: dict[int, Callable[[bytes], Task | int]] = {
            RESET: lambda _: Restart(),
            STATUS: lambda _: self._status(),
            PURGE: lambda _: Purge(),
            DISPENSE: lambda told: self._dispense(told, to_tray=False),
            TEST_DISPENSE: lambda told: self._dispense(told, to_tray=True),
            LAST_STATUS: lambda _: self._last_status(),
            DIAGNOSE: self._diagnose,
            SET_OPACITIES: lambda told: self._set(SET_OPACITIES, self._eeprom.opacities, told),
            GET_OPACITIES: lambda _: self._get(GET_OPACITIES, self._eeprom.opacities),
            SET_ORDER: self._set_order,
            GET_ORDER: lambda _: Say(bytes([GET_ORDER, BASE]) + self._eeprom.order.encode("ascii")),
            SET_LENGTHS: lambda told: self._set(SET_LENGTHS, self._eeprom.lengths, told),
            GET_LENGTHS: lambda _: self._get(GET_LENGTHS, self._eeprom.lengths),
            GET_SERIAL: lambda _: Say(bytes([GET_SERIAL, BASE, BASE + 1])),
        }

    def kept(self) -> dict[str, Any]:
        """EEPROM, and LAST STATUS."""
        return {"eeprom": msgspec.to_builtins(self._eeprom), "last": msgspec.to_builtins(self._last)}

    def power_on(self) -> None:
        """Power was gone: LAST STATUS may be, too."""
        if not self._settings.last_status_survives:
            self._last = Last()

    # --- commands ---------------------------------------------------------------------------------

    def begin(self, command: Command, refusal: int | None) -> Task:
        """A whole command came."""
        begin = self._begin.get(command.code)
        if refusal is None:
            task = begin(command.parameters) if begin is not None else UNKNOWN_COMMAND
            if not isinstance(task, int):
                return task
            refusal = task
        return Say(self._refused(command.code, refusal))

    def _refused(self, code: int, error: int) -> bytes:
        if code in (DISPENSE, TEST_DISPENSE, PURGE):
            return self._result(Last(code, error))
        return bytes([code, BASE + error])

    def _dispense(self, told: bytes, *, to_tray: bool) -> Task | int:
        names = self._settings.names
        wanted = [byte - BASE for byte in told[: len(names)]]
        if len(told) < DISPENSE_PARAMETERS_LEAST or min(wanted) < 0 or max(wanted) > self._settings.notes_max:
            return BAD_PARAMETER
        asked = dict(zip(names, wanted, strict=True))
        error = self._objection(asked)
        if error:
            return error
        return Move(Wanted(tuple((name, asked[name]) for name in self._eeprom.order if asked[name]), to_tray))

    def _objection(self, asked: Notes) -> int:
        machine = self._machine
        if not count(asked):
            return NONE_WANTED
        if not machine.has_reject_tray:
            return NO_TRAY
        if self._blocked:
            return SENSOR_TROUBLE
        if machine.path or machine.exit:
            return ON_PATH
        if self._settings.near_end_refuses and any(machine.is_near_end(name) for name in asked if asked[name]):
            return NEAR_END
        return GOOD

    def _diagnose(self, told: bytes) -> Task | int:
        name = told.decode("ascii", "replace")
        if name not in self._settings.names:
            return BAD_PARAMETER
        return self._objection({name: DIAGNOSE_NOTES}) or Move(Wanted(((name, DIAGNOSE_NOTES),), to_tray=True))

    def _set(self, code: int, values: list[int], told: bytes) -> Task | int:
        if len(told) != 2 * len(values) or not all(0x30 <= byte <= 0x3F for byte in told):
            return BAD_PARAMETER
        for place in range(len(values)):
            value = (told[2 * place] - 0x30) * 16 + told[2 * place + 1] - 0x30
            values[place] = value or values[place]  # 00 leaves it as it is
        return Say(bytes([code, BASE]))

    def _get(self, code: int, values: list[int]) -> Task:
        nibbles = [0x30 + nibble for value in values for nibble in divmod(value, 16)]
        return Say(bytes([code, BASE, *nibbles]))

    def _set_order(self, told: bytes) -> Task | int:
        order = told.decode("ascii", "replace")
        if sorted(order) != sorted(self._settings.names):
            return BAD_PARAMETER
        self._eeprom.order = order
        return Say(bytes([SET_ORDER, BASE]))

    def _status(self) -> Task:
        body = [STATUS, BASE + GOOD, self._settings.sensor_base | self._path_bits()]
        for place, name in enumerate(self._settings.names):
            opacity, length = self._eeprom.opacities[place], self._eeprom.lengths[place]
            body += [self._settings.sensor_base | self._cassette_bits(name), self._type(name)]
            body += [min(BASE + opacity, 0xFF), min(BASE + length, 0xFF)]
        return Say(bytes(body))

    def _path_bits(self) -> int:
        machine, blocked = self._machine, self._blocked
        dvt = DVT in machine.path
        seen = (
            dvt or "dvtl" in blocked,
            dvt or "dvtr" in blocked,
            EJT in machine.path or "ejt" in blocked,
            bool(machine.exit) or "exit" in blocked,
            "rjt" in blocked,
            "sol" in blocked,
        )
        return sum(1 << bit for bit, is_seen in enumerate(seen) if is_seen)

    def _cassette_bits(self, name: str) -> int:
        machine = self._machine
        chk = name in machine.path.get(CHK, {})
        seen = (chk, chk, machine.is_in(name), machine.is_in(name) and machine.is_near_end(name))
        return sum(1 << bit for bit, is_seen in enumerate(seen) if is_seen)

    def _type(self, name: str) -> int:
        return 0x30 + (int(name) if self._machine.is_in(name) else 0)

    # --- results ----------------------------------------------------------------------------------

    def moving(self, code: int, motion: Motion) -> None:
        """A note has moved: LAST STATUS counts along, if it is made so."""
        if code != DIAGNOSE and self._settings.interrupted == "counts":
            self._last = Last(code, GOOD, dict(motion.out), dict(motion.rejects))

    def moved(self, code: int, motion: Motion) -> bytes:
        """The answer to DISPENSE, TEST DISPENSE or SENSOR DIAGNOSTICS."""
        error = GOOD
        if motion.because in ENDED:
            error = ENDED[motion.because]
        elif motion.because and motion.trouble is not None and motion.trouble.code != NO_CODE:
            error = motion.trouble.code
        if code == DIAGNOSE:
            place = self._settings.names.index(motion.wanted.notes[0][0])
            opacity, length = self._eeprom.opacities[place], self._eeprom.lengths[place]
            values = (opacity, length, DIVERT_MS, count(motion.rejects))
            return bytes([code, BASE + error, *(min(BASE + value, 0xFF) for value in values)])
        return self._result(Last(code, error, dict(motion.out), dict(motion.rejects)))

    def purged(self, code: int, notes: Notes, failure: int | None) -> bytes:
        """The answer to PURGE."""
        return self._result(Last(code, failure or GOOD, {}, dict(notes)))

    def _result(self, last: Last) -> bytes:
        self._last = last
        reserved = b"" if last.command == PURGE else RESERVED
        return bytes([last.command]) + self._told(last) + reserved

    def _last_status(self) -> Task:
        return Say(bytes([LAST_STATUS, self._last.command]) + self._told(self._last))

    def _told(self, last: Last) -> bytes:
        told = [BASE + last.error, MISS]
        for name in self._settings.names:
            told += [BASE + last.out.get(name, 0), BASE + last.rejects.get(name, 0), self._type(name)]
        return bytes(told)
