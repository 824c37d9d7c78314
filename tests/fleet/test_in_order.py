"""Things that become ready in any order happen in the order they were begun."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from atmbench.fleet.in_order import InOrder


def test_what_is_ready_early_waits_for_what_was_begun_before() -> None:
    queue, done = InOrder(), list[str]()
    first, second, third = (queue.begin("primary") for _ in range(3))
    second(partial(done.append, "second"))
    assert (done, queue.is_empty) == ([], False)
    first(partial(done.append, "first"))
    assert done == ["first", "second"]
    third(partial(done.append, "third"))
    assert (done, queue.is_empty) == (["first", "second", "third"], True)


def test_a_line_that_is_dropped_holds_up_nobody() -> None:
    queue, done = InOrder(), list[str]()
    lost = queue.begin("primary")
    queue.begin("secondary")(partial(done.append, "secondary"))
    queue.drop("primary")
    assert done == ["secondary"]
    lost(partial(done.append, "lost"))
    assert (done, queue.is_empty) == (["secondary"], True)


def test_after_a_power_failure_nothing_of_before_happens() -> None:
    queue, done = InOrder(), list[str]()
    before = queue.begin("primary")
    queue.drop_all()
    after = queue.begin("primary")
    before(partial(done.append, "before"))
    assert done == []
    after(partial(done.append, "after"))
    assert done == ["after"]


def test_what_happens_may_begin_and_drop_other_things() -> None:
    queue, done = InOrder(), list[str]()
    first, second = queue.begin("primary"), queue.begin("primary")
    second(partial(done.append, "never"))

    def hang_up() -> None:
        done.append("first")
        queue.drop("primary")
        queue.begin("secondary")(partial(done.append, "next"))

    first(hang_up)
    assert (done, queue.is_empty) == (["first", "next"], True)


@given(st.permutations(range(8)))
def test_any_order_of_getting_ready_gives_the_order_of_beginning(order: list[int]) -> None:
    queue, done = InOrder(), list[int]()
    ready = [queue.begin("primary") for _ in range(8)]
    for number in order:
        ready[number](partial(done.append, number))
        assert done == list(range(len(done))), "nothing overtakes"
    assert done == list(range(8))
