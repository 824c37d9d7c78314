"""Source text of the compiled codec: one function for one set of fields, each way.

Only numbers and fixed words enter the text, never a string of a dialect file. Each check is the one of
`layout.CHECKS`, written out; whatever fails it returns None and is left to the reference codec.
"""

from collections.abc import Iterable, Sequence

from atmbench.messages.layout import Layout, Slot
from atmbench.messages.layout_file import Content, Form, LengthForm

_UNFIT = {
    Content.N: "not {v}.isdigit()",
    Content.XN: "{v}[:1] not in ('C', 'D') or not {v}[1:].isdigit()",
    Content.AN: "not {v}.isprintable()",
    Content.ANS: "not {v}.isprintable()",
    Content.Z: "{v}.strip('0123456789=D')",
    Content.B: "{v}.strip('0123456789ABCDEF')",
}
"""What makes a value `v` unfit. Text that is not ASCII never gets here: the codec raises for it."""


class _Lines:
    """Lines of a function body, and the place in the bytes that they have reached."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._is_moving = False
        self._offset = 0

    def add(self, line: str) -> None:
        self.text.append(f"    {line}")

    def refuse_if(self, condition: str) -> None:
        self.add(f"if {condition}: return None")

    def at(self, ahead: int = 0) -> str:
        """Where the next byte lies, or one further ahead."""
        offset = self._offset + ahead
        return f"p+{offset}" if self._is_moving and offset else "p" if self._is_moving else str(offset)

    def pass_over(self, size: int) -> str:
        """A slice of the next bytes, which are left behind."""
        place = f"{self.at()}:{self.at(size)}"
        self._offset += size
        return place

    def pass_over_variable(self, size: str) -> str:
        """The same for a number of bytes that is known only when it runs. Sets `p`."""
        self.add(f"q = {self.at()}+{size}")
        place = f"{self.at()}:q"
        self._is_moving, self._offset = True, 0
        return place


# --- bytes to message ------------------------------------------------------------------------------


def decoder_source(layout: Layout, numbers: Sequence[int], bitmap_bytes: int) -> str:
    """A function `made(raw)` that gives the Message of bytes with these fields, in this order, or None."""
    lines = _Lines()
    is_text = _is_all_text(layout, numbers)
    if is_text:
        lines.add("s = raw.decode('ascii')")
    _read_head(lines, layout, bitmap_bytes)
    for number in numbers:
        _read_field(lines, layout.slots[number], is_text=is_text)
    lines.refuse_if(f"len(raw) != {lines.at()}")
    fields = ", ".join(f"{number}: v{number}" for number in numbers)
    lines.add(f"return Message(mti, {{{fields}}}, header)")
    return "\n".join(["def made(raw):", *lines.text]) + "\n"


def _is_all_text(layout: Layout, numbers: Iterable[int]) -> bool:
    encoding = layout.encoding
    slots = [layout.slots[number] for number in numbers]
    return (
        encoding.mti == "text"
        and encoding.bitmap == "hex"
        and (layout.header is None or layout.header.form == "text")
        and all(slot.form in (Form.TEXT, Form.HEX) for slot in slots)
        and all(slot.length_form is LengthForm.TEXT for slot in slots if slot.prefix_digits)
    )


def _read_head(lines: _Lines, layout: Layout, bitmap_bytes: int) -> None:
    header, encoding = layout.header, layout.encoding
    if header is None:
        lines.add("header = ''")
    elif header.form == "raw":
        lines.add(f"header = raw[{lines.pass_over(header.size)}].hex().upper()")
    else:
        lines.add(f"header = raw[{lines.pass_over(header.size)}].decode('ascii')")
    if encoding.mti == "bcd":
        lines.add(f"mti = raw[{lines.pass_over(2)}].hex()")
    else:
        lines.add(f"mti = raw[{lines.pass_over(4)}].decode('ascii')")
    lines.refuse_if("not mti.isdigit()")
    lines.pass_over(bitmap_bytes)


def _read_field(lines: _Lines, slot: Slot, *, is_text: bool) -> None:
    v = f"v{slot.number}"
    if slot.prefix_digits:
        _read_length(lines, slot, is_text=is_text)
        place = lines.pass_over_variable(_size_when_running(slot))
    else:
        place = lines.pass_over(_size(slot))
    if slot.form in (Form.TEXT, Form.HEX):
        lines.add(f"{v} = s[{place}]" if is_text else f"{v} = raw[{place}].decode('ascii')")
        if slot.form is Form.HEX:
            lines.add(f"{v} = {v}.upper()")
    elif slot.content is Content.XN:
        begin, end = place.split(":")
        lines.add(f"{v} = chr(raw[{begin}]) + raw[{begin}+1:{end}].hex()")
    else:
        lines.add(f"{v} = raw[{place}].hex().upper()")
        if slot.form is Form.BCD:
            _take_pad_off(lines, slot, v)
    if slot.form is not Form.RAW:
        lines.refuse_if(_UNFIT[slot.content].format(v=v))
    if slot.prefix_digits:
        lines.add("p = q")


def _read_length(lines: _Lines, slot: Slot, *, is_text: bool) -> None:
    place = lines.pass_over(slot.prefix_bytes)
    if slot.length_form is LengthForm.BINARY:
        lines.add(f"n = int.from_bytes(raw[{place}], 'big')")
    else:
        if slot.length_form is LengthForm.BCD:
            lines.add(f"n = raw[{place}].hex()")
        else:
            lines.add(f"n = s[{place}]" if is_text else f"n = raw[{place}].decode('ascii')")
        lines.refuse_if("not n.isdigit()")
        lines.add("n = int(n)")
    lines.refuse_if(f"n > {slot.size * 2 if slot.form is Form.HEX else slot.size}")


def _size(slot: Slot) -> int:
    """Bytes of a field of fixed length."""
    if slot.form is Form.HEX:
        return slot.size * 2
    if slot.form is Form.BCD:
        return 1 + slot.size // 2 if slot.content is Content.XN else (slot.size + 1) // 2
    return slot.size


def _size_when_running(slot: Slot) -> str:
    return "(n+1)//2" if slot.form is Form.BCD else "n"


def _take_pad_off(lines: _Lines, slot: Slot, v: str) -> None:
    side, pad = slot.pad.split()
    place, rest = ("[:1]", "[1:]") if side == "left" else ("[-1:]", "[:-1]")
    if not slot.prefix_digits and slot.size % 2 == 0:
        return
    if slot.prefix_digits:
        lines.refuse_if(f"n & 1 and {v}{place} != '{pad}'")
        lines.add(f"if n & 1: {v} = {v}{rest}")
    else:
        lines.refuse_if(f"{v}{place} != '{pad}'")
        lines.add(f"{v} = {v}{rest}")


# --- message to bytes ------------------------------------------------------------------------------


def encoder_source(layout: Layout, numbers: Sequence[int]) -> str:
    """A function `made(mti, fields, header)` that gives the bytes of a message with these fields, or None."""
    lines = _Lines()
    lines.refuse_if("len(mti) != 4 or not mti.isdigit()")
    pieces = _head_pieces(lines, layout, numbers)
    for number in sorted(numbers):
        slot = layout.slots[number]
        lines.add(f"v{number} = fields[{number}]")
        pieces += _field_pieces(lines, slot)
    lines.add(f"return {_joined(pieces)}")
    return "\n".join(["def made(mti, fields, header):", *lines.text]) + "\n"


Piece = tuple[bool, str]
"""Whether it is hexadecimal for bytes (else text), and its part of an f-string."""


def _head_pieces(lines: _Lines, layout: Layout, numbers: Sequence[int]) -> list[Piece]:
    header, encoding = layout.header, layout.encoding
    pieces: list[Piece] = []
    if header is not None:
        is_raw = header.form == "raw"
        lines.refuse_if(f"len(header) != {header.size * 2 if is_raw else header.size}")
        pieces.append((is_raw, "{header}"))
    pieces.append((encoding.mti == "bcd", "{mti}"))
    bits = sum(1 << (128 - number) for number in numbers)
    if encoding.bitmaps == "always_two":
        bitmap = f"{bits:032X}"
    else:
        bitmap = f"{bits | 1 << 127:032X}" if bits & ((1 << 64) - 1) else f"{bits >> 64:016X}"
    pieces.append((encoding.bitmap == "raw", bitmap))
    return pieces


def _field_pieces(lines: _Lines, slot: Slot) -> list[Piece]:
    v = f"v{slot.number}"
    pieces: list[Piece] = []
    if slot.form is Form.BCD and slot.content is Content.Z:
        lines.add(f"{v} = {v}.replace('=', 'D')")
    lines.refuse_if(_UNFIT[slot.content].format(v=v))
    if slot.prefix_digits:
        lines.add(f"n{slot.number} = len({v})" + ("//2" if slot.form is Form.RAW else ""))
        lines.refuse_if(f"n{slot.number} > {slot.size * 2 if slot.form is Form.HEX else slot.size}")
        pieces.append(_length_piece(slot))
    else:
        lines.refuse_if(f"len({v}) != {slot.size * 2 if slot.content is Content.B else slot.size}")
    if slot.form is Form.BCD:
        _put_pad_on(lines, slot, v)
    pieces.append((slot.form in (Form.BCD, Form.RAW), f"{{{v}}}"))
    return pieces


def _length_piece(slot: Slot) -> Piece:
    n = f"n{slot.number}"
    if slot.length_form is LengthForm.TEXT:
        return False, f"{{{n}:0{slot.prefix_digits}d}}"
    digits = "d" if slot.length_form is LengthForm.BCD else "X"
    return True, f"{{{n}:0{slot.prefix_bytes * 2}{digits}}}"


def _put_pad_on(lines: _Lines, slot: Slot, v: str) -> None:
    if slot.content is Content.XN:
        lines.add(f"{v} = ('43' if {v}[0] == 'C' else '44') + {v}[1:]")
        return
    side, pad = slot.pad.split()
    padded = f"'{pad}' + {v}" if side == "left" else f"{v} + '{pad}'"
    if slot.prefix_digits:
        lines.add(f"if n{slot.number} & 1: {v} = {padded}")
    elif slot.size % 2:
        lines.add(f"{v} = {padded}")


def _joined(pieces: Sequence[Piece]) -> str:
    """One expression for the bytes of all pieces, with as few steps as they allow."""
    groups: list[tuple[bool, str]] = []
    for is_hexadecimal, text in pieces:
        if groups and groups[-1][0] == is_hexadecimal:
            groups[-1] = (is_hexadecimal, groups[-1][1] + text)
        else:
            groups.append((is_hexadecimal, text))
    parts = [f'bytes.fromhex(f"{text}")' if is_hex else f'f"{text}".encode("ascii")' for is_hex, text in groups]
    return " + ".join(parts) if len(parts) < 4 else f"b''.join(({', '.join(parts)},))"
