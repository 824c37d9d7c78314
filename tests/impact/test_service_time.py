"""For how long a terminal was in service, on timelines that can be reckoned by hand."""

import pytest

from atmbench.facts import Fact, PowerFailed, PowerRestored, StateChanged
from atmbench.impact import service_time
from atmbench.impact.service_time import InService, ServiceTime, together
from tests.audit.builders import stamped


def fed(*given: tuple[float, str, Fact]) -> ServiceTime:
    time = ServiceTime()
    handlers = time.handlers()
    for t, actor, fact in given:
        handlers[type(fact)](stamped(t, actor, fact))
    return time


def to(state: str) -> StateChanged:
    return StateChanged(old="", new=state, because="")


def counted(time: ServiceTime, end_t: float = 100.0) -> tuple[InService, ...]:
    return time.counted(end_t, lambda name: "online" if name.startswith("W") else "atm", {"T01": 3.5})


def test_in_service_over_observed_from_when_it_first_was() -> None:
    time = fed(
        (1.0, "T01", PowerRestored()),
        (5.0, "T01", to("ready")),
        (20.0, "T01", to("authorising")),
        (25.0, "T01", to("closed")),
        (35.0, "T01", to("ready")),
        (60.0, "T01", PowerFailed(during="ready")),
        (70.0, "T01", PowerRestored()),
        (72.0, "T01", to("recovering")),
        (75.0, "T01", to("ready")),
    )
    [terminal] = counted(time)
    assert (terminal.in_service_s, terminal.out_of_service_s, terminal.starting_s) == (70.0, 25.0, 4.0)
    assert terminal.observed_s == 95.0
    assert terminal.availability == round(70 / 95, 9)
    assert terminal.longest_out_s == 15.0
    assert terminal.states == {"ready": 65, "authorising": 5, "closed": 12, "no_power": 10, "recovering": 3}
    assert (terminal.channel, terminal.in_vain_s) == ("atm", 3.5)


def test_a_terminal_that_never_was_in_service_was_out_of_it_all_the_time() -> None:
    [terminal] = counted(fed((10.0, "T02", PowerRestored()), (20.0, "T02", PowerFailed(during="closed"))))
    assert (terminal.in_service_s, terminal.out_of_service_s, terminal.longest_out_s) == (0, 90.0, 90.0)
    assert terminal.availability == 0
    assert terminal.in_vain_s == 0


def test_an_outage_that_has_no_end_lasts_to_the_end() -> None:
    [terminal] = counted(fed((0.0, "T01", to("ready")), (40.0, "T01", to("closed"))))
    assert (terminal.in_service_s, terminal.out_of_service_s, terminal.longest_out_s) == (40.0, 60.0, 60.0)


def test_nothing_observed_has_no_availability() -> None:
    [terminal] = counted(fed((100.0, "T01", to("ready"))))
    assert terminal.availability is None


def test_terminals_together_are_their_sums_and_the_longest_is_one_of_theirs() -> None:
    time = fed(
        (0.0, "T01", to("ready")), (10.0, "T01", to("closed")), (0.0, "T02", to("ready")), (90.0, "T02", to("closed"))
    )
    fleet = together("fleet", counted(time))
    assert (fleet.name, fleet.terminals, fleet.in_service_s, fleet.out_of_service_s) == ("fleet", 2, 100.0, 100.0)
    assert (fleet.longest_out_s, fleet.availability, fleet.in_vain_s) == (90.0, 0.5, 3.5)
    assert fleet.states == {"ready": 100.0, "closed": 100.0}
    assert together("none", ()).availability is None


def test_more_terminals_than_are_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_time, "TERMINALS_MAX", 1)
    time = fed((0.0, "T01", to("ready")), (1.0, "T02", to("ready")), (2.0, "T02", to("closed")))
    assert [terminal.name for terminal in counted(time)] == ["T01"]
    assert time.beyond == {"T02"}
