"""Downtime: for how long nobody at all could be served at the ATMs, and what was in the way.

A gap begins with the first customer in vain after the last one who was served, and ends with the next one who is.
Served is who got an answer about his own card and account, whether yes or no. In vain came who was turned away from a
terminal that was out of service, who got no answer, and who was told of his bank's trouble: a host that declines
everybody for its keys, or whose brake declines every withdrawal, is down, however many lines are up. Source: iso8583
facts 7.2 (hours that a bank may be down).
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import inf

import msgspec

from atmbench import facts
from atmbench.audit.book import Book
from atmbench.audit.cases import APPROVALS, WITHDRAWAL, Answer, Case
from atmbench.audit.verdict import Finding, count
from atmbench.drill.places import ATM
from atmbench.messages.records import Outcome

IN_VAIN = {
    Outcome.HOST_UNAVAILABLE.value: "was not available",
    Outcome.MAC_FAILED.value: "refused the MAC",
    Outcome.PIN_KEY_FAILED.value: "could not open the PIN: its keys are not the terminals'",
    Outcome.SIGN_ON_NEEDED.value: "knew of no sign-on",
    Outcome.MALFUNCTION.value: "reported a malfunction",
}
"""Answers that tell of the bank's trouble, and what their site did."""
NO_ANSWER = "no_answer"


class Gap(msgspec.Struct, frozen=True):
    """A time in which nobody was served, in seconds of the run."""

    from_t: float
    to_t: float
    because: tuple[str, ...]
    """What was in the way, in words."""

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.to_t - self.from_t

    @property
    def says(self) -> str:
        """The gap in one sentence."""
        return f"nobody was served from {self.from_t:.3f} to {self.to_t:.3f} s: {'; '.join(self.because)}"


class _Vain(msgspec.Struct, frozen=True, order=True):
    """One customer who came for nothing."""

    from_t: float
    to_t: float
    why: str


def gaps(book: Book) -> tuple[Gap, ...]:
    """All times in which nobody was served, in order. Raises Missing if the history has no beginning."""
    served = sorted(t for case in _at_atms(book) if (t := _served_t(case, book)) is not None)
    vains = sorted([*_in_vain(book), *(_Vain(t, t, "was turned away") for t in book.told.away_at)])
    found: list[Gap] = []
    for after, within in groupby(vains, lambda vain: bisect_right(served, vain.from_t)):
        to_t = served[after] if after < len(served) else inf
        whole = [vain for vain in within if vain.to_t <= to_t]
        if whole:
            ends_t = to_t if to_t < inf else max(vain.to_t for vain in whole)
            begins_t = whole[0].from_t
            found.append(Gap(begins_t, ends_t, tuple(_because(whole, book, begins_t, ends_t))))
    return tuple(found)


def judged_downtime(book: Book, most_s: float, says: list[str]) -> Iterator[Finding]:
    """The sum against what is allowed, and with what was in the way those gaps that made it too much."""
    found = gaps(book)
    total_s = sum(gap.seconds for gap in found)
    says.append(f"nobody served for {total_s:.3f} s in {count(len(found), 'gap')} ({most_s:g} s allowed)")
    for gap in sorted(found, key=lambda gap: -gap.seconds):
        if total_s > most_s:
            total_s -= gap.seconds
            yield Finding("", f"{gap.says} ({gap.seconds:.3f} s; {most_s:g} s allowed in all)")


def _at_atms(book: Book) -> Iterator[Case]:
    return (
        case for case in book.cases.values() if case.started_t is not None and book.channel_of(case.terminal) == ATM
    )


def _served_t(case: Case, book: Book) -> float | None:
    """When a customer had an answer about his own card and account."""
    return next((each.t for each in case.answers if not each.ignored and not why_in_vain(case, each, book)), None)


def why_in_vain(case: Case, answer: Answer, book: Book) -> str | None:
    """What the site of an answer did in place of looking at the card and the account: "was not available".

    None if it looked. Raises Missing if the history has no beginning.
    """
    is_stopped = case.service == WITHDRAWAL and answer.outcome not in APPROVALS
    if is_stopped and book.exposure.is_braked(_site(answer, book), answer.t):
        return "had stopped all withdrawals"
    return IN_VAIN.get(answer.outcome)


def _site(answer: Answer, book: Book) -> str:
    return book.run().lines.get(answer.line, answer.line)


def _in_vain(book: Book) -> Iterator[_Vain]:
    for case in _at_atms(book):
        if case.ended_t is None or case.started_t is None or _served_t(case, book) is not None:
            continue
        answer = next((each for each in case.answers if not each.ignored), None)
        if answer is not None:
            told = f"was told that site {_site(answer, book)} {why_in_vain(case, answer, book)}"
            yield _Vain(case.started_t, case.ended_t, told)
        elif case.outcome == NO_ANSWER:
            yield _Vain(case.started_t, case.ended_t, "got no answer")


def _because(within: Sequence[_Vain], book: Book, from_t: float, to_t: float) -> Iterator[str]:
    """What customers met, which site was active meanwhile, and what the sites said of themselves."""
    for why, number in Counter(vain.why for vain in within).items():
        yield f"{count(number, 'customer')} {why if number == 1 else why.replace('was ', 'were ', 1)}"
    for role in book.site_log.roles:
        if from_t <= role.t <= to_t and role.role == "active":
            yield f"site {role.site} was active from {role.t:.3f} s"
    for alarm in book.site_log.alarms:
        if from_t <= alarm.t <= to_t:
            yield f"ALARM of site {alarm.site} at {alarm.t:.3f} s: {alarm.because}"
    yield from _dials(book.site_log.dials, from_t, to_t, book)


def _dials(dials: Sequence[facts.DialFailed], from_t: float, to_t: float, book: Book) -> Iterator[str]:
    """Lines that could not be dialled."""
    failed = {dial.line: dial for dial in dials if from_t <= dial.t <= to_t}
    numbers = Counter(dial.line for dial in dials if from_t <= dial.t <= to_t)
    for line, last in failed.items():
        site = book.run().lines.get(line, "?")
        yield f"{count(numbers[line], 'dial')} over line {line} to site {site} failed ({last.because})"
