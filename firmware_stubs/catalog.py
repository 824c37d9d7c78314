"""All stubs by the names of the machines that they emulate, and how one is built from settings that JSON can hold."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import msgspec

from firmware_stubs.core import Core
from firmware_stubs.errors import OrderError

Make = Callable[[Mapping[str, Any], Mapping[str, Any]], Core]
"""Builds a core from settings and from what an earlier core has kept."""


class Kind(msgspec.Struct, frozen=True):
    """A machine that can be emulated: the module whose `make` builds its core, and the line it is sold with."""

    module: str
    baud: int
    line_format: str = "8N1"
    settings: dict[str, Any] = {}
    """What makes this model of a family of machines."""


KINDS: dict[str, Kind] = {
    "lcdm-4000": Kind("firmware_stubs.dispenser.stub", baud=9600, settings={"profile": "lcdm-4000"}),
    "lcdm-1000": Kind("firmware_stubs.dispenser.stub", baud=9600, settings={"profile": "lcdm-1000"}),
    "lcdm-2000": Kind("firmware_stubs.dispenser.stub", baud=9600, settings={"profile": "lcdm-2000"}),
    "omron-3s4yr": Kind("firmware_stubs.card_reader.stub", baud=9600, line_format="8E1"),
    "esc-pos": Kind("firmware_stubs.printer.stub", baud=9600, settings={"profile": "esc-pos"}),
    "kiosk-printer": Kind("firmware_stubs.printer.stub", baud=115200, settings={"profile": "kiosk"}),
    "zt598": Kind("firmware_stubs.pin_pad.stub", baud=9600, settings={"profile": "zt598"}),
    "zt588": Kind("firmware_stubs.pin_pad.stub", baud=9600, settings={"profile": "zt588"}),
    "hayes-modem": Kind("firmware_stubs.line_modem.stub", baud=9600),
    "ccnet": Kind("firmware_stubs.note_acceptor.stub", baud=9600),
    "bill-to-bill": Kind("firmware_stubs.note_acceptor.recycler", baud=9600),
}


def make_core(device: str, settings: Mapping[str, Any], kept: Mapping[str, Any]) -> Core:
    """The core of a machine by its name. Raises OrderError for an unknown one, or settings that cannot be."""
    kind = kind_of(device)
    make: Make = import_module(kind.module).make
    try:
        return make({**kind.settings, **settings}, kept)
    except msgspec.ValidationError as error:
        raise OrderError(f"the settings of {device} cannot be: {error}") from None


def kind_of(device: str) -> Kind:
    """What is known of a machine. Raises OrderError for an unknown one."""
    if device not in KINDS:
        raise OrderError(f"there is no stub of {device!r}; there are {', '.join(sorted(KINDS))}")
    return KINDS[device]
