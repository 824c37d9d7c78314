"""One small history with everything in it: a good withdrawal, a drained reversal, a failure and an exception."""

from atmbench.facts import (
    AnyFact,
    FaultEnded,
    FaultStarted,
    FrameDisturbed,
    JournalWritten,
    LineChosen,
    LineSuspected,
    SignedOn,
    StateChanged,
)
from tests.audit.builders import Tape, key_of

LOST = key_of("T07", 118)
WRONG = key_of("T08", 40)
SUSPECT = key_of("T09", 5)


def small() -> list[AnyFact]:
    tape = Tape(
        terminals=("T07", "T08", "T09"),
        defects=("double-post-repeat",),
        approved_min=1,
        open_exceptions_max=1,
        failover={"switch_s": 45, "drain_s": 20},
    )
    tape.withdraw(2, "T07", 110, 2000)
    tape.add(10, "conductor", FaultStarted(name="street-works", kind="cut", detail={"line": "primary"}))
    drowned = FrameDisturbed(
        name="street-works",
        kind="cut",
        terminal="T07",
        line="primary",
        direction="reply",
        what="lost in a cut",
        mti="0210",
    )
    tape.request(12.004, LOST)
    tape.add(12.031, "cable", drowned)
    tape.add(12.5, "T07", StateChanged(old="ready", new="authorising", because="asked"))
    tape.add(42.004, "T07", JournalWritten(line="NO ANSWER STAN 000118", key=LOST))
    tape.add(42.004, "T07", LineSuspected(line="primary", missed=2))
    tape.add(42.004, "T07", LineChosen(line="secondary", previous="primary", because="2 replies missed"))
    tape.add(42.1, "T07", SignedOn(line="secondary"))
    tape.end(42.004, LOST, "no_answer")
    tape.reversal(42.2, LOST, 119)
    tape.add(50, "conductor", FaultEnded(name="street-works"))
    tape.withdraw(60, "T08", 40)
    tape.post(61, WRONG, n="/A1")
    tape.request(60, SUSPECT, 3000)
    tape.reply(60.04, SUSPECT, 3000)
    tape.present(63, SUSPECT, 3000)
    tape.retract(85, SUSPECT, 3000)
    tape.exception(85, SUSPECT)
    tape.end(85, SUSPECT, "retracted")
    tape.queue(85, SUSPECT, 6, "suspect", minor=3000)
    tape.send(85, SUSPECT, 3000, purpose="reversal", stan=6)
    tape.settle(85.1, SUSPECT, 6)
    return tape.play()
