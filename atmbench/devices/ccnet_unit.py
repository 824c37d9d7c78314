"""A CCNET validator as it is polled: what it says, and what that means for the note of the last deposit. Dry.

A credit counts once, however often the unit tells of it. That a note is inside no more is believed when the unit has
said twice that it is clean, since a late answer may tell of a time before.
"""

from atmbench import facts
from atmbench.devices.agenda import Scene
from atmbench.devices.ccnet_kept import INSIDE, OUTSIDE, UNSTACKED, Kept, Stage
from atmbench.devices.ccnet_runner import Asking
from atmbench.devices.ccnet_talk import CLEAN_POLLS, POLL_S, SETTLE_POLLS_MAX, Talk
from atmbench.devices.ccnet_words import CLEAN, HOLDS, RESET, STARTED, Says, Seen
from atmbench.devices.notes import add
from atmbench.devices.roles import Deposit


class Unit(Talk):
    """Conversations with it. `is_witnessed`: facts of money are told by somebody else, who sees the machine."""

    def __init__(self, *, currency: str, letters: str, scene: Scene, is_witnessed: bool) -> None:
        super().__init__(currency=currency, letters=letters, scene=scene)
        self.kept = Kept()
        self.stored: Deposit = {}
        """The terminal's own books of the cassette, kept."""
        self._is_witnessed = is_witnessed
        self._read: int | None = None
        """What the note in escrow was said to be last. It is held when that was said twice: a late answer may tell of
        the note before."""

    @property
    def key(self) -> str:
        """Of the last deposit."""
        return self.kept.key

    # --- what is said -----------------------------------------------------------------------------

    def settled(self) -> Asking[Seen | None]:
        """Poll, and reset a unit that has just started, until nothing moves; None if that cannot be had."""
        for _ in range(SETTLE_POLLS_MAX):
            seen = yield from self.poll()
            if seen is not None and seen.code in STARTED:
                yield from self.say(RESET)
            elif seen is not None and self._is_at_rest(seen):
                return seen
            yield POLL_S
        return None

    def _is_at_rest(self, seen: Seen) -> bool:
        if seen.code in CLEAN:
            return self.kept.stage not in INSIDE
        return seen.code in HOLDS or (seen.trouble is not None and seen.code != Says.REJECTING)

    def is_ready(self) -> Asking[bool]:
        """Whether it can take a note of a known worth."""
        seen = yield from self.settled()
        if seen is None or seen.code not in CLEAN:
            return False
        if not self.table:
            yield from self.learn_table()
        return bool(self.table)

    def enable(self) -> Asking[None]:
        """Take any note that the table knows."""
        self.kept.was_enabled = True
        yield from super().enable()

    # --- what it means ----------------------------------------------------------------------------

    def _enter(self, seen: Seen) -> None:
        kept = self.kept
        was_read, self._read = self._read, seen.detail if seen.code == Says.ESCROW else None
        if seen.code == Says.STACKED:
            self._note_is_stacked(seen)
        elif seen.code == Says.RETURNED:
            self._note_is_back()
        elif seen.code in CLEAN:
            if self._clean_polls >= CLEAN_POLLS:
                self._nothing_is_inside()
        elif seen.code == Says.ACCEPTING and kept.was_enabled and kept.stage is Stage.NONE:
            kept.stage = Stage.COMING
        elif seen.code == Says.ESCROW and kept.was_enabled and kept.stage in (Stage.NONE, Stage.COMING):
            kept.stage = Stage.HELD if seen.detail == was_read else Stage.COMING
            kept.value_minor = self._value_minor(seen)
        elif seen.code == Says.NOTE_IN_VALIDATOR and kept.stage in INSIDE:
            kept.stage = Stage.RETURNING
        elif seen.code == Says.NOTE_IN_STACKER and kept.stage in INSIDE:
            kept.stage = Stage.STORING
        elif seen.trouble is not None and seen.trouble.is_broken and kept.stage in INSIDE:
            kept.stage = Stage.UNKNOWN

    def _value_minor(self, seen: Seen) -> int:
        return self.table.get(seen.detail, 0) if seen.detail is not None else 0

    def _nothing_is_inside(self) -> None:
        kept = self.kept
        if kept.stage in UNSTACKED:
            self._note_is_back()
        elif kept.stage is Stage.STORING:
            kept.stage = Stage.UNKNOWN

    def _note_is_stacked(self, seen: Seen) -> None:
        kept = self.kept
        if kept.stage is Stage.STORED:
            return  # the same credit once more: our ACK of it was lost
        if kept.stage in OUTSIDE or kept.stage in UNSTACKED:
            if self._told != seen:
                self._told = seen
                self.condition.failed("hardwareError", "it has stacked a note that was not to be stacked", kept.key)
            if kept.stage in UNSTACKED:
                kept.stage = Stage.UNKNOWN
            return
        kept.stage = Stage.STORED
        kept.value_minor = kept.value_minor or self._value_minor(seen)
        add(self.stored, {kept.value_minor: 1})
        if not self._is_witnessed:
            self._scene.tell(facts.CashAccepted(key=kept.key, amount_minor=kept.value_minor))

    def _note_is_back(self) -> None:
        kept = self.kept
        if kept.stage in OUTSIDE or kept.stage is Stage.STORED:
            return
        if not self._is_witnessed and kept.value_minor:
            self._scene.tell(facts.CashReturned(key=kept.key, amount_minor=kept.value_minor))
        kept.stage = Stage.RETURNED
