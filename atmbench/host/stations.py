"""The stations of all sites: what the host does with a request that has to wait, and with one that is shed.

A request is decided when its service ends, with all that the site knows then. A session lasts until the last request
that came over its connection is decided, though the connection may have ended before: a host that has read a message
works on it. A site that stands by says so at the door; one that loses its role or its power lets all of them go.
This module must not decide anything about money.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from random import Random

from atmbench.errors import LocalError
from atmbench.facts import CapacityStated, Fact, QueueDepth, RequestsCounted, RequestShed, SiteRoleChanged
from atmbench.host.capacity import Job, Served, Shed, Station, Why
from atmbench.host.capacity_settings import Capacity, SiteCapacity, WhenFull
from atmbench.host.effects import ForgetRequest, HostEffect, Record, SendReply
from atmbench.host.replication import TICK_S
from atmbench.host.replies import about, reply_to
from atmbench.host.roles import Role
from atmbench.host.site import Site
from atmbench.messages.records import Outcome, Purpose, Request

SECONDS_DIGITS = 6

_AT_THE_DOOR = {
    WhenFull.DROP: None,
    WhenFull.REFUSE: Outcome.HOST_UNAVAILABLE,
    WhenFull.MALFUNCTION: Outcome.MALFUNCTION,
}


Decide = Callable[[Site, Request, float, Hashable, int], list[HostEffect]]
"""Has a site decide a request: site, request, time, connection, ticket."""


class Stations:
    """A station for each site. Sources of chance are those that `rng_of` gives, one for each site."""

    def __init__(
        self, capacity: Capacity, sites: Mapping[str, Site], rng_of: Callable[[str], Random] | None, *, decide: Decide
    ) -> None:
        if rng_of is None:
            raise LocalError("a host with a capacity needs a source of chance for each site (rng_of)")
        unknown = [name for name in capacity.sites if name not in sites]
        if unknown:
            raise LocalError(f"host.capacity.sites names {', '.join(unknown)}; the sites are {', '.join(sites)}")
        self._sites = sites
        self._decide = decide
        self._fence_after_s = capacity.fence_after_s
        self._stations = {name: Station(capacity.of(name), rng_of(name)) for name in sites}
        self._inside: dict[tuple[str, Hashable], int] = {}
        """How many requests of a connection are at its site."""
        self._hung_up: set[tuple[str, Hashable]] = set()
        """Connections that have ended, and have requests inside."""
        self._in_vain = dict.fromkeys(sites, 0)
        """How many were served whose connection had ended."""
        self.fenced: set[str] = set()
        """Sites at which somebody waited too long, and that were not ordered back since."""

    @property
    def deadline(self) -> float | None:
        """When `advance` must next be called."""
        dues = [due for station in self._stations.values() if (due := station.deadline) is not None]
        return min(dues) if dues else None

    @property
    def fence_at(self) -> float | None:
        """When an active site is to be stood down, if nobody is served there before; None for never."""
        due = self._fence_due()
        return None if due is None or self.successor() is None else due[0]

    def to_be_fenced(self, now: float) -> str | None:
        """The active site at which somebody has waited too long by now, if there is one."""
        due = self._fence_due()
        return due[1] if due is not None and due[0] <= now + TICK_S else None

    def successor(self) -> str | None:
        """A site that can take over from a sick one."""
        for name, site in self._sites.items():
            if site.role is Role.STANDBY and name not in self.fenced:
                return name
        return None

    def _fence_due(self) -> tuple[float, str] | None:
        """When somebody will have waited too long at an active site, and at which. One that was fenced is not again."""
        if self._fence_after_s is None:
            return None
        dues = [
            (station.oldest + self._fence_after_s, name)
            for name, station in self._stations.items()
            if station.oldest is not None and self._sites[name].role is Role.ACTIVE and name not in self.fenced
        ]
        return min(dues, default=None)

    def arrive(
        self, site: Site, request: Request, now: float, connection: Hashable, ticket: int | None
    ) -> list[HostEffect]:
        """A request has come to a site. It waits, or is answered at the door."""
        assert ticket is not None, "a request that may have to wait, and no ticket for its answer"
        effects = self.advance(now)
        is_echo_of_standby = site.role is Role.STANDBY and request.purpose is Purpose.ECHO
        if site.role is not Role.ACTIVE and not is_echo_of_standby:
            return effects + self._decide(site, request, now, connection, ticket)
        job = Job(ticket, request, connection, now)
        self._inside[site.name, connection] = self._inside.get((site.name, connection), 0) + 1
        gone = self._stations[site.name].arrive(job, now)
        return [*effects, *self._after(site, gone, now)]

    def advance(self, now: float) -> list[HostEffect]:
        """Decide what has been served by now."""
        effects: list[HostEffect] = []
        for name, station in self._stations.items():
            deadline = station.deadline
            if deadline is not None:
                effects += self._after(self._sites[name], station.advance(now), now)
        return effects

    def hang_up(self, site: str, connection: Hashable) -> bool:
        """A connection has ended. Whether its sessions end now; if not, they end with its last request."""
        if (site, connection) not in self._inside:
            return True
        self._hung_up.add((site, connection))
        return False

    def with_emptied(self, effects: Iterable[HostEffect], now: float) -> list[HostEffect]:
        """Effects, and after each that takes its role from an active site what becomes of those who wait there."""
        found: list[HostEffect] = []
        for effect in effects:
            found.append(effect)
            fact = effect.fact if isinstance(effect, Record) else None
            if isinstance(fact, SiteRoleChanged) and fact.role != Role.ACTIVE:
                found += self.empty(self._sites[fact.site], now)
        return found

    def empty(self, site: Site, now: float) -> list[HostEffect]:
        """A site has lost its role. One that is dark says nothing any more; one that stands by refuses all."""
        why = Why.STOPPED if site.role is Role.DOWN else Why.STOOD_DOWN
        return self._after(site, self._stations[site.name].empty(why, now), now)

    def change(self, site: str, change: SiteCapacity | None, now: float) -> list[HostEffect]:
        """A site serves otherwise from now on; None serves as the drill has it."""
        station = self._stations[site]
        effects = self.advance(now)
        was = station.capacity
        gone = station.change(change, now)
        if station.capacity != was:
            effects.append(Record(site, _stated(self._sites[site], station.capacity)))
        return effects + self._after(self._sites[site], gone, now)

    def heal(self, now: float) -> list[HostEffect]:
        """All sites serve as the drill has it, and may be active again."""
        self.fenced.clear()
        return [effect for name in self._stations for effect in self.change(name, None, now)]

    def pending(self) -> tuple[str, ...]:
        """Who still waits, in words."""
        waiting = {name: station.inside for name, station in self._stations.items() if station.inside}
        return tuple(f"{number} requests wait at site {name}" for name, number in waiting.items())

    def count(self, when: str) -> list[HostEffect]:
        """What the sites can do at the start, and what came of all requests at the end."""
        return [Record(name, self._count(name, station, when)) for name, station in self._stations.items()]

    def _count(self, name: str, station: Station, when: str) -> Fact:
        if when == "start":
            return _stated(self._sites[name], station.capacity)
        return RequestsCounted(
            site=name,
            arrived=station.arrived,
            served=station.served,
            in_vain=self._in_vain[name],
            shed=station.shed,
            inside=station.inside,
            deepest=station.deepest,
            waited_p50_s=round(station.waits.share_s(0.5) or 0.0, SECONDS_DIGITS),
            waited_p99_s=round(station.waits.share_s(0.99) or 0.0, SECONDS_DIGITS),
        )

    def _after(self, site: Site, outcomes: Iterable[Served | Shed], now: float) -> list[HostEffect]:
        """What follows from requests that came out of a station, and what is to be told of its queue."""
        effects: list[HostEffect] = []
        for each in outcomes:
            if isinstance(each, Served):
                self._in_vain[site.name] += (site.name, each.job.connection) in self._hung_up
                job = each.job
                effects += self._decide(site, job.request, now, job.connection, job.ticket)
            else:
                effects += self._turn_away(site, each)
            self._left(site, each.job)
        levels = self._stations[site.name].levels
        if levels:
            effects += [Record(site.name, QueueDepth(site=site.name, waiting=waiting)) for waiting in levels]
            levels.clear()
        return effects

    def _turn_away(self, site: Site, shed: Shed) -> list[HostEffect]:
        job = shed.job
        outcome: Outcome | None = None
        if shed.why is Why.STOOD_DOWN:
            answers_echo = job.request.purpose is Purpose.ECHO and site.role is Role.STANDBY
            outcome = Outcome.APPROVED if answers_echo else Outcome.HOST_UNAVAILABLE
        elif shed.why in (Why.FULL, Why.SIGN_ONS):
            outcome = _AT_THE_DOOR[self._stations[site.name].capacity.when_full]
        fact = RequestShed(
            site=site.name,
            terminal=job.request.terminal,
            purpose=job.request.purpose,
            stan=job.request.stan,
            key=about(job.request),
            because=shed.why,
            waited_s=round(shed.waited_s, SECONDS_DIGITS),
            outcome=outcome or "",
        )
        answer = ForgetRequest(job.ticket) if outcome is None else SendReply(reply_to(job.request, outcome), job.ticket)
        return [Record(site.name, fact), answer]

    def _left(self, site: Site, job: Job) -> None:
        of = (site.name, job.connection)
        self._inside[of] -= 1
        if not self._inside[of]:
            del self._inside[of]
            if of in self._hung_up:
                self._hung_up.remove(of)
                site.on_hung_up(job.connection)


def _stated(site: Site, capacity: Capacity) -> CapacityStated:
    return CapacityStated(
        site=site.name,
        role=site.role,
        rate_per_s=capacity.rate_per_s,
        servers=capacity.servers,
        queue_max=capacity.queue_max,
        answers=capacity.sick.answers if capacity.sick is not None else 1.0,
    )
