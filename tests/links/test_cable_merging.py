"""Frames that are merged arrive in one read, both ways and in both venues."""

import trio
from trio.testing import MockClock

from atmbench.faults.all import Merge
from atmbench.faults.base import Direction
from atmbench.venues.loopback import LoopbackVenue
from tests.links.rig import connected


async def test_merged_requests_leave_in_one_chunk(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Merge(direction=Direction.REQUEST, window_s=1.0))
        rig.cable.send(b"0200 1")
        await trio.sleep(0.005)
        rig.cable.send(b"0200 2")
        await trio.sleep(2)
        assert site.framer.reads == [b"\0\x060200 1\0\x060200 2"]
        assert rig.bodies == [b"0210 1", b"0210 2"]
        rig.cable.send(b"0200 3")
        await trio.sleep(2)
        assert site.framer.reads[1:] == [b"\0\x060200 3"]


async def test_merged_replies_arrive_in_one_read_and_are_two_bodies(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Merge(direction=Direction.REPLY, window_s=1.0, mti="0210"))
        site.streams[0].send_now(b"\0\x060210 1")
        await trio.sleep(0.005)
        site.streams[0].send_now(b"\0\x060210 2\0\x060810 3")
        await trio.sleep(2)
        assert rig.near.reads == [b"\0\x060210 1\0\x060210 2\0\x060810 3"]
        assert rig.bodies == [b"0210 1", b"0210 2", b"0810 3"]
        assert len(set(rig.at)) == 1


async def test_on_loopback_merged_frames_arrive_in_one_read_too() -> None:
    async with connected(LoopbackVenue()) as (rig, site, _):
        window_begins = trio.Event()
        site.reply = lambda body: (window_begins.set(), b"0210" + body[4:])[1]
        rig.cut(Merge(window_s=0.2))
        rig.cable.send(b"0200 0")
        with trio.fail_after(5):
            await window_begins.wait()
        rig.cable.send(b"0200 1")
        await trio.sleep(0.005)
        rig.cable.send(b"0200 2")
        await trio.sleep(0.5)
        assert site.framer.reads == [b"\0\x060200 0", b"\0\x060200 1\0\x060200 2"]
        assert rig.near.reads[-1].endswith(b"\0\x060210 1\0\x060210 2")
