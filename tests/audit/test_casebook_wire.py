"""What the casebook makes of lines, and of messages that are not the first request of a customer."""

import pytest

from atmbench.audit.cases import Answer
from atmbench.audit.terminals import LineEvent
from atmbench.audit.verdict import Finding
from atmbench.facts import (
    CapacityStated,
    CustomerTurnedAway,
    DialFailed,
    FaultEnded,
    FrameDisturbed,
    HealStarted,
    LineChosen,
    LineLost,
    LineUp,
    MessageReceived,
    MessageSent,
    ReleaseDeployed,
    ScreenShown,
    SignedOn,
    StandInApproved,
    TombstoneLaid,
)
from atmbench.facts.statements import Stated, Statement
from tests.audit.builders import CUSTOMER, SITES, Tape, key_of
from tests.audit.outages import cut

KEY = key_of("T01", 118)
RISE = "STANs rise, 0 repeats equal their first sending, 0 dispenses each on a matched approval"


def says(tape: Tape, check: str) -> list[str]:
    return [finding.says for finding in tape.judge().verdict(check).findings]


def of_site(purpose: str, stan: int, key: str = "", outcome: str = "", code: str = "") -> MessageSent:
    """What a site sends to a terminal."""
    return MessageSent(
        terminal="T01",
        line="primary",
        purpose=purpose,
        mti="0x10",
        stan=stan,
        fields={},
        key=key,
        outcome=outcome,
        code=code,
    )


# --- lines ------------------------------------------------------------------------------------------


def test_nothing_may_be_sent_over_a_line_that_has_come_up_before_a_host_lets_the_terminal_in() -> None:
    tape = Tape(terminals=("T01", "T02"))
    tape.add(0.5, "T01", LineUp(line="primary"))
    tape.withdraw(1, "T01", 118)
    tape.withdraw(1, "T02", 7)
    assert says(tape, "sequence") == [
        "T01 sent a withdrawal (STAN 000118) over line primary, where no host had let it in, or one had sent it away"
    ]


def test_a_line_is_sick_once_after_each_thing_that_was_done_to_it() -> None:
    tape = Tape()
    tape.end_t = 30.0  # healing begins at 20 s

    def suffer(*times: float) -> None:
        for t in times:
            tape.add(t, "T01", DialFailed(line="primary", because="refused"))

    suffer(1, 2)
    cut(tape, 3)
    suffer(4, 5)
    tape.add(6, "conductor", FaultEnded(name="c1"))
    cut(tape, 7)
    suffer(8, 9, 21, 22)
    tape.add(23, "conductor", HealStarted(within_s=60))
    suffer(24, 25)
    book = tape.judge().book
    assert book.terminals["T01"].line_events == [LineEvent(t, "sick", "primary") for t in (1.0, 4.0, 8.0, 21.0, 24.0)]
    assert [fact.t for fact in book.line_faults] == [3.0, 6.0, 7.0]
    assert [fact.t for fact in book.site_log.dials] == [1, 2, 4, 5, 8, 9, 21, 22, 24, 25]


def test_healing_undoes_no_earlier_fault() -> None:
    tape = Tape()
    tape.add(1, "T01", LineLost(line="primary", because="closed"))
    cut(tape, 2)
    tape.add(95, "T01", DialFailed(line="primary", because="refused"))
    tape.add(96, "T01", LineChosen(line="secondary", previous="primary", because="it is better"))
    tape.add(97, "T01", SignedOn(line="secondary"))
    assert tape.judge().book.terminals["T01"].line_events == [
        LineEvent(1.0, "sick", "primary"),
        LineEvent(95.0, "sick", "primary"),
        LineEvent(96.0, "chosen", "secondary"),
        LineEvent(97.0, "signed_on", "secondary"),
    ]


# --- what a terminal sends --------------------------------------------------------------------------


def test_answers_to_a_change_of_the_day_are_messages_of_the_terminal_that_gives_them() -> None:
    tape = Tape(terminals=("T01", "T02"))
    for t in (1, 2):
        answer = MessageSent(terminal="T01", line="primary", purpose="cutover", mti="0810", stan=900, fields={})
        tape.add(t, "T01", answer)
    tape.ask(3, KEY)
    tape.send(3, KEY)
    audit = tape.judge()
    assert audit.verdict("sequence").because == (
        f"3 messages of 2 terminals in order: {RISE}, 0 ignored replies without effect"
    )
    assert list(audit.book.terminals) == ["T01", "T02"]


def test_a_stan_that_went_back_is_shown_by_the_fact_that_gave_it_out() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.end(2, KEY, "cancelled")
    earlier = key_of("T01", 117)
    tape.ask(3, earlier)
    tape.end(4, earlier, "cancelled")
    [finding] = tape.judge().verdict("sequence").findings
    assert finding == Finding(earlier, "T01 gave out STAN 000117 after 000118", (7,))


def test_a_request_of_which_nobody_told_that_it_was_begun_is_what_it_says_it_is() -> None:
    tape = Tape()
    tape.services[KEY] = "withdrawal"
    tape.send(1, KEY)
    case = tape.judge().book.cases[KEY]
    assert (case.service, case.asked_minor, case.request_t) == ("withdrawal", 5000, 1.0)


def test_a_reversal_of_what_was_never_sent_is_not_the_request() -> None:
    """Power failed between the start of the transaction and its first message."""
    tape = Tape()
    tape.ask(1, KEY)
    tape.end(2, KEY, "not_dispensed")
    tape.queue(3, KEY, 119)
    tape.send(3, KEY, purpose="reversal", stan=119)
    for site in SITES:
        tape.add(3.02, site, TombstoneLaid(key=KEY, origin="A"))
    tape.settle(3.04, KEY, 119)
    audit = tape.judge()
    case = audit.book.cases[KEY]
    assert (case.request_t, case.sent, case.service) == (None, None, "withdrawal")
    assert audit.verdict("reversals").because.startswith("0 reversals needed, 1 accepted")


def test_a_message_without_a_key_makes_no_transaction() -> None:
    tape = Tape()
    for purpose, stan in (("withdrawal", 118), ("echo", 119)):
        sent = MessageSent(terminal="T01", line="primary", purpose=purpose, mti="0x00", stan=stan, fields={})
        tape.add(stan - 117, "T01", sent)
    assert tape.judge().book.cases == {}


def test_an_advice_may_be_repeated_as_a_new_release_of_its_terminal_makes_it() -> None:
    def tape_of(*deployed: str) -> Tape:
        tape = Tape(terminals=("T01", "T02"))
        tape.request(1, KEY)
        tape.end(31, KEY, "no_answer")
        tape.queue(31, KEY, 119)
        tape.send(31, KEY, purpose="reversal", stan=119, fields={"4": "000000005000"})
        for terminal in deployed:
            tape.add(40, terminal, ReleaseDeployed(release="new", side="terminal", before="N"))
        tape.send(46, KEY, purpose="reversal", stan=119, mti="0421", fields={"4": "000000005000", "60": "x"})
        tape.reverse(46.02, KEY)
        tape.settle(46.04, KEY, 119, attempts=2)
        return tape

    differs = ["T01 repeated the reversal with STAN 000119, and field 60 differ from its first sending"]
    assert says(tape_of(), "sequence") == differs
    assert says(tape_of("T02", "T03", "B"), "sequence") == differs
    assert says(tape_of("T01"), "sequence") == []


def test_an_answer_is_kept_with_the_line_that_it_came_by() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.reply(1.5, KEY, 4000, outcome="partially_approved", line="secondary")
    assert tape.judge().book.cases[KEY].answers == (Answer(1.5, "secondary", "partially_approved", 4000, 118),)


# --- what a site gets and sends ---------------------------------------------------------------------


@pytest.mark.parametrize(("minor", "altered"), [(5000, ""), (9000, "site A got another DE4 than was sent")])
def test_a_request_that_arrives_before_it_is_sent_has_its_transaction_begun_already(minor: int, altered: str) -> None:
    """The customer began earlier. The site's fact comes first in the instant, because A is sorted before T01."""
    tape = Tape()
    tape.ask(0.5, KEY)
    tape.arrive(1, KEY, fields={"3": "011000", "4": f"{minor:012d}"})
    tape.send(1, KEY)
    case = tape.judge().book.cases[KEY]
    assert (case.received_by, case.altered, case.request_t) == (("A",), altered, 1.0)


def test_what_arrived_before_it_could_have_been_sent_has_not_arrived() -> None:
    tape = Tape()
    tape.ask(0.5, KEY)
    tape.arrive(1, KEY)
    tape.send(1.5, KEY)
    assert tape.judge().book.cases[KEY].received_by == ()


@pytest.mark.parametrize("purpose", ["echo", "cutover"])
def test_a_change_of_the_day_is_neither_a_request_nor_an_answer_of_a_site_with_a_stated_capacity(purpose: str) -> None:
    """It goes under a number of the host's own, which may be that of a request which waits."""
    tape = Tape()
    tape.add(0, "A", CapacityStated(site="A", role="active", rate_per_s=5.0, servers=1, queue_max=10, answers=1.0))
    got = MessageReceived(terminal="T01", line="primary", purpose="echo", mti="0800", stan=7, fields={})
    tape.add(1, "A", got)
    tape.add(2, "A", of_site(purpose, 7))
    tape.add(3, "A", MessageReceived(terminal="T01", line="primary", purpose=purpose, mti="0x10", stan=7, fields={}))
    load = tape.judge().load
    assert load is not None
    [site] = load.sites
    assert (site.requests, site.answered, site.longest_s) == ((2, 1, 1.0) if purpose == "echo" else (1, 0, 0.0))


def after_stand_in(answer: MessageSent, actual: int | None = None, *, stored: bool = True) -> int:
    """What of 50.00 approved in stand-in still counts against a withdrawal after it, where the account had 50.00."""
    tape = Tape(exposure={"total_max": "1.00"})
    tape.opening[CUSTOMER] = 5000
    tape.ask(10, KEY)
    tape.send(10, KEY)
    tape.add(10, "A", StandInApproved(key=KEY, account=CUSTOMER, amount_minor=5000))
    if stored:
        tape.queue(12, KEY, 119, actual=actual)
    tape.add(13, "A", answer)
    later = key_of("T01", 130)
    tape.ask(20, later)
    tape.add(20, "A", StandInApproved(key=later, account=CUSTOMER, amount_minor=5000))
    above = tape.judge().book.exposure.above
    return above[later].amount_minor if later in above else 0


def test_only_a_reversal_that_a_site_accepts_gives_back_what_was_approved_in_stand_in() -> None:
    reversed_ = of_site("reversal", 119, KEY, "approved")
    assert after_stand_in(reversed_) == 0
    assert after_stand_in(reversed_, actual=2000) == 2000, "of which the customer has 20.00"
    assert after_stand_in(reversed_, stored=False) == 0, "a fault made a reversal of another message"
    assert after_stand_in(of_site("reversal", 119, KEY, "declined")) == 5000
    assert after_stand_in(of_site("withdrawal", 118, KEY, "approved")) == 5000


# --- what goes by for others ------------------------------------------------------------------------


def test_who_is_turned_away_is_a_customer_of_the_channel_of_its_client() -> None:
    tape = Tape()
    tape.channels = {"counter": ("C01",)}
    for client in ("C01", "T01", "C01"):
        tape.add(1, client, CustomerTurnedAway(because="it is closed"))
    book = tape.judge().book
    assert book.told.turned_away == {("counter", "it is closed"): 2, ("atm", "it is closed"): 1}


@pytest.mark.parametrize("is_tainted", [False, True])
def test_a_sign_that_two_releases_disagree_is_seen_from_the_first_deployment_on(is_tainted: bool) -> None:
    """A fault on the line of the terminal explains it, also one from before anything was deployed."""
    tape = Tape()
    if is_tainted:
        disturbed = FrameDisturbed(
            name="f", kind="flip_bits", terminal="T01", line="primary", direction="request", what="x"
        )
        tape.add(4, "cable", disturbed)
    tape.add(5, "A", ReleaseDeployed(release="new", side="host", before="N"))
    tape.request(6, KEY)
    tape.add(6.03, "A", of_site("withdrawal", 118, KEY, "declined", code="00"))
    tape.reply(6.04, KEY)
    audit = tape.judge()
    says = "site A with release new: its code 00 means declined, and approved to terminals of release N"
    assert audit.verdict("releases").findings == (
        () if is_tainted else (Finding(KEY, f"{says}: new-response-code", (11,)),)
    )


def test_what_a_customer_was_told_is_known_by_its_fact() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.add(2, "T01", ScreenShown(screen="sorry", lines=("words",), states=Statement(how=Stated.DONE)))
    [finding] = tape.judge().verdict("customers_informed").findings
    assert (finding.key, finding.facts) == (KEY, (6,))
    assert finding.says == (
        "the screen of T01 STAN 000118 withdrawal says that it was done, and the bank had said nothing"
    )
