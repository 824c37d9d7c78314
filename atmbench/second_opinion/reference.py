"""The reference: the ledger of a site as its entries make it, and the pages that each transaction has in it.

It replays what a site says it entered, and asks no site for a sum. It must never decide what was right to enter.
"""

import msgspec

from atmbench.facts import EntryPosted

FACTS_MAX = 16
"""Numbers of facts kept for a page, and for a transaction."""

LINES_MAX = 64
"""Entries kept of a transaction at a site: a right one has two, or a few more where sites had decided differently."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """One entry of a transaction at a site."""

    entry: str
    kind: str
    day: str
    legs: dict[str, int]


class Page(msgspec.Struct):
    """What one site has of one transaction."""

    lines: list[Line] = msgspec.field(default_factory=list)
    held: dict[str, int] = msgspec.field(default_factory=dict)
    """Account to what is set aside of it, in minor units."""
    facts: list[int] = msgspec.field(default_factory=list)

    def note(self, number: int) -> None:
        """Remember where this was read."""
        if len(self.facts) < FACTS_MAX:
            self.facts.append(number)

    def moved(self) -> dict[str, int]:
        """Account to what all entries change it by; accounts without a change are left out."""
        lines = self.lines
        if len(lines) == 1:
            return lines[0].legs
        sums: dict[str, int] = {}
        for line in lines:
            for account, change in line.legs.items():
                sums[account] = sums.get(account, 0) + change
        return {account: change for account, change in sums.items() if change}

    def days(self) -> list[str]:
        """Business days in which something is left of it, earliest first."""
        lines = self.lines
        if len(lines) == 1 or len({line.day for line in lines}) < 2:
            return [lines[0].day] if lines and self.moved() else []
        days = sorted({line.day for line in lines})
        return [day for day in days if Page([line for line in lines if line.day == day]).moved()]

    def like(self) -> "Page":
        """A page of its own with the same on it."""
        return Page(list(self.lines), dict(self.held), list(self.facts))


class Ledger:
    """The reference ledger of one site. Amounts are minor units."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.opening: dict[str, int] = {}
        self.shown: dict[str, int] = {}
        """Balances as the site must show them now: with what was put in their place without an entry."""
        self.entered: dict[str, int] = {}
        """Account to what entries have changed it by."""
        self.held: dict[str, int] = {}
        self.pages: dict[str, Page] = {}
        """Transaction key to its page."""

    def open(self, balances: dict[str, int]) -> None:
        """Begin with these balances."""
        self.opening = balances
        self.shown = dict(balances)

    def page(self, key: str) -> Page:
        """The page of a transaction."""
        page = self.pages.get(key)
        if page is None:
            page = self.pages[key] = Page()
        return page

    def enter(self, fact: EntryPosted) -> Page:
        """Enter whatever a site has entered, right or wrong. What is beyond LINES_MAX is in the balances only."""
        page = self.page(fact.key)
        if len(page.lines) < LINES_MAX:
            page.lines.append(Line(fact.entry, fact.kind, fact.day, fact.legs))
        self._change(fact.legs, 1)
        return page

    def lose(self, key: str, entry: str) -> bool:
        """Take an entry out again. False if it is not there."""
        page = self.page(key)
        line = next((each for each in page.lines if each.entry == entry), None)
        if line is None:
            return False
        page.lines.remove(line)
        self._change(line.legs, -1)
        return True

    def overwrite(self, account: str, balance_minor: int) -> int:
        """A balance took the place of another without an entry. What it was."""
        was_minor = self.shown.get(account, 0)
        self.shown[account] = balance_minor
        return was_minor

    def hold(self, key: str, account: str, change_minor: int) -> Page:
        """Set money aside, or give it free with a negative change."""
        page = self.page(key)
        _add(page.held, account, change_minor)
        _add(self.held, account, change_minor)
        return page

    def become_like(self, other: "Ledger") -> None:
        """Forget everything, and have what another site has."""
        self.shown, self.entered = dict(other.shown), dict(other.entered)
        self.held = dict(other.held)
        self.pages = {key: page.like() for key, page in other.pages.items()}

    def explained(self, account: str) -> int:
        """What opening balance and entries come to."""
        return self.opening.get(account, 0) + self.entered.get(account, 0)

    def _change(self, legs: dict[str, int], sign: int) -> None:
        shown, entered = self.shown, self.entered
        for account, change in legs.items():
            shown[account] = shown.get(account, 0) + sign * change
            entered[account] = entered.get(account, 0) + sign * change


def _add(sums: dict[str, int], account: str, change: int) -> None:
    total = sums.get(account, 0) + change
    if total:
        sums[account] = total
    else:
        sums.pop(account, None)
