"""Where a dialect puts what nobody may see: the same value travels in another field of another family.

`masking` hides some field numbers in every message. Keys, new PIN blocks and the like have no number of their own
(iso8583 facts 4.4: DE48, 53, 120, 123 or 125), so the templates are asked.
"""

from collections.abc import Iterable

from atmbench.messages.dialect_file import Template, Value
from atmbench.messages.masking import sensitive_fields

SECRET = frozenset({Value.CHIP, Value.KEYS, Value.NEW_PIN_BLOCK, Value.PAN, Value.PIN_BLOCK, Value.TRACK2})
"""Values whose field is hidden wherever it is. (A PAN in field 2 shows its ends.)"""


def sensitive_by_mti(templates: Iterable[Template]) -> dict[str, frozenset[int]]:
    """Message type to the fields of it that must not be shown as they are; repeats are types of their own."""
    found: dict[str, frozenset[int]] = {}
    for template in templates:
        request, reply = template.request, template.reply
        asked = {**request.mandatory, **request.optional}
        echoed = {number: asked[number] for number in (*reply.echo, *reply.may_echo) if number in asked}
        answered = [*echoed.items(), *reply.mandatory.items(), *reply.optional.items()]
        hidden = sensitive_fields(number for number, value in asked.items() if value in SECRET)
        found[request.mti] = found[f"{request.mti[:3]}{int(request.mti[3]) + 1}"] = hidden
        found[reply.mti] = sensitive_fields(number for number, value in answered if value in SECRET)
    return found
