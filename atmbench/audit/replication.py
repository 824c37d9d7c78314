"""Check `replication`: at the end the sites know the same entries, and their balances are what the entries come to.

Besides, a site posts for terminals only while it is active.

What differs is told in the order in which it began, so the first finding is the first entry by which they diverged.
The rule is the incident's: two data centres held inconsistent data, unnoticed, when the load moved.
"""

from collections.abc import Iterator

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import Case
from atmbench.audit.verdict import Finding, Verdict, count, judged
from atmbench.facts import BalanceOverwritten, EntryPosted

CHECK = "replication"


class Divergence(msgspec.Struct, frozen=True):
    """The first entry of a transaction that a site lacks, or has with other amounts."""

    t: float
    case: Case
    says: str


class Apart(msgspec.Struct, frozen=True):
    """Both sites posted for themselves between two times: a split brain."""

    from_s: float
    until_s: float
    entries: dict[str, int]
    """Site to entries that it made in that time."""


def check(book: Book) -> Verdict:
    """Judge what each site has posted against what the others have, and balances against entries."""
    sites = book.sites()
    book.end()
    diverging = [
        Finding(each.case.key, each.says, (each.case.fact_first, each.case.fact_last))
        for each in divergences(book, sites)
    ]
    wrong = [Finding(fact.key, _overwritten(fact, book)) for fact in left_overwritten(book)]
    apart, idle = _too_much_apart(book), _while_not_active(book, sites)
    figures = _figures(book, sites)
    failed = []
    if diverging:
        differ = count(len(diverging), "transaction differs", "transactions differ")
        failed.append(f"{differ} between sites at the end; the first to diverge: {diverging[0].says}")
    if wrong:
        balances = count(len(wrong), "balance at a site is", "balances at a site are")
        failed.append(f"{balances} not what its entries come to; the first: {wrong[0].says}")
    if idle:
        failed.append(f"{count(len(idle), 'posting')} of a site that was not active; the first: {idle[0].says}")
    failed += [finding.says for finding in apart]
    return judged(CHECK, figures, "; ".join((*failed, figures)), [*diverging, *wrong, *idle, *apart])


def divergences(book: Book, sites: tuple[str, ...]) -> list[Divergence]:
    """Transactions that moved money otherwise at one site than at another, in the order in which they diverged."""
    found = []
    for case in book.cases.values():
        if _is_plain(case, sites):
            continue
        if any(case.net_at(site) != case.net_at(sites[0]) for site in sites[1:]):
            found.append(_first(case, sites, book))
    return sorted(found, key=lambda each: each.t)


def _is_plain(case: Case, sites: tuple[str, ...]) -> bool:
    """Whether one entry is at each of two sites and the same: so are nearly all, and they need no sums."""
    entries = case.entries
    if len(sites) != 2 or len(entries) != 2:
        return False
    first, second = entries
    return first.actor != second.actor and first.entry == second.entry and first.legs == second.legs


def left_overwritten(book: Book) -> list[BalanceOverwritten]:
    """Balances that were overwritten and not set right again: the last of each account and site."""
    return [fact for fact in book.site_log.overwritten.values() if fact.key]


def split_brains(book: Book) -> list[Apart]:
    """Times in which a site was active although another, which had not stood by, went on posting."""
    found: list[Apart] = []
    if not any(role.role == "active" for role in book.site_log.roles):
        return found
    entries_of_all = (entry for case in book.cases.values() for entry in case.entries)
    made = [entry for entry in entries_of_all if entry.actor == entry.origin and not entry.in_batch]
    for role in book.site_log.roles:
        if role.role != "active":
            continue
        end = next((each.t for each in book.site_log.roles if each.t > role.t), book.t)
        entries: dict[str, int] = {}
        for entry in made:
            if role.t <= entry.t < end:
                entries[entry.actor] = entries.get(entry.actor, 0) + 1
        if len(entries) > 1:
            found.append(Apart(role.t, end, entries))
    return found


def _too_much_apart(book: Book) -> list[Finding]:
    most = book.expectations().split_brain_max
    made = sum(sum(apart.entries.values()) for apart in split_brains(book))
    if most is None or made <= most:
        return []
    return [Finding("", f"{made:,} entries made while two sites posted, {most:,} allowed")]


def _while_not_active(book: Book, sites: tuple[str, ...]) -> list[Finding]:
    """Postings that a site made by itself, for a terminal, while it stood by.

    What waits for a completion, a batch or a core is posted whenever these come, by whatever site there is then.
    """
    if book.exposure.is_used:
        return []
    spells = {site: _active_spells(book, site, is_first=site == sites[0]) for site in sites}
    return [
        Finding(
            case.key,
            f"site {entry.actor} posted {entry.entry} at {entry.t:.3f} s, and was not active",
            (case.fact_first, case.fact_last),
        )
        for case in book.cases.values()
        if not case.holds
        for entry in case.entries
        if entry.actor == entry.origin
        and entry.kind == "posting"
        and not entry.in_batch
        and not any(begin <= entry.t <= end for begin, end in spells[entry.actor])
    ]


def _active_spells(book: Book, site: str, *, is_first: bool) -> list[tuple[float, float]]:
    """When a site was active: the first one is at the start."""
    since: float | None = 0.0 if is_first else None
    spells = []
    for role in book.site_log.roles:
        if role.site != site:
            continue
        if role.role == "active":
            since = role.t if since is None else since
        elif since is not None:
            spells.append((since, role.t))
            since = None
    return [*spells, (since, book.t)] if since is not None else spells


def _first(case: Case, sites: tuple[str, ...], book: Book) -> Divergence:
    """The first entry of a transaction that is not the same everywhere."""
    by_id: dict[str, dict[str, EntryPosted]] = {}
    for entry in case.entries:
        by_id.setdefault(entry.entry, {}).setdefault(entry.actor, entry)
    for entries in by_id.values():
        first = min(entries.values(), key=lambda entry: entry.t)
        for site in sites:
            other = entries.get(site)
            if other is None or other.legs != first.legs:
                return Divergence(first.t, case, _says(first, other, site, book))
    again = _made_again(case)
    return Divergence(again.t, case, f"site {again.actor} has {again.entry} more than once")


def _made_again(case: Case) -> EntryPosted:
    """The first entry that its site had already: there is one where all are at all sites, and the sums differ."""
    entries = case.entries
    return next(
        entry
        for number, entry in enumerate(entries)
        if any((other.actor, other.entry) == (entry.actor, entry.entry) for other in entries[:number])
    )


def _says(first: EntryPosted, other: EntryPosted | None, site: str, book: Book) -> str:
    amount = book.say(_amount_minor(first))
    here = f"{first.entry} ({first.service.replace('_', ' ')} of {amount}, at site {first.actor} at {first.t:.3f} s)"
    if other is None:
        return f"site {site} lacks {here}"
    return f"site {site} has {book.say(_amount_minor(other))} for {here}"


def _amount_minor(entry: EntryPosted) -> int:
    return sum(max(0, change) for change in entry.legs.values())


def _overwritten(fact: BalanceOverwritten, book: Book) -> str:
    return (
        f"{fact.account} at site {fact.actor} was {book.say(fact.was_minor)}, and {book.say(fact.now_minor)} came from "
        f"site {fact.origin} with {fact.key} at {fact.t:.3f} s"
    )


def _figures(book: Book, sites: tuple[str, ...]) -> str:
    if len(sites) < 2:
        return f"site {sites[0]} is alone: there is nothing to differ from" if sites else "no site is known"
    entries, slowest_s = 0, 0.0
    for lag_s in _lags(book, sites):
        entries += 1
        slowest_s = max(slowest_s, lag_s)
    parts = [f"{entries:,} entries are at all {len(sites)} sites, the slowest after {slowest_s:.3f} s"]
    for apart in split_brains(book):
        made = " and ".join(f"{number:,} at site {site}" for site, number in sorted(apart.entries.items()))
        parts.append(f"both posted from {apart.from_s:.3f} to {apart.until_s:.3f} s: {made}")
    compared = book.site_log.compared
    if compared is not None:
        missing = sum(compared.missing.values())
        done = "set right" if compared.repaired else "only told"
        parts.append(f"reconciled at {compared.t:.3f} s: {missing + compared.different:,} differences, {done}")
    return "; ".join(parts)


def _lags(book: Book, sites: tuple[str, ...]) -> Iterator[float]:
    """From the time when an entry that is at all sites was at the first of them to when it was at the last."""
    for case in book.cases.values():
        if _is_plain(case, sites):
            yield abs(case.entries[1].t - case.entries[0].t)
            continue
        times: dict[str, dict[str, float]] = {}
        for entry in case.entries:
            times.setdefault(entry.entry, {}).setdefault(entry.actor, entry.t)
        for each in times.values():
            if len(each) == len(sites):
                yield max(each.values()) - min(each.values())
