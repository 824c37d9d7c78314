"""What a site can serve, and what it does with more: the `capacity:` part of the host in a drill. Data only.

Policies are those of all sites; what a site can do may differ, and may change while a drill runs.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from atmbench.messages.records import Purpose

QUEUE_MAX = 10_000
"""So many requests at most may wait at one site, whatever a drill says."""
SERVERS_MAX = 1_000

Rate = Annotated[float, Meta(gt=0, le=100_000)]
Servers = Annotated[int, Meta(ge=1, le=SERVERS_MAX)]
Places = Annotated[int, Meta(ge=1, le=QUEUE_MAX)]
Positive = Annotated[float, Meta(gt=0)]


class ServiceTimes(StrEnum):
    """How the time that one request takes is drawn."""

    FIXED = "fixed"
    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"
    """Mostly shorter than the mean, now and then much longer: `spread` says how much."""


class WhenFull(StrEnum):
    """What a terminal hears if its request is turned away at the door."""

    DROP = "drop"
    """Nothing."""
    REFUSE = "refuse"
    """That the host cannot serve, at once. A terminal leaves the line then."""
    MALFUNCTION = "malfunction"
    """A system malfunction, at once. A terminal stays on the line; in most dialects it sends a reversal: more comes."""


class Sheds(StrEnum):
    """Whose request goes if one more comes and all places are taken."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SIGN_ONS = "sign_ons"
    """The newest sign-on or exchange of keys; where none waits, the newest."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of all parts: a key nobody knows is an error."""


class Sickness(_Part, frozen=True, kw_only=True):
    """A site that fails partly: some requests go through as ever, the others are held up before anything is decided."""

    answers: Annotated[float, Meta(ge=0, le=1)] = 0.3
    """Share of the requests that go through as ever."""
    delay_s: tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]] = (20.0, 60.0)
    """How long the others are held up: from, to. They keep their places in the queue."""


class SiteCapacity(_Part, frozen=True, kw_only=True):
    """What one site can do where it differs from the others, or from what it could. What is not given stays."""

    rate_per_s: Rate | None = None
    servers: Servers | None = None
    queue_max: Places | None = None
    sick: Sickness | None = None


class Capacity(_Part, frozen=True, kw_only=True):
    """What each site can serve, and what it does with more.

    A site that stands by says so at the door; all else waits for a server, and is decided when its service ends.
    """

    rate_per_s: Rate
    """Requests that a site serves in a second, all servers together, if each costs 1."""
    servers: Servers = 1
    """So many are served at once. One request takes servers / rate_per_s seconds on average."""
    queue_max: Places = 100
    """So many may wait."""
    service_times: ServiceTimes = ServiceTimes.EXPONENTIAL
    spread: Annotated[float, Meta(gt=0, le=3)] = 1.0
    """Of lognormal times: the standard deviation of their logarithm."""
    service_max_s: Positive | None = None
    """No single service takes longer."""
    cost: dict[Purpose, Annotated[float, Meta(ge=0, le=1_000)]] = msgspec.field(default_factory=dict)
    """How much dearer a request is than others, by what it is for: {sign_on: 5}."""
    when_full: WhenFull = WhenFull.DROP
    sheds: Sheds = Sheds.NEWEST
    advices_first: bool = False
    """Reversals and completions are served before all else, and take a place from it if there is none left."""
    stale_after_s: Positive | None = None
    """Requests that have waited so long are dropped unserved: their terminals have given up."""
    sign_ons_per_s_max: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    """Sign-ons that are let in within any second; more are turned away."""
    fence_after_s: Positive | None = None
    """An active site at which somebody has waited so long is stood down, if another stands by that has not been."""
    sick: Sickness | None = None
    sites: dict[str, SiteCapacity] = msgspec.field(default_factory=dict)
    """Where single sites differ."""

    def of(self, site: str) -> "Capacity":
        """The capacity of one site."""
        change = self.sites.get(site)
        return self if change is None else self.changed(change)

    def changed(self, change: SiteCapacity) -> "Capacity":
        """The same with what the change says."""
        given = {name: getattr(change, name) for name in SiteCapacity.__struct_fields__}
        return msgspec.structs.replace(self, **{name: value for name, value in given.items() if value is not None})
