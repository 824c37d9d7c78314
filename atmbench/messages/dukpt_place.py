"""Whether a dialect says enough for PINs under DUKPT keys: the kind, and a place for the key serial number.

A dialect need not say it: only a drill that wants DUKPT does. Nothing is guessed. Sources: iso8583 facts 4.2, 4.7.
"""

from atmbench.messages.dialect_file import DialectFile, Value
from atmbench.messages.layout_file import Content, FieldLayout
from atmbench.security.dukpt_pin import SERIAL_NUMBER, DukptKind
from atmbench.security.pin_block import PinFormat

PLACES = "53, 62 and 120 are met in the field"
_HOLDS_HEXADECIMAL = (Content.AN, Content.ANS)


def lack_of_dukpt(file: DialectFile) -> str:
    """What the file must still say, and where, as the rest of a sentence; empty if nothing."""
    kind = file.security.dukpt if file.security is not None else None
    if file.security is None or kind is None:
        return f"one with `security: {{dukpt: tdes}}` or aes, and a field for the key serial number ({PLACES})"
    is_aes_block = file.security.pin_format is PinFormat.ISO_4
    if is_aes_block is not (kind is DukptKind.AES):
        meant = "4" if kind is DukptKind.AES else "0, 1 or 3"
        return f"`security: {{pin_format: ...}}` of {meant} in it, which is what DUKPT of kind {kind} seals"
    return _lack_of_places(file, kind)


def _lack_of_places(file: DialectFile, kind: DukptKind) -> str:
    for name, template in file.templates.items():
        asked = {**template.request.mandatory, **template.request.optional}
        if Value.PIN_BLOCK not in asked.values():
            continue
        places = [number for number, value in asked.items() if value is Value.KEY_SERIAL]
        if not places:
            where = f"`templates: {{{name}: {{request: {{optional: {{NN: key_serial}}}}}}}}`"
            return f"one with {where}, NN being the field where the switch wants the key serial number ({PLACES})"
        octets = SERIAL_NUMBER[kind].BYTES
        if not _holds(file.fields[places[0]], octets):
            room = f"{octets} bytes, which are {2 * octets} characters of type an or ans"
            return f"another layout of field {places[0]} in it: a key serial number of kind {kind} has {room}"
    return ""


def _holds(layout: FieldLayout, octets: int) -> bool:
    """Whether bytes in hexadecimal fit into a field."""
    if layout.type is Content.B:
        return layout.size >= octets if layout.prefix else layout.size == octets
    return layout.type in _HOLDS_HEXADECIMAL and layout.size >= 2 * octets
