"""Conversations with a Puloon dispenser, against answers written by hand: what is asked, and what is concluded."""

import pytest

from atmbench.devices.agenda import Scene
from atmbench.devices.condition import Condition
from atmbench.devices.lcdm_dialogue import Dialogue, Outcome
from atmbench.devices.lcdm_line import Command, Failure, Reply
from atmbench.devices.lcdm_words import Lcdm4000Words

STATUS, PURGE, DISPENSE, LAST_STATUS, RESET = 0x50, 0x51, 0x52, 0x55, 0x44
ASKED = {"1": 2}
CLEAR = bytes.fromhex("50 20 40 44 31 5C 7A 44 32 5C 7A 44 33 5C 7A 44 34 5C 7A")
NOTES_IN_EXIT = b"\x50\x20\x48" + CLEAR[3:]


def result(command: int, error: int, out: int, rejects: int = 0, last: int | None = None) -> bytes:
    """An answer that counts notes of cassette 1."""
    head = [command] if last is None else [command, last]
    rest = [0x20, 0x20, 0x32, 0x20, 0x20, 0x33, 0x20, 0x20, 0x34]
    return bytes([*head, 0x20 + error, 0x30, 0x20 + out, 0x20 + rejects, 0x31, *rest])


def remembers(command: int, error: int = 0, out: int = 0, rejects: int = 0) -> bytes:
    return result(LAST_STATUS, error, out, rejects, last=command)


def dispensed(*script: tuple[int, Reply], doubtful: bool = False) -> Outcome:
    """What a dispense comes to if the unit answers so; every command must be the one that is written."""
    dialogue = Dialogue(Lcdm4000Words(), Condition("dispenser", Scene()))
    dialogue.is_doubtful = doubtful
    job = dialogue.dispense(ASKED)
    lines = list(script)
    reply: Reply | None = None
    while True:
        try:
            step = job.send(reply)
        except StopIteration as end:
            assert lines == [], "more was written than was asked"
            outcome: Outcome = end.value
            return outcome
        if isinstance(step, Command):
            code, reply = lines.pop(0)
            assert step.body[0] == code
        else:
            dialogue.now += step
            reply = None


GOOD = result(DISPENSE, 0x00, 2)
JAM = result(DISPENSE, 0x03, 1, 1)


@pytest.mark.parametrize(
    ("script", "status", "out"),
    [
        ([(DISPENSE, GOOD)], "presented", 2),
        ([(DISPENSE, JAM), (LAST_STATUS, remembers(DISPENSE, 0x03, 1, 1))], "short", 1),
        ([(DISPENSE, JAM), (LAST_STATUS, remembers(DISPENSE, 0x03, 2, 1))], "unknown", 0),
        ([(DISPENSE, JAM), (LAST_STATUS, remembers(DISPENSE, 0x04, 1, 1))], "unknown", 0),
        ([(DISPENSE, result(DISPENSE, 0x00, 1)), (LAST_STATUS, remembers(DISPENSE, 0x00, 2))], "unknown", 0),
        ([(DISPENSE, Failure.NO_ANSWER), (LAST_STATUS, remembers(DISPENSE, 0x00, 2))], "presented", 2),
        ([(DISPENSE, Failure.NO_ANSWER), (LAST_STATUS, GOOD)], "presented", 2),
        ([(DISPENSE, Failure.NO_ANSWER), (LAST_STATUS, remembers(DISPENSE, 0x23))], "refused", 0),
        ([(DISPENSE, Failure.NO_ANSWER), (LAST_STATUS, remembers(0x20))], "unknown", 0),
        ([(DISPENSE, Failure.NO_ANSWER), (LAST_STATUS, remembers(PURGE))], "unknown", 0),
        ([(DISPENSE, Failure.GONE), (LAST_STATUS, remembers(PURGE))], "unknown", 0),
    ],
)
def test_the_machine_has_the_last_word(script: list[tuple[int, Reply]], status: str, out: int) -> None:
    verdict, _ = dispensed(*script)
    assert (verdict.status, verdict.notes) == (status, {"1": out} if out else {})


NEVER: list[tuple[int, Reply]] = [(DISPENSE, Failure.NOT_HEARD), (LAST_STATUS, remembers(PURGE)), (STATUS, CLEAR)]


def test_what_never_began_is_sent_again_three_times_in_all() -> None:
    assert dispensed(*NEVER, (DISPENSE, GOOD))[0].status == "presented"
    assert dispensed(*NEVER, *NEVER, *NEVER)[0].status == "refused"


@pytest.mark.parametrize("sees", [NOTES_IN_EXIT, b"\x50\x20\x41" + CLEAR[3:], Failure.NOT_HEARD])
def test_it_is_not_sent_again_if_notes_may_lie_somewhere(sees: Reply) -> None:
    assert dispensed(*NEVER[:2], (STATUS, sees))[0].status == "unknown"


def test_after_a_gap_in_power_it_may_have_begun_whatever_is_remembered() -> None:
    assert dispensed(*NEVER[:2], doubtful=True)[0].status == "unknown"
    assert dispensed(NEVER[0], (LAST_STATUS, remembers(DISPENSE, 0, 2)), doubtful=True)[0].status == "presented"


def test_one_that_says_nothing_for_a_minute_is_reset_once() -> None:
    silent: list[tuple[int, Reply]] = [(LAST_STATUS, Failure.NOT_HEARD)] * 61
    asked: tuple[int, Reply] = (DISPENSE, Failure.NO_ANSWER)
    assert dispensed(asked, *silent, (RESET, b""), (LAST_STATUS, remembers(DISPENSE, 0, 2)))[0].status == "presented"
    assert dispensed(asked, *silent, (RESET, b""), (LAST_STATUS, Failure.NOT_HEARD))[0].status == "unknown"
