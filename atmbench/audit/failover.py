"""Check `failover`: how long it took to notice, to switch, to serve again, to drain and to come back.

All times run from the first cut of the preferred line (or the first stop of its site), `fail_back` from
the mending; each is that of the slowest terminal it concerns. Figures are always given; only budgets are
judged. A terminal that had not noticed when the cut was mended, sooner than its budget, is left out: it
had nothing to notice yet.
"""

from collections.abc import Sequence
from math import inf
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.book import Book
from atmbench.audit.cases import APPROVALS, Answer
from atmbench.audit.terminals import LineEvent, TerminalLog
from atmbench.audit.verdict import Finding, Status, Verdict, count, judged, listed
from atmbench.drill.expectations import FailoverBudgets
from atmbench.drill.places import ATM
from atmbench.facts.lines import is_upon

CHECK = "failover"


class Cut(msgspec.Struct, frozen=True):
    """The outage that failover is timed from."""

    t: float
    says: str
    line: str
    """The preferred line."""
    terminal: str
    """The terminal it was aimed at; empty for all, and "T1*" for all that begin so."""
    mended_t: float


class Figure(msgspec.Struct, frozen=True):
    """One time of the scorecard. `seconds` is None if it never happened."""

    name: str
    seconds: float | None
    terminal: str
    """The slowest."""
    budget_s: float | None
    missing: tuple[str, ...] = ()
    """Those to whom it should have happened and did not."""
    note: str = ""
    """What is behind it, in words, if there is no time or no terminal."""

    @property
    def status(self) -> Status | None:
        """PASS or FAIL against the budget; None if there is none."""
        if self.budget_s is None:
            return None
        late = self.seconds is None or self.seconds > self.budget_s
        return Status.FAIL if late or self.missing else Status.PASS

    @property
    def says(self) -> str:
        """The figure in words: "switch 12.300 s (T07), 45 s allowed"."""
        missing = listed(self.missing, 3)
        if self.seconds is None:
            text = f"{self.name} never: {self.note}{f' ({missing})' if missing else ''}"
        else:
            who = self.terminal or self.note
            text = f"{self.name} {self.seconds:.3f} s{f' ({who})' if who else ''}"
            text += f", not at all for {missing}" if missing else ""
        return text + (f", {self.budget_s:g} s allowed" if self.budget_s is not None else "")


class Failover(msgspec.Struct, frozen=True):
    """The scorecard of one outage. `cut` is None if the preferred line was never cut."""

    cut: Cut | None
    touched: int
    figures: tuple[Figure, ...]


def first_cut(book: Book) -> Cut | None:
    """The first thing that took the preferred line away, and when that was mended."""
    lines = book.run().lines
    if not lines:
        return None
    line, site = next(iter(lines.items()))
    for position, fact in enumerate(book.line_faults):
        detail: dict[str, Any] = {} if isinstance(fact, facts.FaultEnded) else fact.detail
        if isinstance(fact, facts.FaultStarted):
            if not is_upon(detail, line, site, book.run().carriers.get(line, "")):
                continue
            of_carrier = f" and all of carrier {detail['carrier']}" if detail.get("carrier") else ""
            says = f"cut {fact.name!r} of line {line}{of_carrier}"
        elif isinstance(fact, facts.StepPerformed) and fact.command == "stop_site" and detail.get("site") == site:
            says = f"stop of site {site}"
        else:
            continue
        start = max(fact.t, detail.get("from_s") or 0.0)
        mended = _mended_t(book, fact, position)
        return Cut(start, says, line, str(detail.get("terminal", "")), min(mended, detail.get("until_s") or inf))
    return None


def _mended_t(book: Book, cut: facts.FaultStarted | facts.StepPerformed, position: int) -> float:
    """When a cut ended: by its name, by the start of the site, or by healing."""
    healed = book.heal.t if book.heal is not None else inf
    site = cut.detail.get("site")
    for fact in book.line_faults[position + 1 :]:
        if isinstance(cut, facts.FaultStarted):
            if isinstance(fact, facts.FaultEnded) and fact.name == cut.name:
                return min(fact.t, healed)
        elif isinstance(fact, facts.StepPerformed) and (fact.command, fact.detail.get("site")) == ("start_site", site):
            return min(fact.t, healed)
    return healed


def scorecard(book: Book) -> Failover:
    """All figures. Raises Missing if the history has no beginning."""
    budgets = book.expectations().failover or FailoverBudgets()
    cut = first_cut(book)
    if cut is None:
        names = ("detect", "switch", "first_approval", "drain", "fail_back")
        return Failover(None, 0, tuple(Figure(name, None, "", _budget(budgets, name)) for name in names))
    touched = [book.terminals[name] for name in book.atms() if _is_touched(book.terminals[name], cut)]
    switches = {log.name: _switched_t(log, cut) for log in touched}
    figures = (
        _slowest(
            "detect",
            budgets.detect_s,
            cut,
            {log.name: _detected_t(log, cut) for log in touched},
            "no terminal noticed it",
        ),
        _slowest("switch", budgets.switch_s, cut, switches, "no terminal signed on over another line"),
        _first_approval(book, budgets.first_approval_s, cut),
        _drain(book, budgets.drain_s, cut),
        _fail_back(budgets.fail_back_s, cut, [log for log in touched if switches[log.name] is not None]),
    )
    return Failover(cut, len(touched), figures)


def check(book: Book) -> Verdict:
    """Judge the figures against the budgets of the drill."""
    card = scorecard(book)
    lost = [log.name for log in book.terminals.values() if log.line_events_lost]
    asked = any(figure.budget_s is not None for figure in card.figures)
    is_stopped = book.ended is not None and book.ended.stopped
    late = [
        figure for figure in card.figures if figure.status is Status.FAIL and _is_late_by_now(figure, card.cut, book)
    ]
    restless = _restless(book)
    if is_stopped or not (restless or (late and card.cut is not None)):
        book.end()
        if lost and book.expectations().failover not in (None, FailoverBudgets()):
            return Verdict(CHECK, Status.UNKNOWN, f"too many line events to keep at {listed(lost)}")
    if card.cut is None:
        return _nothing_cut(book, asked and book.ended is not None, restless)
    findings = [*(Finding("", figure.says) for figure in late), *restless]
    all_says = "; ".join(figure.says for figure in card.figures)
    what = f"{card.cut.says} at {card.cut.t:.3f} s, {count(card.touched, 'terminal')} on it"
    failed = f"{what}: over budget: {'; '.join(each.says for each in findings)}"
    return judged(CHECK, f"{what}: {all_says}{_unjudged(card.figures)}", failed, findings)


def _restless(book: Book) -> list[Finding]:
    """Terminals that went from line to line more often than the drill allows."""
    budgets = book.expectations().failover
    most = budgets.changes_max if budgets is not None else None
    if most is None:
        return []
    changes = {log.name: sum(event.what == "chosen" for event in log.line_events) for log in book.terminals.values()}
    return [
        Finding("", f"{name} changed its line {count(number, 'time')}, {most:,} allowed")
        for name, number in changes.items()
        if number > most
    ]


def _is_late_by_now(figure: Figure, cut: Cut | None, book: Book) -> bool:
    """Whether it cannot happen in time any more: while a run goes on, what is missing may still come."""
    if book.ended is not None or cut is None or figure.budget_s is None:
        return True
    if figure.seconds is not None and figure.seconds > figure.budget_s:
        return True
    begins_t = cut.mended_t if figure.name == "fail_back" else cut.t
    return book.t - begins_t > figure.budget_s


def _nothing_cut(book: Book, asked: bool, restless: list[Finding]) -> Verdict:
    never = f"line {next(iter(book.run().lines), 'the preferred one')} was never cut"
    findings = [Finding("", f"the drill sets budgets for failover, but {never}")] if asked else []
    because = [*(["nothing to hold the budgets against"] if asked else []), *(each.says for each in restless)]
    return judged(CHECK, f"{never}: nothing to time", f"{never}: {'; '.join(because)}", [*findings, *restless])


def _unjudged(figures: Sequence[Figure]) -> str:
    """The end of a sentence about figures, which says of what no budget is set."""
    names = [figure.name for figure in figures if figure.budget_s is None]
    if len(names) == len(figures):
        return ". The drill sets no budget, so none of it is judged"
    return f". The drill sets no budget for {listed(names)}, so that is not judged" if names else ""


def _budget(budgets: FailoverBudgets, name: str) -> float | None:
    value: float | None = getattr(budgets, f"{name}_s")
    return value


def _is_touched(log: TerminalLog, cut: Cut) -> bool:
    """Whether a terminal was aimed at and used the preferred line when it was cut."""
    aim = cut.terminal
    if aim and aim != log.name and not (aim.endswith("*") and log.name.startswith(aim[:-1])):
        return False
    current = cut.line
    for event in log.line_events:
        if event.t >= cut.t:
            break
        if event.what == "chosen":
            current = event.line
    return current == cut.line


def _detected_t(log: TerminalLog, cut: Cut) -> float | None:
    for event in log.line_events:
        if event.what == "sick" and event.line == cut.line and cut.t <= event.t <= cut.mended_t:
            return event.t
    return None


def _switched_t(log: TerminalLog, cut: Cut) -> float | None:
    """When the terminal was signed on over another line that it had chosen during the outage."""
    signed_on: set[str] = set()
    chosen: LineEvent | None = None
    for event in log.line_events:
        if chosen is None and event.what == "chosen" and cut.t <= event.t <= cut.mended_t and event.line != cut.line:
            if event.line in signed_on:
                return event.t  # it was kept signed on all the time
            chosen = event
        elif event.what == "signed_on":
            if chosen is not None and event.line == chosen.line:
                return event.t
            signed_on.add(event.line)
        elif event.what == "sick":
            signed_on.discard(event.line)
    return None


def _slowest(name: str, budget_s: float | None, cut: Cut, at: dict[str, float | None], never: str) -> Figure:
    """The slowest of some terminals, from the cut; those that had time and did not are missing."""
    happened = {terminal: t - cut.t for terminal, t in at.items() if t is not None}
    had_time = cut.mended_t - cut.t >= (budget_s or 0.0)
    missing = tuple(terminal for terminal, t in at.items() if t is None) if had_time else ()
    slowest = max(happened, key=lambda terminal: happened[terminal], default="")
    note = "" if happened else never if at else f"no terminal was on line {cut.line}"
    return Figure(name, _rounded(happened.get(slowest)), slowest, budget_s, missing, note)


def _first_approval(book: Book, budget_s: float | None, cut: Cut) -> Figure:
    first, terminal = inf, ""
    for case in book.cases.values():
        for answer in case.answers if book.channel_of(case.terminal) == ATM else ():
            if cut.t <= answer.t < first and answer.line != cut.line and _approves(answer):
                first, terminal = answer.t, case.terminal
    seconds = _rounded(first - cut.t) if terminal else None
    never = "nothing was approved over another line"
    return Figure("first_approval", seconds, terminal, budget_s, (), "" if terminal else never)


def _approves(answer: Answer) -> bool:
    return answer.outcome in APPROVALS and not answer.ignored


def _drain(book: Book, budget_s: float | None, cut: Cut) -> Figure:
    """Until the last message stored during the outage was accepted. One given up is an exception, and not awaited."""
    last, terminal, missing = cut.t, "", []
    for case in book.cases.values():
        for advice in case.advices:
            if not cut.t <= advice.queued_t <= cut.mended_t or advice.given_up:
                continue
            if advice.accepted_t is None:
                missing.append(f"{case.terminal} STAN {advice.stan:06d}")
            elif advice.accepted_t >= last:
                last, terminal = advice.accepted_t, case.terminal
    seconds = _rounded(last - cut.t) if not missing or terminal else None
    note = "nothing that was stored was accepted" if missing else "nothing had to be stored"
    return Figure("drain", seconds, terminal, budget_s, tuple(missing), "" if terminal else note)


def _fail_back(budget_s: float | None, cut: Cut, away: list[TerminalLog]) -> Figure:
    """From mending until the slowest terminal that had switched chose the preferred line again."""
    back: dict[str, float] = {}
    for log in away:
        for event in log.line_events:
            if event.what == "chosen" and event.line == cut.line and event.t >= cut.mended_t:
                back[log.name] = event.t - cut.mended_t
                break
    missing = tuple(log.name for log in away if log.name not in back)
    slowest = max(back, key=lambda terminal: back[terminal], default="")
    note = f"no terminal went back to line {cut.line}" if away else f"no terminal had left line {cut.line}"
    return Figure("fail_back", _rounded(back.get(slowest)), slowest, budget_s, missing, "" if back else note)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
