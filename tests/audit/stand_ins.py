"""Withdrawals that were approved alone or in a batch, cores and brakes, and what the check `exposure` says of them."""

from typing import Any

from atmbench.audit.exposure import Exposure, exposure_of
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import (
    BrakeAlert,
    BrakeChanged,
    CoreAdvised,
    CoreAnswered,
    CoreChanged,
    EntryPosted,
    StandInApproved,
)
from atmbench.host.journal import REFUSED_BY_CORE
from tests.audit.builders import CUSTOMER, Tape, key_of

FULL = {"total_max": "50.00", "card_max": "50.00"}


def core(up: bool, site: str = "A") -> CoreChanged:
    return CoreChanged(site=site, up=up)


def alert(rule: str = "total.count") -> BrakeAlert:
    return BrakeAlert(site="A", rule=rule, seen=3, most=2)


def brake(on: bool, site: str = "A") -> BrakeChanged:
    return BrakeChanged(site=site, on=on, because="x")


def answered(key: str, outcome: str = "approved", stands_in: bool = True) -> CoreAnswered:
    return CoreAnswered(key=key, purpose="completion", stands_in=stands_in, outcome=outcome)


def stand_in(tape: Tape, t: float, stan: int, minor: int = 5000, taken: bool = True) -> str:
    """A withdrawal that the switch approved alone."""
    key = key_of("T01", stan)
    tape.ask(t, key, minor)
    tape.send(t, key, minor)
    tape.arrive(t + 0.02, key)
    tape.add(t + 0.02, "A", StandInApproved(key=key, account=CUSTOMER, amount_minor=minor))
    tape.reply(t + 0.04, key, minor)
    if taken:
        tape.present(t + 3, key, minor)
        tape.take(t + 5, key, minor)
        tape.end(t + 5, key)
    return key


def replay(tape: Tape, t: float, key: str, outcome: str = "approved", minor: int = 5000) -> None:
    tape.add(t, "A", CoreAdvised(key=key, purpose="completion", mti="0220"))
    tape.add(t, "A", answered(key, outcome))
    tape.post(t, key, minor)


def of_the_bank(key: str, entry: str, kind: str) -> EntryPosted:
    """The bank pays for cash that a core does not take from the customer."""
    legs = {REFUSED_BY_CORE: -5000, "cash:T01": 5000}
    return EntryPosted(entry=entry, kind=kind, key=key, service="withdrawal", legs=legs, origin="A")


def verdict(tape: Tape) -> Verdict:
    return tape.judge().verdict("exposure")


def says(tape: Tape) -> list[str]:
    """What is found of a run that can be judged."""
    found = verdict(tape)
    assert found.status is (Status.FAIL if found.findings else Status.PASS), found
    return [finding.says for finding in found.findings]


def figures(tape: Tape) -> Exposure:
    return exposure_of(tape.judge().book)


def rich(minor: int, **budgets: Any) -> Tape:
    """A tape whose customer has so much at the start."""
    tape = Tape(exposure=budgets)
    tape.opening[CUSTOMER] = minor
    return tape


def batched(tape: Tape, t: float, stan: int) -> EntryPosted:
    """A withdrawal, and the entry that a batch makes of it later."""
    key = key_of("T01", stan)
    tape.ask(t, key)
    tape.send(t, key)
    tape.arrive(t + 0.02, key)
    tape.reply(t + 0.04, key)
    tape.present(t + 3, key)
    tape.take(t + 5, key)
    tape.end(t + 5, key)
    legs = {CUSTOMER: -5000, "cash:T01": 5000}
    return EntryPosted(
        entry=f"post/{key}", kind="posting", key=key, service="withdrawal", legs=legs, origin="A", in_batch=True
    )
