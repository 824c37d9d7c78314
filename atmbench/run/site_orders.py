"""Orders for the sites of the host alone: no terminal and no line hears of them."""

from atmbench.drill import commands
from atmbench.fleet.switch import Switch
from atmbench.host.capacity_settings import SiteCapacity


def order_sites(command: commands.Command, switch: Switch, now: float) -> None:
    """Carry out a command. Raises LocalError if the host cannot do it."""
    host = switch.host
    match command:
        case commands.Promote():
            switch.perform(host.promote(command.site, now, "by order"))
        case commands.SetKeys():
            if command.old:
                host.hold_old_keys(command.site, with_master=command.master)
            else:
                host.share_keys(command.site)
        case commands.SetReplication():
            switch.perform(host.set_replication(paused=command.paused, lag_s=command.lag_s, now=now))
        case commands.CutOver():
            day = command.to.replace("-", "")[2:]
            switch.perform(host.on_time(now) + host.days.order(command.site, day, now))
        case commands.Reconcile():
            switch.perform(host.reconcile(command.repair, now))
        case commands.SetCore():
            switch.perform(host.set_core(command.site, command.up, now))
        case commands.SetBrake():
            switch.perform(host.set_brake(command.site, command.on, command.because))
        case commands.SetCapacity():
            change = SiteCapacity(**{name: getattr(command, name) for name in SiteCapacity.__struct_fields__})
            switch.perform(host.set_capacity(command.site, None if command.usual else change, now))
        case commands.OrderPosting():
            switch.perform(host.postings.order(command.site, command.does, now))
        case _:
            raise AssertionError(f"no way to perform {command!r}")
