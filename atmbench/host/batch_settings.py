"""How the sites of a host post in batches. Data only; the `batch:` part of `host:` in a drill."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta


class Replay(StrEnum):
    """What a posting process makes of an entry that is in the ledger already."""

    ONCE = "once"
    """It knows entries by their id, and goes on."""
    BLINDLY = "blindly"
    """It posts whatever its position says that is next."""


class Batch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A posting process at each site: what is approved changes the available balance at once, the ledger in a batch."""

    every_s: Annotated[float, Meta(gt=0)] = 30.0
    items: Annotated[int, Meta(ge=1, le=100_000)] = 100
    """Entries of the journal that one batch looks at, posted or not."""
    replay: Replay = Replay.ONCE
