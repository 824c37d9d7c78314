"""The posting rules, held against one transaction at one site when everything is over.

Each function says what is wrong with what it is given, and nothing else.
"""

from collections.abc import Iterator, Mapping

from atmbench.second_opinion.deals import BILL_PAYMENT, DEPOSIT, REFUSED, TRANSFER, WITHDRAWAL, Deal
from atmbench.second_opinion.reference import Ledger, Page
from atmbench.second_opinion.words import Objection, Rule

CASH, BILLER = "cash:", "biller:"
SUSPENSE = "suspense:stand-in"
"""The bank's own account that pays for cash which a core does not take from a customer afterwards."""


def object_to_page(deal: Deal, page: Page, ledger: Ledger) -> Iterator[Objection]:
    """All that is wrong with what a site has of one transaction in the end."""
    moved = page.moved()
    facts = tuple(sorted({*deal.facts, *page.facts}))
    amount_minor = _amount(deal, moved)
    if not deal.allows(amount_minor):
        yield _amount_wrong(deal, ledger.site, amount_minor, moved, facts)
    if moved:
        yield from _object_to_parties(deal, moved, ledger, facts)
        if ledger.site in deal.posted_so:
            says = "posted for a request that says otherwise whose money it is than the terminal's"
            number = deal.posted_so[ledger.site]
            yield Objection(Rule.PARTIES, says, deal.key, ledger.site, min(moved), facts=(number, *facts))
    yield from _object_to_days(deal, page, ledger.site, facts)
    if page.held and not deal.is_excused:
        account, held_minor = next(iter(page.held.items()))
        yield Objection(Rule.HOLDS, "held after its end", deal.key, ledger.site, account, 0, held_minor, facts)


def is_settled(deal: Deal, pages: Mapping[str, Page]) -> bool:
    """Whether all sites have just what a transaction calls for, although a person was told of it."""
    return all(
        _amount(deal, page.moved()) == deal.calls_for() and SUSPENSE not in page.moved() for page in pages.values()
    )


def object_to_difference(deal: Deal, pages: Mapping[str, Page]) -> Iterator[Objection]:
    """What is wrong if the sites do not agree on a transaction: each account that differs, against the first site."""
    sites = list(pages)
    first = pages[sites[0]].moved()
    for site in sites[1:]:
        other = pages[site].moved()
        is_same_day = pages[site].days() == pages[sites[0]].days()
        if other == first and is_same_day:
            continue
        facts = tuple(sorted({*deal.facts, *pages[sites[0]].facts, *pages[site].facts}))
        for account in sorted({*first, *other}):
            here, there = first.get(account, 0), other.get(account, 0)
            if here != there:
                says = f"moved otherwise than at site {sites[0]}"
                yield Objection(Rule.SITES, says, deal.key, site, account, here, there, facts)
        if other == first:
            says = f"in another business day than at site {sites[0]}: {_told(pages[site].days())}"
            yield Objection(Rule.DAY, says, deal.key, site, facts=facts)


def _amount(deal: Deal, moved: Mapping[str, int]) -> int:
    """How much was moved, as the deal counts it: through its terminal, or from one account to another."""
    if deal.service == WITHDRAWAL:
        return moved.get(CASH + deal.terminal, 0)
    if deal.service == DEPOSIT:
        return -moved.get(CASH + deal.terminal, 0)
    return max(moved.values(), default=0)


def _amount_wrong(
    deal: Deal, site: str, amount_minor: int, moved: Mapping[str, int], facts: tuple[int, ...]
) -> Objection:
    rule = Rule.CASH if deal.has_cash else Rule.ANSWER
    account = CASH + deal.terminal if deal.has_cash else next(iter(moved), "")
    wanted_minor = deal.calls_for()
    if not deal.service:
        says = "no terminal began it, and money moved"
    elif wanted_minor == 0:
        says = f"{deal.service} ended {deal.outcome or 'nowhere'} and its money stays moved"
    elif amount_minor == 0:
        says = f"{deal.service} is not posted"
    else:
        says = f"{deal.service} is posted with another amount"
    return Objection(rule, says, deal.key, site, account, wanted_minor, amount_minor, facts)


def _object_to_parties(
    deal: Deal, moved: Mapping[str, int], ledger: Ledger, facts: tuple[int, ...]
) -> Iterator[Objection]:
    if len(moved) != 2:
        yield Objection(
            Rule.PARTIES, f"it has {len(moved)} legs", deal.key, ledger.site, ", ".join(sorted(moved)), facts=facts
        )
        return
    debit, credit = sorted(moved, key=lambda account: moved[account])
    own = CASH + deal.terminal
    is_right = {
        WITHDRAWAL: credit == own and _pays(deal, debit, ledger),
        DEPOSIT: debit == own and _is_customer(credit, ledger),
        TRANSFER: _is_customer(debit, ledger) and _is_customer(credit, ledger) and _is_named(deal, credit, ledger),
        BILL_PAYMENT: _is_customer(debit, ledger) and _is_payee(deal, credit),
    }
    if not is_right.get(deal.service, not deal.service):
        says = f"{deal.service} from {debit} to {credit}, which it is not about"
        yield Objection(Rule.PARTIES, says, deal.key, ledger.site, credit, found_minor=moved[credit], facts=facts)


def _is_customer(account: str, ledger: Ledger) -> bool:
    """Whether it is a customer's; where a site has counted nothing, by its look alone."""
    return ":" not in account and (account in ledger.opening or not ledger.opening)


def _pays(deal: Deal, account: str, ledger: Ledger) -> bool:
    if account == SUSPENSE:
        return bool(deal.stood_in) and REFUSED in deal.told_of
    return account == deal.stood_in if deal.stood_in else _is_customer(account, ledger)


def _is_named(deal: Deal, account: str, ledger: Ledger) -> bool:
    """Whether money went to the account that was named; if none was, it is one of the customer's own."""
    named = [each for each in deal.named if _is_customer(each, ledger)]
    return not named or account in named


def _is_payee(deal: Deal, account: str) -> bool:
    payee = account.removeprefix(BILLER)
    return account.startswith(BILLER) and (not deal.named or any(payee in each for each in deal.named))


def _object_to_days(deal: Deal, page: Page, site: str, facts: tuple[int, ...]) -> Iterator[Objection]:
    days = page.days()
    if len(days) > 1:
        says = f"in more than one business day: {_told(days)}"
        yield Objection(Rule.DAY, says, deal.key, site, facts=facts)


def _told(days: list[str]) -> str:
    return " and ".join(day or "the first" for day in days)
