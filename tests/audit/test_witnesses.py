"""When the witnesses of one transaction agree, and how their figures are told."""

import pytest

from atmbench.audit.cases import Case, new_case
from atmbench.audit.witnesses import agrees, agrees_at, due_minor, is_explained, name, posted_minor, tell
from atmbench.facts import EntryPosted
from tests.audit.builders import CUSTOMER, Tape, key_of, stamped

KEY = key_of("T01", 118)
PAYEE = "2000000001"


def case(service: str, *legs: dict[str, int], site: str = "A", **values: object) -> Case:
    found = new_case(KEY, 1)
    found.service = service
    for number, each in enumerate(legs):
        entry = EntryPosted(entry=str(number), kind="posting", key=KEY, service=service, legs=each, origin=site)
        found.entries += (stamped(1.0, site, entry),)
    for field, value in values.items():
        setattr(found, field, value)
    return found


CASH = {CUSTOMER: -5000, "cash:T01": 5000}
NOTES = {CUSTOMER: 5000, "cash:T01": -5000}
MOVE = {CUSTOMER: -5000, PAYEE: 5000}
SPLIT = {CUSTOMER: -6000, PAYEE: 1000, "cash:T01": 5000}


@pytest.mark.parametrize(
    ("found", "due", "agreed"),
    [
        (case("withdrawal"), 0, True),
        (case("withdrawal"), 5000, False),
        (case("withdrawal", CASH), 5000, True),
        (case("withdrawal", CASH), 0, False),
        (case("withdrawal", CASH, NOTES), 0, True),
        (case("withdrawal", CASH, CASH), 5000, False),
        (case("withdrawal", CASH, CASH), 10_000, True),
        (case("withdrawal", SPLIT), 5000, False),
        (case("withdrawal", NOTES), -5000, False),
        (case("withdrawal", {CUSTOMER: -5001, PAYEE: 1, "cash:T01": 5000}), 5000, False),
        (case("withdrawal", CASH | {PAYEE: 0}), 5000, True),
        (case("withdrawal", {"suspense:T01": -5000, "cash:T01": 5000}), 0, True),
        (case("deposit", NOTES | {PAYEE: 0}), 5000, True),
        (case("deposit", {CUSTOMER: 5001, PAYEE: -1, "cash:T01": -5000}), 5000, False),
        (case("deposit", NOTES), 5000, True),
        (case("deposit", NOTES), 4000, False),
        (case("deposit", NOTES, CASH), 0, True),
        (case("deposit", {CUSTOMER: 6000, PAYEE: -1000, "cash:T01": -5000}), 5000, False),
        (case("deposit", {"suspense:T01": 5000, "cash:T01": -5000}), 0, True),
        (case("transfer", MOVE), 5000, True),
        (case("transfer", MOVE), 4999, False),
        (case("transfer", {CUSTOMER: -1, PAYEE: 1}), 1, True),
        (case("transfer", {CUSTOMER: -5000, "suspense:transfers": 5000}), 5000, False),
        (case("transfer", MOVE | {"fee:T01": 0}), 5000, True),
        (case("bill_payment", {CUSTOMER: -5000, "payee:water": 5000}), 5000, True),
        (case("bill_payment", {CUSTOMER: -5000, "payee:water": 5000}), 4999, False),
        (case("balance", {CUSTOMER: 0}), 0, True),
        (case("balance", {"fee:T01": -10, "cash:T01": 10}), 0, True),
        (case("balance", {CUSTOMER: -10, "fee:x": 10}), 0, False),
    ],
)
def test_a_site_agrees_if_it_took_from_or_gave_to_the_customer_just_what_was_due(
    found: Case, due: int, agreed: bool
) -> None:
    assert agrees_at(found, "A", due) is agreed


def test_entries_of_another_site_are_none_of_its() -> None:
    assert agrees_at(case("withdrawal", CASH, site="B"), "A", 0)
    assert not agrees_at(case("withdrawal", CASH, site="B"), "A", 5000)


@pytest.mark.parametrize(
    ("found", "minor"),
    [
        (case("withdrawal", taken_minor=3000, asked_minor=5000), 3000),
        (case("deposit", accepted_minor=3000, asked_minor=5000), 3000),
        (case("transfer", asked_minor=5000, outcome="approved"), 5000),
        (case("transfer", asked_minor=5000, outcome="declined"), 0),
        (case("balance", asked_minor=5000, outcome="approved"), 0),
    ],
)
def test_due_is_what_devices_saw_or_what_was_paid(found: Case, minor: int) -> None:
    assert due_minor(found) == minor


@pytest.mark.parametrize(
    ("service", "net", "minor"),
    [
        ("withdrawal", CASH, 5000),
        ("", CASH, 5000),
        ("", NOTES, -5000),
        ("deposit", NOTES, 5000),
        ("transfer", MOVE, 5000),
        ("transfer", {CUSTOMER: -5000, "fee:x": 0, PAYEE: 4999, "cash:T01": 1}, 5000),
    ],
)
def test_posted_is_what_it_comes_to_for_the_customer(service: str, net: dict[str, int], minor: int) -> None:
    assert posted_minor(case(service), net) == minor


@pytest.mark.parametrize(
    "found",
    [
        case("withdrawal", entries_beyond=1),
        case("transfer", taken_minor=100),
        case("transfer", accepted_minor=100),
        case("deposit", taken_minor=100),
        case("withdrawal", accepted_minor=100),
        case("withdrawal", CASH, taken_minor=5000, altered="site A got another DE4 than was sent"),
    ],
)
def test_what_nothing_can_make_right_does_not_agree(found: Case) -> None:
    assert not agrees(found, ("A",))


@pytest.mark.parametrize(
    ("found", "explained"),
    [
        (case("", CASH, CASH), True),
        (case("withdrawal", asked_minor=5000), True),
        (case("withdrawal", CASH, asked_minor=5000), True),
        (case("withdrawal", CASH, asked_minor=4999), False),
        (case("withdrawal", CASH, asked_minor=4000, taken_minor=5000), True),
        (case("withdrawal", NOTES, asked_minor=5000), False),
        (case("withdrawal", {CUSTOMER: -5001, PAYEE: 1, "cash:T01": 5000}, asked_minor=5000), False),
        (case("withdrawal", CASH, site="B", asked_minor=4999), False),
        (case("withdrawal", CASH, site="C", asked_minor=4999), True),
        (case("deposit", asked_minor=5000), True),
        (case("deposit", NOTES, asked_minor=4000, accepted_minor=5000), True),
        (case("deposit", NOTES, asked_minor=4000, accepted_minor=4999), False),
        (case("deposit", {CUSTOMER: 6000, PAYEE: -1000, "cash:T01": -5000}, asked_minor=5000), False),
        (case("transfer", MOVE, asked_minor=5000), True),
        (case("transfer", MOVE, asked_minor=4999), False),
    ],
)
def test_not_knowing_what_came_about_explains_neither_more_than_was_asked_nor_the_wrong_way_round(
    found: Case, explained: bool
) -> None:
    assert is_explained(found, ("A", "B")) is explained


def test_cash_of_a_withdrawal_and_notes_of_a_deposit_are_no_strays() -> None:
    assert agrees(case("withdrawal", CASH, taken_minor=5000), ("A",))
    assert agrees(case("deposit", NOTES, accepted_minor=5000), ("A",))
    assert not agrees(case("deposit", NOTES, accepted_minor=5000), ("A", "B"))
    assert agrees(case("withdrawal", altered="site A got another DE4 than was sent"), ("A",))


def test_a_transaction_is_named_by_terminal_stan_and_service() -> None:
    assert name(case("bill_payment")) == "T01 STAN 000118 bill payment"
    assert name(case("")) == "T01 STAN 000118"
    assert name(Case("", "", 0, 1, 1)) == "no transaction named"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (case("withdrawal", taken_minor=4000, retracted_minor=1000), "customer took 40.00 (10.00 retracted)"),
        (case("withdrawal", taken_minor=4000), "customer took 40.00"),
        (case("transfer", taken_minor=4000), "customer took 40.00"),
        (case("transfer", asked_minor=4000), "40.00 asked"),
        (case("deposit", accepted_minor=4000), "40.00 of notes accepted"),
    ],
)
def test_what_the_devices_saw_is_told(found: Case, says: str) -> None:
    told = tell(found, Tape().judge().book)
    assert told.startswith(f"{name(found)}: {says}, terminal never started it, site A posted 0.00, site B posted 0.00")


def test_what_the_terminal_says_is_told() -> None:
    book = Tape().judge().book
    assert ", terminal never ended it, " in tell(case("withdrawal", started_t=1.0), book)
    assert ", terminal ended it as no answer, " in tell(case("withdrawal", started_t=1.0, outcome="no_answer"), book)


def test_several_entries_and_those_that_were_not_kept_are_told() -> None:
    told = tell(
        case("withdrawal", CASH, CASH, entries_beyond=1234, altered="site A got another DE4"), Tape().judge().book
    )
    assert told.endswith(
        "site A posted 100.00 in 2 entries, site B posted 0.00, site A got another DE4, 1,234 more entries"
    )
