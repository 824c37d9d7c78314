"""Rules of drills that types cannot say: what must fit together.

Each rule is a generator of broken rules with the path of the part that breaks it. Pure; `load` turns
them into errors.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from atmbench import money
from atmbench.datafile import Path
from atmbench.drill.alert_rules import alert_rules
from atmbench.drill.broken import Broken, at_least_rules, known_rules
from atmbench.drill.capacity_rules import capacity_expected_rules, capacity_rules
from atmbench.drill.channel_rules import channel_rules
from atmbench.drill.command_rules import amount_rules, broken_by_command, fact_rules, mix_rules
from atmbench.drill.commands import ChangeWorkload, Command, Transact, Withdraw
from atmbench.drill.expectations import CHECKS
from atmbench.drill.payable import payable_rules
from atmbench.drill.places import lines_of, places
from atmbench.drill.records import (
    CUSTOMERS_MAX,
    DURATION_S_MAX,
    NAME_CHARACTERS_MAX,
    REPEATS_MAX,
    YEAR_MAX,
    Drill,
    Step,
    Workload,
)
from atmbench.drill.release_rules import release_rules
from atmbench.drill.risk_rules import exposure_rules, risk_rules
from atmbench.errors import LocalError
from atmbench.faults.base import Fault
from atmbench.framing.link_styles import SerialSettings
from atmbench.host.settings import Alarms, OffTime, PostAt, Replicates
from atmbench.messages.records import Purpose
from atmbench.terminal.settings import AgesBy, Confirm

TRIGGERS = ("at", "after", "every")
NOT_COMMANDS = frozenset({*TRIGGERS, "from_s", "times", "name"})
COMMANDS = tuple(name for name in Step.__struct_fields__ if name not in NOT_COMMANDS)
"""Keys of a step of which exactly one says what is done."""


def broken_by(drill: Drill) -> Iterator[Broken]:
    """All rules that a drill breaks, in the order of the file's parts."""
    yield from _head(drill)
    yield from _money(drill)
    yield from _security(drill)
    yield from _lines_and_host(drill)
    yield from channel_rules(drill)
    if drill.workload is not None:
        yield from _workload(drill, drill.workload, ("workload",), drill.terminals)
    for name, channel in drill.channels.items():
        if channel.workload is not None:
            yield from _workload(drill, channel.workload, ("channels", name, "workload"), channel.clients)
    for index, step in enumerate(drill.steps):
        yield from _step(drill, step, ("steps", index))
    yield from _steps_together(drill)
    yield from _heal(drill)
    yield from _expect(drill)
    yield from release_rules(drill)
    yield from _defects(drill)
    yield from _fails(drill)


def command_of(step: Step) -> tuple[str, Command | Fault]:
    """The key and the record of what a step does. The step has exactly one: `broken_by` saw to it."""
    for name in COMMANDS:
        command: Command | Fault | None = getattr(step, name)
        if command is not None:
            return name, command
    raise AssertionError("a step without a command")


_NAME = re.compile(r"[^\W_][\w .-]*")


# --- the parts ------------------------------------------------------------------------------------


def _head(drill: Drill) -> Iterator[Broken]:
    if not drill.drill.strip():
        yield Broken(("drill",), "no name", "a short name such as primary-cut")
    elif not _NAME.fullmatch(drill.drill) or len(drill.drill) > NAME_CHARACTERS_MAX:
        meant = f"up to {NAME_CHARACTERS_MAX} letters, digits, blanks, dots, - and _, with a letter or digit first"
        yield Broken(("drill",), f"the name {drill.drill[:NAME_CHARACTERS_MAX]!r}", meant)
    if not drill.proves.strip() or "\n" in drill.proves:
        yield Broken(("proves",), "no line, or more than one", "one line that says what a passing run has shown")
    try:
        local = datetime.fromisoformat(drill.starts_at)
    except ValueError:
        yield Broken(("starts_at",), repr(drill.starts_at), "a date and time such as 2026-01-05T09:00:00")
    else:
        if not 2000 <= local.year <= YEAR_MAX:
            meant = f"a year from 2000 to {YEAR_MAX}, in which the bench's cards expire"
            yield Broken(("starts_at",), f"the year {local.year}", meant)
        if local.tzinfo is not None:
            yield Broken(("starts_at",), "a time zone", "the local time, without a zone (that is utc_offset_s)")
    for place in drill.utc_offsets_s:
        yield from known_rules(place, places(drill), "place with a clock", ("utc_offsets_s", place))


def _money(drill: Drill) -> Iterator[Broken]:
    try:
        money.exponent(drill.currency)
    except LocalError:
        yield Broken(("currency",), repr(drill.currency), "three letters of ISO 4217 such as NGN")
        return
    yield from amount_rules(drill.cards.opening_balance, drill, ("cards", "opening_balance"), least=0)
    yield from amount_rules(drill.host.daily_limit, drill, ("host", "daily_limit"), least=0)
    for index, cassette in enumerate(drill.terminal.cassettes):
        yield from amount_rules(cassette.value, drill, ("terminal", "cassettes", index, "value"))
        if cassette.notes < 0:
            yield Broken(("terminal", "cassettes", index, "notes"), str(cassette.notes), "0 notes or more")
    if not (len(drill.cards.bin) == 6 and drill.cards.bin.isascii() and drill.cards.bin.isdigit()):
        yield Broken(("cards", "bin"), repr(drill.cards.bin), 'six digits such as "999999"')


def _security(drill: Drill) -> Iterator[Broken]:
    if drill.host.pin_tries_max < 1:
        yield Broken(("host", "pin_tries_max"), str(drill.host.pin_tries_max), "at least 1 try for a PIN")
    security = drill.security
    if security is not None and security.dukpt and not drill.cards.pins:
        yield Broken(
            ("security", "dukpt"), "DUKPT for cards without a PIN", "cards that have one (cards: {pins: true})"
        )
    if security is not None and not (security.mac or security.chips or drill.cards.pins):
        found = "security of nothing (mac: false, no chips, cards without a PIN)"
        yield Broken(("security",), found, "one of mac: true, chips: true and cards: {pins: true}")
    if drill.terminal.failover.repeats_request and (drill.cards.pins or (security is not None and security.chips)):
        meant = "cards without PIN and chip: PIN blocks and cryptograms are made for one message"
        yield Broken(("terminal", "failover", "repeats_request"), "requests that are sent twice", meant)


def _lines_and_host(drill: Drill) -> Iterator[Broken]:
    sites = drill.host.sites
    if not sites or len(set(sites)) != len(sites):
        found = f"{len(sites)} sites with {len(set(sites))} names"
        yield Broken(("host", "sites"), found, "at least one, each with a name of its own")
    if not drill.lines:
        yield Broken(("lines",), "no line", "at least one, such as primary: {site: A}")
    for name, line in drill.lines.items():
        yield from known_rules(line.site, sites, "site", ("lines", name, "site"))
        if line.serial is not None:
            yield from _serial(line.serial, ("lines", name, "serial"))
            yield from _dial(line.serial, drill.terminal.timers.dial_s, ("lines", name, "serial", "dial"))
    yield from capacity_rules(drill)
    yield from risk_rules(drill)
    silence_s = drill.host.promote_after_silence_s
    if silence_s is not None and silence_s <= drill.host.heartbeat_s:
        meant = f"more than one heartbeat ({drill.host.heartbeat_s:g} s)"
        yield Broken(("host", "promote_after_silence_s"), f"{silence_s:g} s", meant)
    if drill.host.hold_down_s is not None:
        yield from _hold_down(drill.host.hold_down_s, silence_s)
    if drill.host.alarms is not None:
        yield from _alarms(drill.host.alarms, drill)
    if drill.host.post_at is PostAt.COMPLETION and drill.terminal.confirm is not Confirm.ALWAYS:
        found = f"terminals that do not send completions (confirm: {drill.terminal.confirm})"
        yield Broken(("host", "post_at"), found, "terminal: {confirm: always} with post_at: completion")
    if drill.host.batch is not None and drill.host.replicates is Replicates.BALANCES:
        found = "balances that are behind what moved, and replicate (replicates: balances)"
        yield Broken(("host", "batch"), found, "replicates: entries with batch")
    if drill.host.batch is not None and drill.expect.split_brain_max is not None:
        found = "a limit for entries of two sites, which a posting process makes later than they were decided"
        yield Broken(("expect", "split_brain_max"), found, "no such limit with host: {batch: ...}")
    if drill.host.batch is None and drill.expect.posting is not None:
        found = "expectations of a host that posts at once"
        yield Broken(("expect", "posting"), found, "host: {batch: {every_s: ...}}")
    if not drill.terminal.cassettes:
        yield Broken(("terminal", "cassettes"), "no cassette", "at least one")
    yield from _idle(drill)


def _idle(drill: Drill) -> Iterator[Broken]:
    """Settings that change nothing without another."""
    if drill.host.off_time is OffTime.REFUSE and drill.host.off_time_max_s is None:
        found = "what becomes of requests that are off time, and nobody looks"
        yield Broken(("host", "off_time"), found, "off_time_max_s beside it")
    stored = drill.terminal.store_and_forward
    if stored.ages_by is AgesBy.CLOCK and stored.expires_after_s is None:
        found = "what ages are measured by, and nothing grows too old"
        yield Broken(("terminal", "store_and_forward", "ages_by"), found, "expires_after_s beside it")
    if drill.terminal.failover.repeats_request and len(lines_of(drill)) < 2:
        found = "requests that are asked again over another line, and one line"
        yield Broken(("terminal", "failover", "repeats_request"), found, "a second line")


def _alarms(alarms: Alarms, drill: Drill) -> Iterator[Broken]:
    path, echo_s = ("host", "alarms"), drill.terminal.timers.echo_s
    refusals = alarms.key_refusals if drill.security is not None or drill.cards.pins else None
    if alarms.unreached_s is None and refusals is None:
        meant = "key_refusals in a drill with keys (cards: {pins: true} or security: ...), or unreached_s"
        yield Broken(path, "alarms that nothing can raise", meant)
    elif refusals is not None and alarms.key_terminals > min(refusals, drill.terminals):
        meant = f"no more than key_refusals ({refusals}) and than there are terminals ({drill.terminals})"
        yield Broken((*path, "key_terminals"), f"{alarms.key_terminals} terminals", meant)
    if alarms.unreached_s is not None and alarms.unreached_s <= echo_s:
        meant = f"more than the silence after which terminals send an echo (echo_s: {echo_s:g})"
        yield Broken((*path, "unreached_s"), f"{alarms.unreached_s:g} s", meant)


def _hold_down(hold_down_s: float, silence_s: float | None) -> Iterator[Broken]:
    path = ("host", "hold_down_s")
    if silence_s is None:
        yield Broken(path, "a hold-down where no site takes over by itself", "promote_after_silence_s beside it")
    elif hold_down_s <= silence_s:
        yield Broken(path, f"{hold_down_s:g} s", f"more than promote_after_silence_s ({silence_s:g} s)")


def _serial(serial: SerialSettings, path: Path) -> Iterator[Broken]:
    """What is binary needs a length, and characters of eight bits."""
    if serial.tpdu and serial.length == "none":
        yield Broken((*path, "tpdu"), "a TPDU, which is binary, and no length", "length: binary2 too, or no tpdu")
    if serial.length != "none" and int(serial.format[0]) < 8:
        found = f"characters of {serial.format[0]} bits (format: {serial.format}) and a length, which is binary"
        yield Broken((*path, "format"), found, "a format with 8 data bits, such as 8E1, or length: none")


def _dial(serial: SerialSettings, dial_s: float, path: Path) -> Iterator[Broken]:
    """A terminal must not give up dialling before its modem can."""
    if serial.dial is not None and dial_s < serial.dial.result_s:
        found = f"a modem that has {serial.dial.result_s:g} s for a call, and a terminal that waits {dial_s:g} s"
        yield Broken(path, found, f"terminal: {{timers: {{dial_s: {serial.dial.result_s:g}}}}} at least")


def _workload(drill: Drill, workload: Workload, path: Path, terminals: int) -> Iterator[Broken]:
    yield from mix_rules(workload.mix, drill, (*path, "mix"))
    if not workload.amounts:
        yield Broken((*path, "amounts"), "no amount", "at least one")
    for index, amount in enumerate(workload.amounts):
        yield from amount_rules(amount, drill, (*path, "amounts", index))
        if workload.mix.get(Purpose.WITHDRAWAL):
            yield from payable_rules(amount, drill, (*path, "amounts", index))
    if workload.from_s >= drill.heal.at:
        yield Broken((*path, "from_s"), f"{workload.from_s:g} s", f"a time before heal ({drill.heal.at:g} s)")
    if workload.until_s is not None and workload.until_s <= workload.from_s:
        yield Broken((*path, "until_s"), f"{workload.until_s:g} s", f"a time after from_s ({workload.from_s:g} s)")
    yield from at_least_rules(workload.per_terminal_max, 1, (*path, "per_terminal_max"))
    until_s = drill.heal.at if workload.until_s is None else min(workload.until_s, drill.heal.at)
    customers = terminals * (until_s - workload.from_s) / workload.every_s
    if workload.per_terminal_max is None and customers > CUSTOMERS_MAX:
        found = f"{workload.every_s:g} for 'every_s', which brings {customers:.3g} customers"
        yield Broken((*path, "every_s"), found, f"at most {CUSTOMERS_MAX:,} customers in all")


# --- steps ----------------------------------------------------------------------------------------


def _step(drill: Drill, step: Step, path: Path) -> Iterator[Broken]:
    triggers = [name for name in TRIGGERS if getattr(step, name) is not None]
    if len(triggers) != 1:
        yield Broken(path, _list(triggers, "trigger"), f"exactly one of {', '.join(TRIGGERS)}")
        return
    commands = [name for name in COMMANDS if getattr(step, name) is not None]
    if len(commands) != 1:
        yield Broken(path, _list(commands, "command"), f"exactly one of {', '.join(COMMANDS)}")
        return
    begins, heal_at = (step.at, drill.heal.at) if step.at is not None else (step.from_s, drill.heal.at)
    if begins >= heal_at:
        key = "at" if step.at is not None else "from_s"
        yield Broken((*path, key), f"{begins:g} s", f"a time before heal ({heal_at:g} s)")
    if step.every is not None and step.times is None and (heal_at - step.from_s) / step.every > REPEATS_MAX:
        found = f"{step.every:g} for 'every', which is {(heal_at - step.from_s) / step.every:.3g} times"
        yield Broken((*path, "every"), found, f"at most {REPEATS_MAX:,} times (or say how many: times)")
    if step.every is None and (step.from_s or step.times is not None):
        yield Broken(path, "from_s or times without every", "both with every only")
    if step.name and step.cut is None and step.fault is None:
        yield Broken((*path, "name"), f"a name for {commands[0]}", "a name with cut or fault only")
    if step.after is not None:
        yield from fact_rules(step.after.fact, step.after.where, (*path, "after"))
    command = getattr(step, commands[0])
    yield from broken_by_command(command, drill, (*path, commands[0]))
    yield from unpayable(command, drill, (*path, commands[0]))


def unpayable(command: Command | Fault, drill: Drill, path: Path) -> Iterator[Broken]:
    """Amounts that a command has withdrawn must be such as a full terminal can pay."""
    if isinstance(command, Withdraw) or (isinstance(command, Transact) and command.service is Purpose.WITHDRAWAL):
        yield from payable_rules(command.amount, drill, (*path, "amount"))
    elif isinstance(command, ChangeWorkload):
        mix = command.mix if command.mix is not None else drill.workload.mix if drill.workload is not None else {}
        for index, amount in enumerate(command.amounts or ()):
            if mix.get(Purpose.WITHDRAWAL) or not mix:
                yield from payable_rules(amount, drill, (*path, "amounts", index))


def _steps_together(drill: Drill) -> Iterator[Broken]:
    named: dict[str, int] = {}
    for index, step in enumerate(drill.steps):
        if step.name in named:
            found = f"the name {step.name!r} again (step {named[step.name] + 1} has it)"
            yield Broken(("steps", index, "name"), found, "a name of its own for each fault")
        elif step.name:
            named[step.name] = index
    stopped = {step.stop_site.site for step in drill.steps if step.stop_site is not None}
    for index, step in enumerate(drill.steps):
        if step.mend is not None and step.mend.name and not _is_auto_name(step.mend.name, drill):
            yield from known_rules(step.mend.name, named, "name of a fault", ("steps", index, "mend", "name"))
        if step.start_site is not None and step.start_site.site not in stopped:
            found = f"site {step.start_site.site!r}, which no step stops"
            yield Broken(("steps", index, "start_site"), found, "a stop_site step for it")


def _is_auto_name(name: str, drill: Drill) -> bool:
    """Whether a fault that no step names may have this name: its kind, and a number."""
    kind, _, number = name.rpartition("-")
    begun = [step.cut or step.fault for step in drill.steps if not step.name]
    return number.isdecimal() and any(fault is not None and fault.__struct_config__.tag == kind for fault in begun)


# --- the end --------------------------------------------------------------------------------------


def _heal(drill: Drill) -> Iterator[Broken]:
    if drill.heal.at + drill.heal.within_s > DURATION_S_MAX:
        found = f"{drill.heal.at + drill.heal.within_s:g} s in all"
        yield Broken(("heal",), found, f"at most {DURATION_S_MAX:g} s")


def _expect(drill: Drill) -> Iterator[Broken]:
    expect = drill.expect
    for index, wanted in enumerate(expect.facts):
        path: Path = ("expect", "facts", index)
        yield from fact_rules(wanted.fact, wanted.where, path)
        if wanted.at_least is None and wanted.at_most is None:
            yield Broken(path, "neither at_least nor at_most", "at least one of them")
        elif wanted.at_least is not None and wanted.at_most is not None and wanted.at_most < wanted.at_least:
            yield Broken((*path, "at_most"), f"{wanted.at_most}", f"at least as many as at_least ({wanted.at_least})")
    is_busy = drill.workload is not None or any(channel.workload for channel in drill.channels.values())
    is_busy = is_busy or any(step.withdraw or step.transact or step.workload for step in drill.steps)
    if expect.approved_min and not is_busy:
        yield Broken(("expect", "approved_min"), "nobody who comes", "a workload, or a withdraw or transact step")
    cuts = any(step.cut is not None or step.stop_site is not None for step in drill.steps)
    if expect.in_flight_at_cut_min is not None and not cuts:
        yield Broken(("expect", "in_flight_at_cut_min"), "no step that cuts anything", "a cut or stop_site step")
    yield from capacity_expected_rules(drill)
    yield from exposure_rules(drill)
    yield from alert_rules(drill.monitoring, expect.alerts)
    if expect.failover is not None:
        if len(lines_of(drill)) < 2:
            yield Broken(("expect", "failover"), "one line only", "a second line to fail over to")
        if expect.failover.fail_back_s is not None and not drill.terminal.failover.fail_back:
            path = ("expect", "failover", "fail_back_s")
            yield Broken(path, "terminals that never fail back", "terminal: {failover: {fail_back: true}}")


def _defects(drill: Drill) -> Iterator[Broken]:
    for index, name in enumerate(drill.defects):
        yield from known_rules(name, known_defects(), "defect", ("defects", index))


def _fails(drill: Drill) -> Iterator[Broken]:
    for index, name in enumerate(drill.fails):
        yield from known_rules(name, CHECKS, "check", ("fails", index))


def known_defects() -> tuple[str, ...]:
    """Names of the defects that can be planted."""
    from atmbench.drill.alert_defects import DEFECTS as ALERT_DEFECTS
    from atmbench.host.defects import DEFECTS as HOST_DEFECTS
    from atmbench.terminal.defects import DEFECTS as TERMINAL_DEFECTS

    return (*HOST_DEFECTS, *TERMINAL_DEFECTS, *ALERT_DEFECTS)


def _list(names: list[str], noun: str) -> str:
    return f"{len(names)} {noun}s in one step ({', '.join(names)})" if names else f"a step without a {noun}"
