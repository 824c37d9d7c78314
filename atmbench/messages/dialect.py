"""A dialect: how one switch family says in ISO 8583 fields what terminal and host mean.

Built from a data file; the code here knows no field number. Between bytes and a `Message` stands the
codec, between a `Message` and a `Request` or `Reply` the dialect. It must never guess: a message whose
meaning cannot be read is a RemoteError that names the field.
"""

from collections.abc import Callable
from functools import lru_cache

from atmbench import datafile, shipped
from atmbench.errors import LocalError, RemoteError
from atmbench.messages.dialect_file import DialectFile, Framing
from atmbench.messages.dukpt_place import lack_of_dukpt
from atmbench.messages.layout import Layout, resolve
from atmbench.messages.layout_file import Content
from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import Message, Outcome, Purpose, Reply, Request
from atmbench.messages.responses import ResponseCode, Responses
from atmbench.messages.roles import Roles
from atmbench.messages.sealing import Sealing
from atmbench.messages.shapes import subfields_of
from atmbench.messages.templates import CompiledTemplate
from atmbench.messages.values import Values

__all__ = ["Dialect", "ResponseCode", "load_dialect", "parse_dialect"]

FOLDER = "dialects"
SUFFIX = ".yaml"


class Dialect:
    """One dialect. Made by `parse_dialect` or `load_dialect`; safe to share."""

    def __init__(self, file: DialectFile, name: str) -> None:
        self.name = name
        self.file = file
        """As it was told, to lay a change over it."""
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
        self.subfields = {
            number: subfields_of(number, kind, self._content(number), name) for number, kind in file.subfields.items()
        }
        """What is inside of fields."""
        self._matching = file.matching
        self._service_codes = file.processing_code.services
        self.security = file.security
        self.lack_of_dukpt = lack_of_dukpt(file)
        """What it must still say before PINs can be sealed under DUKPT keys; empty if nothing."""
        self.sealing = (
            Sealing(file.security.mac, self.layout, self.layouts_by_mti) if file.security is not None else None
        )
        """How messages carry a MAC, where drills turn that on."""
        self.timers = file.timers
        self.stand_in_reason = file.stand_in_reason
        """Code of the reason of an advice that the issuer could not be asked; empty where there is no place for one."""
        self.renews_transmitted = file.repeats.transmitted == "renewed"
        """Whether DE7 of a repeat is new."""
        self._responses = Responses(file.responses, name)
        self.response = self._responses.response
        """Code to what it means; an unknown code is a malfunction that must be reversed."""
        values = Values(file, name, self._responses)
        hiding = (number for number, inside in self.subfields.items() if inside.hides)
        self.roles = Roles(file, values.readers, (*file.hidden, *hiding))
        """Which value stands in which field, and what must not be shown."""
        self.sensitive = self.roles.sensitive
        """MTI to the fields that `masked_fields` does not show as they are."""
        templates = [
            CompiledTemplate(
                template, file.fields, values, f"{name}: {key}", header=file.header, repeats=file.repeats.mti
            )
            for key, template in file.templates.items()
        ]
        self._by_purpose: dict[Purpose, CompiledTemplate] = {}
        self._by_mti: dict[str, CompiledTemplate] = {}
        self._by_reply_mti: dict[str, CompiledTemplate] = {}
        for template in templates:
            self._enter(template)
            self._check(template)

    def layout_for(self, mti: str) -> Layout:
        """How a message of this type travels."""
        return next((each for start, each in self.layouts_by_mti.items() if mti.startswith(start)), self.layout)

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
        return Request(purpose=purpose, repeat=template.is_repeat(message.mti), **into)

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

    def code(self, outcome: Outcome, purpose: Purpose | None = None) -> str:
        """The code a host sends for an outcome, in an answer to a message of this purpose."""
        template = None if purpose is None else self._by_purpose.get(purpose)
        own = None if template is None else template.codes.get(outcome)
        return own or self._responses.code(outcome)

    def code_of(self, reply: Reply) -> str:
        """The code that a reply is sent with."""
        template = self._by_purpose.get(reply.purpose)
        return self._responses.code_of(reply, template.codes if template is not None else {})

    def advice_mtis(self, purpose: Purpose) -> tuple[str, str]:
        """The message type of an advice, and of its repeat. Raises LocalError if there is no such message."""
        template = self._template_for(purpose)
        return template.mti, template.repeat_mti

    def has(self, purpose: Purpose) -> bool:
        """Whether there is a message for a purpose."""
        return purpose in self._by_purpose

    def request_key(self, request: Request) -> ReplyKey:
        """What the answer to a request will share with it."""
        template, also = self._template_for(request.purpose), self._matching.also
        more = template.texts(request, also) if also else ()
        return ReplyKey(template.mti_class, request.terminal, request.stan, more)

    def reply_key(self, message: Message) -> ReplyKey:
        """The same of a message. Raises RemoteError if its terminal or STAN cannot be read."""
        terminal = message.fields.get(self._matching.terminal, "").rstrip()
        if not terminal:
            raise self._no_key(self._matching.terminal)
        stan = message.fields.get(self._matching.stan, "")
        if not (stan.isdigit() and stan.isascii()):
            raise self._no_key(self._matching.stan)
        more = tuple(message.fields.get(number, "") for number in self._matching.also)
        return ReplyKey(message.mti[:2], terminal, int(stan), more)

    def service_code(self, service: Purpose) -> str:
        """The two digits that name a service at the head of the processing code; empty for what is no service."""
        return self._service_codes.get(service, "")

    def is_reply(self, mti: str) -> bool:
        """Whether a message of this type answers another one (odd third digit, iso8583 1.1)."""
        return mti[2:3] in ("1", "3", "5", "7")

    def _template_for(self, purpose: Purpose) -> CompiledTemplate:
        template = self._by_purpose.get(purpose)
        if template is None:
            raise LocalError(f"{self.name} has no message for {purpose}; use a dialect that has")
        return template

    def _content(self, number: int) -> Content:
        if number not in self.fields:
            raise LocalError(f"{self.name}: field {number} has sub-fields but no layout; add it to `fields`")
        return self.fields[number].type

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

    def _check(self, template: CompiledTemplate) -> None:
        for outcome, code in template.codes.items():
            meant = self._responses.response(code).outcome
            if meant is not outcome:
                raise LocalError(f"{template.name}: {code} is sent for {outcome}, and `responses` reads it as {meant}")
        for number in self._matching.also:
            template.check_shared(number)


def parse_dialect(text: str, name: str, *, find: Callable[[str], str] | None = None) -> Dialect:
    """The dialect of a file's text, which may extend another one: `find` gives the text of its name.

    Without `find` only shipped ones can be extended. Raises LocalError for a file that is wrong or contradicts itself.
    """
    return Dialect(datafile.load_extending(text, DialectFile, name=name, find=find or shipped_dialect), name)


@lru_cache(maxsize=32)
def load_dialect(name: str) -> Dialect:
    """A shipped dialect: "iso87-ascii". Raises LocalError, naming what there is, for an unknown one."""
    return parse_dialect(shipped_dialect(name), name)


def dialect_names() -> list[str]:
    """The names of all shipped dialects, in order: one comes before those that are named after it."""
    return sorted(name.removesuffix(SUFFIX) for name in shipped.names(FOLDER, SUFFIX))


def shipped_dialect(name: str) -> str:
    """The file of a shipped dialect. Raises LocalError, naming what there is, for an unknown one."""
    return shipped.read(FOLDER, name + SUFFIX)
