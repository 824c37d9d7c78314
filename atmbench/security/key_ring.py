"""The working keys of one purpose on one line: the one in use, and for a while the one before it.

Dry and frozen: each move gives a new record, so that it can be a part of a core's state. Time is an argument in
seconds, `deadline` says when to look again. Sources: iso8583 facts 1.11; how long the old key still counts is to be
agreed with the other end.
"""

import msgspec

from atmbench.errors import LocalError
from atmbench.security.keys import Key

AS2805_LIFE_S = 3600.0
AS2805_LIFE_USES = 256
"""A session key of AS2805 lives for an hour or for 256 transactions, whatever ends first."""
ADVISED_LIFE_S = 12 * 3600.0
"""What an integrator advises elsewhere."""


class KeyLife(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a working key is used. A part of a dialect."""

    seconds: float | None = None
    """After that a new key is due; None is never."""
    uses: int | None = None
    """After so many uses a new key is due; None is never."""
    grace_s: float = 0.0
    """How long the key before still counts: messages may be on their way."""

    def __post_init__(self) -> None:
        if (self.seconds is not None and self.seconds <= 0) or (self.uses is not None and self.uses < 1):
            raise LocalError("a key life of no time or no uses was given; leave it out for a key that does not age")
        if self.grace_s < 0:
            raise LocalError("a grace of less than no time was given; 0 ends the old key at once")


class WorkingKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one purpose, such as "tpk" or "tak". Start with `WorkingKeys.first`.

    A key that is due for a change still works: an ATM that cannot get a new key goes on with the old one, and the
    other end decides.
    """

    purpose: str
    life: KeyLife
    current: Key
    since: float
    uses: int = 0
    previous: Key | None = None
    previous_until: float = 0.0

    @classmethod
    def first(cls, purpose: str, key: Key, now: float, life: KeyLife) -> "WorkingKeys":
        """The record after the first exchange."""
        return cls(purpose=purpose, life=life, current=key, since=now)

    @property
    def deadline(self) -> float | None:
        """When something changes by time alone: the old key ends, or a new one is due. None is never."""
        ends = [self.previous_until] if self.previous is not None else []
        if self.life.seconds is not None:
            ends.append(self.since + self.life.seconds)
        return min(ends, default=None)

    def is_due(self, now: float) -> bool:
        """Whether a new key should be asked for."""
        by_time = self.life.seconds is not None and now >= self.since + self.life.seconds
        return by_time or (self.life.uses is not None and self.uses >= self.life.uses)

    def used(self) -> "WorkingKeys":
        """The record after one more use of the current key."""
        return msgspec.structs.replace(self, uses=self.uses + 1)

    def changed(self, key: Key, now: float) -> "WorkingKeys":
        """The record after a new key has come; the one so far counts for the grace time.

        The same key again changes nothing: the other end has repeated its message.
        """
        if key == self.current:
            return self
        return WorkingKeys(
            purpose=self.purpose,
            life=self.life,
            current=key,
            since=now,
            previous=self.current if self.life.grace_s > 0 else None,
            previous_until=now + self.life.grace_s,
        )

    def without_old(self, now: float) -> "WorkingKeys":
        """The record without the key before, once its grace is over."""
        if self.previous is None or now < self.previous_until:
            return self
        return msgspec.structs.replace(self, previous=None)

    def candidates(self, now: float) -> tuple[Key, ...]:
        """The keys that what arrives now may be under: the current one first."""
        if self.previous is None or now >= self.previous_until:
            return (self.current,)
        return (self.current, self.previous)
