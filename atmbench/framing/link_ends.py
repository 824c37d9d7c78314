"""The link layer of a serial line, both ends: who may send when, what is acknowledged, and what is sent again.

A block goes to the layer above once, or not at all. What tells a repeat from a new block is the exchange, which ENQ
begins: one that equals the last of the same exchange is a repeat, and is acknowledged and dropped. An end that
has given a block up never sends it again, and ENQ comes behind all that the host has repeated before. Where terminals
do not wait for ENQ nothing marks an exchange, and a block that equals the last one is always taken for a repeat.

Dry: bytes and time go in, outcomes come out, `deadline` says when `on_time` must next be called.
"""

from collections import deque
from enum import Enum, auto
from math import inf
from typing import TypeAlias

import msgspec

from atmbench.framing.blocks import ACK, DISCONNECT, ENQ, EOT, NAK, Block, BlockLayout, Damaged, Unit, UnitReader
from atmbench.framing.link_styles import LinkStyle

BLOCKS_WAITING_MAX = 64
"""A terminal that has more to send than this has lost its line."""


class Transmit(msgspec.Struct, frozen=True):
    """Put these bytes on the wire in one go: one block, or one control."""

    data: bytes


class Deliver(msgspec.Struct, frozen=True):
    """Hand a whole block to the layer above."""

    block: bytes


class Ended(msgspec.Struct, frozen=True):
    """The call is over, and the line with it. `because` is empty if the other end ended it in order."""

    because: str = ""


Outcome: TypeAlias = Transmit | Deliver | Ended


class _Is(Enum):
    """What an end is doing."""

    IDLE = auto()
    """Terminal: waits for ENQ, if there is something to send. Host: asks for a request."""
    SENT = auto()
    """The last block is not acknowledged."""
    WAITING = auto()
    """Terminal: for the answer. Host: for its application."""
    CLOSING = auto()
    """Terminal: for the final EOT."""
    OVER = auto()


class _LinkEnd:
    """What both ends do alike."""

    def __init__(self, style: LinkStyle, layout: BlockLayout, *, awaits_enq: bool = True) -> None:
        self._style = style
        self._awaits_enq = awaits_enq
        self._reader = UnitReader(layout)
        self._is = _Is.IDLE
        self._due = inf
        """When the state has lasted for long enough."""
        self._block_due = inf
        """When a block that has begun must be there."""
        self._sent = b""
        """The block that is being sent."""
        self._repeats = 0
        self._asked_again = 0
        self._heard = b""
        """The last block of this exchange from the other end."""
        self._outcomes: list[Outcome] = []

    @property
    def deadline(self) -> float | None:
        """When `on_time` must next be called; None if nothing is waited for."""
        earliest = min(self._due, self._block_due)
        return None if earliest == inf else earliest

    @property
    def is_over(self) -> bool:
        """Whether the call has ended: nothing is sent or heard any more."""
        return self._is is _Is.OVER

    def feed(self, data: bytes, now: float) -> list[Outcome]:
        """Bytes came from the other end."""
        units = self._reader.feed(data) if not self.is_over else []
        for unit in units:
            if self._is is not _Is.OVER:
                self._on_unit(unit, now)
        self._watch_block(bool(units), now)
        return self._taken()

    def on_time(self, now: float) -> list[Outcome]:
        """What is due by now is done."""
        if self._block_due <= now:
            self._block_due = inf
            stopped = self._reader.give_up()
            if stopped is not None:
                self._ask_again(stopped.because)
        if self._due <= now:
            self._due = inf
            self._on_due(now)
        return self._taken()

    def close(self, now: float) -> list[Outcome]:
        """The layer above hangs up: tell the other end."""
        if not self.is_over:
            self._transmit(self._style.end)
            self._be(_Is.OVER, inf)
        return [each for each in self._taken() if isinstance(each, Transmit)]

    def _on_unit(self, unit: Unit, now: float) -> None:
        if isinstance(unit, Damaged):
            self._ask_again(unit.because)
        elif isinstance(unit, Block):
            self._asked_again = 0
            self._transmit(ACK)
            if unit.raw != self._heard:
                self._heard = unit.raw
                self._outcomes.append(Deliver(unit.raw))
                self._on_block(now)
        elif unit.raw == DISCONNECT:
            self._end("")
        else:
            self._on_control(unit.raw, now)

    def _on_control(self, control: bytes, now: float) -> None:
        raise NotImplementedError

    def _on_block(self, now: float) -> None:
        raise NotImplementedError

    def _on_due(self, now: float) -> None:
        raise NotImplementedError

    def _ask_again(self, because: str) -> None:
        self._asked_again += 1
        if self._asked_again > self._style.repeats_max:
            self._give_up(f"no block came whole in {self._asked_again} tries: {because}")
        else:
            self._transmit(NAK)

    def _repeat(self, why: str) -> bool:
        """Send the block again, unless that was done often enough: then the call ends."""
        self._repeats += 1
        if self._repeats > self._style.repeats_max:
            self._give_up(f"a block was sent {self._repeats} times in vain: {why}")
            return False
        self._transmit(self._sent)
        return True

    def _give_up(self, because: str) -> None:
        self._transmit(self._style.end)
        self._end(because)

    def _end(self, because: str) -> None:
        self._be(_Is.OVER, inf)
        self._block_due = inf
        self._outcomes.append(Ended(because))

    def _be(self, state: _Is, due: float) -> None:
        self._is, self._due = state, due

    def _forget_heard(self) -> None:
        """A new exchange begins: what is heard in it is new."""
        if self._awaits_enq:
            self._heard = b""

    def _transmit(self, data: bytes) -> None:
        self._outcomes.append(Transmit(data))

    def _watch_block(self, is_new: bool, now: float) -> None:
        if self.is_over or not self._reader.pending:
            self._block_due = inf
            return
        if is_new or self._block_due == inf:
            self._block_due = now + self._style.block_s
        if self._reader.awaits_check:
            self._block_due = min(self._block_due, now + self._style.check_s)

    def _taken(self) -> list[Outcome]:
        taken, self._outcomes = self._outcomes, []
        return taken


class TerminalEnd(_LinkEnd):
    """The terminal's end: sends what it has when it is asked, one block at a time, and waits for its answer.

    With `awaits_enq` false it sends as soon as it has something.
    """

    def __init__(self, style: LinkStyle, layout: BlockLayout, *, awaits_enq: bool = True) -> None:
        super().__init__(style, layout, awaits_enq=awaits_enq)
        self._waiting: deque[bytes] = deque()

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is under way and nothing waits to be sent."""
        return self.is_over or (self._is is _Is.IDLE and not self._waiting)

    def send(self, block: bytes, now: float) -> list[Outcome]:
        """Send a block as soon as it is its turn."""
        if self.is_over:
            return []
        if len(self._waiting) >= BLOCKS_WAITING_MAX:
            self._give_up(f"more than {BLOCKS_WAITING_MAX} blocks wait to be sent")
            return self._taken()
        self._waiting.append(block)
        if self._is is _Is.IDLE and len(self._waiting) == 1:
            self._look_for_work(now)
        return self._taken()

    def _look_for_work(self, now: float) -> None:
        """Nothing is under way any more."""
        self._be(_Is.IDLE, now + self._style.enq_s if self._waiting else inf)
        if self._waiting and not self._awaits_enq:
            self._begin(now)

    def _begin(self, now: float) -> None:
        self._sent, self._repeats = self._waiting.popleft(), 0
        self._transmit(self._sent)
        self._be(_Is.SENT, now + self._style.answer_s)

    def _on_control(self, control: bytes, now: float) -> None:
        state = self._is
        if control == ENQ:
            if state is _Is.IDLE and self._waiting:
                self._forget_heard()
                self._begin(now)
            elif state is _Is.SENT and self._style.enq_repeats:
                self._repeat("the host asks on")
        elif control == NAK and (state is _Is.SENT or (state is _Is.WAITING and self._style.hangs_up)):
            self._repeat("the host refused it as damaged")  # visa-1 knows no ACK of a request, so NAK may come later
        elif control == ACK and state is _Is.SENT:
            self._is = _Is.WAITING
        elif control == EOT and state is not _Is.IDLE:
            self._look_for_work(now)

    def _on_block(self, now: float) -> None:
        if self._is in (_Is.SENT, _Is.WAITING):
            if self._style.eot_s:
                self._be(_Is.CLOSING, now + self._style.eot_s)
            else:
                self._look_for_work(now)

    def _on_due(self, now: float) -> None:
        if self._is is _Is.IDLE:
            self._give_up(f"the host did not ask (ENQ) for {self._style.enq_s:g} s")
        elif self._is is _Is.CLOSING:
            self._look_for_work(now)
        elif self._style.hangs_up:
            self._give_up(f"the host did not answer for {self._style.answer_s:g} s")
        else:
            self._transmit(EOT)
            self._look_for_work(now)


class HostEnd(_LinkEnd):
    """The host's end: asks for a request, hands it on, and sends the answer until it is acknowledged."""

    def __init__(self, style: LinkStyle, layout: BlockLayout, *, awaits_enq: bool = True) -> None:
        super().__init__(style, layout, awaits_enq=awaits_enq)
        self._exchange_ends = inf

    @property
    def is_at_rest(self) -> bool:
        """Whether no exchange is under way."""
        return self._is in (_Is.IDLE, _Is.OVER)

    def begin(self, now: float) -> list[Outcome]:
        """The line stands: ask for the first request."""
        self._poll(now)
        return self._taken()

    def send(self, block: bytes, now: float) -> list[Outcome]:
        """Send the answer to the request that was delivered last. If nobody waits for one any more, it is lost."""
        if self._is is _Is.WAITING:
            self._sent, self._repeats = block, 0
            self._transmit(block)
            self._be(_Is.SENT, now + self._style.ack_s)
        return self._taken()

    def _poll(self, now: float) -> None:
        if not self._reader.pending:
            self._transmit(ENQ)
        self._be(_Is.IDLE, now + self._style.poll_s)

    def _on_control(self, control: bytes, now: float) -> None:
        if control == EOT and self._style.hangs_up:
            self._end("")
        elif control == EOT and self._is is not _Is.IDLE:
            self._finish(now)
        elif control == NAK and self._is is _Is.SENT:
            if self._repeat("the terminal refused it as damaged"):
                self._due = now + self._style.ack_s
        elif control == ACK and self._is is _Is.SENT:
            if self._style.eot_s:
                self._transmit(EOT)
            self._finish(now)

    def _finish(self, now: float) -> None:
        """The terminal has its answer, or wants none: what it sends from now on is new."""
        self._forget_heard()
        self._be(_Is.IDLE, now + self._style.poll_s)

    def _on_block(self, now: float) -> None:
        self._be(_Is.WAITING, now + self._style.answer_s)
        self._exchange_ends = now + self._style.exchange_s

    def _on_due(self, now: float) -> None:
        if self._is is not _Is.SENT:
            self._poll(now)  # from an application that does not answer, the terminal may still repeat its request
        elif now >= self._exchange_ends:
            self._give_up(f"the terminal did not take its answer for {self._style.exchange_s:g} s")
        elif self._repeat("the terminal did not acknowledge it"):
            self._due = now + self._style.ack_s
