"""The transport: whether the way of the notes, from the cassettes to the exit, is clear.

After a dispense that did not end as it should, and after a power failure while notes may have moved, notes may lie
there. They are purged into the reject bin before any other customer is served. A dispenser that does not say that
it has done so is asked again, and keeps the terminal out of service. This module must never decide what a
transaction comes to: notes in the transport are the bank's, and the exit alone is the customer's.
"""

from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.cassettes import Cassettes
from atmbench.terminal.effects import Forget, PurgeNotes, Remember
from atmbench.terminal.inputs import NotesPurged
from atmbench.terminal.memory import COUNTERS, UNPURGED, Intent, Memory, Unpurged
from atmbench.terminal.outstanding import NEVER


class Transport:
    """The transport of one terminal. `deadline` is when the dispenser has kept silent about a purge for too long."""

    def __init__(self, cabinet: Cabinet, cassettes: Cassettes, memory: Memory) -> None:
        self._cabinet = cabinet
        self._cassettes = cassettes
        self._unpurged = memory.unpurged
        self.deadline = NEVER
        self.is_stuck = False
        """The dispenser has not answered a purge in time: nobody is served until it does."""

    @property
    def is_clear(self) -> bool:
        """Whether no note can lie there."""
        return self._unpurged is None

    def recover(self, now: float) -> None:
        """Power is back: what was not known to be purged is purged now."""
        if self._unpurged is not None:
            self._purge(self._unpurged, now)

    def purge(self, intent: Intent, now: float, *, is_counted: bool) -> None:
        """Notes of an order may lie there: clear it. `is_counted` if they are off the terminal's count already."""
        if self._unpurged is None:
            unpurged = Unpurged(key=intent.key, stan=intent.request.stan, is_counted=is_counted)
            self._unpurged = unpurged
            self._cabinet.ask(Remember(UNPURGED, unpurged))
            self._purge(unpurged, now)

    def _purge(self, unpurged: Unpurged, now: float) -> None:
        self.deadline = now + self._cabinet.settings.timers.dispense_s
        self._cabinet.ask(PurgeNotes(unpurged.key))

    def on_purged(self, given: NotesPurged, now: float) -> None:
        """The transport is clear. What the dispenser counted comes off the terminal's count."""
        unpurged = self._unpurged
        if unpurged is None or given.key != unpurged.key:
            return
        rejected = given.notes_rejected
        if rejected and not unpurged.is_counted:
            self._cassettes.reject(rejected)
            self._cabinet.ask(Remember(COUNTERS, self._cassettes.counters))
        said = "UNCOUNTED" if rejected is None else f"{sum(rejected.values())} NOTES"
        self._cabinet.journal(f"TRANSPORT PURGED {said}", unpurged.stan, now, unpurged.key)
        self._cabinet.ask(Forget(UNPURGED))
        self._unpurged = None
        self.is_stuck = False
        self.deadline = NEVER

    def on_time(self, now: float) -> None:
        """No answer: out of service, and once more."""
        assert self._unpurged is not None
        self.is_stuck = True
        self._cabinet.journal("TRANSPORT NOT PURGED, NO ANSWER", self._unpurged.stan, now, self._unpurged.key)
        self._purge(self._unpurged, now)
