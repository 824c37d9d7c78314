"""Recognises one whole frame in bytes of unknown origin. For people who look at a message.

A line never guesses: it has a framer. Here every framing that takes the bytes for exactly one frame is told, and
whoever asked judges by what is inside.
"""

from collections.abc import Iterator

import msgspec

from atmbench.errors import LocalError
from atmbench.framing.base import FrameError
from atmbench.framing.layouts import LAYOUTS, FramingSettings, layout_of
from atmbench.framing.registry import framer

TPDU_BYTES = 5
TPDU_ID = b"\x60"


class Wrapping(msgspec.Struct, frozen=True):
    """What stands around a message: `says` in words, `start` and `end` of the message in the bytes."""

    says: str
    start: int
    end: int


def wrappings(raw: bytes) -> list[Wrapping]:
    """Every way in which the bytes are one whole frame, "nothing around it" first."""
    found = [Wrapping("", 0, len(raw))]
    for name, layout in LAYOUTS.items():
        found += _framed(raw, FramingSettings(name=name), f"framing {name}")
        if layout.length and layout.is_plain and not layout.counts:
            settings = FramingSettings(name=name, counts_itself=True)
            found += _framed(raw, settings, f"framing {name}, its length counting itself")
    if raw[:1] == TPDU_ID and len(raw) > TPDU_BYTES:
        found.append(Wrapping("a TPDU", TPDU_BYTES, len(raw)))
    return found


def _framed(raw: bytes, settings: FramingSettings, says: str) -> Iterator[Wrapping]:
    feeder = framer(settings)
    try:
        bodies = feeder.feed(raw)
    except (FrameError, LocalError):
        return
    if len(bodies) == 1 and not feeder.pending and not feeder.keep_alives:
        end = len(raw) - len(layout_of(settings).trailer)
        yield Wrapping(says, end - len(bodies[0]), end)
