"""The balances of all sites, as their vault has them, at the start and at the end of a run."""

from collections.abc import Iterable, Iterator

from atmbench.facts import LedgerCounted
from atmbench.host.effects import HostEffect, Record
from atmbench.host.vault import Vault


def count_ledgers(sites: Iterable[str], vault: Vault, when: str) -> Iterator[HostEffect]:
    """A fact for each site whose records can be had. `when` is "start" or "end"."""
    for name in sites:
        count = vault.count(name)
        if count is not None:
            fact = LedgerCounted(
                site=name,
                when=when,
                balances=count.balances,
                holds=count.holds,
                unreplicated=count.unreplicated,
            )
            yield Record(name, fact)
