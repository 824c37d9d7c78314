"""Cuts: what is lost, what the terminal sees, what the far side sees, and what dials meet."""

import pytest
import trio
from trio.testing import MockClock

from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import Cut
from atmbench.faults.base import Direction
from atmbench.links.stream import LinkRefused
from tests.links.rig import CALM_S, JITTER_S, LATENCY_S, Rig, Site, connected, usual_venue


async def test_silence_swallows_frames_in_flight_and_keeps_the_connection(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cable.send(b"0200 in flight")
        await trio.sleep(LATENCY_S / 2)
        rig.cut(Cut(by="silence"))
        await trio.sleep(CALM_S)
        rig.cable.send(b"0200 into the void")
        await trio.sleep(CALM_S)
        assert (site.bodies, rig.lost) == ([], [])
        rig.mend()
        rig.cable.send(b"0200 after")
        await trio.sleep(CALM_S)
        assert rig.bodies == [b"0210 after"]


async def test_a_one_way_cut_loses_replies_only(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Cut(by="silence", direction=Direction.REPLY))
        rig.cable.send(b"0200 x")
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0200 x"]
        assert rig.bodies == []


async def test_a_dead_site_is_not_noticed_through_silence_but_after_mending(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Cut(by="silence"))
        site.streams[0].reset()
        await trio.sleep(60)
        assert rig.lost == []
        rig.mend()
        await trio.sleep(CALM_S)
        assert rig.lost == ["the connection was reset"]


@pytest.mark.parametrize(
    ("by", "because", "seen"),
    [
        ("reset", "the connection was reset", "reset"),
        ("close", "the far side closed the connection", "end"),
        ("refusal", "the far side closed the connection", "end"),
    ],
)
async def test_a_cut_severs_at_once_and_both_sides_see_the_same(
    by: str, because: str, seen: str, autojump_clock: MockClock
) -> None:
    async with connected() as (rig, site, _):
        rig.cable.send(b"0200 in flight")
        cut_at = trio.current_time()
        rig.cut(Cut(by=by))
        assert rig.lost == [because]
        rig.cable.sever("reset")
        rig.cable.send(b"0200 nowhere")
        await trio.sleep(CALM_S)
        assert rig.lost == [because]
        assert (site.bodies, site.ends) == ([], [seen])
        assert site.ended_at[0] - cut_at < LATENCY_S + JITTER_S


async def test_a_severed_cable_connects_again(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, nursery):
        rig.cable.sever("close")
        nursery.start_soon(rig.cable.connect_and_run, rig.on_up)  # while the old connection is still ending
        await trio.sleep(CALM_S)
        rig.cable.send(b"0200 again")
        await trio.sleep(CALM_S)
        assert (rig.ups, rig.bodies, site.ends) == (2, [b"0210 again"], ["end"])


async def test_dials_meet_the_cut_as_it_says(autojump_clock: MockClock) -> None:
    site, venue, faults = Site(), usual_venue(), ActiveFaults(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(venue.timetable.run)
        await venue.listen("A", site.serve, nursery)
        rig = Rig("T1", venue, faults)
        rig.cut(Cut(by="refusal"))
        with pytest.raises(LinkRefused, match="refused"):
            await rig.cable.connect_and_run(rig.on_up)
        rig.mend()

        rig.cut(Cut(by="close"))
        await rig.cable.connect_and_run(rig.on_up)
        assert (rig.ups, rig.lost) == (1, ["the far side closed the connection"])
        rig.mend()

        rig.cut(Cut(by="reset"))
        nursery.start_soon(rig.cable.connect_and_run, rig.on_up)
        await trio.sleep(10)
        assert (rig.ups, len(rig.lost)) == (2, 1)
        rig.cable.send(b"0200 meets the reset")
        assert len(rig.lost) == 1, "send must not call back"
        await trio.sleep(CALM_S)
        assert rig.lost[1:] == ["the connection was reset"]
        rig.mend()

        rig.cut(Cut(by="silence"))
        nursery.start_soon(rig.cable.connect_and_run, rig.on_up)
        await trio.sleep(100)
        assert rig.ups == 2
        rig.mend()
        await trio.sleep(CALM_S)
        assert rig.ups == 3
        assert site.bodies == []
        nursery.cancel_scope.cancel()
