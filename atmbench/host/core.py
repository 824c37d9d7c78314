"""The host: its sites, what they tell each other, and which of them is active.

Values in, values out: time is an argument, the next deadline an attribute. The host must never know a line, a message
field or a clock.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from functools import partial
from random import Random

import msgspec

from atmbench.errors import LocalError
from atmbench.facts import SiteRebuilt
from atmbench.host.alarms import NO_ALARMS, SiteAlarms
from atmbench.host.authorizer import Authorizer
from atmbench.host.book import Book, new_books
from atmbench.host.brake import SiteBrake
from atmbench.host.capacity_settings import SiteCapacity
from atmbench.host.confirmations import Confirmations
from atmbench.host.cores import Cores, Words
from atmbench.host.counting import count_ledgers
from atmbench.host.cut_over import CutOver
from atmbench.host.defects import check_defects, replication
from atmbench.host.effects import ForgetRequest, HostEffect, Record, SendReply
from atmbench.host.journal import Posted, Reversed, altered
from atmbench.host.misposts import posted_besides
from atmbench.host.postings import Postings
from atmbench.host.reconciliation import demand_readable, reconcile
from atmbench.host.replication import Arrival, Replication, Strike
from atmbench.host.reread import reread
from atmbench.host.roles import Role
from atmbench.host.security_module import SecurityModule
from atmbench.host.settings import Account, Card, Confirms, HostSettings, Replicates, check_settings
from atmbench.host.site import Site
from atmbench.host.site_keys import SiteKeys
from atmbench.host.software import SiteSoftware
from atmbench.host.stations import Stations
from atmbench.host.succession import Succession
from atmbench.host.vault import Closed, EmbeddedVault, Opened, Vault
from atmbench.messages.records import Request
from atmbench.messages.wall_clock import WallClock


class Host:
    """All sites of the switch.

    `module` is needed if any card has a PIN or a chip, and where terminals ask for keys. `clock_of` gives the wall
    clock of a site; without it, expiry is judged only where requests carry a year, and DE7 never. `strike` says
    what faults do to records between the sites, and `seed` makes their lags. With `tells_balances` each balance that a
    site tells becomes a fact. `rng_of` gives a source of chance for a site, and is needed if the sites have a capacity.
    `vault` is where records are kept; without one they are in the books of the sites alone. `words` is how advices to
    the cores are called. `first_day` (YYMMDD) is the business day at first, for hosts whose days end.
    Raises LocalError if settings, cards, accounts or defects do not fit together.
    """

    def __init__(
        self,
        settings: HostSettings,
        cards: Sequence[Card],
        accounts: Sequence[Account],
        currency: str,
        *,
        defects: Set[str] = frozenset(),
        module: SecurityModule | None = None,
        clock_of: Callable[[str], WallClock] | None = None,
        strike: Strike | None = None,
        seed: str = "",
        tells_balances: bool = False,
        rng_of: Callable[[str], Random] | None = None,
        vault: Vault | None = None,
        words: Words | None = None,
        first_day: str = "",
    ) -> None:
        check_settings(settings)
        check_defects(defects)
        self._defects = defects
        self.keys = SiteKeys(module, settings.sites)
        """What the sites know of the keys of terminals."""
        self.replication = Replication(
            settings.sites,
            settings.replication_lag_s,
            lag_tail=settings.replication_lag_tail,
            seed=seed,
            strike=strike,
        )
        """What the sites tell each other. Others may only look."""
        books = new_books(settings, accounts, defects)
        with_balances = settings.replicates is Replicates.BALANCES
        self._vault: Vault = vault or EmbeddedVault(self.replication, books, tells_balances=with_balances)
        lets_wait = vault is not None or settings.confirms is Confirms.WHEN_REPLICATED
        self._confirmations = Confirmations(self._vault, settings.confirms_after_s, defects) if lets_wait else None
        self._cards = {card.pan: card for card in cards}
        self._clocks = {name: clock_of(name) for name in settings.sites} if clock_of is not None else {}
        self._make_authorizer = partial(Authorizer, currency=currency, module=module, defects=defects)
        self._sites: dict[str, Site] = {}
        for name, book in books.items():
            clock = self._clocks.get(name)
            authorizer = self._make_authorizer(settings, self._cards, book, clock=clock)
            self._sites[name] = Site(
                name,
                settings,
                book,
                authorizer,
                defects=defects,
                vault=self._vault,
                brake=SiteBrake(name, settings.brake, currency, defects),
                module=module,
                tells_balances=tells_balances,
                clock=clock,
                first_day=first_day,
            )
        self.days = CutOver(self._sites, first_day, defects)
        """Business days, and the order that ends one."""
        capacity = settings.capacity
        stations = Stations(capacity, self._sites, rng_of, decide=self._decide) if capacity is not None else None
        self._stations = stations
        """Where requests wait; None if all are answered at once."""
        processes = {name: book.posting for name, book in books.items() if book.posting is not None}
        self.postings = Postings(settings.batch, processes, lambda site: self._sites[site].role is Role.DOWN)
        """Who moves the money, where that is done in batches."""
        self._succession = Succession(settings, self._sites, self.replication, defects)
        self._alarms = SiteAlarms(settings.alarms or NO_ALARMS, self._sites, defects)
        self._cores = Cores(settings, self._sites, words or {}, defects)

    @property
    def deadline(self) -> float | None:
        """When `on_time` must next be called."""
        clocks = (self.replication, self._succession, self._alarms, self.postings, self._cores)
        deadlines = [each.deadline for each in clocks]
        if self._confirmations is not None:
            deadlines.append(self._confirmations.deadline)
        if self._stations is not None:
            deadlines += [self._stations.deadline, self._stations.fence_at]
        return min((each for each in deadlines if each is not None), default=None)

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of all sites."""
        return tuple(self._sites)

    def role(self, site: str) -> str:
        """What a site is now: "active", "standby", "down" or "isolated"."""
        return self._site(site).role

    def risk(self, site: str) -> tuple[bool, bool]:
        """Whether the core of a site is there, and whether a brake stops its withdrawals."""
        chosen = self._site(site)
        return chosen.book.unheard.core_is_up, chosen.brake.is_on

    @property
    def lets_wait(self) -> bool:
        """Whether an answer may have to wait. Then each request needs a ticket."""
        return self._confirmations is not None or self._stations is not None

    def on_request(
        self, site: str, request: Request, now: float, connection: Hashable, ticket: int | None = None
    ) -> list[HostEffect]:
        """A message of a terminal has come to a site.

        `connection` is any name for what it came over, the same until `on_hung_up`: a sign-on counts there only.
        Where answers may wait (`lets_wait`), the one to this request comes later from `on_time` with its ticket; or
        ForgetRequest does, if none will come.
        """
        effects = self._deliver(now)
        self._alarms.heard(site, now)
        if self._stations is not None:
            return effects + self._stations.arrive(self._site(site), request, now, connection, ticket)
        effects += self._alarms.watch(site, self._site(site).on_request(request, now, connection), now)
        return effects if ticket is None else self._with_ticket(site, effects, ticket, now)

    def on_hung_up(self, site: str, connection: Hashable) -> None:
        """A connection of a site has ended: who comes again must sign on again."""
        if self._stations is None or self._stations.hang_up(site, connection):
            self._site(site).on_hung_up(connection)

    def on_time(self, now: float) -> list[HostEffect]:
        """Time has come: records arrive, answers that waited for that leave, services end, a standby takes over."""
        effects = self._deliver(now)
        if self._stations is not None:
            effects += self._stations.advance(now)
            effects += self._fence(self._stations, now)
        effects += self.postings.on_time(now)
        effects += self._with_emptied(self._succession.on_time(now), now)
        effects += self._alarms.on_time(now)
        for name in self._alarms.leave():
            effects += self._take_out(name, Role.ISOLATED, "its own alarm", now)
        effects += self._cores.on_time(now)
        return effects

    def promote(self, site: str, now: float, because: str) -> list[HostEffect]:
        """Make a site the active one; an active site that hears of it steps down, and refuses all that wait there.

        Raises LocalError if there is no such site, or if it is down or isolated.
        """
        chosen = self._site(site)
        effects = self._deliver(now)
        effects += self._with_emptied(self._succession.promote(chosen, now, because), now)
        if self._stations is not None:
            self._stations.fenced.discard(site)
        return effects

    def stop(self, site: str, now: float) -> list[HostEffect]:
        """A site goes dark, with all that it has not told the others yet."""
        return self._take_out(site, Role.DOWN, "stopped", now)

    def start(self, site: str, now: float, *, rebuilt: bool = False) -> list[HostEffect]:
        """A dark site comes back. It stands by if another is active, else it is what it was.

        With `rebuilt` it has lost its book and has that of an active site. Raises LocalError if there is none.
        """
        started = self._site(site)
        effects = self._deliver(now)
        if rebuilt and started.role is Role.DOWN:
            effects.append(self._rebuild(started))
        effects += self._alarms.noted(self._succession.bring_back(started, Role.DOWN, "started", now), now)
        effects += self.days.catch_up(started, now)
        effects += self._deliver(now)
        return effects

    def isolate(self, site: str, now: float) -> list[HostEffect]:
        """An operator keeps a site apart from terminals and from the other sites. Raises LocalError if it is down."""
        if self._site(site).role is Role.DOWN:
            raise LocalError(f"site {site} is down and need not be isolated; start it first")
        return self._take_out(site, Role.ISOLATED, "isolated by order", now)

    def rejoin(self, site: str, now: float) -> list[HostEffect]:
        """An isolated site is one of the sites again, as one that was dark."""
        effects = self._deliver(now)
        back = self._succession.bring_back(self._site(site), Role.ISOLATED, "back in service", now)
        return [*effects, *self._alarms.noted(back, now), *self.days.catch_up(self._site(site), now)]

    def set_ways(self, state: Callable[[str, str], str], now: float) -> list[HostEffect]:
        """Faults have changed the ways between the sites.

        `state` says of a sender and a receiver how their way is now: open (""), "blocked", or "unread" if the receiver
        takes records without applying them.
        """
        effects = self._deliver(now)
        self.replication.set_ways(state, now)
        self._vault.set_ways(state)
        effects += self._deliver(now)
        effects += self._with_emptied(self._succession.ways_changed(now), now)
        return effects

    def reconcile(self, repair: bool, now: float) -> list[HostEffect]:
        """Hold the books of all sites against each other; with `repair`, set right what differs.

        Raises LocalError if what a site has cannot be read now.
        """
        demand_readable(self._vault, self.sites)
        return [*self._deliver(now), *reconcile(self._books(), repair, self._vault, self._defects)]

    def _books(self) -> list[Book]:
        return [site.book for site in self._sites.values()]

    def _take_out(self, name: str, role: Role, because: str, now: float) -> list[HostEffect]:
        site = self._site(name)
        effects = self._deliver(now)
        effects += self._with_emptied(self._succession.take_out(site, role, because, now), now)
        if self._confirmations is not None:
            effects += self._confirmations.drop(name)
            effects += self._confirmations.ready(now)
        return effects

    def install(self, site: str, software: SiteSoftware) -> None:
        """A site decides by another release from now on. Raises LocalError if there is no such site."""
        chosen, lacks = self._site(site), software.lacks_bins
        cards = {pan: card for pan, card in self._cards.items() if not lacks or not pan.startswith(lacks)}
        clock, ignores = self._clocks.get(site), software.ignores_balances
        chosen.run(
            software,
            self._make_authorizer(software.settings, cards, chosen.book, clock=clock, ignores_balances=ignores),
        )

    def set_replication(self, paused: bool | None, lag_s: float | None, now: float) -> list[HostEffect]:
        """Pause or resume the records between the sites, or change their lag; None leaves a setting alone."""
        effects = self._deliver(now)
        self.replication.set(paused, lag_s, now)
        self._vault.set_stream(paused, lag_s)
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

    def set_core(self, site: str, up: bool, now: float) -> list[HostEffect]:
        """The core of a site, which keeps its accounts, goes away or comes back; its switch goes on.

        Raises LocalError if there is no such site.
        """
        return [*self._deliver(now), *self._cores.set_up(self._site(site).name, up, now)]

    def set_brake(self, site: str, on: bool, because: str) -> list[HostEffect]:
        """An operator stops withdrawals at a site, or lets them go on. Raises LocalError if there is no such site."""
        return [Record(site, fact) for fact in self._site(site).brake.order(on, because)]

    def count(self, when: str) -> list[HostEffect]:
        """All balances of all sites, and what came of requests that had to wait. `when` is "start" or "end"."""
        of_stations = self._stations.count(when) if self._stations is not None else []
        return of_stations + list(count_ledgers(self._sites, self._vault, when))

    def pending(self) -> tuple[str, ...]:
        """What has not reached every site yet, in words."""
        waiting = self._stations.pending() if self._stations is not None else ()
        return self._vault.pending() + waiting + self.postings.pending() + self._cores.pending()

    def _with_emptied(self, effects: Iterable[HostEffect], now: float) -> list[HostEffect]:
        """Sites that are no longer active let go of all that wait there."""
        noted = self._alarms.noted(effects, now)
        return list(noted) if self._stations is None else self._stations.with_emptied(noted, now)

    def _fence(self, stations: Stations, now: float) -> list[HostEffect]:
        """A site at which somebody has waited too long is to be off duty: tried once, until it is ordered back."""
        sick, successor = stations.to_be_fenced(now), stations.successor()
        if sick is None or successor is None:
            return []
        stations.fenced.add(sick)
        because = f"because somebody has waited too long at site {sick}"
        return self._with_emptied(self._succession.promote(self._site(successor), now, because), now)

    def _decide(self, site: Site, request: Request, now: float, connection: Hashable, ticket: int) -> list[HostEffect]:
        """What a site makes of a request whose turn has come."""
        effects = self._alarms.watch(site.name, site.on_request(request, now, connection), now)
        return self._with_ticket(site.name, effects, ticket, now)

    def _with_ticket(self, site: str, effects: Iterable[HostEffect], ticket: int, now: float) -> list[HostEffect]:
        """The effects of a request whose answer may wait."""
        found: list[HostEffect] = [
            msgspec.structs.replace(each, ticket=ticket) if isinstance(each, SendReply) else each for each in effects
        ]
        if not any(isinstance(each, SendReply) for each in found):
            found.append(ForgetRequest(ticket))
        return found if self._confirmations is None else self._confirmations.hold_back(site, found, now)

    def _rebuild(self, site: Site) -> HostEffect:
        like = next((other for other in self._sites.values() if other.role is Role.ACTIVE), None)
        if like is None:
            raise LocalError(f"site {site.name} cannot be rebuilt: no other site is active whose book it could take")
        site.book.become_like(like.book)
        self.replication.forget(site.name)
        self._vault.forget(site.name, like.name)
        return Record(site.name, SiteRebuilt(site=site.name, like=like.name))

    def _deliver(self, now: float) -> list[HostEffect]:
        """Let every record arrive that is due, and every answer leave that waited for it."""
        effects: list[HostEffect] = []
        while (news := self._vault.next_news(now)) is not None:
            effects += self._apply(news) if isinstance(news, Arrival) else self._hear(news, now)
        if self._confirmations is not None:
            effects += self._confirmations.ready(now)
        return effects

    def _apply(self, arrival: Arrival) -> list[HostEffect]:
        record = altered(arrival.record, arrival.by_minor) if arrival.by_minor else arrival.record
        book = self._sites[arrival.site].book
        if isinstance(record, Reversed) and replication.SKIP_REVERSAL_RECORDS in self._defects:
            return []
        besides = isinstance(record, Posted) and book.has_posted(record.key)
        facts = book.apply(record)
        if isinstance(record, Posted) and besides and replication.ADD_WHAT_IS_POSTED in self._defects:
            facts += book.apply(posted_besides(record, arrival.site))
        if arrival.balances:
            facts += book.overwrite(arrival.balances, record)
        self._vault.entered(arrival.site, record, facts)
        return [Record(arrival.site, fact) for fact in facts]

    def _hear(self, news: Opened | Closed, now: float) -> list[HostEffect]:
        """What a vault has to say that is no arrival: a site can work again, or can no longer."""
        site = self._sites[news.site]
        if isinstance(news, Opened):
            site.is_ready = news.active
            changed = reread(site.book, news.records) if news.records is not None else []
            return [Record(site.name, fact) for fact in changed]
        effects: list[HostEffect] = []
        if news.because:
            effects += self._with_emptied(self._succession.take_out(site, Role.DOWN, news.because, now), now)
        if self._confirmations is not None:
            effects += self._confirmations.drop(site.name)
        return effects

    def _site(self, name: str) -> Site:
        site = self._sites.get(name)
        if site is None:
            raise LocalError(f"there is no site {name!r}; this host has {', '.join(self._sites)}")
        return site
