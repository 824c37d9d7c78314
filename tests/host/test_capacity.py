"""A station of a host: what waits, what is served, and who goes when there is too much."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.host.capacity import Job, Served, Shed, Station, Why
from atmbench.host.capacity_settings import Capacity, ServiceTimes, Sheds, Sickness, SiteCapacity
from atmbench.messages.records import ADVICES, Purpose, Request

W, R, S, E = Purpose.WITHDRAWAL, Purpose.REVERSAL, Purpose.SIGN_ON, Purpose.ECHO


class Play:
    """A station, and a transcript of who came out of it when and how."""

    def __init__(self, **settings: Any) -> None:
        usual: dict[str, Any] = {"rate_per_s": 1.0, "service_times": ServiceTimes.FIXED}
        self.station = Station(Capacity(**(usual | settings)), Random(1))
        self.now = 0.0
        self.out: list[tuple[float, int, str]] = []
        self._tickets = 0

    def come(self, *purposes: Purpose) -> None:
        for purpose in purposes:
            self._tickets += 1
            request = Request(purpose=purpose, terminal="T01", stan=self._tickets, transmitted="")
            self._tell(self.station.arrive(Job(self._tickets, request, "line", self.now), self.now))

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (deadline := self.station.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self._tell(self.station.advance(self.now))
        self.now = until

    def tell(self, gone: list[Shed]) -> None:
        self._tell(gone)

    def _tell(self, outcomes: Any) -> None:
        for each in outcomes:
            how = "served" if isinstance(each, Served) else str(each.why)
            self.out.append((self.now, each.job.ticket, how))


def test_requests_are_served_one_after_the_other_in_their_order() -> None:
    play = Play()
    play.come(W, W, W)
    play.wait(10)
    assert play.out == [(1, 1, "served"), (2, 2, "served"), (3, 3, "served")]
    assert play.station.waits.share_s(1.0) == pytest.approx(2.0)
    assert (play.station.arrived, play.station.served, play.station.shed, play.station.deepest) == (3, 3, 0, 2)


def test_several_servers_share_the_rate() -> None:
    play = Play(servers=2)
    play.come(W, W, W)
    play.wait(10)
    assert play.out == [(2, 1, "served"), (2, 2, "served"), (4, 3, "served")]


def test_a_dear_request_takes_longer_and_one_that_costs_nothing_no_time() -> None:
    play = Play(cost={S: 3, E: 0})
    play.come(S, E, W)
    play.wait(10)
    assert play.out == [(3, 1, "served"), (3, 2, "served"), (4, 3, "served")]


@pytest.mark.parametrize(
    ("settings", "purposes", "gone"),
    [
        ({"sheds": Sheds.NEWEST}, (W, W, W, W), 4),
        ({"sheds": Sheds.OLDEST}, (W, W, W, W), 2),
        ({"sheds": Sheds.SIGN_ONS}, (W, S, W, W), 2),
        ({"sheds": Sheds.SIGN_ONS}, (W, S, W, S), 4),
        ({"sheds": Sheds.SIGN_ONS}, (W, W, W, W), 4),
        ({"advices_first": True}, (W, W, W, R), 3),
        ({"advices_first": True}, (W, R, R, W), 4),
        ({"advices_first": True}, (W, R, R, R), 4),
        ({"advices_first": True, "sheds": Sheds.OLDEST}, (W, R, W, W), 3),
    ],
)
def test_who_goes_when_all_places_are_taken(settings: dict[str, Any], purposes: tuple[Purpose, ...], gone: int) -> None:
    play = Play(queue_max=2, **settings)
    play.come(*purposes)
    assert play.out == [(0, gone, "full")]
    assert play.station.waiting == 2


def test_advices_go_first() -> None:
    play = Play(advices_first=True)
    play.come(W, W, R, W, R)
    play.wait(10)
    assert [ticket for _, ticket, _ in play.out] == [1, 3, 5, 2, 4]


def test_nobody_works_for_those_who_have_left() -> None:
    play = Play(rate_per_s=0.1, stale_after_s=15)
    play.come(W, W, W)
    play.wait(20)
    assert play.out == [(10, 1, "served"), (20, 2, "served"), (20, 3, "stale")], "the second was begun in time"


def test_a_newcomer_finds_the_place_of_one_that_is_stale() -> None:
    play = Play(rate_per_s=0.01, queue_max=1, stale_after_s=5)
    play.come(W, W)
    play.wait(6)
    play.come(W)
    assert play.out == [(6, 2, "stale")]
    assert play.station.waiting == 1


def test_so_many_sign_ons_are_let_in_within_a_second() -> None:
    play = Play(rate_per_s=100, sign_ons_per_s_max=2)
    play.come(S, S, S, W)
    play.wait(0.9)
    play.come(S)
    play.wait(0.2)
    play.come(S)
    play.wait(1)
    assert [ticket for _, ticket, how in play.out if how == "sign_ons"] == [3, 5]


def test_a_sick_site_holds_some_up_and_they_keep_their_places() -> None:
    play = Play(rate_per_s=100, queue_max=3, sick=Sickness(answers=0, delay_s=(20, 20)))
    play.come(W, W, W, W)
    assert play.out == [(0, 4, "full")]
    play.wait(30)
    assert [(round(t, 2), ticket) for t, ticket, how in play.out if how == "served"] == [
        (20.01, 1), (20.02, 2), (20.03, 3)
    ]  # fmt: skip


def test_a_site_that_is_healed_lets_go_those_that_it_held_up() -> None:
    play = Play()
    play.tell(play.station.change(SiteCapacity(sick=Sickness(answers=0, delay_s=(20, 60))), 0))
    play.come(W, W)
    play.wait(5)
    play.tell(play.station.change(None, play.now))
    play.wait(5)
    assert [(t, how) for t, _, how in play.out] == [(6, "served"), (7, "served")]


def test_what_is_being_served_goes_on_at_the_new_pace() -> None:
    play = Play()
    play.come(W, W, W)
    play.tell(play.station.change(SiteCapacity(rate_per_s=0.1, queue_max=1), 0))
    play.wait(20)
    assert play.out == [(0, 3, "full"), (10, 1, "served"), (20, 2, "served")]


def test_a_site_that_stops_loses_all_of_them() -> None:
    play = Play(servers=2)
    play.come(W, R, W, S)
    play.tell(play.station.empty(Why.STOPPED, play.now))
    assert play.out == [(0, number, "stopped") for number in (1, 2, 3, 4)]
    assert (play.station.inside, play.station.deadline) == (0, None)


def test_the_depth_is_told_in_quarters_and_when_all_is_over() -> None:
    play = Play(queue_max=8)
    play.come(*[W] * 9)
    play.wait(20)
    assert play.station.levels == [2, 4, 6, 8, 0]


@pytest.mark.parametrize("times", ServiceTimes)
def test_service_times_have_the_mean_that_the_rate_says(times: ServiceTimes) -> None:
    play = Play(rate_per_s=10, servers=1, queue_max=5_000, service_times=times)
    play.come(*[W] * 4_000)
    play.wait(1e6)
    assert play.out[-1][0] == pytest.approx(400, rel=0.1)


def test_no_service_takes_longer_than_the_most() -> None:
    play = Play(rate_per_s=1, queue_max=500, service_times=ServiceTimes.LOGNORMAL, spread=2, service_max_s=2)
    play.come(*[W] * 300)
    play.wait(1e4)
    ends = [0.0, *(t for t, _, _ in play.out)]
    assert max(after - before for before, after in pairwise(ends)) <= 2.0 + 1e-6


CAPACITIES = st.builds(
    Capacity,
    rate_per_s=st.sampled_from([0.5, 2.0, 10.0]),
    servers=st.integers(1, 3),
    queue_max=st.integers(1, 5),
    service_times=st.sampled_from(ServiceTimes),
    cost=st.sampled_from([{}, {S: 4.0, E: 0.0}]),
    sheds=st.sampled_from(Sheds),
    advices_first=st.booleans(),
    stale_after_s=st.sampled_from([None, 2.0]),
    sign_ons_per_s_max=st.sampled_from([None, 1]),
    sick=st.sampled_from([None, Sickness(answers=0.5, delay_s=(1.0, 4.0))]),
)
ACTS = st.one_of(
    st.tuples(st.just("come"), st.sampled_from([W, R, S, E])),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.3, 1.0, 5.0])),
    st.tuples(
        st.just("change"),
        st.sampled_from([None, SiteCapacity(rate_per_s=0.2, queue_max=2), SiteCapacity(servers=2, sick=Sickness())]),
    ),
    st.tuples(st.just("empty"), st.none()),
)


@given(CAPACITIES, st.lists(ACTS, max_size=60))
def test_none_is_lost_never_more_than_the_bound_wait_and_each_class_keeps_its_order(
    capacity: Capacity, acts: list[tuple[str, Any]]
) -> None:
    play = Play()
    play.station = station = Station(capacity, Random(7))
    purposes: list[Purpose] = []
    for act, given_ in acts:
        if act == "come":
            purposes.append(given_)
            play.come(given_)
        elif act == "wait":
            play.wait(given_)
        elif act == "change":
            play.tell(station.change(given_, play.now))
        else:
            play.tell(station.empty(Why.STOPPED, play.now))
        assert station.waiting <= station.capacity.queue_max
        assert station.inside == station.arrived - station.served - station.shed
    play.wait(1e6)
    assert sorted(ticket for _, ticket, _ in play.out) == list(range(1, len(purposes) + 1))
    assert (station.inside, station.waiting, station.deadline) == (0, 0, None)
    never_held = capacity.sick is None and not any(act == "change" for act, _ in acts)
    if capacity.servers == 1 and never_held:
        for is_advice in (True, False):
            of_class = [
                ticket
                for _, ticket, how in play.out
                if how == "served" and (capacity.advices_first and purposes[ticket - 1] in ADVICES) is is_advice
            ]
            assert of_class == sorted(of_class)
