"""Orders of an operator: what is out of service, and what customers are told meanwhile.

A terminal, a region, a channel or a line finishes what it owes, as far as it can. A site is apart at once, and refuses
what is on its way there. This module must never decide what follows at a terminal.
"""

from collections.abc import Mapping

from atmbench.drill.commands import OrderService
from atmbench.drill.places import clients_of, terminals_in
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.fleet.driver import Driver
from atmbench.fleet.orders import order_line, order_service
from atmbench.fleet.switch import Switch


class ServiceOrders:
    """Carries out `service` over all terminals and sites of a run."""

    def __init__(self, drill: Drill, drivers: Mapping[str, Driver], switch: Switch) -> None:
        self._drill = drill
        self._drivers = drivers
        self._switch = switch

    def perform(self, order: OrderService, now: float) -> None:
        """Carry out one order. Raises LocalError, and changes nothing, if it cannot be."""
        if order.site:
            self._order_site(order.site, order.because, now, is_open=order.open)
        elif order.line:
            self._order_line(order.line, order.because, is_open=order.open)
        else:
            for name in self._chosen(order):
                order_service(self._drivers[name], order.because, is_open=order.open)

    def heal(self, now: float) -> None:
        """Put everything back."""
        for site in self._switch.host.sites:
            self._switch.perform(self._switch.host.rejoin(site, now))
        for driver in self._drivers.values():
            for line in driver.cables:
                order_line(driver, line, is_open=True)
            if driver.core is not None and driver.core.is_ordered_out:
                order_service(driver, is_open=True)

    def _chosen(self, order: OrderService) -> tuple[str, ...]:
        if order.region:
            return terminals_in(self._drill, order.region)
        if order.channel:
            return clients_of(self._drill, order.channel)
        if order.terminal and order.terminal not in self._drivers:
            raise LocalError(f"there is no terminal {order.terminal!r} in this drill")
        return (order.terminal,) if order.terminal else tuple(self._drivers)

    def _order_line(self, line: str, because: str, *, is_open: bool) -> None:
        for driver in self._drivers.values():
            if line in driver.cables:
                order_line(driver, line, because, is_open=is_open)

    def _order_site(self, site: str, because: str, now: float, *, is_open: bool) -> None:
        """It and its lines. A site that is isolated already, or not, stays so."""
        host = self._switch.host
        self._switch.perform(host.rejoin(site, now) if is_open else host.isolate(site, now))
        for line, settings in self._drill.lines.items():
            if settings.site == site:
                self._order_line(line, because, is_open=is_open)
