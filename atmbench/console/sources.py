"""Sources: where facts come from and where orders go. What they have in common, and the one that replays a run."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from atmbench.console.captured import CAPTURE_BYTES_MAX, Captured
from atmbench.console.orders import Order
from atmbench.console.palette import Offers
from atmbench.console.playhead import Playhead
from atmbench.drill.load import parse_drill
from atmbench.errors import LocalError
from atmbench.facts import AnyFact, MessageReceived, MessageSent, from_line
from atmbench.store.run_directory import RunDirectory

BATCH_MAX = 2_000
"""Facts of one batch: so many can be folded between two frames of a screen."""
TICK_S = 0.1
TAIL_BYTES = 1 << 20
"""The last fact of a history is looked for in its last bytes."""


class Batch(msgspec.Struct, frozen=True):
    """Some facts, in the order of the history. With `restarts`, all that came before is void."""

    facts: tuple[AnyFact, ...] = ()
    restarts: bool = False
    missed: int = 0
    """Facts that were left out before these, because the reader was too slow."""
    notice: str | None = None
    """How the connection is, if that has changed; empty if it is well."""


class OrderRefused(LocalError):
    """An order could not be carried out, and why."""


class Source(Protocol):
    """Where facts come from."""

    title: str

    @property
    def playhead(self) -> Playhead | None:
        """Of a replay; None if the run goes on by itself."""

    offers: Offers
    """What can be named in an order."""

    dialect: str
    """Name of the dialect of the run; empty if it is not known."""

    def captured(self, fact: MessageSent | MessageReceived) -> bytes | None:
        """The bytes of a message as a site got or sent it; None if no capture has them."""

    def batches(self) -> AsyncIterator[Batch]:
        """Facts as they come. Raises LocalError if there can be none."""

    async def send(self, order: Order) -> str:
        """Carry out an order and say what came of it. Raises OrderRefused."""

    async def fetch(self, path: str) -> str:
        """A text that the bench gives out, such as the session as a drill. Raises OrderRefused."""

    async def close(self) -> None:
        """Let go of files and connections."""


class Replay:
    """A recorded run, played from its run directory. Only what lies before the playhead is told.

    The history is read as the playhead goes on; going back reads it again from the beginning.
    """

    def __init__(self, path: Path, *, at_s: float = 0.0, is_playing: bool = False) -> None:
        self.directory = RunDirectory.open(path)
        self.title = f"replay of {path.name}"
        self.playhead: Playhead = Playhead(_end_of(self.directory.history_path), at_s, is_playing=is_playing)
        self._file: BinaryIO | None = None
        self._number = 0
        self._next: AnyFact | None = None
        self._told_s = -1.0
        self._woken = asyncio.Event()
        self._capture: Captured | None = None
        self.offers = Offers()
        self.dialect = self.directory.read_info().dialect if self.directory.has_info else ""

    def captured(self, fact: MessageSent | MessageReceived) -> bytes | None:
        """Bytes out of wire.pcapng, if the run was captured. It is read when it is first asked for."""
        path = self.directory.capture_path
        if self._capture is None and path.is_file() and path.stat().st_size <= CAPTURE_BYTES_MAX:
            self._capture = Captured(path.read_bytes(), _begins_at_s(self.directory.drill_path))
        return None if self._capture is None else self._capture.of(fact)

    @property
    def is_told(self) -> bool:
        """Whether all that lies before the playhead was given out."""
        position_s = self.playhead.position_s
        return self._told_s == position_s and (self._next is None or self._next.t > position_s)

    def seek(self, position_s: float) -> None:
        """Go to a position in time, both ways."""
        self.playhead.seek(position_s)
        self.wake()

    def wake(self) -> None:
        """The playhead was moved by hand: tell what is due now."""
        self._woken.set()

    async def batches(self) -> AsyncIterator[Batch]:
        """What lies before the playhead, as it moves. Raises LocalError if the history is damaged."""
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            now = loop.time()
            self.playhead.advance(now - before)
            before = now
            batch = self.read()
            if batch is not None:
                yield batch
            if batch is not None and len(batch.facts) == BATCH_MAX:
                await asyncio.sleep(0)  # there is more, but a key may have been pressed
                continue
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), TICK_S)
            except TimeoutError:
                continue

    def read(self) -> Batch | None:
        """The next facts before the playhead; None if there are none. After a step back, those from the beginning."""
        position_s = self.playhead.position_s
        restarts = position_s < self._told_s
        if restarts or self._file is None:
            self._rewind()
        self._told_s = position_s
        found: list[AnyFact] = []
        while self._next is not None and self._next.t <= position_s and len(found) < BATCH_MAX:
            found.append(self._next)
            self._next = self._read_one()
        return Batch(tuple(found), restarts) if found or restarts else None

    def _rewind(self) -> None:
        if self._file is None:
            self._file = self.directory.history_path.open("rb")
        self._file.seek(0)
        self._number = 0
        self._next = self._read_one()

    def _read_one(self) -> AnyFact | None:
        """The next fact; None at the end, also if only half of a line was written there."""
        assert self._file is not None
        line = self._file.readline()
        self._number += 1
        if not line.endswith(b"\n"):
            return None
        try:
            return from_line(line)
        except LocalError as error:
            raise LocalError(f"line {self._number} of {self._file.name}: {error}") from None

    async def send(self, order: Order) -> str:
        """Nothing can be done to what is past."""
        raise OrderRefused(
            f"cannot {order.says}: this is a replay of a run that is over; `atmbench console DRILL` starts one"
        )

    async def fetch(self, path: str) -> str:
        """A replay gives out nothing but its facts."""
        raise OrderRefused("this is a replay; its drill lies in the run directory as drill.yaml")

    async def close(self) -> None:
        """Close the history."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _begins_at_s(drill: Path) -> float:
    """The calendar time of a run's beginning, in seconds since 1970: packets have theirs counted from it."""
    starts_at = parse_drill(drill.read_text(encoding="utf-8"), str(drill)).starts_at
    return datetime.fromisoformat(starts_at).replace(tzinfo=UTC).timestamp()


def _end_of(path: Path) -> float:
    """The time of the last whole fact of a history, in seconds of the run; 0 if it has none."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - TAIL_BYTES))
        lines = file.read().split(b"\n")[:-1]
    for line in reversed(lines):
        try:
            return from_line(line).t
        except LocalError:
            continue
    return 0.0
