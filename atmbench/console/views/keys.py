"""The keys of a screen in one line. Dry."""

from collections.abc import Sequence

import msgspec

from atmbench.console.views.paint import Line, Tone

ALWAYS = frozenset({"help", "leave", "app.pop_screen"})
"""Actions whose keys are shown however narrow it is: one tells what the other keys do, the others lead out."""


class Key(msgspec.Struct, frozen=True):
    """A key, how it is written, what it does in a word, and the action behind it."""

    key: str
    display: str
    says: str
    action: str


def fitting(keys: Sequence[Key], width: int) -> list[tuple[Key, Line]]:
    """Those keys for which there is room, with what is written. The last ones go first, but for those that stay."""
    told = [(key, _line(key)) for key in keys]
    while sum(_length(line) for _, line in told) > width:
        droppable = [at for at, (key, _) in enumerate(told) if key.action not in ALWAYS]
        if not droppable:
            break
        del told[droppable[-1]]
    return told


def _line(key: Key) -> Line:
    return ((f" {key.display} ", Tone.ACCENT), (f"{key.says} ", Tone.PLAIN))


def _length(line: Line) -> int:
    return sum(len(text) for text, _ in line)
