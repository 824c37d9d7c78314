"""What an operator of two databases does next, so that each becomes what its site is. Dry: it looks, and says.

A promotion comes first, and before it what it needs. One who is to hand over is copied before he is stopped, because
half a copy is no ledger, and where the only ledger is at a site that is out of service, a promotion waits for that.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from atmbench.host.roles import Role
from atmbench.store.postgres_place import Place

Verb: TypeAlias = Literal["promote", "step down", "follow", "wait for standby", "replay"]


class Step(msgspec.Struct, frozen=True):
    """One thing to be done to the database of `place`; `other` is that of the other site.

    `on` is what "wait for standby" (a primary's commits) and "replay" (at a standby) are to be.
    """

    verb: Verb
    place: Place
    other: Place
    on: bool = True


def next_step(places: Sequence[Place], *, is_synchronous: bool) -> Step | None:
    """What is to be done next; None if all is as it should be, or can only wait."""
    pairs = [(place, other) for place in places for other in places if other is not place]
    for place, other in pairs:
        if place.wanted is Role.ACTIVE and place.state != "primary" and (step := _to_primary(place, other)):
            return step
    for place, other in pairs:
        if place.wanted is Role.STANDBY and other.state == "primary" and other.wanted is Role.ACTIVE:
            if place.state == "primary":
                return Step("step down", place, other)
            if place.state == "away":
                return Step("follow", place, other)
    for place, other in pairs:
        waits = is_synchronous and other.state == "standby"  # alone, a primary goes on alone
        if place.state == "primary" and place.is_synchronous != waits:
            return Step("wait for standby", place, other, waits)
        if place.state == "standby" and place.replays != place.must_replay:
            return Step("replay", place, other, place.must_replay)
    return None


def _to_primary(place: Place, other: Place) -> Step | None:
    """Towards a promotion."""
    hands_over = other.state == "primary" and other.wanted is not Role.ACTIVE
    if place.is_void and other.state != "primary":
        is_source = other.wanted in (Role.ACTIVE, Role.STANDBY) and not other.is_void
        return Step("promote", other, place) if is_source else None
    if place.is_void or (hands_over and place.state == "away"):
        return Step("follow", place, other)
    if hands_over:
        return Step("step down", other, place)
    return Step("promote", place, other)
