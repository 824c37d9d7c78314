"""The brake of one site: it watches what is approved, beside the software that approves it, and stops it.

It looks at the accounts themselves, so that it does not believe what a release says of them. It must never decide about
a single withdrawal: while it is on, all are declined alike.
"""

from collections import deque
from collections.abc import Iterator, Set

import msgspec

from atmbench import money
from atmbench.facts import BrakeAlert, BrakeChanged, Fact
from atmbench.host.defects.watching import BRAKE_TEN_TIMES, NO_BRAKE_ALERT, TEN_TIMES
from atmbench.host.replication import TICK_S
from atmbench.host.risk_settings import Brake, Velocity
from atmbench.messages.records import Outcome

SEEN_MAX = 100_000
"""Withdrawals within a window that are added up at one site; of more, the oldest count no longer."""
BY_ITSELF = "by itself, after an alert"


class _Limit(msgspec.Struct, frozen=True):
    """The most of one kind, under the name of its rule: in number or in minor units."""

    rule: str
    of: int
    """Place in a sum: 0 count, 1 amount, 2 above balance."""
    most: int


class _Seen(msgspec.Struct, frozen=True, gc=False):
    t: float
    account: str
    sums: tuple[int, int, int]


class SiteBrake:
    """Withdrawals of one site as they go by. Without `settings` it is only for the operator to pull."""

    def __init__(self, site: str, settings: Brake | None, currency: str, defects: Set[str] = frozenset()) -> None:
        self._site = site
        self._defects = defects
        self._settings = settings or Brake()
        self.is_watching = settings is not None
        self.is_on = False
        self.stops_at: float | None = None
        """When it stops the site; None if nothing is to be stopped."""
        self._of_card = tuple(_limits("card", self._settings.card, currency))
        self._in_total = tuple(_limits("total", self._settings.total, currency))
        self._forget()

    def _forget(self) -> None:
        self._seen: deque[_Seen] = deque()
        self._total = [0, 0, 0]
        self._by_account: dict[str, list[int]] = {}
        self._alerted: set[str] = set()

    @property
    def declines_with(self) -> Outcome:
        """How a withdrawal is answered while it is on."""
        return Outcome(self._settings.declines_with)

    def saw(self, account: str, amount_minor: int, above_minor: int, now: float) -> Iterator[Fact]:
        """A withdrawal was approved, and drew its account below zero by so much more than it was."""
        self._let_go(now)
        seen = _Seen(now, account, (1, amount_minor, above_minor))
        self._seen.append(seen)
        _add(self._total, seen.sums, 1)
        of_account = self._by_account.setdefault(account, [0, 0, 0])
        _add(of_account, seen.sums, 1)
        yield from self._judge(self._of_card, of_account, account, now)
        yield from self._judge(self._in_total, self._total, "", now)

    def on_time(self, now: float) -> Iterator[Fact]:
        """Stop the site if it is time."""
        if self.stops_at is not None and self.stops_at <= now + TICK_S:
            yield from self.order(True, BY_ITSELF)

    def order(self, on: bool, because: str) -> Iterator[Fact]:
        """Stop the site, or let it approve again: then the window begins anew."""
        self.stops_at = None
        if not on:
            self._forget()
        if on is not self.is_on:
            self.is_on = on
            yield BrakeChanged(site=self._site, on=on, because=because)

    def _judge(self, limits: tuple[_Limit, ...], sums: list[int], account: str, now: float) -> Iterator[Fact]:
        for limit in limits:
            if sums[limit.of] <= limit.most or limit.rule in self._alerted:
                continue
            if sums[limit.of] <= TEN_TIMES * limit.most and BRAKE_TEN_TIMES in self._defects:
                continue
            self._alerted.add(limit.rule)
            if NO_BRAKE_ALERT not in self._defects:
                yield BrakeAlert(
                    site=self._site, rule=limit.rule, seen=sums[limit.of], most=limit.most, account=account
                )
            after_s = self._settings.stops_after_s
            if after_s is not None and self.stops_at is None and not self.is_on:
                self.stops_at = now + after_s

    def _let_go(self, now: float) -> None:
        """Forget what is older than the window."""
        while self._seen and (self._seen[0].t <= now - self._settings.window_s or len(self._seen) >= SEEN_MAX):
            old = self._seen.popleft()
            of_account = self._by_account[old.account]
            _add(self._total, old.sums, -1)
            _add(of_account, old.sums, -1)
            if not of_account[0]:
                del self._by_account[old.account]


def _add(sums: list[int], more: tuple[int, int, int], sign: int) -> None:
    for place, value in enumerate(more):
        sums[place] += sign * value


def _limits(whose: str, given: Velocity, currency: str) -> Iterator[_Limit]:
    if given.count is not None:
        yield _Limit(f"{whose}.count", 0, given.count)
    for place, name in enumerate(("amount", "above_balance"), start=1):
        text: str | None = getattr(given, name)
        if text is not None:
            yield _Limit(f"{whose}.{name}", place, money.parse(text, currency))
