"""What a schedule is drawn for: who is there to be troubled, by when, and what a drill knows of at all."""

from functools import cached_property

from atmbench import money
from atmbench.drill.names import terminal_names
from atmbench.drill.records import Drill
from atmbench.host.settings import EntryDay, Replicates

SIZES = (2, 1, 3, 4)
"""Terminals of a drawn drill, where nothing in its base counts on more: what two cannot show, three hardly do."""
HEAL_S_MIN = 20.0
SPANS = (2, 1, 3)
"""Times that a request may wait, twice, fit so often into a drawn drill: a failover takes one of them."""
NOTE_MULTIPLES = (2, 9, 5, 1)
"""Customers ask for so many of the smallest note; nine come in several notes, whatever the cassettes hold."""
CARDS_USED_MAX = 4
"""So few that some meet at one account."""


class Stage:
    """The base of a drawn drill, and what is drawn first of all."""

    def __init__(self, base: Drill, terminals: int, heal_at: float) -> None:
        self.base = base
        self.terminals = terminal_names(terminals)
        self.heal_at = heal_at

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Sites in the order of the drill."""
        return self.base.host.sites

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, those of channels too."""
        return tuple(self.base.lines)

    @property
    def has_macs(self) -> bool:
        """Whether what is altered on the way is noticed."""
        return self.base.security is not None and self.base.security.mac

    @property
    def has_a_pair(self) -> bool:
        """Whether one site can stand in for another without breaking the drill's own design.

        Two sites that replicate balances and both post lose postings: that is known of them.
        """
        return len(self.sites) > 1 and self.base.host.replicates is Replicates.ENTRIES

    @property
    def keeps_days(self) -> bool:
        """Whether an entry stays in the day in which it was made, so that a day may end at any moment."""
        return self.base.host.entry_day is EntryDay.ORIGINAL

    @cached_property
    def amounts(self) -> tuple[str, ...]:
        """Amounts that every full terminal can pay, as decimal text."""
        most = self.base.terminal.notes_per_dispense_max
        can_pay = [each for each in NOTE_MULTIPLES if each <= most]
        return tuple(money.display(each * self._note_minor, self.base.currency) for each in can_pay)

    @cached_property
    def note(self) -> str:
        """The smallest note, as decimal text."""
        return money.display(self._note_minor, self.base.currency)

    @cached_property
    def _note_minor(self) -> int:
        return min(money.parse(each.value, self.base.currency) for each in self.base.terminal.cassettes)

    @property
    def cards(self) -> int:
        """So many of the cards are used."""
        return min(self.base.cards.cards, CARDS_USED_MAX)


def sizes_of(base: Drill) -> tuple[int, ...]:
    """How many terminals a drawn drill may have."""
    counts_on_all = bool(base.regions) or base.host.alarms is not None
    return (base.terminals,) if counts_on_all else tuple(min(each, base.terminals) for each in SIZES)


def heal_times_of(base: Drill) -> tuple[float, ...]:
    """When a drawn drill may heal: late enough for its terminals to miss replies and to move."""
    span_s = max(HEAL_S_MIN, 2.0 * base.terminal.timers.reply_s)
    return tuple(float(round(each * span_s)) for each in SPANS)
