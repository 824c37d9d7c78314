"""Lines, sites and faults as rows."""

from collections import Counter
from collections.abc import Iterator

from atmbench.audit.verdict import count
from atmbench.console.model import Model
from atmbench.console.model_lines import ACTIVE, DOWN, Fault, Line, Lines, Site
from atmbench.console.views import paint
from atmbench.console.views.paint import Column, Row, Tone, clock, grouped, join, listed, plain, toned
from atmbench.releases.records import BASE

LINE_COLUMNS = (
    Column("line", 12),
    Column("site", 5),
    Column("connected", 9, right=True),
    Column("in use", 6, right=True),
    Column("health", 10),
    Column("faults", least=16),
)
SITE_COLUMNS = (
    Column("site", 5),
    Column("role", 9),
    Column("waiting", 7, right=True),
    Column("lag", 9, right=True),
    Column("entries", 8, right=True),
    Column("reversed", 8, right=True, from_width=80),
    Column("tombstones", 10, right=True, from_width=90),
    Column("ledger", 14, right=True),
    Column("vs devices", 13, right=True),
    Column("because", least=10, from_width=110),
)
FAULT_COLUMNS = (
    Column("fault", 18),
    Column("since", 10, right=True),
    Column("touched", 8, right=True),
    Column("what it does", least=20),
)


def line_rows(model: Model) -> list[Row]:
    """Each line with its terminals and faults."""
    return [_line(line, len(model.terminals.by_name)) for line in model.lines.lines(model.terminals.by_name.values())]


def _line(line: Line, terminals: int) -> Row:
    is_cut = any(fault.kind in ("cut", "cable_pulled") for fault in line.faults)
    health = toned("▲ cut", Tone.BAD) if is_cut else toned("▲ disturbed", Tone.WARN) if line.faults else ()
    return Row(
        line.name,
        (
            toned(line.name, Tone.STRONG),
            plain(line.site),
            toned(f"{line.up:,}", Tone.PLAIN if line.up == terminals else Tone.WARN),
            plain(f"{line.active:,}"),
            health or toned("● sound", Tone.GOOD),
            toned(listed([fault.name for fault in line.faults]) or "none", Tone.WARN if line.faults else Tone.DIM),
        ),
    )


def site_rows(model: Model) -> list[Row]:
    """Each site with its role, what waits for it, and its ledger against the devices."""
    return [_site(site, model) for site in model.lines.sites.values()]


def _site(site: Site, model: Model) -> Row:
    signs = {ACTIVE: ("● active", Tone.GOOD), DOWN: ("✗ down", Tone.BAD)}
    sign, tone = signs.get(site.role, (f"○ {site.role}", Tone.NOTE))
    say = model.teller.amount
    difference = model.money.difference_minor(site.name)
    return Row(
        site.name,
        (
            toned(site.name, Tone.STRONG),
            toned(sign, tone),
            toned(f"{site.waiting:,}", Tone.WARN if site.waiting else Tone.DIM),
            plain("-" if site.lag_s is None else f"{site.lag_s:.3f} s"),
            plain(f"{site.entries:,}"),
            plain(f"{site.reversals:,}"),
            plain(f"{site.tombstones:,}"),
            plain(grouped(say(site.cash_minor))),
            toned(f"{'+' if difference > 0 else ''}{grouped(say(difference))}", Tone.WARN if difference else Tone.GOOD),
            toned(site.because or "since the start", Tone.DIM),
        ),
    )


def site_words(model: Model, width: int) -> list[paint.Line]:
    """What is set between the sites, as far as a step has told; what ails one, its day and clock, and releases.

    As many lines of `width` as that takes.
    """
    packed: list[paint.Line] = []
    for part in _site_parts(model):
        longer = join(packed[-1], part, gap="; ") if packed else part
        if packed and paint.length(longer) <= width:
            packed[-1] = longer
        else:
            packed.append(part)
    return packed


def _site_parts(model: Model) -> Iterator[paint.Line]:
    lines = model.lines
    sick = [says for site in lines.sites.values() for says in _ails(site)]
    deployed = [f"site {each.name} runs {each.release}" for each in lines.sites.values() if each.release != BASE]
    running = Counter(lines.terminal_releases.values())
    deployed += [
        f"{count(number, 'terminal')} run{'s' if number == 1 else ''} {name}" for name, number in running.items()
    ]
    yield _replication_words(lines)
    yield from (toned(each, Tone.WARN) for each in sick)
    yield from (toned(each, Tone.NOTE) for each in (*_days(lines), *deployed))


def _days(lines: Lines) -> list[str]:
    days = {site.name: site.business_day for site in lines.sites.values()}
    if len(set(days.values())) == 1:
        return [f"all in day {day}" for day in set(days.values()) if day]
    return [f"site {name} is in day {day}" for name, day in days.items() if day]


def _ails(site: Site) -> Iterator[str]:
    if site.is_sick:
        yield f"site {site.name} is sick"
    if not site.core_is_up:
        yield f"the core of site {site.name} is away"
    if site.is_braked:
        yield f"the brake of site {site.name} is on"
    if site.clock_off_s:
        yield f"the clock of site {site.name} is off by {site.clock_off_s:+,} s"


def _replication_words(lines: Lines) -> paint.Line:
    if lines.is_replication_paused:
        return toned("replication is paused", Tone.WARN)
    if lines.replication_lag_s is not None:
        return plain(f"replication lag set to {lines.replication_lag_s:g} s")
    return toned("replication as the drill sets it", Tone.DIM)


def fault_rows(model: Model) -> list[Row]:
    """Each fault that applies now."""
    return [_fault(fault) for fault in model.lines.faults.values()]


def _fault(fault: Fault) -> Row:
    where = " ".join(str(fault.detail[each]) for each in ("line", "site") if fault.detail.get(each)) or "everywhere"
    touched = toned(f"{fault.touched:,}", Tone.PLAIN if fault.touched else Tone.DIM)
    return Row(
        fault.name,
        (toned(fault.name, Tone.WARN), plain(clock(fault.started_t)), touched, plain(f"{where}: {fault.says}")),
    )
