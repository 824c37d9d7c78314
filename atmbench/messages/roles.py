"""Roles: which value stands in a field of a message, what it means there, and what may never be shown.

Read from the templates of a dialect, so that whoever explains or records a message needs to know no field
number. A message type that no template has is taken for the like of those that the dialect has.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from atmbench.messages.composites import Unreadable
from atmbench.messages.dialect_file import DialectFile, Template, Value
from atmbench.messages.masking import sensitive_fields
from atmbench.messages.records import Message
from atmbench.messages.values import Reader

_SECRET = frozenset(
    {
        Value.CHIP,
        Value.KEYS,
        Value.KEY_SERIAL,
        Value.NEW_PIN_BLOCK,
        Value.PAN,
        Value.PIN_BLOCK,
        Value.TRACK2,
    }
)
"""Their fields are hidden wherever a dialect puts them, a PAN in field 2 apart (see `masking`). A key serial number is
no secret, but names a device of the bank."""

_DATES = frozenset(
    {
        Value.LOCAL_CENTURY_DATE_TIME,
        Value.LOCAL_DATE,
        Value.LOCAL_DATE_TIME,
        Value.LOCAL_TIME,
        Value.TRANSMITTED,
    }
)


class Roles:
    """The roles of one dialect. `hidden` are fields that it hides in every message."""

    def __init__(self, file: DialectFile, readers: Mapping[Value, Reader], hidden: Iterable[int]) -> None:
        self._readers = readers
        self._requests: dict[int, Value] = {}
        self._replies: dict[int, Value] = {}
        self._by_mti: dict[str, dict[int, Value]] = {}
        for template in file.templates.values():
            self._enter(template)
        always = frozenset(hidden)
        self._sensitive_by_mti = {mti: _sensitive(always, roles) for mti, roles in self._by_mti.items()}
        self._sensitive = frozenset().union(sensitive_fields(always), *self._sensitive_by_mti.values())

    def _enter(self, template: Template) -> None:
        asked = {**template.request.optional, **template.request.mandatory}
        told = {number: asked[number] for number in (*template.reply.echo, *template.reply.may_echo) if number in asked}
        told |= {**template.reply.optional, **template.reply.mandatory}
        mti = template.request.mti
        for each in (mti, f"{mti[:3]}{int(mti[3]) | 1}"):
            self._by_mti[each] = {**self._by_mti.get(each, {}), **asked}
        self._by_mti[template.reply.mti] = {**self._by_mti.get(template.reply.mti, {}), **told}
        self._requests = {**asked, **self._requests}
        self._replies = {**told, **self._replies}

    def sensitive(self, mti: str) -> frozenset[int]:
        """Fields of a message that `masked_fields` must not show as they are."""
        return self._sensitive_by_mti.get(mti, self._sensitive)

    def of(self, mti: str) -> Mapping[int, Value]:
        """Which value stands in which field."""
        likely = self._replies if mti[2:3] in ("1", "3", "5", "7") else self._requests
        return self._by_mti.get(mti, likely)

    def is_known(self, mti: str) -> bool:
        """Whether a template has this message type."""
        return mti in self._by_mti

    def dates(self, message: Message) -> tuple[int, int]:
        """How many of the dates and times of a message exist, and how many do not."""
        texts = [(value, message.fields.get(number, "")) for number, value in self.of(message.mti).items()]
        exist = [self.meaning(value, text) is not None for value, text in texts if value in _DATES and text]
        return sum(exist), len(exist) - sum(exist)

    def meaning(self, value: Value, text: str) -> Any:
        """What a value stands for: a record, a number or a text as `values` reads it; None if it cannot be read."""
        try:
            return self._readers[value].read(text)
        except (Unreadable, KeyError):
            return None


def _sensitive(always: frozenset[int], roles: Mapping[int, Value]) -> frozenset[int]:
    return sensitive_fields((*always, *(number for number, value in roles.items() if value in _SECRET)))
