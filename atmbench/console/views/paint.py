"""Paint: text with a tone in place of a colour, and small drawings made of characters. Dry.

A tone says what a piece of text means; which colour that is, the theme says. No meaning is told by a tone alone.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from textwrap import wrap
from typing import TypeAlias

import msgspec

BLOCKS = "▁▂▃▄▅▆▇█"
"""The lowest is nothing at all."""


class Tone(StrEnum):
    """What a piece of text means."""

    PLAIN = "plain"
    STRONG = "strong"
    DIM = "dim"
    GOOD = "good"
    NOTE = "note"
    WARN = "warn"
    BAD = "bad"
    ACCENT = "accent"


Span: TypeAlias = tuple[str, Tone]
Line: TypeAlias = tuple[Span, ...]


class Row(msgspec.Struct, frozen=True):
    """A row of a list. `key` names what it is about, so that a cursor stays with it while rows come and go."""

    key: str
    cells: tuple[Line, ...]


class Column(msgspec.Struct, frozen=True):
    """A column: its title and width. One with a `least` takes what is left, and at least so much."""

    title: str
    width: int = 0
    least: int = 0
    right: bool = False
    from_width: int = 0
    """It is left out if the whole list is narrower."""


def plain(text: str) -> Line:
    """Text that means nothing more than it says."""
    return ((text, Tone.PLAIN),)


def toned(text: str, tone: Tone) -> Line:
    """Text in one tone."""
    return ((text, tone),)


def length(line: Line) -> int:
    """Characters of a line."""
    return sum(len(text) for text, _ in line)


def join(*parts: Line, gap: str = "") -> Line:
    """Lines behind one another."""
    joined: list[Span] = []
    for part in parts:
        if joined and gap and part:
            joined.append((gap, Tone.PLAIN))
        joined += part
    return tuple(joined)


def clip(line: Line, width: int) -> Line:
    """At most so many characters; an ellipsis tells that there were more."""
    if length(line) <= width:
        return line
    left, clipped = max(width - 1, 0), []
    for text, tone in line:
        clipped.append((text[:left], tone))
        left -= len(text)
        if left <= 0:
            break
    return (*clipped, ("…", Tone.DIM)) if width > 0 else ()


def fit(line: Line, width: int, *, right: bool = False) -> Line:
    """Exactly so many characters."""
    clipped = clip(line, width)
    space: Span = (" " * (width - length(clipped)), Tone.PLAIN)
    return (space, *clipped) if right else (*clipped, space)


def text_of(line: Line) -> str:
    """The characters alone."""
    return "".join(text for text, _ in line)


def widths(columns: Sequence[Column], whole: int) -> list[int]:
    """What each column gets of a width, with one blank between; 0 for one that is left out."""
    shown = [column for column in columns if whole >= column.from_width]
    fixed = sum(column.width for column in shown if not column.least) + len(shown) - 1
    flexible = [column for column in shown if column.least]
    share, extra = divmod(max(whole - fixed, 0), len(flexible) or 1)
    found = []
    for column in columns:
        if whole < column.from_width:
            found.append(0)
        elif column.least:
            found.append(max(column.least, share + extra))
            extra = 0
        else:
            found.append(column.width)
    return found


def spark(values: Sequence[float], width: int, *, most: float = 0.0) -> str:
    """Values as a row of bars, the whole time stretched over a width; each bar is the highest of its share."""
    if not values or width <= 0:
        return " " * width
    shares = _shares(values, width)
    top = max(most, *shares) or 1.0
    steps = len(BLOCKS) - 2
    bars = [BLOCKS[0] if each <= 0 else BLOCKS[1 + min(int(each / top * steps), steps)] for each in shares]
    return "".join(bars)


def _shares(values: Sequence[float], width: int) -> list[float]:
    if len(values) <= width:
        return [values[at * len(values) // width] for at in range(width)]
    edges = [round(at * len(values) / width) for at in range(width + 1)]
    return [max(values[start:end]) for start, end in pairwise(edges)]


def meter(share: float, width: int) -> str:
    """A share of one as a bar."""
    full = round(min(max(share, 0.0), 1.0) * width)
    return "█" * full + "░" * (width - full)


def clock(seconds: float) -> str:
    """A time of the run, in seconds as drills and histories have it."""
    return f"{seconds:,.1f} s"


def grouped(amount: str) -> str:
    """Decimal text with thousands apart."""
    sign, digits = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, point, part = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{part}" if whole.isdigit() else amount


@lru_cache(maxsize=1024)
def words(name: str) -> str:
    """A name of the history as words."""
    return name.replace("_", " ")


def labelled(label: str, value: Line | str, width: int = 12) -> Line:
    """A label and what it stands for."""
    line = plain(value) if isinstance(value, str) else value
    return join(toned(f"{label:<{width}}", Tone.DIM), line)


def wrapped(text: str, width: int, *, indent: int = 0, tone: Tone = Tone.PLAIN) -> list[Line]:
    """A long text in lines of a width; those that follow are indented."""
    parts = wrap(text, max(width, indent + 10), subsequent_indent=" " * indent, break_on_hyphens=False)
    return [toned(each, tone) for each in parts or [""]]


def beside(left: Sequence[Line], right: Sequence[Line], width: int, gap: int = 2) -> list[Line]:
    """Two blocks side by side, the left one of a width."""
    empty: Line = ()
    rows = max(len(left), len(right))
    return [
        join(
            fit(left[at] if at < len(left) else empty, width),
            plain(" " * gap),
            right[at] if at < len(right) else empty,
        )
        for at in range(rows)
    ]


def listed(names: Iterable[str], most: int = 4) -> str:
    """Some names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return f"{', '.join(every[:most])}{more}"
