"""The golden frames of the host line, as data."""

import msgspec

from atmbench import datafile, shipped
from atmbench.framing.link_styles import SerialSettings


class Frame(msgspec.Struct, frozen=True):
    name: str
    payload: str
    hex: str
    meaning: str
    serial: SerialSettings = SerialSettings()


class Exchange(msgspec.Struct, frozen=True):
    name: str
    style: str
    steps: list[list[str]]


class HostLine(msgspec.Struct, frozen=True):
    frames: list[Frame]
    parity: list[dict[str, str]]
    controls: dict[str, str]
    not_in_text: str
    addresses: list[dict[str, str]]
    exchanges: list[Exchange]


def _load() -> HostLine:
    return datafile.load(shipped.read("frames", "host_line.yaml"), HostLine, name="host_line.yaml")


HOST_LINE = _load()
