import pytest

from atmbench.audit.casebook import Casebook
from atmbench.facts import (
    AnyFact,
    BrakeAlert,
    BrakeChanged,
    CardTaken,
    CoreAdvised,
    CoreAnswered,
    CoreChanged,
    EntryPosted,
    FrameDisturbed,
    KeysIssued,
    KeysLoaded,
    LedgerCounted,
    LineSuspected,
    MessageReceived,
    MessageSent,
    RunStarted,
    SecurityRefused,
    StandInApproved,
    StateChanged,
    StepPerformed,
    TransactionEnded,
    TransactionStarted,
    from_line,
    to_line,
)
from atmbench.report.story import CONTEXT_FACTS_MAX, STORY_FACTS_MAX, stories, tell
from atmbench.report.words import Teller
from tests.audit.builders import Tape, key_of, stamped
from tests.report.small import LOST, small


def test_a_story_goes_through_all_witnesses_in_time_order() -> None:
    told = stories(small(), [LOST])[LOST]
    assert told == [
        "    12.004 T07      withdrawal 50.00 asked, STAN 000118, card 999999******0011",
        "    12.004 T07      sent 0200 withdrawal to site A over primary, STAN 000118, 50.00",
        "    12.024 site A   got 0200 withdrawal from T07 over primary, STAN 000118",
        f"    12.024 site A   posted: 1000000001 -50.00, cash:T07 +50.00 (post/{LOST})",
        "    12.031 wire     'street-works' (cut) on primary, 0210 reply: lost in a cut",
        f"    12.224 site B   posted: 1000000001 -50.00, cash:T07 +50.00 (post/{LOST}, first made at site A)",
        "    42.004 T07      journal: NO ANSWER STAN 000118",
        "    42.004 T07      suspects line primary: 2 replies missed",
        "    42.004 T07      moves from primary to secondary: 2 replies missed",
        "    42.004 T07      ended it as no answer",
        "    42.100 T07      signed on over secondary",
        "    42.200 T07      reversal stored (no answer), STAN 000119",
        "    42.200 T07      sent 0420 reversal to site A over primary, STAN 000119, 50.00",
        f"    42.220 site A   reversed: 1000000001 +50.00, cash:T07 -50.00 (rev/{LOST})",
        "    42.240 T07      reversal accepted after 1 sending, STAN 000119 (code 00)",
        f"    42.420 site B   reversed: 1000000001 +50.00, cash:T07 -50.00 (rev/{LOST}, first made at site A)",
    ]


def test_the_same_story_from_the_file() -> None:
    again = (from_line(to_line(fact)) for fact in small())
    assert stories(again, [LOST]) == stories(small(), [LOST])


def test_what_concerns_another_terminal_is_left_out() -> None:
    tape = Tape(terminals=("T01", "T02"))
    key = tape.withdraw(1)
    tape.add(2, "T02", LineSuspected(line="primary", missed=1))
    disturbed = FrameDisturbed(
        name="noise", kind="corrupt", terminal="T02", line="primary", direction="reply", what="flipped bit 3 of DE39"
    )
    tape.add(2, "cable", disturbed)
    assert not [line for line in stories(tape.play(), [key])[key] if "suspects" in line or "noise" in line]


def test_what_happens_before_and_after_is_no_part_of_it() -> None:
    tape = Tape()
    tape.add(0.5, "T01", LineSuspected(line="early", missed=1))
    key = tape.withdraw(1)
    tape.add(50, "T01", LineSuspected(line="later", missed=1))
    told = "\n".join(stories(tape.play(), [key])[key])
    assert "early" not in told
    assert "later" not in told


def test_a_long_story_is_bounded_and_says_what_it_leaves_out() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.request(1, key)
    tape.queue(31, key, 119)
    for number in range(500):
        tape.send(32 + number / 10, key, purpose="reversal", stan=119, mti="0421")
    told = stories(tape.play(), [key])[key]
    assert len(told) == STORY_FACTS_MAX + 1
    assert "426 more facts of this transaction" in told[STORY_FACTS_MAX // 2]


def test_context_without_end_is_bounded() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.request(1, key)
    for number in range(500):
        tape.add(2 + number / 100, "T01", LineSuspected(line="primary", missed=number))
    tape.end(40, key, "no_answer")
    told = stories(tape.play(), [key])[key]
    assert sum("suspects" in line for line in told) <= CONTEXT_FACTS_MAX


def test_what_was_refused_for_its_security_and_the_keys_that_repair_it_are_told_in_plain_words() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.request(1, key)
    no_key = "the MAC does not agree with any key that this site has for the terminal"
    tape.add(1.02, "A", SecurityRefused(what="mac", terminal="T01", because=no_key, key=key))
    tape.add(1.1, "A", KeysIssued(terminal="T01", pin_check="A1B2C3", mac_check="D4E5F6"))
    tape.add(1.1, "A", KeysIssued(terminal="T02", pin_check="000000", mac_check="000000"))
    tape.add(1.2, "T01", KeysLoaded(accepted=False, pin_check="A1B2C3", mac_check="D4E5F6", because="damaged"))
    tape.add(9.2, "T01", KeysLoaded(accepted=True, pin_check="A1B2C3", mac_check="D4E5F6"))
    tape.add(9.3, "A", SecurityRefused(what="pin_key", terminal="T01", because="not this key"))
    tape.end(10, key, "declined")
    told = [line for line in stories(tape.play(), [key])[key] if "key" in line or "MAC" in line]
    assert told == [
        f"     1.020 site A   refused it for its MAC: {no_key}",
        "     1.100 site A   gave T01 new keys (check values A1B2C3 for PINs, D4E5F6 for MACs)",
        "     1.200 T01      did not take the keys that came: damaged",
        "     9.200 T01      took new keys (check values A1B2C3 for PINs, D4E5F6 for MACs)",
        "     9.300 site A   refused it for its PIN key: not this key",
    ]


def test_an_approval_in_stand_in_is_told_up_to_what_the_core_made_of_it() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.add(1, "A", CoreChanged(site="A", up=False))
    tape.request(2, key)
    tape.add(2.02, "A", StandInApproved(key=key, account="1000000001", amount_minor=5000))
    tape.add(3, "A", BrakeAlert(site="A", rule="card.above_balance", seen=5001, most=5000, account="1000000001"))
    tape.add(4, "A", CoreAdvised(key=key, purpose="completion", mti="2221", reason="1003", repeat=True))
    tape.add(5, "A", CoreAnswered(key=key, purpose="completion", stands_in=True, outcome="insufficient_funds"))
    tape.add(6, "A", BrakeChanged(site="A", on=True, because="by order"))
    tape.end(7, key)
    alert = stamped(3, "A", BrakeAlert(site="A", rule="total.count", seen=1001, most=1000))
    told = stories(tape.play(), [key])[key]
    assert [line for line in told if "core" in line or "approves" in line] == [
        "     2.020 site A   approved 50.00 of 1000000001 without its core",
        "     4.000 site A   told its core again: 2221 completion, reason 1003",
        "     5.000 site A   its core has taken the completion: insufficient funds",
        "     6.000 site A   site A approves no withdrawal: by order",
    ]
    assert tell([alert]) == ["     3.000 A        alert, total.count: 1,001 within the window, 1,000 allowed"]


def test_no_keys_and_unknown_keys_have_no_story() -> None:
    assert stories(small(), []) == {}
    assert stories(small(), ["T99/000001/0105090012"]) == {}


def test_tell_knows_amounts_without_a_currency() -> None:
    tape = Tape()
    tape.take(5, key_of("T01", 1), 5000)
    assert tell(tape.facts) == ["     5.000 T01      customer took 5000 minor units"]


def test_fields_of_messages_are_never_told() -> None:
    sent = MessageSent(
        terminal="T01", line="primary", purpose="withdrawal", mti="0200", stan=1, fields={"48": "SECRET"}, key="T01/1/x"
    )
    assert "SECRET" not in "".join(tell([stamped(1, "T01", sent)]))


def test_facts_without_a_word_have_no_line() -> None:
    facts: list[AnyFact] = [stamped(1, "T01", StateChanged(old="a", new="b", because="c"))]
    assert tell(facts) == []
    assert tell([stamped(1, "T01", CardTaken(key="k"))]) == ["     1.000 T01      customer took the card"]


def test_every_word_can_be_told() -> None:
    """Each fact with a word is told with made-up values: no word may raise."""
    samples: dict[type, object] = {str: "x", int: 1, float: 1.0, bool: True}
    teller = Teller()
    teller.learn(next(fact for fact in small() if isinstance(fact, RunStarted)))
    for kind in teller.kinds():
        values = {}
        for name, hint in kind.__annotations__.items():
            values[name] = {} if "dict" in str(hint) else () if "tuple" in str(hint) else samples.get(hint, 1)
        assert teller.line(kind(**values)), kind


def test_a_step_at_another_terminal_is_no_part_of_a_story() -> None:
    key = key_of("T01", 1)

    def told_with_step_at(terminal: str) -> str:
        history: list[AnyFact] = [
            stamped(1.0, "T01", TransactionStarted(key=key, service="withdrawal", stan=1)),
            stamped(2.0, "conductor", StepPerformed(command="withdraw", detail={"terminal": terminal})),
            stamped(3.0, "T01", TransactionEnded(key=key, outcome="approved")),
        ]
        return "\n".join(stories(history, [key])[key])

    assert "step withdraw" not in told_with_step_at("T02")
    assert "step withdraw" in told_with_step_at("T01")
    assert "step withdraw" in told_with_step_at("T0*")


SENT, ALTERED = key_of("T01", 118), key_of("T02", 118)


def renamed(name: str, key: str, became: str) -> FrameDisturbed:
    return FrameDisturbed(
        name=name,
        kind="set_field",
        terminal="T01",
        line="primary",
        direction="request",
        what="DE41 T01 -> T02",
        mti="0200",
        key=key,
        became=became,
    )


def altered(sent: str = SENT, became: str = ALTERED) -> Tape:
    """A request that a site took for one of another terminal, and the end that its own terminal gave it."""
    tape = Tape(terminals=("T01", "T02"))
    tape.ask(1, sent)
    tape.send(1, sent)
    tape.add(1, "T01/primary", renamed("other-terminal", sent, became))
    tape.post(1.02, became, sites=("A",))
    tape.end(31, sent, "no_answer")
    return tape


def told_of(tape: Tape, key: str) -> str:
    book, history = Casebook(), tape.play()
    for fact in history:
        book.add(fact)
    return "\n".join(stories(history, [key], book)[key])


def in_order(text: str, *parts: str) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


@pytest.mark.parametrize("key", [SENT, ALTERED])
def test_a_request_that_names_another_transaction_on_its_way_is_one_story_under_both_names(key: str) -> None:
    told = told_of(altered(), key)
    assert in_order(told, "50.00 asked", "sent 0200", "'other-terminal'", f"post/{ALTERED}", "ended it as no answer")


def test_a_request_that_was_renamed_twice_is_one_story_too() -> None:
    tape, last = altered(), key_of("T02", 999)
    tape.add(1.01, "T01/primary", renamed("other-stan", ALTERED, last))
    tape.post(1.02, last, sites=("B",))
    told = told_of(tape, last)
    assert in_order(told, "sent 0200", "'other-terminal'", "'other-stan'", f"post/{last}", "ended it as no answer")


def test_a_transaction_that_its_own_terminal_began_stays_a_story_of_its_own() -> None:
    tape = altered()
    tape.ask(0.5, ALTERED, 2000)
    told = told_of(tape, ALTERED)
    assert in_order(told, "20.00 asked", "'other-terminal'", f"post/{ALTERED}")
    assert "ended it as no answer" not in told


def test_names_that_lead_round_in_a_circle_end_somewhere() -> None:
    tape = Tape()
    tape.add(1, "T01/primary", renamed("there", SENT, ALTERED))
    tape.add(2, "T01/primary", renamed("back", ALTERED, SENT))
    assert in_order(told_of(tape, SENT), "'there'", "'back'")


def test_a_site_that_no_line_leads_to_is_called_a_site_too() -> None:
    key = key_of("T01", 1)
    history: list[AnyFact] = [
        stamped(0.0, "C", LedgerCounted(site="C", when="start", balances={})),
        stamped(1.0, "C", EntryPosted(entry="e", kind="posting", key=key, service="withdrawal", legs={}, origin="A")),
    ]
    assert " site C   posted" in stories(history, [key])[key][0]


def test_what_a_site_begins_is_told_as_no_answer() -> None:
    teller = Teller()
    teller.learn(next(fact for fact in small() if isinstance(fact, RunStarted)))
    sent = MessageSent(terminal="T01", line="primary", purpose="cutover", mti="0800", stan=1, fields={})
    got = MessageReceived(terminal="T01", line="primary", purpose="cutover", mti="0800", stan=1, fields={})
    begun = teller.line(stamped(1, "A", sent))
    assert begun == "     1.000 site A   sent 0800 cutover to T01 over primary, STAN 000001"
    assert teller.line(stamped(1, "T01", got)) == "     1.000 T01      got 0800 cutover, STAN 000001"
