"""New keys in a reply."""

import pytest

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import Message, Outcome, Purpose, Reply, Request, WrappedKeys

DIALECT = load_dialect("iso87-ascii")
KEYS = WrappedKeys(pin_key="A1" * 16, pin_check="08D7B4", mac_key="B2" * 16, mac_check="D1D812")
ASKED = Request(purpose=Purpose.KEY_EXCHANGE, terminal="T07", stan=3, transmitted="1123193000")
REPLY = Reply(purpose=Purpose.KEY_EXCHANGE, terminal="T07", stan=3, outcome=Outcome.APPROVED, code="00", keys=KEYS)


def test_keys_travel_from_the_host_to_the_terminal() -> None:
    codec = Codec(DIALECT)
    asked = DIALECT.request_message(ASKED)
    assert (asked.mti, asked.fields[70]) == ("0800", "161")
    answer = codec.decode(codec.encode(DIALECT.reply_message(asked, REPLY)))
    assert DIALECT.read_reply(answer) == REPLY
    assert answer.fields[48] == "A1" * 16 + "08D7B4" + "B2" * 16 + "D1D812"


@pytest.mark.parametrize("text", ["A1" * 30, "A1" * 16 + "08D7B4" + "B2" * 16 + "D1D81G"])
def test_a_field_that_holds_no_keys_is_unreadable(text: str) -> None:
    answer = DIALECT.reply_message(DIALECT.request_message(ASKED), REPLY)
    with pytest.raises(RemoteError, match="field 48"):
        DIALECT.read_reply(Message(answer.mti, {**answer.fields, 48: text}))


def test_a_key_that_has_no_room_is_refused() -> None:
    long = WrappedKeys(pin_key="A1" * 24, pin_check="08D7B4", mac_key="B2" * 16, mac_check="D1D812")
    reply = Reply(purpose=Purpose.KEY_EXCHANGE, terminal="T07", stan=3, outcome=Outcome.APPROVED, code="", keys=long)
    with pytest.raises(LocalError, match="pin_key has 48 digits"):
        DIALECT.reply_message(DIALECT.request_message(ASKED), reply)


def test_keys_never_show() -> None:
    assert "A1A1" not in repr(KEYS) + repr(REPLY)
