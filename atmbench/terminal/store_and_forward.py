"""Store-and-forward: reversals and completions that must reach a host, one after the other.

Rules: iso8583 facts 1.9. A message is remembered before it is first sent, goes out ahead of any new
request, keeps its STAN and all fields when repeated (but DE7, where a dialect renews that), and leaves only by a valid
answer that accepts it or, with an exception, by being set aside. It must never be dropped in silence. Every sending
counts, answered or not. Ages are those of timers: whoever sets the clock makes nothing old.
"""

from collections import deque

from msgspec.structs import replace

from atmbench.facts import AdviceAccepted, AdviceQueued, ExceptionOpened
from atmbench.messages.matching import rrn_of
from atmbench.messages.moments import elapsed_s
from atmbench.messages.records import Outcome, Purpose, Reply, Request
from atmbench.terminal import settlement
from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.defects.lines import AGE_BY_WALL_CLOCK, REVERSE_OVER_ONE_LINE
from atmbench.terminal.defects.recovery import SAF_LOST_AT_POWER_UP
from atmbench.terminal.defects.storage import (
    ANY_ANSWER_SETTLES,
    COUNT_ANSWERED_SENDINGS,
    HEAD_BLOCKS_QUEUE,
    ORIGINAL_IS_ITSELF,
    REPEAT_AS_NEW,
    REPEAT_WITH_NEW_TIME,
    REVERSAL_WITH_OWN_TIME,
    SAF_DROPS_AT_CAP,
    SAF_DROPS_DECLINED,
)
from atmbench.terminal.effects import Forget, Remember
from atmbench.terminal.memory import Intent, Memory, Stored, parked_slot, stored_slot
from atmbench.terminal.outstanding import NEVER, Outstanding, Waiting
from atmbench.terminal.settings import AgesBy
from atmbench.terminal.settlement import Ending

TRY_ELSEWHERE = frozenset({Outcome.HOST_UNAVAILABLE, Outcome.SIGN_ON_NEEDED, Outcome.MAC_FAILED})
"""Answers that say nothing of the message: it is sent again whatever the dialect lists."""


class StoreAndForward:
    """The queue of one terminal, with what was set aside. `due` is when its head may be sent (again)."""

    def __init__(self, cabinet: Cabinet, outstanding: Outstanding, memory: Memory) -> None:
        self._cabinet = cabinet
        self._settings = cabinet.settings.store_and_forward
        self._outstanding = outstanding
        self._sending: Waiting | None = None
        self._due = 0.0
        parked = memory.parked()
        self._parked = dict(parked)
        stored = memory.stored()
        self.queue = deque((number, each) for number, each in stored if number not in self._parked)
        """Messages to be sent with their numbers, oldest first. Others may only look."""
        self._parked_twice = [number for number, _ in stored if number in self._parked]
        self._number = max([0, *(number for number, _ in parked), *(number for number, _ in stored)])

    def __len__(self) -> int:
        """Messages to be sent."""
        return len(self.queue)

    @property
    def is_full(self) -> bool:
        """Whether a customer's reversal might find no room."""
        return len(self.queue) + len(self._parked) >= self._settings.messages_max

    def pending(self) -> list[str]:
        """What is still to be sent, in words."""
        return [f"the {each.request.purpose} of {each.key} is stored, sent {each.attempts}x" for _, each in self.queue]

    def find(self, key: str) -> Stored | None:
        """What is stored or set aside about a transaction."""
        for _, stored in (*self.queue, *self._parked.items()):
            if stored.key == key:
                return stored
        return None

    def recover(self) -> None:
        """After power-up: say again what the history may have missed, and finish what was half done."""
        for number in self._parked_twice:
            self._cabinet.ask(Forget(stored_slot(number)))
        if self.queue and SAF_LOST_AT_POWER_UP in self._cabinet.defects:
            for number, _ in self.queue:
                self._cabinet.ask(Forget(stored_slot(number)))
            self.queue.clear()
        for _, stored in self.queue:
            if stored.attempts == 0:
                self._record_queued(stored)

    def store(self, intent: Intent, ending: Ending, now: float) -> None:
        """Remember what the host must be told of an ending."""
        cabinet = self._cabinet
        stan = cabinet.next_stan()
        mti = f"{cabinet.request_key(intent.request).mti_class}00"
        local_time = cabinet.local_time(now)
        own_rrn = rrn_of(local_time, stan) if cabinet.settings.own_rrn_in_completions else ""
        request = settlement.advice(intent, ending, mti, stan, cabinet.transmitted(now), own_rrn)
        request = self._as_spoilt(request, local_time)
        stored = Stored(key=intent.key, request=request, outcome=ending.outcome, at_s=now, local_time=local_time)
        self._number += 1
        if not self.queue:
            self._due = now
        self.queue.append((self._number, stored))
        cabinet.ask(Remember(stored_slot(self._number), stored))
        self._record_queued(stored)
        why = f", {ending.reason.replace('_', ' ')}" if ending.reason else ""
        cabinet.journal(f"{request.purpose} of {intent.request.stan:06d} stored{why}".upper(), stan, now, intent.key)

    def _as_spoilt(self, request: Request, local_time: str) -> Request:
        """A message to be stored where that is planted to say something wrong."""
        defects, original = self._cabinet.defects, request.original
        if request.purpose is not Purpose.REVERSAL or original is None:
            return request
        if ORIGINAL_IS_ITSELF in defects:
            request = replace(request, original=replace(original, stan=request.stan))
        if local_time != request.local_time and REVERSAL_WITH_OWN_TIME in defects:
            request = replace(request, local_time=local_time)
        return request

    def deadline(self, line: str) -> float:
        """When the head is to be sent, if the terminal is signed on to `line`."""
        return self._due if self.queue and self._sending is None and line else NEVER

    def pump(self, line: str, now: float) -> None:
        """Send the head if it is due and the terminal is signed on to `line`."""
        while self.queue and self._sending is None and line and self._due <= now:
            number, stored = self.queue[0]
            if stored.attempts >= self._settings.attempts_max and HEAD_BLOCKS_QUEUE not in self._cabinet.defects:
                self._give_up(
                    f"no host accepted it in {stored.attempts} sendings",
                    now,
                    is_dropped=SAF_DROPS_AT_CAP in self._cabinet.defects,
                )
                continue
            if self._is_too_old(stored, now):
                self._give_up(f"it is older than {self._settings.expires_after_s:g} s", now)
                continue
            if (
                self._outstanding.sent_over(stored.key, line) is False
                and REVERSE_OVER_ONE_LINE in self._cabinet.defects
            ):
                self._due = now + self._settings.first_repeat_s
                return
            is_repeat = stored.attempts > 0
            stored = replace(stored, attempts=stored.attempts + 1)
            self.queue[0] = (number, stored)
            self._cabinet.ask(Remember(stored_slot(number), stored))
            request = self._repeated(stored.request, now) if is_repeat else stored.request
            self._sending = self._outstanding.send(request, line, now + self._settings.reply_s, stored.key)

    def on_reply(self, reply: Reply, now: float) -> None:
        """A valid answer to the head."""
        self._sending = None
        response = self._cabinet.responses(reply.code)
        is_accepted = response.accepts_advice and reply.outcome is not Outcome.MAC_FAILED
        if is_accepted or ANY_ANSWER_SETTLES in self._cabinet.defects:
            self._accept(reply.code, now)
        elif response.retry_advice or reply.outcome in TRY_ELSEWHERE:
            self._back_off(now)
        else:
            self._give_up(
                f"the host answered {reply.code} ({reply.outcome.replace('_', ' ')})",
                now,
                is_dropped=SAF_DROPS_DECLINED in self._cabinet.defects,
            )

    def on_silence(self, now: float) -> None:
        """No answer to the head came, and none will."""
        self._sending = None
        if COUNT_ANSWERED_SENDINGS in self._cabinet.defects:
            number, stored = self.queue[0]
            self.queue[0] = number, replace(stored, attempts=stored.attempts - 1)
        self._back_off(now)

    def _is_too_old(self, stored: Stored, now: float) -> bool:
        most_s = self._settings.expires_after_s
        if most_s is None:
            return False
        is_old_by_clock = elapsed_s(stored.local_time, self._cabinet.local_time(now)) > most_s
        if self._settings.ages_by is AgesBy.CLOCK:
            return is_old_by_clock
        is_old = now - stored.at_s > most_s
        if is_old is not is_old_by_clock and AGE_BY_WALL_CLOCK in self._cabinet.defects:
            return is_old_by_clock
        return is_old

    def _repeated(self, request: Request, now: float) -> Request:
        cabinet = self._cabinet
        if REPEAT_AS_NEW in cabinet.defects:
            request = replace(request, stan=cabinet.next_stan())
        if REPEAT_WITH_NEW_TIME in cabinet.defects:
            request = replace(request, local_time=cabinet.local_time(now))
        if not self._cabinet.habits.renews_transmitted:
            return replace(request, repeat=True)
        return replace(request, repeat=True, transmitted=self._cabinet.transmitted(now))

    def _accept(self, code: str, now: float) -> None:
        number, stored = self.queue.popleft()
        request = stored.request
        self._cabinet.record(
            AdviceAccepted(
                key=stored.key, purpose=request.purpose, stan=request.stan, code=code, attempts=stored.attempts
            )
        )
        self._cabinet.journal(f"{request.purpose} accepted {code}".upper(), request.stan, now, stored.key)
        self._cabinet.ask(Forget(stored_slot(number)))
        self._due = now

    def _back_off(self, now: float) -> None:
        attempts = self.queue[0][1].attempts
        if attempts >= self._settings.attempts_max and HEAD_BLOCKS_QUEUE not in self._cabinet.defects:
            self._due = now  # `pump` gives it up, and goes on to the next
            return
        settings = self._settings
        steps = min(max(attempts - 1, 0), 64)
        self._due = now + min(settings.most_s, settings.first_repeat_s * settings.factor**steps)

    def _give_up(self, because: str, now: float, *, is_dropped: bool = False) -> None:
        """Set the head aside for a person. The exception comes first: power may fail right after it."""
        number, stored = self.queue.popleft()
        self._due = now
        if not is_dropped:
            request = stored.request
            because = f"the {request.purpose} with STAN {request.stan:06d} was given up: {because}"
            self._cabinet.record(
                ExceptionOpened(kind="advice_given_up", key=stored.key, terminal=self._cabinet.name, because=because)
            )
            self._cabinet.journal(f"{request.purpose} given up".upper(), request.stan, now, stored.key)
            self._parked[number] = stored
            self._cabinet.ask(Remember(parked_slot(number), stored))
        self._cabinet.ask(Forget(stored_slot(number)))

    def _record_queued(self, stored: Stored) -> None:
        request = stored.request
        self._cabinet.record(
            AdviceQueued(
                key=stored.key,
                purpose=request.purpose,
                stan=request.stan,
                amount_minor=request.amount_minor,
                reason=request.reason or "",
                actual_minor=request.actual_minor,
            )
        )
