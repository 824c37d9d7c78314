"""Lines, the faults upon them, and the sites behind them, as the facts tell them. Dry and bounded."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.cases import cash_of, is_cash
from atmbench.console.model_terminals import TERMINALS_MAX, Terminal
from atmbench.facts.lines import is_upon
from atmbench.faults.all import RECORD_KINDS
from atmbench.releases.records import BASE

FAULTS_MAX = 1_000
SITES_MAX = 100
UNREPLICATED_MAX = 20_000
"""Entries that one site has made and the others are not known to have."""

ACTIVE, STANDBY, DOWN, ISOLATED = "active", "standby", "down", "isolated"
"""Roles of sites. At the start the site of the preferred line is active; only changes are told."""


class Fault(msgspec.Struct):
    """A fault that applies now."""

    name: str
    kind: str
    detail: dict[str, Any]
    started_t: float
    touched: int = 0

    def meets(self, line: str, site: str, carrier: str) -> bool:
        """Whether it may strike a line."""
        return is_upon(self.detail, line, site, carrier)

    @property
    def says(self) -> str:
        """Kind and aim in words: "delay 2 s, replies, x210"."""
        return ", ".join(str(each) for each in (self.kind.replace("_", " "), *_aim(self.detail)))


def _aim(detail: dict[str, Any]) -> list[str]:
    """What a fault is aimed at beside its line, and by how much: "direction reply", "delay_s 2"."""
    return [f"{name.replace('_', ' ')} {value}" for name, value in detail.items() if name not in ("line", "site")]


class Line(msgspec.Struct, frozen=True):
    """A line as it is shown."""

    name: str
    site: str
    up: int
    """Terminals with a connection."""
    active: int
    """Terminals that have chosen it."""
    faults: tuple[Fault, ...]


class Site(msgspec.Struct):
    """A site. Amounts are in minor units."""

    name: str
    role: str = "unknown"
    because: str = ""
    cash_minor: int = 0
    """Change of all cash accounts by its entries: what customers were given, less what they brought."""
    entries: int = 0
    reversals: int = 0
    tombstones: int = 0
    waiting: int = 0
    """Entries that are at another site and not here yet."""
    lag_s: float | None = None
    """How long the last entry of another site was on its way."""

    release: str = BASE
    """What it runs."""
    is_sick: bool = False
    """Whether a step has made it so."""
    business_day: str = ""
    """The one that it is in, YYMMDD; empty if none has ended."""
    clock_off_s: int = 0
    """How far its clock was set ahead since the start."""
    core_is_up: bool = True
    is_braked: bool = False

    @property
    def is_up(self) -> bool:
        """Whether it may answer."""
        return self.role != DOWN


class Lines:
    """Lines, faults and sites."""

    def __init__(self) -> None:
        self.sites: dict[str, Site] = {}
        self.faults: dict[str, Fault] = {}
        """Those that apply now, by name."""
        self.line_sites: dict[str, str] = {}
        """Line to site, in the order of preference."""
        self.carriers: dict[str, str] = {}
        self._seen: dict[str, dict[str, float]] = {}
        """Entry to the sites that have it and since when; dropped when all have it."""
        self.is_replication_paused = False
        self.terminal_releases: dict[str, str] = {}
        """Terminal to what it runs, of those that run something else than at the start."""
        self.replication_lag_s: float | None = None
        """As a step has set it; None if none has."""
        self.handlers: dict[type, Callable[[Any], None]] = {
            facts.RunStarted: self._run_started,
            facts.StepPerformed: self._step,
            facts.HealStarted: self._healed,
            facts.LedgerCounted: self._ledger_counted,
            facts.FaultStarted: self._fault_started,
            facts.FaultEnded: self._fault_ended,
            facts.FrameDisturbed: self._disturbed,
            facts.RecordDisturbed: self._disturbed,
            facts.SiteRoleChanged: self._role_changed,
            facts.EntryPosted: self._posted,
            facts.BalanceOverwritten: self._overwritten,
            facts.EntryLost: self._lost,
            facts.TombstoneLaid: self._tombstone,
            facts.ReleaseDeployed: self._release_changed,
            facts.ReleaseRolledBack: self._release_changed,
            facts.BusinessDayBegan: self._day_began,
            facts.ClockStepped: self._clock_stepped,
            facts.CoreChanged: self._core_changed,
            facts.BrakeChanged: self._brake_changed,
        }

    def lines(self, terminals: Iterable[Terminal]) -> list[Line]:
        """All lines with their terminals and faults."""
        up = dict.fromkeys(self.line_sites, 0)
        active = dict.fromkeys(self.line_sites, 0)
        for terminal in terminals:
            for name in terminal.lines_up:
                if name in up:
                    up[name] += 1
            if terminal.has_power and terminal.line in active:
                active[terminal.line] += 1
        return [Line(name, site, up[name], active[name], self.upon(name)) for name, site in self.line_sites.items()]

    def upon(self, line: str) -> tuple[Fault, ...]:
        """The faults that may strike a line."""
        site = self.line_sites.get(line, "")
        on_lines = (fault for fault in self.faults.values() if fault.kind not in RECORD_KINDS)
        return tuple(fault for fault in on_lines if fault.meets(line, site, self.carriers.get(line, "")))

    def site(self, name: str) -> Site:
        """A site by its name; a new one if nothing was known of it."""
        found = self.sites.get(name)
        if found is None:
            found = Site(name)
            if len(self.sites) < SITES_MAX:
                self.sites[name] = found
        return found

    def _run_started(self, fact: facts.RunStarted) -> None:
        self.line_sites = dict(fact.lines)
        self.carriers = dict(fact.carriers)
        for number, name in enumerate(dict.fromkeys(fact.lines.values())):
            site = self.site(name)
            if site.role == "unknown":
                site.role = STANDBY if number else ACTIVE

    def _step(self, fact: facts.StepPerformed) -> None:
        if fact.command == "replication":
            paused, lag_s = fact.detail.get("paused"), fact.detail.get("lag_s")
            self.is_replication_paused = self.is_replication_paused if paused is None else bool(paused)
            self.replication_lag_s = self.replication_lag_s if lag_s is None else float(lag_s)
        elif fact.command == "capacity":
            site = self.site(str(fact.detail.get("site", "")))
            site.is_sick = fact.detail.get("sick") is not None or (site.is_sick and not fact.detail.get("usual"))

    def _healed(self, fact: facts.HealStarted) -> None:
        self.is_replication_paused = False
        for site in self.sites.values():
            site.is_sick = False

    def _ledger_counted(self, fact: facts.LedgerCounted) -> None:
        self.site(fact.site)

    def _fault_started(self, fact: facts.FaultStarted) -> None:
        if len(self.faults) < FAULTS_MAX:
            self.faults[fact.name] = Fault(fact.name, fact.kind, fact.detail, fact.t)

    def _fault_ended(self, fact: facts.FaultEnded) -> None:
        self.faults.pop(fact.name, None)

    def _disturbed(self, fact: facts.FrameDisturbed | facts.RecordDisturbed) -> None:
        fault = self.faults.get(fact.name)
        if fault is not None:
            fault.touched += 1

    def _role_changed(self, fact: facts.SiteRoleChanged) -> None:
        site = self.site(fact.site)
        site.role, site.because = fact.role, fact.because

    def _overwritten(self, fact: facts.BalanceOverwritten) -> None:
        if is_cash(fact.account):
            self.site(fact.actor).cash_minor += fact.now_minor - fact.was_minor

    def _posted(self, fact: facts.EntryPosted) -> None:
        site = self.site(fact.actor)
        site.entries += 1
        site.reversals += fact.kind == "reversal"
        site.cash_minor += cash_of(fact.legs)
        self._replicated(fact, site)

    def _lost(self, fact: facts.EntryLost) -> None:
        site = self.site(fact.actor)
        site.entries -= 1
        site.cash_minor -= cash_of(fact.legs)

    def _replicated(self, fact: facts.EntryPosted, site: Site) -> None:
        """Follow an entry until all sites have it. Two sites may make the same one, each by itself."""
        seen = self._seen.get(fact.entry)
        if seen is None:
            if len(self.sites) > 1 and len(self._seen) < UNREPLICATED_MAX:
                self._seen[fact.entry] = {fact.actor: fact.t}
                for other in self.sites.values():
                    other.waiting += other is not site
            return
        if fact.actor in seen:
            return
        site.waiting -= 1
        site.lag_s = fact.t - min(seen.values())
        seen[fact.actor] = fact.t
        if len(seen) == len(self.sites):
            del self._seen[fact.entry]

    def _release_changed(self, fact: facts.ReleaseDeployed | facts.ReleaseRolledBack) -> None:
        if fact.side == "host":
            self.site(fact.actor).release = fact.release
            return
        self.terminal_releases.pop(fact.actor, None)
        if fact.release != BASE and len(self.terminal_releases) < TERMINALS_MAX:
            self.terminal_releases[fact.actor] = fact.release

    def _day_began(self, fact: facts.BusinessDayBegan) -> None:
        self.site(fact.actor).business_day = fact.day

    def _clock_stepped(self, fact: facts.ClockStepped) -> None:
        if fact.actor in self.sites:
            self.sites[fact.actor].clock_off_s += fact.by_s

    def _core_changed(self, fact: facts.CoreChanged) -> None:
        self.site(fact.site).core_is_up = fact.up

    def _brake_changed(self, fact: facts.BrakeChanged) -> None:
        self.site(fact.site).is_braked = fact.on

    def _tombstone(self, fact: facts.TombstoneLaid) -> None:
        self.site(fact.actor).tombstones += 1
