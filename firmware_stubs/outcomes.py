"""What a stub's core asks of whoever runs it, in order. Data only."""

from typing import Any, TypeAlias

import msgspec


class Send(msgspec.Struct, frozen=True):
    """Put bytes on the wire."""

    data: bytes


class Tell(msgspec.Struct, frozen=True):
    """Something has physically happened, or somebody at the machine would see it. No byte of it is on the wire."""

    event: str
    detail: dict[str, Any] = {}


class Keep(msgspec.Struct, frozen=True):
    """Notes have moved or memory has changed: save the core's `kept()` before anything that follows."""


Outcome: TypeAlias = Send | Tell | Keep
