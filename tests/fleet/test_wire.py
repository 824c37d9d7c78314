"""A dialect with a framing of its own: terminal and host reach each other, and answers go where requests came from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec
import pytest
import trio
from trio.testing import MockClock

from atmbench import datafile, shipped
from atmbench.errors import LocalError
from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import Cut, FlipBits
from atmbench.faults.base import Direction
from atmbench.fleet.wire import DialectWire
from atmbench.framing.base import Framer
from atmbench.framing.layouts import LAYOUTS, FramingSettings
from atmbench.framing.registry import framer
from atmbench.links.cable import Cable
from atmbench.links.line import FramedStream
from atmbench.links.memory import memory_stream_pair
from atmbench.links.stream import LinkStream
from atmbench.links.timetable import Timetable
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import parse_dialect
from atmbench.messages.dialect_file import DialectFile, Framing
from atmbench.venues.virtual import VirtualVenue

TEXT = shipped.read("dialects", "iso87-ascii.yaml")
SHIPPED = "framing: length2            # two bytes, big-endian, the length of the body"
NAC = '{name: nac, tpdu: "6000030017"}'
ASKED, ANSWERED = bytes.fromhex("6000030017"), bytes.fromhex("6000170003")
CALM_S = 1.0


@lru_cache
def wire_with(framing: str) -> DialectWire:
    """The shipped dialect behind another framing."""
    assert SHIPPED in TEXT
    dialect = parse_dialect(TEXT.replace(SHIPPED, f"framing: {framing}"), "mine")
    return DialectWire(dialect, Codec(dialect))


@dataclass
class Ends:
    """A cable, what its terminal got, and the raw bytes that a site got and may answer."""

    framing: str
    bodies: list[bytes] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    got: bytes = b""
    stream: LinkStream | None = None
    framers: list[Framer] = field(default_factory=list)
    """Two for a connection: that of the terminal, and that of the cable."""
    faults: ActiveFaults = field(default_factory=lambda: ActiveFaults(1))

    async def serve(self, stream: LinkStream) -> None:
        self.stream = stream
        while data := await stream.receive_some():
            self.got += bytes(data)

    def make_framer(self) -> Framer:
        self.framers.append(wire_with(self.framing).make_framer())
        return self.framers[-1]

    def cable(self, venue: VirtualVenue) -> Cable:
        wire = wire_with(self.framing)
        return Cable(
            "T1",
            "primary",
            "A",
            venue=venue,
            faults=self.faults,
            wire=wire,
            make_framer=self.make_framer,
            seed=1,
            latency_s=0.02,
            jitter_s=0.005,
            now=trio.current_time,
            on_body=self.bodies.append,
            on_refused_frame=lambda error: self.refused.append(str(error)),
            on_lost=lambda because: None,
            record=lambda fact: None,
            mti_of=wire.mti,
        )

    def answer(self, data: bytes) -> None:
        assert self.stream is not None
        self.stream.send_now(data)


@asynccontextmanager
async def cabled(framing: str) -> AsyncIterator[tuple[Ends, Cable]]:
    ends, venue = Ends(framing), VirtualVenue()
    venue.timetable = Timetable()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(venue.timetable.run)
        await venue.listen("A", ends.serve, nursery)
        cable = ends.cable(venue)
        nursery.start_soon(cable.connect_and_run, lambda: None)
        await trio.sleep(CALM_S)
        yield ends, cable
        nursery.cancel_scope.cancel()


# --- what a dialect file may say ------------------------------------------------------------------


def test_a_dialect_names_its_framing_alone_or_with_settings() -> None:
    assert wire_with("nac").wrap(b"0200").hex() == "00096000030000" + b"0200".hex()
    assert wire_with(NAC).wrap(b"0200").hex() == "00096000030017" + b"0200".hex()
    assert wire_with("{name: nac, counts_itself: true}").wrap(b"0200")[:2].hex() == "000b"
    assert wire_with('{name: vap, destination: "000001", source: "000002"}').wrap(b"0200")[9:15].hex() == "000001000002"


@pytest.mark.parametrize(
    ("framing", "told"),
    [
        ("length9", "no framing 'length9'"),
        ("{name: vap, counts_itself: true}", "framing vap does not know the setting counts_itself"),
        ("{name: nac, tdpu: 6000030017}", r"mine, line \d+: .*tdpu.*tpdu"),
        ("{name: nac, tpdu: 60000}", r"mine, line \d+: "),
        ("{name: nac, tpdu: 0000030017}", r"mine, line \d+: .*quotes"),
        ("{name: nac, keep_alive: answer}", r"mine, line \d+: .*echo"),
        ('{tpdu: "6000030017"}', r"mine, line \d+: .*name"),
    ],
)
def test_a_framing_that_cannot_be_is_refused_in_words(framing: str, told: str) -> None:
    with pytest.raises(LocalError, match=told):
        wire_with(framing)


def test_the_records_of_file_and_framing_say_the_same() -> None:
    assert Framing.__struct_fields__ == FramingSettings.__struct_fields__
    usual = FramingSettings(name="nac")
    assert msgspec.structs.asdict(Framing(name="nac")) == msgspec.structs.asdict(usual)
    assert datafile.load(TEXT, DialectFile, name="mine").framing in LAYOUTS


# --- both ends ------------------------------------------------------------------------------------


@pytest.mark.parametrize("framing", [*LAYOUTS, NAC])
async def test_a_request_and_its_answer_reach_each_other_in_any_framing(
    framing: str, autojump_clock: MockClock
) -> None:
    async with cabled(framing) as (ends, cable):
        cable.send(b"0200 from the terminal")
        await trio.sleep(CALM_S)
        host = wire_with(framing).make_framer()
        assert host.feed(ends.got) == [b"0200 from the terminal"]
        ends.answer(host.wrap(b"0210 from the host", host.answer_to(b"".join(host.headers))))
        await trio.sleep(CALM_S)
        assert ends.bodies == [b"0210 from the host"]
        assert ends.refused == []


async def test_the_host_answers_each_request_of_one_read_at_its_own_address() -> None:
    ours, theirs = memory_stream_pair()
    line = FramedStream(ours, framer("nac"))
    await line.send(b"0800")
    requests = (("6000030001", b"0200"), ("6000030002", b"0400"))
    await theirs.send_all(b"".join(framer("nac").wrap(body, bytes.fromhex(header)) for header, body in requests))
    for answer in (b"0210", b"0410"):
        await line.__anext__()
        await line.send(answer)
    terminal = framer("nac")
    assert terminal.feed(bytes(await theirs.receive_some())) == [b"0800", b"0210", b"0410"]
    assert [header.hex() for header in terminal.headers] == ["6000000003", "6000010003", "6000020003"]


async def test_a_reply_that_a_fault_rebuilds_keeps_the_address_it_had(autojump_clock: MockClock) -> None:
    async with cabled(NAC) as (ends, cable):
        cable.send(b"0200")
        ends.faults.add("f", FlipBits(direction=Direction.REPLY, byte=0, count=8), trio.current_time())
        ends.answer(framer("nac").wrap(b"0210", ANSWERED))
        await trio.sleep(CALM_S)
        assert ends.got == framer("nac").wrap(b"0200", ASKED)
        assert ends.bodies == [b"\xcf210"]
        assert list(ends.framers[0].headers) == [ANSWERED]


# --- keep-alives ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep_alive", "echoed"), [("echo", b"\0\0\0\0"), ("ignore", b"")])
async def test_a_terminal_echoes_keep_alives_if_its_dialect_says_so(
    keep_alive: str, echoed: bytes, autojump_clock: MockClock
) -> None:
    async with cabled(f"{{name: length2, keep_alive: {keep_alive}}}") as (ends, _):
        ends.answer(b"\0\0\0\0\0\x040810")
        await trio.sleep(CALM_S)
        assert (ends.got, ends.bodies) == (echoed, [b"0810"])


async def test_what_a_terminal_cannot_hear_it_does_not_echo(autojump_clock: MockClock) -> None:
    async with cabled("{name: length2, keep_alive: echo}") as (ends, _):
        ends.faults.add("f", Cut(by="silence", direction=Direction.REPLY), trio.current_time())
        ends.answer(b"\0\0")
        await trio.sleep(CALM_S)
        assert ends.got == b""


async def test_a_host_echoes_keep_alives_and_gives_out_what_came_before_a_loss() -> None:
    ours, theirs = memory_stream_pair()
    line = FramedStream(ours, framer(FramingSettings(name="length2", keep_alive="echo")))
    await theirs.send_all(b"\0\0\0\x040200")
    assert await line.__anext__() == b"0200"
    assert bytes(await theirs.receive_some()) == b"\0\0"
    await theirs.send_all(b"\0\x040400\0\0")
    theirs.close_now()
    assert await line.__anext__() == b"0400"
    with pytest.raises(StopAsyncIteration):
        await line.__anext__()
