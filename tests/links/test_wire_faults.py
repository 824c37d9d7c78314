"""Faults beneath the link layer: a message comes through once or not at all, whatever happens to its characters."""

from collections import Counter
from contextlib import suppress

import pytest
import trio
from trio.testing import MockClock

from atmbench.facts import Fact, FrameDisturbed
from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import (
    CablePulled,
    CarrierDrop,
    DoubleControl,
    LoseControl,
    NakStorm,
    Noise,
    SlowCharacters,
    WrongBaud,
)
from atmbench.faults.base import Direction, Fault
from atmbench.framing.blocks import BlockFramer
from atmbench.framing.link_styles import SerialSettings
from atmbench.links.linked import LinkedStream
from atmbench.links.stream import LineGivenUp
from tests.links.serial_rig import SERIAL, call, running, wires

MESSAGES = 40
wrap = BlockFramer(SERIAL.layout).wrap


async def exchanged(settings: SerialSettings, *faults: Fault, seed: int) -> tuple[list[bytes], list[bytes], list[Fact]]:
    """What the host got and what came back, of so many messages on one call, until it is over or all is done."""
    active, told = ActiveFaults(seed), list[Fact]()
    for number, fault in enumerate(faults):
        active.add(f"f{number}", fault, 0.0)
    got: list[bytes] = []
    answers: list[bytes] = []

    async def serve(host: LinkedStream) -> None:
        while block := await host.receive_some():
            got.append(block[1:-2])
            host.send_now(wrap(b"0210" + block[5:-2]))

    async with running() as (timetable, nursery):
        near, far = call(timetable, settings, active, told)

        async def guarded() -> None:
            with suppress(trio.BrokenResourceError):
                await serve(far)

        nursery.start_soon(guarded)
        with suppress(trio.BrokenResourceError):
            for number in range(MESSAGES):
                near.send_now(wrap(b"0200 no. %d" % number))
                with trio.move_on_after(120):
                    answer = await near.receive_some()
                    if not answer:
                        break
                    answers.append(answer[1:-2])
    return got, answers, told


@pytest.mark.parametrize("style", ["visa-1", "visa-2"])
@pytest.mark.parametrize(
    "fault",
    [
        LoseControl(probability=0.15),
        DoubleControl(probability=0.3, copies=2),
        NakStorm(probability=0.2),
        Noise(rate=0.004),
        SlowCharacters(gap_s=0.002),
    ],
    ids=lambda fault: fault.__struct_config__.tag,
)
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_message_counts_once_or_not_at_all(
    fault: Fault, style: str, seed: int, autojump_clock: MockClock
) -> None:
    settings = SerialSettings(style=style)  # type: ignore[arg-type]
    got, answers, told = await exchanged(settings, fault, seed=seed)
    sent = [b"0200 no. %d" % number for number in range(MESSAGES)]
    assert got == [body for body in sent if body in got], "each once, in order, and none that was not sent"
    assert max(Counter(answers).values(), default=0) <= 1
    assert len(got) >= 5
    assert any(isinstance(fact, FrameDisturbed) for fact in told)


@pytest.mark.parametrize("style", ["visa-1", "visa-2"])
@pytest.mark.parametrize("seed", range(1, 6))
async def test_nor_does_it_count_twice_when_all_comes_together(
    style: str, seed: int, autojump_clock: MockClock
) -> None:
    faults = (
        LoseControl(probability=0.05),
        DoubleControl(probability=0.1),
        NakStorm(probability=0.1, copies=2),
        SlowCharacters(gap_s=0.001, probability=0.5),
        CarrierDrop(probability=0.01),
    )
    settings = SerialSettings(style=style)  # type: ignore[arg-type]
    got, _, told = await exchanged(settings, *faults, seed=seed)
    sent = [b"0200 no. %d" % number for number in range(MESSAGES)]
    assert got == [body for body in sent if body in got]
    assert {"lose_control", "double_control"} <= {fact.kind for fact in told if isinstance(fact, FrameDisturbed)}


@pytest.mark.parametrize("fault", [WrongBaud(), CablePulled(direction=Direction.REPLY)])
async def test_silence_on_the_wire_ends_in_a_link_layer_that_gives_up(fault: Fault, autojump_clock: MockClock) -> None:
    active = ActiveFaults(1)
    active.add("silent", fault, 0.0)
    async with running() as (timetable, nursery):
        near, far = call(timetable, faults=active)
        nursery.start_soon(far.receive_some)
        near.send_now(wrap(b"0200"))
        with pytest.raises(LineGivenUp, match="did not ask"):
            await near.receive_some()


async def test_a_dropped_carrier_ends_the_call_at_both_ends(autojump_clock: MockClock) -> None:
    active = ActiveFaults(1)
    active.add("drop", CarrierDrop(), 0.0)
    ended: list[str] = []
    async with running() as (timetable, nursery):
        near, far = call(timetable, faults=active)

        async def read(end: LinkedStream, name: str) -> None:
            with suppress(trio.BrokenResourceError):
                assert await end.receive_some() == b""
            ended.append(name)

        nursery.start_soon(read, near, "terminal")
        nursery.start_soon(read, far, "host")
        near.send_now(wrap(b"0200 half of this"))
        await trio.sleep(5)
        assert sorted(ended) == ["host", "terminal"]


async def test_what_is_lost_takes_its_time_on_the_wire_all_the_same(autojump_clock: MockClock) -> None:
    active = ActiveFaults(1)
    active.add("deaf", WrongBaud(first=1), 0.0)
    async with running() as (timetable, _):
        near, far = wires(timetable, faults=active)
        near.send_now(bytes(960))
        near.send_now(b"x")
        assert await far.receive_some() == b"x"
        assert trio.current_time() == pytest.approx(961 * 10 / 9600)


async def test_slow_characters_come_one_by_one(autojump_clock: MockClock) -> None:
    active = ActiveFaults(1)
    active.add("slow", SlowCharacters(gap_s=0.1, of="all"), 0.0)
    async with running() as (timetable, _):
        near, far = wires(timetable, faults=active)
        near.send_now(b"abc")
        assert [await far.receive_some() for _ in range(3)] == [b"a", b"b", b"c"]
        assert trio.current_time() == pytest.approx(3 * (0.1 + 10 / 9600))
