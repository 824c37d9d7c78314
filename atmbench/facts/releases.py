"""What software runs where. Actor is the site or the terminal. Data only."""

from atmbench.facts.base import Fact


class ReleaseDeployed(Fact, frozen=True, kw_only=True):
    """A site or a terminal runs this release from now on."""

    release: str
    before: str
    """What ran there until now."""
    side: str
    """"host" or "terminal"."""


class ReleaseRolledBack(Fact, frozen=True, kw_only=True):
    """A site or a terminal runs again what it ran before its last deployment."""

    release: str
    """What runs there from now on."""
    before: str
    side: str
