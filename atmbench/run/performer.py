"""The performer: carries out commands on the actors of a running world, at once and in a fixed order.

A step of a drill, a line of pytest, a key in the console and a POST all end here. Nothing is awaited:
when `perform` returns, the command applies to every actor it names.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import inf
from typing import Any, TypeAlias

import msgspec

from atmbench.datafile.plain import plain
from atmbench.drill import commands
from atmbench.drill.names import auto_name
from atmbench.drill.records import Step
from atmbench.drill.rules import command_of
from atmbench.errors import LocalError
from atmbench.facts import TESTER, Fact, FaultEnded, FaultStarted, StepPerformed, StepRefused
from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import Cut
from atmbench.faults.base import Fault
from atmbench.faults.records import RecordFault
from atmbench.fleet.driver import Driver
from atmbench.fleet.switch import Switch
from atmbench.messages.records import Purpose
from atmbench.run.clocks import Clocks
from atmbench.run.population import Walkers
from atmbench.run.rollout import Rollout
from atmbench.run.service_orders import ServiceOrders
from atmbench.run.site_orders import order_sites
from atmbench.run.workloads import Workloads

CONDUCTOR = "conductor"
"""The actor of what the drill does."""

OrderModem: TypeAlias = Callable[[str, str, str, Mapping[str, Any]], None]
"""Does something at the modem of a terminal and a line. Raises LocalError if there is none."""


class Performer:
    """Performs commands. `now` gives seconds of the run, `record(actor, fact)` writes the history."""

    def __init__(
        self,
        *,
        drivers: dict[str, Driver],
        switch: Switch,
        faults: ActiveFaults,
        walkers: Walkers,
        workloads: Workloads,
        record: Callable[[str, Fact], None],
        now: Callable[[], float],
        order_modem: OrderModem,
        service: ServiceOrders,
        rollout: Rollout,
        clocks: Clocks,
    ) -> None:
        self._clocks = clocks
        self._service = service
        self._order_modem = order_modem
        self._rollout = rollout
        self._drivers = drivers
        self._switch = switch
        self._faults = faults
        self._walkers = walkers
        self._workloads = workloads
        self._record = record
        self._now = now
        self._actor = CONDUCTOR
        self._unnamed = {CONDUCTOR: 0, TESTER: 0}
        self._dark: dict[str, str] = {}
        """Stopped site to the name of the fault that keeps its lines cut."""

    def perform(self, step: Step) -> None:
        """Carry out the one command of a step. One that cannot be is recorded as refused, and the run goes on."""
        with suppress(LocalError):
            self._try(step)

    def act(self, step: Step) -> str:
        """Carry out what a tester does. Gives the name of the fault that began, if one did.

        Raises LocalError if it cannot be done, when that has been recorded.
        """
        self._actor = TESTER
        try:
            return self._try(step)
        finally:
            self._actor = CONDUCTOR

    def _try(self, step: Step) -> str:
        name, command = command_of(step)
        try:
            if isinstance(command, Fault):
                return self.add_fault(command, step.name)
            self.command(command)
        except LocalError as error:
            self._record(self._actor, StepRefused(command=name, because=str(error)))
            raise
        return ""

    def command(self, command: commands.Command) -> None:
        """Carry out a command that is no fault. Raises LocalError if it cannot be, and changes nothing then."""
        self._carry_out(command)
        detail = plain(command)
        self._record(self._actor, StepPerformed(command=detail.pop("command"), detail=detail))

    def _carry_out(self, command: commands.Command) -> None:
        match command:
            case commands.Mend():
                self.mend(command.name, command.line)
            case commands.Withdraw():
                asked = self._walkers.customer(Purpose.WITHDRAWAL, command.amount, command.card)
                self._driver(command.terminal).customer_comes(asked)
            case commands.Transact():
                asked = self._walkers.customer(
                    command.service,
                    command.amount,
                    command.card,
                    command.from_account,
                    command.to_account,
                    notes=command.notes,
                )
                asked = msgspec.structs.replace(asked, by_hand=command.by_hand, mistypes=command.wrong_pin)
                self._driver(command.terminal).customer_comes(asked)
            case commands.UseHand():
                self._driver(command.terminal).use_hand(command.does)
            case commands.PowerFail():
                self._driver(command.terminal).fail_power(command.restore_after_s, command.after_effect)
            case commands.SwitchPower():
                self._switch_power(self._driver(command.terminal), command.on)
            case commands.ChangeWorkload():
                self._workloads.change(command, self._now())
                for name in self._workloads.atms:
                    self._drivers[name].expect(self._workloads.of(name))
            case commands.OrderService():
                self._service.perform(command, self._now())
            case commands.DisturbDispenser() | commands.DisturbCustomer():
                for driver in self._chosen(command.terminal):
                    driver.disturb(command)
            case commands.OrderMachine(device="modem"):
                self._order_modem(command.terminal, command.line, command.do, command.values)
            case commands.OrderMachine():
                self._driver(command.terminal).devices.order_machine(command.device, command.do, command.values)
            case commands.StopSite():
                self._stop_site(command)
            case commands.StartSite():
                self._start_site(command.site, rebuilt=command.rebuilt)
            case commands.Deploy() | commands.RollBack():
                self._rollout.order(command)
            case commands.StepClock():
                self._clocks.step(command, self._now())
            case _:
                order_sites(command, self._switch, self._now())

    def add_fault(self, fault: Fault, name: str = "") -> str:
        """Start a fault; it applies to every frame from this instant on. Returns its name."""
        kind = str(fault.__struct_config__.tag)
        if not name:
            self._unnamed[self._actor] += 1
            name = auto_name(kind, self._unnamed[self._actor], self._actor)
        now = self._now()
        self._faults.add(name, fault, now)
        detail = plain(fault)
        del detail["kind"]
        self._record(self._actor, FaultStarted(name=name, kind=kind, detail=detail))
        if isinstance(fault, RecordFault):
            self._look_at_ways()
        by = self._faults.severs(fault)
        if by is not None:
            for driver in self._drivers.values():
                for cable in driver.cables.values():
                    if self._faults.touches(name, driver.name, cable.line, cable.site, now):
                        cable.sever(by)
        return name

    def mend(self, name: str = "", line: str = "") -> None:
        """End one fault, those of a line, or all; a dark site stays dark. What they held back is delivered now.

        Raises LocalError for a name that is not active.
        """
        faults, dark = self._faults, self._dark.values()
        if name and name not in faults.names():
            raise LocalError(f"no fault named {name!r} is active; active are {', '.join(faults.names()) or 'none'}")
        if name and name in dark:
            raise LocalError(f"the fault {name!r} is that of a site that is dark; start the site, and it ends")
        for each in faults.names():
            is_meant = each == name if name else each not in dark
            if is_meant and line in ("", faults.line_of(each)):
                faults.remove(each, self._now())
                self._record(self._actor, FaultEnded(name=each))
        self._look_at_ways()
        for driver in self._drivers.values():
            for cable in driver.cables.values():
                cable.release()

    def _look_at_ways(self) -> None:
        """The sites hear of what faults have made of the ways between them."""
        self._switch.perform(self._switch.host.set_ways(self._faults.state_of_way, self._now()))

    def heal(self) -> None:
        """Mend everything there is: faults, dark sites, cores, replication, power, terminals ordered out of service."""
        self.mend()
        for site in list(self._dark):
            self._start_site(site)
        host = self._switch.host
        for site in host.sites:
            self._switch.perform(host.start(site, self._now()))  # whoever went down by itself
        self._switch.perform(host.set_replication(paused=False, lag_s=None, now=self._now()))
        self._switch.perform(host.heal_capacity(self._now()))
        self._switch.perform(host.postings.heal(self._now()))
        for site in host.sites:
            host.keys.share(site)
            self._switch.perform(host.set_core(site, True, self._now()))
        for driver in self._drivers.values():
            driver.let_nobody_in()
            driver.restore_power()
        self._service.heal(self._now())

    def _stop_site(self, command: commands.StopSite) -> None:
        if command.site in self._dark:
            return
        self._dark[command.site] = self.add_fault(Cut(site=command.site, by=command.by), f"dark-{command.site}")
        self._switch.perform(self._switch.host.stop(command.site, self._now()))

    def _start_site(self, site: str, *, rebuilt: bool = False) -> None:
        """Give a site its power and its lines back. Raises LocalError, and changes nothing, if it cannot be rebuilt."""
        if site in self._dark:
            effects = self._switch.host.start(site, self._now(), rebuilt=rebuilt)
            self.mend(self._dark.pop(site))
            self._switch.perform(effects)

    def _switch_power(self, driver: Driver, on: bool) -> None:
        if not on:
            driver.fail_power(inf)
        elif driver.core is not None:
            raise LocalError(f"{driver.name} has power already")
        else:
            driver.restore_power()

    def _driver(self, terminal: str) -> Driver:
        if terminal not in self._drivers:
            first, last = next(iter(self._drivers)), list(self._drivers)[-1]
            raise LocalError(f"there is no terminal {terminal!r}; this drill has {first} to {last}")
        return self._drivers[terminal]

    def _chosen(self, terminal: str) -> Iterable[Driver]:
        return [self._driver(terminal)] if terminal else self._drivers.values()
