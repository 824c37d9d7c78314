"""Check `alerts`: whoever watches is told of a fault in time, hears that it is over, and of nothing else.

An alert that a drill expects must fire within its time from the beginning of the fault that it is to detect, not before
it, and be cleared within its time from the end. From then on it is silent, unless something else begins. One that must
never fire does not. Others are told of and not judged. Source: incident of 14 August 2023, a replication fault that
nobody noticed; user-asks, alert assertions.
"""

from collections.abc import Iterator
from math import inf

from atmbench.audit.alert_log import Alarm, AlertLog, Trouble
from atmbench.audit.book import Book
from atmbench.audit.verdict import Finding, Verdict, count, judged, listed
from atmbench.drill.alert_records import AlertExpectation

CHECK = "alerts"


def is_asked(book: Book) -> bool:
    """Whether this check belongs to a run: alerts are expected of it, or one fired."""
    started = book.run_started
    return bool(book.alert_log.alarms or (started is not None and started.expect.get("alerts")))


def check(book: Book) -> Verdict:
    """Judge the alerts of a run."""
    expected = book.expectations().alerts
    ended = book.end()
    findings: list[Finding] = []
    says: list[str] = []
    for name, wanted in expected.items():
        alarms = book.alert_log.of(name)
        if wanted.never:
            findings += [_never(each) for each in alarms]
            says.append(f"{name} did not fire")
            continue
        trouble = book.alert_log.trouble(wanted.after)
        if trouble is None:
            findings.append(Finding("", f"{name} was to detect {wanted.after or 'a fault'}, and there was none"))
            continue
        findings += _detected(name, wanted, alarms, trouble)
        its_own = [each for each in alarms if not _is_of_another(each, trouble, book.alert_log)]
        findings += _cleared(name, wanted, its_own, trouble, ended.t)
        says.append(_times(name, its_own, trouble))
    others = {each.fired.alert for each in book.alert_log.alarms} - expected.keys()
    if others:
        says.append(f"not judged: {', '.join(sorted(others))}")
    told = f"{count(len(book.alert_log.alarms) + book.alert_log.alarms_beyond, 'alert')} fired: {'; '.join(says)}"
    return judged(CHECK, told, listed(each.says for each in findings), findings)


def _never(alarm: Alarm) -> Finding:
    fired = alarm.fired
    says = f"{fired.alert} fired at {fired.t:.3f} s, and must not fire: {fired.because}, and it was {fired.value:g}"
    return Finding("", says, (alarm.number,))


def _first(alarms: list[Alarm], trouble: Trouble) -> Alarm | None:
    return next((each for each in alarms if each.fired.t >= trouble.from_t), None)


def _is_of_another(alarm: Alarm, trouble: Trouble, log: AlertLog) -> bool:
    """Whether an alert fired after a trouble was over, and after something else had begun."""
    if alarm.fired.t <= trouble.until_t:
        return False
    return any(trouble.from_t < each.from_t <= alarm.fired.t for each in log.troubles)


def _detected(name: str, wanted: AlertExpectation, alarms: list[Alarm], trouble: Trouble) -> Iterator[Finding]:
    for each in alarms:
        if each.fired.t < trouble.from_t:
            says = f"{name} fired at {each.fired.t:.3f} s, before {trouble.says} began at {trouble.from_t:.3f} s"
            yield Finding("", says, (each.number,))
    if wanted.within_s is None:
        return
    first = _first(alarms, trouble)
    since = f"{trouble.says}, which began at {trouble.from_t:.3f} s ({wanted.within_s:g} s allowed)"
    if first is None:
        yield Finding("", f"{name} never fired after {since}")
    elif (took_s := _between(trouble.from_t, first.fired.t)) > wanted.within_s:
        yield Finding("", f"{name} fired {took_s:.3f} s after {since}", (first.number,))


def _cleared(
    name: str, wanted: AlertExpectation, alarms: list[Alarm], trouble: Trouble, end_t: float
) -> Iterator[Finding]:
    if wanted.cleared_s is None or not alarms:
        return
    last_t = max(each.cleared_t for each in alarms)
    took_s = _between(trouble.until_t, min(last_t, end_t))
    if took_s > wanted.cleared_s:
        what = "was still on" if last_t == inf else "was cleared"
        over = f"{took_s:.3f} s after {trouble.says} was over ({wanted.cleared_s:g} s allowed)"
        yield Finding("", f"{name} {what} {over}", (alarms[-1].number,))


def _between(from_t: float, to_t: float) -> float:
    """Seconds, in whole microseconds as in a history."""
    return round(to_t - from_t, 6)


def _times(name: str, alarms: list[Alarm], trouble: Trouble) -> str:
    first = _first(alarms, trouble)
    if first is None:
        return f"{name} not"
    told = f"{name} {first.fired.t - trouble.from_t:.3f} s after {trouble.says} began"
    last_t = max(each.cleared_t for each in alarms)
    if last_t == inf:
        return f"{told}, and is still on"
    after = f"{last_t - trouble.until_t:.3f} s after" if last_t >= trouble.until_t else "before"
    return f"{told}, and was cleared {after} its end"
