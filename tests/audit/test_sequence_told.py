"""Check `sequence`: what it is about, and its whole sentences."""

from tests.audit.builders import Tape, key_of


def test_a_run_in_order_says_its_figures() -> None:
    tape = Tape(terminals=("T01", "T02"))
    key = tape.withdraw(1)
    tape.withdraw(2, "T02", 7)
    tape.ask(20, key_of("T01", 130))
    for t in (20.0, 21.0):
        tape.send(t, key_of("T01", 130))
    tape.reply(22, key, at="T01")
    tape.ignore(22, key)
    assert tape.judge().verdict("sequence").because == (
        "4 messages of 2 terminals in order: STANs rise, 1 repeat equals its first sending, "
        "2 dispenses each on a matched approval, 1 ignored reply without effect"
    )
    tape.reply(23, key, at="T01")
    tape.ignore(23, key)
    tape.send(24, key_of("T01", 130))
    assert tape.judge().verdict("sequence").because == (
        "5 messages of 2 terminals in order: STANs rise, 2 repeats equal their first sending, "
        "2 dispenses each on a matched approval, 2 ignored replies without effect"
    )


def test_breaches_are_counted_and_the_first_is_said_with_its_facts() -> None:
    tape = Tape()
    tape.ask(1, key_of("T01", 118))
    tape.ask(2, key_of("T01", 117))
    verdict = tape.judge().verdict("sequence")
    assert verdict.because == "1 breach of order: T01 gave out STAN 000117 after 000118"
    number = next(n for n, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == key_of("T01", 117))
    assert [(finding.key, finding.facts) for finding in verdict.findings] == [(key_of("T01", 117), (number,))]
    tape.ask(3, key_of("T01", 116))
    assert tape.judge().verdict("sequence").because.startswith("2 breaches of order: T01 gave out STAN 000117 after")
