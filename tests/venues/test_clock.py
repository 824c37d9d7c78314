"""The virtual clock goes from alarm to alarm, and nobody who has something to do in between is passed over."""

from collections.abc import Awaitable, Callable

import trio

from atmbench.venues.virtual import VirtualVenue


class Stage:
    """A virtual venue that lives for 100 seconds; `seen` is what was noted, and when."""

    def __init__(self) -> None:
        self.venue = VirtualVenue()
        self.seen: list[tuple[float, str]] = []

    def note(self, what: str) -> None:
        self.seen.append((trio.current_time(), what))

    def ring(self, at: float, what: str) -> None:
        self.call(at, lambda: self.note(what))

    def call(self, at: float, ring: Callable[[], None]) -> None:
        self.venue.timetable.alarm(ring).set(at)

    def live(self, *tasks: Callable[[], Awaitable[None]]) -> list[tuple[float, str]]:
        async def main() -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.venue.timetable.run)
                for task in tasks:
                    nursery.start_soon(task)
                await trio.sleep(100.0)
                nursery.cancel_scope.cancel()

        trio.run(main, clock=self.venue.clock())
        return self.seen


def test_alarms_ring_at_their_times_and_in_their_order() -> None:
    stage = Stage()
    stage.ring(3.0, "third")
    stage.ring(1.0, "first")
    stage.ring(3.0, "fourth")
    stage.ring(2.5, "second")
    stage.ring(1000.0, "too late")
    assert stage.live() == [(1.0, "first"), (2.5, "second"), (3.0, "third"), (3.0, "fourth")]


def test_a_task_that_an_alarm_wakes_runs_before_the_next_alarm() -> None:
    stage, woken = Stage(), trio.Event()

    async def wait() -> None:
        await woken.wait()
        stage.note("woken")
        await trio.lowlevel.checkpoint()
        stage.note("done")

    stage.ring(1.0, "before")
    stage.call(2.0, woken.set)
    stage.ring(3.0, "after")
    assert stage.live(wait) == [(1.0, "before"), (2.0, "woken"), (2.0, "done"), (3.0, "after")]


def test_a_deadline_of_trio_is_kept_between_alarms_and_comes_first_at_the_same_instant() -> None:
    stage = Stage()

    async def sleep() -> None:
        await trio.sleep(1.5)
        stage.note("slept")
        await trio.sleep(0.5)
        stage.note("slept again")

    for at in (1.0, 2.0, 3.0):
        stage.ring(at, "alarm")
    assert stage.live(sleep) == [
        (1.0, "alarm"),
        (1.5, "slept"),
        (2.0, "slept again"),
        (2.0, "alarm"),
        (3.0, "alarm"),
    ]


def test_a_deadline_that_an_alarm_brings_forward_is_kept() -> None:
    stage, patience = Stage(), trio.CancelScope(deadline=50.0)

    async def wait() -> None:
        with patience:
            await trio.sleep_forever()
        stage.note("gave up")

    def hurry() -> None:
        patience.deadline = 2.0

    stage.call(1.0, hurry)
    stage.ring(3.0, "alarm")
    assert stage.live(wait) == [(2.0, "gave up"), (3.0, "alarm")]


def test_a_timetable_that_an_alarm_cancels_rings_no_more() -> None:
    venue, rung, scope = VirtualVenue(), [], trio.CancelScope()

    def ring() -> None:
        rung.append(trio.current_time())
        alarm.set(trio.current_time() + 1.0)
        if len(rung) == 3:
            scope.cancel()

    alarm = venue.timetable.alarm(ring)

    async def main() -> None:
        alarm.set(1.0)
        with scope:
            await venue.timetable.run()

    trio.run(main, clock=venue.clock())
    assert rung == [1.0, 2.0, 3.0]
