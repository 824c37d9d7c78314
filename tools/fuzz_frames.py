"""Fuzz: malformed frames of every kind into the host and into a terminal, in virtual time.

    python tools/fuzz_frames.py [--cases 100000] [--seed 1]

Half of the cases go to the host over connections of its own, half to a terminal whose host is hostile.
Each case must leave a fact, none may crash, memory must not grow with the number of cases, and after
the last one an honest exchange must succeed on both sides. Prints the figures; exits 1 otherwise.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

import trio

from atmbench.drill.load import parse_drill
from atmbench.facts import AnyFact, FrameRefused, MessageReceived, TransactionEnded, kind_of
from atmbench.fleet.wire import DialectWire
from atmbench.framing.base import FRAME_BYTES_MAX
from atmbench.links.stream import LinkStream
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import Message, Outcome, Purpose, Reply, Request
from atmbench.run.world import World
from atmbench.venues.virtual import VirtualVenue

Mutation = Callable[[Random, bytes], bytes]

CASES_PER_CONNECTION = 25
GROWTH_MIB_MAX = 48
"""Memory may grow so much between the first tenth of the cases and the end: caches fill, nothing else."""

DRILL = """
drill: fuzz
proves: nothing; it is a target
terminals: 1
cards: {cards: 100, opening_balance: "1000000.00"}
host: {daily_limit: "1000000.00", daily_count: 100000, sites: [A]}
lines: {primary: {site: A}}
workload: {every_s: 30, amounts: [10.00]}
terminal:
  timers: {reply_s: 5, network_reply_s: 5}
  reconnect: {first_s: 0.5, most_s: 1}
  store_and_forward: {reply_s: 5, first_repeat_s: 1, most_s: 2, attempts_max: 1000}
  cassettes: [{value: "10.00", notes: 1000000}]
heal: {at: 600000}
"""


# --- malformed frames ----------------------------------------------------------------------------


def _with_length(body: bytes, length: int | None = None) -> bytes:
    return (len(body) if length is None else length).to_bytes(2, "big") + body


def _flip(rng: Random, data: bytes, most: int = 8) -> bytes:
    flipped = bytearray(data)
    for _ in range(rng.randint(1, most)):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _spliced(rng: Random, body: bytes) -> bytes:
    start, end = sorted((rng.randrange(len(body)), rng.randrange(len(body))))
    return body[:start] + rng.randbytes(rng.randrange(12)) + body[end:]


def _other_mti(rng: Random, body: bytes) -> bytes:
    return f"{rng.randrange(10_000):04d}".encode() + body[4:]


def _other_bitmap(rng: Random, body: bytes) -> bytes:
    return body[:4] + f"{rng.getrandbits(64):016X}".encode() + body[20:]


MUTATIONS: dict[str, Mutation] = {
    "random body": lambda rng, body: _with_length(rng.randbytes(rng.randint(1, 300))),
    "random text": lambda rng, body: _with_length(bytes(rng.randrange(32, 127) for _ in range(rng.randint(1, 300)))),
    "bits flipped in the body": lambda rng, body: _with_length(_flip(rng, body)),
    "bits flipped anywhere": lambda rng, body: _flip(rng, _with_length(body)),
    "cut short, length fixed": lambda rng, body: _with_length(body[: rng.randrange(1, len(body))]),
    "cut short, length lies": lambda rng, body: _with_length(body[: rng.randrange(len(body))], len(body)),
    "length too short": lambda rng, body: _with_length(body, rng.randrange(1, len(body))),
    "length zero, body sent": lambda rng, body: _with_length(body, 0),
    "length beyond the bound": lambda rng, body: _with_length(body, rng.randint(FRAME_BYTES_MAX + 1, 65_535)),
    "spliced": lambda rng, body: _with_length(_spliced(rng, body) or b"\0"),
    "another MTI": lambda rng, body: _with_length(_other_mti(rng, body)),
    "another bitmap": lambda rng, body: _with_length(_other_bitmap(rng, body)),
    "bytes behind the last field": lambda rng, body: _with_length(body + rng.randbytes(rng.randint(1, 40))),
    "sent twice in one frame": lambda rng, body: _with_length(body + body),
    "longest frame": lambda rng, body: _with_length((body * (FRAME_BYTES_MAX // len(body) + 1))[:FRAME_BYTES_MAX]),
}


class Cases:
    """An endless stream of malformed frames made of honest bodies, each of the next kind in turn."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.count: Counter[str] = Counter()
        self._turn = self._turns()

    def _turns(self) -> Iterator[str]:
        while True:
            yield from MUTATIONS

    def frame(self, body: bytes) -> bytes:
        """The next malformed frame."""
        kind = next(self._turn)
        self.count[kind] += 1
        return MUTATIONS[kind](self.rng, body)


class Facts:
    """Counts facts, and those that answer for a case."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.approved = 0

    @property
    def answering(self) -> int:
        """Facts that say that bytes arrived, readable or not."""
        return self.kinds[kind_of(MessageReceived)] + self.kinds[kind_of(FrameRefused)]

    def __call__(self, fact: AnyFact) -> None:
        """One more fact."""
        self.kinds[kind_of(fact)] += 1
        if isinstance(fact, TransactionEnded) and fact.outcome == "approved":
            self.approved += 1


# --- the two targets -----------------------------------------------------------------------------


class Target:
    """What both targets share: the cases to send, and the facts that must answer for them."""

    def __init__(self, world: World, cases: Cases, wanted: int) -> None:
        self.world = world
        self.cases = cases
        self.left = wanted
        self.all_sent = trio.Event()
        self.unanswered: list[str] = []
        self.facts = Facts()
        self.dialect = load_dialect(world.drill.dialect)
        self.codec = Codec(self.dialect)
        world.recorder.readers.append(self.facts)

    def answered(self) -> int:
        """Facts so far that answer for a case."""
        self.world.recorder.flush()
        return self.facts.answering

    async def hurl(self, stream: LinkStream, body: bytes) -> None:
        """Send the next malformed frame made of an honest body, and wait until a fact answers for it."""
        before = self.answered()
        frame = self.cases.frame(body)
        await stream.send_all(frame)
        self.left -= 1
        if not self.left:
            self.all_sent.set()
        for wait_s in (0.1, 15.0):  # a frame that stops in its middle is given up after a while
            await trio.sleep(wait_s)
            if self.answered() > before:
                return
        self.unanswered.append(frame[:40].hex())


class HostTarget(Target):
    """The emulated host, under many connections."""

    async def run(self) -> bool:
        """Send all cases; True if an honest echo is answered afterwards."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.world.venue.timetable.run)
            self.world.switch.start()
            await self.world.venue.listen("A", partial(self.world.switch.serve, "A"), nursery)
            while self.left > 0:
                try:
                    await self._connection()
                except* trio.BrokenResourceError:
                    pass
            recovered = await self._echo_is_answered()
            nursery.cancel_scope.cancel()
        return recovered

    async def _connection(self) -> None:
        stream = await self.world.venue.dial("A", 0.01)
        async with stream, trio.open_nursery() as nursery:
            nursery.start_soon(drain, stream)
            await stream.send_all(_with_length(self._body(Purpose.SIGN_ON)))
            for _ in range(min(CASES_PER_CONNECTION, self.left)):
                await self.hurl(stream, self._body(Purpose.WITHDRAWAL))
            nursery.cancel_scope.cancel()

    async def _echo_is_answered(self) -> bool:
        stream = await self.world.venue.dial("A", 0.01)
        async with stream:
            await stream.send_all(_with_length(self._body(Purpose.ECHO)))
            with trio.move_on_after(5):
                return self.codec.decode(bytes(await stream.receive_some())[2:]).mti == "0810"
        return False

    def _body(self, purpose: Purpose) -> bytes:
        rng = self.cases.rng
        is_service = purpose is Purpose.WITHDRAWAL
        request = Request(
            purpose=purpose,
            terminal="T01",
            stan=rng.randint(1, 999_999),
            transmitted="0105090000",
            local_time="260105090000" if is_service else "",
            rrn=f"{rng.randrange(10**12):012d}" if is_service else "",
            amount_minor=5000 if is_service else 0,
            currency="NGN" if is_service else "",
            pan="9999990000000018" if is_service else "",
            track2="9999990000000018=30122010000000000" if is_service else "",
            acquirer="123456",
            merchant="ATMBENCH0000001",
            location="1 TEST STREET          LAGOS        LANG",
        )
        return self.codec.encode(self.dialect.request_message(request))


class TerminalTarget(Target):
    """One terminal, whose host answers each of its messages with malformed ones first."""

    async def run(self) -> bool:
        """Hurl all cases; True if withdrawals are approved afterwards."""
        async with trio.open_nursery() as nursery:
            await self.world.venue.listen("A", self._hostile_host, nursery)
            nursery.start_soon(self.world.venue.timetable.run)
            self.world.drivers["T01"].start(nursery, 0.0)
            await self.all_sent.wait()
            self.world.recorder.flush()
            before = self.facts.approved
            await trio.sleep(600)
            self.world.recorder.flush()
            nursery.cancel_scope.cancel()
        return self.facts.approved > before

    async def _hostile_host(self, stream: LinkStream) -> None:
        framer = DialectWire(self.dialect, self.codec).make_framer()
        try:
            while data := await stream.receive_some():
                for body in framer.feed(bytes(data)):
                    honest = self._honest_reply(self.codec.decode(body))
                    for _ in range(min(CASES_PER_CONNECTION, self.left)):
                        await self.hurl(stream, honest)
                    await stream.send_all(_with_length(honest))
        except trio.BrokenResourceError:
            return

    def _honest_reply(self, message: Message) -> bytes:
        request = self.dialect.read_request(message)
        reply = Reply(
            purpose=request.purpose,
            terminal=request.terminal,
            stan=request.stan,
            outcome=Outcome.APPROVED,
            code="",
            approval_code="123456",
        )
        return self.codec.encode(self.dialect.reply_message(message, reply))


async def drain(stream: LinkStream) -> None:
    """Read and forget."""
    try:
        while await stream.receive_some():
            pass
    except trio.BrokenResourceError:
        return


def memory_mib() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fuzz(kind: type[HostTarget] | type[TerminalTarget], cases: int, seed: int) -> bool:
    """Fuzz one target, print what came of it, and say whether it held."""
    venue = VirtualVenue()
    world = World(parse_drill(DRILL, "fuzz"), venue=venue, seed=seed)
    target = kind(world, Cases(Random(f"{seed}/{kind.__name__}")), cases)
    began = time.perf_counter()
    recovered: bool = trio.run(target.run, clock=world.clock)
    wall_s = time.perf_counter() - began
    sent = sum(target.cases.count.values())
    print(f"{kind.__name__}: {sent} cases of {len(target.cases.count)} kinds in {wall_s:.1f} s")
    print(f"  facts: {dict(target.facts.kinds.most_common(6))}")
    print(f"  without a fact: {len(target.unanswered)}; recovered: {recovered}; memory: {memory_mib():.0f} MiB")
    for frame in target.unanswered[:5]:
        print(f"  no fact for {frame}...")
    return recovered and not target.unanswered and sent >= cases


def main() -> int:
    """Fuzz both targets; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    targets: tuple[type[HostTarget] | type[TerminalTarget], ...] = (HostTarget, TerminalTarget)
    share = options.cases // len(targets)
    held = [fuzz(target, share // 10, options.seed) for target in targets]
    warm_mib = memory_mib()
    held += [fuzz(target, share - share // 10, options.seed + 1) for target in targets]
    growth_mib = memory_mib() - warm_mib
    print(f"memory grew by {growth_mib:.0f} MiB over the last nine tenths; at most {GROWTH_MIB_MAX} MiB may be")
    return 0 if all(held) and growth_mib <= GROWTH_MIB_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
