"""Repeats, reversals and late originals at one site: rules 3 to 6 of iso8583 facts 1.8."""

import pytest

from atmbench.facts import EntryPosted, ExceptionOpened, HoldReleased, RepeatAnswered, TombstoneHit, TombstoneLaid
from atmbench.messages.records import Outcome, Purpose, Reason
from tests.host.play import CURRENT, PAN, SAVINGS, Play, advice, key, service


def test_a_withdrawal_is_posted_once_and_the_reply_says_what_was_asked() -> None:
    play = Play()
    said = play.withdraw()
    assert said.outcome is Outcome.APPROVED
    assert (said.reply.stan, said.reply.amount_minor, said.reply.code) == (7, 5000, "")
    assert said.reply.approval_code == "000001"
    assert said.facts == [
        EntryPosted(
            entry=f"post/{key(7)}",
            kind="posting",
            key=key(7),
            service="withdrawal",
            legs={CURRENT: -5000, "cash:T01": 5000},
            origin="A",
        )
    ]
    assert play.change() == -5000


@pytest.mark.parametrize("repeat", [True, False])
def test_rule_3_the_same_request_again_gets_the_stored_answer_whatever_its_repeat_digit(repeat: bool) -> None:
    play = Play()
    first = play.withdraw()
    again = play.withdraw(repeat=repeat)
    assert again.reply == first.reply
    assert again.facts == [RepeatAnswered(key=key(7), purpose="withdrawal")]
    assert play.change() == -5000


def test_rule_3_a_declined_request_again_is_declined_again_even_if_it_could_be_paid_now() -> None:
    play = Play()
    assert play.withdraw(7, 40_000).outcome is Outcome.APPROVED
    assert play.withdraw(8, 20_000).outcome is Outcome.AMOUNT_LIMIT
    play.reverse(7, 40_000)
    assert play.withdraw(8, 20_000).outcome is Outcome.AMOUNT_LIMIT


def test_the_same_key_with_another_amount_is_refused_and_the_first_answer_stays() -> None:
    play = Play()
    first = play.withdraw()
    changed = play.withdraw(7, 9000)
    assert changed.outcome is Outcome.DUPLICATE
    assert changed.facts == []
    assert play.withdraw().reply == first.reply
    assert play.change() == -5000


def test_the_same_number_of_another_terminal_is_another_transaction() -> None:
    play = Play()
    play.withdraw()
    assert play.withdraw(terminal="T02").entries()
    assert play.change() == -10_000


def test_a_full_reversal_gives_all_back() -> None:
    play = Play()
    play.withdraw()
    said = play.reverse(reason=Reason.NO_ANSWER)
    assert said.outcome is Outcome.APPROVED
    assert said.reply.stan == 900
    assert said.entries() == [("A", f"rev/{key(7)}", {CURRENT: 5000, "cash:T01": -5000})]
    assert play.change() == 0


@pytest.mark.parametrize(("actual_minor", "left"), [(2000, -2000), (0, 0), (5000, -5000), (None, 0)])
def test_a_partial_reversal_leaves_what_came_out(actual_minor: int | None, left: int) -> None:
    play = Play()
    play.withdraw()
    assert play.reverse(actual_minor=actual_minor).outcome is Outcome.APPROVED
    assert play.change() == left


@pytest.mark.parametrize("known", [True, False])
def test_more_came_out_than_was_asked_is_refused_and_changes_nothing(known: bool) -> None:
    play = Play()
    if known:
        play.withdraw()
    said = play.reverse(actual_minor=5001)
    assert said.outcome is Outcome.INVALID_AMOUNT
    assert said.facts == []
    assert play.reverse(actual_minor=2000).outcome is Outcome.APPROVED


def test_rule_5_a_second_reversal_is_answered_as_the_first_and_posts_nothing() -> None:
    play = Play()
    play.withdraw()
    play.reverse()
    again = play.reverse(repeat=True)
    assert again.facts == [RepeatAnswered(key=key(7), purpose="reversal")]
    renumbered = play.reverse(own_stan=901, actual_minor=2000)
    assert (renumbered.outcome, renumbered.reply.stan) == (Outcome.APPROVED, 901)
    assert renumbered.entries() == []
    assert play.change() == 0


def test_rules_4_and_6_a_reversal_that_overtakes_its_original_refuses_it_when_it_comes() -> None:
    play = Play()
    said = play.reverse()
    assert said.outcome is Outcome.APPROVED
    assert said.facts == [TombstoneLaid(key=key(7), origin="A")]
    late = play.withdraw()
    assert late.outcome is Outcome.TOO_LATE
    assert late.facts == [TombstoneHit(key=key(7))]
    assert play.withdraw().reply == late.reply
    assert play.reverse(repeat=True).facts == [RepeatAnswered(key=key(7), purpose="reversal")]
    assert play.change() == 0


def test_a_reversal_of_a_declined_original_is_approved_and_posts_nothing() -> None:
    play = Play()
    assert play.withdraw(7, 900_000).outcome is Outcome.AMOUNT_LIMIT
    said = play.reverse(7, 900_000)
    assert said.outcome is Outcome.APPROVED
    assert said.facts == []


def test_a_suspect_reversal_keeps_the_posting_until_someone_has_counted() -> None:
    play = Play()
    play.withdraw()
    said = play.reverse(reason=Reason.SUSPECT)
    assert said.outcome is Outcome.APPROVED
    (opened,) = said.facts
    assert isinstance(opened, ExceptionOpened)
    assert (opened.kind, opened.key, opened.terminal) == ("suspect_dispense", key(7), "T01")
    assert play.reverse(reason=Reason.SUSPECT).facts == [RepeatAnswered(key=key(7), purpose="reversal")]
    assert play.change() == -5000
    assert play.reverse(reason=Reason.NOT_DISPENSED).entries() != []
    assert play.change() == 0


def test_a_suspect_reversal_refuses_a_late_original_too() -> None:
    play = Play()
    laid, opened = play.reverse(reason=Reason.SUSPECT).facts
    assert (laid, type(opened)) == (TombstoneLaid(key=key(7), origin="A"), ExceptionOpened)
    assert play.withdraw().outcome is Outcome.TOO_LATE


def test_a_suspect_reversal_under_policy_credit_gives_the_money_back() -> None:
    play = Play(suspect="credit")
    play.withdraw()
    assert play.reverse(reason=Reason.SUSPECT).entries() != []
    assert play.change() == 0


def test_an_advice_that_names_no_original_is_a_format_error() -> None:
    play = Play()
    assert play.reverse(original=None).outcome is Outcome.FORMAT_ERROR
    assert play.complete(local_time="").outcome is Outcome.FORMAT_ERROR


def test_a_completion_confirms_what_was_posted_with_the_approval() -> None:
    play = Play()
    play.withdraw()
    said = play.complete()
    assert (said.outcome, said.facts) == (Outcome.APPROVED, [])
    assert play.complete(own_stan=901).facts == [RepeatAnswered(key=key(7), purpose="completion")]
    assert play.change() == -5000


def test_a_completion_with_less_than_was_posted_adjusts() -> None:
    play = Play()
    play.withdraw()
    assert play.complete(actual_minor=5001).outcome is Outcome.INVALID_AMOUNT
    assert play.complete(actual_minor=3000).entries() == [
        ("A", f"rev/{key(7)}", {CURRENT: 2000, "cash:T01": -2000}),
    ]
    assert play.change() == -3000


def test_a_completion_of_a_reversed_transaction_is_refused() -> None:
    play = Play()
    play.withdraw()
    play.reverse()
    assert play.complete().outcome is Outcome.ALREADY_REVERSED
    assert play.change() == 0


def test_a_completion_without_original_posts_and_the_original_is_no_new_one() -> None:
    play = Play()
    assert play.complete().entries() == [("A", f"post/{key(7)}", {CURRENT: -5000, "cash:T01": 5000})]
    assert play.withdraw().outcome is Outcome.DUPLICATE
    assert play.change() == -5000


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"pan": "4999999999999999"}, Outcome.NO_ORIGINAL),
        ({"service": Purpose.BALANCE}, Outcome.NO_ORIGINAL),
        ({"amount_minor": 0}, Outcome.INVALID_AMOUNT),
    ],
)
def test_a_completion_without_original_must_say_what_to_post(changed: dict[str, object], outcome: Outcome) -> None:
    play = Play()
    request = advice(Purpose.COMPLETION, 7, **({"amount_minor": 5000} | changed))  # type: ignore[arg-type]
    assert play.ask(request).outcome is outcome
    assert play.change() == 0


class TestPostingAtCompletion:
    def test_the_approval_holds_and_the_completion_posts(self) -> None:
        play = Play(post_at="completion")
        assert [type(fact).__name__ for fact in play.withdraw().facts] == ["HoldPlaced"]
        assert play.holds("A") == {CURRENT: 5000}
        assert play.change() == 0
        said = play.complete(actual_minor=3000)
        assert said.facts[0] == HoldReleased(key=key(7), account=CURRENT, amount_minor=5000)
        assert said.entries() == [("A", f"post/{key(7)}", {CURRENT: -3000, "cash:T01": 3000})]
        assert (play.change(), play.holds("A")) == (-3000, {})

    def test_a_reversal_releases_and_posts_only_what_came_out(self) -> None:
        play = Play(post_at="completion")
        play.withdraw()
        assert [type(fact).__name__ for fact in play.reverse().facts] == ["HoldReleased"]
        play.withdraw(8)
        play.reverse(8, actual_minor=1000)
        assert (play.change(), play.holds("A")) == (-1000, {})

    def test_a_hold_counts_against_the_available_balance(self) -> None:
        play = Play(post_at="completion", daily_limit="9999.00")
        play.withdraw(7, 90_000)
        assert play.withdraw(8, 20_000).outcome is Outcome.INSUFFICIENT_FUNDS
        balances = play.serve(Purpose.BALANCE, 9).reply.balances
        assert [(each.kind, each.amount_minor) for each in balances] == [("ledger", 100_000), ("available", 10_000)]

    def test_a_suspect_reversal_keeps_the_hold(self) -> None:
        play = Play(post_at="completion")
        play.withdraw()
        play.reverse(reason=Reason.SUSPECT)
        assert play.holds("A") == {CURRENT: 5000}

    def test_a_reversal_after_the_completion_gives_back(self) -> None:
        play = Play(post_at="completion")
        play.withdraw()
        play.complete()
        assert play.reverse().entries() == [("A", f"rev/{key(7)}", {CURRENT: 5000, "cash:T01": -5000})]
        assert play.change() == 0

    def test_only_withdrawals_wait_for_their_completion(self) -> None:
        play = Play(post_at="completion")
        assert play.serve(Purpose.TRANSFER, amount_minor=100, to_account="savings").entries() != []


class TestSessions:
    def test_nothing_is_served_or_accepted_before_sign_on_and_after_sign_off(self) -> None:
        play = Play()
        play.network(Purpose.SIGN_OFF)
        for request in (service(Purpose.BALANCE), advice(Purpose.REVERSAL, 7, 5000)):
            said = play.ask(request)
            assert (said.outcome, said.facts) == (Outcome.SIGN_ON_NEEDED, [])
        assert play.withdraw(terminal="T02").outcome is Outcome.APPROVED

    def test_a_sign_off_on_one_line_leaves_the_terminal_signed_on_over_the_other(self) -> None:
        play = Play()
        play.network(Purpose.SIGN_ON, line="secondary")
        assert play.ask(service(Purpose.BALANCE, 1), line="secondary").outcome is Outcome.APPROVED
        assert play.network(Purpose.SIGN_OFF, line="secondary").outcome is Outcome.APPROVED
        assert play.ask(service(Purpose.BALANCE, 2), line="secondary").outcome is Outcome.SIGN_ON_NEEDED
        assert play.withdraw(3).outcome is Outcome.APPROVED

    def test_a_sign_on_counts_on_its_own_line_only(self) -> None:
        said = Play().ask(service(Purpose.BALANCE), line="secondary")
        assert (said.outcome, said.facts) == (Outcome.SIGN_ON_NEEDED, [])

    def test_a_session_ends_with_its_connection(self) -> None:
        play = Play()
        play.host.on_hung_up("A", "primary")
        play.host.on_hung_up("A", "nobody ever said a word over this one")
        assert play.withdraw().outcome is Outcome.SIGN_ON_NEEDED
        play.sign_on("A")
        assert play.withdraw().outcome is Outcome.APPROVED

    def test_several_terminals_may_share_a_connection(self) -> None:
        play = Play()
        play.network(Purpose.SIGN_OFF, terminal="T02")
        assert play.withdraw(terminal="T02").outcome is Outcome.SIGN_ON_NEEDED
        assert play.withdraw().outcome is Outcome.APPROVED

    def test_a_standby_answers_only_echoes(self) -> None:
        play = Play()
        assert play.network(Purpose.ECHO, site="B").outcome is Outcome.APPROVED
        for purpose in (Purpose.SIGN_ON, Purpose.SIGN_OFF):
            assert play.network(purpose, site="B").outcome is Outcome.HOST_UNAVAILABLE
        assert play.withdraw(site="B").outcome is Outcome.HOST_UNAVAILABLE
        assert play.reverse(site="B").outcome is Outcome.HOST_UNAVAILABLE

    def test_a_network_reply_carries_no_amount(self) -> None:
        assert Play().network(Purpose.ECHO).reply.amount_minor is None

    def test_a_dark_site_says_nothing_at_all(self) -> None:
        play = Play()
        play.host.stop("A", 0.0)
        assert play.ask(service(Purpose.BALANCE)).replies == []


def test_no_text_of_a_record_shows_the_card() -> None:
    play = Play()
    play.withdraw()
    transaction = play.host._sites["A"].book.transactions[key(7)]
    for text in (repr(transaction.posted), repr(transaction.terms), str(transaction)):
        assert PAN not in text
    assert SAVINGS not in repr(play.withdraw(8).facts)
