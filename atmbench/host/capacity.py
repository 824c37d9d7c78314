"""A station: what waits at one site, what is being served, and who goes when there is too much.

Requests wait in order of arrival, reversals and completions in a queue of their own where they go first; each server
takes the next one when it is free. Time and the source of chance are given. A station must not know what a request is
about, and loses none: each one that came in comes out served or shed, with the reason.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable
from enum import StrEnum
from heapq import heapify, heappop, heappush
from math import log
from random import Random

import msgspec

from atmbench.host.capacity_settings import Capacity, ServiceTimes, Sheds, SiteCapacity
from atmbench.host.durations import Durations
from atmbench.host.replication import TICK_S
from atmbench.messages.records import ADVICES, Purpose, Request

SIGN_ONS = frozenset({Purpose.SIGN_ON, Purpose.KEY_EXCHANGE})
"""What a terminal sends to be let in, and can send again later."""
SIGN_ON_WINDOW_S = 1.0
LEVELS = 4
"""The depth of a queue is told when another quarter of its places is taken, and when it is empty again."""


class Why(StrEnum):
    """Why a request was shed."""

    FULL = "full"
    STALE = "stale"
    SIGN_ONS = "sign_ons"
    STOPPED = "stopped"
    STOOD_DOWN = "stood_down"


class Job(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A request at a station. `ticket` is unique."""

    ticket: int
    request: Request
    connection: Hashable
    arrived: float


class Served(msgspec.Struct, frozen=True, gc=False):
    """The service of a request has ended: it is to be decided now."""

    job: Job


class Shed(msgspec.Struct, frozen=True, gc=False):
    """A request will not be served here."""

    job: Job
    why: Why
    waited_s: float


class Station:
    """The servers and the queue of one site."""

    def __init__(self, capacity: Capacity, rng: Random) -> None:
        self.capacity = capacity
        self._usual = capacity
        self._rng = rng
        self._inside: OrderedDict[int, Job] = OrderedDict()
        """All that have come in and are not out again, oldest first."""
        self._first: OrderedDict[int, Job] = OrderedDict()
        """Those that wait and go before the rest."""
        self._rest: OrderedDict[int, Job] = OrderedDict()
        self._held: list[tuple[float, int, Job]] = []
        """A heap of those that a sick site holds up, by the time until which it does."""
        self._serving: list[tuple[float, int, Job]] = []
        """A heap of those at a server, by the time at which that is done."""
        self._let_in: deque[float] = deque()
        self._level = 0
        self.levels: list[int] = []
        """Depths to be told: how many waited when another quarter of the places was taken. Who tells them clears it."""
        self.arrived = self.served = self.shed = self.deepest = 0
        self.waits = Durations()
        """How long those that were served had waited for a server."""

    @property
    def waiting(self) -> int:
        """How many wait, in all queues."""
        return len(self._first) + len(self._rest) + len(self._held)

    @property
    def inside(self) -> int:
        """How many wait or are being served."""
        return len(self._inside)

    @property
    def oldest(self) -> float | None:
        """When the one arrived that has been inside for longest; None if nobody is."""
        return next(iter(self._inside.values())).arrived if self._inside else None

    @property
    def deadline(self) -> float | None:
        """When `advance` must next be called."""
        ends = self._serving[0][0] if self._serving else None
        if not self._held:
            return ends
        due = self._held[0][0]
        return due if ends is None else min(due, ends)

    def arrive(self, job: Job, now: float) -> list[Shed]:
        """One more has come. Returns those that go for it, itself perhaps."""
        self.arrived += 1
        if job.request.purpose is Purpose.SIGN_ON and not self._may_sign_on(now):
            return [self._went(job, Why.SIGN_ONS, now)]
        gone = self._shed_stale(now)
        sick = self.capacity.sick
        is_held = sick is not None and self._rng.random() >= sick.answers
        needs_place = is_held or len(self._serving) >= self.capacity.servers
        if needs_place and self.waiting >= self.capacity.queue_max:
            victim = self._victim(job)
            if victim is job:
                return [*gone, self._went(job, Why.FULL, now)]
            gone.append(self._take_out(victim, Why.FULL, now))
        self._inside[job.ticket] = job
        if sick is not None and is_held:
            heappush(self._held, (now + self._rng.uniform(*sick.delay_s), job.ticket, job))
        else:
            self._join(job)
            gone += self._start(now)
        self._look()
        return gone

    def advance(self, now: float) -> list[Served | Shed]:
        """What has come to an end by now, in order of time."""
        done: list[Served | Shed] = []
        while (due := self.deadline) is not None and due <= now + TICK_S:
            if self._serving and self._serving[0][0] == due:
                job = heappop(self._serving)[2]
                del self._inside[job.ticket]
                self.served += 1
                done.append(Served(job))
            else:
                self._join(heappop(self._held)[2])
            done += self._start(due)
        return done

    def change(self, change: SiteCapacity | None, now: float) -> list[Shed]:
        """Serve otherwise from now on; None serves as the drill has it. What is being served goes on at the new pace.

        Those held up wait like all others if the site is not sick any more. Those for whom there is no place left go.
        """
        pace_s = self._pace_s
        self.capacity = self._usual if change is None else self.capacity.changed(change)
        if self._pace_s != pace_s:
            self._go_on(self._pace_s / pace_s if pace_s else 1.0, now)
        if self.capacity.sick is None:
            for _, _, job in sorted(self._held):
                self._join(job)
            self._held.clear()
        gone = self._start(now)
        while self.waiting > self.capacity.queue_max:
            gone.append(self._take_out(self._victim(None), Why.FULL, now))
        return gone

    def empty(self, why: Why, now: float) -> list[Shed]:
        """All that are inside go, oldest first."""
        jobs = list(self._inside.values())
        for each in (self._inside, self._first, self._rest, self._held, self._serving):
            each.clear()
        self._look_if_empty()
        return [self._went(job, why, now) for job in jobs]

    def _may_sign_on(self, now: float) -> bool:
        most = self.capacity.sign_ons_per_s_max
        if most is None:
            return True
        while self._let_in and self._let_in[0] <= now - SIGN_ON_WINDOW_S:
            self._let_in.popleft()
        if len(self._let_in) >= most:
            return False
        self._let_in.append(now)
        return True

    def _join(self, job: Job) -> None:
        goes_first = self.capacity.advices_first and job.request.purpose in ADVICES
        (self._first if goes_first else self._rest)[job.ticket] = job

    def _start(self, now: float) -> list[Shed]:
        """Let free servers take those that are next."""
        gone = []
        while (self._first or self._rest) and len(self._serving) < self.capacity.servers:
            job = (self._first or self._rest).popitem(last=False)[1]
            if self._is_stale(job, now):
                del self._inside[job.ticket]
                gone.append(self._went(job, Why.STALE, now))
                continue
            self.waits.add(now - job.arrived)
            heappush(self._serving, (now + self._service_s(job.request.purpose), job.ticket, job))
        self._look_if_empty()
        return gone

    def _look(self) -> None:
        """Somebody has come."""
        waiting = self.waiting
        self.deepest = max(self.deepest, waiting)
        level = LEVELS * waiting // self.capacity.queue_max
        if level > self._level:
            self._level = level
            self.levels.append(waiting)

    def _look_if_empty(self) -> None:
        if self._level and not self.waiting:
            self._level = 0
            self.levels.append(0)

    @property
    def _pace_s(self) -> float:
        """How long one server takes for a request of cost 1, on the mean."""
        return self.capacity.servers / self.capacity.rate_per_s

    def _go_on(self, stretched: float, now: float) -> None:
        """What is left of each service takes so many times as long from now on."""
        self._serving = [(now + (end - now) * stretched, ticket, job) for end, ticket, job in self._serving]
        heapify(self._serving)

    def _service_s(self, purpose: Purpose) -> float:
        capacity = self.capacity
        mean_s = self._pace_s * capacity.cost.get(purpose, 1.0)
        if not mean_s:
            return 0.0
        match capacity.service_times:
            case ServiceTimes.FIXED:
                service_s = mean_s
            case ServiceTimes.EXPONENTIAL:
                service_s = self._rng.expovariate(1 / mean_s)
            case ServiceTimes.LOGNORMAL:
                service_s = self._rng.lognormvariate(log(mean_s) - capacity.spread**2 / 2, capacity.spread)
        most_s = capacity.service_max_s
        return service_s if most_s is None else min(service_s, most_s)

    def _is_stale(self, job: Job, now: float) -> bool:
        after_s = self.capacity.stale_after_s
        return after_s is not None and now - job.arrived >= after_s

    def _shed_stale(self, now: float) -> list[Shed]:
        """Those at the heads of the queues that nobody waits for any more. Others are found when they are next."""
        gone = []
        for queue in (self._first, self._rest):
            while queue and self._is_stale(job := next(iter(queue.values())), now):
                gone.append(self._take_out(job, Why.STALE, now))
        return gone

    def _victim(self, newcomer: Job | None) -> Job:
        """Who goes when there is no place left."""
        purpose = newcomer.request.purpose if newcomer is not None else None
        if self.capacity.sheds is Sheds.SIGN_ONS and purpose not in SIGN_ONS:
            for job in reversed(self._rest.values()):
                if job.request.purpose in SIGN_ONS:
                    return job
        if self.capacity.sheds is Sheds.OLDEST:
            waiting = self._rest or self._first
            return next(iter(waiting.values())) if waiting else self._last_held(newcomer)
        if newcomer is not None and not (self.capacity.advices_first and purpose in ADVICES and self._rest):
            return newcomer
        waiting = self._rest or self._first
        return next(reversed(waiting.values())) if waiting else self._last_held(newcomer)

    def _last_held(self, newcomer: Job | None) -> Job:
        """Nobody waits but those held up: the newcomer goes, or who would be held up for longest."""
        return newcomer or max(self._held)[2]

    def _take_out(self, job: Job, why: Why, now: float) -> Shed:
        del self._inside[job.ticket]
        if not (self._first.pop(job.ticket, None) or self._rest.pop(job.ticket, None)):
            self._held = [each for each in self._held if each[1] != job.ticket]
            heapify(self._held)
        return self._went(job, why, now)

    def _went(self, job: Job, why: Why, now: float) -> Shed:
        self.shed += 1
        return Shed(job, why, now - job.arrived)
