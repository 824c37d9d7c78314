"""Whether a terminal can pay an amount at all: a customer who asks for 35.00 where 20s and 50s lie is turned away.

The terminal's own choice of notes decides, with all its cassettes full. Pure.
"""

from collections.abc import Iterator
from math import prod

from atmbench import money
from atmbench.datafile import Path
from atmbench.drill.broken import Broken
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.terminal.cassettes import Cassettes

MIXES_TRIED_MAX = 300_000
"""Notes of odd values make up an amount in so many ways at most, or the amount is taken for payable untried."""


def payable_rules(text: str, drill: Drill, path: Path) -> Iterator[Broken]:
    """A full terminal must be able to pay an amount that somebody withdraws. One that is no amount is not judged."""
    try:
        amount_minor = money.parse(text, drill.currency)
        cassettes = Cassettes(drill.terminal, drill.currency, None)
        values = sorted(money.parse(cassette.value, drill.currency) for cassette in drill.terminal.cassettes)
    except LocalError:
        return
    if amount_minor <= 0 or not values or values[0] <= 0:
        return
    if _ways_max(amount_minor, values, drill.terminal.notes_per_dispense_max) > MIXES_TRIED_MAX:
        return
    if cassettes.mix(amount_minor) is None:
        key = next(part for part in reversed(path) if isinstance(part, str))
        found = f"{text} for {key!r}, which {_notes(drill)} cannot pay"
        yield Broken(path, found, _meant(cassettes.near(amount_minor), drill))


def _ways_max(amount_minor: int, values: list[int], notes_max: int) -> int:
    """In how many ways notes may be combined before the smallest are counted out."""
    if amount_minor > notes_max * values[-1]:
        return 0
    return prod(min(notes_max, amount_minor // value) + 1 for value in values[1:])


def _notes(drill: Drill) -> str:
    listed = " and ".join(dict.fromkeys(cassette.value for cassette in drill.terminal.cassettes))
    return f"at most {drill.terminal.notes_per_dispense_max} notes of {listed}"


def _meant(near: tuple[int, ...], drill: Drill) -> str:
    if not near:
        return "an amount that a full terminal can pay (terminal: cassettes)"
    return f"an amount that a full terminal can pay, such as {' or '.join(_say(each, drill) for each in near)}"


def _say(amount_minor: int, drill: Drill) -> str:
    return money.display(amount_minor, drill.currency)
