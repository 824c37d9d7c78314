"""Customers that come by themselves: how many, when, and wanting what."""

from random import Random

import pytest

from atmbench.drill.records import Workload
from atmbench.fleet.arrivals import Arrivals
from atmbench.messages.records import Purpose
from atmbench.terminal.inputs import TransactionAsked


def asked(service: Purpose, rng: Random) -> TransactionAsked:
    return TransactionAsked(service=service, pan="9999990000000018", track2="")


def drawn(workload: Workload, until_s: float = 1e9, most: int = 10_000) -> list[tuple[float, Purpose]]:
    arrivals = Arrivals(workload, until_s, Random("test"), asked)
    seen: list[tuple[float, Purpose]] = []
    while arrivals.deadline is not None and len(seen) < most:
        at = arrivals.deadline
        seen.append((at, arrivals.next().service))
    return seen


def test_the_mean_gap_is_what_was_asked_for() -> None:
    times = [at for at, _ in drawn(Workload(every_s=20.0))]
    assert times[-1] / len(times) == pytest.approx(20.0, rel=0.05)
    assert times == sorted(times)


def test_nobody_comes_before_the_beginning_or_after_the_end() -> None:
    times = [at for at, _ in drawn(Workload(every_s=1.0, from_s=50.0), until_s=100.0)]
    assert times[0] > 50.0
    assert times[-1] < 100.0


def test_no_more_than_asked_for() -> None:
    assert len(drawn(Workload(every_s=1.0, per_terminal_max=7))) == 7
    assert drawn(Workload(every_s=1.0, per_terminal_max=0)) == []


def test_the_mix_is_drawn_by_weight() -> None:
    mix = {Purpose.WITHDRAWAL: 80, Purpose.BALANCE: 20, Purpose.DEPOSIT: 0}
    services = [service for _, service in drawn(Workload(mix=mix))]
    assert services.count(Purpose.BALANCE) / len(services) == pytest.approx(0.2, abs=0.02)
    assert Purpose.DEPOSIT not in services


def test_after_stop_nobody_comes() -> None:
    arrivals = Arrivals(Workload(), 1e9, Random("test"), asked)
    arrivals.stop()
    assert arrivals.deadline is None
    with pytest.raises(AssertionError):
        arrivals.next()
