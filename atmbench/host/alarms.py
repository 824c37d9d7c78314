"""What a host notices of itself and tells whoever watches it: a site that refuses everybody, or that nobody reaches.

A site that is active and cannot read its terminals' keys looks well from outside: its lines are up, and it answers. Its
terminals stay open, and every customer is sent away after his card was in. So refusals for keys are counted, and with
`stands_apart` the site leaves service by itself: its terminals close, which is plain. Source: iso8583 facts 7.2 (a
backup whose keys were old, and one whose route was wrong). This module must never decide on a request.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set

from atmbench.facts import SecurityRefused, SiteAlarmRaised, SiteRoleChanged
from atmbench.host.defects import watching as planted
from atmbench.host.effects import HostEffect, Record, SendReply
from atmbench.host.replication import TICK_S
from atmbench.host.roles import Role
from atmbench.host.settings import Alarms
from atmbench.host.site import Site
from atmbench.messages.records import SERVICES, Outcome

KEYS = frozenset({"mac", "pin_key"})
"""What is refused because both ends hold different keys."""
SECURITY = "security"
UNREACHED = "unreached"
NO_ALARMS = Alarms(key_refusals=None)
"""Of a host that notices nothing of itself."""


class SiteAlarms:
    """Counts what each active site refuses, and how long nobody has come to it. Each alarm is raised once."""

    def __init__(self, settings: Alarms, sites: Mapping[str, Site], defects: Set[str] = frozenset()) -> None:
        self._settings = settings
        self._defects = defects
        self._sites = sites
        self._refused: dict[str, deque[tuple[float, str]]] = {name: deque() for name in sites}
        """When, and whom, an active site refused since it last approved anybody."""
        self._heard_at: dict[str, float] = {name: 0.0 for name, site in sites.items() if site.role is Role.ACTIVE}
        """Active site to when it last heard of a terminal, or became active."""
        self._overlooked = dict.fromkeys(sites, 0)
        """Refusals that a planted defect has let pass."""
        self._raised: set[tuple[str, str]] = set()
        self._leaving: list[str] = []
        self._leaving_at = 0.0

    @property
    def deadline(self) -> float | None:
        """When `on_time` must next be called."""
        if self._leaving:
            return self._leaving_at
        after_s = self._settings.unreached_s
        if after_s is None:
            return None
        silent = (at for name, at in self._heard_at.items() if (name, UNREACHED) not in self._raised)
        return min((at + after_s for at in silent), default=None)

    def noted(self, effects: Iterable[HostEffect], now: float) -> Iterator[HostEffect]:
        """The same effects; a site that has another role with them is looked at anew."""
        for effect in effects:
            if isinstance(effect, Record) and isinstance(effect.fact, SiteRoleChanged):
                self._role_changed(effect.fact.site, effect.fact.role, now)
            yield effect

    def _role_changed(self, site: str, role: str, now: float) -> None:
        self._refused[site].clear()
        self._raised -= {(site, SECURITY), (site, UNREACHED)}
        if role == Role.ACTIVE:
            self._heard_at[site] = now
        else:
            self._heard_at.pop(site, None)

    def on_time(self, now: float) -> Iterator[HostEffect]:
        """Nobody has come to an active site for too long."""
        after_s = self._settings.unreached_s
        if after_s is None:
            return
        for name, at in self._heard_at.items():
            if (name, UNREACHED) not in self._raised and at + after_s <= now + TICK_S:
                self._raised.add((name, UNREACHED))
                if planted.NO_UNREACHED_ALARM not in self._defects:
                    yield self._alarm(
                        name, UNREACHED, f"it is active, and no terminal has reached it for {after_s:g} s"
                    )

    def heard(self, site: str, now: float) -> None:
        """A terminal has reached a site, whenever that will answer."""
        if site not in self._heard_at:
            return
        if self._settings.unreached_s is None or planted.ALARM_THOUGH_HEARD not in self._defects:
            self._heard_at[site] = now

    def watch(self, site: str, effects: Iterable[HostEffect], now: float) -> Iterable[HostEffect]:
        """What a site made of a request, with an alarm behind it if that is one refusal too many."""
        is_watched = self._settings is not NO_ALARMS and site in self._heard_at
        return self._watched(site, effects, now) if is_watched else effects

    def _watched(self, site: str, effects: Iterable[HostEffect], now: float) -> Iterator[HostEffect]:
        for effect in effects:
            yield effect
            if isinstance(effect, Record):
                if isinstance(effect.fact, SecurityRefused) and effect.fact.what in KEYS:
                    yield from self._refuse(site, effect.fact, now)
            elif isinstance(effect, SendReply) and _shows_good_keys(effect):
                self._refused[site].clear()
                self._overlooked[site] = 0

    def _refuse(self, site: str, fact: SecurityRefused, now: float) -> Iterator[HostEffect]:
        most, within_s = self._settings.key_refusals, self._settings.within_s
        if most is None:
            return
        refused = self._refused[site]
        refused.append((now, fact.terminal))
        while refused[0][0] < now - within_s or len(refused) > most:
            refused.popleft()
        terminals = len({terminal for _, terminal in refused})
        is_enough = len(refused) == most and terminals >= self._settings.key_terminals
        if is_enough and (site, SECURITY) not in self._raised:
            if planted.NO_KEY_ALARM in self._defects or self._overlooks(site, most):
                return
            self._raised.add((site, SECURITY))
            yield self._alarm(site, SECURITY, _said(fact.what, most, terminals, now - refused[0][0]))
            if self._settings.stands_apart:
                self._leaving.append(site)
                self._leaving_at = now

    def _overlooks(self, site: str, most: int) -> bool:
        """Whether a planted defect lets one more refusal pass, ten times as many as it may."""
        if planted.KEY_ALARM_TEN_TIMES not in self._defects:
            return False
        self._overlooked[site] += 1
        return self._overlooked[site] <= (planted.TEN_TIMES - 1) * most

    def _alarm(self, site: str, what: str, because: str) -> Record:
        named = site
        if len(self._sites) > 1 and planted.ALARM_FOR_OTHER_SITE in self._defects:
            named = next(other for other in self._sites if other != site)
        return Record(site, SiteAlarmRaised(site=named, what=what, because=because))

    def leave(self) -> list[str]:
        """Sites that raised an alarm for their keys and are to leave service by themselves; told once."""
        leaving, self._leaving = self._leaving, []
        return leaving


def _said(what: str, most: int, terminals: int, took_s: float) -> str:
    keys = "MAC keys" if what == "mac" else "PIN keys"
    whose = "1 terminal" if terminals == 1 else f"{terminals} terminals"
    refused = f"it refused {most} requests of {whose} for their {keys} within {took_s:.3f} s and approved none"
    return f"{refused}: its keys are not those of the terminals"


def _shows_good_keys(effect: SendReply) -> bool:
    """Whether a customer was approved: that an advice was taken shows nothing of PIN keys."""
    return effect.reply.outcome is Outcome.APPROVED and effect.reply.purpose in SERVICES
