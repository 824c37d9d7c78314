"""Lost time: for how long each customer went without, in seconds of the run. The sum over all: customer minutes.

The definition follows that of customer minutes interrupted in electricity supply (IEEE 1366): each customer counts
for as long as he was without, until it was there again.

- Without service: from the moment he asked until somebody was served with the same service again, at the same ATM or
  over the same other channel; or until the drill let nobody begin any more.
- Wrong money: as long as the audit says that it was wrong (`audit.wronged`).
- Payment on its way: from his request until every site had it.
- Waiting: from his request to the slow answer.

What overlaps counts once for each customer.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import Case
from atmbench.drill.places import ATM
from atmbench.impact.causes import NOT_SERVED, Cause, Causes, waited_s

Span = tuple[float, float]


class Lost(msgspec.Struct, frozen=True):
    """What one customer lost, in seconds; the parts may overlap, the whole counts each moment once."""

    seconds: float = 0.0
    without_service_s: float = 0.0
    money_wrong_s: float = 0.0
    delayed_s: float = 0.0
    waiting_s: float = 0.0
    without: Span | None = None
    """From when to when without service, in seconds of the run."""
    is_over: bool = True
    """Whether all of it was right again before the end."""


class Restorations:
    """When each service was given again at each ATM, and over each other channel."""

    def __init__(self, book: Book, causes: Causes) -> None:
        self._book = book
        self._served: dict[tuple[str, str], list[float]] = {}
        for case in book.cases.values():
            told_t = case.answered_t if case.answered_t is not None else case.ended_t
            has_ended = case.started_t is not None and case.ended_t is not None
            if has_ended and told_t is not None and causes.not_served(case) is None:
                self._served.setdefault((self._place(case.terminal), case.service), []).append(told_t)
        for times in self._served.values():
            times.sort()
        self._closed_t = book.heal.t if book.heal is not None else book.t

    def without_service(self, terminal: str, service: str, asked_t: float, left_t: float) -> tuple[Span, bool]:
        """From when to when a customer went without, and whether the service was there again by then."""
        times = self._served.get((self._place(terminal), service), ())
        after = bisect_right(times, asked_t)
        if after < len(times):
            return (asked_t, times[after]), True
        return (asked_t, max(asked_t, left_t, self._closed_t)), False

    def _place(self, terminal: str) -> str:
        """Where a customer can come again: to this machine, or by any client of his channel."""
        channel = self._book.channel_of(terminal)
        return terminal if channel == ATM else f"{channel} channel"


def lost_by(case: Case, why: Sequence[Cause], causes: Causes, restorations: Restorations) -> Lost:
    """What a customer lost who began a transaction and was touched by these causes."""
    started_t = case.started_t
    without: list[Span] = []
    is_over = True
    if started_t is not None and any(cause in NOT_SERVED for cause in why):
        left_t = case.ended_t if case.ended_t is not None else started_t
        span, is_over = restorations.without_service(case.terminal, case.service, started_t, left_t)
        without.append(span)
    wait = causes.waits.get(case.key)
    wrong = [(wait.from_t, wait.from_t + wait.seconds)] if wait is not None else []
    is_over = is_over and (wait is None or wait.is_over)
    late: list[Span] = []
    delay = causes.delay(case) if Cause.DELAYED in why else None
    if delay is not None and started_t is not None:
        late.append((started_t, started_t + delay.seconds))
        is_over = is_over and delay.is_over
    answered_s = waited_s(case) if Cause.SLOW in why else None
    asked_t = case.request_t if case.request_t is not None else started_t
    slow = [(asked_t, asked_t + answered_s)] if answered_s is not None and asked_t is not None else []
    return Lost(
        seconds=covered_s([*without, *wrong, *late, *slow]),
        without_service_s=covered_s(without),
        money_wrong_s=covered_s(wrong),
        delayed_s=covered_s(late),
        waiting_s=covered_s(slow),
        without=without[0] if without else None,
        is_over=is_over,
    )


def covered_s(spans: Iterable[Span]) -> float:
    """How long at least one of some spans lasted, to the microsecond, as times are recorded."""
    total_s = 0.0
    to_t = float("-inf")
    for begins_t, ends_t in sorted(spans):
        if ends_t > to_t:
            total_s += ends_t - max(begins_t, to_t)
            to_t = ends_t
    return round(total_s, 6)
