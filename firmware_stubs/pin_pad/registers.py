"""What a PIN pad is set to, and what its switches say: memory without secrets, kept without power (facts 3.4).

Commands 3 (information), 4 (key table) and 5 (control) read and write it.
"""

from typing import Any

import msgspec

from firmware_stubs.pin_pad.keypad import KEYS, first_table
from firmware_stubs.pin_pad.settings import Settings
from firmware_stubs.pin_pad.vault import ILLEGAL_DATA, WRONG_PARAMETER, Refused

USER_BYTES = 50
BAUD_CODES = range(0x48, 0x50)
"""1200 to 115200; what the driver of the ZT588 sends besides is answered and changes nothing."""
BAUD_9600 = 0x4B
BAUD_SHOWN = 0x30 - 0x48
"""Command 3 shows the speeds as 30 to 37."""
BROKEN_HEX, NORMAL_HEX = 0x30, 0x37
FIRST_MASK = 0x2A
STEP_BACK, CLEAR_ALL = 0x21, 0x22
BLANK, INPUT_ON, SOUND_ON = 0x01, 0x02, 0x04


class Registers(msgspec.Struct, kw_only=True):
    """As they are after a wipe, unless they were set."""

    table: str
    """What each key sends, in hexadecimal."""
    input_time_s: int
    pin_min: int
    pin_max: int
    mask: int = FIRST_MASK
    """As control 3 has set it; the ZT598 takes it for the padding of PIN blocks that this stub does not make."""
    sound: bool = True
    baud: int = BAUD_9600
    hex_mode: int = NORMAL_HEX
    beep: int = 10
    clear_key: int = CLEAR_ALL
    user: str = ""
    is_removed: bool = False
    """The removal switch is open."""
    was_removed: bool = False
    """The flag that command N reads and command S clears."""

    def table_bytes(self) -> bytes:
        """The same as bytes, one for each of KEYS."""
        return bytes.fromhex(self.table)

    def shown(self, *, is_blank: bool, has_input: bool) -> bytes:
        """The ten bytes of settings that command 3 tells."""
        bits = BLANK * is_blank | INPUT_ON * has_input | SOUND_ON * self.sound
        speed = self.baud + BAUD_SHOWN
        return bytes(
            [bits, 0, self.input_time_s, self.mask, self.pin_min, self.pin_max, speed, self.hex_mode, self.beep, 0]
        )


def fresh(settings: Settings) -> Registers:
    """As after a wipe."""
    return Registers(
        table=first_table(settings.double_zero or 0).hex(),
        input_time_s=settings.input_time_s,
        pin_min=settings.pin_min,
        pin_max=settings.pin_max,
    )


def restored(settings: Settings, kept: dict[str, Any]) -> Registers:
    """As an earlier pad has kept them."""
    return msgspec.convert(kept, Registers) if kept else fresh(settings)


def set_table(registers: Registers, table: bytes) -> None:
    """Command 4: what each key sends from now on."""
    assert len(table) == len(KEYS), "command 4 checks the length"
    registers.table = table.hex()


def set_control(registers: Registers, parameter: bytes, value: int, *, is_decimal: bool) -> None:
    """Command 5, all parameters but 0. A value that cannot be is refused."""
    if parameter == b"2":
        registers.input_time_s = _within(value, 1, 255)
    elif parameter == b"3":
        registers.mask = value
    elif parameter in (b"4", b"5"):
        length = _within(int(f"{value:02X}") if is_decimal and _is_decimal(value) else value, 0, 16)
        if parameter == b"4":
            registers.pin_min = length
        else:
            registers.pin_max = _within(length, 1, 16)
    elif parameter == b"6":
        if value in BAUD_CODES:
            registers.baud = value
        elif value in (BROKEN_HEX, NORMAL_HEX):
            registers.hex_mode = value
    elif parameter == b"8":
        registers.beep = value
    elif parameter == b"A":
        if value in (STEP_BACK, CLEAR_ALL):
            registers.clear_key = value
    else:
        raise Refused(WRONG_PARAMETER)


def _is_decimal(value: int) -> bool:
    return f"{value:02X}".isdigit()


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise Refused(ILLEGAL_DATA)
    return value
