"""What a case and its casebook remember, to the last unit and up to their bounds."""

from typing import Any

import pytest

from atmbench.audit import casebook, host_cases
from atmbench.audit.book import FaultLog
from atmbench.audit.casebook import Casebook
from atmbench.audit.cases import Advice, Case, new_case
from atmbench.facts import (
    AnyFact,
    CashReturned,
    DispenseFailed,
    EntryLost,
    EntryPosted,
    ExceptionOpened,
    FaultEnded,
    FaultStarted,
    FrameDisturbed,
    HealStarted,
    HoldPlaced,
    HoldReleased,
    LineLost,
    MessageReceived,
    MessageSent,
    RecordDisturbed,
    SecurityRefused,
    SiteRebuilt,
    StepPerformed,
    StepRefused,
    TombstoneLaid,
)
from tests.audit.builders import CUSTOMER, Tape, key_of, stamped

KEY, OTHER = key_of("T01", 118), key_of("T01", 119)


def told(*facts: tuple[float, str, AnyFact]) -> Casebook:
    book = Casebook()
    for t, actor, fact in facts:
        book.add(stamped(t, actor, fact))
    return book


def of(tape: Tape) -> Casebook:
    book = Casebook()
    for fact in tape.play():
        book.add(fact)
    return book


def entry(name: str, minor: int, key: str = KEY) -> EntryPosted:
    legs = {CUSTOMER: -minor, "cash:T01": minor}
    return EntryPosted(entry=name, kind="posting", key=key, service="withdrawal", legs=legs, origin="A")


@pytest.mark.parametrize(
    ("key", "terminal", "stan"),
    [
        (KEY, "T01", 118),
        ("T/1/000118/0105", "T/1", 118),
        ("T01/garbled/0105", "T01", 0),
        ("T01/00011\u00b2/0105", "T01", 0),
        ("T01/118", "T01", 118),
        ("T01", "T01", 0),
    ],
)
def test_a_case_reads_terminal_and_stan_from_its_key(key: str, terminal: str, stan: int) -> None:
    case = new_case(key, 7)
    assert (case.key, case.terminal, case.stan, case.fact_first, case.fact_last) == (key, terminal, stan, 7, 7)


def test_a_case_finds_its_stored_messages_by_purpose() -> None:
    case = Case(KEY, "T01", 118, 1, 1)
    case.advices = (Advice(KEY, "reversal", 119, 1.0, 1), Advice(KEY, "completion", 120, 1.0, 1))
    assert case.advice_of("completion") is case.advices[1]
    assert case.advice_of("other") is None
    assert case.reversals() == [case.advices[0]]


def test_what_devices_saw_is_added_up() -> None:
    tape = Tape()
    for t in (1.0, 2.0):
        tape.present(t, KEY, 5000)
        tape.take(t, KEY, 3000)
        tape.retract(t, KEY, 2000)
        tape.accept_notes(t, OTHER, 4000)
        tape.add(t, "T01", CashReturned(key=OTHER, amount_minor=1000))
    book = of(tape)
    case, deposit = book.cases[KEY], book.cases[OTHER]
    assert (case.presented_minor, case.taken_minor, case.retracted_minor, case.cash_t) == (10_000, 6000, 4000, 1.0)
    assert (deposit.accepted_minor, deposit.returned_minor, deposit.cash_t) == (8000, 2000, 1.0)
    log = book.terminals["T01"]
    assert (log.presentations, log.taken_minor, log.accepted_minor) == (2, 6000, 8000)


def test_a_dispense_that_failed_belongs_to_its_case() -> None:
    failed = DispenseFailed(key=KEY, asked_minor=1, moved_minor=0, because="jam")
    assert list(told((1.0, "T01", failed)).cases) == [KEY]


def test_facts_are_numbered_as_the_lines_of_the_history() -> None:
    book = told(*((float(t), "conductor", HealStarted(within_s=1)) for t in range(3)))
    assert (book.count, book.t) == (3, 2.0)
    assert book.heal is not None
    assert book.heal.t == 0.0


# --- faults ---------------------------------------------------------------------------------------


def test_what_a_fault_did_is_counted_under_its_name() -> None:
    frame: dict[str, Any] = {"kind": "lose", "terminal": "T01", "line": "primary", "direction": "request"}
    record: dict[str, Any] = {"kind": "x", "sender": "A", "receiver": "B", "record": "posted", "what": "lost"}
    book = told(
        (1.0, "conductor", FaultStarted(name="f1", kind="lose", detail={})),
        (1.0, "conductor", FaultStarted(name="f2", kind="lose_records", detail={})),
        (2.0, "conductor", FrameDisturbed(name="f1", what="lost", **frame)),
        (3.0, "conductor", FrameDisturbed(name="f1", what="not applied: no room", **frame)),
        (3.0, "conductor", FrameDisturbed(name="f1", what="not applied: no room", **frame)),
        (4.0, "conductor", FrameDisturbed(name="unknown", what="lost", **frame)),
        (5.0, "conductor", RecordDisturbed(name="f2", key=KEY, **record)),
        (6.0, "conductor", RecordDisturbed(name="f2", key="", **record)),
        (6.0, "conductor", RecordDisturbed(name="unknown", key="", **record)),
        (7.0, "conductor", FaultStarted(name="f1", kind="other", detail={})),
    )
    assert book.faults == {"f1": FaultLog("lose", 3, 2), "f2": FaultLog("lose_records", 2, 0)}
    assert list(book.cases) == [KEY]
    assert book.renamed == {}


@pytest.mark.parametrize(
    ("bound", "facts", "kept"),
    [
        ("FAULTS_MAX", [FaultStarted(name=f"f{n}", kind="lose", detail={}) for n in range(3)], "faults"),
        (
            "LINE_FAULTS_MAX",
            [StepPerformed(command="stop_site", detail={"site": "A"}) for _ in range(3)],
            "line_faults",
        ),
        ("REFUSED_STEPS_MAX", [StepRefused(command="cut", because="x") for _ in range(3)], "refused_steps"),
        (
            "EXCEPTIONS_WITHOUT_KEY_MAX",
            [ExceptionOpened(kind="x", key="", terminal="T01", because=str(n)) for n in range(3)],
            "exceptions_without_key",
        ),
        (
            "RENAMED_MAX",
            [
                FrameDisturbed(
                    name="f", kind="x", terminal="T01", line="p", direction="request", what="x", key=KEY, became=str(n)
                )
                for n in range(3)
            ],
            "renamed",
        ),
    ],
)
def test_the_first_are_kept_and_no_more_than_the_bound(
    bound: str, facts: list[AnyFact], kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casebook, bound, 2)
    book = told(*((float(t), "conductor", fact) for t, fact in enumerate(facts)))
    found = getattr(book, kept)
    assert len(found) == 2
    if isinstance(found, list):
        assert found == facts[:2]


def test_what_one_case_keeps_of_advices_and_exceptions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casebook, "ADVICES_MAX", 2)
    monkeypatch.setattr(casebook, "EXCEPTIONS_MAX", 2)
    monkeypatch.setattr(casebook, "ANSWERS_MAX", 2)
    tape = Tape()
    tape.ask(0.5, KEY)
    for number in range(3):
        tape.queue(1.0 + number, KEY, 119 + number)
        tape.exception(1.5 + number, KEY, f"kind {number}")
        tape.reply(1.6 + number, KEY, 100 + number)
    case = of(tape).cases[KEY]
    assert [advice.stan for advice in case.advices] == [119, 120]
    assert [exception.kind for exception in case.exceptions] == ["kind 0", "kind 1"]
    assert [answer.amount_minor for answer in case.answers] == [100, 101]


def test_an_advice_is_stored_once_and_keeps_who_stored_it_and_when() -> None:
    tape = Tape()
    tape.queue(1.0, KEY, 119, "late_answer", actual=2000)
    tape.queue(2.0, KEY, 119, "no_answer")
    tape.settle(3.0, KEY, 119)
    tape.settle(4.0, KEY, 119)
    tape.settle(4.0, KEY, 150)
    [advice] = of(tape).cases[KEY].advices
    number = next(n for n, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == KEY)
    assert (advice.queued_t, advice.reason, advice.actual_minor, advice.fact) == (1.0, "late_answer", 2000, number)
    assert (advice.accepted_t, advice.code) == (3.0, "00")


def test_only_what_was_given_up_is_awaited_no_more() -> None:
    for kind, key, given_up in (
        ("advice_given_up", KEY, [True, False]),
        ("memory_lost", "", [True, True]),
        ("suspect_dispense", KEY, [False, False]),
    ):
        tape = Tape()
        tape.queue(1.0, KEY, 119)
        tape.queue(1.0, OTHER, 120)
        tape.add(2.0, "T01", ExceptionOpened(kind=kind, key=key, terminal="T01", because="x"))
        book = of(tape)
        assert [book.cases[each].advices[0].given_up for each in (KEY, OTHER)] == given_up
        assert len(book.exceptions_without_key) == (key == "")


def test_an_exception_of_a_terminal_that_nothing_is_known_of_is_kept_all_the_same() -> None:
    opened = ExceptionOpened(kind="memory_lost", key="", terminal="T77", because="x")
    assert told((1.0, "T77", opened)).exceptions_without_key == [opened]


# --- sites ----------------------------------------------------------------------------------------


def test_entries_of_a_case_are_kept_up_to_the_bound_and_counted_beyond_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_cases, "ENTRIES_MAX", 2)
    book = told(*((float(n), "A", entry(str(n), 100)) for n in range(5)))
    case = book.cases[KEY]
    assert (len(case.entries), case.entries_beyond, case.service) == (2, 3, "withdrawal")
    assert book.moves == {"A": {CUSTOMER: -500, "cash:T01": 500}}


def test_entries_that_do_not_sum_to_zero_are_kept_with_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_cases, "ODD_ENTRIES_MAX", 2)
    odd = [
        EntryPosted(entry=str(n), kind="posting", key=KEY, service="x", legs={CUSTOMER: 1}, origin="A")
        for n in range(3)
    ]
    book = told((0.0, "A", entry("even", 100)), *((1.0, "A", fact) for fact in odd))
    assert book.odd_entries == [(2, odd[0]), (3, odd[1])]


def test_an_entry_that_a_site_has_lost_moves_nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_cases, "ENTRIES_MAX", 3)
    lost = [EntryLost(entry=name, key=KEY, legs={CUSTOMER: -300, "cash:T01": 300}) for name in ("a", "b", "c", "d")]
    book = told(
        *((1.0, site, entry(name, 300)) for site in ("A", "B") for name in ("a",)),
        (1.5, "A", entry("e", 700)),
        *((2.0, "A", each) for each in lost),
    )
    case = book.cases[KEY]
    assert [(each.actor, each.entry) for each in case.entries] == [("B", "a"), ("A", "e")]
    assert book.moves == {
        "A": {CUSTOMER: -1000 + 1200, "cash:T01": 1000 - 1200},
        "B": {CUSTOMER: -300, "cash:T01": 300},
    }
    assert [each.entry for each in case.entries_lost] == ["a", "b", "c"]


def test_a_site_that_was_rebuilt_knows_what_the_other_knows() -> None:
    hold: dict[str, Any] = {"key": KEY, "account": CUSTOMER}
    book = told(
        (1.0, "A", entry("a", 300)),
        (1.1, "A", HoldPlaced(amount_minor=700, **hold)),
        (1.2, "B", entry("b", 500)),
        (1.3, "B", HoldPlaced(amount_minor=900, **hold)),
        (1.4, "B", HoldPlaced(key=OTHER, account=CUSTOMER, amount_minor=100)),
        (1.5, "A", entry("c", 200)),
        (1.6, "C", entry("z", 50)),
        (2.0, "conductor", SiteRebuilt(site="B", like="A")),
    )
    case = book.cases[KEY]
    assert [(each.actor, each.entry, each.t) for each in case.entries] == [
        ("A", "a", 1.0),
        ("A", "c", 1.5),
        ("C", "z", 1.6),
        ("B", "a", 1.0),
        ("B", "c", 1.5),
    ]
    assert case.holds == {"A": 700, "B": 700}
    assert book.cases[OTHER].holds == {}
    assert book.moves["B"] == book.moves["A"] == {CUSTOMER: -500, "cash:T01": 500}
    book.add(stamped(3.0, "B", entry("d", 1000)))
    assert book.moves["A"] == {CUSTOMER: -500, "cash:T01": 500}
    book.add(stamped(4.0, "conductor", SiteRebuilt(site="A", like="D")))
    assert book.moves["A"] == {}


def test_holds_are_added_up_at_each_site() -> None:
    hold: dict[str, Any] = {"key": KEY, "account": CUSTOMER}
    book = told(
        (1.0, "A", HoldPlaced(amount_minor=500, **hold)),
        (1.0, "A", HoldPlaced(amount_minor=300, **hold)),
        (1.0, "B", HoldPlaced(amount_minor=500, **hold)),
        (2.0, "A", HoldReleased(amount_minor=600, **hold)),
        (2.0, "C", HoldReleased(amount_minor=600, **hold)),
    )
    assert book.cases[KEY].holds == {"A": 200, "B": 500, "C": -600}


def test_a_tombstone_is_noted_once_at_each_site() -> None:
    book = told(*((1.0, site, TombstoneLaid(key=KEY, origin="A")) for site in ("A", "B", "A")))
    assert book.cases[KEY].tombstones == ("A", "B")


# --- requests on their way ------------------------------------------------------------------------


def request(actor: str, t: float, fields: dict[str, str]) -> tuple[float, str, AnyFact]:
    values: dict[str, Any] = {"terminal": "T01", "line": "primary", "purpose": "withdrawal", "mti": "0200"}
    kind = MessageSent if actor == "T01" else MessageReceived
    return t, actor, kind(stan=118, fields=fields, key=KEY, **values)


SENT = {"2": "9*1", "3": "011000", "4": "5000", "49": "566", "11": "118"}


def test_what_a_site_got_otherwise_is_named_by_its_numbers() -> None:
    book = told(request("T01", 1.0, SENT), request("A", 1.1, {**SENT, "11": "x", "2": "9*2", "4": "9000"}))
    assert book.cases[KEY].altered == "site A got another DE2 and DE4 than was sent"
    assert told(request("T01", 1.0, SENT), request("A", 1.1, {**SENT, "11": "x"})).cases[KEY].altered == ""


def test_only_the_first_arrival_at_each_site_counts() -> None:
    other = {**SENT, "4": "1"}
    book = told(request("T01", 1.0, SENT), request("A", 1.1, SENT), request("A", 1.2, other), request("B", 1.3, other))
    assert book.cases[KEY].received_by == ("A", "B")
    assert book.cases[KEY].altered == "site B got another DE4 than was sent"


def test_an_arrival_before_its_sending_counts_in_the_same_instant_only() -> None:
    early, late = request("A", 1.0, {**SENT, "4": "1"}), request("T01", 1.0, SENT)
    assert told(early, late).cases[KEY].received_by == ("A",)
    assert told(early, (1.5, "T01", late[2])).cases[KEY].received_by == ()
    assert told(request("A", 0.0, SENT), request("T01", 0.0, SENT)).cases[KEY].received_by == ("A",)


def test_a_refused_mac_takes_back_the_first_arrival_at_that_site_and_no_other() -> None:
    refused = SecurityRefused(what="mac", terminal="T01", because="x", key=KEY)
    altered = {**SENT, "4": "1"}
    book = told(request("T01", 1.0, SENT), request("B", 1.1, SENT), request("A", 1.2, altered), (1.2, "A", refused))
    assert (book.cases[KEY].received_by, book.cases[KEY].altered) == (("B",), "")
    book = told(request("T01", 1.0, SENT), request("A", 1.2, SENT), request("A", 1.3, altered), (1.3, "A", refused))
    assert book.cases[KEY].received_by == ("A",)
    book = told(request("A", 1.0, altered), (1.0, "A", refused), request("T01", 1.0, SENT))
    assert (book.cases[KEY].received_by, book.cases[KEY].altered) == ((), "")
    book = told(request("T01", 1.0, SENT), request("B", 1.1, altered), request("A", 1.2, SENT), (1.2, "A", refused))
    assert book.cases[KEY].altered == "site B got another DE4 than was sent"


def test_requests_that_arrive_early_are_kept_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casebook, "EARLY_MAX", 1)
    tape = Tape()
    for stan in (118, 119):
        tape.services[key_of("T01", stan)] = "withdrawal"
        tape.arrive(1.0, key_of("T01", stan))
    book = told(*((fact.t, fact.actor, fact) for fact in tape.facts))
    assert list(book.early) == [KEY]


def test_sickness_is_noted_again_after_each_fault_and_after_healing() -> None:
    lost = LineLost(line="primary", because="reset")
    cut = FaultStarted(name="c", kind="cut", detail={})
    book = told(
        *((float(t), "T01", lost) for t in (1, 2)),
        (3.0, "conductor", cut),
        *((float(t), "T01", lost) for t in (4, 5)),
        (6.0, "conductor", FaultEnded(name="c")),
        *((float(t), "T01", lost) for t in (7, 8)),
        (9.0, "conductor", HealStarted(within_s=1)),
        *((float(t), "T01", lost) for t in (10, 11)),
    )
    assert [event.t for event in book.terminals["T01"].line_events] == [1.0, 4.0, 7.0, 10.0]


def test_what_a_terminal_says_of_its_transaction_is_kept() -> None:
    tape = Tape()
    tape.services[KEY] = "withdrawal"
    tape.send(1, KEY, 5000)
    tape.ask(2, KEY, 0)
    tape.end(3, KEY)
    case = of(tape).cases[KEY]
    assert (case.service, case.asked_minor, case.request_t, case.started_t) == ("withdrawal", 5000, 1.0, 2.0)
    assert (case.outcome, case.ended_t) == ("approved", 3.0)
    unknown = Tape()
    unknown.services[KEY] = "deposit"
    unknown.end(3, KEY)
    assert of(unknown).cases[KEY].service == "deposit"
