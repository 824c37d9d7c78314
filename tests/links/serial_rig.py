"""Paced wires and calls over them, for tests of serial lines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from atmbench.facts import Fact
from atmbench.faults.active import ActiveFaults
from atmbench.framing.link_styles import SerialSettings
from atmbench.links.linked import LinkedStream, host_end, terminal_end
from atmbench.links.medium import Medium
from atmbench.links.memory import memory_stream_pair
from atmbench.links.paced import PacedStream, paced_pair
from atmbench.links.timetable import Timetable

SERIAL = SerialSettings(baud=9600)
RUNS_S_MAX = 10_000


def medium(
    settings: SerialSettings = SERIAL, faults: ActiveFaults | None = None, told: list[Fact] | None = None
) -> Medium:
    return Medium(
        "T01",
        "primary",
        "A",
        settings,
        faults=faults or ActiveFaults(1),
        now=trio.current_time,
        record=(told if told is not None else []).append,
        key_of=lambda body: body[:4].decode(),
    )


def wires(
    timetable: Timetable,
    settings: SerialSettings = SERIAL,
    faults: ActiveFaults | None = None,
    told: list[Fact] | None = None,
) -> tuple[PacedStream, PacedStream]:
    """The terminal's and the host's end of a wire of memory."""
    return paced_pair(*memory_stream_pair(), medium(settings, faults, told), timetable)


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Timetable, trio.Nursery]]:
    """A timetable that rings. What does not end within some hours of its clock never would."""
    timetable = Timetable()
    with trio.fail_after(RUNS_S_MAX):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(timetable.run)
            yield timetable, nursery
            nursery.cancel_scope.cancel()


def call(
    timetable: Timetable,
    settings: SerialSettings = SERIAL,
    faults: ActiveFaults | None = None,
    told: list[Fact] | None = None,
) -> tuple[LinkedStream, LinkedStream]:
    """Both ends of a call: the terminal's and the host's."""
    near, far = wires(timetable, settings, faults, told)
    return terminal_end(near, settings, timetable), host_end(far, settings, timetable)
