"""A host with a capacity: when a request is decided, what becomes of those that wait, and who is told."""

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
import pytest

from atmbench.errors import LocalError
from atmbench.facts import (
    CapacityStated,
    PromotionRefused,
    QueueDepth,
    RequestsCounted,
    RequestShed,
    SiteRoleChanged,
    TombstoneHit,
)
from atmbench.host.capacity_settings import Sickness, SiteCapacity
from atmbench.host.core import Host
from atmbench.host.effects import ForgetRequest, HostEffect, Record, SendReply
from atmbench.host.settings import HostSettings
from atmbench.messages.records import Outcome, Purpose, Request
from tests.host.play import CURRENT, PAN, accounts, advice, cards, key, service

CARDS = [card for card in cards() if card.pan == PAN]


class Play:
    """A host whose sites serve one request a second, with T01 signed on at A. Answers are by ticket."""

    def __init__(self, *, settings: dict[str, Any] | None = None, **capacity: Any) -> None:
        usual = {"rate_per_s": 1.0, "service_times": "fixed", "cost": {"sign_on": 0, "echo": 0}}
        values = {"capacity": usual | capacity, **(settings or {})}
        self.host = Host(
            msgspec.convert(values, HostSettings), CARDS, accounts(), "NGN", rng_of=lambda site: Random(f"1/{site}")
        )
        self.now = 0.0
        self.answers: list[tuple[float, int, str]] = []
        self.facts: list[tuple[str, Any]] = []
        self._ticket = 0
        self.sign_on()

    def sign_on(self, site: str = "A") -> None:
        self.come(Request(purpose=Purpose.SIGN_ON, terminal="T01", stan=1, transmitted=""), site)
        self.wait(0.0)
        assert self.answers.pop()[2] == Outcome.APPROVED

    def come(self, request: Request, site: str = "A", line: str = "primary") -> int:
        self._ticket += 1
        self.take(self.host.on_request(site, request, self.now, line, self._ticket))
        return self._ticket

    def withdraw(self, stan: int = 7, site: str = "A", **rest: Any) -> int:
        return self.come(service(Purpose.WITHDRAWAL, stan, amount_minor=5000, **rest), site)

    def take(self, effects: Sequence[HostEffect]) -> None:
        for effect in effects:
            if isinstance(effect, Record):
                self.facts.append((effect.site, effect.fact))
            elif isinstance(effect, ForgetRequest):
                self.answers.append((self.now, effect.ticket, "forgotten"))
            else:
                assert isinstance(effect, SendReply)
                assert effect.ticket is not None
                self.answers.append((self.now, effect.ticket, str(effect.reply.outcome)))

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (deadline := self.host.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.take(self.host.on_time(self.now))
        self.now = until

    def facts_of(self, kind: type) -> list[Any]:
        return [fact for _, fact in self.facts if isinstance(fact, kind)]

    def change(self, site: str = "A") -> int:
        """How the customer's balance has changed."""
        for effect in self.host.count("end"):
            if isinstance(effect, Record) and effect.site == site and hasattr(effect.fact, "balances"):
                return int(effect.fact.balances[CURRENT]) - 100_000
        raise AssertionError(site)


def test_a_request_is_decided_and_posted_when_its_service_ends() -> None:
    play = Play()
    assert play.host.lets_wait
    first, second = play.withdraw(7), play.withdraw(8)
    assert (play.answers, play.change()) == ([], 0)
    assert play.host.pending() == ("2 requests wait at site A",)
    play.wait(1.5)
    assert (play.answers, play.change()) == ([(1, first, "approved")], -5000)
    play.wait(1.5)
    assert play.answers[1:] == [(2, second, "approved")]
    assert play.host.pending() == ()


def test_a_reversal_that_goes_first_refuses_its_original_when_that_is_served() -> None:
    play = Play(advices_first=True)
    play.withdraw(6)
    original = play.withdraw(7)
    reversal = play.come(advice(Purpose.REVERSAL, 7, 5000))
    play.wait(5)
    assert play.answers[1:] == [(2, reversal, "approved"), (3, original, "too_late")]
    assert [fact.key for fact in play.facts_of(TombstoneHit)] == [key(7)]
    assert play.change() == -5000, "only the one before"


@pytest.mark.parametrize(
    ("when_full", "answer"), [("drop", "forgotten"), ("refuse", "host_unavailable"), ("malfunction", "malfunction")]
)
def test_who_finds_no_place_hears_what_the_host_was_set_up_to_say(when_full: str, answer: str) -> None:
    play = Play(queue_max=1, when_full=when_full)
    play.withdraw(7)
    play.withdraw(8)
    turned_away = play.withdraw(9)
    assert play.answers == [(0, turned_away, answer)]
    [shed] = play.facts_of(RequestShed)
    assert (shed.site, shed.terminal, shed.purpose, shed.stan, shed.key) == ("A", "T01", "withdrawal", 9, key(9))
    assert (shed.because, shed.waited_s, shed.outcome) == ("full", 0.0, "" if answer == "forgotten" else answer)
    play.wait(5)
    assert play.change() == -10_000, "nothing was posted for the one that was turned away"


def test_a_standby_says_so_at_the_door_and_answers_echoes_in_their_turn() -> None:
    play = Play(cost={"sign_on": 0, "echo": 1})
    refused = play.withdraw(7, site="B")
    echo = play.come(Request(purpose=Purpose.ECHO, terminal="T01", stan=3, transmitted=""), "B")
    play.wait(5)
    assert play.answers == [(0, refused, "host_unavailable"), (1, echo, "approved")]


def test_a_site_that_is_stopped_says_nothing_to_those_that_wait_and_posts_nothing() -> None:
    play = Play()
    tickets = [play.withdraw(7), play.withdraw(8)]
    play.take(play.host.stop("A", play.now))
    assert play.answers == [(0, ticket, "forgotten") for ticket in tickets]
    assert [fact.because for fact in play.facts_of(RequestShed)] == ["stopped", "stopped"]
    play.wait(10)
    assert (play.change("A"), play.change("B")) == (0, 0)
    late = play.withdraw(9)
    assert play.answers[-1:] == [(10, late, "forgotten")]
    play.take(play.host.start("A", play.now))
    play.sign_on()
    again = play.withdraw(10)
    play.take(play.host.stop("A", play.now))
    assert play.answers[-1:] == [(10, again, "forgotten")], "the second time, too"


def test_a_site_that_is_stood_down_refuses_those_that_wait() -> None:
    play = Play(cost={"sign_on": 0, "echo": 1})
    asked = play.withdraw(7)
    echo = play.come(Request(purpose=Purpose.ECHO, terminal="T01", stan=3, transmitted=""))
    play.take(play.host.promote("B", play.now, "by order"))
    assert play.answers == [(0, asked, "host_unavailable"), (0, echo, "approved")]
    assert play.change() == 0


def test_what_was_read_before_a_line_ended_is_decided_all_the_same() -> None:
    play = Play()
    asked = play.withdraw(7)
    play.host.on_hung_up("A", "primary")
    play.wait(2)
    assert (play.answers, play.change()) == ([(1, asked, "approved")], -5000)
    later = play.withdraw(8)
    play.wait(2)
    assert play.answers[1:] == [(3, later, "sign_on_needed")], "the session has ended with the last request"
    [counted] = [fact for _, fact in told(play, "end") if isinstance(fact, RequestsCounted) and fact.site == "A"]
    assert (counted.arrived, counted.served, counted.in_vain, counted.inside) == (3, 3, 1, 0)


def test_a_site_is_stood_down_when_somebody_has_waited_too_long_and_only_once() -> None:
    play = Play(rate_per_s=0.1, fence_after_s=4)
    play.wait(1)
    asked = play.withdraw(7)
    play.wait(3.5)
    assert play.facts_of(SiteRoleChanged) == []
    play.wait(1)
    assert [(fact.site, fact.role) for fact in play.facts_of(SiteRoleChanged)] == [("A", "standby"), ("B", "active")]
    assert play.answers[-1:] == [(5, asked, "host_unavailable")]
    play.sign_on("B")
    play.withdraw(8, site="B")
    play.wait(20)
    assert len(play.facts_of(SiteRoleChanged)) == 2, "B is as slow, but A has been stood down before"
    play.take(play.host.promote("A", play.now, "by order"))
    play.sign_on("A")
    play.withdraw(9)
    play.wait(20)
    assert [fact.site for fact in play.facts_of(SiteRoleChanged)[4:]] == ["A", "B"], "it may be stood down again"


@pytest.mark.parametrize("settings", [{"promotion_behind_max": 0}, {"promotion_behind_max": 0, "fencing": "epoch"}])
def test_a_fence_that_the_successor_refuses_is_not_tried_again(settings: dict[str, Any]) -> None:
    play = Play(fence_after_s=4, settings=settings)
    play.withdraw(7)
    play.wait(2)
    play.take(play.host.set_replication(paused=True, lag_s=None, now=play.now))
    for stan in range(8, 15):
        play.withdraw(stan)
    play.wait(30)
    assert len(play.facts_of(PromotionRefused)) == 1
    assert play.host.role("A") == "active"
    assert play.change() == -40_000


def test_a_fence_that_has_to_wait_for_its_epoch_is_ordered_once() -> None:
    play = Play(fence_after_s=4, settings={"fencing": "epoch", "heartbeat_s": 3})
    play.take(play.host.set_ways(lambda sender, receiver: "blocked", play.now))
    for stan in range(7, 15):
        play.withdraw(stan)
    play.wait(5.5)
    assert play.facts_of(SiteRoleChanged) == []
    play.wait(1)
    assert [(fact.site, fact.role) for fact in play.facts_of(SiteRoleChanged)] == [("A", "standby"), ("B", "active")]


def test_an_answer_waits_for_its_service_and_then_for_the_other_site() -> None:
    play = Play(settings={"confirms": "when_replicated", "replication_lag_s": 0.5})
    asked = play.withdraw(7)
    play.wait(1.2)
    assert (play.answers, play.change("A")) == ([], -5000)
    play.wait(1)
    assert play.answers == [(1.5, asked, "approved")]


def test_an_isolated_site_refuses_all_that_wait_and_echoes_too() -> None:
    play = Play(cost={"sign_on": 0, "echo": 1})
    asked = play.withdraw(7)
    echo = play.come(Request(purpose=Purpose.ECHO, terminal="T01", stan=3, transmitted=""))
    play.take(play.host.isolate("A", play.now))
    later = play.come(Request(purpose=Purpose.ECHO, terminal="T01", stan=4, transmitted=""))
    assert play.answers == [(0, ticket, "host_unavailable") for ticket in (asked, echo, later)]


def test_a_change_is_told_and_ends_when_all_is_healed() -> None:
    play = Play(sites={"B": {"rate_per_s": 0.5}})
    assert [(site, fact.rate_per_s, fact.role) for site, fact in told(play, "start")] == [
        ("A", 1.0, "active"),
        ("B", 0.5, "standby"),
    ]
    sick = SiteCapacity(sick=Sickness(answers=0.0, delay_s=(30, 30)))
    play.take(play.host.set_capacity("A", sick, play.now))
    asked = play.withdraw(7)
    play.wait(5)
    assert play.answers == []
    play.take(play.host.heal_capacity(play.now))
    play.wait(5)
    assert play.answers == [(6, asked, "approved")]
    assert [(fact.site, fact.answers) for fact in play.facts_of(CapacityStated)] == [("A", 0.0), ("A", 1.0)]


def test_the_depth_of_the_queue_is_told() -> None:
    play = Play(queue_max=4)
    for stan in range(7, 12):
        play.withdraw(stan)
    play.wait(9)
    assert [fact.waiting for fact in play.facts_of(QueueDepth)] == [1, 2, 3, 4, 0]


def test_what_does_not_fit_together_is_said() -> None:
    plain = Host(HostSettings(), CARDS, accounts(), "NGN")
    assert not plain.lets_wait
    with pytest.raises(LocalError, match="answers all requests at once"):
        plain.set_capacity("A", SiteCapacity(rate_per_s=1.0), 0.0)
    with pytest.raises(LocalError, match=r"host\.capacity\.sites names C"):
        Play(sites={"C": {"rate_per_s": 1}})
    settings = msgspec.convert({"capacity": {"rate_per_s": 1}}, HostSettings)
    with pytest.raises(LocalError, match="source of chance"):
        Host(settings, CARDS, accounts(), "NGN")


def told(play: Play, when: str) -> list[tuple[str, Any]]:
    """What the sites say of their capacity at the start or at the end."""
    records = [(each.site, each.fact) for each in play.host.count(when) if isinstance(each, Record)]
    return [(site, fact) for site, fact in records if isinstance(fact, CapacityStated | RequestsCounted)]


def test_an_answer_that_has_had_its_turn_may_wait_again_for_the_other_site() -> None:
    play = Play(settings={"confirms": "when_replicated", "replication_lag_s": 2.0})
    ticket = play.withdraw()
    play.wait(2.9)
    assert play.answers == [], "it is served after a second, and the other site has its record two later"
    play.wait(0.2)
    assert play.answers == [(3.0, ticket, "approved")]
