"""Bytes and `Message`: the only importer of iso8583.

pyiso8583 moves fields in and out of bytes and checks lengths; what may stand in a field is checked here,
on both ways (iso8583 facts 8.2: it takes letters in numeric fields, " 3" as a length and any MTI). Its
error texts may quote content, so none of them is passed on. This module must never look at meaning.
"""

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any

import iso8583

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.dialect import Dialect
from atmbench.messages.dialect_file import Content, Prefix
from atmbench.messages.records import Message

MESSAGE_BYTES_MAX = 8192
"""A longer message is refused unread; the longest of a real ATM line has about a quarter of this."""

_PREFIX_DIGITS = {None: 0, Prefix.LL: 2, Prefix.LLL: 3}
_ALLOWED = {
    Content.N: "digits",
    Content.XN: "C or D and digits",
    Content.AN: "printable ASCII characters",
    Content.ANS: "printable ASCII characters",
    Content.Z: "digits and separators",
    Content.B: "hexadecimal digits",
}
_HEXADECIMAL = "0123456789ABCDEF"
_STRUCTURE = {"h": "header", "t": "message type", "p": "bitmap", "1": "secondary bitmap"}


_CHECKS: dict[Content, Callable[[str], bool]] = {
    Content.N: str.isdigit,
    Content.XN: lambda text: text[0] in "CD" and text[1:].isdigit(),
    Content.AN: str.isprintable,
    Content.ANS: str.isprintable,
    Content.Z: lambda text: not text.strip("0123456789=D"),
    Content.B: lambda text: not text.strip(_HEXADECIMAL),
}
"""Asked of text that is not empty. pyiso8583 itself refuses what is not ASCII, on both ways."""


class DecodeFailed(RemoteError):
    """Bytes that are no message of the dialect. `partial` is what could be read before that, unmasked."""

    def __init__(
        self, message: str, *, raw: bytes, field: str, position: int | None, partial: Message | None = None
    ) -> None:
        super().__init__(message, raw=raw, field=field, position=position)
        self.partial = partial


class EncodeFailed(LocalError):
    """A message that the dialect cannot carry. `field` is the one that does not fit."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class Codec:
    """Encodes and decodes messages of one dialect. Holds no state; safe to share."""

    def __init__(self, dialect: Dialect) -> None:
        self._name = dialect.name
        self._layouts = dialect.fields
        self._spec = _pyiso8583_spec(dialect)
        self._to_encode = {number: (str(number), _CHECKS[layout.type]) for number, layout in dialect.fields.items()}
        self._to_decode = {
            str(number): (number, _CHECKS[layout.type], layout.prefix is not None, layout.type is Content.B)
            for number, layout in dialect.fields.items()
        }

    def encode(self, message: Message) -> bytes:
        """The bytes of a message, which is left as it is. Raises EncodeFailed."""
        mti = message.mti
        if len(mti) != 4 or not (mti.isdigit() and mti.isascii()):
            raise EncodeFailed("a message type of four digits was expected, such as 0200", field="t")
        known = self._to_encode
        document = {"t": mti}
        try:
            for number, text in message.fields.items():
                key, check = known[number]
                if text and not check(text):
                    raise EncodeFailed(self._misfit(key), field=key)
                document[key] = text
        except KeyError:
            raise EncodeFailed(f"{self._name} has no field {number}; leave it out", field=str(number)) from None
        try:
            encoded, _ = iso8583.encode(document, self._spec)
        except iso8583.EncodeError as error:
            raise EncodeFailed(self._misfit(error.field), field=error.field) from None
        if len(encoded) > MESSAGE_BYTES_MAX:
            raise EncodeFailed(f"the message has {len(encoded)} bytes; at most {MESSAGE_BYTES_MAX} travel", field="")
        return bytes(encoded)

    def decode(self, raw: bytes) -> Message:
        """The message of bytes. Raises DecodeFailed."""
        if len(raw) > MESSAGE_BYTES_MAX:
            because = f"{len(raw)} bytes are too long for a message; expected at most {MESSAGE_BYTES_MAX}"
            raise DecodeFailed(because, raw=raw, field="", position=0)
        try:
            document, parts = iso8583.decode(raw, self._spec)
        except iso8583.DecodeError as error:
            document, parts = error.doc_dec, error.doc_enc
            mti = document.get("t", "")
            key = self._first_misfit(document, parts, error.field)
            if key != error.field:  # an earlier field was wrong already, and only led here
                raise self._failed(self._misfit(key), raw, key, _position(parts, key), document, mti) from None
            because = f"{self._naming(key)} cannot be read at byte {error.pos} of {len(raw)}{_why(error.msg)}"
            raise self._failed(because, raw, key, error.pos, document, mti) from None
        except KeyError as error:  # the bitmap names a field that the dialect does not have
            key = str(error.args[0])
            because = f"the bitmap announces field {key}, which {self._name} does not have"
            raise DecodeFailed(because, raw=raw, field=key, position=None) from None
        mti, bitmap = document.pop("t"), document.pop("p") + document.pop("1", "")
        if not mti.isdigit():
            raise DecodeFailed("the message type is not four digits", raw=raw, field="t", position=0)
        if len(bitmap) > 32 or not bitmap.isalnum():
            because = "the bitmap is not one or two times 16 hexadecimal digits"
            raise DecodeFailed(because, raw=raw, field="p", position=4)
        fields: dict[int, str] = {}
        known = self._to_decode
        for key, text in document.items():
            number, check, prefixed, binary = known[key]
            if binary:
                text = text.upper()
            if (text and not check(text)) or (prefixed and not parts[key]["len"].isdigit()):
                raise self._failed(self._misfit(key), raw, key, _position(parts, key), document, mti)
            fields[number] = text
        return Message(mti, fields)

    def _first_misfit(
        self, document: Mapping[str, str], parts: Mapping[str, Mapping[str, bytes]], otherwise: str
    ) -> str:
        """The first field before `otherwise` whose content is wrong, else `otherwise`."""
        for key in takewhile(lambda key: key != otherwise, document):
            if key in self._to_decode:
                _, check, prefixed, binary = self._to_decode[key]
                text = document[key].upper() if binary else document[key]
                if (text and not check(text)) or (prefixed and not parts[key]["len"].isdigit()):
                    return key
        return otherwise

    def _failed(
        self, because: str, raw: bytes, key: str, position: int, document: Mapping[str, str], mti: str
    ) -> DecodeFailed:
        partial = None
        if len(mti) == 4 and mti.isdigit():
            good = takewhile(lambda item: item[0] != key, document.items())
            known = self._to_decode
            partial = Message(mti, {known[name][0]: text for name, text in good if name in known})
        return DecodeFailed(because, raw=raw, field=key, position=position, partial=partial)

    def _misfit(self, key: str) -> str:
        layout = self._layouts.get(int(key)) if key.isdigit() else None
        if layout is None:
            return f"{self._naming(key)} does not fit {self._name}"
        length = f"{layout.size} {'bytes of ' if layout.type is Content.B else ''}"
        length = f"up to {length}" if layout.prefix else length
        return f"{self._naming(key)} does not fit {self._name}: expected {length}{_ALLOWED[layout.type]}"

    def _naming(self, key: str) -> str:
        layout = self._layouts.get(int(key)) if key.isdigit() and key != "1" else None
        return f"field {key} ({layout.name})" if layout else f"the {_STRUCTURE.get(key, f'field {key}')}"


def _why(text: str) -> str:
    """What pyiso8583 says, where that is known to hold no content."""
    if text.startswith("Extra data"):
        return ": there are bytes after the last field"
    if "larger than maximum" in text:
        return ": it is longer than the dialect allows"
    if "expecting" in text:
        return ": the message ends too early"
    return ""


def _position(parts: Mapping[str, Mapping[str, bytes]], key: str) -> int:
    before = takewhile(lambda item: item[0] != key, parts.items())
    return sum(len(part["len"]) + len(part["data"]) for _, part in before)


def _pyiso8583_spec(dialect: Dialect) -> dict[str, dict[str, Any]]:
    """The dialect in the words of pyiso8583: everything is ASCII text, bytes and bitmaps as hexadecimal."""

    def entry(name: str, size: int, prefix_digits: int = 0) -> dict[str, Any]:
        encoding = dialect.encoding
        return {
            "data_enc": encoding.text,
            "len_enc": encoding.length,
            "len_type": prefix_digits,
            "max_len": size,
            "desc": name,
        }

    spec = {"h": entry("header", 0), "t": entry("message type", 4), "p": entry("bitmap", 16), "1": entry("bitmap", 16)}
    for number, layout in dialect.fields.items():
        size = layout.size * 2 if layout.type is Content.B else layout.size
        spec[str(number)] = entry(layout.name, size, _PREFIX_DIGITS[layout.prefix])
    return spec
