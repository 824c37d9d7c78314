"""What is approved and what is refused: cards, PINs, accounts, limits, funds."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from atmbench.errors import LocalError
from atmbench.host.core import Host
from atmbench.host.settings import Account, Card, HostSettings
from atmbench.messages.records import AccountType, Outcome, Purpose
from atmbench.messages.wall_clock import WallClock
from tests.host.play import (
    BLOCKED,
    CURRENT,
    EXPIRED,
    FRIEND,
    MASTER,
    OTHER_PAN,
    PAN,
    PIN_PAN,
    SAVINGS,
    STOLEN,
    TIME,
    Play,
    Said,
    accounts,
    cards,
    sealed,
    security_module,
    service,
)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, Outcome.APPROVED),
        ({"pan": "", "track2": f"{PAN}=30122010000000000"}, Outcome.APPROVED),
        ({"pan": "", "track2": f"{PAN}D30122010000000000"}, Outcome.APPROVED),
        ({"currency": "566"}, Outcome.APPROVED),
        ({"currency": "USD"}, Outcome.INVALID_TRANSACTION),
        ({"local_time": ""}, Outcome.FORMAT_ERROR),
        ({"pan": "4999999999999999"}, Outcome.CARD_UNKNOWN),
        ({"pan": BLOCKED}, Outcome.DECLINED),
        ({"pan": STOLEN}, Outcome.RETAIN_CARD),
        ({"pan": EXPIRED}, Outcome.EXPIRED_CARD),
        ({"from_account": AccountType.CREDIT}, Outcome.NO_ACCOUNT),
        ({"amount_minor": 0}, Outcome.INVALID_AMOUNT),
        ({"amount_minor": 50_000}, Outcome.APPROVED),
        ({"amount_minor": 50_001}, Outcome.AMOUNT_LIMIT),
    ],
)
def test_a_withdrawal_is_checked_in_this_order(changed: dict[str, Any], outcome: Outcome) -> None:
    play = Play()
    said = play.serve(Purpose.WITHDRAWAL, **({"amount_minor": 5000} | changed))
    assert said.outcome is outcome
    assert bool(said.entries()) == (outcome is Outcome.APPROVED)


@pytest.mark.parametrize(
    ("purpose", "changed", "legs"),
    [
        (Purpose.WITHDRAWAL, {"from_account": AccountType.SAVINGS}, {SAVINGS: -500, "cash:T01": 500}),
        (Purpose.DEPOSIT, {}, {CURRENT: 500, "cash:T01": -500}),
        (Purpose.DEPOSIT, {"to_account": AccountType.SAVINGS}, {SAVINGS: 500, "cash:T01": -500}),
        (Purpose.DEPOSIT, {"from_account": AccountType.SAVINGS}, {SAVINGS: 500, "cash:T01": -500}),
        (Purpose.TRANSFER, {"to_account": AccountType.SAVINGS}, {CURRENT: -500, SAVINGS: 500}),
        (Purpose.TRANSFER, {"payee": FRIEND}, {CURRENT: -500, FRIEND: 500}),
        (Purpose.BILL_PAYMENT, {"payee": "9000000001"}, {CURRENT: -500, "biller:9000000001": 500}),
    ],
)
def test_each_service_moves_money_between_its_accounts(
    purpose: Purpose, changed: dict[str, Any], legs: dict[str, int]
) -> None:
    ((_, _, posted),) = Play().serve(purpose, amount_minor=500, **changed).entries()
    assert posted == legs


@pytest.mark.parametrize(
    ("purpose", "changed", "outcome"),
    [
        (Purpose.TRANSFER, {"to_account": AccountType.CURRENT}, Outcome.INVALID_TRANSACTION),
        (Purpose.TRANSFER, {"to_account": AccountType.CREDIT}, Outcome.NO_ACCOUNT),
        (Purpose.TRANSFER, {"payee": "cash:T01"}, Outcome.NO_ACCOUNT),
        (Purpose.TRANSFER, {"payee": FRIEND, "amount_minor": 100_001}, Outcome.INSUFFICIENT_FUNDS),
        (Purpose.BILL_PAYMENT, {}, Outcome.FORMAT_ERROR),
        (Purpose.BILL_PAYMENT, {"payee": "1", "amount_minor": 100_001}, Outcome.INSUFFICIENT_FUNDS),
        (Purpose.BALANCE, {"from_account": AccountType.CREDIT}, Outcome.NO_ACCOUNT),
    ],
)
def test_other_services_are_refused_for_these_reasons(
    purpose: Purpose, changed: dict[str, Any], outcome: Outcome
) -> None:
    said = Play().serve(purpose, **({"amount_minor": 500} | changed))
    assert (said.outcome, said.entries()) == (outcome, [])


def test_the_daily_amount_starts_anew_with_the_local_date_and_comes_back_with_a_reversal() -> None:
    play = Play()
    assert play.withdraw(1, 30_000).outcome is Outcome.APPROVED
    assert play.withdraw(2, 30_000).outcome is Outcome.AMOUNT_LIMIT
    assert play.withdraw(3, 30_000, local_time="260106000001").outcome is Outcome.APPROVED
    play.reverse(1, 30_000, actual_minor=10_000)
    assert play.withdraw(4, 30_000).outcome is Outcome.APPROVED


def test_the_daily_count_counts_withdrawals_that_gave_money() -> None:
    play = Play(daily_count=2)
    play.withdraw(1, 100)
    play.withdraw(2, 100)
    assert play.withdraw(3, 100).outcome is Outcome.COUNT_LIMIT
    assert play.serve(Purpose.BALANCE, 4).outcome is Outcome.APPROVED
    play.reverse(2, 100)
    assert play.withdraw(5, 100).outcome is Outcome.APPROVED


def test_limits_are_of_the_card_and_funds_of_the_account() -> None:
    play = Play()
    play.withdraw(1, 50_000)
    assert play.withdraw(2, 50_000, pan=OTHER_PAN).outcome is Outcome.APPROVED
    play.serve(Purpose.TRANSFER, 3, amount_minor=50_000, pan=OTHER_PAN, payee=CURRENT)
    assert play.withdraw(4, 100, pan=OTHER_PAN, local_time="260106000001").outcome is Outcome.INSUFFICIENT_FUNDS


def test_a_wrong_pin_counts_until_the_tries_are_used_up_and_a_right_one_forgives() -> None:
    play = Play()

    def enter(stan: int, pin: str) -> Outcome:
        return play.withdraw(stan, 100, pan=PIN_PAN, pin_block=sealed(pin)).outcome

    assert [enter(1, "0000"), enter(2, "0000"), enter(3, "1234")] == [
        Outcome.WRONG_PIN,
        Outcome.WRONG_PIN,
        Outcome.APPROVED,
    ]
    assert [enter(4, "0000"), enter(5, "0000"), enter(6, "0000"), enter(7, "1234")] == [
        Outcome.WRONG_PIN,
        Outcome.WRONG_PIN,
        Outcome.PIN_TRIES_EXCEEDED,
        Outcome.PIN_TRIES_EXCEEDED,
    ]
    assert play.withdraw(8, 100).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    ("block", "outcome"),
    [
        ("", Outcome.FORMAT_ERROR),
        ("bad block", Outcome.PIN_KEY_FAILED),
        (sealed("1234", key=MASTER), Outcome.PIN_KEY_FAILED),
    ],
    ids=["none", "no block", "another key"],
)
def test_a_block_without_a_pin_uses_up_no_try(block: str, outcome: Outcome) -> None:
    play = Play(pin_tries_max=1)
    assert play.withdraw(1, pan=PIN_PAN, pin_block=block).outcome is outcome
    assert play.withdraw(2, pan=PIN_PAN, pin_block=sealed("1234")).outcome is Outcome.APPROVED


def test_a_repeated_wrong_pin_counts_once() -> None:
    play = Play(pin_tries_max=2)
    for _ in range(3):
        assert play.withdraw(1, pan=PIN_PAN, pin_block=sealed("0000")).outcome is Outcome.WRONG_PIN
    assert play.withdraw(2, pan=PIN_PAN, pin_block=sealed("1234")).outcome is Outcome.APPROVED


def test_wrong_pins_are_known_at_the_other_site_too() -> None:
    play = Play(pin_tries_max=2)
    play.withdraw(1, pan=PIN_PAN, pin_block=sealed("0000"))
    play.wait()
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    assert play.withdraw(2, site="B", pan=PIN_PAN, pin_block=sealed("0000")).outcome is Outcome.PIN_TRIES_EXCEEDED


def test_a_mini_statement_shows_the_last_ten_entries_of_the_account_and_no_other() -> None:
    play = Play(daily_limit="9999.00", daily_count=99)
    play.serve(Purpose.TRANSFER, 1, amount_minor=100, payee=FRIEND)
    for stan in range(2, 12):
        play.withdraw(stan, 1000 * stan)
    play.reverse(11, 11_000, actual_minor=1000)
    lines = play.serve(Purpose.MINI_STATEMENT, 20).reply.statement
    assert len(lines) == 10
    assert lines[0] == "01-05 withdrawal reversed 100.00"
    assert "01-05 withdrawal -40.00" in lines
    assert "01-05 transfer -1.00" not in lines
    friend = play.serve(Purpose.MINI_STATEMENT, 21, pan=OTHER_PAN).reply.statement
    assert friend == ("01-05 transfer 1.00",)


def test_expiry_of_a_request_without_a_year_is_judged_by_the_clock() -> None:
    request = service(Purpose.WITHDRAWAL, amount_minor=100, pan=EXPIRED, local_time=TIME[2:])
    sign_on = service(Purpose.SIGN_ON)

    def clock_of(_: str) -> WallClock:
        return WallClock(datetime(2025, 12, 31, 23, 59, 59))

    host = Host(HostSettings(), cards(), accounts(), "NGN", module=security_module(), clock_of=clock_of)
    host.on_request("A", sign_on, 0.0, 1)
    assert Said(host.on_request("A", request, 0.0, 1)).outcome is Outcome.APPROVED
    next_day = msgspec.structs.replace(request, stan=8)
    assert Said(host.on_request("A", next_day, 1.0, 1)).outcome is Outcome.EXPIRED_CARD


@pytest.mark.parametrize(
    "card",
    [
        Card(pan=PAN, expiry="3012", accounts={AccountType.DEFAULT: "nowhere"}),
        Card(pan=PAN, expiry="3012", accounts={AccountType.DEFAULT: CURRENT}, status="lost"),
        Card(pan=PAN, expiry="3012", accounts={AccountType.DEFAULT: CURRENT}, pin="1234"),
    ],
)
def test_a_card_that_cannot_be_served_stops_the_start_without_showing_its_number(card: Card) -> None:
    with pytest.raises(LocalError) as caught:
        Host(HostSettings(), [card], accounts(), "NGN")
    assert PAN not in str(caught.value)


def test_two_accounts_of_one_number_stop_the_start() -> None:
    with pytest.raises(LocalError, match="each needs its own"):
        Host(HostSettings(), [], [Account(number="1", opening_minor=1)] * 2, "NGN")
