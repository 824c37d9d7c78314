"""Every way in which the money of one transaction can go wrong is a FAIL that names it, and its twin passes."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from atmbench.audit.judge import judge
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import (
    ExceptionOpened,
    FrameDisturbed,
    HoldPlaced,
    HoldReleased,
    LedgerCounted,
    SecurityRefused,
)
from tests.audit.builders import CUSTOMER, SITES, Tape, key_of, stamped
from tests.audit.wrongs import (
    BEYOND_ALL_DOUBT,
    KEY,
    WRONGS,
    cash_came_and_nothing_was_posted,
    lose,
    lost_at_both_sites,
    posted_but_no_cash_came,
    retracted_and_kept_in_silence,
    reversal_reached_one_site_only,
)


def money(tape: Tape) -> Verdict:
    return tape.judge().verdict("money")


@pytest.mark.parametrize("wrong", WRONGS)
def test_wrong_money_fails_and_is_named(wrong: Callable[[Tape], None]) -> None:
    tape = Tape()
    wrong(tape)
    verdict = money(tape)
    assert verdict.status is Status.FAIL
    assert [finding.key for finding in verdict.findings] == [KEY]
    assert "T01 STAN 000118" in verdict.findings[0].says
    assert "site A" in verdict.findings[0].says
    assert "site B" in verdict.findings[0].says


@pytest.mark.parametrize("wrong", [wrong for wrong in WRONGS if wrong not in BEYOND_ALL_DOUBT])
def test_the_same_is_an_open_exception_if_a_person_was_told(wrong: Callable[[Tape], None]) -> None:
    tape = Tape(open_exceptions_max=1)
    wrong(tape)
    tape.exception(50, KEY)
    audit = tape.judge()
    assert audit.verdict("money").status is Status.PASS
    assert [(each.key, each.terminal, each.stan) for each in audit.exceptions] == [(KEY, "T01", 118)]
    assert audit.exceptions[0].kinds == ("suspect_dispense",)


@pytest.mark.parametrize("wrong", BEYOND_ALL_DOUBT)
def test_no_exception_excuses_what_it_cannot_explain(wrong: Callable[[Tape], None]) -> None:
    tape = Tape(open_exceptions_max=1)
    wrong(tape)
    tape.exception(50, KEY)
    audit = tape.judge()
    assert audit.verdict("money").status is Status.FAIL
    assert [finding.key for finding in audit.verdict("money").findings] == [KEY]
    assert audit.verdict("money").because == "1 transaction came out as no exception explains it"


def test_figures_of_every_witness_are_told() -> None:
    tape = Tape()
    reversal_reached_one_site_only(tape)
    assert money(tape).findings[0].says == (
        "T01 STAN 000118 withdrawal: customer took 0.00, terminal ended it as no answer, "
        "site A posted 0.00 in 2 entries, site B posted 50.00"
    )


def test_what_a_site_has_lost_is_told() -> None:
    tape = Tape()
    lost_at_both_sites(tape)
    says = money(tape).findings[0].says
    assert says.endswith(f"posted 0.00, site A lost its entry post/{KEY}, site B lost its entry post/{KEY}")


def test_a_lost_posting_of_money_that_nobody_took_is_no_harm() -> None:
    tape = Tape()
    posted_but_no_cash_came(tape)
    for site in SITES:
        lose(tape, 60, site)
    assert money(tape).status is Status.PASS


def test_too_many_open_exceptions_fail() -> None:
    tape = Tape(open_exceptions_max=0)
    retracted_and_kept_in_silence(tape)
    tape.exception(34, KEY)
    verdict = money(tape)
    assert verdict.status is Status.FAIL
    assert verdict.because == "1 open exception (0 allowed)"


def test_an_exception_that_agrees_is_not_open() -> None:
    tape = Tape(open_exceptions_max=0)
    key = tape.withdraw(1)
    tape.exception(6, key)
    assert money(tape).status is Status.PASS
    assert tape.judge().exceptions == ()


def right_deposit(tape: Tape) -> None:
    tape.ask(1, KEY, 0, "deposit")
    tape.send(1, KEY, 4000)
    tape.post(1.02, KEY, 4000)
    tape.reply(1.04, KEY, 4000)
    tape.accept_notes(4, KEY, 4000)
    tape.end(5, KEY)


def right_transfer(tape: Tape) -> None:
    tape.ask(1, KEY, 5000, "transfer")
    tape.send(1, KEY)
    tape.post(1.02, KEY)
    tape.reply(1.04, KEY)
    tape.end(2, KEY)


def right_partial_reversal(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY, 3000)
    tape.take(5, KEY, 3000)
    tape.end(5, KEY, "short")
    tape.queue(5, KEY, 119, "partly_dispensed", actual=3000)
    tape.send(5, KEY, purpose="reversal", stan=119)
    tape.reverse(5.02, KEY, 2000)
    tape.settle(5.04, KEY, 119)


def right_decline(tape: Tape) -> None:
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.arrive(1.02, KEY)
    tape.reply(1.04, KEY, 0, "insufficient_funds")
    tape.end(2, KEY, "declined")


@pytest.mark.parametrize("right", [right_deposit, right_transfer, right_partial_reversal, right_decline])
def test_right_money_passes_everywhere(right: Callable[[Tape], None]) -> None:
    tape = Tape()
    right(tape)
    audit = tape.judge()
    assert audit.status is Status.PASS, [verdict.because for verdict in audit.verdicts]


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize(("released", "status"), [(True, Status.PASS), (False, Status.FAIL)])
def test_a_hold_that_is_left_at_any_site_fails(released: bool, status: Status, site: str) -> None:
    tape = Tape()
    right_decline(tape)
    tape.add(1.02, site, HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))
    if released:
        tape.add(2, site, HoldReleased(key=KEY, account=CUSTOMER, amount_minor=5000))
    history = [fact for fact in tape.play() if not (isinstance(fact, LedgerCounted) and fact.actor == site)]
    end = tape.ledger(100, site, "end")
    held = LedgerCounted(site=site, when="end", balances=end.balances, holds={} if released else {CUSTOMER: 5000})
    verdict = judge([*history, tape.ledger(0, site, "start"), stamped(100, site, held)]).verdict("money")
    assert verdict.status is status
    if not released:
        assert verdict.because == f"money is still held at site {site} (50.00)"
        assert verdict.findings[0].key == KEY


@pytest.mark.parametrize(
    ("got", "status"),
    [
        (None, Status.PASS),
        ({"3": "012000", "4": "000000005000"}, Status.FAIL),
        ({"4": "000000005000"}, Status.FAIL),
    ],
)
def test_a_request_that_arrives_otherwise_than_it_was_sent(got: dict[str, str] | None, status: Status) -> None:
    tape = Tape()
    cash_came_and_nothing_was_posted(tape)
    tape.arrive(1.02, KEY, fields=got)
    tape.post(1.02, KEY)
    verdict = money(tape)
    assert verdict.status is status
    assert status is Status.PASS or "got another DE3 than was sent" in verdict.findings[0].says


@pytest.mark.parametrize(
    ("site", "refused", "status"),
    [
        ("A", "mac", Status.PASS),
        ("B", "mac", Status.FAIL),
        ("A", "chip", Status.FAIL),
        ("A", "", Status.FAIL),
    ],
)
def test_an_altered_request_that_was_refused_for_its_mac_moved_nobodys_money(
    site: str, refused: str, status: Status
) -> None:
    """The same request may come again as it was sent, and is not blamed for the altered one."""
    tape = Tape()
    cash_came_and_nothing_was_posted(tape)
    tape.arrive(1.02, KEY, fields={"4": "000000005001"})
    if refused:
        tape.add(1.02, site, SecurityRefused(what=refused, terminal="T01", because="it does not agree", key=KEY))
    tape.arrive(1.5, KEY)
    tape.post(1.5, KEY)
    assert money(tape).status is status


def test_a_request_that_was_altered_on_its_way_says_under_which_name_it_was_sent() -> None:
    tape, altered = Tape(), key_of("T01", 999)
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.add(
        1,
        "T01/primary",
        FrameDisturbed(
            name="other-stan",
            kind="set_field",
            terminal="T01",
            line="primary",
            direction="request",
            what="DE11 000118 -> 000999",
            key=KEY,
            became=altered,
        ),
    )
    tape.post(1.02, altered)
    tape.end(31, KEY, "no_answer")
    verdict = money(tape)
    assert "50.00 asked for" in verdict.because
    (finding,) = verdict.findings
    assert finding.key == altered
    assert f"terminal never started it (it was sent as {KEY} and altered on its way)" in finding.says


def test_a_request_that_was_altered_is_told_even_if_nothing_is_known_of_what_was_sent() -> None:
    tape, altered = Tape(), key_of("T01", 999)
    disturbed = FrameDisturbed(
        name="other-stan",
        kind="set_field",
        terminal="T01",
        line="primary",
        direction="request",
        what="DE11 000118 -> 000999",
        key=KEY,
        became=altered,
    )
    tape.add(1, "T01/primary", disturbed)
    tape.post(1.02, altered)
    verdict = money(tape)
    assert verdict.because == (
        "1 transaction of 1 disagree between witnesses and nobody was told: 0.00 asked for, 0.00 taken in cash"
    )
    assert [finding.key for finding in verdict.findings] == [altered]


# --- whole sentences --------------------------------------------------------------------------------


def numbers_of(tape: Tape, key: str = KEY) -> tuple[int, int]:
    """The numbers of the first and the last fact of a transaction."""
    found = [number for number, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == key]
    return found[0], found[-1]


def test_a_run_that_is_right_says_what_moved_money() -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.lost_reply(10, stan=130)
    tape.lost_reply(11, stan=135)
    right = key_of("T01", 140)
    tape.ask(50, right, 4000, "deposit")
    tape.send(50, right, 4000)
    tape.post(50.1, right, 4000)
    tape.reply(50.2, right, 4000)
    tape.accept_notes(54, right, 4000)
    tape.end(55, right, "interrupted")
    paid = key_of("T01", 150)
    tape.ask(60, paid, 5000, "transfer")
    tape.post(60.1, paid)
    tape.reply(60.2, paid)
    tape.end(61, paid)
    tape.ask(70, key_of("T01", 160), 0, "balance")
    tape.end(71, key_of("T01", 160))
    assert money(tape).because == (
        "6 transactions: devices and 2 sites agree on every one, 3 moved money; 0 open exceptions (0 allowed)"
    )


def test_exceptions_that_are_allowed_are_said_and_listed_with_their_owner() -> None:
    tape = Tape(open_exceptions_max=3)
    tape.withdraw(60, stan=300)
    posted_but_no_cash_came(tape)
    because, kind = "the dispenser cannot say what it moved", "suspect_dispense"
    opened = ExceptionOpened(kind=kind, key=KEY, terminal="T01", because=because, owner="the branch")
    tape.add(34, "T01", opened)
    tape.add(35, "T01", ExceptionOpened(kind="advice_given_up", key=KEY, terminal="T01", because="x", owner="y"))
    tape.add(36, "T01", ExceptionOpened(kind=kind, key=KEY, terminal="T01", because="x"))
    verdict = money(tape)
    assert verdict.because == (
        "2 transactions: devices and 2 sites agree on all but 1, of which a person was told, 1 moved money; "
        "1 open exception (3 allowed)"
    )
    [found] = tape.judge().exceptions
    assert (found.key, found.terminal, found.stan) == (KEY, "T01", 118)
    assert (found.kinds, found.because, found.owner) == ((kind, "advice_given_up"), because, "the branch")
    assert found.says.startswith("T01 STAN 000118 withdrawal: customer took 0.00, ")


def test_exceptions_beyond_what_is_allowed_are_named_beside_what_nobody_was_told_of() -> None:
    tape = Tape()
    retracted_and_kept_in_silence(tape)
    tape.exception(34, KEY)
    other = key_of("T01", 200)
    tape.ask(50, other)
    tape.post(50, other)
    tape.end(51, other, "no_answer")
    verdict = money(tape)
    first, last = numbers_of(tape)
    assert verdict.because == (
        "1 transaction of 2 disagree between witnesses and nobody was told: 50.00 asked for, 0.00 taken in cash; "
        "1 open exception (0 allowed)"
    )
    wrong, named = verdict.findings
    assert (wrong.key, wrong.facts) == (other, numbers_of(tape, other))
    assert (named.key, named.facts) == (KEY, (last,))
    assert first < last
    assert named.says.endswith("; open exception: the dispenser cannot say what it moved")


def test_money_that_is_held_is_told_at_every_site_and_with_every_transaction() -> None:
    tape, other = Tape(open_exceptions_max=2), key_of("T01", 130)
    for key, minor in ((KEY, 5000), (other, 3000)):
        tape.ask(1, key, minor)
        tape.end(2, key, "declined")
        tape.add(1.02, "A", HoldPlaced(key=key, account=CUSTOMER, amount_minor=minor))
    plain = tape.play()
    ends = {"A": {CUSTOMER: 8000}, "B": {CUSTOMER: 700}}
    history = [
        stamped(fact.t, fact.actor, replace(fact, holds=ends[fact.site]))
        if isinstance(fact, LedgerCounted) and fact.when == "end"
        else fact
        for fact in plain
    ]
    verdict = judge(history).verdict("money")
    assert verdict.because == "money is still held at site A (80.00) and site B (7.00)"
    says = [(finding.key, finding.facts, finding.says.partition(" for ")[0]) for finding in verdict.findings]
    assert says == [
        (KEY, numbers_of(tape), "site A still holds 50.00"),
        (other, numbers_of(tape, other), "site A still holds 30.00"),
        ("", (), "site B holds 7.00 at the end,"),
    ]
    assert verdict.findings[2].says == "site B holds 7.00 at the end, for no transaction that is known"
    assert ": customer took 0.00, terminal ended it as declined" in verdict.findings[0].says


def test_a_site_that_was_not_counted_hides_no_hold_of_the_next() -> None:
    tape = Tape()
    right_decline(tape)
    tape.add(1.02, "B", HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))
    history = [fact for fact in tape.play() if not (isinstance(fact, LedgerCounted) and fact.when == "end")]
    held = replace(tape.ledger(100, "B", "end"), holds={CUSTOMER: 5000})
    history.append(stamped(100, "B", held))
    assert judge(history).verdict("money").because == "money is still held at site B (50.00)"


def test_a_hold_of_a_transaction_that_a_person_was_told_of_is_explained() -> None:
    tape = Tape(open_exceptions_max=1)
    posted_but_no_cash_came(tape)
    tape.exception(34, KEY)
    for site in SITES:
        tape.add(1.02, site, HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))
    history = [
        stamped(fact.t, fact.actor, replace(fact, holds={CUSTOMER: 5000}))
        if isinstance(fact, LedgerCounted) and fact.when == "end"
        else fact
        for fact in tape.play()
    ]
    assert judge(history).verdict("money").status is Status.PASS
