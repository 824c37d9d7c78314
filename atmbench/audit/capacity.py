"""What the sites could serve and what came of it: answer times, queues, what was shed, and what that caused.

Only sites whose capacity was stated are looked at. The figures are taken from messages as they came and went, beside
what a site says of itself at the end. Judged is what a drill sets a limit for, by the check `expected`.
"""

from collections import deque
from collections.abc import Iterable
from math import inf

import msgspec

from atmbench import facts
from atmbench.audit.cases import REVERSAL, Case
from atmbench.audit.verdict import Finding
from atmbench.drill.expectations import CapacityBudgets
from atmbench.host.durations import Durations
from atmbench.messages.records import Purpose, Reason

UNANSWERED_MAX = 100_000
"""Requests at one site that are kept until their answer comes; of more, the oldest are no longer timed."""
SECOND_S = 1.0
ACTIVE = "active"
UNANSWERED_REASONS = frozenset({Reason.NO_ANSWER.value, Reason.LATE_ANSWER.value})
"""Why a terminal reverses what was answered too late, or not at all."""
NOTHING_COUNTED = facts.RequestsCounted(site="", arrived=0, served=0, in_vain=0, shed=0, inside=0, deepest=0)
"""What a site has to tell that counted nothing."""


class MostInASecond:
    """How many came in all, and within any one second."""

    def __init__(self) -> None:
        self.count = self.most = 0
        self._times: deque[float] = deque()

    def add(self, t: float) -> None:
        """One more."""
        self.count += 1
        times = self._times
        times.append(t)
        while times[0] <= t - SECOND_S:
            times.popleft()
        self.most = max(self.most, len(times))


class SiteLog:
    """What was seen of one site with a stated capacity."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.stated: facts.CapacityStated | None = None
        """The first: what the site could serve before anything happened to it."""
        self.counted: facts.RequestsCounted | None = None
        self.answers = Durations()
        self.requests = MostInASecond()
        self.sign_ons = MostInASecond()
        self.shed: dict[str, int] = {}
        """Reason to number."""
        self.longest_shed_s = 0.0
        self.impaired_t: float | None = None
        """When it began to serve less than it could, while it was the active one."""
        self.isolated_t: float | None = None
        """When it was not the active one any more."""
        self._unanswered: dict[tuple[str, int], float] = {}

    def got(self, fact: facts.MessageReceived) -> None:
        """A request came to the site. One that comes again is timed from then: the connection may have ended before."""
        self.requests.add(fact.t)
        self._unanswered[fact.terminal, fact.stan] = fact.t
        if len(self._unanswered) > UNANSWERED_MAX:
            del self._unanswered[next(iter(self._unanswered))]

    def answered(self, fact: facts.MessageSent) -> None:
        """The site answered a request."""
        came = self._unanswered.pop((fact.terminal, fact.stan), None)
        if came is not None:
            self.answers.add(fact.t - came)

    def shed_one(self, fact: facts.RequestShed) -> None:
        """The site did not serve a request. An answer that says so is no answer time."""
        self.shed[fact.because] = self.shed.get(fact.because, 0) + 1
        self.longest_shed_s = max(self.longest_shed_s, fact.waited_s)
        self._unanswered.pop((fact.terminal, fact.stan), None)


class SiteLoad(msgspec.Struct, frozen=True):
    """What one site could serve, and what came of it."""

    site: str
    rate_per_s: float
    servers: int
    queue_max: int
    requests: int
    most_per_s: int
    """Requests that came within any second."""
    sign_ons_per_s: int
    """Sign-ons likewise, but for the first one of each terminal."""
    answered: int
    p50_s: float | None
    p99_s: float | None
    longest_s: float
    """Answer times: from the arrival of a request to its answer."""
    waited_p50_s: float
    waited_p99_s: float
    """How long those that were served had waited for a server, as the site counted."""
    deepest: int
    in_vain: int
    """Requests that were served when their terminals had hung up."""
    shed: dict[str, int]
    longest_shed_s: float
    """How long one that was shed had waited."""
    impaired_t: float | None
    """When it began to serve less than it could, while it was the active one."""
    isolated_t: float | None
    """When it was not the active one any more after that."""

    @property
    def isolate_s(self) -> float | None:
        """How long an impaired site stayed the active one; infinity for ever, and None if it was not impaired."""
        if self.impaired_t is None:
            return None
        return inf if self.isolated_t is None else self.isolated_t - self.impaired_t

    @property
    def sheds(self) -> int:
        """Requests that were not served."""
        return sum(self.shed.values())


class Load(msgspec.Struct, frozen=True):
    """All sites with a stated capacity, and what came of late answers."""

    sites: tuple[SiteLoad, ...]
    reversals: int
    """Of requests whose answer came late or not at all."""


class Loads:
    """The logs of all sites with a stated capacity, by name; empty if there are none."""

    def __init__(self) -> None:
        self.sites: dict[str, SiteLog] = {}
        self._known: set[str] = set()
        """Terminals that have signed on: those that are switched on for the first time are no storm."""

    def states(self, fact: facts.CapacityStated) -> None:
        """A site states its capacity."""
        log = self._log(fact.site)
        was = log.stated
        log.stated = was or fact
        if was is None or log.impaired_t is not None or fact.role != ACTIVE:
            return
        if fact.rate_per_s < was.rate_per_s or fact.answers < was.answers:
            log.impaired_t = fact.t

    def changes_role(self, fact: facts.SiteRoleChanged) -> None:
        """A site is active or not, from now on."""
        log = self.sites.get(fact.site)
        if log is not None and log.impaired_t is not None and log.isolated_t is None and fact.role != ACTIVE:
            log.isolated_t = fact.t

    def shed(self, fact: facts.RequestShed) -> None:
        """A site did not serve a request."""
        self._log(fact.site).shed_one(fact)

    def counted(self, fact: facts.RequestsCounted) -> None:
        """A site says what came of all requests."""
        self._log(fact.site).counted = fact

    def sent(self, fact: facts.MessageSent) -> None:
        """A site answered."""
        log = self.sites.get(fact.actor)
        if log is not None:
            log.answered(fact)

    def received(self, fact: facts.MessageReceived) -> None:
        """A site got a request."""
        log = self.sites.get(fact.actor)
        if log is not None:
            log.got(fact)
            if fact.purpose == Purpose.SIGN_ON:
                if fact.terminal in self._known:
                    log.sign_ons.add(fact.t)
                self._known.add(fact.terminal)

    def _log(self, site: str) -> SiteLog:
        log = self.sites.get(site)
        if log is None:
            log = self.sites[site] = SiteLog(site)
        return log


def load_of(loads: Loads, cases: Iterable[Case]) -> Load | None:
    """The figures of all sites; None if no capacity was stated."""
    sites = tuple(_site_load(log, log.stated) for log in loads.sites.values() if log.stated)
    if not sites:
        return None
    reversals = sum(
        advice.purpose == REVERSAL and advice.reason in UNANSWERED_REASONS for case in cases for advice in case.advices
    )
    return Load(sites, reversals)


def _site_load(log: SiteLog, stated: facts.CapacityStated) -> SiteLoad:
    counted = log.counted if log.counted is not None else NOTHING_COUNTED
    return SiteLoad(
        site=log.site,
        rate_per_s=stated.rate_per_s,
        servers=stated.servers,
        queue_max=stated.queue_max,
        requests=log.requests.count,
        most_per_s=log.requests.most,
        sign_ons_per_s=log.sign_ons.most,
        answered=log.answers.count,
        p50_s=log.answers.share_s(0.5),
        p99_s=log.answers.share_s(0.99),
        longest_s=log.answers.longest_s,
        waited_p50_s=counted.waited_p50_s,
        waited_p99_s=counted.waited_p99_s,
        deepest=counted.deepest,
        in_vain=counted.in_vain,
        shed=dict(sorted(log.shed.items())),
        longest_shed_s=log.longest_shed_s,
        impaired_t=log.impaired_t,
        isolated_t=log.isolated_t,
    )


def judged_load(load: Load, budgets: CapacityBudgets) -> tuple[list[str], list[Finding]]:
    """What a drill sets limits for, in words with figures, and what is beyond them."""
    says: list[str] = []
    findings: list[Finding] = []

    def judge(where: str, what: str, seen: float, most: float | None, unit: str = "") -> None:
        if most is not None:
            text = f"{where}{what} {seen:.3f}{unit}" if unit else f"{where}{what} {seen:,.0f}"
            says.append(f"{text} ({most:g}{unit} allowed)")
            if seen > most:
                findings.append(Finding("", f"{text}, {most:g}{unit} allowed"))

    for site in load.sites:
        where = f"site {site.site}: "
        judge(where, "p99 of answers", site.p99_s or 0.0, budgets.p99_answer_s, " s")
        judge(where, "requests shed", site.sheds, budgets.sheds_max)
        judge(where, "requests served in vain", site.in_vain, budgets.in_vain_max)
        judge(where, "requests waiting", site.deepest, budgets.waiting_max)
        judge(where, "sign-ons in a second", site.sign_ons_per_s, budgets.sign_ons_per_s_max)
        if site.isolate_s is not None:
            judge(where, "on duty after it was impaired", site.isolate_s, budgets.isolate_s, " s")
    judge("", "reversals for want of an answer", load.reversals, budgets.reversals_max)
    return says, findings
