"""The guard: what PIN pad and chip add to a message as it is sent, and what they make of the answer."""

import pytest
from msgspec.structs import replace

from atmbench.drill.commands import CustomerDoes, DisturbCustomer
from atmbench.messages.records import Message, Outcome, Purpose, Reply, Request
from atmbench.security.keys import Key
from atmbench.security.mac import MacKey
from atmbench.security.pin_block import unseal
from tests.fleet.scenery import (
    BARE_PAN,
    CODEC,
    DIALECT,
    ECHO,
    EXCHANGE,
    GRACE_S,
    MASTER,
    PAN,
    PIN_CHANGE,
    RULES,
    WITHDRAWAL,
    Scenery,
    reply_to,
)

# --- on the way out --------------------------------------------------------------------------------


def test_pin_and_chip_are_added_as_the_message_is_sent_and_the_request_of_the_core_stays_bare() -> None:
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    assert unseal(sent.pin_block, PAN, scene.pin_key) == "1234"
    assert scene.checked(sent).atc == 1
    assert (WITHDRAWAL.pin_block, WITHDRAWAL.chip) == ("", "")


def test_a_pin_is_sealed_under_the_key_of_that_moment() -> None:
    scene = Scenery()
    scene.change_keys(10.0)
    assert unseal(scene.sent(WITHDRAWAL).pin_block, PAN, scene.pin_key) == "1234"


@pytest.mark.parametrize(
    "request_",
    [
        ECHO,
        replace(WITHDRAWAL, purpose=Purpose.REVERSAL),
        replace(WITHDRAWAL, purpose=Purpose.COMPLETION),
        replace(WITHDRAWAL, pan=BARE_PAN),
        replace(WITHDRAWAL, pan="4999999999999999"),
    ],
    ids=["echo", "reversal", "completion", "card without secrets", "unknown card"],
)
def test_nothing_is_added_where_nothing_belongs(request_: Request) -> None:
    assert Scenery().sent(request_) is request_


def test_a_pin_change_carries_both_pins_and_they_differ() -> None:
    scene = Scenery()
    sent = scene.sent(PIN_CHANGE)
    old, new = (unseal(block, PAN, scene.pin_key) for block in (sent.pin_block, sent.new_pin_block))
    assert old == "1234"
    assert new != old
    assert scene.holder.pin == new


def test_each_message_has_a_counter_of_its_own_unless_the_chip_is_a_copy() -> None:
    scene = Scenery()
    counters = []
    for replays in (0, 0, 1, 0, 2, 0, 0):
        if replays:
            scene.customer.disturb(DisturbCustomer(does=CustomerDoes.REPLAYS_CHIP, times=replays))
        counters.append(scene.checked(scene.sent(WITHDRAWAL)).atc)
    assert counters == [1, 2, 2, 3, 3, 3, 4]


def test_a_copy_needs_a_counter_to_give_again() -> None:
    scene = Scenery()
    scene.customer.disturb(DisturbCustomer(does=CustomerDoes.REPLAYS_CHIP))
    counters = [scene.checked(scene.sent(WITHDRAWAL)).atc for _ in range(3)]
    assert counters == [1, 1, 2]


def test_messages_are_sealed_with_the_current_key() -> None:
    scene = Scenery()
    scene.change_keys(10.0)
    message = DIALECT.request_message(WITHDRAWAL)
    sealed: list[tuple[Message, bytes, str]] = []
    assert scene.guard.seals(message)
    scene.guard.seal(message, 11.0, lambda *made: sealed.append(made))
    [(_, body, because)] = sealed
    key = MacKey(scene.mac_key, RULES.mac.rule)
    assert (scene.sealed.agrees(body, CODEC.decode(body), [key]), because) == (key, "")


def test_nothing_is_sealed_where_messages_have_no_mac_or_the_pin_pad_no_keys() -> None:
    message = DIALECT.request_message(WITHDRAWAL)
    assert not Scenery(mac=False).guard.seals(message)
    assert not Scenery(keyed=False).guard.seals(message)


# --- on the way in ---------------------------------------------------------------------------------


def body_of(scene: Scenery, request: Request, outcome: Outcome, key: Key | None) -> tuple[bytes, Message, Reply]:
    """An answer as it arrives, sealed with a key or not at all."""
    reply = replace(reply_to(request, outcome), code="", local_time=request.local_time, rrn=request.rrn)
    answer = DIALECT.reply_message(DIALECT.request_message(request), reply)
    _, body = scene.sealed.encode(answer, MacKey(key, RULES.mac.rule) if key is not None else None)
    message = CODEC.decode(body)
    return body, message, DIALECT.read_reply(message)


def is_taken(
    scene: Scenery,
    request: Request = WITHDRAWAL,
    outcome: Outcome = Outcome.APPROVED,
    key: Key | None = None,
    now: float = 0.0,
) -> bool:
    body, message, reply = body_of(scene, request, outcome, key)
    if not scene.guard.checks(message, reply):
        return True
    heard: list[str] = []
    scene.guard.check(body, message, now, heard.append)
    return heard == [""]


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.MAC_FAILED, Outcome.PARTIALLY_APPROVED}))
def test_an_answer_is_taken_with_the_right_mac_only(outcome: Outcome) -> None:
    scene = Scenery()
    assert is_taken(scene, outcome=outcome, key=scene.mac_key)
    assert not is_taken(scene, outcome=outcome, key=MASTER)
    assert not is_taken(scene, outcome=outcome)


def test_that_our_mac_failed_is_believed_whatever_it_is_sealed_with() -> None:
    assert is_taken(Scenery(), outcome=Outcome.MAC_FAILED)
    assert is_taken(Scenery(), outcome=Outcome.MAC_FAILED, key=MASTER)


def test_an_answer_under_the_old_key_is_taken_for_the_grace_time() -> None:
    scene = Scenery()
    old = scene.mac_key
    scene.change_keys(100.0)
    assert is_taken(scene, key=old, now=100.0 + GRACE_S - 1)
    assert not is_taken(scene, key=old, now=100.0 + GRACE_S)
    assert is_taken(scene, key=scene.mac_key, now=100.0 + GRACE_S)


def test_network_messages_need_no_mac_unless_the_dialect_says_so() -> None:
    assert is_taken(Scenery(), ECHO)
    assert not is_taken(Scenery(network_messages=True), ECHO)
    scene = Scenery(network_messages=True)
    assert is_taken(scene, ECHO, key=scene.mac_key)


def test_before_the_first_keys_network_messages_are_taken_as_they_are_and_nothing_else_is() -> None:
    assert is_taken(Scenery(network_messages=True, keyed=False), ECHO)
    assert not is_taken(Scenery(network_messages=True, keyed=False), WITHDRAWAL)


def test_the_answer_to_a_key_exchange_proves_itself_by_its_check_values() -> None:
    assert is_taken(Scenery(network_messages=True), EXCHANGE)


def test_the_planted_defect_takes_any_answer() -> None:
    assert is_taken(Scenery(defects=frozenset({"trust-any-answer"})), key=MASTER)


# --- the card --------------------------------------------------------------------------------------


def test_the_card_knows_its_issuer() -> None:
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    assert scene.guard.heard(reply_to(sent, chip=scene.answered(sent))).card_accepts is True


@pytest.mark.parametrize("chip", ["", "9108" + "00" * 8, "no hexadecimal", "91"])
def test_an_approval_without_the_issuers_answer_is_refused_by_the_card(chip: str) -> None:
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    assert scene.guard.heard(reply_to(sent, chip=chip)).card_accepts is False


def test_a_partial_approval_is_asked_about_too() -> None:
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    assert scene.guard.heard(reply_to(sent, Outcome.PARTIALLY_APPROVED)).card_accepts is False


def test_the_word_of_the_card_stands_for_every_answer_to_one_request() -> None:
    """Else a forged answer that the core ignores would make way for a second one that the card never saw."""
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    good = reply_to(sent, chip=scene.answered(sent))
    assert scene.guard.heard(reply_to(sent, chip="")).card_accepts is False
    assert scene.guard.heard(good).card_accepts is False
    assert scene.guard.heard(reply_to(sent, chip="")).card_accepts is False


def test_a_duplicate_of_the_right_answer_is_as_right() -> None:
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    good = reply_to(sent, chip=scene.answered(sent))
    assert [scene.guard.heard(good).card_accepts for _ in range(2)] == [True, True]


@pytest.mark.parametrize("outcome", [Outcome.INSUFFICIENT_FUNDS, Outcome.MAC_FAILED, Outcome.CHIP_FAILED])
def test_a_decline_is_not_asked_about(outcome: Outcome) -> None:
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    assert scene.guard.heard(reply_to(sent, outcome)).card_accepts is None
    assert scene.guard.heard(reply_to(sent, chip=scene.answered(sent))).card_accepts is True


def test_an_answer_to_something_else_is_none_of_the_cards_business() -> None:
    scene = Scenery()
    sent = scene.sent(WITHDRAWAL)
    assert scene.guard.heard(reply_to(sent, stan=99)).card_accepts is None
    assert scene.guard.heard(replace(reply_to(sent), terminal="T02")).card_accepts is None
    assert scene.guard.heard(reply_to(ECHO)).card_accepts is None
    assert scene.guard.heard(reply_to(sent, chip=scene.answered(sent))).card_accepts is True


def test_an_answer_to_the_customer_before_is_refused_by_the_card() -> None:
    scene = Scenery()
    first = scene.sent(WITHDRAWAL)
    old_answer = scene.answered(first)
    sent = scene.sent(replace(WITHDRAWAL, stan=8))
    assert scene.guard.heard(reply_to(sent, chip=old_answer)).card_accepts is False


def test_a_customer_without_a_chip_is_served_without_one() -> None:
    scene = Scenery()
    sent = scene.sent(replace(WITHDRAWAL, pan=BARE_PAN))
    assert scene.guard.heard(reply_to(sent)).card_accepts is None


# --- PIN change ------------------------------------------------------------------------------------


def test_a_changed_pin_is_entered_next_time() -> None:
    scene = Scenery()
    sent = scene.sent(PIN_CHANGE)
    new = unseal(sent.new_pin_block, PAN, scene.pin_key)
    scene.guard.heard(reply_to(sent, chip=scene.answered(sent)))
    assert unseal(scene.sent(WITHDRAWAL).pin_block, PAN, scene.pin_key) == new


def test_a_declined_change_is_not() -> None:
    scene = Scenery()
    sent = scene.sent(PIN_CHANGE)
    for _ in range(2):  # a duplicate is heard once
        scene.guard.heard(reply_to(sent, Outcome.DECLINED))
    assert unseal(scene.sent(WITHDRAWAL).pin_block, PAN, scene.pin_key) == "1234"


def test_a_change_that_the_card_refused_was_made_all_the_same() -> None:
    """The bank has changed it: the customer enters the new one, and has the old one in mind."""
    scene = Scenery()
    sent = scene.sent(PIN_CHANGE)
    assert scene.guard.heard(reply_to(sent, chip="")).card_accepts is False
    assert (scene.holder.pin != "1234", scene.holder.other) == (True, "1234")
