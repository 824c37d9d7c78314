"""The book of what is held: order, wholeness and release."""

from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from atmbench.links.held import INBOUND, OUTBOUND, Held, Kind


def emptied(held: Held) -> list[tuple[float, bytes]]:
    """Everything in its order: when it is due, and what comes in one chunk then."""
    out = []
    while held.heap:
        due = held.heap[0][0]
        out.append((due, held.pop()[1]))
    return out


def test_what_is_due_together_in_one_direction_comes_as_one_chunk() -> None:
    held = Held()
    for kind, data in ((Kind.OUT, b"a"), (Kind.OUT, b"b"), (Kind.IN, b"c"), (Kind.IN, b"d"), (Kind.OUT, b"e")):
        held.push(1.0, kind, data)
    held.push(2.0, Kind.IN, b"f")
    assert emptied(held) == [(1.0, b"ab"), (1.0, b"cd"), (1.0, b"e"), (2.0, b"f")]


def test_a_chunk_has_the_notes_of_all_its_parts() -> None:
    held = Held()
    for note in ("", "late", "late", "", "twice"):
        held.push(1.0, Kind.OUT, b"x", note)
    assert held.pop() == (Kind.OUT, b"xxxxx", "late; twice")


def test_the_last_due_of_some_kinds() -> None:
    held = Held()
    held.push(1.0, Kind.BODY, b"a")
    held.push(5.0, Kind.OUT, b"b")
    assert held.last_due(*INBOUND) == 1.0
    assert held.last_due(Kind.LOSS) == -inf


@given(earlier=st.lists(st.floats(0, 10), max_size=8), gap_s=st.sampled_from([0.5, 1.0]))
@settings(deadline=None, max_examples=100)
def test_pieces_stay_together_whatever_is_held_already(earlier: list[float], gap_s: float) -> None:
    held = Held()
    for due in earlier:
        held.push(due, Kind.OUT, b"x")
        held.push(due, Kind.IN, b"y")
    for index in range(5):
        held.push(3.0 + index * gap_s, Kind.OUT, b"abcde"[index : index + 1])
    held.keep_whole(OUTBOUND, 3.0, 3.0 + 4 * gap_s, 5)
    out = b"".join(data for _, data in emptied(held))
    assert b"abcde" in out.replace(b"y", b"")
    assert (out.count(b"x"), out.count(b"y")) == (len(earlier), len(earlier))


def test_what_was_put_off_is_held_by_what_put_it_off() -> None:
    held = Held()
    held.push(3.5, Kind.OUT, b"x", "", ("delay",))
    held.push(3.0, Kind.OUT, b"a")
    held.push(4.0, Kind.OUT, b"b", "", ("trickle",))
    held.keep_whole(OUTBOUND, 3.0, 4.0, 2)
    held.hasten(1.0, lambda names: "trickle" in names, {Kind.OUT: 4.0})
    assert emptied(held) == [(3.0, b"a"), (4.0, b"bx")]


def test_hastening_frees_in_order_and_never_puts_off() -> None:
    held = Held()
    for due, data, held_by in ((9.0, b"c", ("f",)), (0.5, b"a", ()), (8.0, b"b", ()), (7.0, b"k", ("g", "f"))):
        held.push(due, Kind.OUT, data, "", held_by)
    held.push(4.0, Kind.IN, b"i", "", ("f",))
    held.hasten(1.0, lambda names: "g" in names, {Kind.IN: 6.0})
    assert emptied(held) == [(0.5, b"a"), (1.0, b"bc"), (4.0, b"i"), (7.0, b"k")]
