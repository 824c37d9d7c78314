"""How one receipt printer is built and set up. What no document says is a setting here; its default is our choice."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0)]
Profile = Literal["esc-pos", "kiosk"]

PAPER_LINES_MAX = 100_000
"""A longer roll is a slip of whoever set it up."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One printer. Times are in seconds, paper in lines."""

    profile: Profile = "esc-pos"
    """A kiosk printer answers DLE EOT 20, too."""
    paper_lines: Annotated[int, Meta(ge=0, le=PAPER_LINES_MAX)] = 3_000
    """What a new machine holds, and a new roll."""
    near_end_lines: Annotated[int, Meta(ge=0)] = 100
    """With no more than this the sensor says that the paper is near its end."""
    end_shows_near: bool = True
    """At the end of the paper the near-end sensor speaks as well: DLE EOT 4 is 7E, else 72."""
    realtime_in_data: bool = False
    """DLE EOT and DLE ENQ are obeyed even inside images and other data of known length."""
    clears_at_any_time: bool = False
    """DLE ENQ 2 empties the buffer also if there is no error to recover from, as of a Custom P80C."""
    buffer_bytes: Annotated[int, Meta(ge=64, le=65_536)] = 4_096
    """What waits to be printed; beyond this it is lost, since a pseudo-terminal has no DTR to hold it back with."""
    columns: Annotated[int, Meta(ge=8, le=255)] = 42
    dots_per_line: Annotated[int, Meta(ge=1)] = 24
    symbol_lines: Annotated[int, Meta(ge=1)] = 7
    """What a bar code or a QR code takes of the paper."""
    code_pages: dict[str, str] = msgspec.field(default_factory=lambda: {"0": "cp437", "15": "iso8859-15"})
    """Which Python codec stands for the code page of ESC t n."""
    line_s: Seconds = 0.02
    cut_s: Seconds = 0.3
    key_s: Seconds = 0.5
    """How long a finger rests on the feed button."""
    start_s: Seconds = 1.0
    """How long it is deaf after power-on."""
