"""The posting process of each site, where sites post in batches: from the journal of the day into the ledger.

An entry changes what is available as soon as the book calls for it, and the balance when a batch comes to it. The
process remembers how far it has got when a batch is over, and not before. It must never decide what is to be posted.
"""

from collections.abc import Callable, Mapping, Set

from atmbench.errors import LocalError
from atmbench.facts import EntryPosted, Fact, PostingBrokenOff, PostingDrained, PostingPositionLost, PostingResumed
from atmbench.host.batch_settings import Batch, Replay
from atmbench.host.defects import days
from atmbench.host.effects import HostEffect, Record
from atmbench.host.ledger import Entry, Ledger


class Posting:
    """The process of one site. `journal` is bounded by the answers that a book keeps."""

    def __init__(self, settings: Batch, ledger: Ledger, defects: Set[str] = frozenset()) -> None:
        self._defects = defects
        self._settings = settings
        self._ledger = ledger
        self.journal: list[Entry] = []
        self.position = 0
        self.is_running = True
        self.breaks_off = False
        """Whether the next batch of more than one entry ends in its middle."""
        self.resumed_at: float | None = None
        """None if it has come to the end of the journal since."""
        self._known: set[str] = set()
        self._posted = self._met = 0

    @property
    def unposted(self) -> int:
        """Entries of the journal that are not in the ledger."""
        return len(self.journal) - len(self._ledger.entries)

    def note(self, entry: Entry) -> None:
        """The book calls for an entry. One that was noted before is nothing new."""
        if entry.id not in self._known:
            self._known.add(entry.id)
            self.journal.append(entry)
            self._ledger.await_posting(entry)

    def post(self, site: str, now: float) -> list[Fact]:
        """One batch."""
        batch = self.journal[self.position : self.position + self._settings.items]
        breaks_off = self.breaks_off and len(batch) > 1
        facts: list[Fact] = []
        for entry in batch[: len(batch) // 2] if breaks_off else batch:
            self._post_one(entry, facts)
        if breaks_off:
            self.breaks_off = self.is_running = False
            if days.SKIP_REST_OF_BATCH in self._defects:
                self.position += len(batch)
            return [*facts, PostingBrokenOff(site=site, position=self.position, unposted=self.unposted)]
        self.position += len(batch)
        if self.resumed_at is not None and self.position == len(self.journal):
            took_s, self.resumed_at = now - self.resumed_at, None
            facts.append(PostingDrained(site=site, took_s=round(took_s, 6), posted=self._posted, known=self._met))
        return facts

    def resume(self, site: str, now: float, position: int) -> Fact:
        """Go on from a position of the journal."""
        self.position, self.is_running, self.breaks_off = position, True, False
        self.resumed_at, self._posted, self._met = now, 0, 0
        return PostingResumed(site=site, position=position, unposted=self.unposted)

    def become_like(self, other: "Posting") -> None:
        """Forget everything, and have what another process has."""
        self.journal, self._known, self.position = list(other.journal), set(other._known), other.position

    def _post_one(self, entry: Entry, facts: list[Fact]) -> None:
        if self._ledger.apply_awaited(entry):
            self._posted += 1
        else:
            self._met += 1
            if self._settings.replay is Replay.ONCE:
                return
            self._ledger.apply_again(entry)
        facts.append(entry_posted(entry, in_batch=True))


def entry_posted(entry: Entry, *, in_batch: bool = False) -> EntryPosted:
    """The fact of an entry."""
    return EntryPosted(
        entry=entry.id,
        kind=entry.kind,
        key=entry.key,
        service=entry.service,
        legs=entry.legs,
        origin=entry.origin,
        day=entry.day,
        in_batch=in_batch,
    )


class Postings:
    """The processes of all sites, which keep one timetable; none without settings.

    `is_dark` says of a site that it can do nothing.
    """

    def __init__(
        self, settings: Batch | None, processes: Mapping[str, Posting], is_dark: Callable[[str], bool]
    ) -> None:
        self._every_s = settings.every_s if settings is not None else 0.0
        self._processes = processes
        self._is_dark = is_dark
        self.deadline = settings.every_s if settings is not None else None
        """When the next batch is due."""

    def on_time(self, now: float) -> list[HostEffect]:
        """Each site that can posts a batch, if one is due."""
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline += self._every_s * ((now - self.deadline) // self._every_s + 1)
        return [
            Record(site, fact)
            for site, process in self._processes.items()
            if process.is_running and not self._is_dark(site)
            for fact in process.post(site, now)
        ]

    def order(self, site: str, does: str, now: float) -> list[HostEffect]:
        """What an operator does to the process of a site, or what befalls it: see `drill.commands.PostingDoes`.

        Raises LocalError if there is no such site, or if this host posts at once.
        """
        if not self._processes:
            raise LocalError("this host posts at once; add `batch:` to `host:` of the drill")
        process = self._processes.get(site)
        if process is None:
            raise LocalError(f"there is no site {site!r}; this host has {', '.join(self._processes)}")
        match does:
            case "break_off":
                process.breaks_off = True
                return []
            case "lose_position":
                was, process.position = process.position, 0
                return [Record(site, PostingPositionLost(site=site, position=was, unposted=process.unposted))]
            case "resume":
                return [Record(site, process.resume(site, now, process.position))]
            case "resume_at_end":
                return [Record(site, process.resume(site, now, len(process.journal)))]
            case _:
                raise AssertionError(f"no way to {does}")

    def heal(self, now: float) -> list[HostEffect]:
        """All processes run again, from where they know themselves to be."""
        effects: list[HostEffect] = []
        for site, process in self._processes.items():
            process.breaks_off = False
            if not process.is_running:
                effects += self.order(site, "resume", now)
        return effects

    def pending(self) -> tuple[str, ...]:
        """What the processes have not come to yet, in words."""
        return tuple(
            f"the posting process of site {site} has not come to {left:,} {'entry' if left == 1 else 'entries'}"
            for site, process in self._processes.items()
            if (left := len(process.journal) - process.position)
        )
