"""One frame's way through the active faults: each plans the deliveries of the one before it.

A delivery of one fault is the frame of the next, with the delays added up. Its body and MTI are found
again only if its bytes have changed. This module must keep nothing from one frame to the next, and
never let two cables act at one instant, or replay would break.
"""

from atmbench.errors import AtmbenchError, LocalError
from atmbench.facts import FrameDisturbed
from atmbench.faults.base import Delivery, Direction, Frame, Stage, Wire, share
from atmbench.faults.books import STREAMS_MAX, Book, Item, Latest, Sources, Stream, make_room

LAG_S_MAX = 1e-5
"""A frame that waits for one on another cable follows it by less than this, each cable by a lag of its own."""


class Walk:
    """The way of one frame.

    `sent` is the frame, `carrier` the terminal whose cable carries it, `reading` says of each stream when the
    last piece of its latest frame arrives: no later frame may be mixed into its bytes.
    """

    def __init__(
        self,
        sent: Item,
        carrier: str,
        line: str,
        site: str,
        direction: Direction,
        now: float,
        wire: Wire,
        sources: Sources,
        reading: dict[Stream, Latest],
    ) -> None:
        self._head_size = sent.data.find(sent.body)
        self._tail_size = len(sent.data) - self._head_size - len(sent.body)
        self._carrier = carrier
        self._line = line
        self._site = site
        self._direction = direction
        self._now = now
        self._wire = wire
        self._sources = sources
        self._reading = reading
        self.facts: list[FrameDisturbed] = []
        self.is_changed = False

    def through(self, active: Book, item: Item) -> list[Item]:
        """What one fault makes of one delivery of the fault before it."""
        terminal = item.to or self._carrier
        if not active.is_aimed_at(terminal, self._line, self._site, self._direction, self._now):
            return [item]
        if not item.is_whole:
            self._find_body(item)
        if not active.concerns(item, self._wire):
            return [item]
        fault = active.fault
        active.met += 1
        frame = self._frame(active, item, terminal)
        past = active.remember(frame)
        if not active.is_chosen(active.met):
            return [item]
        source = self._sources.of(active.name, terminal, self._line)
        if fault.probability < 1.0 and source.random() >= fault.probability:
            return [item]
        try:
            planned = fault.plan(frame, past, source)
        except LocalError as error:
            self._tell(active, item, f"not applied: {error}")
            return [item]
        return self._perform(active, item, frame, planned)

    def into_reads(self, readers: list[Book], item: Item) -> list[Item]:
        """How a whole frame falls into reads. The first fault that changes anything decides."""
        pieces = [item]
        for active in readers:
            pieces = self.through(active, item)
            if pieces != [item]:
                break
        stream = (item.to or self._carrier, self._line, self._direction)
        self._wait(pieces, self._reading.get(stream))
        if pieces != [item]:
            self._enter(self._reading, stream, pieces[-1])
        return pieces

    def _wait(self, items: list[Item], latest: Latest | None) -> None:
        """Hold the deliveries of a frame together, so that the first one comes no sooner than the latest before it."""
        if latest is None:
            return
        until = latest.at
        if latest.carrier != self._carrier:
            until += LAG_S_MAX * share(f"{self._carrier}/{self._line}")
        wait_s = until - items[0].at
        if wait_s > 0:
            self.is_changed = True
            for each in items:
                each.at = max(until, each.at + wait_s)
                each.held_by = _joined(each.held_by, latest.held_by)

    def _enter(self, book: dict[Stream, Latest], stream: Stream, last: Item) -> None:
        make_room(book, STREAMS_MAX)
        book[stream] = Latest(last.at, self._carrier, last.held_by)

    def _frame(self, active: Book, item: Item, terminal: str) -> Frame:
        return Frame(
            data=item.data,
            body=item.body,
            mti=item.mti,
            terminal=terminal,
            carrier=self._carrier,
            line=self._line,
            site=self._site,
            direction=self._direction,
            at=item.at,
            nth=active.met,
            wire=self._wire,
        )

    def _perform(self, active: Book, item: Item, frame: Frame, planned: list[Delivery]) -> list[Item]:
        stream = (frame.terminal, frame.line, frame.direction)
        if len(planned) == 1 and _leaves_alone(planned[0], item):
            after = [item]
        else:
            what = "; ".join(each.what for each in planned if each.what) if planned else active.fault.when_lost
            after = [_followed(item, each, active.name) for each in planned]
            self._tell(active, item, what, *self._renamed(active, item, after))
        if active.fault.keeps_order and after:
            self._wait(after, active.busy.get(stream))
            self._enter(active.busy, stream, after[-1])
        return after

    def _renamed(self, active: Book, item: Item, after: list[Item]) -> tuple[str, str]:
        """The transaction of a request, and the other one that it names after a fault; both empty if it names its own.

        Who follows the money later must know it: from here on the host speaks of the other one.
        """
        if self._direction is not Direction.REQUEST or active.fault.stage is not Stage.FRAME:
            return "", ""
        changed = [each for each in after if each.data != item.data]
        key = self._wire.key(item.body) if changed else ""
        for each in changed if key else ():
            self._find_body(each)
            became = self._wire.key(each.body)
            if became and became != key:
                return key, became
        return "", ""

    def _find_body(self, item: Item) -> None:
        """Body and MTI of bytes that an earlier fault has changed; both empty if they are no whole frame any more."""
        item.is_whole = True
        item.body, item.mti = b"", ""
        body = item.data[self._head_size : len(item.data) - self._tail_size]
        try:
            if self._wire.wrap(body) == item.data:
                item.body = body
                item.mti = self._wire.read(body).mti
        except AtmbenchError:
            return

    def _tell(self, active: Book, item: Item, what: str, key: str = "", became: str = "") -> None:
        self.is_changed = True
        self.facts.append(
            FrameDisturbed(
                name=active.name,
                kind=active.kind,
                terminal=item.to or self._carrier,
                line=self._line,
                direction=self._direction,
                what=what,
                mti=item.mti,
                key=key,
                became=became,
            )
        )


def _leaves_alone(delivery: Delivery, item: Item) -> bool:
    return delivery.delay_s == 0 and delivery.until is None and not delivery.to and delivery.data == item.data


def _followed(item: Item, delivery: Delivery, name: str) -> Item:
    """The item that the delivery of a fault of this name makes of an item."""
    at = item.at + delivery.delay_s if delivery.until is None else delivery.until
    return Item(
        delivery.data,
        item.body,
        item.mti,
        at,
        delivery.to or item.to,
        item.is_whole and delivery.data == item.data,
        _joined(item.held_by, (name,)) if at > item.at else item.held_by,
    )


def _joined(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return names + tuple(each for each in others if each not in names)
