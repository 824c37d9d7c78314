"""The fleet as a tester sees it: a letter and a tone for each terminal, what they add up to, and what has happened."""

from collections.abc import Iterable, Sequence

import msgspec

from atmbench.console.model import Model
from atmbench.console.model_alerts import Alert, Grade
from atmbench.console.model_terminals import Terminal
from atmbench.console.views.paint import Line, Row, Tone, clock, join, plain, toned, words

OFF_LETTER = "O"
LETTERS: dict[str, tuple[str, Tone]] = {
    "ready": ("R", Tone.GOOD),
    "authorising": ("A", Tone.NOTE),
    "returning_card": ("K", Tone.NOTE),
    "dispensing": ("D", Tone.NOTE),
    "presenting": ("P", Tone.NOTE),
    "retracting": ("T", Tone.WARN),
    "counting_deposit": ("N", Tone.NOTE),
    "storing_deposit": ("N", Tone.NOTE),
    "returning_deposit": ("N", Tone.NOTE),
    "parting": ("L", Tone.NOTE),
    "recovering": ("V", Tone.WARN),
    "closed": ("C", Tone.BAD),
}
"""State to its letter and tone. K: the card is handed back. T: notes are taken back. N: notes are deposited."""
LEGEND = (
    ("R", "ready", Tone.GOOD),
    ("A", "asks host", Tone.NOTE),
    ("K", "card out", Tone.NOTE),
    ("D", "dispenses", Tone.NOTE),
    ("P", "cash out", Tone.NOTE),
    ("L", "leaves", Tone.NOTE),
    ("N", "deposit", Tone.NOTE),
    ("T", "retracts", Tone.WARN),
    ("V", "recovers", Tone.WARN),
    ("C", "closed", Tone.BAD),
    ("O", "no power", Tone.BAD),
)
MARKS = (("1", "stored"), ("?", "suspects line"), ("~", "other line"), ("!", "exception"))
"""Lower case in their place where there is room for one letter only."""
GRADES = {Grade.GOOD: Tone.GOOD, Grade.NOTE: Tone.NOTE, Grade.WARN: Tone.WARN, Grade.BAD: Tone.BAD}
SIGNS = {Grade.GOOD: "✓", Grade.NOTE: "·", Grade.WARN: "!", Grade.BAD: "✗"}
SORTS = ("name", "trouble", "stored", "line", "outcome")


class Cell(msgspec.Struct, frozen=True):
    """A terminal in the fleet, as small or large as there is room: a letter, a label, or a tile of three lines."""

    name: str
    letter: str
    tone: Tone
    mark: str
    """What is odd, in one character: a number of stored messages, ~ on another line than the preferred, ? suspected."""
    state: str
    last: str


def cell_of(terminal: Terminal, preferred: str) -> Cell:
    """How a terminal is shown."""
    letter, tone = LETTERS.get(terminal.state, ("?", Tone.WARN))
    state = words(terminal.state)
    if not terminal.has_power:
        letter, tone, state = OFF_LETTER, Tone.BAD, "no power"
    mark = mark_of(terminal, preferred)
    if mark and tone is Tone.GOOD:
        tone = Tone.WARN
    return Cell(terminal.name, letter, tone, mark, state, last_words(terminal))


def mark_of(terminal: Terminal, preferred: str) -> str:
    """What is odd of it, in one character; empty if nothing is."""
    if terminal.exceptions:
        return "!"
    if terminal.stored:
        return str(min(len(terminal.stored), 9))
    if terminal.missed:
        return "?"
    return "~" if preferred and terminal.line not in ("", preferred) else ""


def last_words(terminal: Terminal) -> str:
    """What came of its last customer."""
    return words(terminal.outcome) or "-"


def chosen(model: Model, sort: str, wanted: str) -> list[Terminal]:
    """The terminals that a filter shows, in an order. Each word of a filter is in name, state, line or outcome."""
    terminals: Iterable[Terminal] = model.terminals.by_name.values()
    if asked := wanted.lower().split():
        terminals = [each for each in terminals if _takes(each, asked)]
    return sorted(terminals, key=lambda each: (*_rank(each, sort), each.name))


def _takes(terminal: Terminal, wanted: Sequence[str]) -> bool:
    state = words(terminal.state) if terminal.has_power else "off no power"
    has = f"{terminal.name} {state} {terminal.line} {words(terminal.outcome)}"
    has += f" stored{len(terminal.stored)}" if terminal.stored else ""
    has += " suspected" if terminal.missed else ""
    has += " exception" if terminal.exceptions else ""
    return all(word in has.lower() for word in wanted)


def _rank(terminal: Terminal, sort: str) -> tuple[str | int, ...]:
    if sort == "trouble":
        tone = cell_of(terminal, terminal.line).tone
        order = (Tone.BAD, Tone.WARN, Tone.NOTE, Tone.GOOD)
        return (-terminal.exceptions, order.index(tone) if tone in order else 0, -len(terminal.stored))
    if sort == "stored":
        return (-len(terminal.stored),)
    if sort == "line":
        return (terminal.line,)
    return (terminal.outcome,) if sort == "outcome" else ()


def counters(model: Model, shown: int, sort: str, wanted: str) -> list[Line]:
    """What the fleet adds up to, in two lines."""
    terminals = model.terminals.by_name.values()
    ready = sum(each.has_power and each.state == "ready" for each in terminals)
    busy = sum(each.is_busy for each in terminals)
    off = sum(not each.has_power for each in terminals)
    closed = len(terminals) - ready - busy - off
    first = join(
        toned(f"{len(terminals):,} terminals", Tone.STRONG),
        toned(f"{ready:,} ready", Tone.GOOD),
        toned(f"{busy:,} busy", Tone.NOTE),
        toned(f"{closed:,} closed", Tone.BAD if closed else Tone.DIM),
        toned(f"{off:,} off", Tone.BAD if off else Tone.DIM),
        toned(f"{model.terminals.stored:,} stored", Tone.WARN if model.terminals.stored else Tone.DIM),
        gap="  ",
    )
    lines = model.lines.lines(terminals)
    on = [
        join(
            toned(f"{line.active:,} on {line.name}", Tone.PLAIN),
            toned(f" ({len(line.faults)} fault{'s' * (len(line.faults) > 1)})", Tone.WARN) if line.faults else (),
        )
        for line in lines
    ]
    how = toned(f"sort {sort}" + (f", filter {wanted!r}: {shown:,} shown" if wanted else ""), Tone.DIM)
    return [first, join(*on, how, gap="  ")]


def legend(cells: Iterable[Cell]) -> Line:
    """What the letters and marks in sight mean."""
    cells = list(cells)
    letters = {cell.letter for cell in cells}
    marks = {"1" if cell.mark.isdigit() else cell.mark for cell in cells}
    told = [(letter, says, tone) for letter, says, tone in LEGEND if letter in letters]
    told += [(mark, says, Tone.WARN) for mark, says in MARKS if mark in marks]
    return join(*(join(toned(letter, tone), toned(f" {says}", Tone.DIM)) for letter, says, tone in told), gap="  ")


def alert_rows(alerts: Iterable[Alert]) -> list[Row]:
    """Alerts as rows, the latest last. The key of a row is the transaction or the terminal that it leads to."""
    return [
        Row(
            f"{number}|{alert.key}|{alert.terminals[0] if alert.terminals else ''}",
            (
                toned(clock(alert.t), Tone.DIM),
                toned(SIGNS[alert.grade], GRADES[alert.grade]),
                toned(alert.text, GRADES[alert.grade] if alert.grade is Grade.BAD else Tone.PLAIN),
            ),
        )
        for number, alert in enumerate(alerts)
    ]


def leads_to(row_key: str) -> tuple[str, str]:
    """Transaction and terminal that a row of the alerts leads to; empty if none."""
    _, key, terminal = row_key.rsplit("|", 2) if row_key.count("|") >= 2 else ("", "", "")
    return key, terminal


def tile(cell: Cell, width: int) -> tuple[str, str, str]:
    """The three lines of a tile."""
    name = f"{cell.name} {cell.mark}".rstrip()
    head = f" {name:<{width - 4}.{width - 4}}{cell.letter:>2} "
    return head, f" {cell.state:<{width - 2}.{width - 2}} ", f" {cell.last:<{width - 2}.{width - 2}} "


def empty_words(model: Model) -> Line:
    """What to say of a fleet without terminals."""
    return plain("waiting for the first facts of the run" if model.run is None else "no terminal fits the filter")
