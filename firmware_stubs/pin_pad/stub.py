"""The PIN pad: line, firmware and fingers in one (facts of devices 3).

A command is obeyed when its frame is sound; a damaged one is met with silence, and the host asks again. Memory is
written down before the answer that tells of it is sent. Nothing that is told or seen holds a key or a PIN; what is
kept holds the keys.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from firmware_stubs.core import Core, Order
from firmware_stubs.errors import KeptError, OrderError
from firmware_stubs.faults import Stage, damaged
from firmware_stubs.pin_pad.keypad import KEYS, KINDS
from firmware_stubs.pin_pad.link import Reader, frame
from firmware_stubs.pin_pad.machine import Machine
from firmware_stubs.pin_pad.settings import Settings

PRESSES_MAX = 20
"""So many keys may be pressed by one order."""
PRESS_S = 0.2
"""From key to key, unless an order says otherwise."""
ANSWERS_MAX = 10
"""So many answers may be on their way; a command that comes on top of them is not heard."""
COMMANDS = frozenset("12345678:INS")


class Refusal(msgspec.Struct, forbid_unknown_fields=True):
    """The next commands of this kind are refused, with nothing done. `rtn` is two hexadecimal digits."""

    command: str
    rtn: str
    times: int = 1


class PinPad(Core):
    """`kept` is what an earlier one has kept. Raises KeptError if that was another profile."""

    device = "pin_pad"

    def __init__(self, settings: Settings | None = None, kept: Mapping[str, Any] | None = None) -> None:
        self._settings = (settings or Settings()).filled()
        super().__init__(kept)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        profile = self._settings.profile
        if kept.get("profile", profile) != profile:
            raise KeptError(f"what is kept is of a {kept['profile']}, and this is a {profile}; begin anew")
        self._machine = Machine(self._settings, kept)
        self._reader = Reader(self._settings.quiet_s)
        self._deaf_until = 0.0
        self._refusals: list[Refusal] = []
        self._answers = 0
        self._entry_ends = 0.0
        self._watches_entry = False
        self._orders |= {
            "type_pin": self._type_pin,
            "press": self._press_keys,
            "tamper": self._tamper,
            "repair": self._repair,
            "remove": lambda order, now: self._move_switch(is_open=True),
            "install": lambda order, now: self._move_switch(is_open=False),
            "refuse": lambda order, now: self._refuse(order),
        }

    def kept(self) -> dict[str, Any]:
        """Keys and settings. For a file that only its owner can read, and for nothing else."""
        registers = msgspec.to_builtins(self._machine.registers)
        return {"profile": self._settings.profile, **self._machine.vault.kept(), "registers": registers}

    def seen(self) -> dict[str, Any]:
        """What may be seen: keys by their check values, no PIN."""
        return {"has_power": self.has_power, "profile": self._settings.profile, **self._machine.shown()}

    # --- the line ---------------------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now: float) -> None:
        for text in self._reader.feed(data, now):
            if now >= self._deaf_until and self._answers < ANSWERS_MAX:
                self._obey(text, now)

    def _obey(self, text: bytes, now: float) -> None:
        command = text[:1].decode("latin-1")
        if any(self.link_faults.hits(stage, command) for stage in (Stage.NO_ACK, Stage.NAK)):
            return
        machine = self._machine
        before, entry = self.kept(), machine.entry
        answer = self._refused(command) or machine.obey(text)
        if self.kept() != before:
            self._keep()
        self._tell_all()
        if machine.entry is not entry and machine.entry is not None:
            self._entry_ends = now + machine.registers.input_time_s
            self._watch_entry()
        self._answer(frame(answer), command, now)
        if machine.wants_restart:
            machine.restart()
            self._deaf_until = now + self._settings.restart_s

    def _refused(self, command: str) -> bytes:
        for refusal in self._refusals:
            if refusal.command == command:
                refusal.times -= 1
                if refusal.times == 0:
                    self._refusals.remove(refusal)
                return bytes.fromhex(refusal.rtn)
        return b""

    def _answer(self, answer: bytes, command: str, now: float) -> None:
        faults = self.link_faults
        if faults.hits(Stage.ANSWER_LOST, command):
            return
        if faults.hits(Stage.ANSWER_DAMAGED, command):
            answer = damaged(answer)
        late = faults.hits(Stage.ANSWER_LATE, command)
        after_s = self._settings.answer_s + (late.late_s if late is not None else 0.0)
        if after_s > 0:
            self._answers += 1
            self._later(now + after_s, lambda at: self._send_late(answer))
        else:
            self._send(answer)

    def _send_late(self, answer: bytes) -> None:
        self._answers -= 1
        self._send(answer)

    def _tell_all(self) -> None:
        happened, self._machine.happened = self._machine.happened, []
        for event, detail in happened:
            self._tell(event, **detail)

    # --- power ------------------------------------------------------------------------------------

    def _on_power_off(self, now: float) -> None:
        self._reader.clear()
        self._answers = 0
        self._watches_entry = False
        self._machine.restart()

    def _on_power_on(self, now: float) -> None:
        self._deaf_until = now + self._settings.restart_s

    # --- fingers ----------------------------------------------------------------------------------

    def _type_pin(self, order: Order, now: float) -> None:
        """A customer types a PIN, and enter unless `enter` is false. No digit of it is told anywhere."""
        pin, ends = order.get("pin"), order.get("enter", True)
        if not (isinstance(pin, str) and pin.isascii() and pin.isdigit() and len(pin) < PRESSES_MAX):
            raise OrderError(f"type_pin needs pin: 1 to {PRESSES_MAX - 1} digits as text")
        self._press_all([*pin, *(["enter"] if ends else [])], order, now)

    def _press_keys(self, order: Order, now: float) -> None:
        names = order.get("keys")
        if not isinstance(names, list) or not 1 <= len(names) <= PRESSES_MAX or not all(name in KEYS for name in names):
            raise OrderError(f"press needs keys: a list of 1 to {PRESSES_MAX} of {', '.join(KEYS)}")
        self._press_all(names, order, now)

    def _press_all(self, names: list[str], order: Order, now: float) -> None:
        every_s, first_s = order.get("every_s", PRESS_S), order.get("after_s", 0.0)
        if not all(isinstance(each, int | float) and 0 <= each <= 3600 for each in (every_s, first_s)):
            raise OrderError("every_s and after_s are seconds, from 0 to 3600")
        if len(self._due) + len(names) > 2 * PRESSES_MAX:
            raise OrderError("so many fingers have no room on one keypad; wait until the keys before are pressed")
        for index, name in enumerate(names):
            at = now + first_s + index * every_s
            if at <= now:
                self._press(name)
            else:
                self._later(at, partial(self._press_at, name))

    def _press_at(self, name: str, now: float) -> None:
        self._press(name)

    def _press(self, name: str) -> None:
        if not self.has_power:
            self._tell("key_pressed", kind=KINDS.get(name, "other"))
            return
        sent = self._machine.press(name)
        self._tell_all()
        if sent:
            self._send(sent)

    def _watch_entry(self) -> None:
        """One alarm is enough, however often an entry is begun anew."""
        if not self._watches_entry:
            self._watches_entry = True
            self._later(self._entry_ends, self._look_at_entry)

    def _look_at_entry(self, now: float) -> None:
        self._watches_entry = False
        if now < self._entry_ends:
            self._watch_entry()
            return
        sent = self._machine.time_is_over()
        self._tell_all()
        if sent:
            self._send(sent)

    # --- thieves and technicians ------------------------------------------------------------------

    def _tamper(self, order: Order, now: float) -> None:
        """Somebody opens it: the battery behind the memory wipes all keys, with or without power."""
        self._machine.vault.is_tampered = True
        self._machine.wipe()
        self._keep()
        self._tell("tampered")
        self._tell_all()

    def _repair(self, order: Order, now: float) -> None:
        if not self._machine.vault.is_tampered:
            raise OrderError("nobody has tampered with it; there is nothing to repair")
        self._machine.vault.is_tampered = False
        self._keep()
        self._tell("repaired")

    def _move_switch(self, *, is_open: bool) -> None:
        registers = self._machine.registers
        if registers.is_removed is is_open:
            raise OrderError(f"the pad is {'out' if is_open else 'in its place'} already")
        registers.is_removed = is_open
        registers.was_removed = registers.was_removed or is_open
        self._keep()
        self._tell("removed" if is_open else "installed")
        if is_open and self._settings.removal_wipes:
            self._tamper({}, 0.0)

    def _refuse(self, order: Order) -> None:
        told = {name: value for name, value in order.items() if name not in ("do", "to", "id")}
        try:
            refusal = msgspec.convert(told, Refusal)
            is_byte = len(bytes.fromhex(refusal.rtn)) == 1
        except (msgspec.ValidationError, ValueError):
            is_byte = False
        if not is_byte or refusal.command not in COMMANDS or refusal.times < 1:
            raise OrderError("refuse needs command, rtn (two hexadecimal digits), and times, 1 or more")
        if len(self._refusals) >= PRESSES_MAX:
            raise OrderError(f"{PRESSES_MAX} refusals are waiting already")
        self._refusals.append(refusal)


def make(settings: Mapping[str, Any], kept: Mapping[str, Any]) -> PinPad:
    """A pad of settings that JSON can hold. Raises msgspec.ValidationError if there are no such settings."""
    return PinPad(msgspec.convert(settings, Settings), kept)
