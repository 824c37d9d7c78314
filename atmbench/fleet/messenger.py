"""The messenger: turns a terminal's requests into bytes and bytes into its inputs, and records both.

Messages of one direction keep their order, also if sealing or checking one takes its time. It keeps no opinion of what
it carries: whether a reply may be acted upon is for the core to say.
"""

from collections.abc import Callable
from functools import partial

from atmbench.errors import RemoteError
from atmbench.facts import Fact, FrameRefused, MessageNotSent, MessageReceived, MessageSent
from atmbench.fleet.guard import Guard
from atmbench.fleet.in_order import InOrder
from atmbench.fleet.message_facts import passed
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, ResponseCode
from atmbench.messages.matching import ReplyKey, transaction_key
from atmbench.messages.records import NETWORK, Message, Outcome, Purpose, Reply, Request
from atmbench.messages.sealed_codec import SealedCodec
from atmbench.terminal.effects import AnswerHost, SendMessage
from atmbench.terminal.inputs import DayAnnounced, Input, ReplyReceived, ReplyUnreadable

SENT_KEYS_MAX = 256
"""Messages of one terminal whose transaction is remembered, to name it when the answer comes."""

Post = Callable[[str, bytes], None]
"""Puts a body on a line."""
Give = Callable[[Input], None]
"""Hands an input to the terminal's core."""


class Messenger:
    """Messages of one terminal in the dialect of its lines. `record(fact)` writes in the terminal's name.

    `guard` is None where neither PINs nor chips nor MACs are in use.
    """

    def __init__(
        self,
        terminal: str,
        dialect: Dialect,
        codec: Codec,
        record: Callable[[Fact], None],
        *,
        now: Callable[[], float],
        guard: Guard | None = None,
    ) -> None:
        self._terminal = terminal
        self.dialect = dialect
        self._codec = codec
        self._record = record
        self._now = now
        self.guard = guard
        self._keys: dict[int, str] = {}
        """STAN of a message to the transaction it is about. For the history only, never for matching."""
        self._out, self._in = InOrder(), InOrder()

    def speak(self, dialect: Dialect, codec: Codec, sealed: SealedCodec | None) -> None:
        """Another dialect from the next message on, in either direction."""
        self.dialect, self._codec = dialect, codec
        if self.guard is not None:
            self.guard.speak(dialect, sealed)

    def response(self, code: str) -> ResponseCode:
        """What a code means to this terminal now."""
        return self.dialect.response(code)

    def request_key(self, request: Request) -> ReplyKey:
        """What the reply to a request will share with it."""
        return self.dialect.request_key(request)

    # --- on the way out ---------------------------------------------------------------------------

    def send(self, effect: SendMessage, post: Post) -> None:
        """Put a request into bytes and post them, behind those that are still being sealed.

        Raises LocalError if the request does not fit the dialect.
        """
        request, guard = effect.request, self.guard
        if guard is not None:
            request = guard.with_secrets(request)
        self._say(effect, self.dialect.request_message(request), post)

    def answer(self, effect: AnswerHost, post: Post) -> None:
        """The same of an answer to what the host has begun."""
        request = effect.request
        done = Reply(
            purpose=request.purpose, terminal=request.terminal, stan=request.stan, outcome=Outcome.APPROVED, code=""
        )
        message = self.dialect.reply_message(self.dialect.request_message(request), done)
        self._say(SendMessage(effect.line, request), message, post)

    def _say(self, effect: SendMessage, message: Message, post: Post) -> None:
        guard = self.guard
        if guard is None or not guard.seals(message):
            body = self._codec.encode(message)
            self._out.in_turn(effect.line, partial(self._post, effect, message, body, "", post))
            return
        is_ready = self._out.begin(effect.line)

        def sealed(message: Message, body: bytes, because: str) -> None:
            is_ready(partial(self._post, effect, message, body, because, post))

        guard.seal(message, self._now(), sealed)

    def _post(self, effect: SendMessage, message: Message, body: bytes, because: str, post: Post) -> None:
        request = effect.request
        if because:
            self._record(
                MessageNotSent(
                    line=effect.line, purpose=request.purpose, stan=request.stan, key=effect.key, because=because
                )
            )
            return
        if not self.dialect.is_reply(message.mti):
            self._note_key(request.stan, effect.key)
        self._record(passed(MessageSent, self.dialect, effect.line, message, request, key=effect.key))
        post(effect.line, body)

    def _note_key(self, stan: int, key: str) -> None:
        self._keys.pop(stan, None)
        self._keys[stan] = key
        if len(self._keys) > SENT_KEYS_MAX:
            del self._keys[next(iter(self._keys))]

    # --- on the way in ----------------------------------------------------------------------------

    def hear(self, line: str, body: bytes, give: Give) -> None:
        """Give the terminal what a body that arrived means to it, behind those that are still being checked."""
        try:
            message = self._codec.decode(body)
            if not self.dialect.is_reply(message.mti):
                self._hear_order(line, body, message, give)
                return
            reply = self.dialect.read_reply(message)
        except RemoteError as error:
            self.hear_refused(line, error, len(body), give)
            return
        guard = self.guard
        if guard is None or not guard.checks(message, reply):
            self._in.in_turn(line, partial(self._take, line, message, reply, give))
            return
        self._check(line, body, message, partial(self._take, line, message, reply, give), give)

    def _hear_order(self, line: str, body: bytes, message: Message, give: Give) -> None:
        """What the host begins: it announces a business day. Raises RemoteError for anything else."""
        request = self.dialect.read_request(message)
        if request.purpose is not Purpose.CUTOVER or request.terminal != self._terminal:
            raise RemoteError(f"MTI {message.mti} is no reply", raw=body, field="t", position=0)
        take = partial(self._take_order, line, message, request, give)
        if self.guard is None or not self.guard.checks_order(message):
            self._in.in_turn(line, take)
        else:
            self._check(line, body, message, take, give)

    def _check(self, line: str, body: bytes, message: Message, take: Callable[[], None], give: Give) -> None:
        """Take a message in its turn if its MAC agrees."""
        assert self.guard is not None, "only a guard wants that"
        is_ready = self._in.begin(line)

        def checked(because: str) -> None:
            refuse = partial(self._refuse, line, RemoteError(because, raw=body), len(body), give)
            is_ready(refuse if because else take)

        self.guard.check(body, message, self._now(), checked)

    @property
    def is_checking(self) -> bool:
        """Whether something that arrived is still being checked."""
        return not self._in.is_empty

    def hear_refused(self, line: str, error: RemoteError, size: int, give: Give) -> None:
        """Give the terminal what bytes that are no message mean to it."""
        self._in.in_turn(line, partial(self._refuse, line, error, size, give))

    def _take_order(self, line: str, message: Message, request: Request, give: Give) -> None:
        self._record(passed(MessageReceived, self.dialect, line, message, request))
        give(DayAnnounced(line, request))

    def _take(self, line: str, message: Message, reply: Reply, give: Give) -> None:
        if self.guard is not None:
            reply = self.guard.heard(reply)
        key, code = self._key_of(reply), reply.code
        self._record(passed(MessageReceived, self.dialect, line, message, reply, key=key, code=code))
        give(ReplyReceived(line, self.dialect.reply_key(message), reply, message.mti))

    def _refuse(self, line: str, error: RemoteError, size: int, give: Give) -> None:
        because = str(error)
        self._record(FrameRefused(line=line, because=because, size=size, field=error.field, position=error.position))
        give(ReplyUnreadable(line, because))

    # --- lines and power --------------------------------------------------------------------------

    def lose(self, line: str, act: Callable[[], None]) -> None:
        """A line is lost: what is still being sealed for it comes to nothing, then `act` is called in its turn."""
        self._out.drop(line)
        self._in.in_turn(line, act)

    def forget(self, line: str) -> None:
        """The terminal has ended this line: what is still being sealed or checked of it comes to nothing."""
        self._out.drop(line)
        self._in.drop(line)

    def power_fail(self) -> None:
        """What was being sealed or checked comes to nothing."""
        self._out.drop_all()
        self._in.drop_all()

    def _key_of(self, reply: Reply) -> str:
        if reply.terminal == self._terminal and reply.stan in self._keys:
            return self._keys[reply.stan]
        if not reply.local_time or reply.purpose in NETWORK:
            return ""
        return transaction_key(reply.terminal, reply.stan, reply.local_time)
