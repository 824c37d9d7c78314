"""What the sites of a host know of the keys of terminals, and what an operator may make of that."""

from collections.abc import Collection

from atmbench.errors import LocalError
from atmbench.host.security_module import SecurityModule
from atmbench.security.mac import MacKey


class SiteKeys:
    """The keys of all sites. `module` is None where no keys are exchanged."""

    def __init__(self, module: SecurityModule | None, sites: Collection[str]) -> None:
        self._module = module
        self._sites = sites

    def of_macs(self, site: str, terminal: str, now: float) -> tuple[MacKey, ...]:
        """What a site checks and makes the MACs of a terminal's messages with; nothing before it asked for keys."""
        return () if self._module is None else self._module.mac_keys(site, terminal, now)

    def hold_old(self, site: str, *, with_master: bool = False) -> None:
        """A site has missed the last exchange of keys, and all that come.

        Raises LocalError if there are no keys or no such site.
        """
        if self._module is None:
            raise LocalError("this drill exchanges no keys that a site could miss; add `security:` to it")
        self._module.hold_old_keys(self._known(site), with_master=with_master)

    def share(self, site: str) -> None:
        """A site knows all keys again, and hears of new ones."""
        if self._module is not None:
            self._module.share_keys(self._known(site))

    def _known(self, site: str) -> str:
        if site not in self._sites:
            raise LocalError(f"there is no site {site!r}; this host has {', '.join(self._sites)}")
        return site
