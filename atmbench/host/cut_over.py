"""The end of a business day: which day each site is in, and what it tells of that.

A site is in the next day from one instant on. What it has posted before keeps its day for ever, and so does what undoes
it: the day stands in the record, and the other site enters it in that day whenever it hears of it. Source: iso8583
facts 7.1 (cut-over) and 7.2 (day change in flight).
"""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime, timedelta

from atmbench.errors import LocalError
from atmbench.facts import BusinessDayBegan, BusinessDayCounted
from atmbench.host.defects import days
from atmbench.host.effects import HostEffect, Record
from atmbench.host.roles import Role
from atmbench.host.site import Site
from atmbench.messages.moments import DAYS_AHEAD_MAX

_DAY = "%y%m%d"
_OUT = (Role.DOWN, Role.ISOLATED)


class CutOver:
    """The business days of all sites. `first_day` (YYMMDD) is the one that a run begins with."""

    def __init__(self, sites: Mapping[str, Site], first_day: str, defects: Set[str] = frozenset()) -> None:
        self._defects = defects
        self._sites = sites
        self._first_day = first_day

    def order(self, site: str, to: str, now: float) -> list[HostEffect]:
        """End the day of a site, or of all that run. `to` (YYMMDD) is the next day; empty is the one after.

        Raises LocalError if there is no such site or it does not run, or if the day is not after the one that it is in,
        or too far ahead.
        """
        if site and site not in self._sites:
            raise LocalError(f"there is no site {site!r}; this host has {', '.join(self._sites)}")
        chosen = [self._sites[site]] if site else [each for each in self._sites.values() if each.role not in _OUT]
        if not chosen or chosen[0].role in _OUT:
            lacks = f"site {site} does not run" if site else "no site runs"
            raise LocalError(f"{lacks}, so no business day ends there")
        if len(chosen) > 1 and days.END_DAY_AT_ONE_SITE in self._defects:
            chosen = [each for each in chosen if each.role is Role.ACTIVE] or chosen
        latest = max(self._day(each) for each in chosen)
        day = to or later_day(latest, 1)
        if day <= latest:
            raise LocalError(f"business day {day} was ordered while {latest} goes on; expected a later one")
        last = later_day(self._first_day, DAYS_AHEAD_MAX)
        if day > last:
            raise LocalError(f"business day {day} was ordered; expected none after {last}: no year travels with a day")
        return [effect for each in chosen for effect in self._begin(each, day, "by order", now)]

    def catch_up(self, site: Site, now: float) -> list[HostEffect]:
        """A site that comes back is in the day that the others are in."""
        days = [self._day(each) for each in self._sites.values() if each is not site and each.role not in _OUT]
        if site.role in _OUT or not days or max(days) <= self._day(site):
            return []
        return self._begin(site, max(days), "the other sites are in it", now)

    def count(self) -> Iterator[HostEffect]:
        """What each site has entered in each day; nothing if no day has ended."""
        if not any(site.book.day for site in self._sites.values()):
            return
        for name, site in self._sites.items():
            for day, counted in site.book.ledger.count_days().items():
                fact = BusinessDayCounted(
                    day=day or self._first_day, entries=counted.entries, reversals=counted.reversals, cash=counted.cash
                )
                yield Record(name, fact)

    def of(self, site: str) -> str:
        """The business day that a site is in, YYMMDD. Raises KeyError for no site."""
        return self._day(self._sites[site])

    def _day(self, site: Site) -> str:
        return site.book.day or self._first_day

    def _begin(self, site: Site, day: str, because: str, now: float) -> list[HostEffect]:
        fact = BusinessDayBegan(day=day, before=self._day(site), because=because)
        site.book.begin_day(day)
        return [Record(site.name, fact), *site.sessions.announce_to_all(day, now)]


def later_day(day: str, days: int) -> str:
    """The date so many days after this one, YYMMDD. Raises LocalError if it is no date."""
    try:
        return (datetime.strptime(day, _DAY) + timedelta(days=days)).strftime(_DAY)
    except ValueError:
        raise LocalError(f"a host in the business day {day!r} can begin no other; give it a first day") from None
