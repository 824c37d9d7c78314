"""Which site is active: by order, after silence, fenced by an epoch or not, and what two that both are do in the end.

An order, and a stepping down, reach a site only if signs of life do. So two sites may both be active when they do not
hear each other: a split brain. With fencing, whoever is to be active asks a witness outside of both sites first, who
gives it the next epoch: by order always, after silence only if the witness hears nothing of the active site either. The
site that has the epoch before hears of it with its next heartbeat to the witness and stands by; the new one begins when
that is over, so that never two are active. This module must never look at money.
"""

from collections.abc import Iterator, Mapping, Set

import msgspec

from atmbench.errors import LocalError
from atmbench.facts import PromotionRefused, SiteRoleChanged
from atmbench.host.defects import replication as planted
from atmbench.host.effects import HostEffect, Record
from atmbench.host.replication import TICK_S, Replication, last_heartbeat
from atmbench.host.roles import Role
from atmbench.host.settings import Fencing, HostSettings
from atmbench.host.site import Site


class _Coming(msgspec.Struct, frozen=True):
    """A site that becomes active when those before it have heard of its epoch."""

    at: float
    site: Site
    because: str


class Succession:
    """Gives the sites their roles."""

    def __init__(
        self,
        settings: HostSettings,
        sites: Mapping[str, Site],
        replication: Replication,
        defects: Set[str] = frozenset(),
    ) -> None:
        self._settings = settings
        self._defects = defects
        self._sites = sites
        self._replication = replication
        self._last_active = sites[settings.sites[0]]
        self._last_active.become(Role.ACTIVE)
        self._epochs = dict.fromkeys(sites, 0)
        self._epochs[self._last_active.name] = 1
        self._silent_since: dict[str, float] = {}
        """Standby to when it last heard of an active site; a site that hears of one now is not in it."""
        self._tried_at: dict[str, float] = {}
        """Standby to when it last tried to take over: it waits for as much silence again."""
        self._coming: _Coming | None = None
        self._took_over_at: float | None = None
        """When a site last became active after silence, for the hold-down."""

    @property
    def deadline(self) -> float | None:
        """When `on_time` must next be called."""
        promotion_at = self._promotion_at()
        if self._coming is not None:
            return self._coming.at if promotion_at is None else min(self._coming.at, promotion_at)
        return promotion_at

    def on_time(self, now: float) -> Iterator[HostEffect]:
        """Time has come: a fenced site stands by and its successor begins, or a standby takes over after silence."""
        coming = self._coming
        if coming is not None and coming.at <= now + TICK_S:
            self._coming = None
            yield from self._replace(coming.site, coming.because, now, everywhere=True)
        promotion_at = self._promotion_at()
        if promotion_at is not None and promotion_at <= now + TICK_S:
            site = self._sites[min(self._silent_since, key=self._waits_since)]
            self._tried_at[site.name] = now
            because = f"heard nothing of an active site for {self._settings.promote_after_silence_s:g} s"
            yield from self._after_silence(site, now, because)

    def promote(self, site: Site, now: float, because: str) -> Iterator[HostEffect]:
        """Make a site the active one, if it may be. An active site that hears of it stands by.

        Raises LocalError if the site is down or isolated.
        """
        if site.role is Role.DOWN:
            raise LocalError(f"site {site.name} is down and cannot be promoted; start it first")
        if site.role is Role.ISOLATED:
            raise LocalError(f"site {site.name} is isolated and cannot be promoted; put it back into service first")
        if site.role is not Role.ACTIVE or any(self._others_active(site)):
            yield from self._try(site, now, because)

    def take_out(self, site: Site, role: Role, because: str, now: float) -> Iterator[HostEffect]:
        """A site is no longer one of the sites: it is dark, or an operator keeps it apart."""
        if site.role in (Role.DOWN, role):
            return
        self._replication.set_running(site.name, False, now)
        yield self._give_role(site, role, because)
        self.look_around(now)

    def bring_back(self, site: Site, role: Role, because: str, now: float) -> Iterator[HostEffect]:
        """A site that had this role is one of the sites again.

        It stands by if another is active, else it is what it was.
        """
        if site.role is not role:
            return
        is_alone = all(other.role is not Role.STANDBY for other in self._sites.values())
        self._replication.set_running(site.name, True, now)
        active = next(self._others_active(site), None)
        if active is not None:
            yield self._give_role(site, Role.STANDBY, f"{because}; site {active.name} is active")
        elif site is self._last_active:
            yield self._give_role(site, Role.ACTIVE, f"{because}; no other site has taken over")
        else:
            yield self._give_role(site, Role.STANDBY, f"{because}; waits for an active site")
            if is_alone:
                self._silent_since[site.name] = now
        self.look_around(now)

    def ways_changed(self, now: float) -> Iterator[HostEffect]:
        """Sites may hear of each other again, or no longer. Of two active ones that do, the later epoch goes on."""
        active = [site for site in self._sites.values() if site.role is Role.ACTIVE]
        latest = max(active, key=lambda site: self._epochs[site.name], default=None)
        for site in active:
            if latest is not None and site is not latest and self._replication.hears(site.name, latest.name):
                because = f"it hears of site {latest.name} again, which became active later"
                yield self._give_role(site, Role.STANDBY, because)
        self.look_around(now)

    def look_around(self, now: float) -> None:
        """Note which standbys hear of an active site, and since when others do not."""
        for name, site in self._sites.items():
            hears = any(self._replication.hears(name, other.name) for other in self._others_active(site))
            if site.role is not Role.STANDBY or hears:
                self._silent_since.pop(name, None)
                self._tried_at.pop(name, None)
            else:
                self._silent_since.setdefault(name, last_heartbeat(now, self._settings.heartbeat_s))

    # --- becoming active --------------------------------------------------------------------------

    def _after_silence(self, site: Site, now: float, because: str) -> Iterator[HostEffect]:
        alive = next(self._others_active(site), None)
        if self._settings.fencing is Fencing.EPOCH and alive is not None:
            refused = f"the witness hears of site {alive.name}, which is active"
            yield Record(site.name, PromotionRefused(site=site.name, behind=0, because=refused))
            return
        held_down = self._held_down(now)
        if held_down:
            yield Record(site.name, PromotionRefused(site=site.name, behind=0, because=held_down))
            return
        yield from self._try(site, now, because)
        if site.role is Role.ACTIVE or self._coming is not None:
            self._took_over_at = now

    def _held_down(self, now: float) -> str:
        """Why no site may take over after silence yet; empty if one may."""
        hold_down_s, before = self._settings.hold_down_s, self._took_over_at
        if hold_down_s is None or before is None or now - before >= hold_down_s - TICK_S:
            return ""
        return f"a site took over {now - before:.3f} s ago, and {hold_down_s:g} s must pass before one does again"

    def _try(self, site: Site, now: float, because: str) -> Iterator[HostEffect]:
        most, behind = self._settings.promotion_behind_max, self._behind(site, now)
        if most is not None and behind > most and planted.PROMOTE_BEHIND not in self._defects:
            refused = f"it knows of {behind} records that it has not applied, and {most} are allowed"
            yield Record(site.name, PromotionRefused(site=site.name, behind=behind, because=refused))
            return
        deaf = [other for other in self._others_active(site) if not self._replication.hears(other.name, site.name)]
        if self._settings.fencing is Fencing.EPOCH and deaf:
            heartbeat_s = self._settings.heartbeat_s
            at = last_heartbeat(now, heartbeat_s) + heartbeat_s
            self._coming = _Coming(at, site, because)
            return
        yield from self._replace(site, because, now, everywhere=False)

    def _replace(self, site: Site, because: str, now: float, *, everywhere: bool) -> Iterator[HostEffect]:
        """A site becomes active; others that hear of it, or all if the witness tells them, stand by."""
        if site.role in (Role.DOWN, Role.ISOLATED):
            return
        self._epochs[site.name] = max(self._epochs.values()) + 1
        for other in list(self._others_active(site)):
            if planted.PROMOTE_WITHOUT_STANDING_DOWN in self._defects:
                continue
            if everywhere:
                fenced = f"fenced: the witness has given epoch {self._epochs[site.name]} to site {site.name}"
                yield self._give_role(other, Role.STANDBY, fenced)
            elif self._replication.hears(other.name, site.name):
                yield self._give_role(other, Role.STANDBY, f"site {site.name} was promoted {because}")
        if site.role is not Role.ACTIVE:
            if self._replication.has_for(site.name) and planted.DROP_ON_PROMOTION in self._defects:
                self._replication.drop_for(site.name)
            yield self._give_role(site, Role.ACTIVE, because)
        self.look_around(now)

    def _behind(self, site: Site, now: float) -> int:
        """Records that a site knows of by the last heartbeat that it heard, and has not applied."""
        heard = self._silent_since.get(site.name, last_heartbeat(now, self._settings.heartbeat_s))
        return self._replication.behind(site.name, heard)

    def _promotion_at(self) -> float | None:
        after_s = self._settings.promote_after_silence_s
        if after_s is None or not self._silent_since:
            return None
        return min(map(self._waits_since, self._silent_since)) + after_s

    def _waits_since(self, site: str) -> float:
        return max(self._silent_since[site], self._tried_at.get(site, 0.0))

    def _others_active(self, site: Site) -> Iterator[Site]:
        return (other for other in self._sites.values() if other is not site and other.role is Role.ACTIVE)

    def _give_role(self, site: Site, role: Role, because: str) -> HostEffect:
        site.become(role)
        if role is Role.ACTIVE:
            self._last_active = site
        return Record(site.name, SiteRoleChanged(site=site.name, role=role, because=because))
