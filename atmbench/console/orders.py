"""Orders: what a key of the console asks of the bench, as requests of its control plane. Dry.

The commands inside are those of a drill's step, so what is done by hand can be saved and run again.
"""

from typing import Any
from urllib.parse import quote

import msgspec

DELAY_S = 2.0
SILENT_CUT = "silence"
SESSION = "/v1/session.drill.yaml"
"""What has been done so far, as a drill."""


class Order(msgspec.Struct, frozen=True):
    """One request. `says` is what it does, in words."""

    says: str
    method: str
    path: str
    body: dict[str, Any] | None = None


def _command(says: str, name: str, **values: Any) -> Order:
    return Order(says, "POST", "/v1/commands", {name: values})


def _fault(says: str, kind: str, **values: Any) -> Order:
    return Order(says, "POST", "/v1/faults", {"kind": kind, **values})


def cut(line: str) -> Order:
    """Nothing gets through any more, and nobody is told."""
    return _fault(f"cut {line}", "cut", line=line, by=SILENT_CUT)


def corrupt_replies(line: str) -> Order:
    """Two bits of the first bytes of each reply are flipped: its message type cannot be read."""
    return _fault(f"corrupt replies on {line}", "flip_bits", line=line, direction="reply", count=2, byte=1)


def delay(line: str) -> Order:
    """Replies are late."""
    return _fault(f"delay replies on {line} by {DELAY_S:g} s", "delay", line=line, direction="reply", delay_s=DELAY_S)


def lose(line: str) -> Order:
    """Replies get lost."""
    return _fault(f"lose replies on {line}", "lose", line=line, direction="reply")


def duplicate(line: str) -> Order:
    """Requests come twice."""
    return _fault(f"duplicate requests on {line}", "duplicate", line=line, direction="request")


def mend(name: str) -> Order:
    """End one fault."""
    return Order(f"mend {name}", "DELETE", f"/v1/faults/{quote(name, safe='')}")


def mend_line(line: str) -> Order:
    """End all faults that are aimed at a line."""
    return _command(f"mend {line}", "mend", line=line)


def mend_all() -> Order:
    """End all faults."""
    return Order("mend everything", "DELETE", "/v1/faults")


RECORD_FAULTS = {
    "lose_record": "lose records",
    "alter_record": "alter records",
    "swap_records": "swap records",
    "block_records": "block records",
    "ignore_records": "ignore records",
}
"""Faults between sites, in words."""


def disturb_records(kind: str, site: str, to_site: str) -> Order:
    """A fault strikes what one site tells another."""
    return _fault(f"{RECORD_FAULTS[kind]} from {site} to {to_site}", kind, site=site, to_site=to_site)


def promote(site: str) -> Order:
    """Make a site the active one."""
    return _command(f"promote site {site}", "promote", site=site)


def stop_site(site: str) -> Order:
    """A data centre goes dark."""
    return _command(f"stop site {site}", "stop_site", site=site)


def start_site(site: str) -> Order:
    """A dark data centre comes back."""
    return _command(f"start site {site}", "start_site", site=site)


def rebuild_site(site: str) -> Order:
    """A dark data centre comes back without all that it knew, and with what another site knows."""
    return _command(f"start site {site}, rebuilt", "start_site", site=site, rebuilt=True)


def sick(site: str, *, is_sick: bool) -> Order:
    """A site answers only some requests in time, or is as the drill has it again."""
    change: dict[str, Any] = {"sick": {}} if is_sick else {"usual": True}
    return _command(f"site {site}: {'sick' if is_sick else 'as usual'}", "capacity", site=site, **change)


def core(site: str, *, is_up: bool) -> Order:
    """The core behind a site's switch goes away, or comes back."""
    return _command(f"core of site {site}: {'back' if is_up else 'away'}", "core", site=site, up=is_up)


def brake(site: str, *, is_on: bool) -> Order:
    """A site approves no withdrawal, or does so again."""
    return _command(f"brake of site {site}: {'on' if is_on else 'off'}", "brake", site=site, on=is_on)


def reconcile() -> Order:
    """Hold the books of the sites against each other, and set right what differs."""
    return _command("reconcile the books of the sites", "reconcile")


def cut_over(site: str = "") -> Order:
    """End the business day of a site, or of all."""
    if site:
        return _command(f"end the business day of site {site}", "cutover", site=site)
    return _command("end the business day of all sites", "cutover")


def step_clock(of: str, step_s: int) -> Order:
    """Set the clock of a site ahead, or back."""
    hours = f"{abs(step_s) / 3600:g} h {'ahead' if step_s > 0 else 'back'}"
    return _command(f"clock of site {of}: {hours}", "clock", of=of, step_s=step_s)


def deploy(release: str, *, site: str = "", percent: int = 0) -> Order:
    """Put a release into a site, or into a share of the terminals."""
    where, what = _place(site, percent)
    return _command(f"deploy {release}: {where}", "deploy", release=release, **what)


def roll_back(*, site: str = "", percent: int = 0) -> Order:
    """Take the last deployment back."""
    where, what = _place(site, percent)
    return _command(f"roll back: {where}", "rollback", **what)


def _place(site: str, percent: int) -> tuple[str, dict[str, Any]]:
    if site:
        return f"site {site}", {"site": site}
    return f"{percent} % of terminals", {"terminals": {"percent": percent}}


def replication(*, paused: bool) -> Order:
    """Hold back what one site tells the other, or let it go."""
    return _command(f"{'pause' if paused else 'resume'} replication", "replication", paused=paused)


def power(terminal: str, *, on: bool) -> Order:
    """Switch a terminal off until told, or on."""
    return _command(f"{terminal}: power {'on' if on else 'off'}", "power", terminal=terminal, on=on)


def service(terminal: str, *, is_open: bool) -> Order:
    """Take a terminal out of service, or put it back."""
    return _service(terminal, "terminal", terminal, is_open=is_open)


def service_of(kind: str, name: str, *, is_open: bool) -> Order:
    """Take a site, line, region or channel out of service, or put it back."""
    return _service(f"{kind} {name}", kind, name, is_open=is_open)


def _service(what: str, key: str, name: str, *, is_open: bool) -> Order:
    return _command(f"{what}: {'into' if is_open else 'out of'} service", "service", **{key: name}, open=is_open)


def withdraw(terminal: str, amount: str) -> Order:
    """A customer comes who does everything right."""
    return _command(f"{terminal}: withdraw {amount}", "withdraw", terminal=terminal, amount=amount)


def transact(terminal: str, service: str, amount: str, *, wrong_pin: bool) -> Order:
    """A customer comes who takes neither card nor cash by himself: the tester's hands do."""
    return _command(
        f"{terminal}: {service.replace('_', ' ')}{'' if amount == '0' else f' of {amount}'}",
        "transact",
        terminal=terminal,
        service=service,
        amount=amount,
        by_hand=True,
        wrong_pin=wrong_pin,
    )


def hand(terminal: str, does: str) -> Order:
    """The customer that stands there does something: takes_card, takes_cash or cancels."""
    return _command(f"{terminal}: customer {does.replace('_', ' ')}", "hand", terminal=terminal, does=does)


def workload(every_s: float) -> Order:
    """Customers come by themselves so often at each terminal; 0: nobody comes."""
    says = f"a customer every {every_s:g} s at each terminal" if every_s else "nobody comes any more"
    return _command(says, "workload", every_s=every_s)


def heal() -> Order:
    """Mend everything, wait until all is settled, and end the run."""
    return Order("heal: mend everything and end the run when all is settled", "POST", "/v1/heal")


def stop() -> Order:
    """End the run at once."""
    return Order("stop the run", "POST", "/v1/stop")


def speed(times: float) -> Order:
    """How fast the clock of the bench runs."""
    return Order(f"clock at {times:g} times real time", "PUT", "/v1/speed", {"speed": times})
