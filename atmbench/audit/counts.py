"""Check `counts`: notes by hand, dispensers and both ledgers come to the same, in total.

Rules, for each terminal: notes that left the cassettes and are in no bin are what the dispenser saw
taken; deposited notes are what it saw accepted; at each site the terminal's cash account rose by the
difference, but for transactions that a person was told of. For each site: entries explain every balance,
the ledger sums to zero, and both sites are equal account by account.
"""

import msgspec

from atmbench.audit.book import Book, Missing
from atmbench.audit.cases import DEPOSIT, cash_account
from atmbench.audit.verdict import FINDINGS_MAX, Finding, Status, Verdict, count, judged, listed
from atmbench.facts import CassettesCounted, LedgerCounted

CHECK = "counts"


class HandCount(msgspec.Struct, frozen=True):
    """What the notes of one terminal, or of all, come to by hand, in minor units."""

    out_minor: int
    """Left the cassettes and is in no bin."""
    in_minor: int
    """In the deposit bin."""
    rejected_minor: int
    retracted_minor: int


def count_by_hand(start: CassettesCounted, end: CassettesCounted) -> HandCount:
    """What the two counts of a terminal say. Raises Missing if the value of a cassette's notes is not known."""
    values = {**start.values_minor, **end.values_minor}
    left = _value(start.cassettes, values) - _value(end.cassettes, values)
    rejected = _value(end.rejected, values) - _value(start.rejected, values)
    retracted = _value(end.retracted, values) - _value(start.retracted, values)
    deposited = _value(end.deposited, values) - _value(start.deposited, values)
    return HandCount(left - rejected - retracted, deposited, rejected, retracted)


def _value(notes: dict[str, int], values: dict[str, int]) -> int:
    for name in notes:
        if name not in values and not name.isdigit():
            raise Missing(f"the count names the cassette {name!r} and nothing says what its notes are worth")
    return sum(number * (values[name] if name in values else int(name)) for name, number in notes.items())


def check(book: Book) -> Verdict:
    """Compare all totals."""
    sites = book.sites()
    book.end()
    missing = missing_counts(book, sites)
    findings: list[Finding] = []
    for terminal in book.terminals:
        findings += _notes(book, terminal)
    for site in sites:
        findings += _cash_accounts(book, site) + _ledger(book, site)
    findings += _entries(book) + _sites_differ(book, sites)
    if missing and not findings:
        return Verdict(CHECK, Status.UNKNOWN, f"{count(len(missing), 'count')} missing: {listed(missing)}")
    taken = sum(log.taken_minor for log in book.terminals.values())
    accepted = sum(log.accepted_minor for log in book.terminals.values())
    return judged(
        CHECK,
        f"{count(len(book.atms()), 'terminal')} by hand, dispensers and ledgers of "
        f"{count(len(sites), 'site')} agree: {book.say(taken)} out, {book.say(accepted)} in",
        f"{count(len(findings), 'total')} disagree: {'; '.join(each.says for each in findings[:2])}",
        findings,
    )


def missing_counts(book: Book, sites: tuple[str, ...]) -> list[str]:
    """Counts that the history should have and has not, in words."""
    missing = []
    for site in sites:
        for when in ("start", "end"):
            if (site, when) not in book.ledgers:
                missing.append(f"balances of site {site} at the {when}")
    for terminal, log in book.terminals.items():
        counted = [when for when in ("start", "end") if (terminal, when) in book.cassettes]
        if counted or log.presentations or log.taken_minor or log.accepted_minor:
            missing += [f"notes of {terminal} at the {when}" for when in ("start", "end") if when not in counted]
    return missing


def _notes(book: Book, terminal: str) -> list[Finding]:
    """Hand against dispenser, at one terminal."""
    start, end = book.cassettes.get((terminal, "start")), book.cassettes.get((terminal, "end"))
    if start is None or end is None:
        return []
    hand, log = count_by_hand(start, end), book.terminals[terminal]
    findings = []
    if hand.out_minor != log.taken_minor:
        says = f"{terminal}: {book.say(hand.out_minor)} gone by hand, dispenser saw {book.say(log.taken_minor)} taken"
        findings.append(Finding("", says))
    surplus = hand.in_minor - log.accepted_minor
    if not 0 <= surplus <= _left_in_escrow(book, terminal):
        says = f"{terminal}: {book.say(hand.in_minor)} in the deposit bin, acceptor saw {book.say(log.accepted_minor)}"
        findings.append(Finding("", says))
    return findings


def _left_in_escrow(book: Book, terminal: str) -> int:
    """What of deposits went neither into the bin nor back, where a person was told: a hand count finds it."""
    return sum(
        max(0, case.asked_minor - case.accepted_minor - case.returned_minor)
        for case in book.cases.values()
        if case.exceptions and case.terminal == terminal and case.service == DEPOSIT
    )


def _cash_accounts(book: Book, site: str) -> list[Finding]:
    """Dispensers against the cash accounts of one site."""
    start, end = book.ledgers.get((site, "start")), book.ledgers.get((site, "end"))
    if start is None or end is None:
        return []
    allowed = _told_of(book, site)
    findings = []
    for terminal, log in book.terminals.items():
        account = cash_account(terminal)
        moved = end.balances.get(account, 0) - start.balances.get(account, 0)
        seen = log.taken_minor - log.accepted_minor
        if moved != seen + allowed.get(terminal, 0):
            says = f"{terminal}: devices saw {book.say(seen)} go out, site {site} has {book.say(moved)} on {account}"
            if terminal in allowed:
                says += f" ({book.say(allowed[terminal])} explained by exceptions)"
            findings.append(Finding("", says))
    return findings


def _told_of(book: Book, site: str) -> dict[str, int]:
    """Terminal to what its exceptions explain: cash account less cash seen, over the transactions named by one."""
    allowed: dict[str, int] = {}
    for case in book.cases.values():
        if case.exceptions:
            posted = case.net_at(site).get(cash_account(case.terminal), 0)
            differs = posted - case.taken_minor + case.accepted_minor
            if differs:
                allowed[case.terminal] = allowed.get(case.terminal, 0) + differs
    return allowed


def _ledger(book: Book, site: str) -> list[Finding]:
    """One site by itself: zero sum, and every balance explained by entries."""
    start, end = book.ledgers.get((site, "start")), book.ledgers.get((site, "end"))
    findings = [
        Finding("", f"site {site}: all balances at the {ledger.when} sum to {book.say(total)}, not to zero")
        for ledger in (start, end)
        if ledger is not None and (total := sum(ledger.balances.values()))
    ]
    if end is not None and end.unreplicated:
        findings.append(Finding("", f"site {site}: {count(end.unreplicated, 'record')} never reached the other site"))
    if start is None or end is None:
        return findings
    moves = book.moves.get(site, {})
    for account in sorted({*start.balances, *end.balances, *moves}):
        explained = start.balances.get(account, 0) + moves.get(account, 0)
        balance = end.balances.get(account, 0)
        if balance != explained and len(findings) < FINDINGS_MAX:
            says = (
                f"site {site}: balance of {account} is {book.say(balance)}, its entries make it {book.say(explained)}"
            )
            findings.append(Finding("", says))
    return findings


def _entries(book: Book) -> list[Finding]:
    """Entries that are not balanced, or applied twice at one site."""
    findings = [
        Finding(
            entry.key,
            f"site {entry.actor}: entry {entry.entry} sums to {book.say(sum(entry.legs.values()))}, not to zero",
            (number,),
        )
        for number, entry in book.odd_entries
    ]
    for case in book.cases.values():
        seen = set()
        for entry in case.entries:
            entered = entry.actor, entry.entry
            if entered in seen:
                says = f"site {entry.actor}: entry {entry.entry} was applied twice"
                findings.append(Finding(case.key, says, (case.fact_first, case.fact_last)))
            seen.add(entered)
    return findings


def _sites_differ(book: Book, sites: tuple[str, ...]) -> list[Finding]:
    """Both sites, account by account, at the end."""
    ledgers = [ledger for site in sites if (ledger := book.ledgers.get((site, "end"))) is not None]
    findings: list[Finding] = []
    for other in ledgers[1:]:
        first: LedgerCounted = ledgers[0]
        for account in sorted({*first.balances, *other.balances}):
            mine, theirs = first.balances.get(account, 0), other.balances.get(account, 0)
            if mine != theirs and len(findings) < FINDINGS_MAX:
                says = (
                    f"account {account}: {book.say(mine)} at site {first.site}, {book.say(theirs)} at site {other.site}"
                )
                findings.append(Finding("", says))
    return findings
