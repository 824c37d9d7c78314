"""What a drill that states a capacity of its host must keep to. Pure, as all rules."""

from collections.abc import Iterator

from atmbench.drill.broken import Broken, known_rules
from atmbench.drill.command_rules import sickness_rules
from atmbench.drill.records import Drill


def capacity_rules(drill: Drill) -> Iterator[Broken]:
    """The rules of `host: {capacity: ...}`."""
    capacity = drill.host.capacity
    if capacity is None:
        return
    path = ("host", "capacity")
    if capacity.sick is not None:
        yield from sickness_rules(capacity.sick, (*path, "sick"))
    for site, change in capacity.sites.items():
        yield from known_rules(site, drill.host.sites, "site", (*path, "sites", site))
        if change.sick is not None:
            yield from sickness_rules(change.sick, (*path, "sites", site, "sick"))


def capacity_expected_rules(drill: Drill) -> Iterator[Broken]:
    """What is expected of a capacity can only be judged where one is stated."""
    if drill.expect.capacity is not None and drill.host.capacity is None:
        found = "expectations of a host that answers at once"
        yield Broken(("expect", "capacity"), found, "host: {capacity: {rate_per_s: ...}}")
