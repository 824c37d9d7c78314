"""What faults of replication have in common: they strike between the sites of a host, one journal record at a time.

Two kinds of them: those that strike single records on their way, and those that are the state of a way for as long as
they are active. These faults know no money and no ledger; what becomes of a record is decided here, and carried out
where records travel.
"""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from atmbench.faults.base import Fault, Stage

RecordKind = Literal["", "answered", "posted", "held", "completed", "reversed", "suspected"]
"""Kinds of journal records that a fault can be aimed at; empty for all."""


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a record that was struck."""

    what: str
    """In words, for the history."""
    lost: bool = False
    by_minor: int = 0
    """Added to the amount that it moves."""
    behind_next: bool = False
    """It arrives after the one that follows it."""


class RecordFault(Fault, frozen=True, kw_only=True):
    """Where a fault of replication is aimed: from `site`, to `to_site`; empty for any.

    `nth`, `first` and `probability` count the records of the kind that it is aimed at.
    """

    stage: ClassVar[Stage] = Stage.SITES

    to_site: str = ""
    record: RecordKind = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.line or self.terminal or self.direction or self.mti or self.fields:
            raise ValueError(
                f"{self.__struct_config__.tag} strikes between sites, where there are no lines and no messages; aim it "
                "by site (the sender), to_site, record, nth, first, probability or time"
            )

    def fate(self) -> Fate | None:
        """What becomes of a record that this fault strikes; None leaves all records alone."""
        return None

    @property
    def state(self) -> Literal["", "blocked", "unread"]:
        """What the ways that it is aimed at are while it is active."""
        return ""


class LoseRecord(RecordFault, frozen=True, kw_only=True, tag="lose_record"):
    """A record leaves, counts as sent, and never arrives. Nobody is told."""

    def fate(self) -> Fate:
        """It does not arrive."""
        return Fate(what="lost between the sites", lost=True)


class AlterRecord(RecordFault, frozen=True, kw_only=True, tag="alter_record"):
    """A record arrives with another amount than it left with: two sites diverge in silence."""

    by_minor: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 100
    """In minor units. Of a record that moves no money nothing is altered."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.by_minor:
            raise ValueError("by_minor is 0, which alters nothing; expected the change in minor units, such as 100")

    def fate(self) -> Fate:
        """It arrives with another amount."""
        return Fate(what=f"its amount changed by {self.by_minor} minor units", by_minor=self.by_minor)


class SwapRecords(RecordFault, frozen=True, kw_only=True, tag="swap_records"):
    """A record arrives after the one that follows it."""

    def fate(self) -> Fate:
        """It lets the next one pass."""
        return Fate(what="overtaken by the record behind it", behind_next=True)


class StateOfWays(RecordFault, frozen=True, kw_only=True):
    """Root of those that last: they begin with their step and end when they are mended."""

    def __post_init__(self) -> None:
        super().__post_init__()
        counted = self.record or self.nth or self.first or self.probability < 1.0
        if counted or self.from_s is not None or self.until_s is not None:
            raise ValueError(
                f"{self.__struct_config__.tag} lasts from its step until it is mended and strikes no single records; "
                "it takes site and to_site only"
            )


class BlockRecords(StateOfWays, frozen=True, kw_only=True, tag="block_records"):
    """Nothing gets from `site` to `to_site`, neither records nor signs of life: they wait. The other way is open.

    With neither given, the sites do not hear each other at all.
    """

    @property
    def state(self) -> Literal["blocked"]:
        """Closed."""
        return "blocked"


class IgnoreRecords(StateOfWays, frozen=True, kw_only=True, tag="ignore_records"):
    """`to_site` takes records and says so, and has quietly stopped applying them."""

    @property
    def state(self) -> Literal["unread"]:
        """Open, and nobody reads."""
        return "unread"
