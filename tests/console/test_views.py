"""What the screens say, as text: paint, fleet, terminal, customer, messages, verdicts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.console import orders
from atmbench.console.captured import Captured
from atmbench.console.customer import Customer, Stage
from atmbench.console.field_names import field_names
from atmbench.console.model import Model
from atmbench.console.model_terminals import Terminal
from atmbench.console.model_trace import MESSAGES
from atmbench.console.orders import Order
from atmbench.console.sources import Replay
from atmbench.console.views import fleet, keys, lines, rates, status, story, terminal, trace, verdicts
from atmbench.console.views.paint import (
    Column,
    Tone,
    clip,
    fit,
    grouped,
    length,
    plain,
    spark,
    text_of,
    toned,
    widths,
)
from atmbench.facts import read_history
from tests.console.tell import at, begun, exchange, told, withdrawal

# --- paint ----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.text(alphabet="ab é", max_size=9), st.sampled_from(Tone)), max_size=5), st.integers(0, 30))
def test_a_line_fits_whatever_it_is(line: list[tuple[str, Tone]], width: int) -> None:
    assert length(fit(tuple(line), width)) == width
    assert length(clip(tuple(line), width)) <= width


def test_what_is_cut_off_is_marked() -> None:
    assert text_of(fit(plain("secondary"), 5)) == "seco…"
    assert text_of(fit(plain("ab"), 5, right=True)) == "   ab"


def test_columns_share_what_is_left_and_go_where_there_is_no_room() -> None:
    columns = (Column("a", 4), Column("b", least=10), Column("c", 6, from_width=40))
    assert widths(columns, 30) == [4, 25, 0]
    assert widths(columns, 50) == [4, 38, 6]
    assert widths(columns, 8) == [4, 10, 0]


@given(st.lists(st.floats(0, 1e9), max_size=300), st.integers(1, 200))
def test_bars_fill_their_width(values: list[float], width: int) -> None:
    assert len(spark(values, width)) == width


def test_bars_show_the_highest_of_their_share() -> None:
    assert spark([0, 1, 8, 0], 4) == "▁▂█▁"
    assert spark([0, 0, 0, 8], 2) == "▁█"
    assert spark([1], 3) == "███"


@pytest.mark.parametrize(("amount", "expect"), [("1234567.00", "1,234,567.00"), ("-50.00", "-50.00"), ("7", "7")])
def test_thousands_stand_apart(amount: str, expect: str) -> None:
    assert grouped(amount) == expect


# --- fleet ----------------------------------------------------------------------------------------


def some_terminal(**values: object) -> Terminal:
    words: dict[str, object] = {"has_power": True, "state": "ready", "line": "primary"}
    return Terminal("T01", **(words | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "letter", "tone", "mark"),
    [
        ({}, "R", Tone.GOOD, ""),
        ({"has_power": False}, "O", Tone.BAD, ""),
        ({"state": "closed"}, "C", Tone.BAD, ""),
        ({"state": "presenting"}, "P", Tone.NOTE, ""),
        ({"line": "secondary"}, "R", Tone.WARN, "~"),
        ({"missed": 1}, "R", Tone.WARN, "?"),
        ({"exceptions": 1, "missed": 1}, "R", Tone.WARN, "!"),
        ({"state": "a state of tomorrow"}, "?", Tone.WARN, ""),
    ],
)
def test_a_terminal_has_a_letter_a_tone_and_a_mark(
    values: dict[str, object], letter: str, tone: Tone, mark: str
) -> None:
    cell = fleet.cell_of(some_terminal(**values), "primary")
    assert (cell.letter, cell.tone, cell.mark) == (letter, tone, mark)


def test_every_state_has_a_letter_and_every_letter_is_explained() -> None:
    from atmbench.terminal.states import State

    assert set(fleet.LETTERS) == {state.value for state in State}
    letters = {letter for letter, _ in fleet.LETTERS.values()} | {fleet.OFF_LETTER}
    assert {letter for letter, _, _ in fleet.LEGEND} == letters


def fleet_of_three() -> Model:
    return told(
        begun(),
        *(at(0.0, name, facts.PowerRestored()) for name in ("T01", "T02", "T03")),
        at(1.0, "T02", facts.StateChanged(old="closed", new="ready", because="signed on")),
        at(1.0, "T02", facts.LineUp(line="secondary")),
        at(2.0, "T03", facts.PowerFailed(during="ready")),
    )


@pytest.mark.parametrize(
    ("sort", "wanted", "expect"),
    [
        ("name", "", ["T01", "T02", "T03"]),
        ("trouble", "", ["T01", "T03", "T02"]),
        ("name", "ready", ["T02"]),
        ("name", "off", ["T03"]),
        ("name", "secondary t0", ["T02"]),
        ("name", "nonsense", []),
    ],
)
def test_the_fleet_is_sorted_and_filtered(sort: str, wanted: str, expect: list[str]) -> None:
    assert [each.name for each in fleet.chosen(fleet_of_three(), sort, wanted)] == expect


def test_counters_add_up() -> None:
    first, second = fleet.counters(fleet_of_three(), 1, "name", "ready")
    assert text_of(first) == "3 terminals  1 ready  0 busy  1 closed  1 off  0 stored"
    assert text_of(second) == "0 on primary  1 on secondary  sort name, filter 'ready': 1 shown"


def test_an_alert_leads_to_its_transaction_or_its_terminal() -> None:
    opened = facts.ExceptionOpened(kind="suspect_dispense", key="T01/000007/1", terminal="T01", because="why")
    model = told(begun(), at(1.0, "T01", opened), at(2.0, "T02", facts.PowerFailed(during="ready")))
    first, second = fleet.alert_rows(model.alerts.latest)
    assert fleet.leads_to(first.key) == ("T01/000007/1", "T01")
    assert fleet.leads_to(second.key) == ("", "T02")
    assert fleet.leads_to("") == ("", "")


# --- a customer, by hand --------------------------------------------------------------------------


def press(customer: Customer, at_terminal: Terminal, label: str) -> Order | None:
    option = next(each for each in customer.options(at_terminal, "NGN") if each.label == label)
    return customer.choose(option, at_terminal)


def test_a_withdrawal_by_hand_is_one_command() -> None:
    customer, at_terminal = Customer(), some_terminal(values_minor={"1": 1000, "2": 5000})
    assert press(customer, at_terminal, "Insert card") is None
    assert press(customer, at_terminal, "Wrong PIN") is None
    assert press(customer, at_terminal, "Cash withdrawal") is None
    assert customer.prompt() == ("Please choose an amount.",)
    order = press(customer, at_terminal, "50.00 NGN")
    assert order is not None
    assert order.body == {
        "transact": {
            "terminal": "T01",
            "service": "withdrawal",
            "amount": "50.00",
            "by_hand": True,
            "wrong_pin": True,
        }
    }
    assert customer.stage is Stage.AWAY


def test_a_service_without_an_amount_asks_for_none() -> None:
    customer, at_terminal = Customer(), some_terminal()
    for label in ("Insert card", "Right PIN"):
        press(customer, at_terminal, label)
    order = press(customer, at_terminal, "Balance")
    assert order is not None
    assert order.body is not None
    assert order.body["transact"]["amount"] == "0"


def test_a_customer_can_walk_away() -> None:
    customer, at_terminal = Customer(), some_terminal()
    press(customer, at_terminal, "Insert card")
    assert press(customer, at_terminal, "Cancel") is None
    assert customer.stage is Stage.AWAY


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({"state": "authorising"}, ["Cancel"]),
        ({"state": "returning_card", "card_is_out": True}, ["Take card", "Cancel"]),
        ({"state": "presenting", "cash_out_minor": 5000}, ["Take cash"]),
        ({"state": "closed"}, []),
        ({"has_power": False}, []),
    ],
)
def test_what_a_customer_can_do_is_what_the_terminal_offers(values: dict[str, object], labels: list[str]) -> None:
    assert [option.label for option in Customer().options(some_terminal(**values), "NGN")] == labels


def test_hands_are_commands() -> None:
    at_terminal = some_terminal(state="presenting", cash_out_minor=5000)
    assert press(Customer(), at_terminal, "Take cash") == orders.hand("T01", "takes_cash")


def test_no_more_options_than_keys() -> None:
    from atmbench.console.customer import KEYS

    customer, at_terminal = Customer(), some_terminal(values_minor={"1": 1000, "2": 2000, "3": 5000})
    press(customer, at_terminal, "Insert card")
    press(customer, at_terminal, "Right PIN")
    assert len(customer.options(at_terminal, "NGN")) <= len(KEYS)
    press(customer, at_terminal, "Cash withdrawal")
    assert len(customer.options(at_terminal, "NGN")) <= len(KEYS)


def test_the_front_is_as_wide_as_it_should_be() -> None:
    model = told(begun())
    for width in (46, 58):
        front = terminal.atm(some_terminal(screen_lines=("Welcome.",)), Customer(), model, width)
        assert {length(line) for line in front[:-1]} == {width}
        assert any("Welcome." in text_of(line) for line in front)


# --- over a recorded run --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ended(recorded: Path) -> Model:
    with (recorded / "history.jsonl").open("rb") as file:
        return told(*read_history(file))


@pytest.fixture(scope="module")
def in_flight(recorded: Path) -> Model:
    with (recorded / "history.jsonl").open("rb") as file:
        return told(*(fact for fact in read_history(file) if fact.t <= 56.0))


def test_before_the_end_nothing_has_failed_that_may_still_be_in_time(in_flight: Model) -> None:
    audit = in_flight.audit()
    assert audit is not None
    assert audit.failover is not None
    assert "FAIL" in {figure.status for figure in audit.failover.figures}  # as if it were over
    assert "nothing is wrong so far" in text_of(verdicts.head_lines(in_flight, audit, 80)[0])
    assert {text_of(row.cells[0]) for row in verdicts.check_rows(audit, in_flight)} == {"○ open"}


def test_over_its_budget_a_failover_has_failed_at_once(in_flight: Model) -> None:
    audit = in_flight.audit()
    assert audit is not None
    assert audit.failover is not None
    assert audit.failover.cut is not None
    late = [verdicts.is_late(figure, audit.failover.cut, 1e6) for figure in audit.failover.figures]
    assert any(late)


def test_at_the_end_all_checks_are_said(ended: Model) -> None:
    audit = ended.audit()
    rows = verdicts.check_rows(audit, ended)
    assert [row.key for row in rows] == [
        "money",
        "counts",
        "replication",
        "reversals",
        "sequence",
        "convergence",
        "failover",
        "expected",
        "customers_informed",
    ]
    assert {text_of(row.cells[0]) for row in rows} == {"● PASS"}
    text = "\n".join(text_of(line) for line in verdicts.failover_lines(audit, ended))
    assert "outage noticed" in text
    assert "21.005 s of 60 s" in text
    assert "nothing: all witnesses agree" in "\n".join(text_of(line) for line in verdicts.money_lines(ended))


def test_the_light_says_what_the_audit_says(ended: Model) -> None:
    for verdict, says in (("PASS", "● PASS"), ("FAIL", "▲ FAIL"), ("", "◆ UNKNOWN")):
        assert says in text_of(status.status(ended, "x", "", None, verdict))
    assert "✗ gone" in text_of(status.status(ended, "x", "gone", None, ""))


def test_lines_and_sites_in_the_middle_of_an_outage(in_flight: Model) -> None:
    primary, secondary = lines.line_rows(in_flight)
    assert [text_of(cell) for cell in primary.cells] == ["primary", "A", "20", "11", "▲ cut", "slow-answers, dark-A"]
    assert text_of(secondary.cells[4]) == "● sound"
    down, active = lines.site_rows(in_flight)
    assert (text_of(down.cells[1]), text_of(active.cells[1])) == ("✗ down", "● active")
    assert text_of(down.cells[8]) == "+390.00"
    assert [row.key for row in lines.fault_rows(in_flight)] == ["slow-answers", "dark-A"]


def test_rates_are_as_wide_as_they_should_be(ended: Model) -> None:
    assert {length(line) for line in rates.rate_lines(ended, 100)} == {100}


def test_messages_have_a_row_each_with_nothing_of_a_card(ended: Model) -> None:
    entries = list(ended.trace.entries)
    rows = [trace.row(entry, ended) for entry in entries]
    assert all(len(row.cells) == len(trace.COLUMNS) for row in rows)


def test_request_and_reply_stand_side_by_side() -> None:
    model = told(begun(), *exchange(1.0))
    request, reply = trace.halves(model.trace.exchange(model.trace.entries[2]))
    assert request is not None
    assert reply is not None
    assert (request.t, reply.t) == (1.0, 1.5)
    rows = trace.field_rows(request, reply, field_names())
    assert [text_of(cell) for cell in rows[1].cells] == ["11", "systems trace audit number", "000007", "000007"]
    assert text_of(trace.head_lines(request, reply, model)[0]).endswith("500.0 ms    00")
    assert trace.way_lines([], model) == [toned("these facts are no longer here", Tone.DIM)]


def test_a_dialect_of_somebodys_own_has_the_usual_names() -> None:
    assert field_names("mine.yaml")[39] == field_names("iso87-ascii")[39] == "response code"


def test_troubled_transactions_are_those_that_were_reversed_or_not_served(ended: Model) -> None:
    troubled = story.chosen(ended, is_trouble=True)
    assert len(troubled) == 18
    assert all(each.is_reversed for each in troubled)
    lines_ = story.told(ended.story(troubled[0].key), 60, sites=ended.lines.sites)
    assert max(length(line) for line in lines_) <= 60
    assert any("lost in a cut" in text_of(line) for line in lines_)


# --- bytes of a capture ---------------------------------------------------------------------------


def test_each_message_at_a_site_has_its_bytes_in_the_capture(recorded: Path, ended: Model) -> None:
    replay = Replay(recorded)
    at_sites = [
        entry.fact
        for entry in ended.trace.entries
        if isinstance(entry.fact, MESSAGES) and entry.fact.actor != entry.fact.terminal
    ]
    assert len(at_sites) > 500
    for fact in at_sites:
        data = replay.captured(fact)
        assert data is not None, fact
        assert fact.mti.encode() in data
        assert f"{fact.stan:06d}".encode() in data
    assert replay.captured(exchange(1.0)[1]) is None  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_capture_hold_nothing(raw: bytes) -> None:
    assert Captured(raw, 0.0).of(exchange(1.0)[1]) is None  # type: ignore[arg-type]


def test_a_dump_fits_its_width() -> None:
    dump = trace.hex_lines("request", bytes(range(40)), 74)
    assert len(dump) == 4
    assert max(length(line) for line in dump) <= 74
    assert len(trace.hex_lines("request", bytes(range(40)), 60)) == 6
    assert "no capture has these bytes" in text_of(trace.hex_lines("reply", None, 60)[0])


def test_withdrawals_and_their_cash_are_told_in_the_money_lines() -> None:
    model = told(begun(), *withdrawal(1.0)[:2])
    text = "\n".join(text_of(line) for line in verdicts.money_lines(model))
    assert "+50.00 against devices" in text
    assert "T01/000007/1  under way since 1.0 s" in text


# --- the keys at the bottom -----------------------------------------------------------------------


KEYS = [
    keys.Key(action[0], action[0].upper(), action, action) for action in ("open", "sort", "filter", "help", "leave")
]


@pytest.mark.parametrize(
    ("width", "left"),
    [
        (80, ["open", "sort", "filter", "help", "leave"]),
        (34, ["open", "sort", "help", "leave"]),
        (26, ["open", "help", "leave"]),
        (5, ["help", "leave"]),
    ],
)
def test_where_it_is_narrow_the_keys_that_lead_out_stay(width: int, left: list[str]) -> None:
    assert [key.action for key, _ in keys.fitting(KEYS, width)] == left


def test_a_key_is_written_with_what_it_does() -> None:
    assert text_of(keys.fitting(KEYS, 80)[0][1]) == " O open "
