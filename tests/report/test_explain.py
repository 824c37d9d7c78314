"""Messages explained: what is told, what is chosen, and that no card ever shows."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import dialect_names, load_dialect
from atmbench.messages.records import Message
from atmbench.report.explain import Explanation, explain, explain_given
from atmbench.report.explain_text import explanations_json, render_explanation
from atmbench.report.given import GIVEN_BYTES_MAX, Given, ways_to_take
from tests.messages.samples import APPROVAL, DIALECT, PAN, REVERSAL, TRACK2, WITHDRAWAL

DIALECTS = [load_dialect(name) for name in dialect_names()]
ONE = [DIALECT]
CODEC = Codec(DIALECT)
ASKED = DIALECT.request_message(WITHDRAWAL)
REQUEST = CODEC.encode(ASKED)
ANSWER = CODEC.encode(DIALECT.reply_message(ASKED, APPROVAL))
ADVICE = CODEC.encode(DIALECT.request_message(REVERSAL))


def explained(raw: bytes) -> Explanation:
    return explain([Given("", raw)], ONE)


def shown(explanation: Explanation) -> dict[str, str]:
    return {field.key: field.value for field in explanation.fields}


def said(explanation: Explanation) -> dict[str, str]:
    return {field.key: field.says for field in explanation.fields}


def test_fields_stand_with_place_length_value_and_meaning() -> None:
    told = explained(REQUEST)
    assert told.is_complete
    assert told.meaning == "withdrawal, terminal T07, STAN 000118, 50.00 NGN"
    by_key = {field.key: field for field in told.fields}
    pan = by_key["2"]
    assert (pan.position, pan.prefix, pan.value) == (20, "16", "987654******4325")
    assert (by_key["35"].value, by_key["52"].value) == ("(34 hidden)", "(16 hidden)")
    assert said(told)["MTI"] == "financial request from the acquirer, ISO 8583:1987"
    assert said(told)["3"] == "withdrawal, from current to default"
    assert said(told)["4"] == "50.00 NGN"
    assert said(told)["7"] == "month 11, day 23, 19:30:00"
    assert said(told)["49"] == "NGN"


def test_an_answer_says_what_the_terminal_does() -> None:
    told = explained(ANSWER)
    assert said(told)["39"] == "approved, the terminal acts on it"
    assert said(told)["54"] == "ledger -120.00 NGN, available 80.00 NGN"
    amounts = next(field for field in told.fields if field.key == "54")
    assert [(part.name, part.value) for part in amounts.parts[1].parts][-1] == ("amount", "000000008000")
    assert amounts.parts[1].position == 20
    kept = explained(ANSWER.replace(b"A1B2C300", b"A1B2C343"))
    assert said(kept)["39"] == "retain card, the card is kept, no cash"
    late = explained(ANSWER.replace(b"A1B2C300", b"A1B2C368"))
    assert said(late)["39"] == "too late, no cash, and a reversal in case the host has posted"


def test_a_reversal_says_why_and_of_what() -> None:
    told = explained(ADVICE)
    assert told.meaning.endswith("50.00 NGN, of which 20.00 stand, because: partly dispensed")
    assert said(told)["90"] == "0200, STAN 000118, sent month 11, day 23, 19:30:00"
    assert said(told)["95"] == "20.00 NGN"


def test_a_cut_message_is_told_up_to_the_cut_and_the_rest_by_its_shape() -> None:
    told = explained(REQUEST[:130])
    assert not told.is_complete
    assert told.stopped == "field 35 (track 2) cannot be read at byte 103 of 130: the message ends too early"
    assert shown(told)["35"] == "(27 bytes that could not be read)"
    assert shown(told)["32"] == "123456"
    assert "37" not in shown(told)
    assert told.rest[0].endswith("9999999999999999")
    assert " 3D " in told.rest[1]


def test_what_is_odd_is_remarked_and_read_all_the_same() -> None:
    told = explained(REQUEST.replace(b"LAGOS", b"LAG\x00S"))
    assert told.is_complete
    assert told.remarks == (
        "field 43 (card acceptor name and location) does not fit iso87-ascii: expected 40 printable characters",
    )
    inside = explained(CODEC.encode(Message("0210", {**CODEC.decode(ANSWER).fields, 54: "2001566D"})))
    assert inside.remarks == ()  # amounts of another shape are no mistake


def test_a_message_type_that_no_template_has_is_told_as_far_as_it_goes() -> None:
    told = explained(CODEC.encode(Message("0100", {3: "310000", 11: "000001", 39: "00"})))
    assert told.is_complete
    assert "no request with this message type" in told.meaning
    assert said(told)["3"] == "balance, from default to default"


def test_text_and_json_tell_the_same() -> None:
    told = explained(ANSWER)
    text = render_explanation(told)
    assert text.startswith("iso87-ascii, 179 bytes, read to the end\n")
    assert re.search(r"^   136  54 +additional amounts +040 +2001566D", text, re.MULTILINE)
    assert re.search(r"^   \+28 +5 amount +000000008000$", text, re.MULTILINE)
    assert '"says": "approved, the terminal acts on it"' in explanations_json([told])


# --- what is given --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "30 38\n30 30",
        "0x30, 0x38, 0x30, 0x30",
        r"\x30\x38\x30\x30",
        "30383030",
        "30:38:30:30",
        r"'\x30\x38\x30\x30'",
    ],
)
def test_hexadecimal_is_taken_in_any_notation(text: str) -> None:
    assert ways_to_take(text.encode())[0] == Given("given in hexadecimal", b"0800")


def test_digits_may_be_a_message_or_hexadecimal_of_one() -> None:
    sign_on = b"0800822000000080000004000000000000001123192959000001T0000007001"
    for data in (sign_on, sign_on + b"\n", sign_on.hex().encode()):
        (told,) = explain_given(data, ONE)
        assert told.is_complete
        assert told.meaning == "sign on, terminal T0000007, STAN 000001"


def test_nothing_and_too_much_are_no_message() -> None:
    for data in (b"", b"\n", b"0" * (GIVEN_BYTES_MAX + 1), b"x" * 9000):
        with pytest.raises(LocalError, match="1 to 8192 bytes"):
            explain_given(data, ONE)


def test_frames_are_recognised_or_asked_for_by_name() -> None:
    framed = len(REQUEST).to_bytes(2, "big") + REQUEST
    (told,) = explain_given(framed, ONE)
    assert told.is_complete
    assert told.given.endswith("framing length2, taken off")
    two = explain_given(framed * 2, ONE, framing="length2")
    assert [each.is_complete for each in two] == [True, True]
    with pytest.raises(LocalError, match="whole frames of length2"):
        explain_given(framed[:-1], ONE, framing="length2")


@pytest.mark.parametrize(("name", "field"), [("nibss", "62"), ("iso93-bcd", "53")])
@pytest.mark.parametrize(
    ("serial", "words"),
    [
        ("FFFF9876543210E00005", "key serial number of DUKPT (tdes), counter 5"),
        ("FFFF9876543210EFFFFF", "no key serial number of DUKPT (tdes)"),
    ],
)
def test_a_key_serial_number_is_named_and_hidden(name: str, field: str, serial: str, words: str) -> None:
    dialect = load_dialect(name)
    asked = msgspec.structs.replace(WITHDRAWAL, local_time="251123203000", key_serial=serial)
    told = explain([Given("", Codec(dialect).encode(dialect.request_message(asked)))], [dialect])
    assert (shown(told)[field], said(told)[field]) == ("(20 hidden)", words)
    assert serial not in render_explanation(told) + explanations_json([told])


# --- no card ever shows ---------------------------------------------------------------------------

SECRETS = (PAN[5:13], TRACK2[17:], WITHDRAWAL.pin_block)
PIECE = 7
"""So many characters of a secret in a row must not be seen."""


def leaked(text: str) -> str:
    """A piece of a secret in a text, blanks apart."""
    dense = re.sub(r"\s", "", text).upper()
    for secret in SECRETS:
        for written, size in ((secret, PIECE), (secret.encode().hex().upper(), 2 * PIECE)):
            for start in range(len(written) - size + 1):
                piece = written[start : start + size]
                if piece.strip("0") and piece in dense:
                    return piece
    return ""


def everywhere(raw: bytes) -> str:
    texts = []
    for dialect in DIALECTS:
        told = explain([Given("", raw)], [dialect])
        texts.append(render_explanation(told) + explanations_json([told]))
    return "\n".join(texts)


def in_every_dialect() -> list[bytes]:
    """A withdrawal and a reversal in every shipped dialect."""
    made = []
    for dialect in DIALECTS:
        for request in (WITHDRAWAL, REVERSAL):
            full = msgspec.structs.replace(request, local_time="251123203000", chip="5A089876543217654325")
            made.append(Codec(dialect).encode(dialect.request_message(full)))
    return made


MESSAGES = in_every_dialect()


@given(
    st.sampled_from([*MESSAGES, ANSWER]),
    st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=3), st.integers(0, 4)), max_size=4),
    st.integers(0, 60),
)
def test_no_damage_makes_a_card_show(good: bytes, damage: list[tuple[int, bytes, int]], cut: int) -> None:
    raw = good
    for place, junk, gone in damage:
        raw = raw[:place] + junk + raw[place + gone :]
    raw = raw[: len(raw) - cut]
    assert not raw or leaked(everywhere(raw)) == ""


@pytest.mark.parametrize("raw", MESSAGES)
def test_no_dialect_shows_a_card_of_any_other(raw: bytes) -> None:
    assert leaked(everywhere(raw)) == ""
    for place in (12, 70):
        for damaged in (raw[:place], raw[:place] + raw[place + 1 :]):
            assert leaked(everywhere(damaged)) == "", place


def test_a_card_in_a_private_field_is_found() -> None:
    fields = {
        **ASKED.fields,
        48: f"CARD {PAN} OF {TRACK2}",
        60: "4111111111111111",
        61: "16" + "4111111111111111",
        62: "5413330089010442=2912201",
    }
    told = explained(CODEC.encode(Message("0200", dict(sorted(fields.items())))))
    assert told.is_complete
    values = shown(told)
    assert PAN not in values["48"]
    assert values["60"] == "411111******1111"
    assert values["61"] == "16411111******1111"
    assert values["62"] == "(24 hidden)"
