"""What happens to customers on a tape, and the impact of the whole of it."""

import msgspec

from atmbench.facts import (
    CustomerTurnedAway,
    EntryPosted,
)
from atmbench.impact.bounds import Bounds
from atmbench.impact.customers import Customer
from atmbench.impact.impact import Impact, impact_of_history
from tests.audit.builders import CUSTOMER, Tape, key_of

KEY = key_of("T01", 118)


def impact(tape: Tape, bounds: Bounds | None = None) -> Impact:
    """The impact of a whole tape; as plain data it is what it was."""
    found = impact_of_history(tape.play(), bounds)
    assert msgspec.convert(msgspec.to_builtins(found), Impact) == found
    return found


def only(tape: Tape, bounds: Bounds | None = None) -> Customer:
    """The one customer who was touched."""
    [customer] = impact(tape, bounds).customers
    return customer


def away(tape: Tape, t: float, terminal: str = "T01", because: str = "the terminal is out of service") -> None:
    tape.add(t, terminal, CustomerTurnedAway(because=because, service="withdrawal"))


def trouble(tape: Tape, t: float, key: str, outcome: str) -> None:
    """A withdrawal that is answered so, and posted nowhere."""
    tape.ask(t, key)
    tape.send(t, key)
    tape.reply(t + 0.04, key, outcome=outcome)
    tape.end(t + 1, key, "declined")


def pay(tape: Tape, t: float, key: str, *, service: str = "transfer", sites: tuple[str, ...] = ("A", "B")) -> None:
    """A transfer or bill payment that is approved at once."""
    tape.ask(t, key, 5000, service)
    tape.send(t, key, mti="0200")
    for number, site in enumerate(sites):
        legs = {CUSTOMER: -5000, "2000000001" if service == "transfer" else "biller:7": 5000}
        entry = EntryPosted(entry=f"post/{key}", kind="posting", key=key, service=service, legs=legs, origin="A")
        tape.entry(t + 0.02 + 70 * number, site, entry)
    tape.reply(t + 0.04, key)
    tape.end(t + 1, key)
