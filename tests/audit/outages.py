"""Outages of the preferred line, and what is said of how a fleet got over them."""

from typing import Any

from atmbench.audit.failover import Failover
from atmbench.audit.verdict import Verdict
from atmbench.facts import (
    CassettesCounted,
    Converged,
    DialFailed,
    FaultEnded,
    FaultStarted,
    HealStarted,
    LedgerCounted,
    LineChosen,
    LineSuspected,
    RunEnded,
    SignedOn,
)
from tests.audit.builders import Tape, key_of

NEVER_ENDS = (RunEnded, HealStarted, Converged, CassettesCounted, LedgerCounted)
"""What a run that goes on has not recorded yet."""


def cut(tape: Tape, t: float, kind: str = "cut", **detail: Any) -> None:
    tape.add(t, "conductor", FaultStarted(name="c1", kind=kind, detail=detail or {"line": "primary"}))


def mend(tape: Tape, t: float) -> None:
    tape.add(t, "conductor", FaultEnded(name="c1"))


def switch(tape: Tape, t: float, terminal: str = "T01") -> None:
    """Suspects at t, chooses 2 s later, is signed on 3 s later."""
    tape.add(t, terminal, LineSuspected(line="primary", missed=2))
    tape.add(t + 2, terminal, LineChosen(line="secondary", previous="primary", because="2 replies missed"))
    tape.add(t + 3, terminal, SignedOn(line="secondary"))


def back(tape: Tape, t: float, terminal: str = "T01") -> None:
    tape.add(t, terminal, LineChosen(line="primary", previous="secondary", because="3 echoes answered"))


def outage(**budgets: float) -> Tape:
    """Two terminals, a cut from 10 to 60 s, one reversal drained, one approval over the other line."""
    tape = Tape(terminals=("T01", "T02"), failover=budgets)
    tape.lost_reply(5, "T01", 118)
    cut(tape, 10)
    switch(tape, 20, "T01")
    switch(tape, 25, "T02")
    key = key_of("T02", 7)
    tape.request(30, key)
    tape.reply(30.5, key, line="secondary")
    tape.present(31, key)
    tape.take(32, key)
    tape.end(32, key)
    mend(tape, 60)
    back(tape, 70, "T01")
    back(tape, 75, "T02")
    return tape


def failover(tape: Tape) -> Verdict:
    return tape.judge().verdict("failover")


def card(tape: Tape) -> Failover:
    found = tape.judge().failover
    assert found is not None
    return found


def says(tape: Tape) -> dict[str, str]:
    """Each figure in words."""
    return {figure.name: figure.says for figure in card(tape).figures}


def going_on(last_t: float, **budgets: float) -> Verdict:
    """Two terminals that have switched; the cut is mended at 60 s and nobody is back, at this time of the run."""
    tape = Tape(terminals=("T01", "T02"), failover=budgets)
    cut(tape, 10)
    switch(tape, 20, "T01")
    switch(tape, 25, "T02")
    mend(tape, 60)
    tape.add(last_t, "T01", DialFailed(line="primary", because="refused"))
    tape.without = NEVER_ENDS
    return failover(tape)
