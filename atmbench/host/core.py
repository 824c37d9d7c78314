"""The host: its sites, what they tell each other, and which of them is active.

Values in, values out: time is an argument, the next deadline an attribute. At every moment at most one
site is active, because an order to be active reaches all running sites at once and a site that comes
back stands by if another has taken over. The host must never know a line, a message field or a clock.
"""

from collections.abc import Callable, Hashable, Sequence
from math import inf
from random import Random

from atmbench.errors import LocalError
from atmbench.facts import LedgerCounted, SiteRoleChanged
from atmbench.host.authorizer import Authorizer
from atmbench.host.book import Book
from atmbench.host.capacity_settings import SiteCapacity
from atmbench.host.defects import check_defects
from atmbench.host.effects import ForgetRequest, HostEffect, Record, SendReply
from atmbench.host.replication import TICK_S, Replication, last_heartbeat
from atmbench.host.security_module import SecurityModule
from atmbench.host.settings import Account, Card, HostSettings
from atmbench.host.site import Role, Site
from atmbench.host.stations import Stations
from atmbench.messages.records import Request
from atmbench.security.mac import MacKey


class Host:
    """All sites of the switch.

    `module` is needed if any card has a PIN or a chip, and where terminals ask for keys. `clock_text`
    gives local date and time of a moment; without it, expiry is judged only where requests carry a year.
    `rng_of` gives a source of chance for a site, and is needed if the sites have a capacity.
    Raises LocalError if settings, cards, accounts or defects do not fit together.
    """

    def __init__(
        self,
        settings: HostSettings,
        cards: Sequence[Card],
        accounts: Sequence[Account],
        currency: str,
        *,
        defects: frozenset[str] = frozenset(),
        module: SecurityModule | None = None,
        clock_text: Callable[[float], str] | None = None,
        rng_of: Callable[[str], Random] | None = None,
    ) -> None:
        _check(settings)
        check_defects(defects)
        self._settings = settings
        self._module = module
        self.replication = Replication(settings.sites, settings.replication_lag_s)
        """What the sites tell each other. Others may only look."""
        cards_by_pan = {card.pan: card for card in cards}
        self._sites: dict[str, Site] = {}
        for name in settings.sites:
            book = Book(name, accounts, settings.answers_kept_max)
            authorizer = Authorizer(
                settings, cards_by_pan, book, currency, module=module, clock_text=clock_text, defects=defects
            )
            self._sites[name] = Site(
                name, settings, book, authorizer, defects=defects, send=self.replication.send, module=module
            )
        capacity = settings.capacity
        self._stations = Stations(capacity, self._sites, rng_of) if capacity is not None else None
        """Where requests wait; None if all are answered at once."""
        self._last_active = self._sites[settings.sites[0]]
        self._last_active.become(Role.ACTIVE)
        self._silent_since = 0.0
        """Last sign of life of an active site; it means something only while there is none."""

    @property
    def deadline(self) -> float | None:
        """When `on_time` must next be called."""
        arrival, promotion = self.replication.deadline, self._promotion_at()
        if self._stations is not None:
            dues = (arrival, promotion, self._stations.deadline, self._stations.fence_at())
            deadline = min(inf if due is None else due for due in dues)
            return None if deadline == inf else deadline
        if arrival is None or promotion is None:
            return promotion if arrival is None else arrival
        return min(arrival, promotion)

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of all sites."""
        return tuple(self._sites)

    def role(self, site: str) -> str:
        """What a site is now: "active", "standby" or "down"."""
        return self._site(site).role

    @property
    def lets_wait(self) -> bool:
        """Whether an answer may have to wait. Then each request needs a ticket."""
        return self._stations is not None

    def on_request(
        self, site: str, request: Request, now: float, connection: Hashable, ticket: int | None = None
    ) -> list[HostEffect]:
        """A message of a terminal has come to a site.

        `connection` is any name for what it came over, the same until `on_hung_up`: a sign-on counts there only.
        Where answers may wait (`lets_wait`), the one to this request comes later from `on_time` with its ticket; or
        ForgetRequest does, if none will come.
        """
        effects = self._deliver(now)
        if self._stations is not None:
            return effects + self._stations.arrive(self._site(site), request, now, connection, ticket)
        effects += self._site(site).on_request(request, now, connection)
        if ticket is not None and not any(isinstance(effect, SendReply) for effect in effects):
            effects.append(ForgetRequest(ticket))
        return effects

    def on_hung_up(self, site: str, connection: Hashable) -> None:
        """A connection of a site has ended: who comes again must sign on again."""
        if self._stations is None or self._stations.hang_up(site, connection):
            self._site(site).on_hung_up(connection)

    def on_time(self, now: float) -> list[HostEffect]:
        """Time has come for what was due: records arrive, services end, a standby takes over."""
        effects = self._deliver(now)
        if self._stations is not None:
            effects += self._stations.advance(now)
            effects += self._fence(self._stations, now)
        promotion_at = self._promotion_at()
        if promotion_at is not None and promotion_at <= now + TICK_S:
            site = next(site for site in self._sites.values() if site.role is Role.STANDBY)
            silence_s = self._settings.promote_after_silence_s
            effects.append(self._give_role(site, Role.ACTIVE, f"heard nothing of an active site for {silence_s:g} s"))
        return effects

    def promote(self, site: str, now: float, because: str) -> list[HostEffect]:
        """Make a site the active one; an active site that runs steps down, and refuses all that wait there.

        Raises LocalError if there is no such site, or if it is down.
        """
        chosen = self._site(site)
        if chosen.role is Role.DOWN:
            raise LocalError(f"site {site} is down and cannot be promoted; start it first")
        effects = self._deliver(now)
        if self._stations is not None:
            self._stations.fenced.discard(site)
        if chosen.role is Role.ACTIVE:
            return effects
        for other in self._sites.values():
            if other.role is Role.ACTIVE:
                effects.append(self._give_role(other, Role.STANDBY, f"site {site} was promoted {because}"))
                effects += self._empty(other, now)
        effects.append(self._give_role(chosen, Role.ACTIVE, because))
        return effects

    def stop(self, site: str, now: float) -> list[HostEffect]:
        """A site goes dark, with all that it has not told the others yet, and all that waits there."""
        stopped = self._site(site)
        effects = self._deliver(now)
        if stopped.role is Role.DOWN:
            return effects
        if stopped.role is Role.ACTIVE:
            self._silent_since = last_heartbeat(now, self._settings.heartbeat_s)
        self.replication.set_running(site, False, now)
        effects.append(self._give_role(stopped, Role.DOWN, "stopped"))
        return effects + self._empty(stopped, now)

    def start(self, site: str, now: float) -> list[HostEffect]:
        """A dark site comes back. It stands by if another is active, else it is what it was."""
        started = self._site(site)
        effects = self._deliver(now)
        if started.role is not Role.DOWN:
            return effects
        self.replication.set_running(site, True, now)
        active = self._active()
        if active is not None:
            effects.append(self._give_role(started, Role.STANDBY, f"started; site {active.name} is active"))
        elif started is self._last_active:
            effects.append(self._give_role(started, Role.ACTIVE, "started; no other site has taken over"))
        else:
            if all(other.role is Role.DOWN for other in self._sites.values()):
                self._silent_since = now
            effects.append(self._give_role(started, Role.STANDBY, "started; waits for an active site"))
        return effects

    def mac_keys(self, site: str, terminal: str, now: float) -> tuple[MacKey, ...]:
        """What a site checks and makes the MACs of a terminal's messages with; nothing before it asked for keys."""
        return () if self._module is None else self._module.mac_keys(site, terminal, now)

    def hold_old_keys(self, site: str) -> None:
        """A site has missed the last exchange of keys, and all that come. Raises LocalError if there are no keys."""
        if self._module is None:
            raise LocalError("this drill exchanges no keys that a site could miss; add `security:` to it")
        self._module.hold_old_keys(self._site(site).name)

    def share_keys(self, site: str) -> None:
        """A site knows all keys again, and hears of new ones."""
        if self._module is not None:
            self._module.share_keys(self._site(site).name)

    def set_replication(self, paused: bool | None, lag_s: float | None, now: float) -> list[HostEffect]:
        """Pause or resume the records between the sites, or change their lag; None leaves a setting alone."""
        effects = self._deliver(now)
        self.replication.set(paused, lag_s, now)
        return effects

    def set_capacity(self, site: str, change: SiteCapacity | None, now: float) -> list[HostEffect]:
        """A site serves otherwise from now on; None serves as it was set up to.

        Raises LocalError if there is no such site, or if this host answers all at once.
        """
        if self._stations is None:
            raise LocalError("this host answers all requests at once; add `capacity:` to `host:` of the drill")
        return self._deliver(now) + self._stations.change(self._site(site).name, change, now)

    def heal_capacity(self, now: float) -> list[HostEffect]:
        """All sites serve again as they were set up to."""
        return [] if self._stations is None else self._deliver(now) + self._stations.heal(now)

    def count(self, when: str) -> list[HostEffect]:
        """All balances of all sites, and what came of requests that had to wait. `when` is "start" or "end"."""
        of_stations = self._stations.count(when) if self._stations is not None else []
        return of_stations + [
            Record(
                name,
                LedgerCounted(
                    site=name,
                    when=when,
                    balances=site.book.ledger.count(),
                    holds=dict(site.book.ledger.holds),
                    unreplicated=self.replication.unsent(name),
                ),
            )
            for name, site in self._sites.items()
        ]

    def pending(self) -> tuple[str, ...]:
        """What has not reached every site yet, and who waits for an answer, in words."""
        unsent = tuple(
            f"{len(queue)} records of site {queue.sender} have not reached site {queue.receiver}"
            for queue in self.replication.queues
            if queue
        )
        return unsent if self._stations is None else unsent + self._stations.pending()

    def _deliver(self, now: float) -> list[HostEffect]:
        """Let every record arrive that is due."""
        effects: list[HostEffect] = []
        while (arrival := self.replication.next_arrival(now)) is not None:
            name, record = arrival
            for fact in self._sites[name].book.apply(record):
                effects.append(Record(name, fact))
        return effects

    def _empty(self, site: Site, now: float) -> list[HostEffect]:
        return [] if self._stations is None else self._stations.empty(site, now)

    def _fence(self, stations: Stations, now: float) -> list[HostEffect]:
        """A site at which somebody has waited too long is off duty until it is ordered back."""
        successor = stations.successor()
        if successor is None or stations.fence_at() > now + TICK_S:
            return []
        active = self._active()
        assert active is not None, "nobody is active, and somebody is to be stood down"
        effects = self.promote(successor, now, f"because somebody has waited too long at site {active.name}")
        stations.fenced.add(active.name)
        return effects

    def _promotion_at(self) -> float | None:
        after_s = self._settings.promote_after_silence_s
        if after_s is None or self._active() is not None:
            return None
        standing_by = any(site.role is Role.STANDBY for site in self._sites.values())
        return self._silent_since + after_s if standing_by else None

    def _active(self) -> Site | None:
        for site in self._sites.values():
            if site.role is Role.ACTIVE:
                return site
        return None

    def _site(self, name: str) -> Site:
        site = self._sites.get(name)
        if site is None:
            raise LocalError(f"there is no site {name!r}; this host has {', '.join(self._sites)}")
        return site

    def _give_role(self, site: Site, role: Role, because: str) -> HostEffect:
        site.become(role)
        if role is Role.ACTIVE:
            self._last_active = site
        return Record(site.name, SiteRoleChanged(site=site.name, role=role, because=because))


def _check(settings: HostSettings) -> None:
    sites = settings.sites
    if not sites or len(set(sites)) != len(sites):
        raise LocalError(f"host.sites is {list(sites)}; expected at least one name, and none twice")
    if settings.heartbeat_s <= 0:
        raise LocalError(f"host.heartbeat_s is {settings.heartbeat_s:g}; expected more than 0")
    if settings.replication_lag_s < 0:
        raise LocalError(f"host.replication_lag_s is {settings.replication_lag_s:g}; expected 0 or more")
    after_s = settings.promote_after_silence_s
    if after_s is not None and after_s <= settings.heartbeat_s:
        raise LocalError(
            f"host.promote_after_silence_s is {after_s:g}, no more than host.heartbeat_s ({settings.heartbeat_s:g}): "
            "a standby would take over from a site that is well; set it to several heartbeats"
        )
