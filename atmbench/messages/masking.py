"""Card data out of sight: what facts, journals, screens and logs may show of a message.

A PAN shows its first six and last four digits; tracks, PIN blocks, keys, chip data and MACs show only
their length. This module must never be given a switch to turn it off.
"""

from collections.abc import Iterable

from atmbench.messages.records import Message

HIDDEN = frozenset({34, 35, 36, 45, 52, 53, 55, 64, 96, 128})
"""Extended PAN, tracks, PIN block, security data, chip data, MACs, message security code."""
PAN = 2
SENSITIVE = HIDDEN | {PAN}
"""All others are shown as they are, unless a dialect says more."""
SHORT_PAN = 13
"""A PAN of fewer digits shows its last four only."""

_KEYS = tuple(str(number) for number in range(193))


def mask_pan(pan: str) -> str:
    """The PAN with stars in its middle: "999999******1234"."""
    size = len(pan)
    if size >= SHORT_PAN:
        return f"{pan[:6]}{'*' * (size - 10)}{pan[-4:]}"
    if size > 4:
        return "*" * (size - 4) + pan[-4:]
    return "*" * size


def sensitive_fields(more: Iterable[int]) -> frozenset[int]:
    """The fields that a dialect does not show as they are: always those of SENSITIVE, and `more`."""
    return SENSITIVE.union(more)


def masked_fields(message: Message, sensitive: frozenset[int] = SENSITIVE) -> dict[str, str]:
    """All fields by number as text, fit to be recorded. `sensitive` is that of the dialect."""
    return {
        _KEYS[number]: text if number not in sensitive else mask_pan(text) if number == PAN else f"({len(text)} hidden)"
        for number, text in message.fields.items()
    }
