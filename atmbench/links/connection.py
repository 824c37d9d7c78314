"""One standing connection of a cable: what the far side sends, on its way to the terminal.

Bytes become frames, frames are planned for, and what is due is handed over: bodies to the terminal,
refusals and losses too. It must never outlive its courier, nor answer the far side.
"""

from collections.abc import Callable, Sequence
from math import inf

import trio

from atmbench.errors import RemoteError
from atmbench.faults.base import Direction, Wire
from atmbench.framing.base import FrameError, Framer
from atmbench.links.courier import Courier
from atmbench.links.held import INBOUND, Kind
from atmbench.links.incoming import FRAME_GAP_S_MAX, Incoming
from atmbench.links.planning import Planning
from atmbench.links.stream import LinkStream
from atmbench.links.timetable import Timetable

LOST = {"reset": "the connection was reset", "close": "the far side closed the connection"}
"""What the terminal is told of a connection that ended so."""

_REQUEST, _REPLY = Direction.REQUEST, Direction.REPLY
_OUT, _IN, _BODY, _ASTRAY, _LOSS, _SEVERED = Kind.OUT, Kind.IN, Kind.BODY, Kind.ASTRAY, Kind.LOSS, Kind.SEVERED


class Connection:
    """A connection over a far stream. `courier` carries what goes either way.

    `on_body(body)` is called for every body for the terminal, `on_refused_frame(error)` for bytes that are
    no frame, `lose(because)` if the connection is lost, `sever(by)` when a planned break is due, and
    `astray(terminal, direction, data)` with bytes for another terminal.
    """

    def __init__(
        self,
        far: LinkStream,
        timetable: Timetable,
        *,
        planning: Planning,
        wire: Wire,
        make_framer: Callable[[], Framer],
        on_body: Callable[[bytes], None],
        on_refused_frame: Callable[[RemoteError], None],
        lose: Callable[[str], None],
        sever: Callable[[str], None],
        astray: Callable[[str, Direction, bytes], None],
    ) -> None:
        self._planning = planning
        self._wire = wire
        self._on_body = on_body
        self._on_refused_frame = on_refused_frame
        self._lose = lose
        self._sever = sever
        self._astray = astray
        self._near = Incoming(make_framer(), self._watch_gaps)
        self._far = Incoming(make_framer(), self._watch_gaps)
        self._far_is_unreadable = False
        self._reply_header = b""
        """That of the reply that came last. A line of one terminal has few: all its replies go to one address."""
        self._is_refused = False
        self._unseen_loss = ""
        self.courier = Courier(
            far,
            timetable,
            arrived=self._arrived,
            far_ended=self._far_ended,
            deliver=self._deliver,
            may_leave=self._may_leave,
            check=self._check_gaps,
        )

    def release(self) -> None:
        """After mending: what no active fault holds any more is due now."""
        courier = self.courier
        if courier.is_empty and not self._unseen_loss:
            return
        now = trio.current_time()
        self._planning.release(courier, now)
        if self._unseen_loss:
            courier.push(self._planning.due(now), _LOSS, b"", self._unseen_loss)
            self._unseen_loss = ""

    @property
    def unfinished(self) -> int:
        """Bytes of a frame for the terminal that began, was not refused, and will not come if the line ends now."""
        if self._is_refused or self._planning.is_silenced(_REPLY):
            return 0
        return self._near.pending or self._far.pending

    def feed(self, data: bytes) -> None:
        """Let the terminal's framer read bytes that may be no whole frame."""
        refused: FrameError | None = None
        try:
            bodies: Sequence[bytes] = self._near.feed(data)
        except FrameError as error:
            bodies, refused = error.bodies, error
        for body in bodies:
            self._on_body(body)
            if self.courier.ending:
                return
        if refused is not None:
            self._refuse(refused)

    # --- from the far side ------------------------------------------------------------------------

    def _arrived(self, data: bytes) -> None:
        courier, framer, now = self.courier, self._far.framer, trio.current_time()
        try:
            bodies = [] if self._far_is_unreadable else self._far.feed(data)
        except FrameError:
            self._far_is_unreadable = True
            bodies = []
        if self._far_is_unreadable:
            # Without frames there is nothing to plan: the terminal's own framer will refuse the rest.
            courier.push(self._planning.next_due(_REPLY, now), _IN, self._far.tail + data)
            self._far.tail = b""
            return
        if framer.echo:
            self._echo(framer.echo, now)
        headers = framer.headers
        for at, body in enumerate(bodies):
            if headers:
                self._reply_header = headers[at]
            self._bring(body, now)
            if courier.ending:
                return

    def _echo(self, data: bytes, now: float) -> None:
        """Send back the keep-alives that the terminal can see."""
        if not self._planning.is_silenced(_REPLY):
            self.courier.push(self._planning.next_due(_REQUEST, now), _OUT, data)

    def _bring(self, body: bytes, now: float) -> None:
        """Plan the way of one reply to the terminal."""
        courier, planning = self.courier, self._planning
        due = planning.next_due(_REPLY, now)
        if not planning.is_idle:
            wire = self._wire.under(self._reply_header)
            if planning.disturbs(courier, wire.wrap(body), body, _REPLY, wire):
                return
        if due <= now and courier.is_empty:
            self._deliver(_BODY, body, "")
        else:
            courier.push(due, _BODY, body)

    def _far_ended(self, because: str) -> None:
        self.courier.push(self._planning.next_due(_REPLY, trio.current_time()), _LOSS, b"", because)

    # --- when it is due ---------------------------------------------------------------------------

    def _may_leave(self) -> bool:
        return not self._planning.is_silenced(_REQUEST)

    def _deliver(self, kind: Kind, data: bytes, note: str) -> None:
        if kind is _SEVERED:
            self._sever(note)
        elif kind is _ASTRAY:
            direction, _, terminal = note.partition(" ")
            self._astray(terminal, Direction(direction), data)
        elif self._planning.is_silenced(_REPLY):
            if kind is _LOSS:
                self._unseen_loss = note
        elif kind is _LOSS:
            self._meet_loss(note)
        elif kind is _IN:
            self.feed(data)
        elif self._near.pending:
            self.feed(self._wire.under(self._reply_header).wrap(data))
        else:
            self._on_body(data)

    def _meet_loss(self, because: str) -> None:
        """An orderly end comes behind everything that was sent before, however long that is held."""
        last = self.courier.last_due(*INBOUND) if because == LOST["close"] else -inf
        if last == -inf:
            self._lose(because)
        else:
            self.courier.push(last, _LOSS, b"", because)

    # --- frames that do not come ------------------------------------------------------------------

    def _watch_gaps(self) -> None:
        self.courier.check_by(min(self._near.stale_at, self._far.stale_at))

    def _check_gaps(self) -> None:
        now = trio.current_time()
        if min(self._near.stale_at, self._far.stale_at) > now:
            self._watch_gaps()
            return
        if self._planning.is_silenced(_REPLY):
            self.courier.check_by(now + FRAME_GAP_S_MAX)  # the terminal cannot see what the far side did
            return
        pending = self._near.pending or self._far.pending
        self._refuse(RemoteError(f"a frame stopped after {pending} bytes and did not go on for {FRAME_GAP_S_MAX:g} s"))

    def _refuse(self, error: RemoteError) -> None:
        self._is_refused = True
        self._on_refused_frame(error)
        self._lose("bytes arrived that are no frame")
