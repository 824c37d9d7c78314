"""Working keys of one terminal, as either end holds them: those in use, and for a while those before.

Dry and frozen: each exchange gives a new ring, so that it can be a part of a core's state. Time is an argument in
seconds. Sources: iso8583 facts 1.11; how long old keys still count is to be agreed with the other end.
"""

from math import inf
from typing import Annotated

import msgspec
from msgspec import Meta

from atmbench.security.keys import Key


class KeyLife(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When terminals ask for new working keys, besides when they have none. A part of dialects and of drills.

    AS2805 pages give 3,600 seconds or 256 uses, whatever ends first; an integrator advises 12 hours elsewhere.
    """

    seconds: Annotated[float, Meta(gt=0)] | None = None
    """After that new keys are due; None is never."""
    uses: Annotated[int, Meta(ge=1)] | None = None
    """After so many uses new keys are due; None is never."""
    grace_s: Annotated[float, Meta(ge=0)] = 60.0
    """How long the keys before still count, at both ends: messages may be on their way."""


class KeyPair(msgspec.Struct, frozen=True):
    """Working keys of one exchange. `until` is when they end; those in use have no end."""

    pin: Key
    mac: Key
    until: float = inf


KeyRing = tuple[KeyPair, ...]
"""Pairs of keys of one terminal, the newest first; nothing before the first exchange."""


def renewed(ring: KeyRing, new: KeyPair, now: float, *, grace_s: float, most: int) -> KeyRing:
    """The ring after an exchange: the pair so far counts for its grace, and at most `most` are remembered.

    The same pair again changes nothing: the other end has repeated its message.
    """
    if not ring:
        return (new,)
    last, *older = ring
    if (last.pin, last.mac) == (new.pin, new.mac):
        return ring
    return (new, msgspec.structs.replace(last, until=now + grace_s), *older)[:most]


def valid(ring: KeyRing, now: float) -> KeyRing:
    """The pairs that what arrives now may be under, those in use first."""
    return tuple(pair for pair in ring if now < pair.until)
