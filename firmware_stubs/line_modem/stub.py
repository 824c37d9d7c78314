"""The terminal's side of the modem: command lines, results, echo, and the escape from data to commands."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from firmware_stubs.faults import Stage as Fault
from firmware_stubs.faults import damaged
from firmware_stubs.line_modem.call import Stage, Telephone
from firmware_stubs.line_modem.call_faults import Way
from firmware_stubs.line_modem.commands import Command, CommandLine, parsed
from firmware_stubs.line_modem.settings import SPEED_UNSAID_BPS, Settings

ABORT_DEAF_S = 0.125
"""So long behind a command to dial a character does not end the attempt: it may be the LF behind the CR (V.250)."""
HELD_BYTES_MAX = 4_096
"""What comes over the line while commands are given is held for ATO, up to this."""
READ_ONLY = 1
"""The register that counts rings."""
S2_OFF = 128
"""An escape character from here on is none."""


class LineModem(Telephone):
    """A modem at its port. Its call may stand while it takes commands (`seen` says `mode`)."""

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self._deaf_until = 0.0
        super()._restore(kept)

    def _begin_anew(self) -> None:
        super()._begin_anew()
        self._echoes = self._settings.echo
        self._is_quiet = False
        self._is_verbal = True
        self._attention = ""
        """What was heard of AT; all of it while a line is taken."""
        self._line = bytearray()
        self._last_line = ""
        self._begin_commands()

    def _begin_commands(self) -> None:
        self._is_online = False
        self._held = bytearray()
        self._pluses = 0
        self._escape = 0
        """The number of the plan to escape; 0 for none."""
        self._last_byte_at = 0.0
        self._abort_from = 0.0

    def _on_power_on(self, now: float) -> None:
        self._deaf_until = now + self._settings.boot_s

    def seen(self) -> dict[str, Any]:
        """As a telephone, and `mode`: data or commands."""
        return {**super().seen(), "mode": "data" if self._is_online else "commands"}

    # --- bytes from the terminal ------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now: float) -> None:
        if now < self._deaf_until:
            return
        for at, byte in enumerate(data):
            if self._is_online:
                return self._take_data(data[at:], now)
            if self._stage in (Stage.CALLING, Stage.JOINING):
                self._take_key(now)
            else:
                self._take_character(byte, now)

    def _take_key(self, now: float) -> None:
        """A character while it connects."""
        if self._settings.aborts_on_key and now >= self._abort_from:
            self._end_call()
            self._say("NO CARRIER", "dial", now)

    def _take_character(self, byte: int, now: float) -> None:
        byte &= 0x7F  # a terminal may send parity
        if self._echoes:
            self._send(bytes([byte]))
        sign = chr(byte)
        if self._attention not in ("AT", "at"):
            self._attend(sign, now)
        elif byte == self._registers[3]:
            self._attention = ""
            line, self._line = self._line.decode("ascii"), bytearray()
            self._last_line = line
            self._hear_line(line, now)
        elif byte == self._registers[5]:
            del self._line[-1:]
        elif byte >= 0x20 and len(self._line) <= self._settings.line_max:
            self._line.append(byte)

    def _attend(self, sign: str, now: float) -> None:
        if self._attention and sign == "/":
            self._attention = ""
            self._hear_line(self._last_line, now)
        elif self._attention + sign in ("AT", "at"):
            self._attention += sign
            self._line.clear()
        else:
            self._attention = sign if sign in "Aa" else ""

    # --- commands ---------------------------------------------------------------------------------

    def _hear_line(self, text: str, now: float) -> None:
        line = parsed(text) if len(text) <= self._settings.line_max else CommandLine((), is_sound=False)
        if self.link_faults.hits(Fault.NO_ACK, line.name):
            return
        if self.link_faults.hits(Fault.NAK, line.name):
            return self._say("ERROR", line.name, now)
        for command in line.commands:
            answer = self._obey(command, now)
            if answer is not None:
                return self._say(answer, line.name, now) if answer else None
        self._say("OK" if line.is_sound else "ERROR", line.name, now)

    def _obey(self, command: Command, now: float) -> str | None:
        """Do it. None goes on with the line; a word ends it and is said; an empty one ends it without."""
        act: Callable[[Command, float], str | None] | None = {
            "A": self._answer_command,
            "D": self._dial_command,
            "H": self._hook_command,
            "O": self._online_command,
            "S": self._register_command,
            "Z": self._reset_command,
        }.get(command.letter)
        if act is not None:
            return act(command, now)
        if command.letter == "E":
            self._echoes = command.number == 1
        elif command.letter == "Q":
            self._is_quiet = command.number == 1
        elif command.letter == "V":
            self._is_verbal = command.number == 1
        elif command.letter == "X":
            self._monitoring = command.number
        elif command.letter in "PT":
            self._is_pulse = command.letter == "P"
        return None  # B, L and M change what only a technician would hear

    def _dial_command(self, command: Command, now: float) -> str:
        if self._stage is not Stage.NONE or not self._may_call:
            return "ERROR"
        self._abort_from = now + ABORT_DEAF_S
        self._dial(command.dialled, now)
        return ""

    def _answer_command(self, command: Command, now: float) -> str:
        if self._stage is not Stage.NONE or not self._may_call:
            return "ERROR"
        self._abort_from = now + ABORT_DEAF_S
        self._answer(now)
        return ""

    def _hook_command(self, command: Command, now: float) -> str | None:
        if command.number == 0:
            self._end_call()
            self._begin_commands()
        return None  # off hook (H1) without a call is seen by nobody

    def _online_command(self, command: Command, now: float) -> str:
        if self._stage is not Stage.UP:
            return "NO CARRIER"
        self._go_online(now, "online")
        return ""

    def _reset_command(self, command: Command, now: float) -> str:
        self._end_call()
        self._begin_anew()
        return "OK"

    def _register_command(self, command: Command, now: float) -> str | None:
        number = command.number
        if number not in self._registers or (command.value is not None and number == READ_ONLY):
            return "ERROR"
        if command.value is None:
            text = self._worded(f"{self._registers[number]:03d}")
            self._send(text if self._is_verbal else text[2:])
        else:
            self._registers[number] = command.value
        return None

    # --- results ----------------------------------------------------------------------------------

    def _worded(self, word: str) -> bytes:
        end, feed = bytes([self._registers[3]]), bytes([self._registers[4]])
        return end + feed + word.encode("ascii") + end + feed

    def _say(self, word: str, name: str, now: float, *, after_s: float | None = None) -> None:
        """A result of what wire faults call `name`."""
        lost = any(self.link_faults.hits(each, name) for each in (Fault.ANSWER_LOST, Fault.ACK_LOST))
        if self._is_quiet or lost:
            return
        said = self._worded(word) if self._is_verbal else b"%d%c" % (self._settings.code(word), self._registers[3])
        if self.link_faults.hits(Fault.ANSWER_DAMAGED, name):
            said = damaged(said)
        late = self.link_faults.hits(Fault.ANSWER_LATE, name)
        wait_s = (self._settings.result_s if after_s is None else after_s) + (late.late_s if late else 0.0)
        if wait_s:
            self._later(now + wait_s, lambda at: self._send(said))
        else:
            self._send(said)

    def _connect_word(self) -> str:
        says_speed = self._monitoring > 0 and self._bps > SPEED_UNSAID_BPS
        return f"CONNECT {self._bps}" if says_speed else "CONNECT"

    # --- data -------------------------------------------------------------------------------------

    def _go_online(self, now: float, name: str) -> None:
        held = bytes(self._held)
        self._begin_commands()
        self._is_online = True
        self._last_byte_at = now
        self._say(self._connect_word(), name, now, after_s=0.0)
        if held:
            self._send(held)

    def _take_data(self, data: bytes, now: float) -> None:
        if self._stage is Stage.UP:
            self._put(Way.TO_LINE, data, now)
        guard_s = self._registers[12] / 50
        if self._escape:
            self._call_off(self._escape)
            self._escape = 0
        sign = self._registers[2]
        if now - self._last_byte_at >= guard_s:
            self._pluses = 0
        elif not self._pluses:
            self._pluses = -1  # too early behind other data
        self._last_byte_at = now
        is_all_signs = sign < S2_OFF and data == bytes([sign]) * len(data)
        self._pluses = self._pluses + len(data) if is_all_signs and self._pluses >= 0 else -1
        if self._pluses == 3:
            self._escape = self._later(now + guard_s, self._go_to_commands)

    def _go_to_commands(self, now: float) -> None:
        if self._stage is Stage.UP:
            self._begin_commands()
            self._attention = ""
            self._say("OK", "escape", now, after_s=0.0)

    def _heard_from_line(self, data: bytes) -> None:
        if self._is_online:
            self._send(data)
        else:
            self._held += data[: HELD_BYTES_MAX - len(self._held)]

    # --- calls ------------------------------------------------------------------------------------

    def _call_stands(self, now: float) -> None:
        self._go_online(now, "connect")

    def _call_failed(self, word: str, now: float) -> None:
        self._say(word, "connect", now, after_s=0.0)

    def _call_lost(self, word: str, now: float) -> None:
        was_said = not word or self.link_faults.hits(Fault.END_LOST, "carrier") is not None
        self._begin_commands()
        self._attention = ""
        if not was_said:
            self._say(word, "carrier", now, after_s=0.0)

    def _rang(self, now: float) -> None:
        if not self._is_online:
            self._say("RING", "ring", now, after_s=0.0)


def make(settings: Mapping[str, Any], kept: Mapping[str, Any]) -> LineModem:
    """A modem of settings that JSON can hold. Raises msgspec.ValidationError or OrderError for others."""
    return LineModem(msgspec.convert(dict(settings), Settings), kept)
