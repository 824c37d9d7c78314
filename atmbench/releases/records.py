"""A release as a typed record: what is different in it, told against N, which is what runs at the start. Data only.

The file of a shipped release and the `releases:` part of a drill hold the same record.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from atmbench.host.settings import SuspectPolicy

BASE = "N"
"""What runs everywhere at the start: the drill's own dialect and host."""
RELEASES_MAX = 20
"""Releases that one drill may describe."""
ZONE_H_MAX = 14
"""No place on earth is further from UTC."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of all parts: a key nobody knows is an error, never ignored."""


class Behaviour(_Part, frozen=True, kw_only=True):
    """What a site does otherwise, beside what its dialect and its tables say."""

    zone_h: Annotated[int, Meta(ge=-ZONE_H_MAX, le=ZONE_H_MAX)] = 0
    """Local times are read as of a zone so many hours behind the host's, kept and answered in the host's own."""
    own_stan: bool = False
    """Answers carry a number that the host counts for itself where the terminal's STAN belongs."""
    omits_key_checks: bool = False
    """New keys come without their check values: zeros stand there."""
    duplicate_window_s: Annotated[float, Meta(ge=0)] | None = None
    """A request that comes again later than this is a new one; None is never."""
    ignores_balances: bool = False
    """Whatever is on an account, what is asked for is approved."""


class HostChanges(_Part, frozen=True, kw_only=True):
    """Tables of a site that are other than the drill says."""

    daily_limit: str | None = None
    daily_count: Annotated[int, Meta(ge=0)] | None = None
    pin_tries_max: Annotated[int, Meta(ge=1)] | None = None
    suspect: SuspectPolicy | None = None
    lacks_bins: tuple[str, ...] = ()
    """Cards whose PAN begins so are unknown there."""


class Release(_Part, frozen=True, kw_only=True):
    """One release of host or terminal software."""

    like: str = ""
    """A shipped release whose content this one has. Then it says nothing of its own."""
    changes: str = ""
    """What is different, in a line."""
    side: Literal["host", "terminal"] = "host"
    """Where the catalogue has it deployed first. Any release may be deployed at either side; terminals take of it what
    their messages look like."""
    because: str = ""
    """Why it does not go together with N. Empty: it does."""
    named: str = ""
    """What the bench calls it when it is found, if not by the name of the release."""
    source: str = ""
    """Where such a change was met, or what rule it follows from."""
    dialect: dict[str, Any] = msgspec.field(default_factory=dict)
    """Keys of the dialect's file that are replaced, and `without`."""
    behaviour: Behaviour = Behaviour()
    host: HostChanges = HostChanges()

    def __post_init__(self) -> None:
        """YAML has numbers as keys and JSON has not; a release is the same from either."""
        msgspec.structs.force_setattr(self, "dialect", _keyed_by_text(self.dialect))


def _keyed_by_text(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {str(key): _keyed_by_text(value) for key, value in tree.items()}
    return tree


NO_CHANGE = Release(changes="nothing")
