"""DE7 far from the clock of its site: told, and refused only where the drill wants that."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from atmbench.facts import Fact, TransmittedOffTime
from atmbench.host.core import Host
from atmbench.host.settings import HostSettings
from atmbench.messages.records import Outcome, Purpose, Request
from atmbench.messages.wall_clock import WallClock
from tests.host.play import Said, accounts, advice, cards, security_module, service


class Dated:
    """A host whose site A has its clock at nine in UTC, and terminal T01 signed on."""

    def __init__(self, **settings: Any) -> None:
        self.clocks = {name: WallClock(datetime(2026, 1, 5, 9), 3600) for name in "AB"}
        self.host = Host(
            msgspec.convert(settings, HostSettings),
            cards(),
            accounts(),
            "NGN",
            module=security_module(),
            clock_of=self.clocks.__getitem__,
        )
        self.ask(service(Purpose.SIGN_ON, 1))

    def ask(self, request: Request, transmitted: str = "0105090000") -> Said:
        return Said(self.host.on_request("A", msgspec.structs.replace(request, transmitted=transmitted), 0.0, 1))


def off(said: Said) -> list[Fact]:
    return [fact for fact in said.facts if isinstance(fact, TransmittedOffTime)]


WITHDRAWAL = service(Purpose.WITHDRAWAL, 7, amount_minor=1000)


def test_without_a_limit_nobody_looks() -> None:
    assert not off(Dated().ask(WITHDRAWAL, "1224000000"))


@pytest.mark.parametrize("transmitted", ["0105090000", "0105090600", "0105085400"])
def test_a_time_within_the_limit_is_no_fact(transmitted: str) -> None:
    assert not off(Dated(off_time_max_s=600).ask(WITHDRAWAL, transmitted))


def test_a_request_that_is_off_is_served_and_told() -> None:
    said = Dated(off_time_max_s=600).ask(WITHDRAWAL, "0105070000")
    assert said.outcome is Outcome.APPROVED
    (fact,) = off(said)
    assert fact == TransmittedOffTime(key=said.facts[-1].key, terminal="T01", off_s=-7200.0, refused=False)  # type: ignore[attr-defined]


def test_it_is_refused_where_the_drill_wants_that() -> None:
    dated = Dated(off_time_max_s=600, off_time="refuse")
    assert dated.ask(WITHDRAWAL).outcome is Outcome.APPROVED
    dated.clocks["A"].step(7200)
    later = service(Purpose.WITHDRAWAL, 8, amount_minor=1000)
    assert dated.ask(later).outcome is Outcome.FORMAT_ERROR
    assert dated.ask(later, "0105110000").outcome is Outcome.APPROVED


def test_an_advice_may_be_as_old_as_it_must() -> None:
    dated = Dated(off_time_max_s=600, off_time="refuse")
    dated.ask(WITHDRAWAL)
    said = dated.ask(advice(Purpose.REVERSAL, 7, 1000), "0105010000")
    assert said.outcome is Outcome.APPROVED
    assert not off(said)


def test_a_step_of_the_clock_forgets_no_tombstone_and_no_answer() -> None:
    dated = Dated()
    dated.ask(WITHDRAWAL)
    dated.ask(advice(Purpose.REVERSAL, 9, 1000))
    dated.clocks["A"].step(400 * 86_400)
    assert [type(fact).__name__ for fact in dated.ask(WITHDRAWAL).facts] == ["RepeatAnswered"]
    overtaken = service(Purpose.WITHDRAWAL, 9, amount_minor=1000)
    assert dated.ask(overtaken).outcome is Outcome.TOO_LATE
