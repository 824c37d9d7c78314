"""What is due in a terminal's devices, and what is called off."""

from atmbench.devices.agenda import Agenda


def test_what_is_called_off_is_not_done() -> None:
    done: list[str] = []
    agenda = Agenda()
    first = agenda.plan(1.0, lambda now: done.append("first"))
    agenda.plan(2.0, lambda now: done.append("second"))
    agenda.call_off(first)
    deadlines = [agenda.deadline]
    agenda.perform(2.0)
    assert done == ["second"]
    assert [*deadlines, agenda.deadline] == [2.0, None]


def test_what_calls_off_and_plans_while_it_is_done_is_heeded() -> None:
    done: list[str] = []
    agenda = Agenda()

    def change(now: float) -> None:
        agenda.call_off(late)
        agenda.plan(now, lambda at: done.append("new"))

    agenda.plan(1.0, change)
    late = agenda.plan(1.0, lambda now: done.append("late"))
    agenda.perform(1.0)
    assert (done, agenda.deadline) == (["new"], None)
