"""The courier of one standing connection: it holds deliveries until they are due, and performs them.

One task reads what the far side sends; an alarm of the timetable rings for the next delivery of either
direction. It does not know what it carries and asks no fault; the cable does. It must never
call back into the cable from inside `push`, so that who sends is never interrupted by what follows.
"""

from collections.abc import Callable, Mapping
from math import inf

import trio

from atmbench.faults.base import Direction
from atmbench.links.held import OUTBOUND, Held, Kind
from atmbench.links.outbox import Outbox
from atmbench.links.stream import CarrierLost, LineGivenUp, LinkStream
from atmbench.links.timetable import Timetable

DELIVERIES_MAX = 4_096
"""Deliveries one connection may hold; a fault that asks for more loses the line."""
SEND_S_MAX = 10.0
"""A far side that takes no bytes for so long is lost."""
LINGER_S_MAX = 1.0
"""What left the terminal before it hung up still arrives, unless a fault holds it longer than this."""

_OUT, _LOSS, _END = Kind.OUT, Kind.LOSS, Kind.END


class Courier:
    """Carries bytes between the cable and the far stream of one connection.

    `arrived(data)` is called with what the far side sent, `far_ended(because)` when it is gone;
    `deliver(kind, data, note)` when a delivery of any kind but OUT and END is due; `may_leave()` is
    asked before bytes go out; `check()` is called at the time given to `check_by`. Times are trio's.
    """

    __slots__ = (
        "_alarm",
        "_arrived",
        "_check",
        "_check_at",
        "_deliver",
        "_far",
        "_far_ended",
        "_has_gone",
        "_held",
        "_is_far_ended",
        "_may_leave",
        "_nursery",
        "_outbox",
        "_rude",
        "_timer_at",
        "ending",
        "gone",
    )

    def __init__(
        self,
        far: LinkStream,
        timetable: Timetable,
        *,
        arrived: Callable[[bytes], None],
        far_ended: Callable[[str], None],
        deliver: Callable[[Kind, bytes, str], None],
        may_leave: Callable[[], bool],
        check: Callable[[], None],
    ) -> None:
        self._far = far
        self._arrived = arrived
        self._far_ended = far_ended
        self._deliver = deliver
        self._may_leave = may_leave
        self._check = check
        self._held = Held()
        self._outbox = Outbox(far)
        self._nursery: trio.Nursery | None = None
        self._alarm = timetable.alarm(self._perform_due)
        self._timer_at = inf
        self._has_gone = trio.Event()
        self._is_far_ended = False
        self._rude = False
        self._check_at = inf
        self.ending = False
        """Nothing more goes to the terminal; what is under way to the far side may still arrive."""
        self.gone = False
        """The far stream is closed."""

    # --- giving it something to carry -------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held: then what is due now may be delivered at once."""
        return not self._held.heap

    def push(self, due: float, kind: Kind, data: bytes, note: str = "", held_by: tuple[str, ...] = ()) -> None:
        """Hold a delivery until it is due. Too many of them end in the loss of the connection.

        `note` says of bytes for the far side what faults did to them; `held_by` are the names of the faults that
        make it late.
        """
        if self.ending and kind is not _END:
            return
        size = len(self._held.heap)
        if size >= DELIVERIES_MAX:
            if size > DELIVERIES_MAX:
                return
            due, kind, data, held_by = -inf, _LOSS, b"", ()
            note = f"more than {DELIVERIES_MAX} deliveries were under way"
        self._held.push(due, kind, data, note, held_by)
        if due < self._timer_at:
            self._wake_at(due)

    def lose(self, because: str) -> None:
        """Let the terminal learn of a loss as soon as the courier comes round to it."""
        if self.ending:
            self._close()
        else:
            self.push(-inf, _LOSS, b"", because)

    def send(self, data: bytes) -> None:
        """Hand bytes to the far stream now."""
        try:
            if not self._outbox.put(data) and self._nursery is not None:
                self._nursery.start_soon(self._drain)
        except trio.BrokenResourceError:
            self.lose("the far side is gone")
        except trio.ClosedResourceError:
            assert self.gone

    def remark(self, direction: Direction, what: str) -> None:
        """Tell who looks on at the far stream what a fault did, as in LinkStream."""
        self._far.remark(direction, what)

    def check_by(self, at: float) -> None:
        """Call `check` at this time; infinity for never. Replaces an earlier wish."""
        self._check_at = at
        if at < self._timer_at:
            self._wake_at(at)

    def last_due(self, *kinds: Kind) -> float:
        """When the last delivery of these kinds is due; minus infinity if there is none."""
        return self._held.last_due(*kinds)

    def keep_whole(self, kinds: tuple[Kind, ...], first: float, last: float, pieces: int) -> None:
        """The newest deliveries are the pieces of one frame: put off what would fall between them, as in Held."""
        self._held.keep_whole(kinds, first, last, pieces)

    def hasten(self, due: float, is_held: Callable[[tuple[str, ...]], bool], floors: Mapping[Kind, float]) -> None:
        """Make what is held for longer, but by no fault any more, due at this time, as in Held."""
        self._held.hasten(due, is_held, floors)
        heap = self._held.heap
        if heap and heap[0][0] < self._timer_at:
            self._wake_at(heap[0][0])

    # --- ending -----------------------------------------------------------------------------------

    def end(self, at: float, *, rude: bool, drain: bool) -> None:
        """Cut the terminal off now, and let the far side know at the given time: by reset if rude.

        With `drain`, bytes on their way to the far side still arrive before, if that is soon.
        """
        if self.ending:
            return
        self.ending = True
        self._check_at = inf
        self._rude = rude
        latest = at + LINGER_S_MAX
        self._held.keep_only(OUTBOUND if drain else (), latest)
        at = max(at, self.last_due(_OUT))
        if at <= trio.current_time() and not self._held.heap:
            self._close()
        else:
            self.push(at, _END, b"")

    def _close(self) -> None:
        if self.gone:
            return
        self.ending = self.gone = True
        self._held.clear()
        if self._rude:
            self._far.reset()
        else:
            self._far.close_now()
        self._wake_at(inf)
        self._has_gone.set()

    # --- the task ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Carry until the far stream is closed. If cancelled after `end`, linger until that is done."""
        try:
            async with trio.open_nursery() as self._nursery:
                if self._outbox.is_waiting:
                    self._nursery.start_soon(self._drain)
                await self._listen()
                self._nursery.cancel_scope.cancel()
        finally:
            self._nursery = None
            if self.ending and not self.gone:
                # The timetable may be cancelled as well: then nobody rings for the end, and no one may wait for ever.
                latest = max(trio.current_time(), self.last_due(_END)) + LINGER_S_MAX
                with trio.CancelScope(shield=True, deadline=latest):
                    await self._has_gone.wait()
            self._close()

    async def _listen(self) -> None:
        """Take what the far side sends, until the far stream is closed."""
        receive_some = self._far.receive_some
        try:
            while not self._is_far_ended:
                data = await receive_some()
                if not data:
                    self._end_of_far("the far side closed the connection")
                elif not self.ending:
                    self._arrived(bytes(data))
        except LineGivenUp as error:
            self._end_of_far(f"the link layer gave up: {error}")
        except CarrierLost as error:
            self._end_of_far(str(error))
        except trio.BrokenResourceError:
            self._end_of_far("the connection was reset")
        except trio.ClosedResourceError:
            assert self.gone
        await self._has_gone.wait()

    def _end_of_far(self, because: str) -> None:
        self._is_far_ended = True
        if not self.ending:
            self._far_ended(because)

    def _perform_due(self) -> None:
        now = trio.current_time()
        held = self._held
        while held.heap and held.heap[0][0] <= now:
            kind, data, note = held.pop()
            if kind is _OUT:
                if self._may_leave():
                    if note:
                        self._far.remark(Direction.REQUEST, note)
                    self.send(data)
            elif kind is _END:
                self._close()
            else:
                self._deliver(kind, data, note)
        if self._check_at <= now:
            self._check_at = inf
            self._check()
        if not self.gone:
            self._wake_at(min(held.heap[0][0], self._check_at) if held.heap else self._check_at)

    def _wake_at(self, at: float) -> None:
        self._timer_at = at
        self._alarm.set(at)

    async def _drain(self) -> None:
        with trio.move_on_after(SEND_S_MAX) as patience:
            try:
                await self._outbox.drain()
            except trio.BrokenResourceError:
                self.lose("the far side is gone")
            except trio.ClosedResourceError:
                return
        if patience.cancelled_caught:
            self.lose(f"the far side took no bytes for {SEND_S_MAX:g} s")
