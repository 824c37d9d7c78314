"""What a firmware makes of a command: something to say at once, or something to do first. Data only."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import msgspec

from firmware_stubs.dispenser.harms import Harms
from firmware_stubs.dispenser.link import Command
from firmware_stubs.dispenser.motion import Motion, Wanted
from firmware_stubs.dispenser.settings import Notes


class Say(msgspec.Struct, frozen=True):
    """Nothing moves: answer so. `body` is the echoed code and what follows it."""

    body: bytes


class Move(msgspec.Struct, frozen=True):
    """Move notes, then answer with what `moved` makes of it."""

    wanted: Wanted


class Purge(msgspec.Struct, frozen=True):
    """Clear the path, then answer with what `purged` makes of it."""


class Restart(msgspec.Struct, frozen=True):
    """Be deaf for a while."""


Task: TypeAlias = Say | Move | Purge | Restart


class Firmware(Protocol):
    """What one model makes of commands and of what the machine did. It counts as the model does, and no better."""

    unit: int
    """The id on its line."""
    ends_with_eot: bool
    """After the host's ACK it says EOT."""
    repeats: int
    """So often an answer is sent by itself until somebody acknowledges it."""
    harms: Harms
    words: Mapping[str, int]
    """Names for codes of `harms`."""
    names: Mapping[int, str]
    """Commands by their codes, as orders call them."""

    def kept(self) -> dict[str, Any]:
        """Memory that needs no power."""
        ...

    def power_on(self) -> None:
        """Power was gone."""
        ...

    def begin(self, command: Command, refusal: int | None) -> Task:
        """A whole command came. `refusal` is the code that it is to be refused with."""
        ...

    def moving(self, code: int, motion: Motion) -> None:
        """A note has moved: what the memory can say of it."""
        ...

    def moved(self, code: int, motion: Motion) -> bytes:
        """The answer to a command that moved notes."""
        ...

    def purged(self, code: int, notes: Notes, failure: int | None) -> bytes:
        """The answer to a purge that moved these notes; `failure` is the code that it failed with."""
        ...
