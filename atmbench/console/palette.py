"""Orders that the palette offers by name, beside those that have a key. Dry."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import msgspec

from atmbench.console import orders
from atmbench.console.orders import Order

SHARES = (10, 50, 100)
"""Of the terminals, in per cent."""
CLOCK_STEP_S = 7_200


class Offers(msgspec.Struct, frozen=True):
    """What a bench says can be named in an order, beside its lines and sites. A replay offers nothing."""

    releases: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


def palette_orders(sites: Sequence[str], lines: Sequence[str], offers: Offers) -> Iterator[Order]:
    """All orders about sites, releases and services."""
    for site in sites:
        yield from _site(site)
    if len(sites) > 1:
        yield orders.reconcile()
        yield orders.cut_over()
    for site, to_site in permutations(sites, 2):
        yield from (orders.disturb_records(kind, site, to_site) for kind in orders.RECORD_FAULTS)
    named = {"site": sites, "line": lines, "region": offers.regions, "channel": offers.channels}
    for kind, names in named.items():
        for name in names:
            yield from (orders.service_of(kind, name, is_open=is_open) for is_open in (False, True))
    if offers.releases:
        yield from _releases(sites, offers.releases)


def _site(site: str) -> Iterator[Order]:
    yield orders.promote(site)
    yield orders.stop_site(site)
    yield orders.start_site(site)
    yield orders.rebuild_site(site)
    yield from (orders.sick(site, is_sick=is_sick) for is_sick in (True, False))
    yield from (orders.core(site, is_up=is_up) for is_up in (False, True))
    yield from (orders.brake(site, is_on=is_on) for is_on in (True, False))
    yield orders.cut_over(site)
    yield from (orders.step_clock(site, step_s) for step_s in (CLOCK_STEP_S, -CLOCK_STEP_S))


def _releases(sites: Sequence[str], releases: Sequence[str]) -> Iterator[Order]:
    for release in releases:
        yield from (orders.deploy(release, site=site) for site in sites)
        yield from (orders.deploy(release, percent=percent) for percent in SHARES)
    yield from (orders.roll_back(site=site) for site in sites)
    yield from (orders.roll_back(percent=percent) for percent in SHARES)
