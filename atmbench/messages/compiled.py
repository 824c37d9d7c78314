"""The compiled codec: straight-line Python for the messages a fleet sends and receives, made from the layout.

For one set of fields there is one function each way (`compiled_source` writes it), compiled when the set
has been met a few times. Whatever is not plainly right makes it step aside (None), and the reference
codec says what is wrong: so there is one source of error texts, and a dialect that cannot be compiled
still works.
"""

from collections.abc import Callable, Mapping

from atmbench.messages.compiled_source import decoder_source, encoder_source
from atmbench.messages.layout import Layout
from atmbench.messages.records import Message

COMPILED_MAX = 256
"""Sets of fields compiled, each way. A fleet uses about twenty; what comes after the last is left to the reference."""
MET_BEFORE_COMPILING = 2
"""How often the same set must have been met: noise has a different bitmap every time."""
MET_MAX = 1024
"""Sets whose meetings are counted. When it is full, counting begins anew."""

Encode = Callable[[str, Mapping[int, str], str], bytes]
Decode = Callable[[bytes], Message | None]

_SETS_BIT_1 = frozenset(bytes([digit]) for digit in b"89ABCDEFabcdef")


def can_compile(layout: Layout) -> bool:
    """Whether the layout is one that is compiled: text in ASCII."""
    return layout.codec == "ascii"


class CompiledCodec:
    """Encodes and decodes what is plainly right in one layout. Steps aside with None for everything else."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._is_raw = layout.encoding.bitmap == "raw"
        self._has_two = layout.encoding.bitmaps == "always_two"
        self._width = 8 if self._is_raw else 16
        self._start = (layout.header.size if layout.header else 0) + (2 if layout.encoding.mti == "bcd" else 4)
        self._header = layout.header.value if layout.header else ""
        self._encoders: dict[tuple[int, ...], Encode] = {}
        self._decoders: dict[bytes, Decode] = {}
        self._met: dict[object, int] = {}

    def encode(self, message: Message) -> bytes | None:
        """The bytes of a message, or None."""
        encode = self._encoders.get(tuple(message.fields))
        if encode is None:
            return None
        try:
            return encode(message.mti, message.fields, message.header or self._header)
        except ValueError:  # a character that is not ASCII, or an odd number of hexadecimal digits
            return None

    def decode(self, raw: bytes) -> Message | None:
        """The message of bytes, or None."""
        decode = self._decoders.get(self._bitmap(raw))
        if decode is None:
            return None
        try:
            return decode(raw)
        except (ValueError, IndexError):  # a byte that is not ASCII, or the end came too early
            return None

    def met_message(self, message: Message) -> None:
        """The reference has encoded this one: compile for its like when there are enough of them."""
        key = tuple(message.fields)
        if key not in self._encoders and len(self._encoders) < COMPILED_MAX and self._is_met_again(key):
            self._encoders[key] = _function(encoder_source(self._layout, key))

    def met_bytes(self, raw: bytes, message: Message) -> None:
        """The reference has decoded these: the same."""
        key = self._bitmap(raw)
        if key not in self._decoders and len(self._decoders) < COMPILED_MAX and self._is_met_again(key):
            self._decoders[key] = _function(decoder_source(self._layout, tuple(message.fields), len(key)))

    def _bitmap(self, raw: bytes) -> bytes:
        start = self._start
        if self._has_two:
            has_second = True
        elif self._is_raw:
            has_second = raw[start : start + 1] >= b"\x80"
        else:
            has_second = raw[start : start + 1] in _SETS_BIT_1
        return raw[start : start + (2 * self._width if has_second else self._width)]

    def _is_met_again(self, key: object) -> bool:
        if len(self._met) >= MET_MAX:
            self._met.clear()
        self._met[key] = self._met.get(key, 0) + 1
        return self._met[key] >= MET_BEFORE_COMPILING


def _function(source: str):  # type: ignore[no-untyped-def]
    """The function `made` of a source that this room wrote itself."""
    names = {"Message": Message}
    exec(compile(source, "<compiled dialect>", "exec"), names)
    return names["made"]
