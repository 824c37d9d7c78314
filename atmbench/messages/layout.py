"""The layout of a dialect, resolved: for each field what stands in it and how it travels. Data only.

A `Slot` answers every question that reference codec and compiled codec have about a field, so that the
two cannot disagree about the file.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from atmbench.errors import LocalError
from atmbench.messages.layout_file import Content, Encoding, FieldLayout, Form, Header, LengthForm, Prefix

_PREFIX_DIGITS = {None: 0, Prefix.LL: 2, Prefix.LLL: 3, Prefix.LLLL: 4, Prefix.LLLLLL: 6}
_PYTHON_CODEC = {"ascii": "ascii", "ebcdic": "cp500"}
_HEXADECIMAL = "0123456789ABCDEF"


def is_digits(text: str) -> bool:
    """Whether the text is decimal digits of ASCII and nothing else."""
    return text.isascii() and text.isdigit()


def _is_signed(text: str) -> bool:
    return text[:1] in ("C", "D") and is_digits(text[1:])


def _is_track(text: str) -> bool:
    return not text.strip("0123456789=D")


def _is_hexadecimal(text: str) -> bool:
    return not text.strip(_HEXADECIMAL)


CHECKS: dict[Content, Callable[[str], bool]] = {
    Content.N: is_digits,
    Content.XN: _is_signed,
    Content.AN: str.isprintable,
    Content.ANS: str.isprintable,
    Content.Z: _is_track,
    Content.B: _is_hexadecimal,
}
"""What may stand in a field that is not empty."""

ALLOWED = {
    Content.N: "digits",
    Content.XN: "C or D and digits",
    Content.AN: "printable characters",
    Content.ANS: "printable characters",
    Content.Z: "digits and separators",
    Content.B: "hexadecimal digits",
}
"""The same in words."""


class Slot(NamedTuple):
    """One data element as it travels."""

    number: int
    key: str
    name: str
    content: Content
    form: Form
    size: int
    """Characters, digits of BCD (of x+n with its sign), bytes of raw or hexadecimal content."""
    prefix_digits: int
    length_form: LengthForm
    pad: str
    """"left 0", "right 0" or "right F": fills up an odd number of BCD digits."""
    check: Callable[[str], bool]

    @property
    def prefix_bytes(self) -> int:
        """How many bytes the length prefix takes."""
        if self.length_form is LengthForm.TEXT:
            return self.prefix_digits
        return (self.prefix_digits + 1) // 2


class Layout(NamedTuple):
    """How every message of a dialect (or of some of its MTIs) travels."""

    name: str
    codec: str
    """Python's name of the character encoding."""
    encoding: Encoding
    header: Header | None
    slots: Mapping[int, Slot]


def resolve(name: str, encoding: Encoding, header: Header | None, fields: Mapping[int, FieldLayout]) -> Layout:
    """The layout that a dialect file describes. Raises LocalError if a field contradicts itself."""
    slots = {number: _slot(name, number, field, encoding) for number, field in fields.items()}
    if header is not None:
        _check_header(name, header)
    return Layout(name, _PYTHON_CODEC[encoding.text], encoding, header, slots)


def _slot(name: str, number: int, field: FieldLayout, encoding: Encoding) -> Slot:
    form = field.form or _usual_form(field.type, encoding)
    if form is Form.BCD and field.type is Content.XN and (field.size % 2 == 0 or field.prefix):
        raise LocalError(f"{name}: field {number} in BCD needs a sign, an even number of digits and no prefix")
    digits = _PREFIX_DIGITS[field.prefix]
    counted = field.size * 2 if form is Form.HEX else field.size
    if digits and counted >= 10**digits:
        raise LocalError(f"{name}: field {number} has up to {counted} to count, which {field.prefix} cannot say")
    if (field.type is Content.B) != (form in (Form.HEX, Form.RAW)):
        raise LocalError(f"{name}: field {number} of type {field.type} cannot travel as {form}")
    if field.type in (Content.AN, Content.ANS) and form is Form.BCD:
        raise LocalError(f"{name}: field {number} of type {field.type} cannot travel as {form}; BCD holds digits only")
    return Slot(
        number=number,
        key=str(number),
        name=field.name,
        content=field.type,
        form=form,
        size=field.size,
        prefix_digits=digits,
        length_form=field.length or encoding.length,
        pad=field.pad or (encoding.pad_prefixed if field.prefix else encoding.pad),
        check=CHECKS[field.type],
    )


def _usual_form(content: Content, encoding: Encoding) -> Form:
    if content is Content.B:
        return Form(encoding.binary)
    if content in (Content.N, Content.XN):
        return Form(encoding.digits)
    return Form.TEXT


def _check_header(name: str, header: Header) -> None:
    for value in (header.value, header.reply):
        size = len(value) // 2 if header.form == "raw" else len(value)
        if value and size != header.size:
            raise LocalError(f"{name}: a header of {size} was given and says size {header.size}")
        if header.form == "raw" and not _is_hexadecimal(value):
            raise LocalError(f"{name}: a raw header needs upper-case hexadecimal digits")
