"""Properties: any day of right transactions is right, and any one entry that is left out, doubled or altered is not."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from atmbench.facts import AnyFact, EntryPosted, LedgerCounted
from atmbench.second_opinion import Standing, opine
from tests.audit.builders import Tape, key_of, stamped


def withdraw(tape: Tape, stan: int, minor: int) -> None:
    tape.withdraw(stan, stan=stan, minor=minor)


def lose_reply(tape: Tape, stan: int, minor: int) -> None:
    tape.lost_reply(stan, stan=stan, minor=minor)


def pay_short(tape: Tape, stan: int, minor: int) -> None:
    key = key_of("T01", stan)
    tape.request(stan, key, minor)
    tape.take(stan + 4, key, minor - 1000)
    tape.end(stan + 5, key, "short")
    tape.reverse(stan + 5, key, 1000)


def deposit(tape: Tape, stan: int, minor: int) -> None:
    key = key_of("T01", stan)
    tape.ask(stan, key, 0, "deposit")
    tape.send(stan, key, minor)
    tape.post(stan + 1, key, minor)
    tape.accept_notes(stan + 4, key, minor)
    tape.end(stan + 5, key)


def transfer(tape: Tape, stan: int, minor: int) -> None:
    key = key_of("T01", stan)
    tape.ask(stan, key, minor, "transfer")
    tape.send(stan, key, minor)
    tape.post(stan + 1, key, minor)
    tape.end(stan + 2, key)


KINDS: list[Callable[[Tape, int, int], None]] = [withdraw, lose_reply, pay_short, deposit, transfer]
days = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(2, 20)), min_size=1, max_size=8)


def played(day: list[tuple[Callable[[Tape, int, int], None], int]]) -> list[AnyFact]:
    tape = Tape()
    for number, (kind, notes) in enumerate(day, start=1):
        kind(tape, number, notes * 1000)
    return tape.play()


def recounted(facts: list[AnyFact]) -> list[AnyFact]:
    """The same with balances at the end that are what the entries come to, as an honest count would have it."""
    balances: dict[str, dict[str, int]] = {}
    told: list[AnyFact] = []
    for fact in facts:
        if isinstance(fact, LedgerCounted) and fact.when == "start":
            balances[fact.site] = dict(fact.balances)
        elif isinstance(fact, EntryPosted):
            own = balances[fact.actor]
            for account, change in fact.legs.items():
                own[account] = own.get(account, 0) + change
        elif isinstance(fact, LedgerCounted):
            fact = with_(fact, balances=balances[fact.site])
        told.append(fact)
    return told


def with_(fact: Any, **changes: Any) -> Any:
    return stamped(fact.t, fact.actor, msgspec.structs.replace(fact, **changes))


@given(days)
def test_a_day_of_right_transactions_is_right(day: list[tuple[Callable[[Tape, int, int], None], int]]) -> None:
    opinion = opine(played(day))
    assert opinion.objections == ()
    assert opinion.standing is Standing.PASS


@given(days, st.data())
def test_any_one_entry_left_out_doubled_or_altered_is_found_whatever_is_counted_at_the_end(
    day: list[tuple[Callable[[Tape, int, int], None], int]], data: st.DataObject
) -> None:
    facts = played(day)
    at = data.draw(st.sampled_from([n for n, fact in enumerate(facts) if isinstance(fact, EntryPosted)]))
    fact = facts[at]
    assert isinstance(fact, EntryPosted)
    change = data.draw(st.sampled_from(["left out", "doubled", "altered", "turned round", "another account"]))
    legs = dict(fact.legs)
    match change:
        case "left out":
            facts[at : at + 1] = []
        case "doubled":
            facts[at : at + 1] = [fact, fact]
        case "altered":
            by = data.draw(st.integers(-3000, 3000).filter(bool))
            legs = {account: moved + (by if moved > 0 else -by) for account, moved in legs.items()}
        case "turned round":
            legs = {account: -moved for account, moved in legs.items()}
        case _:
            legs = {("biller:9" if moved > 0 else account): moved for account, moved in legs.items()}
    if change not in ("left out", "doubled"):
        assume(legs != fact.legs)
        facts[at] = with_(fact, legs=legs)
    assert opine(recounted(facts)).standing is Standing.FAIL
