"""Where the card of an Omron reader is, as far as the reader has said, and what became of one that is gone.

A card that is no longer there went into the bin or into a hand. The reader counts what it captures, so its count says
which; where count and movement do not agree, nobody knows. This module must never guess.
"""

from enum import Enum, auto

from atmbench.devices.states import MediaState

NOWHERE = frozenset({MediaState.UNKNOWN, MediaState.JAMMED})


class Became(Enum):
    """What became of the card since the reader was last asked."""

    NOTHING = auto()
    TAKEN = auto()
    CAPTURED = auto()
    LOST = auto()
    """It was sent into the bin, is gone, and was not counted."""


class Whereabouts:
    """What is known of the card. `has_card` and `captured` stand in the terminal's non-volatile memory."""

    def __init__(self) -> None:
        self.media = MediaState.UNKNOWN
        """Where the card is, as the reader said last."""
        self.must_count = True
        """Whether the reader's count is needed before anything can be said."""
        self.has_card = False
        self.captured: int | None = None
        """The reader's count when it was last asked; None before it ever was."""
        self._was_sent_to_bin = False

    @property
    def is_known(self) -> bool:
        """Whether the reader has said where the card is."""
        return self.media not in NOWHERE

    def doubt(self, media: MediaState = MediaState.UNKNOWN) -> None:
        """What was known may no longer hold."""
        self.media = media
        self.must_count = True

    def see(self, media: MediaState) -> None:
        """The reader says where the card is."""
        self.media = media
        if media is MediaState.NOT_PRESENT:
            self.must_count = self.must_count or self.has_card
        elif self.is_known:
            self.has_card = True
            self._was_sent_to_bin = False

    def sent_to_bin(self) -> None:
        """The reader says that it has moved the card out at its rear."""
        self._was_sent_to_bin = True

    def counted(self, captured: int, media: MediaState) -> Became:
        """The reader says how many cards it has captured, and where the card is now."""
        before, self.captured = self.captured, captured
        self.must_count = False
        had_card, was_sent = self.has_card, self._was_sent_to_bin
        self.media = media
        self.has_card = media is not MediaState.NOT_PRESENT
        self._was_sent_to_bin = False
        if before is not None and captured != before:
            return Became.CAPTURED
        if not had_card or self.has_card:
            return Became.NOTHING
        return Became.LOST if was_sent else Became.TAKEN
