"""A terminal's own books of its dispenser's notes, kept by what the machine reports: all there is for a real one.

It can be no better than the reports. Notes whose way nobody could tell stay in the cassettes here.
"""

from collections.abc import Mapping

from atmbench.devices import notes as bundles
from atmbench.devices.lcdm_words import Result, some
from atmbench.devices.roles import Lying, Notes


class Stock:
    """`cassettes` is what each was filled with."""

    def __init__(self, cassettes: Notes) -> None:
        self._cassettes = dict(cassettes)
        self._exit: Notes = {}
        self._rejected: Notes = {}
        self._untold: Notes = {}
        """Rejected, and not told to the core yet."""
        self._is_certain = True

    def dispensed(self, result: Result) -> None:
        """A dispense has ended so."""
        self._leave(result.out)
        self._exit = dict(result.out)
        self.purged(result.rejects)

    def purged(self, rejects: Notes) -> None:
        """Notes went into the reject tray."""
        self._leave(rejects)
        bundles.add(self._rejected, rejects)
        bundles.add(self._untold, rejects)

    def unknown(self) -> None:
        """Notes moved, and nobody can say how many."""
        self._is_certain = False

    def exit_is_clear(self) -> Notes:
        """A hand, or the presenter, has what was there."""
        bundle, self._exit = self._exit, {}
        return bundle

    def rejected(self, *, counts: bool) -> Notes | None:
        """What was rejected since this was last asked; None if nobody can say. `counts`: a purge counts its notes."""
        rejected, self._untold = self._untold, {}
        is_certain, self._is_certain = self._is_certain and counts, True
        return rejected if is_certain else None

    def lying(self) -> Lying:
        """Where the notes are, by the reports."""
        return Lying(dict(self._cassettes), {}, dict(self._exit), dict(self._rejected), {})

    def _leave(self, notes: Mapping[str, int]) -> None:
        for name, number in some(dict(notes)).items():
            if name in self._cassettes:
                self._cassettes[name] -= number
