"""Who looks on at a line is told what really passed between cable and site, and changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import Cut, Delay, Duplicate, Lose
from atmbench.faults.base import Direction
from atmbench.links.memory import BUFFER_BYTES_MAX, memory_stream_pair
from atmbench.links.stream import LinkRefused, LinkStream
from atmbench.links.tapped import TappedDialer, TappedStream
from tests.links.rig import CALM_S, JITTER_S, LATENCY_S, Rig, Site, usual_venue


class Notes:
    """A tap and a trace in one: what it was told, in words."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.at: list[float] = []

    def opened(self) -> "Notes":
        self._note("opened")
        return self

    def refused(self) -> None:
        self._note("refused")

    def passed(self, direction: Direction, data: bytes) -> None:
        self._note(f"{direction} {data[2:].decode('latin-1')}" if len(data) < 50 else f"{direction} {len(data)} bytes")

    def ended(self, direction: Direction, *, rude: bool) -> None:
        self._note(f"{direction} {'reset' if rude else 'end'}")

    def remark(self, direction: Direction, what: str) -> None:
        self._note(f"remark on {direction}: {what}")

    def _note(self, what: str) -> None:
        self.told.append(what)
        self.at.append(trio.current_time())


@asynccontextmanager
async def looked_on(reply: bytes | None = b"0210 yes") -> AsyncIterator[tuple[Rig, Site, Notes]]:
    """A standing connection behind a tap, which was told that it was opened."""
    venue, site, notes = usual_venue(), Site(reply=lambda body: reply), Notes()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(venue.timetable.run)
        await venue.listen("A", site.serve, nursery)
        rig = Rig("T1", TappedDialer(venue, notes), ActiveFaults(1))
        nursery.start_soon(rig.cable.connect_and_run, rig.on_up)
        await trio.sleep(CALM_S)
        assert notes.told == ["opened"]
        notes.told.clear()
        notes.at.clear()
        yield rig, site, notes
        nursery.cancel_scope.cancel()


# --- a stream ---------------------------------------------------------------------------------------


async def test_a_tapped_stream_keeps_the_contract_of_trio() -> None:
    async def make_pair() -> tuple[TappedStream, TappedStream]:
        left, right = memory_stream_pair()
        return TappedStream(left, Notes()), TappedStream(right, Notes())

    async def make_clogged_pair() -> tuple[TappedStream, TappedStream]:
        left, right = await make_pair()
        for stream in (left, right):
            await stream.send_all(bytes(BUFFER_BYTES_MAX))
        return left, right

    await trio.testing.check_two_way_stream(make_pair, make_clogged_pair)


async def test_only_what_was_taken_has_passed() -> None:
    left, _ = memory_stream_pair()
    notes = Notes()
    stream = TappedStream(left, notes)
    assert stream.send_now(bytes(BUFFER_BYTES_MAX + 7)) == BUFFER_BYTES_MAX
    assert stream.send_now(b"no room") == 0
    with trio.move_on_after(0):
        await stream.send_all(b"no room either")
    assert notes.told == [f"request {BUFFER_BYTES_MAX} bytes"]
    assert stream.bytes_sent == BUFFER_BYTES_MAX


async def test_a_far_side_that_is_gone_is_told_by_who_finds_out() -> None:
    async def send_now(stream: LinkStream) -> None:
        stream.send_now(b"x")

    async def send_all(stream: LinkStream) -> None:
        await stream.send_all(b"x")

    async def receive_some(stream: LinkStream) -> None:
        await stream.receive_some()

    for find_out in (send_now, send_all, receive_some):
        left, right = memory_stream_pair()
        notes = Notes()
        right.reset()
        with pytest.raises(trio.BrokenResourceError):
            await find_out(TappedStream(left, notes))
        assert notes.told == ["reply reset"]


# --- a cable ----------------------------------------------------------------------------------------


async def test_requests_and_replies_are_told_at_the_door_of_the_site(autojump_clock: MockClock) -> None:
    async with looked_on() as (rig, site, notes):
        sent_at = trio.current_time()
        rig.cable.send(b"0200 pay")
        await trio.sleep(CALM_S)
        assert notes.told == ["request 0200 pay", "reply 0210 yes"]
        assert {at > sent_at + LATENCY_S for at in notes.at} == {True}
        assert notes.at[0] == notes.at[1] == site.seen[0][0] < rig.at[0]
        rig.cable.hang_up()
        await trio.sleep(CALM_S)
        assert notes.told[2:] == ["request end"]


@pytest.mark.parametrize(("by", "end"), [("reset", "reset"), ("close", "end"), ("refusal", "end")])
async def test_a_cut_that_severs_is_an_end_with_a_remark(by: str, end: str, autojump_clock: MockClock) -> None:
    async with looked_on() as (rig, _, notes):
        rig.cut(Cut(by=by))
        rig.cable.send(b"0200 nowhere")
        await trio.sleep(CALM_S)
        severed_by = "reset" if by == "reset" else "close"
        assert notes.told == [f"remark on request: the line was cut by {severed_by}", f"request {end}"]
        assert notes.at[1] - notes.at[0] <= LATENCY_S + JITTER_S


async def test_into_a_silent_cut_nothing_passes_but_the_end(autojump_clock: MockClock) -> None:
    async with looked_on() as (rig, _, notes):
        rig.cut(Cut(by="silence"))
        rig.cable.send(b"0200 into the void")
        await trio.sleep(CALM_S)
        assert notes.told == []
        rig.cable.hang_up()
        await trio.sleep(CALM_S)
        assert notes.told == [
            "remark on request: while the line is cut: the far side learns of this end all the same",
            "request end",
        ]


@pytest.mark.parametrize(("rude", "end"), [(True, "reset"), (False, "end")])
async def test_the_end_of_the_site_is_told(rude: bool, end: str, autojump_clock: MockClock) -> None:
    async with looked_on() as (_, site, notes):
        site.streams[0].reset() if rude else site.streams[0].close_now()
        await trio.sleep(CALM_S)
        assert notes.told == [f"reply {end}", "request end"]


async def test_what_faults_do_is_remarked_where_it_can_be_seen(autojump_clock: MockClock) -> None:
    async with looked_on() as (rig, _, notes):
        rig.cut(Delay(direction=Direction.REQUEST, delay_s=3), "late")
        rig.cut(Lose(direction=Direction.REPLY), "gone")
        rig.cable.send(b"0200 pay")
        await trio.sleep(10)
        assert notes.told == [
            "remark on request: late: held for 3 s",
            "request 0200 pay",
            "reply 0210 yes",
            "remark on reply: gone: lost",
        ]
        assert rig.bodies == []


async def test_a_lost_request_is_not_there_and_copies_are(autojump_clock: MockClock) -> None:
    async with looked_on(reply=None) as (rig, _, notes):
        rig.cut(Lose(direction=Direction.REQUEST, nth=1), "gone")
        rig.cut(Duplicate(direction=Direction.REQUEST, copies=1), "double")
        rig.cable.send(b"0200 one")
        rig.cable.send(b"0200 two")
        await trio.sleep(CALM_S)
        assert notes.told == [
            "remark on request: double: delivered 2 times",
            "request 0200 two\0\x080200 two",
        ]


async def test_a_dial_that_hears_no_answer_is_told_with_its_reset(autojump_clock: MockClock) -> None:
    venue, site, notes = usual_venue(), Site(), Notes()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(venue.timetable.run)
        await venue.listen("A", site.serve, nursery)
        rig = Rig("T1", TappedDialer(venue, notes), ActiveFaults(1))
        nursery.start_soon(rig.cable.connect_and_run, rig.on_up)
        await trio.sleep(LATENCY_S + JITTER_S)
        rig.cut(Cut(by="silence"))
        await trio.sleep(CALM_S)
        assert notes.told == [
            "opened",
            "remark on request: the answer to this dial is lost in a cut",
            "request reset",
        ]
        nursery.cancel_scope.cancel()


async def test_a_dial_that_nobody_takes_is_told(autojump_clock: MockClock) -> None:
    notes = Notes()
    rig = Rig("T1", TappedDialer(usual_venue(), notes), ActiveFaults(1))
    with pytest.raises(LinkRefused):
        await rig.cable.connect_and_run(rig.on_up)
    assert notes.told == ["refused"]


async def test_a_request_that_went_astray_is_remarked_where_it_arrives(autojump_clock: MockClock) -> None:
    async with looked_on(reply=None) as (rig, _, notes):
        rig.cable.take_astray(Direction.REQUEST, b"\0\x080200 you")
        await trio.sleep(CALM_S)
        assert notes.told == [
            "remark on request: a request of another terminal, sent astray by a fault",
            "request 0200 you",
        ]
