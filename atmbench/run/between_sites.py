"""What faults do between the sites of the host: asked by the host for each record, and told to the history."""

from collections.abc import Callable

from atmbench.facts import Fact
from atmbench.faults.active import ActiveFaults
from atmbench.faults.record_strikes import Passing
from atmbench.host.journal import KINDS, JournalRecord
from atmbench.host.replication import Struck


class BetweenSites:
    """The active faults, as the host asks for them. The actor of what they do is the way: "A>B"."""

    def __init__(self, faults: ActiveFaults, record: Callable[[str, Fact], None]) -> None:
        self._faults = faults
        self._record = record

    def strike(self, sender: str, receiver: str, record: JournalRecord, now: float) -> Struck | None:
        """What becomes of a record that leaves a site now."""
        if self._faults.is_idle:
            return None
        found = self._faults.record(Passing(sender, receiver, KINDS[type(record)], record.key), now)
        if found is None:
            return None
        fate, told = found
        self._record(f"{sender}>{receiver}", told)
        return Struck(lost=fate.lost, by_minor=fate.by_minor, behind_next=fate.behind_next)
