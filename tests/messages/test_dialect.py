"""What the dialect makes of requests and replies, and what it refuses to understand."""

import msgspec
import pytest
from hypothesis import given

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import Message, Outcome, Purpose, Reason, Reply, Request
from tests.messages.samples import APPROVAL, DIALECT, PAN, REVERSAL, SIGN_ON, WITHDRAWAL, exchanges, requests

CODEC = Codec(DIALECT)


def altered(message: Message, field: int, text: str | None) -> Message:
    fields = {number: old for number, old in message.fields.items() if number != field}
    if text is not None:
        fields[field] = text
    return Message(message.mti, fields)


@given(requests)
def test_a_request_survives_the_wire(request_: Request) -> None:
    message = DIALECT.request_message(request_)
    assert DIALECT.read_request(CODEC.decode(CODEC.encode(message))) == request_
    assert DIALECT.reply_key(message) == DIALECT.request_key(request_)


@given(requests)
def test_a_repeat_is_the_same_but_for_the_last_digit_of_its_mti(request_: Request) -> None:
    first = DIALECT.request_message(msgspec.structs.replace(request_, repeat=False))
    again = DIALECT.request_message(msgspec.structs.replace(request_, repeat=True))
    assert again.fields == first.fields
    assert (again.mti[:3], int(again.mti[3])) == (first.mti[:3], int(first.mti[3]) + 1)


@given(exchanges)
def test_a_reply_survives_the_wire_and_matches_its_request(exchange: tuple[Request, Reply]) -> None:
    request, reply = exchange
    message = CODEC.decode(CODEC.encode(DIALECT.reply_message(DIALECT.request_message(request), reply)))
    assert DIALECT.read_reply(message) == reply
    assert DIALECT.reply_key(message) == DIALECT.request_key(request)
    assert DIALECT.is_reply(message.mti)
    assert not DIALECT.is_reply(DIALECT.request_message(request).mti)


def test_the_year_does_not_travel() -> None:
    request = msgspec.structs.replace(WITHDRAWAL, local_time="251123203000")
    assert DIALECT.read_request(DIALECT.request_message(request)) == WITHDRAWAL


def test_late_and_missing_answers_share_a_code() -> None:
    late = msgspec.structs.replace(REVERSAL, reason=Reason.LATE_ANSWER)
    message = DIALECT.request_message(late)
    assert message.fields[39] == "68"
    assert DIALECT.read_request(message).reason is Reason.NO_ANSWER


def test_suspect_cash_has_a_reason_code_of_its_own() -> None:
    codes = {
        reason: DIALECT.request_message(msgspec.structs.replace(REVERSAL, reason=reason)).fields[39]
        for reason in Reason
    }
    assert list(codes.values()).count(codes[Reason.SUSPECT]) == 1


def test_a_reply_speaks_for_itself() -> None:
    asked = DIALECT.request_message(WITHDRAWAL)
    lower = msgspec.structs.replace(APPROVAL, outcome=Outcome.PARTIALLY_APPROVED, code="", amount_minor=2000)
    message = DIALECT.reply_message(asked, lower)
    assert message.fields[4] == "000000002000"
    foreign = altered(altered(message, 41, "T08     "), 11, "000999")
    read = DIALECT.read_reply(foreign)
    assert (read.terminal, read.stan, read.outcome) == ("T08", 999, Outcome.PARTIALLY_APPROVED)
    assert DIALECT.reply_key(foreign) == ReplyKey("02", "T08", 999)


def test_a_reply_without_values_of_its_own_echoes_the_request() -> None:
    decline = Reply(purpose=Purpose.WITHDRAWAL, terminal="", stan=0, outcome=Outcome.INSUFFICIENT_FUNDS, code="")
    read = DIALECT.read_reply(DIALECT.reply_message(DIALECT.request_message(WITHDRAWAL), decline))
    assert (read.code, read.amount_minor, read.currency, read.rrn) == ("51", 5000, "NGN", "532719000118")


def test_track_and_pin_stay_out_of_advices() -> None:
    with_card_data = msgspec.structs.replace(REVERSAL, track2=WITHDRAWAL.track2, pin_block=WITHDRAWAL.pin_block)
    assert DIALECT.request_message(with_card_data) == DIALECT.request_message(REVERSAL)


UNREADABLE = [
    (2, None),
    (3, None),
    (3, "990000"),
    (3, "012600"),
    (4, "00000000500A"),
    (7, "1332193000"),
    (7, "1123240000"),
    (11, "00011A"),
    (11, None),
    (12, "206000"),
    (13, "0009"),
    (37, " " * 12),
    (41, " " * 8),
    (49, "999X"),
    (49, "000"),
]


@pytest.mark.parametrize(("field", "text"), UNREADABLE)
def test_a_request_that_cannot_be_understood_names_the_field(field: int, text: str | None) -> None:
    message = altered(DIALECT.request_message(WITHDRAWAL), field, text)
    with pytest.raises(RemoteError) as caught:
        DIALECT.read_request(message)
    assert caught.value.field == str(field)
    assert text is None or text.strip() == "" or text not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (39, "05"),
        (90, None),
        (90, "0" * 41),
        (90, "0200000118" + "1323193000" + "0" * 22),
        (95, "0" * 40),
        (95, "00000000200X" + "0" * 30),
    ],
)
def test_a_reversal_that_cannot_be_understood_names_the_field(field: int, text: str | None) -> None:
    message = altered(DIALECT.request_message(REVERSAL), field, text)
    with pytest.raises(RemoteError) as caught:
        DIALECT.read_request(message)
    assert caught.value.field == str(field)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (3, None),
        (4, None),
        (11, None),
        (12, "250000"),
        (39, None),
        (39, "  "),
        (41, None),
        (49, "000"),
        (54, "2001566C00000000500"),
        (54, "2001566X000000005000"),
        (54, "2001566C00000000500A"),
    ],
)
def test_a_reply_that_cannot_be_understood_names_the_field(field: int, text: str | None) -> None:
    message = altered(DIALECT.reply_message(DIALECT.request_message(WITHDRAWAL), APPROVAL), field, text)
    with pytest.raises(RemoteError) as caught:
        DIALECT.read_reply(message)
    assert caught.value.field == str(field)


def test_amounts_of_unknown_kinds_are_passed_over() -> None:
    message = DIALECT.reply_message(DIALECT.request_message(WITHDRAWAL), APPROVAL)
    more = altered(message, 54, message.fields[54] + "2040566D000000000001")
    assert DIALECT.read_reply(more) == APPROVAL


@pytest.mark.parametrize("mti", ["0100", "0210", "0202", "", "02000", "0430"])
def test_a_message_of_another_kind_is_no_request(mti: str) -> None:
    with pytest.raises(RemoteError) as caught:
        DIALECT.read_request(Message(mti, DIALECT.request_message(WITHDRAWAL).fields))
    assert caught.value.field == "t"


@pytest.mark.parametrize("mti", ["0110", "0200", "0211", ""])
def test_a_message_of_another_kind_is_no_reply(mti: str) -> None:
    message = DIALECT.reply_message(DIALECT.request_message(WITHDRAWAL), APPROVAL)
    with pytest.raises(RemoteError):
        DIALECT.read_reply(Message(mti, message.fields))


@pytest.mark.parametrize(("field", "text"), [(11, None), (11, "00011x"), (41, None), (41, " " * 8)])
def test_no_key_is_made_up(field: int, text: str | None) -> None:
    with pytest.raises(RemoteError) as caught:
        DIALECT.reply_key(altered(DIALECT.request_message(SIGN_ON), field, text))
    assert caught.value.field == str(field)


def test_misuse_is_told_in_words() -> None:
    with pytest.raises(LocalError, match=r"field 90 \(original\)"):
        DIALECT.request_message(msgspec.structs.replace(REVERSAL, original=None))
    with pytest.raises(LocalError, match="processing code"):
        DIALECT.request_message(msgspec.structs.replace(REVERSAL, service=None))
    with pytest.raises(LocalError, match="separator"):
        DIALECT.reply_message(
            DIALECT.request_message(WITHDRAWAL), msgspec.structs.replace(APPROVAL, statement=("a|b",))
        )
    with pytest.raises(LocalError, match="no request"):
        DIALECT.reply_message(Message("0210", {}), APPROVAL)
    with pytest.raises(LocalError, match="iso87-ascii"):
        load_dialect("iso87-ascci")


def test_errors_about_card_data_do_not_quote_it() -> None:
    message = DIALECT.request_message(WITHDRAWAL)
    for field in (3, 4, 7, 11, 12, 13, 49):
        text = "X" + PAN if field in (4, 11) else PAN
        with pytest.raises(RemoteError) as caught:
            DIALECT.read_request(altered(message, field, text))
        assert PAN[:6] not in str(caught.value)
