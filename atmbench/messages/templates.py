"""Message templates, compiled at load into tuples so that composing and reading are one short loop each.

Source of the field sets: iso8583 facts 1.12. Errors name field numbers and values, never content.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import methodcaller
from typing import Any, Literal

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.composites import Unreadable
from atmbench.messages.dialect_file import ReplyTemplate, RequestTemplate, Template, Value
from atmbench.messages.layout_file import Content, FieldLayout, Header
from atmbench.messages.records import ADVICES, Message, Outcome, Purpose, Reply, Request
from atmbench.messages.responses import Responses
from atmbench.messages.values import Reader, TakeFromReply, TakeFromRequest, Values
from atmbench.messages.what_for import function_of

Pad = Callable[[str], str]

REPLY_ATTRIBUTES = frozenset(Reply.__struct_fields__) | {"local_date", ""}
DESCRIBED = {
    Value.ACTUAL_AMOUNT: "actual_amount",
    Value.AVAILABLE_BALANCE: "single_balance",
    Value.BALANCES: "balances",
    Value.FUNCTION: "functions",
    Value.LEDGER_BALANCE: "single_balance",
    Value.ORIGINAL: "original",
    Value.ORIGINAL_AMOUNT: "original_amount",
    Value.STATEMENT: "statement",
}
"""Values that exist only if the file says how they look, and under which key it does."""
SECRETS = frozenset({Value.TRACK2, Value.PIN_BLOCK, Value.NEW_PIN_BLOCK, Value.KEY_SERIAL, Value.CHIP})
"""Values that a terminal sends and does not keep."""


class CompiledTemplate:
    """A pair of request and reply. Raises LocalError at load if the file contradicts itself."""

    def __init__(
        self,
        template: Template,
        fields: Mapping[int, FieldLayout],
        values: Values,
        name: str,
        *,
        header: Header | None = None,
        repeats: Literal["next", "same"] = "next",
    ) -> None:
        self.name = name
        self._header = _header(template.request.header, header, name)
        self._reply_header = _header(template.reply.header, header, name) or (header.reply if header else "")
        self.purposes = frozenset(template.purposes)
        self.advice = _advice(template.purposes, name)
        """The one purpose of all messages of this template, if it is for advices."""
        self.mti = template.request.mti
        self.repeat_mti = _repeat_mti(self.mti, name) if repeats == "next" else self.mti
        """That of a repeat; the same one where a repeat cannot be told."""
        self.reply_mti = template.reply.mti
        self.mti_class = self.mti[:2]
        _check_fields(template, fields, name)
        self._request_plan = _request_plan(template.request, fields, values, name)
        self._request_readers = _readers(
            template.request.mandatory, {**template.request.mandatory, **template.request.optional}, fields, values
        )
        self.codes: Mapping[Outcome, str] = template.reply.codes
        """Codes of these replies that are not the usual ones."""
        self._reply_plan = _reply_plan(template.reply, fields, values, name)
        self._reply_readers = _reply_readers(template, fields, values)
        self._asks = template.request
        self._echoes = frozenset({*template.reply.echo, *template.reply.may_echo})
        self._own_in_reply = frozenset({*template.reply.mandatory, *template.reply.optional})

    def compose_request(self, request: Request) -> Message:
        """The message of a request. Raises LocalError if it lacks a mandatory value."""
        fields: dict[int, str] = {}
        for number, constant, take, pad, demanded in self._request_plan:
            text = constant if take is None else take(request)
            if text:
                fields[number] = text if pad is None else pad(text)
            elif demanded:
                raise LocalError(f"a {request.purpose} message needs field {number} ({demanded}); the request has none")
        return Message(self.repeat_mti if request.repeat else self.mti, fields, self._header)

    def compose_reply(self, to: Message, reply: Reply) -> Message:
        """The answer to a message. Raises LocalError if it lacks a mandatory value."""
        asked = to.fields
        fields: dict[int, str] = {}
        for number, echo, take, pad, demanded in self._reply_plan:
            text = "" if take is None else take(reply, to)
            if text:
                fields[number] = text if pad is None else pad(text)
            elif echo and number in asked:
                fields[number] = asked[number]
            elif demanded:
                raise LocalError(f"an answer to a {self.name} message needs field {number}; there is none to give")
        return Message(self.reply_mti, fields, self._reply_header or to.header)

    def read_request(self, message: Message) -> dict[str, Any]:
        """Attributes of the request. Raises RemoteError."""
        into = _read(message, self._request_readers)
        if "original_minor" in into:
            into["actual_minor"], into["amount_minor"] = into["amount_minor"], into.pop("original_minor")
        if "function" in into:
            self._check_function(into.pop("function"), message.mti, is_partial="actual_minor" in into)
        return into

    def read_reply(self, message: Message) -> dict[str, Any]:
        """Attributes of the reply. Raises RemoteError."""
        into = _read(message, self._reply_readers)
        singles = [into.pop(kind) for kind in ("ledger", "available") if kind in into]
        if singles:
            into["balances"] = tuple(singles)
        return into

    def is_repeat(self, mti: str) -> bool:
        """Whether a request says of itself that it was sent before."""
        return mti == self.repeat_mti != self.mti

    def texts(self, request: Request, numbers: Iterable[int]) -> tuple[str, ...]:
        """What stands in some fields of the message of a request; empty where there is nothing."""
        found = {
            number: constant if take is None else take(request)
            for number, constant, take, _, _ in self._request_plan
            if number in numbers
        }
        pads = {number: pad for number, _, _, pad, _ in self._request_plan}
        return tuple(
            pad(text) if (text := found.get(number, "")) and (pad := pads[number]) is not None else text
            for number in numbers
        )

    def check_shared(self, number: int) -> None:
        """Whether each reply says in a field what its request said. Raises LocalError if it does not."""
        asks = self._asks
        value = asks.mandatory.get(number) or asks.optional.get(number)
        if value is None and number not in asks.constant:
            if number in self._own_in_reply:
                raise LocalError(f"{self.name}: matching.also names field {number}, which only the reply has")
        elif number not in self._echoes or number in self._own_in_reply:
            raise LocalError(f"{self.name}: matching.also names field {number}, which the reply does not echo")
        elif value in SECRETS:
            raise LocalError(f"{self.name}: matching.also names field {number}, which a terminal does not keep")

    def _check_function(self, function: str, mti: str, *, is_partial: bool) -> None:
        meant = function_of(self.advice, is_partial=is_partial) if self.advice else ""
        if function != meant:
            number = next(number for number, value in self._asks.mandatory.items() if value is Value.FUNCTION)
            because = f"field {number} of {mti} says {function}, its amounts say {meant or 'nothing of it'}"
            raise RemoteError(because, field=str(number))


RequestStep = tuple[int, str, TakeFromRequest | None, Pad | None, str]
"""Number, constant, taker, padding, and the name of the value if it is mandatory."""
ReplyStep = tuple[int, bool, TakeFromReply | None, Pad | None, bool]
"""Number, whether it is echoed, taker, padding, whether it is mandatory."""
ReadStep = tuple[int, str, str | None, Callable[[str], Any] | None, bool]
"""Number, name of the field, attribute (empty for several), reader (None: presence is enough), whether mandatory."""


def _read(message: Message, steps: Iterable[ReadStep]) -> dict[str, Any]:
    text_of = message.fields.get
    into: dict[str, Any] = {}
    for number, name, attribute, read, demanded in steps:
        text = text_of(number)
        if not text:
            if demanded:
                raise RemoteError(f"field {number} ({name}) is missing; {message.mti} needs it", field=str(number))
            continue
        if read is None:
            continue
        try:
            value = read(text)
        except Unreadable as why:
            raise RemoteError(f"field {number} ({name}) of {message.mti} {why}", field=str(number)) from None
        if attribute:
            if value == "" and demanded:
                raise RemoteError(f"field {number} ({name}) of {message.mti} is blank", field=str(number))
            into[attribute] = value
        else:
            into.update(value)
    if "local_date" in into:
        into["local_time"] = into.pop("local_date") + into.get("local_time", "")
    return into


def _advice(purposes: Iterable[Purpose], name: str) -> Purpose | None:
    listed = list(purposes)
    if not any(purpose in ADVICES for purpose in listed):
        return None
    if len(listed) > 1:
        raise LocalError(f"{name}: an advice needs a template of its own; its processing code names the service")
    return listed[0]


def _repeat_mti(mti: str, name: str) -> str:
    if mti[3] not in "024":
        raise LocalError(f"{name}: the MTI {mti} is a repeat already; a template gives that of the first sending")
    return mti[:3] + str(int(mti[3]) + 1)


def _header(own: str, header: Header | None, name: str) -> str:
    if own and (header is None or len(own) != len(header.value)):
        wanted = "none, as the dialect has no header" if header is None else f"{len(header.value)} characters"
        raise LocalError(f"{name}: a header of {len(own)} characters was given; expected {wanted}")
    return own


def _check_fields(template: Template, fields: Mapping[int, FieldLayout], name: str) -> None:
    request, reply = template.request, template.reply
    own = [*request.constant, *request.mandatory, *request.optional]
    answer = [*reply.mandatory, *reply.optional]
    echoed = [*reply.echo, *reply.may_echo]
    for numbers in (own, answer, echoed):
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise LocalError(f"{name}: field {twice[0]} is listed twice; once is enough")
    unknown = [number for number in (*own, *answer, *echoed) if number not in fields]
    if unknown:
        raise LocalError(f"{name}: field {unknown[0]} has no layout; add it to `fields`")


def _request_plan(
    template: RequestTemplate, fields: Mapping[int, FieldLayout], values: Values, name: str
) -> tuple[RequestStep, ...]:
    steps: list[RequestStep] = [(number, text, None, None, "") for number, text in template.constant.items()]
    for listed, mandatory in ((template.mandatory, True), (template.optional, False)):
        for number, value in listed.items():
            take = values.of_request.get(value)
            if take is None or value not in values.readers:
                raise LocalError(f"{name}: a request has no {value}; field {number} asks for it{_hint(value)}")
            if value is Value.FUNCTION and not mandatory:
                raise LocalError(f"{name}: field {number} (function) belongs to the mandatory ones")
            steps.append((number, "", take, _padding(fields[number]), value.value if mandatory else ""))
    return tuple(sorted(steps, key=lambda step: step[0]))


def _reply_plan(
    template: ReplyTemplate, fields: Mapping[int, FieldLayout], values: Values, name: str
) -> tuple[ReplyStep, ...]:
    wanted = {**template.mandatory, **template.optional}
    takers: dict[int, TakeFromReply] = {}
    for number, value in wanted.items():
        if value not in values.of_reply:
            raise LocalError(f"{name}: a reply has no {value} of its own; echo field {number} instead{_hint(value)}")
        takers[number] = values.of_reply[value]
        if value is Value.RESPONSE_CODE and template.codes:
            takers[number] = partial(_own_code, values.responses, template.codes)
    echoed = {*template.echo, *template.may_echo}
    demanded = {*template.echo, *template.mandatory}
    return tuple(
        (number, number in echoed, takers.get(number), _padding(fields[number]), number in demanded)
        for number in sorted(echoed | set(takers))
    )


def _own_code(responses: Responses, codes: Mapping[Outcome, str], reply: Reply, _to: Message) -> str:
    return responses.code_of(reply, codes)


def _hint(value: Value) -> str:
    return f" (the file describes none under `{DESCRIBED[value]}`)" if value in DESCRIBED else ""


def _readers(
    demanded: Iterable[int], wanted: Mapping[int, Value], fields: Mapping[int, FieldLayout], values: Values
) -> tuple[ReadStep, ...]:
    needed = frozenset(demanded)
    steps = []
    for number in sorted(needed | set(wanted)):
        reader: Reader | None = values.readers[wanted[number]] if number in wanted else None
        attribute, read = ("", None) if reader is None else (reader.attribute, reader.read)
        steps.append((number, fields[number].name, attribute, read, number in needed))
    return tuple(steps)


def _reply_readers(template: Template, fields: Mapping[int, FieldLayout], values: Values) -> tuple[ReadStep, ...]:
    asked = {**template.request.mandatory, **template.request.optional}
    reply = template.reply
    echoed = {number: asked[number] for number in (*reply.echo, *reply.may_echo) if number in asked}
    wanted = {
        number: value
        for number, value in {**echoed, **reply.mandatory, **reply.optional}.items()
        if (reader := values.readers[value]).in_reply and reader.attribute in REPLY_ATTRIBUTES
    }
    return _readers((*reply.echo, *reply.mandatory), wanted, fields, values)


def _padding(layout: FieldLayout) -> Pad | None:
    if layout.prefix is not None:
        return None
    if layout.type is Content.N:
        return methodcaller("rjust", layout.size, "0")
    if layout.type in (Content.AN, Content.ANS):
        return methodcaller("ljust", layout.size)
    return None
