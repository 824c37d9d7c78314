"""The switch in virtual time: frames in, answers out, and what it makes of bytes that are no message."""

from collections.abc import Awaitable, Callable

import pytest
import trio
from msgspec.structs import replace

from atmbench import facts
from atmbench.framing.base import FRAME_BYTES_MAX
from atmbench.framing.registry import framer
from atmbench.links.line import FramedStream
from atmbench.links.stream import LinkStream
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import Message, Original, Outcome, Purpose, Reason, Reply, Request
from atmbench.run.population import build_customers
from tests.messages.samples import BARE
from tests.run.stage import Stage, drill_of

DIALECT = load_dialect("iso87-ascii")
CODEC = Codec(DIALECT)
DRILL = drill_of("host: {replication_lag_s: 2}", "terminal: {timers: {echo_s: 600}}", heal_at=500)
CUSTOMERS = build_customers(DRILL, 1)
CARD = CUSTOMERS.cards[0]

ECHO = Request(purpose=Purpose.ECHO, terminal="T99", stan=7, transmitted="0105080007")
SIGN_ON = replace(ECHO, purpose=Purpose.SIGN_ON, stan=1)
WITHDRAWAL = replace(
    BARE, terminal="T99", stan=118, local_time="0105090010", pan=CARD.pan, track2=CUSTOMERS.track2(CARD)
)
KEY = "T99/000118/0105090010"
REVERSAL = replace(
    WITHDRAWAL,
    purpose=Purpose.REVERSAL,
    stan=119,
    track2="",
    original=Original("0200", 118, "0105080010"),
    reason=Reason.NO_ANSWER,
)


class Visitor:
    """A hand-made terminal T99 on a wire of its own to a site."""

    def __init__(self, stream: LinkStream) -> None:
        self.stream = stream
        self.line = FramedStream(stream, framer(DIALECT.framing.name))

    async def ask(self, request: Request) -> Reply:
        """Send a request and wait for the next message, which must be its answer."""
        await self.line.send(body_of(request))
        return await self.hear(request)

    async def hear(self, request: Request) -> Reply:
        with trio.fail_after(5):
            message = CODEC.decode(await self.line.__anext__())
        assert DIALECT.reply_key(message) == DIALECT.request_key(request)
        return DIALECT.read_reply(message)


def body_of(request: Request) -> bytes:
    return CODEC.encode(DIALECT.request_message(request))


def visit(script: Callable[[Stage, Visitor], Awaitable[None]], site: str = "A") -> Stage:
    """Play a script with a visitor at a site, who has signed on."""

    async def enter(stage: Stage) -> None:
        visitor = Visitor(await stage.world.venue.dial(site, 0.0))
        await visitor.ask(SIGN_ON)
        stage.forget()
        await script(stage, visitor)

    return Stage(DRILL).play(enter)


def test_a_withdrawal_is_answered_recorded_and_posted_at_both_sites() -> None:
    async def script(stage: Stage, visitor: Visitor) -> None:
        reply = await visitor.ask(WITHDRAWAL)
        assert (reply.outcome, reply.amount_minor) == (Outcome.APPROVED, 5000)
        assert [entry.actor for entry in stage.facts_of(facts.EntryPosted, key=KEY)] == ["A"]
        await trio.sleep(2.5)

    stage = visit(script)
    [received] = stage.facts_of(facts.MessageReceived, actor="A")
    [sent] = stage.facts_of(facts.MessageSent, actor="A")
    assert (received.mti, received.line, received.key, received.amount_minor) == ("0200", "primary", KEY, 5000)
    assert (sent.mti, sent.key, sent.code, sent.amount_minor) == ("0210", KEY, "00", 5000)
    at_a, at_b = stage.facts_of(facts.EntryPosted, key=KEY)
    assert (at_b.actor, at_b.entry, at_b.legs) == ("B", at_a.entry, at_a.legs)
    assert at_b.t - at_a.t == pytest.approx(2.0, abs=0.01), "nobody asked the host: its own deadline woke it"


def test_an_advice_is_recorded_under_the_key_of_its_original() -> None:
    async def script(stage: Stage, visitor: Visitor) -> None:
        await visitor.ask(WITHDRAWAL)
        assert (await visitor.ask(REVERSAL)).outcome is Outcome.APPROVED

    stage = visit(script)
    assert [(each.mti, each.key) for each in stage.facts_of(facts.MessageReceived, actor="A")] == [
        ("0200", KEY),
        ("0420", KEY),
    ]
    assert [each.kind for each in stage.facts_of(facts.EntryPosted, actor="A")] == ["posting", "reversal"]


def test_the_standby_answers_and_declines() -> None:
    async def script(stage: Stage, visitor: Visitor) -> None:
        assert (await visitor.ask(WITHDRAWAL)).outcome is not Outcome.APPROVED

    stage = visit(script, site="B")
    assert [each.line for each in stage.facts_of(facts.MessageReceived, actor="B", mti="0200")] == ["secondary"]
    assert stage.facts_of(facts.EntryPosted) == []


WITHOUT_TERMINAL = {number: text for number, text in DIALECT.request_message(ECHO).fields.items() if number != 41}
MALFORMED = {
    "no message at all": b"GET / HTTP/1.1\r\n\r\n",
    "one byte": b"0",
    "an MTI and nothing else": b"0200",
    "a message that stops in the middle": body_of(WITHDRAWAL)[:60],
    "a message with more behind its end": body_of(WITHDRAWAL) + b"0000",
    "a bitmap that lies": body_of(WITHDRAWAL)[:4] + b"F" * 16 + body_of(WITHDRAWAL)[20:],
    "a letter in the amount": body_of(WITHDRAWAL).replace(b"000000005000", b"00000000S000"),
    "an MTI that nobody knows": b"0999" + body_of(ECHO)[4:],
    "an answer": b"0810" + body_of(ECHO)[4:],
    "a request without a terminal": CODEC.encode(Message("0800", WITHOUT_TERMINAL)),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_no_request_is_one_fact_and_the_line_goes_on(what: str) -> None:
    body = MALFORMED[what]

    async def script(stage: Stage, visitor: Visitor) -> None:
        await visitor.line.send(body)
        assert (await visitor.ask(ECHO)).outcome is Outcome.APPROVED

    stage = visit(script)
    [refused] = stage.facts_of(facts.FrameRefused)
    assert (refused.actor, refused.line, refused.size) == ("A", "primary", len(body))
    assert refused.because
    assert [each.purpose for each in stage.facts_of(facts.MessageReceived)] == [Purpose.ECHO]
    assert stage.facts_of(facts.EntryPosted) == []


def test_a_refusal_tells_nothing_of_the_card() -> None:
    async def script(stage: Stage, visitor: Visitor) -> None:
        for body in MALFORMED.values():
            await visitor.line.send(body)
        await visitor.ask(ECHO)

    stage = visit(script)
    assert len(stage.facts_of(facts.FrameRefused)) == len(MALFORMED)
    assert CARD.pan not in repr(stage.facts)


def test_a_length_that_cannot_be_believed_ends_the_connection_and_no_other() -> None:
    async def script(stage: Stage, visitor: Visitor) -> None:
        good = framer(DIALECT.framing.name).wrap(body_of(ECHO))
        await visitor.stream.send_all(good + (FRAME_BYTES_MAX + 1).to_bytes(2) + b"what follows is nobody's")
        await visitor.hear(ECHO)
        with trio.fail_after(5), pytest.raises(StopAsyncIteration):
            await visitor.line.__anext__()
        again = Visitor(await stage.world.venue.dial("A", 0.0))
        assert (await again.ask(ECHO)).outcome is Outcome.APPROVED

    [refused] = visit(script).facts_of(facts.FrameRefused)
    assert refused.actor == "A"
    assert str(FRAME_BYTES_MAX + 1) in refused.because


def test_bytes_may_come_one_by_one_and_frames_two_at_a_time() -> None:
    async def script(stage: Stage, visitor: Visitor) -> None:
        wrap = framer(DIALECT.framing.name).wrap
        for byte in wrap(body_of(ECHO)):
            await visitor.stream.send_all(bytes([byte]))
            await trio.sleep(0.01)
        await visitor.hear(ECHO)
        later = replace(ECHO, stan=8)
        await visitor.stream.send_all(wrap(body_of(later)) + wrap(body_of(WITHDRAWAL)))
        await visitor.hear(later)
        assert (await visitor.hear(WITHDRAWAL)).outcome is Outcome.APPROVED

    stage = visit(script)
    assert [each.stan for each in stage.facts_of(facts.MessageReceived, actor="A")] == [7, 8, 118]
    assert stage.facts_of(facts.FrameRefused) == []


@pytest.mark.parametrize("leave", ["close_now", "reset"])
def test_who_leaves_in_the_middle_of_a_frame_harms_nobody(leave: str) -> None:
    async def script(stage: Stage, visitor: Visitor) -> None:
        await visitor.stream.send_all(framer(DIALECT.framing.name).wrap(body_of(WITHDRAWAL))[:50])
        getattr(visitor.stream, leave)()
        await trio.sleep(1)
        again = Visitor(await stage.world.venue.dial("A", 0.0))
        assert (await again.ask(replace(WITHDRAWAL, stan=117))).outcome is Outcome.SIGN_ON_NEEDED
        await again.ask(SIGN_ON)
        assert (await again.ask(WITHDRAWAL)).outcome is Outcome.APPROVED

    stage = visit(script)
    assert len(stage.facts_of(facts.EntryPosted, actor="A")) == 1
