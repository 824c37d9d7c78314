"""Benchmark: withdrawals per wall second in virtual time with everything on, and the same as a ratio.

    python tools/bench_withdrawals.py [--terminals 100] [--withdrawals 100] [--repeats 5] [--json]

The yardstick is a bare pair, run turn and turn about with the bench in this one process: trio's own
memory wires, a virtual clock, pyiso8583 on the same 0200 and 0210 at both ends, two waits a
withdrawal; no facts, no faults, no ledger, no audit.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import iso8583
import trio
from iso8583.specs import default_ascii
from trio.testing import MockClock, memory_stream_pair

from atmbench.drill.load import parse_drill
from atmbench.facts import AnyFact, MessageSent, TransactionEnded
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import Message, Purpose
from atmbench.run.runner import run_drill
from atmbench.run.source import Source

EVERY_S = 20
DRILL = """
drill: bench-withdrawals
proves: nothing; it is a load
terminals: {terminals}
cards: {{cards: 1000, opening_balance: "1000000.00"}}
host: {{daily_limit: "1000000.00", daily_count: 100000}}
workload: {{every_s: {every_s}, per_terminal_max: {withdrawals}}}
terminal:
  timers: {{echo_s: 3600}}
  cassettes: [{{value: "10.00", notes: 100000}}, {{value: "20.00", notes: 100000}}, {{value: "50.00", notes: 100000}}]
heal: {{at: {heal_at}}}
expect: {{approved_min: {approved_min}}}
"""


class Watch:
    """Sees the facts of a run: how many withdrawals were approved, when the last fact was, and one of each message."""

    def __init__(self) -> None:
        self.facts = 0
        self.approved = 0
        self.t = 0.0
        self.messages: dict[str, Message] = {}

    def __call__(self, fact: AnyFact) -> None:
        """One more fact."""
        self.facts += 1
        self.t = fact.t
        kind = type(fact)
        if kind is TransactionEnded and fact.outcome == "approved":  # type: ignore[union-attr]
            self.approved += 1
        elif len(self.messages) < 2 and isinstance(fact, MessageSent) and fact.purpose == Purpose.WITHDRAWAL:
            self.messages[fact.mti] = Message(fact.mti, {int(n): unmasked(text) for n, text in fact.fields.items()})


def unmasked(text: str) -> str:
    """Zeros where a recorded field hides something, at the true length."""
    if text.endswith(" hidden)"):
        return "0" * int(text[1:].split(maxsplit=1)[0])
    return text.replace("*", "0")


def everything_on(terminals: int, withdrawals: int) -> tuple[float, Watch]:
    """Wall seconds of one run, from the drill's text to its reports on disk, and what was seen of it."""
    text = DRILL.format(
        terminals=terminals,
        withdrawals=withdrawals,
        every_s=EVERY_S,
        heal_at=EVERY_S * (withdrawals * 1.4 + 30),
        approved_min=terminals * withdrawals * 95 // 100,
    )
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        source = Source(parse_drill(text, "bench-withdrawals"), text, "bench-withdrawals")
        result = run_drill(source, out=Path(folder) / "run", reader=watch)
        wall_s = time.perf_counter() - began
    if result.audit.status != "PASS":
        raise SystemExit(result.report)
    return wall_s, watch


def bare_pair(terminals: int, withdrawals: int, request: bytes, reply: bytes) -> float:
    """Wall seconds of the yardstick for as many exchanges of the same messages."""
    asked, _ = iso8583.decode(request, default_ascii)
    answered, _ = iso8583.decode(reply, default_ascii)

    async def host(stream: trio.abc.Stream) -> None:
        while data := await stream.receive_some():
            iso8583.decode(bytes(data[2:]), default_ascii)
            body, _ = iso8583.encode(dict(answered), default_ascii)
            await stream.send_all(len(body).to_bytes(2, "big") + body)

    async def terminal(stream: trio.abc.Stream, number: int) -> None:
        async with stream:
            for _ in range(withdrawals):
                await trio.sleep(EVERY_S + number * 1e-6)
                body, _ = iso8583.encode(dict(asked), default_ascii)
                await stream.send_all(len(body).to_bytes(2, "big") + body)
                iso8583.decode(bytes(await stream.receive_some())[2:], default_ascii)
                await trio.sleep(5)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            for number in range(terminals):
                near, far = memory_stream_pair()
                nursery.start_soon(terminal, near, number)
                nursery.start_soon(host, far)

    began = time.perf_counter()
    trio.run(main, clock=MockClock(autojump_threshold=0))
    return time.perf_counter() - began


def main(arguments: Sequence[str]) -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terminals", type=int, default=100)
    parser.add_argument("--withdrawals", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    terminals, withdrawals = options.terminals, options.withdrawals
    _, watch = everything_on(2, 2)
    codec = Codec(load_dialect("iso87-ascii"))
    request, reply = codec.encode(watch.messages["0200"]), codec.encode(watch.messages["0210"])
    rates, simulated, bare_rates, ratios = [], [], [], []
    for _ in range(options.repeats):
        bare_s = bare_pair(terminals, withdrawals, request, reply)
        wall_s, watch = everything_on(terminals, withdrawals)
        bare_rates.append(terminals * withdrawals / bare_s)
        rates.append(watch.approved / wall_s)
        simulated.append(watch.t / wall_s)
        ratios.append(rates[-1] / bare_rates[-1])
    table = {
        "python": platform.python_version(),
        "terminals": terminals,
        "withdrawals": watch.approved,
        "facts": watch.facts,
        "repeats": options.repeats,
        "withdrawals_per_s": round(statistics.median(rates)),
        "simulated_s_per_s": round(statistics.median(simulated)),
        "bare_pair_per_s": round(statistics.median(bare_rates)),
        "ratio_to_bare_pair": round(statistics.median(ratios), 2),
        "ratio_worst": round(min(ratios), 2),
    }
    print(json.dumps(table) if options.json else "\n".join(f"{name:<20} {value:>12}" for name, value in table.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
