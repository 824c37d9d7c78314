"""Balances that are wrong at the end of a run: customers' accounts that show another than their own entries make.

Such a customer need not have come at all: another's update took the place of his (`audit.counts` fails it).
"""

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import is_internal
from atmbench.messages.masking import mask_pan

WRONG_BALANCES_MAX = 10_000


class WrongBalance(msgspec.Struct, frozen=True):
    """One account at one site, in minor units."""

    site: str
    account: str
    """Masked."""
    shows_minor: int
    entries_make_minor: int


def wrong_balances(book: Book) -> tuple[WrongBalance, ...]:
    """All of them, by site and account; none where a site was not counted at start and end."""
    found: list[WrongBalance] = []
    for (site, when), start in sorted(book.ledgers.items()):
        end = book.ledgers.get((site, "end"))
        if when != "start" or end is None:
            continue
        moves = book.moves.get(site, {})
        for account in sorted({*start.balances, *end.balances, *moves}):
            explained = start.balances.get(account, 0) + moves.get(account, 0)
            shows = end.balances.get(account, 0)
            if shows != explained and not is_internal(account) and len(found) < WRONG_BALANCES_MAX:
                found.append(WrongBalance(site, mask_pan(account), shows, explained))
    return tuple(found)
