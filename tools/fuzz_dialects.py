"""Fuzz: random and mutated frames through every dialect behind every framing.

    python tools/fuzz_dialects.py [--cases 60000] [--seed 1]

Each case is a message of a dialect, damaged in one of several ways, framed, damaged again or not, and fed
in pieces to a framer. Whatever comes out is decoded and understood. Nothing but the errors of the peer may
be raised, no body may be longer than its bound, no unfinished frame may grow beyond it, and what the
compiled codec reads must be what the reference reads. Prints the figures; exits 1 at the first slip.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from atmbench.errors import LocalError, RemoteError
from atmbench.framing.base import FRAME_BYTES_MAX, FrameError, Framer
from atmbench.framing.layouts import LAYOUTS
from atmbench.framing.registry import framer
from atmbench.messages.codec import MESSAGE_BYTES_MAX, Codec
from atmbench.messages.dialect import Dialect, dialect_names, load_dialect
from atmbench.messages.failures import DecodeFailed
from atmbench.messages.records import Message, Original, Outcome, Purpose, Reason, Reply, Request

HEAD_BYTES_MAX = 64
"""Longest head, header and trailer of any framing: an unfinished frame may hold that much more than a body."""
CHUNKS_MAX = 6
PAN = "9999990000000014"

Mutation = Callable[[Random, bytes], bytes]


def _flip(rng: Random, data: bytes) -> bytes:
    flipped = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _splice(rng: Random, data: bytes) -> bytes:
    start, end = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
    return data[:start] + rng.randbytes(rng.randrange(12)) + data[end:]


def _overwrite(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    junk = rng.choice((b"\xff" * 4, b"\0" * 4, b"9999", b"    ", b"\x1c\x03\x02", rng.randbytes(4)))
    return data[:at] + junk + data[at + len(junk) :]


MUTATIONS: dict[str, Mutation] = {
    "as it is": lambda rng, data: data,
    "bits flipped": _flip,
    "cut short": lambda rng, data: data[: rng.randrange(len(data))],
    "spliced": _splice,
    "overwritten": _overwrite,
    "longer": lambda rng, data: data + rng.randbytes(rng.randint(1, 40)),
    "twice": lambda rng, data: data + data,
    "random": lambda rng, data: rng.randbytes(rng.randint(1, 400)),
    "very long": lambda rng, data: data * (FRAME_BYTES_MAX // max(1, len(data)) + 2),
}


class Subject:
    """One dialect: what it says, and both of its codecs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dialect = load_dialect(name)
        self.codec = Codec(self.dialect)
        self.reference = Codec(self.dialect, compiles=False)
        self.bodies = [self.codec.encode(message) for message in _messages(self.dialect) for _ in range(3)]

    def understand(self, body: bytes) -> str:
        """What becomes of a body: a word for the count. Raises only what is a bug."""
        try:
            message = self.codec.decode(body)
        except DecodeFailed as error:
            return self._refused(body, error)
        assert message == self.reference.decode(body), f"{self.name}: the codecs disagree about {body.hex()}"
        try:
            if self.dialect.is_reply(message.mti):
                self.dialect.read_reply(message)
            else:
                self.dialect.read_request(message)
        except RemoteError:
            return "not understood"
        return "understood"

    def _refused(self, body: bytes, error: DecodeFailed) -> str:
        assert error.position is None or 0 <= error.position <= len(body), (
            f"{self.name}: no such byte: {error.position}"
        )
        if len(body) <= MESSAGE_BYTES_MAX:
            self.codec.read(body)
        return "refused"


def _messages(dialect: Dialect) -> list[Message]:
    common: dict[str, Any] = {
        "terminal": "T07",
        "transmitted": "0105080000",
        "local_time": "260105090000",
        "acquirer": "123456",
    }
    about: dict[str, Any] = {
        "rrn": "010509000118",
        "amount_minor": 5000,
        "currency": "NGN",
        "pan": PAN,
        "merchant": "ATMBENCH0000001",
        "location": "1 TEST STREET          LAGOS        LANG",
        "service": Purpose.WITHDRAWAL,
    }
    requests = [
        Request(purpose=Purpose.SIGN_ON, stan=1, **common),
        Request(
            purpose=Purpose.WITHDRAWAL,
            stan=118,
            track2=f"{PAN}=30122010000000000",
            pin_block="0412AC89ABCDEF67",
            **common,
            **about,
        ),
        Request(
            purpose=Purpose.REVERSAL,
            stan=119,
            original=Original("0200", 118, "0105080000"),
            reason=Reason.PARTLY_DISPENSED,
            actual_minor=2000,
            **common,
            **about,
        ),
    ]
    messages = [dialect.request_message(request) for request in requests]
    for request, asked in zip(requests, list(messages), strict=True):
        reply = Reply(
            purpose=request.purpose,
            terminal="T07",
            stan=request.stan,
            outcome=Outcome.APPROVED,
            code="",
            currency="NGN",
        )
        messages.append(dialect.reply_message(asked, reply))
    return messages


def _framed(name: str, body: bytes) -> bytes:
    """A body in its frame; as it is where the framing cannot carry it (an ETX in a body that ends with one)."""
    try:
        return framer(name).wrap(body)
    except LocalError:
        return body


def _fed(rng: Random, reader: Framer, data: bytes) -> list[bytes]:
    """The bodies of some bytes, in pieces. A framer that refuses them says so; it must stay bounded."""
    bodies: list[bytes] = []
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(CHUNKS_MAX)))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        try:
            bodies += reader.feed(data[start:end])
        except FrameError as error:
            return bodies + list(error.bodies)
        assert reader.pending <= FRAME_BYTES_MAX + HEAD_BYTES_MAX, "an unfinished frame grows beyond its bound"
    return bodies


def run(cases: int, seed: int) -> Counter[str]:
    """Feed so many cases; count what became of them."""
    rng = Random(seed)
    subjects = [Subject(name) for name in dialect_names()]
    framings = list(LAYOUTS)
    kinds = list(MUTATIONS)
    counted: Counter[str] = Counter()
    for case in range(cases):
        subject = subjects[case % len(subjects)]
        name = framings[rng.randrange(len(framings))]
        mutate = MUTATIONS[kinds[rng.randrange(len(kinds))]]
        body = mutate(rng, subject.bodies[rng.randrange(len(subject.bodies))])[:FRAME_BYTES_MAX]
        data = body
        if body and rng.random() < 0.8:
            data = _framed(name, body[: LAYOUTS[name].bytes_max])
        if data and rng.random() < 0.3:
            data = MUTATIONS[kinds[rng.randrange(len(kinds))]](rng, data)
        bodies = _fed(rng, framer(name), data)
        counted["no whole frame"] += not bodies
        for each in bodies:
            assert len(each) <= FRAME_BYTES_MAX, "a body longer than its bound"
            counted[subject.understand(each)] += 1
    counted["dialects"], counted["framings"] = len(subjects), len(framings)
    return counted


def main(arguments: Sequence[str]) -> None:
    """Fuzz, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    counted = run(options.cases, options.seed)
    took = time.perf_counter() - began
    print(f"{options.cases} cases through {counted.pop('dialects')} dialects and {counted.pop('framings')} framings")
    print(f"in {took:.0f} s: " + ", ".join(f"{count} {what}" for what, count in sorted(counted.items())))


if __name__ == "__main__":
    main(sys.argv[1:])
