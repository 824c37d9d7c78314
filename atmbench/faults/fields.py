"""Faults of fields: messages that are framed well and mean something else.

The message is read, changed and built again by the line's own dialect. A body that cannot be read, or
that lacks the field, is left alone. Values are told only for fields that can hold no card data.
Source: user-asks 2 (protocol-aware faults).
"""

import string
from collections.abc import Sequence
from random import Random
from typing import Annotated, Literal

from msgspec import Meta

from atmbench.errors import AtmbenchError, LocalError, RemoteError
from atmbench.faults.base import Delivery, Fault, Frame
from atmbench.messages.records import Message

TEXT_MAX = 999
"""Longest text of a field (LLLVAR)."""
TELLABLE = frozenset(
    {3, 4, 5, 6, 7, 11, 12, 13, 15, 17, 18, 22, 24, 25, 28, 30, 32, 37, 38, 39, 41, 42, 49, 70, 90, 95}
)
"""Fields whose values may stand in a history."""

_PRINTABLE = string.ascii_letters + string.digits + string.punctuation
_HEXADECIMAL = "0123456789ABCDEF"

FieldNumber = Annotated[int, Meta(ge=2, le=128)]


class SetField(Fault, frozen=True, kw_only=True, tag="set_field"):
    """A field (or the MTI) has another value: the host says 00 where it meant 51, or another amount.

    A field that the message lacks is added. A value that the dialect cannot carry is not set, and the history says so.
    """

    field: FieldNumber | Literal["mti"]
    value: Annotated[str, Meta(max_length=TEXT_MAX)]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.field == "mti" and not (len(self.value) == 4 and self.value.isascii() and self.value.isdigit()):
            raise ValueError(f"value is {self.value!r}; an MTI has four digits, such as '0210'")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The message with the new value."""
        message = _read(frame)
        if message is None:
            return [Delivery(data=frame.data)]
        if self.field == "mti":
            return [
                _build(frame, Message(self.value, message.fields, message.header), f"MTI {message.mti} -> {self.value}")
            ]
        old = message.fields.get(self.field)
        changed = Message(message.mti, {**message.fields, self.field: self.value}, message.header)
        return [_build(frame, changed, _change_in_words(self.field, old, self.value))]


class GarbleField(Fault, frozen=True, kw_only=True, tag="garble_field"):
    """A field's text becomes random characters, as many as before.

    They are printable, or hexadecimal, or digits: the widest choice that the dialect can carry in this
    field. Emulates a wrong code page, a wrong key, or a program that wrote beyond its buffer.
    """

    field: FieldNumber

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The message with the field garbled."""
        message = _read(frame)
        old = message.fields.get(self.field) if message else None
        if message is None or not old:
            return [Delivery(data=frame.data)]
        for alphabet in (_PRINTABLE, _HEXADECIMAL, string.digits):
            new = _garbled(old, alphabet, rng)
            changed = Message(message.mti, {**message.fields, self.field: new}, message.header)
            try:
                return [_build(frame, changed, _change_in_words(self.field, old, new))]
            except LocalError:
                continue
        raise LocalError(f"the dialect carries no random text in DE{self.field}; garble another field")


class DropField(Fault, frozen=True, kw_only=True, tag="drop_field"):
    """A message comes without one of its fields, bitmap included: a release that forgot a mandatory one."""

    field: FieldNumber

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The message without the field."""
        message = _read(frame)
        if message is None or self.field not in message.fields:
            return [Delivery(data=frame.data)]
        return [_build(frame, _without(message, self.field), f"DE{self.field} dropped")]


class HollowField(Fault, frozen=True, kw_only=True, tag="hollow_field"):
    """The bitmap promises a field, and not one byte of it is there: every later field shifts.

    Emulates a packer that writes an empty field without its length prefix (user-asks 23). A message whose
    only field above 64 would be dropped is left alone.
    """

    field: FieldNumber

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """The message without the field's bytes, under the bitmap that names it."""
        message = _read(frame)
        if message is None or self.field not in message.fields:
            return [Delivery(data=frame.data)]
        others = _without(message, self.field)
        if self.field > 64 and max(others.fields, default=0) <= 64:
            return [Delivery(data=frame.data)]
        built = frame.wire.build(others)
        at = frame.body_at
        hollow = bytearray(built[at : len(built) - (len(frame.data) - at - len(frame.body))])
        # Both bodies are alike up to the byte of the bitmap that holds this field's bit.
        bit_at = next(
            i for i, (with_it, without) in enumerate(zip(frame.body, hollow, strict=False)) if with_it != without
        )
        hollow[bit_at] = frame.body[bit_at]
        return [Delivery(data=frame.wire.wrap(bytes(hollow)), what=f"DE{self.field} promised, but not there")]


def _read(frame: Frame) -> Message | None:
    if not frame.body:
        return None
    try:
        return frame.wire.read(frame.body)
    except RemoteError:
        return None


def _build(frame: Frame, message: Message, what: str) -> Delivery:
    try:
        return Delivery(data=frame.wire.build(message), what=what)
    except AtmbenchError as error:
        raise LocalError(f"the dialect cannot carry what the fault asks for ({what}): {error}") from None


def _without(message: Message, field: int) -> Message:
    fields = {number: text for number, text in message.fields.items() if number != field}
    return Message(message.mti, fields, message.header)


def _garbled(old: str, alphabet: str, rng: Random) -> str:
    new = "".join(rng.choices(alphabet, k=len(old)))
    if new == old:
        new = ("0" if new[0] != "0" else "1") + new[1:]
    return new


def _change_in_words(field: int, old: str | None, new: str) -> str:
    if field not in TELLABLE:
        return f"DE{field} changed" if old is not None else f"DE{field} added"
    return f"DE{field} {old if old is not None else '(none)'} -> {new}"
