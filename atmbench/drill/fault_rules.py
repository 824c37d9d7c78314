"""What the aim of a fault must fit in the world of a drill, and what it needs there. Pure."""

from collections.abc import Iterator

from atmbench.datafile import Path
from atmbench.drill.broken import Broken, all_terminals, anybody_rules, known_rules
from atmbench.drill.places import everybody
from atmbench.drill.records import Drill, LineSettings
from atmbench.faults.base import Fault
from atmbench.faults.cut import Cut
from atmbench.faults.records import RecordFault
from atmbench.faults.wires import WireFault


def fault_rules(fault: Fault, drill: Drill, path: Path) -> Iterator[Broken]:
    """The rules that one fault breaks in the world of a drill."""
    if fault.line:
        yield from known_rules(fault.line, drill.lines, "line", (*path, "line"))
    if fault.site:
        yield from known_rules(fault.site, drill.host.sites, "site", (*path, "site"))
    if fault.terminal.endswith("*"):
        if not any(name.startswith(fault.terminal[:-1]) for name in everybody(drill)):
            yield Broken((*path, "terminal"), f"{fault.terminal!r}, which no terminal meets", all_terminals(drill))
    elif fault.terminal:
        yield from anybody_rules(fault.terminal, drill, (*path, "terminal"))
    if isinstance(fault, Cut) and fault.carrier:
        carriers = dict.fromkeys(line.carrier for line in drill.lines.values() if line.carrier)
        yield from known_rules(fault.carrier, carriers, "carrier", (*path, "carrier"))
    if isinstance(fault, RecordFault):
        yield from _record_fault(fault, drill, path)
    elif not any(_is_met(fault, name, line) for name, line in drill.lines.items()):
        yield Broken(path, "an aim that meets no line", "one of line, site and carrier, or such as belong together")
    if isinstance(fault, WireFault):
        yield from _wire_fault(fault, drill, path)
    if fault.from_s is not None and fault.from_s >= drill.heal.at:
        yield Broken((*path, "from_s"), f"{fault.from_s:g} s", f"a time before heal ({drill.heal.at:g} s)")


def _is_met(fault: Fault, name: str, line: LineSettings) -> bool:
    carrier = fault.carrier if isinstance(fault, Cut) else ""
    return fault.line in ("", name) and fault.site in ("", line.site) and carrier in ("", line.carrier)


def _record_fault(fault: RecordFault, drill: Drill, path: Path) -> Iterator[Broken]:
    """What strikes between sites needs two of them."""
    if fault.to_site:
        yield from known_rules(fault.to_site, drill.host.sites, "site", (*path, "to_site"))
    if len(drill.host.sites) < 2 or (fault.to_site and fault.to_site == fault.site):
        found = "one site, which tells itself nothing"
        yield Broken((*path, "to_site"), found, "two sites, such as site: A, to_site: B")


def _wire_fault(fault: WireFault, drill: Drill, path: Path) -> Iterator[Broken]:
    """What strikes characters needs a line of characters."""
    kind = fault.__struct_config__.tag
    met = [line for name, line in drill.lines.items() if _is_met(fault, name, line)]
    serial = [line.serial for line in met if line.serial is not None]
    if not serial:
        found = f"{kind} at line {fault.line!r}, which is TCP" if fault.line else f"{kind}, and no line that is serial"
        meant = "a serial line (lines: {primary: {site: A, serial: {baud: 9600}}}, or --lines serial)"
        yield Broken(path, found, meant)
    elif fault.needs_parity and all(line.format[1] == "N" for line in serial):
        found = f"{kind} on a line without parity (format: {serial[0].format})"
        yield Broken(path, found, "a line whose characters have a parity bit, such as format: 8E1")
