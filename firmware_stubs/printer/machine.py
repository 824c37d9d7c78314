"""The mechanics of the printer: the roll, the cover, the cutter, and the paper that hangs out of it. No byte here."""

from collections.abc import Mapping
from typing import Any

from firmware_stubs.printer.settings import Settings


class Machine:
    """All of it survives a power failure; `kept` is what an earlier one has kept."""

    def __init__(self, settings: Settings, kept: Mapping[str, Any]) -> None:
        self._settings = settings
        self.paper: int = kept.get("paper", settings.paper_lines)
        """Lines that are left on the roll."""
        self.cover_open: bool = kept.get("cover_open", False)
        self.jammed: bool = kept.get("jammed", False)
        self.jams_after: int | None = kept.get("jams_after")
        """So many lines from now the paper jams."""
        self.cutter_broken: bool = kept.get("cutter_broken", False)
        self.hanging: int = kept.get("hanging", 0)
        """Printed lines that hang out and are not cut off."""
        self.receipts: int = kept.get("receipts", 0)
        """Pieces of printed paper that were cut off."""

    def kept(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "paper": self.paper,
            "cover_open": self.cover_open,
            "jammed": self.jammed,
            "jams_after": self.jams_after,
            "cutter_broken": self.cutter_broken,
            "hanging": self.hanging,
            "receipts": self.receipts,
        }

    @property
    def is_near_end(self) -> bool:
        """What the near-end sensor sees."""
        if self.paper == 0:
            return self._settings.end_shows_near
        return self.paper <= self._settings.near_end_lines

    @property
    def can_move(self) -> bool:
        """Whether paper can be moved at all."""
        return self.paper > 0 and not self.cover_open and not self.jammed

    def advance(self, *, is_printed: bool) -> bool:
        """Move the paper on by one line. False if it jams instead."""
        if self.jams_after == 0:
            self.jams_after = None
            self.jammed = True
            return False
        if self.jams_after is not None:
            self.jams_after -= 1
        self.paper -= 1
        if is_printed or self.hanging:
            self.hanging += 1
        return True

    def cut(self) -> int | None:
        """Cut off what hangs out: how many lines; None if the cutter does not move."""
        if self.cutter_broken:
            return None
        lines, self.hanging = self.hanging, 0
        self.receipts += lines > 0
        return lines
