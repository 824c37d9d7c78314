"""One frame's way through the active faults: each plans the deliveries of the one before it.

A delivery of one fault is the frame of the next, with the delays added up. Its body and MTI are found
again only if its bytes have changed. This module must keep nothing from one frame to the next.
"""

from atmbench.errors import AtmbenchError
from atmbench.facts import FrameDisturbed
from atmbench.faults.base import Delivery, Direction, Frame, Wire
from atmbench.faults.books import STREAMS_MAX, Book, Item, Sources, Stream, make_room


class Walk:
    """The way of one frame.

    `sent` is the frame, `reading` says of each stream when the last piece of its latest frame arrives: no
    later frame may be mixed into its bytes.
    """

    def __init__(
        self,
        sent: Item,
        terminal: str,
        line: str,
        site: str,
        direction: Direction,
        now: float,
        wire: Wire,
        sources: Sources,
        reading: dict[Stream, float],
    ) -> None:
        self._head_size = sent.data.find(sent.body)
        self._tail_size = len(sent.data) - self._head_size - len(sent.body)
        self._terminal = terminal
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
        terminal = item.to or self._terminal
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
        return self._perform(active, item, frame, fault.plan(frame, past, source))

    def into_reads(self, readers: list[Book], item: Item) -> list[Item]:
        """How a whole frame falls into reads. The first fault that changes anything decides."""
        pieces = [item]
        for active in readers:
            pieces = self.through(active, item)
            if pieces != [item]:
                break
        stream = (item.to or self._terminal, self._line, self._direction)
        reading = self._reading
        self._wait(pieces, reading.get(stream, 0.0))
        if pieces != [item]:
            make_room(reading, STREAMS_MAX)
            reading[stream] = self._now + pieces[-1].delay_s
        return pieces

    def _wait(self, items: list[Item], until: float) -> None:
        """Hold the deliveries of a frame together, so that the first one comes no sooner than `until`."""
        wait_s = until - (self._now + items[0].delay_s)
        if wait_s > 0:
            self.is_changed = True
            for each in items:
                each.delay_s += wait_s

    def _frame(self, active: Book, item: Item, terminal: str) -> Frame:
        return Frame(
            data=item.data,
            body=item.body,
            mti=item.mti,
            terminal=terminal,
            line=self._line,
            site=self._site,
            direction=self._direction,
            at=self._now + item.delay_s,
            nth=active.met,
            wire=self._wire,
        )

    def _perform(self, active: Book, item: Item, frame: Frame, planned: list[Delivery]) -> list[Item]:
        stream = (frame.terminal, frame.line, frame.direction)
        if len(planned) == 1 and _leaves_alone(planned[0], item):
            after = [item]
        else:
            self.is_changed = True
            self._tell(active, item, planned)
            after = [_followed(item, each) for each in planned]
        if active.fault.keeps_order and after:
            self._wait(after, active.busy.get(stream, 0.0))
            make_room(active.busy, STREAMS_MAX)
            active.busy[stream] = self._now + after[-1].delay_s
        return after

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

    def _tell(self, active: Book, item: Item, planned: list[Delivery]) -> None:
        what = "; ".join(each.what for each in planned if each.what) if planned else active.fault.when_lost
        self.facts.append(
            FrameDisturbed(
                name=active.name,
                kind=active.kind,
                terminal=item.to or self._terminal,
                line=self._line,
                direction=self._direction,
                what=what,
                mti=item.mti,
            )
        )


def _leaves_alone(delivery: Delivery, item: Item) -> bool:
    return delivery.delay_s == 0 and not delivery.to and delivery.data == item.data


def _followed(item: Item, delivery: Delivery) -> Item:
    is_same = delivery.data == item.data
    return Item(
        delivery.data,
        item.body,
        item.mti,
        item.delay_s + delivery.delay_s,
        delivery.to or item.to,
        item.is_whole and is_same,
    )
