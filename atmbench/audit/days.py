"""Check `days`: each transaction is in one business day, the same at all sites and at its terminal, and days balance.

What undoes a posting is in the day of the posting, whenever it comes. What a terminal begins in one day is in no
earlier. For each day, what sites have posted over the cash of terminals is what they have counted themselves, and what
customers got by the devices of the terminals. Source: iso8583 facts 7.2 (day change in flight). The check stands among
the others once a business day has ended.
"""

from collections.abc import Iterator

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import DEPOSIT, WITHDRAWAL, Case, cash_of
from atmbench.audit.verdict import Finding, Verdict, count, judged, listed
from atmbench.facts import BusinessDayTaken
from atmbench.messages.moments import is_same_day

CHECK = "days"


class Days(msgspec.Struct):
    """What each witness has of each business day (YYMMDD): cash out of terminals less cash in, in minor units."""

    names: tuple[str, ...]
    by_site: dict[str, dict[str, int]]
    counted: dict[str, dict[str, int]]
    """As the sites count it themselves."""
    by_terminals: dict[str, int]
    """Without transactions that a person has to settle,"""
    at_sites: dict[str, dict[str, int]]
    """and sites without these too."""
    late: int = 0
    """Entries that a site made in a day that was over there."""


def is_used(book: Book) -> bool:
    """Whether this check belongs to a run."""
    return bool(book.site_log.days)


def check(book: Book) -> Verdict:
    """Judge the day of every transaction, and the totals of every day."""
    sites = book.sites()
    book.end()
    days, taken = _empty(book, sites), _taken(book)
    findings: list[Finding] = []
    for case in book.cases.values():
        if case.entries:
            says = [*_of_case(case, sites, days), *_of_terminal(case, sites, days), *_gone_back(case, days, taken)]
            findings += [Finding(case.key, each, (case.fact_first, case.fact_last)) for each in says]
            _add(case, sites, days)
    _add_counts(book, days)
    days.late = sum(_late_entries(book))
    findings += [Finding("", says) for says in _totals(days, sites, book)]
    figures = _figures(days, sites, book)
    return judged(CHECK, figures, "; ".join([*(each.says for each in findings[:1]), figures]), findings)


def _empty(book: Book, sites: tuple[str, ...]) -> Days:
    began = book.site_log.days
    names = tuple(sorted({began[0].before, *(fact.day for fact in began)}))
    return Days(
        names,
        {site: dict.fromkeys(names, 0) for site in sites},
        {site: dict.fromkeys(names, 0) for site in sites},
        dict.fromkeys(names, 0),
        {site: dict.fromkeys(names, 0) for site in sites},
    )


# --- one transaction ------------------------------------------------------------------------------


def _moved(case: Case, site: str, days: Days) -> dict[str, dict[str, int]]:
    """Business day to what it changed at a site, by account; days in which nothing is left are not there."""
    moved: dict[str, dict[str, int]] = {}
    for entry in case.entries:
        if entry.actor == site:
            net = moved.setdefault(entry.day or days.names[0], {})
            for account, change in entry.legs.items():
                net[account] = net.get(account, 0) + change
    return {day: net for day, net in moved.items() if any(net.values())}


def _of_case(case: Case, sites: tuple[str, ...], days: Days) -> Iterator[str]:
    """It is in one day at a site, and in the same day at all."""
    found: dict[str, str] = {}
    for site in sites:
        moved = _moved(case, site, days)
        if len(moved) > 1:
            yield f"{case.key} is in business days {' and '.join(sorted(moved))} at site {site}: they do not balance"
        if moved:
            found[site] = next(iter(moved))
    if len(set(found.values())) > 1:
        yield f"{case.key} is in business day {' and '.join(f'{day} at site {site}' for site, day in found.items())}"


def _of_terminal(case: Case, sites: tuple[str, ...], days: Days) -> Iterator[str]:
    if not case.day:
        return
    for site in sites:
        for day in _moved(case, site, days):
            if not is_same_day(day, case.day):
                yield f"{case.key} is in business day {day} at site {site}, and in {case.day} at its terminal"
                return


def _taken(book: Book) -> dict[str, list[BusinessDayTaken]]:
    """Terminal to the days that it has taken from its sites, in their order."""
    taken: dict[str, list[BusinessDayTaken]] = {}
    for fact in book.site_log.days_taken:
        taken.setdefault(fact.actor, []).append(fact)
    return taken


def _gone_back(case: Case, days: Days, taken: dict[str, list[BusinessDayTaken]]) -> Iterator[str]:
    """A site that missed the end of a day counts in it what its terminal has begun in the next."""
    asked_t = case.request_t
    known = [fact.day for fact in taken.get(case.terminal, ()) if asked_t is not None and fact.t < asked_t]
    if not known or not case.day:
        return
    began, counted = _nth(known[-1], days), _nth(case.day, days)
    if began is not None and counted is not None and counted < began:
        before, later = days.names[counted], days.names[began]
        yield f"{case.key} is in business day {before}, and its terminal was in {later} already"


def _nth(said: str, days: Days) -> int | None:
    return next((nth for nth, name in enumerate(days.names) if is_same_day(name, said)), None)


# --- whole days -----------------------------------------------------------------------------------


def _add(case: Case, sites: tuple[str, ...], days: Days) -> None:
    for site in sites:
        for day, net in _moved(case, site, days).items():
            days.by_site[site][day] += cash_of(net)
            if not case.exceptions:
                days.at_sites[site][day] += cash_of(net)
    if case.service in (WITHDRAWAL, DEPOSIT) and not case.exceptions:
        days.by_terminals[_day_of(case, sites, days)] += case.taken_minor - case.accepted_minor


def _day_of(case: Case, sites: tuple[str, ...], days: Days) -> str:
    """The day that a terminal counts a transaction in; if it does not say, the one that a site does."""
    said = [name for name in days.names if case.day and is_same_day(name, case.day)]
    posted = [day for site in sites for day in _moved(case, site, days)]
    return (*said, *posted, days.names[0])[0]


def _add_counts(book: Book, days: Days) -> None:
    for fact in book.site_log.day_counts:
        counted = days.counted.get(fact.actor, {})
        if fact.day in counted:
            counted[fact.day] += sum(fact.cash.values())


def _late_entries(book: Book) -> Iterator[bool]:
    """Of each entry, whether the day that it is in was over at its site."""
    began = book.site_log.days
    for case in book.cases.values():
        for entry in case.entries:
            here = [fact for fact in began if fact.actor == entry.actor and fact.t <= entry.t]
            yield bool(here) and (entry.day or began[0].before) != here[-1].day


def _totals(days: Days, sites: tuple[str, ...], book: Book) -> Iterator[str]:
    for day in days.names:
        for site in sites:
            posted, counted = days.by_site[site][day], days.counted[site][day]
            if posted != counted:
                yield f"site {site} counts {book.say(counted)} in business day {day}, and posted {book.say(posted)}"
            at_site, by_terminals = days.at_sites[site][day], days.by_terminals[day]
            if at_site != by_terminals:
                yield (
                    f"business day {day}: site {site} has {book.say(at_site)} out of terminals, and terminals have "
                    f"{book.say(by_terminals)}"
                )


def _figures(days: Days, sites: tuple[str, ...], book: Book) -> str:
    totals = listed(f"{day} {book.say(days.by_terminals[day])}" for day in days.names)
    return (
        f"{count(len(days.names), 'business day')}, out of terminals: {totals}; {count(len(sites), 'site')} compared, "
        f"{count(days.late, 'entry was', 'entries were')} made in a day that was over"
    )
