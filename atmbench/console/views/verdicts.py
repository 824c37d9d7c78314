"""What the audit says of the run so far: checks, money, failover times against their budgets, open exceptions."""

from atmbench.audit.failover import Cut, Figure
from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status
from atmbench.console.model import Model
from atmbench.console.views.paint import (
    Column,
    Line,
    Row,
    Tone,
    clock,
    grouped,
    join,
    labelled,
    plain,
    toned,
    words,
    wrapped,
)

CHECK_COLUMNS = (Column("", 9), Column("check", 12), Column("because", least=30))
EXCEPTION_COLUMNS = (Column("what", 18), Column("transaction", 26), Column("why", least=20))
OPEN = ("○ open", Tone.NOTE)
SIGNS = {
    Status.PASS: ("● PASS", Tone.GOOD),
    Status.FAIL: ("▲ FAIL", Tone.BAD),
    Status.UNKNOWN: ("◆ UNKNOWN", Tone.WARN),
}
MEANT_BY = {
    "detect": "outage noticed",
    "switch": "signed on elsewhere",
    "first_approval": "first approval there",
    "drain": "stored got through",
    "fail_back": "back after mending",
}
UNSETTLED_SHOWN = 4
MONEY_WIDTH = 14


def is_late(figure: Figure, cut: Cut, now: float) -> bool:
    """Whether a time of the failover is over its budget, or cannot be within it any more."""
    if figure.budget_s is None:
        return False
    begun = cut.mended_t if figure.name == "fail_back" else cut.t
    is_due = now - begun > figure.budget_s
    return (figure.seconds is not None and figure.seconds > figure.budget_s) or (
        is_due and figure.status is Status.FAIL
    )


def head_lines(model: Model, audit: Audit | None, width: int) -> list[Line]:
    """The verdict in one line, and what the run is to prove."""
    run = model.run
    if run is None:
        return [toned("waiting for the first facts of the run", Tone.DIM)]
    if audit is None:
        says = toned("too much to judge here; the bench judges when the run ends", Tone.WARN)
        return [says, *wrapped(run.proves, width, tone=Tone.DIM)[:2]]
    sign, tone = SIGNS[audit.status]
    if model.ended is None:
        failed = [verdict.check for verdict in audit.verdicts if verdict.status is Status.FAIL]
        sign, tone = "○ not over yet, and nothing is wrong so far", Tone.NOTE
        if failed:
            sign, tone = f"▲ not over yet, and wrong so far: {', '.join(failed)}", Tone.BAD
    return [toned(sign, tone), *wrapped(run.proves, width, tone=Tone.DIM)[:2]]


def check_rows(audit: Audit | None, model: Model) -> list[Row]:
    """Each check with its reason. What cannot be judged before the end is open, not wrong."""
    if audit is None:
        return []
    is_over = model.ended is not None
    rows = []
    for verdict in audit.verdicts:
        is_open = verdict.status is Status.UNKNOWN and not is_over
        sign, tone = OPEN if is_open else SIGNS[verdict.status]
        because = "open until the run is over" if is_open else verdict.because
        rows.append(Row(verdict.check, (toned(sign, tone), toned(verdict.check, Tone.STRONG), plain(because))))
    return rows


def money_lines(model: Model) -> list[Line]:
    """What each witness has counted so far, and which transactions they do not agree on."""
    money = model.money

    def say(minor: int) -> str:
        return grouped(model.teller.amount(minor))

    lines = [
        _money("devices gave", say(money.taken_minor), toned("taken by customers", Tone.DIM)),
        _money("devices got", say(money.accepted_minor), toned("brought by customers", Tone.DIM)),
        _money("drawn back", say(money.retracted_minor), toned("left in the exit", Tone.DIM)),
    ]
    for name, site in model.lines.sites.items():
        difference = money.difference_minor(name)
        sign = f"{'+' if difference > 0 else ''}{say(difference)}"
        says = toned(f"{sign} against devices", Tone.WARN) if difference else toned("● as devices", Tone.GOOD)
        lines.append(_money(f"site {name}", say(site.cash_minor), says))
    unsettled = list(money.unsettled.values())
    if not unsettled:
        lines.append(labelled("not settled", toned("nothing: all witnesses agree", Tone.GOOD), 14))
        return lines
    lines.append(labelled("not settled", toned(f"{len(unsettled):,} transactions", Tone.WARN), 14))
    for case in unsettled[:UNSETTLED_SHOWN]:
        state = "under way" if not case.is_ended else "stored" if case.stored else "they differ"
        lines.append(labelled("", f"{case.key}  {state} since {clock(case.started_t)}", 14))
    return lines


def _money(label: str, amount: str, says: Line) -> Line:
    return join(labelled(label, f"{amount:>{MONEY_WIDTH}}", 14), plain("  "), says)


def failover_lines(audit: Audit | None, model: Model) -> list[Line]:
    """How long each step of the failover took, against its budget."""
    card = audit.failover if audit is not None else None
    if card is None or card.cut is None:
        return [toned("the preferred line was not cut", Tone.DIM)]
    mended = f", mended at {clock(card.cut.mended_t)}" if card.cut.mended_t < float("inf") else ""
    lines = [toned(f"{card.cut.says} at {clock(card.cut.t)}{mended}; {card.touched:,} terminals on it", Tone.STRONG)]
    return lines + [_figure(figure, card.cut, model) for figure in card.figures]


def _figure(figure: Figure, cut: Cut, model: Model) -> Line:
    sign, tone = "●", Tone.GOOD
    if figure.budget_s is None:
        sign, tone = "○", Tone.PLAIN
    elif figure.status is Status.FAIL:
        is_failed = model.ended is not None or is_late(figure, cut, model.now)
        sign, tone = ("▲", Tone.BAD) if is_failed else ("○", Tone.NOTE)
    took = f"{figure.seconds:.3f} s" if figure.seconds is not None else "not yet" if model.ended is None else "never"
    allowed = f"of {figure.budget_s:g} s" if figure.budget_s is not None else "no budget"
    missing = f"{len(figure.missing):,} missing" if figure.missing else figure.terminal
    return join(
        toned(f"{sign} ", tone),
        plain(f"{MEANT_BY.get(figure.name, figure.name):<20}"),
        toned(f"{took:>10}", tone),
        toned(f" {allowed:<10}", Tone.DIM),
        plain(missing),
    )


def exception_rows(model: Model) -> list[Row]:
    """What a person must settle, the latest last."""
    return [
        Row(each.key or f"{number}", (toned(words(each.kind), Tone.BAD), plain(each.key), plain(each.because)))
        for number, each in enumerate(model.exceptions)
    ]
