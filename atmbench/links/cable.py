"""The cable: one line of one terminal, inside the terminal's process, where faults strike.

On every frame, each way, the cable asks the active faults for their plan and performs it; it can be
severed and mended, and lives across reconnections. It decides at once and lets the courier act later.
It must never read a message for a purpose of its own, and never call the terminal back from inside
`send`.
"""

from collections.abc import Callable
from math import inf

import trio

from atmbench.errors import LocalError, RemoteError
from atmbench.facts import Fact, FrameRefused
from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Direction, Wire
from atmbench.framing.base import Framer
from atmbench.links.connection import LOST, Connection
from atmbench.links.courier import Courier
from atmbench.links.dialling import Dialling
from atmbench.links.held import Kind
from atmbench.links.planning import Planning
from atmbench.links.stream import Dialer

_REQUEST, _REPLY = Direction.REQUEST, Direction.REPLY


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
        self._planning = planning = Planning(
            terminal,
            line,
            site,
            faults=faults,
            wire=wire,
            seed=seed,
            is_modelled=venue.adds_latency,
            latency_s=latency_s,
            jitter_s=jitter_s,
            now=now,
            record=record,
            mti_of=mti_of,
        )
        self._dialling = Dialling(
            terminal, line, site, venue=venue, faults=faults, latency=lambda: planning.due(0.0), now=now
        )
        self._faults = faults
        self._wire = wire
        self._timetable = venue.timetable
        self._record = record
        self._make_framer = make_framer
        self._on_body = on_body
        self._on_refused_frame = on_refused_frame
        self._on_lost = on_lost
        self._route = route
        self._connection: Connection | None = None
        self._resets_first_frame = False

    @property
    def is_up(self) -> bool:
        """Whether a connection stands, as far as the terminal knows."""
        return self._connection is not None

    # --- what the terminal does -------------------------------------------------------------------

    async def connect_and_run(self, on_up: Callable[[], None]) -> None:
        """Dial, call `on_up` when a connection stands, and return when it is gone.

        Bounding the dial is the caller's matter: cancel, or give its cancel scope a deadline that `on_up`
        takes away. Raises LinkRefused, LinkTimedOut or VenueError if the dial fails.
        """
        assert not self.is_up, "this cable is connected already"
        connection = await self._dialled()
        try:
            on_up()
            await connection.courier.run()
        finally:
            if self._connection is connection:
                self._connection = None

    def send(self, body: bytes) -> None:
        """Send a body. It is lost without a word if no connection stands."""
        if self._connection is None:
            return
        courier, planning, now = self._connection.courier, self._planning, trio.current_time()
        due = planning.next_due(_REQUEST, now)
        data = self._wire.wrap(body)
        if self._resets_first_frame and self._is_reset(courier, due):
            return
        if not self._faults.is_idle and planning.disturbs(courier, data, body, _REQUEST, self._wire):
            return
        if due <= now and courier.is_empty:
            courier.send(data)
        else:
            courier.push(due, Kind.OUT, data)

    def hang_up(self) -> None:
        """Close in order; `on_lost` is not called. What was sent just before still arrives."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._tell_unfinished(connection)
            if self._planning.is_silenced(_REQUEST):
                connection.courier.remark(
                    _REQUEST, "while the line is cut: the far side learns of this end all the same"
                )
            connection.courier.end(self._planning.due(trio.current_time()), rude=False, drain=True)

    # --- what the tester does ---------------------------------------------------------------------

    def sever(self, by: str) -> None:
        """Break the standing connection, if any: by "reset" or "close". What was under way is lost.

        The terminal knows when this returns; the far side sees the same one latency later.
        """
        if by not in LOST:
            raise LocalError(f"a connection cannot be severed by {by!r}; expected 'reset' or 'close'")
        if self._connection is not None:
            self._connection.courier.remark(_REQUEST, f"the line was cut by {by}")
        self._lose(LOST[by], rude=by == "reset")

    def release(self) -> None:
        """After mending: deliver now, in order, what no active fault holds any more, and let a dial try again."""
        self._dialling.try_again()
        if self._connection is not None:
            self._connection.release()

    def take_astray(self, direction: Direction, data: bytes) -> None:
        """Carry bytes of another terminal, now: replies to this terminal, requests to its site."""
        connection = self._connection
        if connection is None or self._planning.is_silenced(direction):
            return
        if direction is _REPLY:
            connection.feed(data)
        else:
            connection.courier.remark(_REQUEST, "a request of another terminal, sent astray by a fault")
            connection.courier.send(data)

    def _send_astray(self, terminal: str, direction: Direction, data: bytes) -> None:
        if self._route is not None:
            self._route(terminal, self.line, direction, data)

    # --- dialling ---------------------------------------------------------------------------------

    async def _dialled(self) -> Connection:
        far, answer = await self._dialling.dial()
        self._planning.begin()
        self._connection = connection = Connection(
            far,
            self._timetable,
            planning=self._planning,
            wire=self._wire,
            make_framer=self._make_framer,
            on_body=self._on_body,
            on_refused_frame=self._on_refused_frame,
            lose=self._lose,
            sever=self.sever,
            astray=self._send_astray,
        )
        self._resets_first_frame = answer == "reset"
        if answer == "close":
            connection.courier.push(-inf, Kind.SEVERED, b"", "close")
        return connection

    def _is_reset(self, courier: Courier, due: float) -> bool:
        """The first frame meets the reset that the dial was promised, if that cut still stands."""
        self._resets_first_frame = False
        if self._dialling.answer() != "reset":
            return False
        courier.push(self._planning.due(due), Kind.SEVERED, b"", "reset")
        return True

    def _lose(self, because: str, *, rude: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._tell_unfinished(connection)
            connection.courier.end(self._planning.due(trio.current_time()), rude=rude, drain=False)
            self._on_lost(because)

    def _tell_unfinished(self, connection: Connection) -> None:
        """Bytes that came must leave a fact, even if the line ends before they were a frame."""
        size = connection.unfinished
        if size:
            self._record(FrameRefused(line=self.line, because=f"the line ended {size} bytes into a frame", size=size))
