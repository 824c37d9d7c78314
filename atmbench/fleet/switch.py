"""The switch: the host core behind its listeners.

One task per accepted connection reads messages, lets the host decide and sends the answer; an alarm
rings for the host's next deadline, and an answer that had to wait goes out then. Bytes that are no message are recorded
and change nothing. The switch must never decide anything about money.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from itertools import count
from math import inf

import msgspec
import trio

from atmbench.errors import RemoteError
from atmbench.facts import Fact, FrameRefused, MessageReceived, MessageSent
from atmbench.fleet.message_facts import passed
from atmbench.framing.base import Framer
from atmbench.host.core import Host
from atmbench.host.effects import AskTerminal, HostEffect, Record, SendReply
from atmbench.links.line import FramedStream
from atmbench.links.timetable import Timetable
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import ADVICES, NETWORK, Message, Purpose, Request
from atmbench.messages.sealed_codec import SealedCodec
from atmbench.releases.speech import Speech
from atmbench.security.mac import MacKey


class _Asked(msgspec.Struct, frozen=True, gc=False):
    """A request that has not been answered yet, and the way that its answer will take."""

    site: str
    speech: Speech
    """What has read it, and will say the answer, whatever the site speaks by then."""
    line: str
    message: Message
    request: Request
    key: str
    seal: MacKey | None
    way: "_Way | None"
    header: bytes


class _Way:
    """An accepted connection whose answers may come later. `nursery` sends what a slow peer does not take at once."""

    def __init__(self, framed: FramedStream, nursery: trio.Nursery) -> None:
        self.framed = framed
        self._nursery = nursery

    def send(self, body: bytes, header: bytes) -> None:
        """Send an answer without waiting. A peer that has gone is told by the reader of the connection."""
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            if not self.framed.send_now(body, header):
                self._nursery.start_soon(self._drain)

    async def _drain(self) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self.framed.drain()


class Switch:
    """Both sites of the emulated host, listening.

    `now` gives seconds of the run; `record(actor, fact)` puts a fact into the history.
    """

    def __init__(
        self,
        host: Host,
        *,
        lines: dict[str, str],
        speech: Speech,
        make_framer: Callable[[], Framer],
        record: Callable[[str, Fact], None],
        now: Callable[[], float],
        timetable: Timetable,
    ) -> None:
        self.host = host
        self._line_of_site = {site: _lines_to(site, lines) for site in lines.values()}
        self._connections = count(1)
        self._tickets = count(1)
        self._connected: dict[Hashable, tuple[FramedStream, str]] = {}
        """Connection over which a host may begin something, to its stream and line."""
        self._later: list[AskTerminal] = []
        """What a site asks behind the answer that is to be sent first."""
        self._asked: dict[int, _Asked] = {}
        """Requests by ticket that wait for their answer, if this host lets any wait. The host bounds how many."""
        self.speeches = dict.fromkeys(host.sites, speech)
        """Site to what it speaks. Another one counts from the next message on."""
        self.tells_values = False
        """Whether the history hears what a field is for that a site cannot read."""
        self._make_framer = make_framer
        self._record = record
        self._now = now
        self._alarm = timetable.alarm(self.look)
        self._offset = 0.0

    def start(self) -> None:
        """Begin to keep the host's deadlines. `serve` is for whoever listens."""
        self._offset = trio.current_time() - self._now()
        self._alarm.set(self._offset + self._next_deadline())

    async def serve(
        self, site: str, stream: trio.abc.Stream, line: str = "", make_framer: Callable[[], Framer] | None = None
    ) -> None:
        """One accepted connection, until it ends or says something that is no frame.

        `line` and `make_framer` are given where the line has a name and a framing of its own: a serial one. There the
        link layer lets a host answer, and begin nothing.
        """
        may_begin = make_framer is None
        name = line or self._line_of_site.get(site, site)
        framed = FramedStream(stream, (make_framer or self._make_framer)())
        if not self.host.lets_wait:
            await self._serve(site, name, framed, None, may_begin=may_begin)
            return
        async with trio.open_nursery() as nursery:
            await self._serve(site, name, framed, _Way(framed, nursery), may_begin=may_begin)
            nursery.cancel_scope.cancel()

    async def _serve(self, site: str, line: str, framed: FramedStream, way: _Way | None, *, may_begin: bool) -> None:
        connection = next(self._connections)
        if may_begin:
            self._connected[connection] = framed, line
        async with framed.stream:
            try:
                async for body in framed:
                    reply = self._answer(site, line, body, connection, way)
                    if reply is not None:
                        await framed.send(reply)
                    while self._later:
                        self._ask(self._later.pop(0))
            except RemoteError as error:
                self._refuse(site, line, error, len(error.raw))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
            finally:
                self._hang_up(site, connection, way)

    def _hang_up(self, site: str, connection: int, way: _Way | None) -> None:
        self._connected.pop(connection, None)
        self.host.on_hung_up(site, connection)
        if way is not None:
            self._asked = {ticket: asked for ticket, asked in self._asked.items() if asked.way is not way}

    def perform(self, asked: list[HostEffect]) -> None:
        """Record what the host reports, and send the answers that have waited."""
        for effect in asked:
            self._perform(effect)
        self._alarm.set(self._offset + self._next_deadline())

    def _perform(self, effect: HostEffect) -> None:
        if isinstance(effect, Record):
            self._record(effect.site, effect.fact)
            return
        if isinstance(effect, AskTerminal):
            self._ask(effect)
            return
        assert effect.ticket is not None, "a reply without a request"
        asked = self._asked.pop(effect.ticket, None)  # None if its connection has ended
        if asked is not None and asked.way is not None and isinstance(effect, SendReply):
            body = self._reply(asked, effect)
            asked.way.send(body, asked.header)

    def _ask(self, effect: AskTerminal) -> None:
        """Send what a site begins itself, if its dialect can say it. What a slow peer leaves goes with what is next."""
        connected, speech = self._connected.get(effect.connection), self.speeches[effect.site]
        request = effect.request
        if connected is None or not speech.dialect.has(request.purpose):
            return
        framed, line = connected
        message = speech.dialect.request_message(request)
        if speech.sealed is not None:
            keys = self.host.keys.of_macs(effect.site, request.terminal, self._now())
            message, encoded = speech.sealed.encode(message, keys[0] if keys else None)
        else:
            encoded = speech.codec.encode(message)
        self._record(effect.site, passed(MessageSent, speech.dialect, line, message, request))
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            framed.send_now(encoded)

    def look(self) -> None:
        """Let the host see what is due, or has come from where it keeps its records."""
        self.perform(self.host.on_time(self._now()))

    def _next_deadline(self) -> float:
        deadline = self.host.deadline
        return inf if deadline is None else deadline

    def _answer(self, site: str, line: str, body: bytes, connection: int, way: _Way | None) -> bytes | None:
        """The answer to a body, if there is one at once."""
        speech = self.speeches[site]
        try:
            message = speech.codec.decode(body)
            request = speech.read_request(message)
        except RemoteError as error:
            if not self._hear_answer(site, line, body):
                self._refuse(site, line, error, len(body))
            return None
        seal = None
        if speech.sealed is not None and speech.sealed.wants(message.mti):
            seal, request = self._checked(speech.sealed, site, body, message, request)
        key = key_of(request)
        self._record(site, passed(MessageReceived, speech.dialect, line, message, request, key=key))
        encoded = ticket = None
        asked = _Asked(
            site, speech, line, message, request, key, seal, way, way.framed.header if way is not None else b""
        )
        if way is not None:
            ticket = next(self._tickets)
            self._asked[ticket] = asked
        for effect in self.host.on_request(site, request, self._now(), connection, ticket):
            if isinstance(effect, SendReply) and effect.ticket is None:
                encoded = self._reply(asked, effect)
            elif isinstance(effect, AskTerminal) and ticket is None:
                self._later.append(effect)
            else:
                self._perform(effect)
        self._alarm.set(self._offset + self._next_deadline())
        return encoded

    def _hear_answer(self, site: str, line: str, body: bytes) -> bool:
        """Record a terminal's answer to what this site had begun; False if the body is none."""
        speech = self.speeches[site]
        try:
            message = speech.codec.decode(body)
            reply = speech.dialect.read_reply(message)
        except RemoteError:
            return False
        if reply.purpose is not Purpose.CUTOVER:
            return False
        if speech.sealed is not None and speech.sealed.wants(message.mti):
            keys = self.host.keys.of_macs(site, reply.terminal, self._now())
            if keys and speech.sealed.agrees(body, message, keys) is None:
                return False
        self._record(site, passed(MessageReceived, speech.dialect, line, message, reply, code=reply.code))
        return True

    def _checked(
        self, sealed: SealedCodec, site: str, body: bytes, message: Message, request: Request
    ) -> tuple[MacKey | None, Request]:
        """The key that a request is sealed with, which seals its answer too, and the request with what was found."""
        keys = self.host.keys.of_macs(site, request.terminal, self._now())
        if not keys and request.purpose in NETWORK:
            return None, request  # the first messages of a terminal, which bring it the first keys
        agreed = sealed.agrees(body, message, keys)
        checked = msgspec.structs.replace(request, mac_agrees=agreed is not None)
        return agreed or (keys[0] if keys else None), checked

    def _reply(self, asked: _Asked, effect: SendReply) -> bytes:
        reply, speech = effect.reply, asked.speech
        message = speech.reply_message(asked.message, asked.request, reply)
        if speech.sealed is not None:
            message, encoded = speech.sealed.encode(message, asked.seal)
        else:
            encoded = speech.codec.encode(message)
        code = speech.dialect.code_of(reply)
        self._record(
            asked.site, passed(MessageSent, speech.dialect, asked.line, message, reply, key=asked.key, code=code)
        )
        return encoded

    def _refuse(self, site: str, line: str, error: RemoteError, size: int) -> None:
        value = self.speeches[site].value_in(error.field) if self.tells_values else ""
        self._record(
            site,
            FrameRefused(
                line=line, because=str(error), size=size, field=error.field, position=error.position, value=value
            ),
        )


def _lines_to(site: str, lines: dict[str, str]) -> str:
    """The lines that lead to a site, in words: who answers there cannot tell them apart."""
    return " or ".join(line for line, leads_to in lines.items() if leads_to == site)


def key_of(request: Request) -> str:
    """The transaction a request or advice is about; empty for network management."""
    if not request.local_time or request.purpose in NETWORK:
        return ""
    original = request.original if request.purpose in ADVICES else None
    return transaction_key(request.terminal, original.stan if original else request.stan, request.local_time)
