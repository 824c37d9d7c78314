"""What one site of the host does otherwise than the others, because it runs another release. Data only."""

import msgspec

from atmbench.host.settings import HostSettings


class SiteSoftware(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a release that decides. How its messages look is for whoever speaks for the site."""

    settings: HostSettings
    lacks_bins: tuple[str, ...] = ()
    """Cards whose PAN begins so are unknown."""
    duplicate_window_s: float | None = None
    """A request that comes again later than this is posted again; None is never."""
    ignores_balances: bool = False
    """Nobody's funds are looked at."""
