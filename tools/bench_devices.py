"""Benchmark: machines at serial lines: exchanges a second of a driver and its stub over a pty, and what a fleet costs.

    python tools/bench_devices.py [--terminals 50] [--seconds 60] [--repeats 5]

The first figure is a dispenser that is told to purge again and again, with a stub whose purge takes no time: what is
left is driver, stub, pseudo-terminal and two processes. An exchange is command, acknowledgement, answer,
acknowledgement and EOT. The second is a drill on loopback in real
time, with all machines of every terminal emulated in one process beside it: seconds of CPU for a second of the run.
"""

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from random import Random

import trio

from atmbench.devices.fittings import fitted
from atmbench.devices.outfit import Outfit
from atmbench.devices.port import Plug
from atmbench.drill.load import parse_drill
from atmbench.drill.records import OUTFITS
from atmbench.run.runner import run_drill
from atmbench.run.source import Source
from atmbench.terminal.effects import PurgeNotes
from atmbench.terminal.inputs import NotesPurged
from atmbench.terminal.settings import TerminalSettings
from atmbench.venues.loopback import LoopbackVenue

PURGES = 300
DRILL = """
drill: bench-devices
proves: nothing; it is a load
terminals: {terminals}
cards: {{cards: 1000}}
workload: {{every_s: 30, mix: {{withdrawal: 90, deposit: 10}}}}
heal: {{at: {seconds}, within_s: 60}}
"""


class Asker:
    """One outfit whose dispenser is told to purge, and again as soon as it has answered."""

    def __init__(self) -> None:
        self.outfit = Outfit("T01", TerminalSettings(), "NGN", Random(1), fitted=fitted(OUTFITS["serial"]))
        self.answers = 0
        self.exchanges = 0
        self.heard = trio.Event()
        for plug in self.outfit.plugs:
            plug.turn = self._turn

    def dispenser(self) -> Plug:
        plug = next(each for each in self.outfit.plugs if each.name.endswith("/dispenser"))
        plug.settings = {**plug.settings, "quick_s": 0.0, "purge_s": 0.0}
        return plug

    def count(self, data: bytes) -> None:
        """A frame of the host begins with EOT."""
        self.exchanges += data.startswith(b"\x04")

    def _turn(self, act: object) -> None:
        assert callable(act)
        act(trio.current_time())
        self._take(self.outfit.take()[0])

    def _take(self, given: Sequence[object]) -> None:
        for each in given:
            if isinstance(each, NotesPurged):
                self.answers += 1
                self.ask()
        self.heard.set()

    def ask(self) -> None:
        self.outfit.perform(PurgeNotes("bench"), trio.current_time())

    async def run(self) -> None:
        while self.answers < PURGES:
            self.heard = trio.Event()
            deadline = self.outfit.deadline
            with trio.move_on_at(float("inf") if deadline is None else deadline):
                await self.heard.wait()
            self._take(self.outfit.on_time(trio.current_time())[0])


async def _ask(venue: LoopbackVenue) -> float:
    asker = Asker()
    async with trio.open_nursery() as nursery:
        plug = asker.dispenser()
        await venue.plug_in([plug], nursery)
        asker.outfit.power_on(trio.current_time())
        while not plug.is_open:
            asker.heard = trio.Event()
            await asker.heard.wait()
        send = plug.send
        plug.send = lambda data: (asker.count(data), send(data))[1]  # type: ignore[method-assign, func-returns-value]
        asker.ask()
        began = time.perf_counter()
        await asker.run()
        took_s = time.perf_counter() - began
        nursery.cancel_scope.cancel()
    return asker.exchanges / took_s


def exchanges_per_s() -> float:
    venue = LoopbackVenue()
    return trio.run(_ask, venue, clock=venue.clock())


def cpu_s() -> tuple[float, float]:
    """Seconds of CPU so far, of this process and of those that it has waited for."""
    used = []
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        used.append(usage.ru_utime + usage.ru_stime)
    return used[0], used[1]


def fleet(terminals: int, seconds: int, devices: str) -> tuple[float, float, str]:
    """CPU of the bench and of the stubs for a second of the run, and the verdict."""
    text = DRILL.format(terminals=terminals, seconds=seconds)
    source = Source(parse_drill(text + f"devices: {as_yaml(devices)}\n", "bench"), text, "bench")
    before, began = cpu_s(), time.perf_counter()
    result = run_drill(source, venue="loopback", seed=1)
    took_s, after = time.perf_counter() - began, cpu_s()
    return (after[0] - before[0]) / took_s, (after[1] - before[1]) / took_s, str(result.audit.status)


def machines(devices: str) -> int:
    """How many of the devices in a terminal are machines at serial ports; without PINs and MACs there is no PIN pad."""
    return len(Outfit("T01", TerminalSettings(), "NGN", Random(1), fitted=fitted(OUTFITS[devices])).plugs)


def as_yaml(devices: str) -> str:
    chosen = OUTFITS[devices]
    named = ", ".join(
        f"{name}: {value}" for name in chosen.__struct_fields__ if isinstance(value := getattr(chosen, name), str)
    )
    return f"{{{named}}}"


def main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--terminals", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args(words)
    rates = [exchanges_per_s() for _ in range(args.repeats)]
    print(f"exchanges a second over a pty   {statistics.median(rates):>8.0f}  (worst {min(rates):.0f})")
    for devices in ("modelled", "serial"):
        bench, stubs, verdict = fleet(args.terminals, args.seconds, devices)
        print(
            f"{args.terminals} terminals with {machines(devices)} machines each: "
            f"bench {bench:.3f}, stubs {stubs:.3f} CPU s/s  {verdict}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
