"""A dialect: how one switch family says in ISO 8583 fields what terminal and host mean.

Built from a data file; the code here knows no field number. Between bytes and a `Message` stands the
codec, between a `Message` and a `Request` or `Reply` the dialect. It must never guess: a message whose
meaning cannot be read is a RemoteError that names the field.
"""

from functools import lru_cache

from atmbench import datafile, shipped
from atmbench.errors import LocalError, RemoteError
from atmbench.messages.dialect_file import DialectFile, Framing
from atmbench.messages.layout import resolve
from atmbench.messages.masking import SENSITIVE
from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import Message, Purpose, Reply, Request
from atmbench.messages.responses import ResponseCode, Responses
from atmbench.messages.sealing import Sealing
from atmbench.messages.secret_fields import sensitive_by_mti
from atmbench.messages.templates import CompiledTemplate
from atmbench.messages.values import Values

__all__ = ["Dialect", "ResponseCode", "load_dialect", "parse_dialect"]

FOLDER = "dialects"
SUFFIX = ".yaml"


class Dialect:
    """One dialect. Made by `parse_dialect` or `load_dialect`; safe to share."""

    def __init__(self, file: DialectFile, name: str) -> None:
        self.name = name
        self.describes = file.describes
        self.framing = Framing(name=file.framing) if isinstance(file.framing, str) else file.framing
        """What stands around a body. The settings of `framing.registry.framer`; unknown names are found there."""
        self.layout = resolve(name, file.encoding, file.header, file.fields)
        """How a message travels, for the codec."""
        self.layouts_by_mti = {
            start: resolve(name, file.encoding, file.header, {**file.fields, **fields})
            for start, fields in sorted(file.fields_by_mti.items(), key=lambda item: -len(item[0]))
        }
        """The same for messages whose MTI begins so; the longest beginning comes first."""
        self.fields = file.fields
        self._matching = file.matching
        self._service_codes = file.processing_code.services
        self.security = file.security
        self.sealing = Sealing(file.security.mac, self.layout) if file.security is not None else None
        """How messages carry a MAC, where drills turn that on."""
        self._responses = Responses(file.responses, name)
        self.code = self._responses.code
        """Outcome to the code a host sends."""
        self.response = self._responses.response
        """Code to what it means; an unknown code is a malfunction that must be reversed."""
        values = Values(file, name, self._responses)
        reply_header = file.header.reply if file.header else ""
        templates = [
            CompiledTemplate(template, file.fields, values, f"{name}: {key}", reply_header=reply_header)
            for key, template in file.templates.items()
        ]
        self._by_purpose: dict[Purpose, CompiledTemplate] = {}
        self._by_mti: dict[str, CompiledTemplate] = {}
        self._by_reply_mti: dict[str, CompiledTemplate] = {}
        for template in templates:
            self._enter(template)
        self._sensitive_by_mti = sensitive_by_mti(file.templates.values())
        self._sensitive = SENSITIVE.union(*self._sensitive_by_mti.values())

    def request_message(self, request: Request) -> Message:
        """The message of a request or advice. A repeat differs in the last digit of the MTI only (iso8583 1.1).

        Raises LocalError if the request lacks what its template demands.
        """
        return self._template_for(request.purpose).compose_request(request)

    def read_request(self, message: Message) -> Request:
        """What a message of a terminal means. Raises RemoteError."""
        template = self._by_mti.get(message.mti)
        if template is None:
            raise RemoteError(f"{self.name} has no request with this message type", field="t")
        into = template.read_request(message)
        purpose = into.pop("purpose", None) or template.advice or into["service"]
        if purpose not in template.purposes:
            raise RemoteError(f"a {purpose} does not travel as {message.mti} in {self.name}", field="t")
        return Request(purpose=purpose, repeat=message.mti == template.repeat_mti, **into)

    def reply_message(self, to: Message, reply: Reply) -> Message:
        """The answer to a message: echoed fields from `to`, the rest from `reply`.

        A value that `reply` gives stands in place of an echoed one (a lower amount, say). Without a code
        the first code of its outcome is sent. Raises LocalError if `to` is no request.
        """
        template = self._by_mti.get(to.mti)
        if template is None:
            raise LocalError(f"{to.mti} is no request of {self.name}; only requests are answered")
        return template.compose_reply(to, reply)

    def read_reply(self, message: Message) -> Reply:
        """What an answer of the host means, by its own fields alone. Raises RemoteError."""
        template = self._by_reply_mti.get(message.mti)
        if template is None:
            raise RemoteError(f"{self.name} has no reply with this message type", field="t")
        into = template.read_reply(message)
        service = into.pop("service", None)
        into.pop("from_account", None)
        into.pop("to_account", None)
        purpose = into.pop("purpose", None) or template.advice or service
        if purpose not in template.purposes:
            raise RemoteError(f"a {purpose} is not answered by {message.mti} in {self.name}", field="t")
        return Reply(purpose=purpose, outcome=self.response(into["code"]).outcome, **into)

    def request_key(self, request: Request) -> ReplyKey:
        """What the answer to a request will share with it."""
        return ReplyKey(self._template_for(request.purpose).mti_class, request.terminal, request.stan)

    def reply_key(self, message: Message) -> ReplyKey:
        """The same of a message. Raises RemoteError if its terminal or STAN cannot be read."""
        terminal = message.fields.get(self._matching.terminal, "").rstrip()
        if not terminal:
            raise self._no_key(self._matching.terminal)
        stan = message.fields.get(self._matching.stan, "")
        if not (stan.isdigit() and stan.isascii()):
            raise self._no_key(self._matching.stan)
        return ReplyKey(message.mti[:2], terminal, int(stan))

    def service_code(self, service: Purpose) -> str:
        """The two digits that name a service at the head of the processing code; empty for what is no service."""
        return self._service_codes.get(service, "")

    def sensitive_in(self, mti: str) -> frozenset[int]:
        """The fields of such a message that `masked_fields` must not show as they are."""
        return self._sensitive_by_mti.get(mti, self._sensitive)

    def is_reply(self, mti: str) -> bool:
        """Whether a message of this type answers another one (odd third digit, iso8583 1.1)."""
        return mti[2:3] in ("1", "3", "5", "7")

    def _template_for(self, purpose: Purpose) -> CompiledTemplate:
        template = self._by_purpose.get(purpose)
        if template is None:
            raise LocalError(f"{self.name} has no message for {purpose}; use a dialect that has")
        return template

    def _no_key(self, number: int) -> RemoteError:
        name = self.fields[number].name
        return RemoteError(f"field {number} ({name}) is missing or blank; no request can be matched", field=str(number))

    def _enter(self, template: CompiledTemplate) -> None:
        for purpose in sorted(template.purposes):
            if purpose in self._by_purpose:
                raise LocalError(f"{template.name}: {purpose} has a template already; list it once")
            self._by_purpose[purpose] = template
        for mti in (template.mti, template.repeat_mti):
            if self._by_mti.setdefault(mti, template) is not template:
                raise LocalError(f"{template.name}: {mti} belongs to another template already")
        if self._by_reply_mti.setdefault(template.reply_mti, template) is not template:
            raise LocalError(f"{template.name}: {template.reply_mti} belongs to another template already")


def parse_dialect(text: str, name: str) -> Dialect:
    """The dialect of a file's text, which may extend a shipped dialect.

    Raises LocalError for a file that is wrong or contradicts itself.
    """
    return Dialect(datafile.load_extending(text, DialectFile, name=name, find=_shipped), name)


@lru_cache(maxsize=32)
def load_dialect(name: str) -> Dialect:
    """A shipped dialect: "iso87-ascii". Raises LocalError, naming what there is, for an unknown one."""
    return parse_dialect(_shipped(name), name)


def dialect_names() -> list[str]:
    """The names of all shipped dialects."""
    return [name.removesuffix(SUFFIX) for name in shipped.names(FOLDER, SUFFIX)]


def _shipped(name: str) -> str:
    return shipped.read(FOLDER, name + SUFFIX)
