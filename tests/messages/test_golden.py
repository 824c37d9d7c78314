"""Messages of iso87-ascii, byte for byte, written out by hand from the field tables."""

import msgspec
import pytest

from atmbench.messages.codec import Codec
from atmbench.messages.records import Outcome, Purpose, Reply, Request
from tests.messages.samples import APPROVAL, DIALECT, REVERSAL, SIGN_ON, WITHDRAWAL

CODEC = Codec(DIALECT)
LOCATION = "1 TEST STREET          LAGOS        LANG"

WITHDRAWAL_BYTES = (
    "0200" "723844C128E09000"
    "16" "9876543217654325" "012000" "000000005000" "1123193000" "000118" "203000" "1123"
    "6011" "021" "02" "12" "06" "123456" "34" "9876543217654325=30122019182736450"
    "532719000118" "T07     " "ATMBENCH0000001" f"{LOCATION}" "566" "0412AC89ABCDEF67"
)  # fmt: skip
APPROVAL_BYTES = (
    "0210" "723800010EC08400"
    "16" "9876543217654325" "012000" "000000005000" "1123193000" "000118" "203000" "1123"
    "06" "123456" "532719000118" "A1B2C3" "00" "T07     " "ATMBENCH0000001" "566"
    "040" "2001566D000000012000" "2002566C000000008000"
)  # fmt: skip
REVERSAL_BYTES = (
    "0420" "F23844810EE08000" "0000004200000000"
    "16" "9876543217654325" "012000" "000000005000" "1123193030" "000119" "203000" "1123"
    "6011" "021" "02" "06" "123456" "532719000118" "A1B2C3" "32" "T07     " "ATMBENCH0000001" f"{LOCATION}" "566"
    "0200" "000118" "1123193000" "00000123456" "00000000000"
    "000000002000" "000000000000" "C00000000" "C00000000"
)  # fmt: skip
SIGN_ON_BYTES = "0800822000000080000004000000000000001123192959000001T0000007001"

REQUESTS = [(SIGN_ON, SIGN_ON_BYTES), (WITHDRAWAL, WITHDRAWAL_BYTES), (REVERSAL, REVERSAL_BYTES)]


@pytest.mark.parametrize(("request_", "golden"), REQUESTS)
def test_requests_stand_on_the_wire_as_the_tables_say(request_: Request, golden: str) -> None:
    assert CODEC.encode(DIALECT.request_message(request_)) == golden.encode()
    assert DIALECT.read_request(CODEC.decode(golden.encode())) == request_


@pytest.mark.parametrize(("request_", "golden"), REQUESTS)
def test_a_repeat_differs_in_one_digit(request_: Request, golden: str) -> None:
    repeat = msgspec.structs.replace(request_, repeat=True)
    assert CODEC.encode(DIALECT.request_message(repeat)) == (golden[:3] + "1" + golden[4:]).encode()


def test_an_approval_stands_on_the_wire_as_the_tables_say() -> None:
    message = DIALECT.reply_message(DIALECT.request_message(WITHDRAWAL), APPROVAL)
    assert CODEC.encode(message) == APPROVAL_BYTES.encode()
    assert DIALECT.read_reply(CODEC.decode(APPROVAL_BYTES.encode())) == APPROVAL


def test_a_repeated_reversal_is_answered_by_0430() -> None:
    repeat = DIALECT.request_message(msgspec.structs.replace(REVERSAL, repeat=True))
    reply = Reply(purpose=Purpose.REVERSAL, terminal="T07", stan=119, outcome=Outcome.APPROVED, code="")
    message = DIALECT.reply_message(repeat, reply)
    assert (repeat.mti, message.mti) == ("0421", "0430")
    assert message.fields[39] == "00"
    assert message.fields[90] == "020000011811231930000000012345600000000000"


def test_a_mini_statement_travels_as_lines() -> None:
    asked = msgspec.structs.replace(WITHDRAWAL, purpose=Purpose.MINI_STATEMENT, service=Purpose.MINI_STATEMENT)
    reply = msgspec.structs.replace(
        APPROVAL, purpose=Purpose.MINI_STATEMENT, statement=("0112 ATM -50.00", "0113 IN 7")
    )
    message = DIALECT.reply_message(DIALECT.request_message(asked), reply)
    assert message.fields[48] == "0112 ATM -50.00|0113 IN 7"
    assert DIALECT.read_reply(message).statement == ("0112 ATM -50.00", "0113 IN 7")
