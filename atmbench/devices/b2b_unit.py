"""A Bill-to-Bill recycler as it is polled and asked: what it says, and what that means for the last deposit. Dry.

A credit counts once, however often the unit tells of it: one note is stacked at a time, and nothing is credited that
no STACK was said for. After a power failure two things are asked before anybody decides: POWER RECOVERY, and how many
notes the escrow cassette has. If they do not add up, where the notes are is unknown.
"""

from atmbench.devices.agenda import Scene
from atmbench.devices.b2b_kept import Kept
from atmbench.devices.b2b_words import (
    CASSETTE_STATUS,
    DROP,
    EMPTY_DISPENSER,
    ESCROW_TYPE,
    NOT_ASSIGNED,
    POWER_RECOVERY,
    Cut,
    read_cassettes,
    read_cut,
)
from atmbench.devices.ccnet_kept import Stage
from atmbench.devices.ccnet_line import ILLEGAL
from atmbench.devices.ccnet_runner import Asking
from atmbench.devices.ccnet_talk import CLEAN_POLLS, POLL_S, SETTLE_POLLS_MAX, Talk
from atmbench.devices.ccnet_words import CLEAN, DISABLE, HOLDS, RESET, RETURN, STACK, STARTED, Says, Seen
from atmbench.devices.notes import add, count

ASKED_MAX = 5
"""So often a question is put until it is answered twice alike."""
LEAVING = {Stage.STORING: "unloading", Stage.RETURNING: "dispensing"}
"""What the unit does with notes that leave the escrow cassette."""


class Recycler(Talk):
    """Conversations with it."""

    def __init__(self, *, currency: str, letters: str, scene: Scene) -> None:
        super().__init__(currency=currency, letters=letters, scene=scene)
        self.kept = Kept()
        self.escrow = DROP
        """The place of the escrow cassette, once it is known."""
        self.is_read = False
        """It has said twice what the note in the validator is: a late answer may tell of the note before."""
        self.is_unfit = False
        """Its cassettes are assigned so that a deposit could not be given back."""

    @property
    def key(self) -> str:
        """Of the last deposit."""
        return self.kept.key

    # --- what is said -----------------------------------------------------------------------------

    def settled(self) -> Asking[Seen | None]:
        """Poll until nothing moves, and find out what became of notes if that is not known.

        Resets a unit that has just started, and gives back a note that waits in the validator. None if that cannot be
        had.
        """
        for _ in range(SETTLE_POLLS_MAX):
            seen = yield from self.poll()
            if seen is None:
                yield POLL_S
            elif seen.code in STARTED:
                yield from self.say(RESET)
            elif seen.code in HOLDS:
                yield from self.say(STACK if self.kept.is_stacking else RETURN)
            elif seen.code in CLEAN and (self.is_unfit or not self.kept.must_ask):
                if self.kept.coming is None and not self.kept.is_stacking:
                    return seen
            elif seen.code == Says.IDLING:
                yield from self.say(DISABLE)
            elif seen.code in CLEAN:
                yield from self._recovered()
            elif seen.trouble is not None and seen.code != Says.REJECTING:
                return seen
            yield POLL_S
        return None

    def counted(self) -> Asking[int | None]:
        """How many notes the escrow cassette has, said twice alike; None if that cannot be had, or there is none."""
        last: int | None = None
        for _ in range(ASKED_MAX):
            reply = yield from self.say(CASSETTE_STATUS)
            if reply == ILLEGAL:
                return None
            number = self._in_escrow(reply) if isinstance(reply, bytes) else None
            if self.is_unfit or (number is not None and number == last):
                return number
            last = number
        return None

    def _in_escrow(self, reply: bytes) -> int | None:
        cassettes = read_cassettes(reply)
        at = [place for place, cassette in cassettes.items() if cassette.kind == ESCROW_TYPE]
        others = [cassette for cassette in cassettes.values() if cassette.kind not in (ESCROW_TYPE, NOT_ASSIGNED)]
        self.is_unfit = len(at) != 1 or bool(others)
        if self.is_unfit:
            because = "it needs one cassette that is assigned to escrow (24), and none to a type of note"
            self.condition.failed("unsupportedData", because)
            return None
        self.escrow = at[0]
        return cassettes[self.escrow].number

    # --- after a power failure --------------------------------------------------------------------

    def _recovered(self) -> Asking[None]:
        """Ask what was lost, and settle it with what is in the escrow cassette, as soon as the dispenser is empty."""
        cut = yield from self._asked_what_was_lost()
        left = None if cut is None else (yield from self.counted())
        if cut is None or left is None:
            return
        if cut.cut == "dispensing":
            self._follow_leaving(cut, left)
            yield from self._emptied()
        else:
            self._settle(cut, left)

    def _asked_what_was_lost(self) -> Asking[Cut | None]:
        """That nothing was lost is believed when it has been said twice: a late ACK looks the same."""
        was_nothing = False
        for _ in range(ASKED_MAX):
            reply = yield from self.say(POWER_RECOVERY)
            cut = read_cut(reply) if isinstance(reply, bytes) else None
            if cut is None or not isinstance(reply, bytes):
                return None
            if cut.cut == "dispensing":
                return cut  # it will say so again until the dispenser is empty
            if cut.cut:
                self.kept.cut = reply
            if cut.cut or was_nothing:
                return read_cut(self.kept.cut or reply)
            was_nothing = True
        return None

    def _emptied(self) -> Asking[None]:
        """Have the customer take what is in the dispenser. Whether it is empty then, POWER RECOVERY tells."""
        yield from self.say(EMPTY_DISPENSER)
        for _ in range(SETTLE_POLLS_MAX):
            seen = yield from self.poll()
            if seen is not None and (seen.code in STARTED or seen.code in CLEAN or seen.code == Says.DISPENSED):
                return
            yield POLL_S

    def _settle(self, cut: Cut, left: int) -> None:
        kept = self.kept
        if kept.stage in (Stage.COMING, Stage.HELD):
            self._settle_stacking(cut, left)
        else:
            self._follow_leaving(cut, left)
        kept.must_ask, kept.cut, kept.coming = False, b"", None

    def _settle_stacking(self, cut: Cut, left: int) -> None:
        """A note that STACK was said for is where the unit or its cassette says, else it went back."""
        kept = self.kept
        if kept.is_stacking and cut.stacked:
            self._credit(*cut.stacked[0])
        elif kept.is_stacking and kept.coming is not None and left == count(kept.notes) + 1:
            self._credit(kept.coming, self.escrow)
        kept.is_stacking = False
        self.is_held(left)

    def is_held(self, left: int) -> bool:
        """Whether the escrow cassette has what was credited, no more and no less; else where notes are is unknown."""
        notes = count(self.kept.notes)
        if left != notes:
            self.lose_track(f"{notes} notes were stacked into the escrow cassette, and it has {left}")
        return left == notes

    def _follow_leaving(self, cut: Cut, left: int) -> None:
        kept = self.kept
        if kept.stage not in LEAVING:
            return
        moved = kept.left - left
        is_told = cut.cut == LEAVING[kept.stage] and moved > 0
        if moved < 0 or (is_told and sum(cut.moved.values()) != moved):
            self.lose_track(f"{moved} notes have left the escrow cassette, and it tells of {cut.moved}")
        kept.left = left

    def lose_track(self, because: str) -> None:
        """Where the notes of the deposit are cannot be known any more."""
        self.kept.stage = Stage.UNKNOWN
        self.condition.failed("hardwareError", because, self.kept.key)

    # --- what it means ----------------------------------------------------------------------------

    def _enter(self, seen: Seen) -> None:
        kept = self.kept
        if seen.code in STARTED or (seen.trouble is not None and seen.trouble.is_broken):
            kept.must_ask = True
        elif seen.code == Says.STACKED:
            self._note_is_stacked(seen)
        elif seen.code == Says.RETURNED:
            kept.coming, kept.is_stacking = None, False
        elif seen.code == Says.UNLOADED:
            if kept.stage is Stage.STORING and seen.detail == kept.left:
                kept.left = 0
        elif seen.code == Says.ESCROW and not kept.is_stacking:
            self.is_read = kept.coming == seen.detail
            kept.coming = seen.detail
        elif seen.code in CLEAN and self._clean_polls >= CLEAN_POLLS:
            kept.must_ask = kept.must_ask or kept.is_stacking
            kept.coming = kept.coming if kept.is_stacking else None

    def _note_is_stacked(self, seen: Seen) -> None:
        """A credit of another type than the note that is awaited leaves it to the cassettes what has happened."""
        kept = self.kept
        if not kept.is_stacking or seen.detail is None or seen.place is None:
            return  # the credit before once more: our ACK of it was lost
        if seen.detail == kept.coming:
            self._credit(seen.detail, seen.place)
        else:
            kept.coming = None

    def _credit(self, kind: int, place: int) -> None:
        """The note that STACK was said for is in a cassette."""
        kept = self.kept
        kept.is_stacking, kept.coming = False, None
        add(kept.notes if place == self.escrow else kept.dropped, {self.table.get(kind, 0): 1})
