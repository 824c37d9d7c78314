"""Orders of an operator for one terminal: what it serves, and over which lines. One without power finds them later.

This module must never decide what follows from an order.
"""

from typing import TYPE_CHECKING

from atmbench.facts.terminal import BY_ORDER
from atmbench.terminal.core import Terminal
from atmbench.terminal.inputs import LineOrdered, ServiceOrdered
from atmbench.terminal.memory import CLOSED, LINES_OUT

if TYPE_CHECKING:
    from atmbench.fleet.driver import Driver


def order_service(driver: "Driver", because: str = "", *, is_open: bool) -> None:
    """Take a terminal out of service, or put it back. `because` is what its customers are told meanwhile."""
    if driver.core is not None:
        driver.give(ServiceOrdered(is_open, because))
    elif is_open:
        driver.memory.pop(CLOSED, None)
    else:
        driver.memory[CLOSED] = because or 1


def order_line(driver: "Driver", line: str, because: str = "", *, is_open: bool) -> None:
    """Take one of a terminal's lines out of service, or put it back."""
    if driver.core is not None:
        driver.give(LineOrdered(line, is_open, because))
        return
    out = {name: why for name, why in driver.memory.get(LINES_OUT, {}).items() if name != line}
    driver.memory[LINES_OUT] = out if is_open else {**out, line: because}


def out_of_service(core: Terminal | None, otherwise: str = "the terminal is out of service") -> str:
    """Why a customer is turned away who finds nobody serving: in the operator's words, if there are any."""
    because = core.closed_because if core is not None else ""
    return BY_ORDER + " ".join(because.split()) if because else otherwise
