"""What the sensors come to on the wire: DLE EOT 1 to 4 and 20, and GS r (facts of devices 4.2 and 4.4). Pure."""

from enum import StrEnum

from firmware_stubs.printer.machine import Machine

FIXED = 0x12
"""In every answer to DLE EOT 1 to 4 bits 1 and 4 are on, 0 and 7 off."""


class Error(StrEnum):
    """What stops it until somebody has mended it and DLE ENQ is heard."""

    CUTTER = "cutter"
    MECHANICAL = "mechanical"


def real_time(number: int, machine: Machine, error: Error | None, *, key: bool) -> bytes:
    """The answer to DLE EOT `number`, 1 to 4. `key`: the feed button is pressed."""
    is_out = machine.paper == 0
    bits = {
        1: 0x08 * (is_out or machine.cover_open or error is not None),
        2: 0x04 * machine.cover_open + 0x08 * key + 0x20 * is_out + 0x40 * (error is not None),
        3: 0x04 * (error is Error.MECHANICAL) + 0x08 * (error is Error.CUTTER),
        4: 0x0C * machine.is_near_end + 0x60 * is_out,
    }
    return bytes([FIXED | bits[number]])


def full(machine: Machine, error: Error | None, *, key: bool, spooling: bool, moving: bool) -> bytes:
    """The answer to DLE EOT 20 of a kiosk printer."""
    is_out = machine.paper == 0
    paper = 0x01 * is_out + 0x04 * machine.is_near_end
    user = 0x02 * machine.cover_open + 0x04 * spooling + 0x08 * moving + 0x20 * key
    recoverable = 0x40 * (error is Error.MECHANICAL)
    return bytes([0x10, 0x0F, paper, user, recoverable, 0x01 * (error is Error.CUTTER)])


def transmitted(machine: Machine) -> bytes:
    """The answer to GS r 1: the paper sensors. It stands in line behind what is printed before it."""
    return bytes([0x03 * machine.is_near_end + 0x0C * (machine.paper == 0)])
