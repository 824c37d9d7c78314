"""Mending one fault frees what it alone held, and nothing else."""

import trio
from trio.testing import MockClock

from atmbench.faults.all import Delay, Lose, Trickle
from atmbench.faults.base import Direction
from tests.links.rig import CALM_S, connected


async def test_mending_one_fault_releases_only_what_no_other_holds(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Delay(mti="02xx", delay_s=500), "a")
        rig.cut(Delay(mti="0x00", delay_s=300), "b")
        for body in (b"0200 by both", b"0220 by a", b"0400 by b"):
            rig.cable.send(body)
        await trio.sleep(10)
        rig.mend("a")
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0220 by a"]
        rig.mend("b")
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0220 by a", b"0200 by both", b"0400 by b"], "in the order in which b kept them"


async def test_mending_a_delay_leaves_frames_that_still_come_in_pieces_whole(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Delay(mti="0800", delay_s=500), "late")
        rig.cut(Trickle(mti="0200", gap_s=1.0), "slow")
        rig.cable.send(b"0800 delayed")
        rig.cable.send(b"0200 in pieces")
        rig.cable.send(b"0600 right behind")
        await trio.sleep(3)
        rig.mend("late")
        await trio.sleep(3)
        assert site.bodies == []
        rig.mend("slow")
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0200 in pieces", b"0600 right behind", b"0800 delayed"]
        assert rig.lost == []


async def test_an_orderly_end_stays_behind_replies_that_another_fault_holds(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Delay(direction=Direction.REPLY, delay_s=50), "late")
        rig.cut(Lose(mti="0999"), "other")
        rig.cable.send(b"0200 x")
        await trio.sleep(CALM_S)
        site.streams[0].close_now()
        await trio.sleep(CALM_S)
        rig.mend("other")
        await trio.sleep(10)
        assert (rig.bodies, rig.lost) == ([], [])
        await trio.sleep(50)
        assert (rig.bodies, rig.lost) == ([b"0210 x"], ["the far side closed the connection"])
