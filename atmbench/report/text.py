"""The report for people: verdict first, then what each check says, the money, the times and the stories."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from math import inf

from atmbench.audit.book import Book
from atmbench.audit.failover import Failover, Figure
from atmbench.audit.judge import Audit
from atmbench.audit.totals import Totals
from atmbench.audit.verdict import Finding, Status, Verdict, count
from atmbench.facts.terminal import BY_ORDER
from atmbench.faults.all import RECORD_KINDS, STATE_KINDS, WIRE_KINDS
from atmbench.report.customers import downtime_lines, made_good_lines
from atmbench.report.load import capacity_lines

WIDTH = 100
FINDINGS_IN_FULL = 5
"""Findings of one check that are told with their story; the rest are listed by key."""
FINDINGS_LISTED = 50
FAULTS_IN_FULL = 20
ORDERS_IN_FULL = 20
ORDERED = ("terminal", "region", "channel", "line", "site")
"""What an order may name."""
EXCEPTIONS_IN_FULL = 20
"""Open exceptions told with their story; of more, only the sentence."""
EXCEPTIONS_LISTED = 200

Stories = Mapping[str, Sequence[str]]

_MEANING = {
    Status.PASS: "every check passed",
    Status.FAIL: "at least one check failed",
    Status.UNKNOWN: "nothing is proven wrong, but not everything could be judged",
}


_MEANT_BY = {
    "detect": "until the outage was noticed",
    "switch": "until signed on over another line",
    "first_approval": "until the first approval there",
    "drain": "until what was stored was through",
    "fail_back": "from the mending until it was back",
}
"""What the time of a figure is, by its name in a drill's budgets."""


def keys_to_tell(audit: Audit) -> tuple[str, ...]:
    """Transactions whose stories the reports tell: the first findings of each check and the open exceptions."""
    keys: dict[str, None] = {}
    for verdict in audit.verdicts:
        keys.update(dict.fromkeys(finding.key for finding in verdict.findings[:FINDINGS_IN_FULL]))
    keys.update(dict.fromkeys(each.key for each in audit.exceptions[:EXCEPTIONS_IN_FULL]))
    keys.pop("", None)
    return tuple(keys)


def render(audit: Audit, stories: Stories | None = None, *, replay: str = "", notice: str = "") -> str:
    """The whole report, in lines of at most WIDTH columns.

    `stories` are those of `keys_to_tell`; without them findings and exceptions stand alone. `replay` is the
    command line that repeats the run; without it one is made of what the history knows. `notice` is what else the
    reader must know of what the run left behind.
    """
    told = stories or {}
    parts = [
        _head(audit),
        _checks(audit.verdicts),
        _money(audit.totals, audit.book),
        downtime_lines(audit.downtime),
        made_good_lines(audit.made_good),
        _transactions(audit.totals),
        _out_of_service(audit.book),
        _faults(audit.book),
        _failover(audit.failover),
        capacity_lines(audit.load),
        _exceptions(audit, told),
        _failures(audit.verdicts, told),
        _wrapped("", notice) if notice else [],
        _replay(replay or replay_command(audit.book)),
    ]
    lines = [line for part in parts if part for line in (*part, "")]
    return "\n".join(line.rstrip() for line in lines[:-1]) + "\n"


def replay_command(book: Book) -> str:
    """The command line that repeats a run, from its history alone; empty if that has no beginning."""
    run = book.run_started
    if run is None:
        return ""
    planted = "".join(f" --plant {defect}" for defect in run.defects)
    return f"atmbench run {run.drill} --seed {run.seed} --venue {run.venue}{planted}"


def _head(audit: Audit) -> list[str]:
    run = audit.book.run_started
    name = run.drill if run is not None else "a history without a beginning"
    lines = [f"{audit.status.value}  {name}: {_MEANING[audit.status]}"]
    if run is not None:
        lines += _wrapped("Proves: ", run.proves)
        lines += _wrapped("Seed: ", f"{run.seed}   venue: {run.venue}   version: {run.version}   {run.currency}")
        lines += _wrapped("Lines: ", ", ".join(f"{line} to site {site}" for line, site in run.lines.items()))
        for each in run.shared:
            lines += _wrapped("WARNING: ", f"{each}: they fall together")
        lines += _wrapped("Defects planted: ", ", ".join(run.defects) or "none")
    lines += _wrapped("History: ", count(audit.book.count, "fact"))
    return lines


def _checks(verdicts: Sequence[Verdict]) -> list[str]:
    lines = ["CHECKS"]
    for verdict in verdicts:
        lines += _wrapped(f"  {verdict.status.value:<8}{verdict.check:<12} ", verdict.because)
    return lines


def _money(totals: Totals | None, book: Book) -> list[str]:
    if totals is None:
        return []
    currency = book.run().currency
    lines = [f"MONEY, in {currency}", f"  {'witness':<34}{'to customers':>16}{'from customers':>16}{'net':>16}"]

    def row(witness: str, out: int | None, into: int | None, net: int | None = None) -> None:
        if out is not None and into is not None:
            net = out - into
        cells = "".join(f"{'' if each is None else book.say(each):>16}" for each in (out, into, net))
        lines.append(f"  {witness:<34}{cells}")

    if totals.hand is not None:
        row("notes counted by hand", totals.hand.out_minor, totals.hand.in_minor)
    else:
        lines.append(f"  {'notes counted by hand':<34}{'not counted':>16}")
    row("devices", totals.taken_minor, totals.accepted_minor)
    for site in totals.sites:
        row(f"site {site.site}, entries", site.debited_minor, site.credited_minor)
        if site.cash_accounts_minor is not None:
            row(f"site {site.site}, balances of cash", None, None, site.cash_accounts_minor)
        else:
            lines.append(f"  {f'site {site.site}, balances of cash':<34}{'not counted':>16}")
    row("terminals, approved withdrawals", totals.approved_minor, None)
    if totals.retracted_minor:
        lines.append(f"  {book.say(totals.retracted_minor)} was drawn back into retract bins")
    return lines


def _transactions(totals: Totals | None) -> list[str]:
    if totals is None:
        return []
    lines = ["TRANSACTIONS"]
    lines += _outcomes(totals.outcomes, "  ")
    for channel, outcomes in totals.by_channel.items():
        lines += [f"  of these over {channel}:", *(_outcomes(outcomes, "    ") or ["    none"])]
    reversals = ", ".join(f"{site.reversals:,} at site {site.site}" for site in totals.sites)
    lines += _wrapped(
        "  ",
        f"{count(totals.messages, 'message')} sent by terminals, {count(totals.advices, 'advice')} stored; "
        f"reversing entries: {reversals or 'none'}; {count(totals.turned_away, 'customer')} turned away; "
        f"{count(totals.power_failures, 'power failure')}",
    )
    return lines


def _outcomes(outcomes: Mapping[str, Mapping[str, int]], indent: str) -> list[str]:
    lines: list[str] = []
    for service, of_service in outcomes.items():
        parts = ", ".join(f"{number:,} {outcome.replace('_', ' ')}" for outcome, number in of_service.items())
        lines += _wrapped(f"{indent}{service.replace('_', ' ') or 'unknown service':<16} ", parts)
    return lines


def _out_of_service(book: Book) -> list[str]:
    """What an operator took out of service, what customers were told, and how many were turned away by it."""
    told = [
        (channel, why, number) for (channel, why), number in book.told.turned_away.items() if why.startswith(BY_ORDER)
    ]
    orders = [order for order in book.told.orders if not order.detail.get("open") or told]
    if not any(order.detail.get("because") for order in orders):
        return []
    lines = ["OUT OF SERVICE"]
    for order in orders[:ORDERS_IN_FULL]:
        what = next((f"{key} {order.detail[key]}" for key in ORDERED if order.detail.get(key)), "all terminals")
        because = f": {' '.join(str(order.detail['because']).split())}" if order.detail.get("because") else ""
        way = "back" if order.detail.get("open") else "out"
        lines += _wrapped(f"  {order.t:>10.3f} s  {way:<5}", f"{what}{because}")
    if len(orders) > ORDERS_IN_FULL:
        lines.append(f"  and {len(orders) - ORDERS_IN_FULL:,} more")
    for channel, why, number in told:
        lines += _wrapped("  ", f"{count(number, 'customer')} of {channel} turned away: {why.removeprefix(BY_ORDER)}")
    return lines


def _faults(book: Book) -> list[str]:
    """What each fault did. One that met nothing is said loudest: the run has then proven nothing of it."""
    if not book.faults:
        return []
    lines = ["FAULTS"]
    for name, log in list(book.faults.items())[:FAULTS_IN_FULL]:
        noun = "unit" if log.kind in WIRE_KINDS else "record" if log.kind in RECORD_KINDS else "frame"
        says = f"touched {count(log.touched, noun)}"
        if log.kind in STATE_KINDS:
            says = "was the state of the ways between the sites"
        elif not log.touched and log.kind != "cut":  # a cut may sever connections and meet no frame
            says = f"NO {noun.upper()} MET IT: nothing is proven of it"
        if log.not_applied:
            says += f", of which it had to leave {log.not_applied:,} as they were"
        lines += _wrapped(f"  {name:<22}{log.kind:<18}", says)
    if len(book.faults) > FAULTS_IN_FULL:
        lines.append(f"  and {len(book.faults) - FAULTS_IN_FULL:,} more")
    return lines


def _failover(card: Failover | None) -> list[str]:
    if card is None or card.cut is None:
        return []
    mended = f"mended at {card.cut.mended_t:.3f} s" if card.cut.mended_t < inf else "never mended"
    touched = f"{count(card.touched, 'terminal')} on it"
    lines = ["FAILOVER", *_wrapped("  ", f"{card.cut.says} at {card.cut.t:.3f} s, {touched}; {mended}")]
    lines.append(f"  {'':<51}{'time':>12}  {'slowest':<9}{'allowed':<10}verdict")
    for figure in card.figures:
        lines += _figure(figure)
    unjudged = [figure.name for figure in card.figures if figure.status is None]
    if unjudged:
        is_all = len(unjudged) == len(card.figures)
        budgets = "budget" if is_all else ", ".join(f"{name}_s" for name in unjudged)
        lines += _wrapped("  ", f"not judged: the drill sets no {budgets} (expect: failover:)")
    return lines


def _figure(figure: Figure) -> list[str]:
    """A row of the failover table, and below it who did not do it, or why there is no time."""
    seconds = f"{figure.seconds:.3f} s" if figure.seconds is not None else "never"
    budget = f"{figure.budget_s:g} s" if figure.budget_s is not None else "no limit"
    judged = figure.status.value if figure.status is not None else "not judged"
    says = f"  {figure.name:<16}{_MEANT_BY.get(figure.name, ''):<35}"
    lines = [f"{says}{seconds:>12}  {figure.terminal:<9}{budget:<10}{judged}"]
    missing = f"{', '.join(figure.missing[:8])}{_more(figure.missing, 8)}" if figure.missing else ""
    parts = [figure.note, missing if figure.note else f"not at all for {missing}" if missing else ""]
    below = ": ".join(part for part in parts if part)
    return lines + (_wrapped(" " * 18, below) if below else [])


def _exceptions(audit: Audit, told: Stories) -> list[str]:
    if not audit.exceptions:
        return []
    lines = [f"OPEN EXCEPTIONS ({len(audit.exceptions):,}): a person has to settle these"]
    for number, each in enumerate(audit.exceptions[:EXCEPTIONS_LISTED]):
        lines += _wrapped("  - ", each.says)
        owner = f" (owner: {each.owner})" if each.owner else ""
        lines += _wrapped("    ", f"{', '.join(kind.replace('_', ' ') for kind in each.kinds)}: {each.because}{owner}")
        if number < EXCEPTIONS_IN_FULL:
            lines += _story(told.get(each.key, ()))
    if len(audit.exceptions) > EXCEPTIONS_LISTED:
        lines.append(f"  and {len(audit.exceptions) - EXCEPTIONS_LISTED:,} more")
    return lines


def _failures(verdicts: Sequence[Verdict], told: Stories) -> list[str]:
    lines: list[str] = []
    for verdict in verdicts:
        if verdict.findings:
            lines += [f"FINDINGS of {verdict.check}", *findings_of(verdict, told), ""]
    return lines[:-1]


def findings_of(verdict: Verdict, told: Stories) -> list[str]:
    """The findings of one check: the first few with their stories, the rest by key."""
    lines: list[str] = []
    told_already: set[str] = set()
    for finding in verdict.findings[:FINDINGS_IN_FULL]:
        lines += _wrapped("  - ", finding.says)
        lines += _where(finding)
        if finding.key not in told_already:
            lines += _story(told.get(finding.key, ()))
            told_already.add(finding.key)
    rest = verdict.findings[FINDINGS_IN_FULL:]
    for finding in rest[:FINDINGS_LISTED]:
        lines += _wrapped("  - ", finding.key or finding.says)
    if len(rest) > FINDINGS_LISTED:
        lines.append(f"  and {len(rest) - FINDINGS_LISTED:,} more")
    return lines


def _where(finding: Finding) -> list[str]:
    if not finding.facts:
        return []
    numbers = ", ".join(str(number) for number in dict.fromkeys(finding.facts))
    return _wrapped("    ", f"{finding.key or 'no transaction'}; lines of history.jsonl: {numbers}")


def _story(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(line, WIDTH - 4, initial_indent="    ", subsequent_indent=" " * 24) or [""]


def _replay(command: str) -> list[str]:
    return ["REPLAY", f"  {command}"] if command else []


def _wrapped(start: str, text: str) -> list[str]:
    """Text behind a start, with following lines below the text."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
    ) or [start.rstrip()]


def _more(words: Sequence[str], shown: int) -> str:
    return f" and {len(words) - shown:,} more" if len(words) > shown else ""
