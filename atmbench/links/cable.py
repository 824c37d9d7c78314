"""The cable: one line of one terminal, inside the terminal's process, where faults strike.

On every frame, each way, the cable asks the active faults for their plan and performs it; it can be
severed and mended, and lives across reconnections. It decides at once and lets the courier act later.
It must never read a message for a purpose of its own, and never call the terminal back from inside
`send`.
"""

from collections.abc import Callable, Sequence
from math import inf
from random import Random

import trio

from atmbench.errors import LocalError, RemoteError
from atmbench.facts import Fact
from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Delivery, Direction, Wire
from atmbench.framing.base import FrameError, Framer
from atmbench.links.courier import Courier, Kind
from atmbench.links.dialling import Dialling
from atmbench.links.stream import Dialer

FRAME_GAP_S_MAX = 10.0
"""A frame that began and does not go on for so long is refused, and the line with it: a lying length
must not swallow replies for ever."""
JITTER_S_MIN = 1e-5
"""Modelled lines jitter at least so much: two cables never act at one instant, or replay would break."""
_REQUEST, _REPLY = Direction.REQUEST, Direction.REPLY
_LOST = {"reset": "the connection was reset", "close": "the far side closed the connection"}


class Cable:
    """The cable on one line of a terminal.

    `now` gives seconds of the run. `on_body(body)` is called for every body that arrives,
    `on_refused_frame(error)` for bytes that are no frame, `on_lost(because)` once for every connection
    that the terminal did not end itself, `record(fact)` with what faults did. `route(terminal, line,
    direction, data)` carries deliveries that a fault sends astray to `take_astray` of another
    terminal's cable. `mti_of(body)` is a quick way to the MTI, asked only while faults are active; without
    it whole messages are read. `latency_s` and `jitter_s` count only where the venue models lines.
    """

    def __init__(
        self,
        terminal: str,
        line: str,
        site: str,
        *,
        venue: Dialer,
        faults: ActiveFaults,
        wire: Wire,
        make_framer: Callable[[], Framer],
        seed: int,
        latency_s: float,
        jitter_s: float,
        now: Callable[[], float],
        on_body: Callable[[bytes], None],
        on_refused_frame: Callable[[RemoteError], None],
        on_lost: Callable[[str], None],
        record: Callable[[Fact], None],
        route: Callable[[str, str, Direction, bytes], None] | None = None,
        mti_of: Callable[[bytes], str] | None = None,
    ) -> None:
        self.terminal = terminal
        self.line = line
        self.site = site
        self._dialling = Dialling(
            terminal, line, site, venue=venue, faults=faults, latency=lambda: self._due(0.0), now=now
        )
        self._faults = faults
        self._wire = wire
        self._make_framer = make_framer
        self._now = now
        self._on_body = on_body
        self._on_refused_frame = on_refused_frame
        self._on_lost = on_lost
        self._record = record
        self._route = route
        self._mti_of = mti_of or self._read_mti
        self._is_modelled = venue.adds_latency
        self._latency_s = latency_s if self._is_modelled else 0.0
        self._jitter_s = max(jitter_s, JITTER_S_MIN) if self._is_modelled else 0.0
        self._random = Random(f"{seed}/{terminal}/{line}/latency").random
        self._courier: Courier | None = None
        self._near = make_framer()
        self._far = make_framer()
        self._far_tail = b""
        """What the far framer has not made a frame of yet."""
        self._far_is_unreadable = False
        self._near_stale_at = self._far_stale_at = inf
        self._dues = {_REQUEST: -inf, _REPLY: -inf}
        """When the last frame of a direction is due, faults apart: later frames are not due before."""
        self._floors = self._dues.copy()
        """When the last piece of a frame that comes in pieces is due: nothing may be mixed into it."""
        self._resets_first_frame = False
        self._unseen_loss = ""

    @property
    def is_up(self) -> bool:
        """Whether a connection stands, as far as the terminal knows."""
        return self._courier is not None

    # --- what the terminal does -------------------------------------------------------------------

    async def connect_and_run(self, on_up: Callable[[], None]) -> None:
        """Dial, call `on_up` when a connection stands, and return when it is gone.

        Bounding the dial is the caller's matter: cancel, or give its cancel scope a deadline that `on_up`
        takes away. Raises LinkRefused, LinkTimedOut or VenueError if the dial fails.
        """
        assert not self.is_up, "this cable is connected already"
        courier = await self._dialled()
        try:
            on_up()
            await courier.run()
        finally:
            if self._courier is courier:
                self._courier = None

    def send(self, body: bytes) -> None:
        """Send a body. It is lost without a word if no connection stands."""
        courier = self._courier
        if courier is None:
            return
        now = trio.current_time()
        due = self._next_due(_REQUEST, now)
        data = self._wire.wrap(body)
        if self._resets_first_frame and self._is_reset(courier, due):
            return
        if not self._faults.is_idle and self._performs_plan(courier, data, body, _REQUEST):
            return
        if due <= now and courier.is_empty:
            courier.send(data)
        else:
            courier.push(due, Kind.OUT, data)

    def hang_up(self) -> None:
        """Close in order; `on_lost` is not called. What was sent just before still arrives."""
        courier, self._courier = self._courier, None
        if courier is not None:
            courier.end(self._due(trio.current_time()), rude=False, drain=True)

    # --- what the tester does ---------------------------------------------------------------------

    def sever(self, by: str) -> None:
        """Break the standing connection, if any: by "reset" or "close". What was under way is lost.

        The terminal knows when this returns; the far side sees the same one latency later.
        """
        if by not in _LOST:
            raise LocalError(f"a connection cannot be severed by {by!r}; expected 'reset' or 'close'")
        self._lose(_LOST[by], rude=by == "reset")

    def release(self) -> None:
        """After mending: deliver now, in order, what was held back, and let an unanswered dial try again."""
        self._dialling.try_again()
        courier = self._courier
        if courier is None or (courier.is_empty and not self._unseen_loss):
            return
        due = self._due(trio.current_time())
        courier.hasten(due)
        for direction in Direction:
            self._dues[direction] = min(self._dues[direction], due)
            self._floors[direction] = min(self._floors[direction], due)
        if self._unseen_loss:
            courier.push(due, Kind.LOSS, b"", self._unseen_loss)
            self._unseen_loss = ""

    def take_astray(self, direction: Direction, data: bytes) -> None:
        """Carry bytes of another terminal, now: replies to this terminal, requests to its site."""
        courier = self._courier
        if courier is None or self._is_silenced(direction):
            return
        if direction is _REPLY:
            self._feed(data)
        else:
            courier.send(data)

    # --- dialling ---------------------------------------------------------------------------------

    async def _dialled(self) -> Courier:
        far, answer = await self._dialling.dial()
        self._near, self._far = self._make_framer(), self._make_framer()
        self._far_tail, self._far_is_unreadable = b"", False
        self._near_stale_at = self._far_stale_at = inf
        self._dues = {_REQUEST: -inf, _REPLY: -inf}
        self._floors = self._dues.copy()
        self._unseen_loss = ""
        self._courier = courier = Courier(
            far,
            arrived=self._arrived,
            far_ended=self._far_ended,
            deliver=self._deliver,
            may_leave=self._may_leave,
            check=self._check_gaps,
        )
        self._resets_first_frame = answer == "reset"
        if answer == "close":
            courier.push(-inf, Kind.SEVERED, b"", "close")
        return courier

    # --- planning ---------------------------------------------------------------------------------

    def _due(self, now: float) -> float:
        """When a frame that leaves now arrives."""
        return now + self._latency_s + self._jitter_s * self._random() if self._is_modelled else now

    def _next_due(self, direction: Direction, now: float) -> float:
        """When a frame that leaves now arrives, if no fault meets it: not before those sent earlier."""
        due, last = self._due(now), self._dues[direction]
        if due < last:
            due = last
        self._dues[direction] = due
        floor = self._floors[direction]
        return due if due > floor else floor

    def _performs_plan(self, courier: Courier, data: bytes, body: bytes, direction: Direction) -> bool:
        """Let the active faults plan for a frame; False if none of them touches it."""
        plan = self._faults.plan(
            data=data,
            body=body,
            mti=self._mti_of(body),
            terminal=self.terminal,
            line=self.line,
            site=self.site,
            direction=direction,
            now=self._now(),
            wire=self._wire,
        )
        if plan is None:
            return False
        for fact in plan.facts:
            self._record(fact)
        inbound = direction is _REPLY
        due, floor = self._dues[direction], self._floors[direction]
        if len(plan.deliveries) > 1 and _is_in_pieces(plan.deliveries, data):
            first = max(due, floor)
            last = self._floors[direction] = max(first, due + plan.deliveries[-1].delay_s)
            courier.keep_whole(inbound, first, last)
        for delivery in plan.deliveries:
            at = max(due + delivery.delay_s, floor)
            if delivery.to:
                courier.push(at, Kind.ASTRAY, delivery.data, f"{direction} {delivery.to}")
            elif not inbound:
                courier.push(at, Kind.OUT, delivery.data)
            elif delivery.data == data:
                courier.push(at, Kind.BODY, body)
            else:
                courier.push(at, Kind.IN, delivery.data)
        return True

    def _is_reset(self, courier: Courier, due: float) -> bool:
        """The first frame meets the reset that the dial was promised, if that cut still stands."""
        self._resets_first_frame = False
        if self._dialling.answer() != "reset":
            return False
        courier.push(self._due(due), Kind.SEVERED, b"", "reset")
        return True

    def _read_mti(self, body: bytes) -> str:
        try:
            return self._wire.read(body).mti
        except RemoteError:
            return ""

    def _is_silenced(self, direction: Direction) -> bool:
        faults = self._faults
        return not faults.is_idle and faults.silenced(self.terminal, self.line, self.site, direction, self._now())

    # --- what the courier brings ------------------------------------------------------------------

    def _may_leave(self) -> bool:
        return not self._is_silenced(_REQUEST)

    def _arrived(self, data: bytes) -> None:
        courier = self._courier
        assert courier is not None
        now = trio.current_time()
        try:
            bodies = [] if self._far_is_unreadable else self._far.feed(data)
        except FrameError:
            self._far_is_unreadable = True
            bodies = []
        if self._far_is_unreadable:
            # Without frames there is nothing to plan: the terminal's own framer will refuse the rest.
            courier.push(self._next_due(_REPLY, now), Kind.IN, self._far_tail + data)
            self._far_tail = b""
            return
        pending = self._far.pending
        if pending or self._far_tail:
            self._far_tail = (self._far_tail + data)[-pending:] if pending else b""
            self._far_stale_at = _stale_at(pending, bodies, self._far_stale_at)
            self._watch_gaps(courier)
        for body in bodies:
            self._bring(courier, body, now)
            if courier.ending:
                return

    def _bring(self, courier: Courier, body: bytes, now: float) -> None:
        """Plan the way of one reply to the terminal."""
        due = self._next_due(_REPLY, now)
        if not self._faults.is_idle and self._performs_plan(courier, self._wire.wrap(body), body, _REPLY):
            return
        if due <= now and courier.is_empty:
            self._deliver(Kind.BODY, body, "")
        else:
            courier.push(due, Kind.BODY, body)

    def _deliver(self, kind: Kind, data: bytes, note: str) -> None:
        if kind is Kind.SEVERED:
            self.sever(note)
        elif kind is Kind.ASTRAY:
            direction, _, terminal = note.partition(" ")
            if self._route is not None:
                self._route(terminal, self.line, Direction(direction), data)
        elif self._is_silenced(_REPLY):
            if kind is Kind.LOSS:
                self._unseen_loss = note
        elif kind is Kind.LOSS:
            self._lose(note)
        elif kind is Kind.IN:
            self._feed(data)
        elif self._near.pending:
            self._feed(self._wire.wrap(data))
        else:
            self._on_body(data)

    def _feed(self, data: bytes) -> None:
        """Let the terminal's framer read bytes that may be no whole frame."""
        courier = self._courier
        assert courier is not None
        refused: FrameError | None = None
        try:
            bodies: Sequence[bytes] = self._near.feed(data)
        except FrameError as error:
            bodies, refused = error.bodies, error
        pending = self._near.pending
        if pending or self._near_stale_at != inf:
            self._near_stale_at = _stale_at(pending, bodies, self._near_stale_at)
            self._watch_gaps(courier)
        for body in bodies:
            self._on_body(body)
            if courier.ending:
                return
        if refused is not None:
            self._refuse(refused)

    # --- losing -----------------------------------------------------------------------------------

    def _far_ended(self, because: str) -> None:
        """The end of the far side travels to the terminal behind everything that was sent before."""
        courier = self._courier
        assert courier is not None
        due = self._next_due(_REPLY, trio.current_time())
        if because != _LOST["reset"]:
            due = max(due, courier.last_due(Kind.IN, Kind.BODY))
        courier.push(due, Kind.LOSS, b"", because)

    def _watch_gaps(self, courier: Courier) -> None:
        courier.check_by(min(self._near_stale_at, self._far_stale_at))

    def _check_gaps(self) -> None:
        courier, now = self._courier, trio.current_time()
        assert courier is not None
        if min(self._near_stale_at, self._far_stale_at) > now:
            self._watch_gaps(courier)
            return
        if self._is_silenced(_REPLY):
            courier.check_by(now + FRAME_GAP_S_MAX)  # the terminal cannot see what the far side did
            return
        pending = self._near.pending or self._far.pending
        self._refuse(RemoteError(f"a frame stopped after {pending} bytes and did not go on for {FRAME_GAP_S_MAX:g} s"))

    def _refuse(self, error: RemoteError) -> None:
        self._on_refused_frame(error)
        self._lose("bytes arrived that are no frame")

    def _lose(self, because: str, *, rude: bool = False) -> None:
        courier, self._courier = self._courier, None
        if courier is not None:
            courier.end(self._due(trio.current_time()), rude=rude, drain=False)
            self._on_lost(because)


def _is_in_pieces(deliveries: list[Delivery], data: bytes) -> bool:
    """Whether a plan hands out one frame piece by piece."""
    return not any(each.to for each in deliveries) and b"".join(each.data for each in deliveries) == data


def _stale_at(pending: int, bodies: Sequence[bytes], stale_at: float) -> float:
    """When the frame that is not complete has been waited for long enough."""
    if not pending:
        return inf
    return trio.current_time() + FRAME_GAP_S_MAX if bodies or stale_at == inf else stale_at
