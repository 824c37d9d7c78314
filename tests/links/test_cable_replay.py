"""The same seed gives the same order of everything, also when faults tie cables to instants."""

import pytest
import trio
from trio.testing import MockClock

from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import Cut, Delay, Merge, Swap
from atmbench.faults.base import Fault
from tests.links.rig import Rig, Site, usual_venue


async def race(seed: int, *others: Fault) -> list[tuple[float, str, bytes]]:
    """Twenty cables that all begin, are cut and are mended at the same instants; what the site saw."""
    venue, faults, site = usual_venue(), ActiveFaults(seed), Site()
    for number, other in enumerate(others):
        faults.add(f"other-{number}", other, 0.0)
    trace: list[tuple[float, str, bytes]] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(venue.timetable.run)
        await venue.listen("A", site.serve, nursery)
        rigs = [Rig(f"T{n}", venue, faults, seed) for n in range(20)]
        for rig in rigs:
            rig.others = {each.cable.terminal: each for each in rigs}
        site.reply = lambda body: (trace.append((trio.current_time(), "site", body)), body)[1]  # type: ignore[func-returns-value]

        async def live(rig: Rig) -> None:
            for _ in range(3):
                await rig.cable.connect_and_run(rig.on_up)
                trace.append((trio.current_time(), rig.cable.terminal, b"down"))

        for rig in rigs:
            nursery.start_soon(live, rig)
        for round_ in range(10):
            await trio.sleep(1)
            for rig in rigs:
                rig.cable.send(b"0200%d from %s" % (round_, rig.cable.terminal.encode()))
            if round_ == 3:
                faults.add("cut", Cut(by="silence"), trio.current_time())
            if round_ == 5:
                for rig in rigs:
                    rig.cable.sever("reset")
            if round_ == 7:
                faults.clear(trio.current_time())
                for rig in rigs:
                    rig.cable.release()
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    for rig in rigs:
        trace += [(at, rig.cable.terminal, body) for at, body in zip(rig.at, rig.bodies, strict=True)]
    return trace


def test_the_same_seed_gives_the_same_order_of_everything() -> None:
    traces = [trio.run(race, 7, clock=MockClock(autojump_threshold=0)) for _ in range(20)]
    assert len(traces[0]) > 200
    assert all(trace == traces[0] for trace in traces)
    assert trio.run(race, 8, clock=MockClock(autojump_threshold=0)) != traces[0]


@pytest.mark.parametrize("others", [(Merge(window_s=0.1),), (Swap(), Merge(), Delay(delay_s=0.5))])
def test_merging_cables_repeat_too_and_no_two_act_at_one_instant(others: tuple[Fault, ...]) -> None:
    traces = [trio.run(race, 7, *others, clock=MockClock(autojump_threshold=0)) for _ in range(10)]
    assert len(traces[0]) > 150
    assert all(trace == traces[0] for trace in traces)
    senders: dict[float, set[bytes]] = {}
    for at, actor, body in traces[0]:
        if actor == "site":
            senders.setdefault(at, set()).add(body.split()[-1])
    assert all(len(each) == 1 for each in senders.values())
