"""What every CCNET unit is asked, and what is told of its condition. Dry.

What its answers mean for notes is a matter of each kind of unit.
"""

from atmbench.devices.agenda import Scene
from atmbench.devices.ccnet_line import ILLEGAL, Command, Failure, Reply
from atmbench.devices.ccnet_runner import Asking
from atmbench.devices.ccnet_words import BILL_TABLE, CLEAN, DISABLE, POLL, Says, Seen, enable, read_poll, read_table
from atmbench.devices.condition import Condition
from atmbench.devices.states import DeviceState

POLL_S = 0.2
"""Between polls while something is expected (facts of devices 5.1.3: at least 100 ms, better 200)."""
SETTLE_POLLS_MAX = 150
"""A unit that is not at rest after so many is given up for now: half a minute, as long as 5.1.3 gives a motion."""
CLEAN_POLLS = 2
"""A late answer may tell of a time before; so that a unit is clean is believed when it has said so twice."""


class Talk:
    """`letters` are those of the bill table for `currency`. Subclasses say what comes of what is seen (`_enter`)."""

    def __init__(self, *, currency: str, letters: str, scene: Scene) -> None:
        self.condition = Condition("note_acceptor", scene)
        self.table: dict[int, int] = {}
        """Type to what its note is worth in minor units, as the unit has told."""
        self._currency = currency
        self._letters = letters
        self._scene = scene
        self._clean_polls = 0
        self._told: Seen | None = None
        """The last trouble that was told of, while it lasts."""

    @property
    def key(self) -> str:
        """Of the last deposit."""
        raise NotImplementedError

    def _enter(self, seen: Seen) -> None:
        """Take in what it says, before that is acknowledged."""
        raise NotImplementedError

    def settled(self) -> Asking[Seen | None]:
        """Poll until nothing moves; None if that cannot be had."""
        raise NotImplementedError

    def power_fail(self) -> None:
        """What was told does not matter any more."""
        self._told = None
        self._clean_polls = 0
        self.condition.becomes(DeviceState.POWER_OFF)

    def say(self, command: Command) -> Asking[Reply]:
        """Say something; why there is no answer is for the next poll to find."""
        reply = yield command
        assert reply is not None
        return reply

    def poll(self) -> Asking[Seen | None]:
        """What it says of itself, entered into what is known of notes; None if it says nothing."""
        reply = yield from self.say(POLL)
        if not isinstance(reply, bytes) or reply == ILLEGAL:
            is_gone = reply is Failure.GONE
            because = reply.value if isinstance(reply, Failure) else "it does not know POLL"
            self.condition.becomes(DeviceState.NO_DEVICE if is_gone else DeviceState.OFFLINE, because)
            return None
        seen = read_poll(reply)
        self._clean_polls = self._clean_polls + 1 if seen.code in CLEAN else 0
        self._enter(seen)
        self._tell_condition(seen)
        return seen

    def enable(self) -> Asking[None]:
        """Take any note that the table knows."""
        yield from self.say(enable(frozenset(self.table)))

    def learn_table(self) -> Asking[None]:
        """It tells its table only while it is disabled."""
        yield from self.say(DISABLE)
        reply = yield from self.say(BILL_TABLE)
        if isinstance(reply, bytes) and len(reply) in BILL_TABLE.lengths:
            self.table = read_table(reply, self._letters, self._currency)
            if not self.table:
                self.condition.failed("unsupportedData", f"its bill table has no note of {self._letters}")

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
        code = f"{seen.code:02X}" if not seen.detail else f"{seen.code:02X} {seen.detail:02X}"
        self.condition.failed(trouble.error, f"{trouble.text} ({code})", self.key)
        if seen.code == Says.CHEATING:
            self.condition.becomes(DeviceState.FRAUD_ATTEMPT, trouble.text)
        elif trouble.is_broken:
            self.condition.becomes(DeviceState.HARDWARE_ERROR, trouble.text)
        elif seen.code != Says.REJECTING:
            self.condition.becomes(DeviceState.USER_ERROR, trouble.text)
