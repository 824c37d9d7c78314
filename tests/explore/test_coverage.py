"""What a run has touched, as transcripts of facts."""

from atmbench.audit.verdict import Status
from atmbench.explore.coverage import MOVES, Coverage, Verdicts, Watch
from atmbench.facts import AnyFact, MessageSent, StateChanged
from atmbench.facts.base import stamp
from atmbench.terminal.states import Move, State


def told(actor: str, fact: AnyFact) -> AnyFact:
    stamp(fact, 1.0, actor)
    return fact


def sent(actor: str, purpose: str) -> AnyFact:
    return told(actor, MessageSent(terminal="T01", line="p", purpose=purpose, mti="0200", stan=1, fields={}))


def test_moves_are_those_of_the_table() -> None:
    watch = Watch()
    watch(told("T01", StateChanged(old=State.READY, new=State.AUTHORISING, because=Move.ASKED)))
    coverage = watch.coverage()
    assert coverage.moves == {("ready", "a customer asked for a service")}
    assert coverage.moves <= MOVES
    assert coverage.states == {"ready", "authorising"}
    assert coverage.kinds == {"state_changed"}


def test_pairs_are_events_of_one_actor_in_a_row() -> None:
    watch = Watch()
    for actor, purpose in (("T01", "withdrawal"), ("A", "reversal"), ("T01", "reversal")):
        watch(sent(actor, purpose))
    first, second = "MessageSent withdrawal ", "MessageSent reversal "
    assert watch.coverage().pairs == {("", first), ("", second), (first, second)}


def test_messages_are_those_of_terminals_for_customers() -> None:
    watch = Watch()
    for actor, purpose in (("T01", "echo"), ("T01", "withdrawal"), ("A", "withdrawal"), ("T01", "reversal")):
        watch(sent(actor, purpose))
    assert watch.messages == 2


def test_what_is_known_adds_nothing() -> None:
    known = Coverage(kinds=frozenset({"echo"}), codes=frozenset({"00"}))
    assert not Coverage(codes=frozenset({"00"})).adds_to(known)
    assert Coverage(codes=frozenset({"51"})).adds_to(known)
    assert (known | Coverage(codes=frozenset({"51"}))).codes == {"00", "51"}


def test_verdicts_add_up() -> None:
    one = Verdicts({"money": {Status.PASS: 1}})
    other = Verdicts({"money": {Status.FAIL: 1}, "view": {Status.PASS: 2}})
    assert (one | other).of == {"money": {Status.PASS: 1, Status.FAIL: 1}, "view": {Status.PASS: 2}}
