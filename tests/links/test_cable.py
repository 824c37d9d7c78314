"""The cable carries what it is given, and performs what faults plan: in time, in order, within bounds."""

from collections.abc import Sequence
from random import Random

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from atmbench.errors import LocalError
from atmbench.facts import FrameRefused
from atmbench.faults.all import Cut, Delay, Duplicate, LieAboutLength, Lose, Swap, Trickle
from atmbench.faults.base import Delivery, Direction, Fault, Frame
from atmbench.links import courier
from atmbench.links.incoming import FRAME_GAP_S_MAX
from atmbench.links.memory import BUFFER_BYTES_MAX
from atmbench.venues.loopback import LoopbackVenue
from tests.links.rig import CALM_S, JITTER_S, LATENCY_S, ROUND_TRIP_S_MAX, Rig, connected


async def test_a_round_trip_takes_two_latencies(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        sent_at = trio.current_time()
        rig.cable.send(b"0200 one")
        assert site.bodies == []
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0200 one"]
        assert rig.bodies == [b"0210 one"]
        assert LATENCY_S < site.seen[0][0] - sent_at < LATENCY_S + JITTER_S
        assert 2 * LATENCY_S < rig.at[0] - sent_at < ROUND_TRIP_S_MAX


async def test_jitter_never_reorders(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        sent = [b"0200%03d" % n for n in range(200)]
        for body in sent:
            rig.cable.send(body)
            await trio.sleep(0.0001)
        await trio.sleep(CALM_S)
        assert site.bodies == sent
        assert [body[4:] for body in rig.bodies] == [body[4:] for body in sent]


@settings(deadline=None, max_examples=30)
@given(
    bodies=st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=10),
    rng=st.randoms(use_true_random=False),
)
def test_without_faults_what_goes_in_comes_out_whatever_the_chunks(bodies: list[bytes], rng: Random) -> None:
    assert trio.run(exchange, bodies, rng, clock=MockClock(autojump_threshold=0)) == bodies


async def exchange(bodies: list[bytes], rng: Random) -> list[bytes]:
    """Let the far side send bodies in chunks of random sizes; what the terminal gets of them."""
    async with connected() as (rig, site, _):
        data = b"".join(len(body).to_bytes(2) + body for body in bodies)
        while data:
            size = rng.randint(1, len(data))
            await site.streams[0].send_all(data[:size])
            data = data[size:]
            await trio.sleep(rng.choice((0, 0.01)))
        await trio.sleep(CALM_S)
        assert rig.refused == rig.lost == []
        return rig.bodies


# --- faults -------------------------------------------------------------------------------------


async def test_a_lost_request_never_arrives_and_is_recorded(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Lose(mti="0200"))
        rig.cable.send(b"0200 gone")
        rig.cable.send(b"0800 here")
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0800 here"]
        assert len(rig.facts) == 1


async def test_a_duplicate_reply_arrives_twice(autojump_clock: MockClock) -> None:
    async with connected() as (rig, _, _n):
        rig.cut(Duplicate(direction=Direction.REPLY))
        rig.cable.send(b"0200 x")
        await trio.sleep(30)
        assert rig.bodies == [b"0210 x", b"0210 x"]


async def test_a_delayed_frame_is_passed_by_others_and_mending_releases_it_at_once(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Delay(mti="0200", delay_s=500))
        for body in (b"0200 1", b"0200 2", b"0800 3"):
            rig.cable.send(body)
        await trio.sleep(400)
        assert site.bodies == [b"0800 3"]
        mended_at = trio.current_time()
        rig.mend()
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0800 3", b"0200 1", b"0200 2"]
        assert site.seen[-1][0] - mended_at < LATENCY_S + JITTER_S


async def test_a_trickled_frame_stays_whole_among_others(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Delay(mti="0800", delay_s=0.5), "late")
        rig.cable.send(b"0800 falls between the pieces")
        rig.cut(Trickle(mti="0200"), "slow")
        rig.cable.send(b"0200 in pieces")
        await trio.sleep(0.01)
        rig.cable.send(b"0600 right behind")
        await trio.sleep(60)
        assert sorted(site.bodies) == [b"0200 in pieces", b"0600 right behind", b"0800 falls between the pieces"]
        assert site.bodies.index(b"0200 in pieces") < site.bodies.index(b"0600 right behind")
        assert rig.lost == []


async def test_no_other_frame_falls_between_the_pieces_of_one(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cut(Delay(mti="0800", delay_s=0.1), "late")
        rig.cable.send(b"0800 due in the middle")
        rig.cut(Trickle(mti="0200"), "slow")
        rig.cable.send(b"0200 in pieces, for a third of a second")
        await trio.sleep(10)
        assert site.bodies == [b"0200 in pieces, for a third of a second", b"0800 due in the middle"]


async def test_a_value_that_cannot_be_carried_does_not_stop_the_frame(autojump_clock: MockClock) -> None:
    async with connected() as (rig, _, _n):
        rig.cut(Unfit())
        rig.cable.send(b"0200 x")
        await trio.sleep(CALM_S)
        assert rig.bodies == [b"0210 x"]
        assert all("not applied" in str(fact) for fact in rig.facts)
        assert len(rig.facts) == 2


class Unfit(Fault, frozen=True, kw_only=True, tag="unfit"):
    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        raise LocalError("there is no such field")


async def test_a_swapped_reply_arrives_at_the_other_terminal(autojump_clock: MockClock) -> None:
    async with connected() as (rig, _, nursery):
        other = Rig("T2", rig.venue, rig.faults)
        rig.others = other.others = {"T1": rig, "T2": other}
        nursery.start_soon(other.cable.connect_and_run, other.on_up)
        await trio.sleep(CALM_S)
        rig.cut(Swap(direction=Direction.REPLY))
        rig.cable.send(b"0200 mine")
        other.cable.send(b"0200 yours")
        await trio.sleep(CALM_S)
        assert (rig.bodies, other.bodies) == ([b"0210 yours"], [b"0210 mine"])


async def test_a_lying_length_is_refused_and_loses_the_line_once(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        site.reply = lambda body: None
        await site.streams[0].send_all(b"\x00\x040210\xff\xffrest")
        await trio.sleep(CALM_S)
        assert rig.bodies == [b"0210"]
        assert len(rig.refused) == 1
        assert rig.lost == ["bytes arrived that are no frame"]
        assert site.ends == ["end"]


async def test_a_frame_that_does_not_go_on_is_refused_in_bounded_time(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        started_at = trio.current_time()
        await site.streams[0].send_all(b"\x00\x500210 begins")
        await trio.sleep(FRAME_GAP_S_MAX - 0.1)
        assert rig.lost == []
        await trio.sleep(0.2)
        assert rig.lost
        assert "did not go on" in rig.refused[0]
        assert trio.current_time() - started_at < FRAME_GAP_S_MAX + 1


async def test_a_lie_that_swallows_replies_ends_in_bounded_time_though_bytes_keep_coming(
    autojump_clock: MockClock,
) -> None:
    async with connected() as (rig, _, _n):
        rig.cut(LieAboutLength(direction=Direction.REPLY, nth=1))
        for _ in range(20):
            rig.cable.send(b"0200 swallowed")
            await trio.sleep(1)
        assert rig.refused
        assert len(rig.lost) == 1


async def test_what_was_sent_before_hanging_up_arrives_even_if_the_terminal_dies(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, nursery):
        scope = trio.CancelScope()
        second = Rig("T2", rig.venue, rig.faults)

        async def run() -> None:
            with scope:
                await second.cable.connect_and_run(second.on_up)

        nursery.start_soon(run)
        await trio.sleep(CALM_S)
        second.cable.send(b"0200 the last words")
        scope.cancel()
        second.cable.hang_up()
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0200 the last words"]
        assert site.ends == ["end"]
        assert (second.bodies, second.lost) == ([], [])
        assert rig.cable.is_up


async def test_severing_by_something_else_is_misuse(autojump_clock: MockClock) -> None:
    async with connected() as (rig, _, _n):
        with pytest.raises(LocalError, match=r"'silence'.*'reset' or 'close'"):
            rig.cable.sever("silence")


async def test_a_request_astray_arrives_at_the_site_by_the_other_line(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cable.take_astray(Direction.REQUEST, b"\x00\x050200x")
        await trio.sleep(CALM_S)
        assert site.bodies == [b"0200x"]
        rig.cut(Cut(by="silence"))
        rig.cable.take_astray(Direction.REPLY, b"\x00\x050210x")
        assert rig.bodies == [b"0210x"]


async def test_sending_to_a_site_that_died_a_moment_ago_loses_the_line_once(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        rig.cable.send(b"0200 too late")
        site.streams[0].reset()
        await trio.sleep(CALM_S)
        assert (site.bodies, len(rig.lost)) == ([], 1)
        rig.cable.send(b"0200 nobody there")
        rig.cable.release()
        rig.cable.hang_up()
        await trio.sleep(CALM_S)
        assert len(rig.lost) == 1


async def test_the_last_reply_arrives_before_the_end_of_the_far_side(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        for n in range(20):
            site.streams[0].send_now(b"\x00\x060210%02d" % n)
        site.streams[0].close_now()
        await trio.sleep(CALM_S)
        assert len(rig.bodies) == 20
        assert rig.lost == ["the far side closed the connection"]


# --- bounds -------------------------------------------------------------------------------------


async def test_too_many_deliveries_lose_the_line(autojump_clock: MockClock) -> None:
    async with connected() as (rig, _, _n):
        rig.cut(Delay(delay_s=1000))
        for _ in range(courier.DELIVERIES_MAX * 2):
            rig.cable.send(b"0200 x")
        assert rig.lost == []
        await trio.sleep(CALM_S)
        assert rig.lost == [f"more than {courier.DELIVERIES_MAX} deliveries were under way"]


async def test_a_far_side_that_does_not_read_is_lost(autojump_clock: MockClock) -> None:
    async with connected() as (rig, site, _):
        site.reply = lambda body: None
        site.streams[0]._incoming.buffer += bytes(BUFFER_BYTES_MAX)  # type: ignore[attr-defined]
        site.streams[0]._incoming.reader = None  # type: ignore[attr-defined]
        rig.cable.send(b"0200 stuck")
        await trio.sleep(courier.SEND_S_MAX + 1)
        assert rig.lost == ["the far side took no bytes for 10 s"]


# --- the real network ----------------------------------------------------------------------------


async def test_on_loopback_an_undisturbed_frame_leaves_at_once() -> None:
    async with connected(LoopbackVenue()) as (rig, site, _):
        for n in range(100):
            rig.cable.send(b"0200%d" % n)
        await trio.sleep(0.1)
        assert rig.bodies == [b"0210%d" % n for n in range(100)]
        rig.cut(Cut(by="reset"))
        await trio.sleep(0.01)
        assert site.ends == ["reset"]


async def test_on_loopback_a_delay_is_real_and_a_close_is_seen() -> None:
    async with connected(LoopbackVenue(rate=20)) as (rig, site, _):
        rig.cut(Delay(direction=Direction.REPLY, delay_s=0.05))
        sent_at = trio.current_time()
        rig.cable.send(b"0200 late")
        await trio.sleep(0.2)
        assert rig.at[0] - sent_at >= 0.05
        site.streams[0].close_now()
        await trio.sleep(0.1)
        assert rig.lost == ["the far side closed the connection"]


async def test_a_frame_that_its_line_cuts_short_leaves_a_fact_and_a_refused_one_only_once(
    autojump_clock: MockClock,
) -> None:
    async with connected() as (rig, site, _):
        await site.streams[0].send_all(b"\x00\x09half")
        await trio.sleep(CALM_S)
        rig.cable.hang_up()
        assert [fact.size for fact in rig.facts if isinstance(fact, FrameRefused)] == [6]
    async with connected() as (rig, site, _):
        await site.streams[0].send_all(b"\x00\x09half")
        await trio.sleep(FRAME_GAP_S_MAX + CALM_S)
        assert len(rig.refused) == len(rig.lost) == 1
        assert not [fact for fact in rig.facts if isinstance(fact, FrameRefused)]
