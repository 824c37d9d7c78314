"""The messenger: turns a terminal's requests into bytes and bytes into its inputs, and records both.

It keeps no opinion of what it carries: whether a reply may be acted upon is for the core to say.
"""

from collections.abc import Callable

from atmbench.errors import RemoteError
from atmbench.facts import Fact, FrameRefused, MessageReceived, MessageSent
from atmbench.fleet.guard import Guard
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect
from atmbench.messages.masking import masked_fields
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import Reply
from atmbench.terminal.effects import SendMessage
from atmbench.terminal.inputs import ReplyReceived, ReplyUnreadable

SENT_KEYS_MAX = 256
"""Messages of one terminal whose transaction is remembered, to name it when the answer comes."""


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
        self._dialect = dialect
        self._codec = codec
        self._record = record
        self._now = now
        self.guard = guard
        self._keys: dict[int, str] = {}
        """STAN of a message to the transaction it is about. For the history only, never for matching."""

    def body_of(self, effect: SendMessage) -> bytes:
        """The bytes to send for an effect. Raises LocalError if the request does not fit the dialect."""
        request = effect.request
        guard = self.guard
        if guard is not None:
            request = guard.with_secrets(request)
        message = self._dialect.request_message(request)
        sealed = guard.encode(message, self._now()) if guard is not None else None
        if sealed is not None:
            message, body = sealed
        else:
            body = self._codec.encode(message)
        self._keys.pop(request.stan, None)
        self._keys[request.stan] = effect.key
        if len(self._keys) > SENT_KEYS_MAX:
            del self._keys[next(iter(self._keys))]
        self._record(
            MessageSent(
                terminal=self._terminal,
                line=effect.line,
                purpose=request.purpose,
                mti=message.mti,
                stan=request.stan,
                fields=masked_fields(message, self._dialect.sensitive_in(message.mti)),
                key=effect.key,
                amount_minor=request.amount_minor,
            )
        )
        return body

    def input_of(self, line: str, body: bytes) -> ReplyReceived | ReplyUnreadable:
        """What a body that arrived means to the terminal."""
        try:
            message = self._codec.decode(body)
            if not self._dialect.is_reply(message.mti):
                raise RemoteError(f"MTI {message.mti} is no reply", raw=body, field="t", position=0)
            reply = self._dialect.read_reply(message)
            if self.guard is not None:
                self.guard.check(body, message, reply, self._now())
                reply = self.guard.heard(reply)
        except RemoteError as error:
            return self.refusal_of(line, error, len(body))
        self._record(
            MessageReceived(
                terminal=reply.terminal,
                line=line,
                purpose=reply.purpose,
                mti=message.mti,
                stan=reply.stan,
                fields=masked_fields(message, self._dialect.sensitive_in(message.mti)),
                key=self._key_of(reply),
                code=reply.code,
                outcome=reply.outcome,
                amount_minor=reply.amount_minor or 0,
            )
        )
        return ReplyReceived(line, self._dialect.reply_key(message), reply, message.mti)

    def refusal_of(self, line: str, error: RemoteError, size: int) -> ReplyUnreadable:
        """What bytes that are no message mean to the terminal."""
        because = str(error)
        self._record(FrameRefused(line=line, because=because, size=size, field=error.field, position=error.position))
        return ReplyUnreadable(line, because)

    def _key_of(self, reply: Reply) -> str:
        if not reply.local_time:
            return ""
        if reply.terminal == self._terminal and reply.stan in self._keys:
            return self._keys[reply.stan]
        return transaction_key(reply.terminal, reply.stan, reply.local_time)
