"""Whole conversations with a Puloon dispenser, each a generator: it yields what to do next and is sent what came.

It yields a command to ask, or a number of seconds to wait. Nothing is concluded here without the machine's own word:
where that cannot be had, the verdict is unknown.
"""

from collections.abc import Generator
from typing import TypeAlias, TypeVar

from atmbench.devices.condition import Condition
from atmbench.devices.lcdm_line import Command, Failure, Reply
from atmbench.devices.lcdm_outcome import Verdict, judged, unknown
from atmbench.devices.lcdm_words import Meaning, Result, Says, Status, Words
from atmbench.devices.notes import count
from atmbench.devices.roles import Notes
from atmbench.devices.states import DeviceState
from atmbench.errors import RemoteError

RETRY_S = 1.0
"""Between two questions to a machine that does not answer yet."""
QUICK_S = 5.0
"""For the answer to a command that moves nothing."""
PURGE_S = 20.0
RESET_S = 2.2
"""After a RESET it is deaf for 2 s."""
BEGIN_S = 10.0
NOTE_S = 1.0
"""For the answer to a dispense: so long, and this for each note, as a driver of the LCDM-2000 allows."""
ANSWER_S_MAX = 60.0
"""The maker's limit for any answer: after that a dispenser is not at work any more."""
PURGES_MAX = 2
SENDINGS_MAX = 3
"""An order that is known never to have begun is sent so often in all."""

UNTAKEN = (Failure.NOT_HEARD, Failure.REFUSED)
"""A command that it has acknowledged has begun, whatever it remembers."""

Step: TypeAlias = Command | float
T = TypeVar("T")
Asking: TypeAlias = Generator[Step, Reply | None, T]

Outcome: TypeAlias = tuple[Verdict, Result | None]
"""What became of a dispense, and the counts it was judged by, if there were any that can be believed."""


class Dialogue:
    """With one unit. Whoever runs it keeps `now` true."""

    def __init__(self, words: Words, condition: Condition) -> None:
        self.now = 0.0
        self.is_doubtful = False
        """Power or the port was gone since a dispense was sent: LAST STATUS can prove that it began, but no more."""
        self._words = words
        self._condition = condition

    def ask(self, body: bytes, *codes: int, answer_s: float = QUICK_S, is_once: bool = False) -> Asking[Reply]:
        """One command and its answer, of one of these codes (its own if there are none). `is_once`: never say it twice.

        Who cannot be asked later what became of it is waited for, whether it acknowledges or not.
        """
        is_waited_for = is_once and self._words.last_status is None
        reply = yield Command(body, frozenset(codes or body[:1]), answer_s, not is_once, is_waited_for)
        assert reply is not None
        if isinstance(reply, bytes):
            self._condition.heard()
        elif reply is Failure.GONE:
            self._condition.becomes(DeviceState.NO_DEVICE, reply.value)
        return reply

    def status(self) -> Asking[Status | None]:
        """What the sensors see; None if it does not say."""
        reply = yield from self.ask(self._words.status)
        if isinstance(reply, Failure):
            if reply is not Failure.GONE:
                self._condition.becomes(DeviceState.OFFLINE, reply.value)
            return None
        return self._words.read_status(reply)

    def purge(self) -> Asking[Result | None]:
        """Clear the path; None if it does not say whether it has."""
        for _ in range(PURGES_MAX):
            reply = yield from self.ask(self._words.purge, answer_s=PURGE_S)
            result = self._result(reply)
            if result is not None:
                return result
            yield RETRY_S
        return None

    def dispense(self, asked: Notes) -> Asking[Outcome]:
        """Send an order, and do not rest until the machine has said what became of it or cannot be asked."""
        command = self._words.dispense(asked)
        answer_s = min(BEGIN_S + NOTE_S * count(asked), ANSWER_S_MAX)
        since = self.now
        for _ in range(SENDINGS_MAX):
            reply = yield from self.ask(command, answer_s=answer_s, is_once=True)
            result = self._result(reply)
            if result is not None:
                return (yield from self._confirmed(asked, result))
            self._condition.failed("deviceNotReady", reply.value if isinstance(reply, Failure) else "a bad answer")
            result = yield from self.find_out(since)
            if result is None or self.is_doubtful or reply not in UNTAKEN or result.last != self._words.purge[0]:
                return self.judge(asked, result)
            if (yield from self._something_lies_there()):
                return unknown("it says that nothing was dispensed, and its sensors see notes"), None
        return Verdict("refused", because="the dispenser has not taken the order", error="deviceNotReady"), None

    def find_out(self, since: float) -> Asking[Result | None]:
        """LAST STATUS, of a machine that may be at work since then; None if it cannot say. RESET comes last."""
        if self._words.last_status is None:
            return None
        while True:
            result = yield from self._last_status()
            if result is not None:
                return result
            if self.now >= since + ANSWER_S_MAX:
                break
            yield RETRY_S
        if self._words.reset is not None:
            yield Command(self._words.reset, frozenset(), RESET_S)
        return (yield from self._last_status())

    def judge(self, asked: Notes, result: Result | None) -> Outcome:
        """What LAST STATUS comes to."""
        if result is None:
            return unknown("the dispenser cannot say what became of the order", "deviceNotReady"), None
        if result.last not in (0, self._words.dispense({})[0]):
            return unknown(f"the dispenser remembers the command {result.last:02X}, and not the order"), None
        return judged(asked, result, self.meaning(result)), result

    def meaning(self, result: Result) -> Meaning:
        """What the code of a result says."""
        return self._words.meaning(result.error)

    def _something_lies_there(self) -> Asking[bool]:
        status = yield from self.status()
        return status is None or status.exit or status.path

    def _confirmed(self, asked: Notes, result: Result) -> Asking[Outcome]:
        """An answer that is not simply good must be what LAST STATUS says, too."""
        verdict = judged(asked, result, self.meaning(result))
        if verdict.status == "presented" or self._words.last_status is None:
            return verdict, result
        again = yield from self.find_out(self.now)
        if again is None or (again.error, again.out, again.rejects) != (result.error, result.out, result.rejects):
            return unknown(f"{verdict.because}; LAST STATUS does not confirm it"), None
        return verdict, result

    def _last_status(self) -> Asking[Result | None]:
        body = self._words.last_status
        assert body is not None
        reply = yield from self.ask(body, body[0], self._words.dispense({})[0])
        return self._result(reply)

    def _result(self, reply: Reply) -> Result | None:
        if isinstance(reply, Failure):
            return None
        try:
            return self._words.read_result(reply)
        except RemoteError:
            return None


def is_good(meaning: Meaning) -> bool:
    """Whether nothing is wrong."""
    return meaning.says is Says.ALL
