"""A CCNET unit as it is polled: what it says, and what that means for the note of the last deposit. Dry.

A credit counts once, however often the unit tells of it. That a note is inside no more is believed when the unit has
said twice that it is clean, since a late answer may tell of a time before.
"""

from atmbench import facts
from atmbench.devices.agenda import Scene
from atmbench.devices.ccnet_kept import INSIDE, OUTSIDE, UNSTACKED, Kept, Stage
from atmbench.devices.ccnet_line import ILLEGAL, Command, Failure, Reply
from atmbench.devices.ccnet_runner import Asking
from atmbench.devices.ccnet_words import (
    BILL_TABLE,
    CLEAN,
    DISABLE,
    HOLDS,
    POLL,
    RESET,
    STARTED,
    Says,
    Seen,
    enable,
    read_poll,
    read_table,
)
from atmbench.devices.condition import Condition
from atmbench.devices.notes import add
from atmbench.devices.roles import Deposit
from atmbench.devices.states import DeviceState

POLL_S = 0.2
"""Between polls while something is expected (facts of devices 5.1.3: at least 100 ms, better 200)."""
SETTLE_POLLS_MAX = 150
"""A unit that is not at rest after so many is given up for now: half a minute, as long as 5.1.3 gives a motion."""
CLEAN_POLLS = 2


class Unit:
    """Conversations with it. `is_witnessed`: facts of money are told by somebody else, who sees the machine."""

    def __init__(self, *, currency: str, letters: str, scene: Scene, is_witnessed: bool) -> None:
        self.condition = Condition("note_acceptor", scene)
        self.kept = Kept()
        self.stored: Deposit = {}
        """The terminal's own books of the cassette, kept."""
        self.table: dict[int, int] = {}
        """Type to what its note is worth in minor units, as the unit has told."""
        self._currency = currency
        self._letters = letters
        self._scene = scene
        self._is_witnessed = is_witnessed
        self._clean_polls = 0
        self._told: Seen | None = None
        """The last trouble that was told of, while it lasts."""

    def power_fail(self) -> None:
        """What was told does not matter any more."""
        self._told = None
        self._clean_polls = 0
        self.condition.becomes(DeviceState.POWER_OFF)

    # --- what is said -----------------------------------------------------------------------------

    def say(self, command: Command) -> Asking[Reply]:
        """Say something; why there is no answer is for the next poll to find."""
        reply = yield command
        assert reply is not None
        return reply

    def poll(self) -> Asking[Seen | None]:
        """What it says of itself, entered into what is known of the note; None if it says nothing."""
        reply = yield from self.say(POLL)
        if not isinstance(reply, bytes) or reply == ILLEGAL:
            is_gone = reply is Failure.GONE
            because = reply.value if isinstance(reply, Failure) else "it does not know POLL"
            self.condition.becomes(DeviceState.NO_DEVICE if is_gone else DeviceState.OFFLINE, because)
            return None
        seen = read_poll(reply)
        self._enter(seen)
        self._tell_condition(seen)
        return seen

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
        yield from self.say(enable(frozenset(self.table)))

    def learn_table(self) -> Asking[None]:
        """It tells its table only while it is disabled."""
        yield from self.say(DISABLE)
        reply = yield from self.say(BILL_TABLE)
        if isinstance(reply, bytes) and len(reply) in BILL_TABLE.lengths:
            self.table = read_table(reply, self._letters, self._currency)
            if not self.table:
                self.condition.failed("unsupportedData", f"its bill table has no note of {self._letters}")

    # --- what it means ----------------------------------------------------------------------------

    def _enter(self, seen: Seen) -> None:
        kept = self.kept
        self._clean_polls = self._clean_polls + 1 if seen.code in CLEAN else 0
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
            kept.stage, kept.value_minor = Stage.HELD, self._value_minor(seen)
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

    def _tell_condition(self, seen: Seen) -> None:
        trouble = seen.trouble
        if trouble is None:
            self.condition.heard()
            if seen.code in CLEAN:
                self.condition.becomes(DeviceState.ONLINE)
                self._told = None
            return
        if self._told == seen:
            return
        self._told = seen
        code = f"{seen.code:02X}" if seen.detail is None else f"{seen.code:02X} {seen.detail:02X}"
        self.condition.failed(trouble.error, f"{trouble.text} ({code})", self.kept.key)
        if seen.code == Says.CHEATING:
            self.condition.becomes(DeviceState.FRAUD_ATTEMPT, trouble.text)
        elif trouble.is_broken:
            self.condition.becomes(DeviceState.HARDWARE_ERROR, trouble.text)
        elif seen.code != Says.REJECTING:
            self.condition.becomes(DeviceState.USER_ERROR, trouble.text)
