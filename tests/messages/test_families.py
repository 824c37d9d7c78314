"""What families say otherwise than 1987: amounts, originals, functions, repeats, keys of their own."""

from typing import Any

import pytest
from msgspec.structs import replace

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.codec import Codec
from atmbench.messages.composites import Composite, Unreadable
from atmbench.messages.dialect import Dialect, load_dialect, parse_dialect
from atmbench.messages.dialect_file import Part
from atmbench.messages.dialect_schema import dialect_schema
from atmbench.messages.masking import masked_fields
from atmbench.messages.records import Balance, Message, Original, Outcome, Purpose, Reason
from tests.messages import spoken


def own(text: str, parent: str = "iso87-ascii") -> Dialect:
    return parse_dialect(f"extends: {parent}\n{text}\n", "mine.yaml")


def altered(message: Message, **fields: str | None) -> Message:
    changed = {**message.fields, **{int(key[1:]): text for key, text in fields.items() if text is not None}}
    return Message(message.mti, {n: t for n, t in changed.items() if fields.get(f"f{n}", "") is not None})


# --- amounts, functions ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["iso93-ascii", "iso93-bcd", "cmf", "postilion-termapp-a", "postilion-termapp-b"])
def test_a_full_reversal_says_so_and_carries_no_original_amount(name: str) -> None:
    dialect = load_dialect(name)
    message = dialect.request_message(replace(spoken.reversal(dialect), actual_minor=None, reason=Reason.NO_ANSWER))
    assert (message.fields[24], message.fields.get(30)) == ("400", None)
    read = dialect.read_request(message)
    assert (read.amount_minor, read.actual_minor, read.reason) == (5000, None, Reason.NO_ANSWER)


@pytest.mark.parametrize("name", ["iso93-ascii", "cmf"])
@pytest.mark.parametrize(
    ("field", "text"), [(24, "400"), (30, None), (24, "202"), (24, "201"), (24, "999"), (24, None)]
)
def test_a_function_that_the_amounts_contradict_is_refused(name: str, field: int, text: str | None) -> None:
    dialect = load_dialect(name)
    message = altered(dialect.request_message(spoken.reversal(dialect)), **{f"f{field}": text})
    with pytest.raises(RemoteError) as caught:
        dialect.read_request(message)
    assert caught.value.field == "24"


def test_a_completion_has_functions_of_its_own() -> None:
    dialect = load_dialect("iso93-ascii")
    whole = replace(spoken.reversal(dialect), purpose=Purpose.COMPLETION, actual_minor=None, reason=None)
    assert dialect.request_message(whole).fields[24] == "201"
    part = dialect.request_message(replace(whole, actual_minor=2000))
    assert (part.fields[24], part.fields[4], part.fields[30][:12]) == ("202", "000000002000", "000000005000")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("0012000000005000", "currency"),
        ("5663000000005000", "exponent"),
        ("566200000000500A", "digits"),
        ("000000005000", "characters"),
    ],
)
def test_an_amount_with_another_currency_or_exponent_is_not_guessed(text: str, because: str) -> None:
    dialect = load_dialect("cmf")
    message = altered(dialect.request_message(spoken.WITHDRAWAL), f4=text)
    with pytest.raises(RemoteError, match=because) as caught:
        dialect.read_request(message)
    assert caught.value.field == "4"


def test_currencies_have_their_own_exponents() -> None:
    dialect = load_dialect("cmf")
    for currency, head in (("NGN", "5662"), ("JPY", "3920"), ("KWD", "4143")):
        message = dialect.request_message(replace(spoken.WITHDRAWAL, currency=currency))
        assert message.fields[4] == f"{head}000000005000"
        assert dialect.read_request(message).currency == currency
    with pytest.raises(LocalError, match="currency"):
        dialect.request_message(replace(spoken.WITHDRAWAL, currency=""))


def test_a_lower_amount_is_read_from_a_reply_of_any_family() -> None:
    for name in ("cmf", "iso93-bcd", "base24-atm", "as2805", "nibss"):
        dialect = load_dialect(name)
        lower = replace(
            spoken.approval(dialect), outcome=Outcome.PARTIALLY_APPROVED, code="", amount_minor=2000, currency="NGN"
        )
        read = dialect.read_reply(dialect.reply_message(dialect.request_message(spoken.WITHDRAWAL), lower))
        assert (read.outcome, read.amount_minor) == (Outcome.PARTIALLY_APPROVED, 2000)


# --- times and originals ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["251323203000", "251123250000", "25112320300A"])
def test_a_date_that_no_year_has_is_refused(text: str) -> None:
    dialect = load_dialect("iso93-ascii")
    with pytest.raises(RemoteError) as caught:
        dialect.read_request(altered(dialect.request_message(spoken.WITHDRAWAL), f12=text))
    assert caught.value.field == "12"


def test_another_century_is_refused_and_a_year_is_not_made_up() -> None:
    dialect = load_dialect("cmf")
    with pytest.raises(RemoteError, match="century"):
        dialect.read_request(altered(dialect.request_message(spoken.WITHDRAWAL), f12="19251123203000"))
    with pytest.raises(LocalError, match="no year"):
        dialect.request_message(replace(spoken.WITHDRAWAL, local_time="1123203000"))


@pytest.mark.parametrize(
    ("name", "field", "text"),
    [
        ("iso93-ascii", 56, "12000001182511232030000" + "5123456"),
        ("iso93-ascii", 56, "120000011825112320300006" + "12345"),
        ("iso93-ascii", 56, "120000011825992320300006123456"),
        ("iso93-ascii", 56, "1200000118251123203000"),
        ("cmf", 56, "2200000000000118202511232030"),
        ("cmf", 56, "220000000000011820251123203000123456789012"),
        ("base24-atm", 90, "0200            1123203000001123          "),
        ("base24-atm", 90, "0200118         1123206000001123          "),
    ],
)
def test_an_original_that_cannot_be_read_names_the_field(name: str, field: int, text: str) -> None:
    dialect = load_dialect(name)
    with pytest.raises(RemoteError) as caught:
        dialect.read_request(altered(dialect.request_message(spoken.reversal(dialect)), **{f"f{field}": text}))
    assert caught.value.field == str(field)


def test_base24_names_an_original_by_its_sequence_number() -> None:
    dialect = load_dialect("base24-atm")
    asked, undone = (dialect.request_message(each) for each in (spoken.WITHDRAWAL, spoken.reversal(dialect)))
    assert asked.fields[37] == undone.fields[37] == "118         "
    assert undone.fields[11] == "000119"
    assert dialect.read_request(undone).original == Original("0200", 118)


def test_a_last_part_may_have_a_length_of_its_own() -> None:
    behind = Composite([Part(value="stan", size=3), Part(value="acquirer", size=5, prefix="LL")], "x")
    rest = Composite([Part(value="stan", size=3), Part(value="acquirer", size=5, prefix="rest")], "x")
    values = {"stan": "7", "acquirer": "123"}
    assert (behind.compose(values), rest.compose(values)) == ("00703123", "007123")
    for composite in (behind, rest):
        assert composite.read(composite.compose(values)) == {"stan": "007", "acquirer": "123"}
    for composite, text in ((behind, "00704123"), (behind, "007xx"), (behind, "00"), (rest, "007123456"), (rest, "00")):
        with pytest.raises(Unreadable):
            composite.read(text)
    with pytest.raises(LocalError, match="has room for 5"):
        rest.compose({"stan": "7", "acquirer": "123456"})


# --- balances --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "balances", [(Balance("ledger", -1), Balance("available", 5)), (Balance("ledger", 5),), (Balance("available", 5),)]
)
def test_a_balance_that_base24_cannot_say_is_left_out(balances: tuple[Balance, ...]) -> None:
    dialect = load_dialect("base24-atm")
    asked = dialect.request_message(spoken.WITHDRAWAL)
    message = dialect.reply_message(asked, replace(spoken.approval(dialect), balances=balances))
    assert 44 not in message.fields
    assert dialect.read_reply(message).balances == ()


def test_as2805_has_a_field_for_each_balance() -> None:
    dialect = load_dialect("as2805")
    asked = dialect.request_message(spoken.WITHDRAWAL)
    message = dialect.reply_message(asked, replace(spoken.approval(dialect), balances=(Balance("available", -80_00),)))
    assert (message.fields.get(58), message.fields[59]) == (None, "D0000000080000")
    assert dialect.read_reply(message).balances == (Balance("available", -80_00),)
    with pytest.raises(RemoteError):
        dialect.read_reply(altered(message, f59="E0000000080000"))


# --- what is data in every family ------------------------------------------------------------------


def test_a_repeat_may_look_like_the_first_sending() -> None:
    dialect = own("repeats: {mti: same}")
    first = spoken.reversal(dialect)
    repeat = dialect.request_message(replace(first, repeat=True))
    assert repeat == dialect.request_message(first)
    assert not dialect.read_request(repeat).repeat
    with pytest.raises(RemoteError):
        dialect.read_request(Message("0421", repeat.fields))


def test_renewing_de7_is_a_setting() -> None:
    assert not load_dialect("iso87-ascii").renews_transmitted
    assert own("repeats: {transmitted: renewed}").renews_transmitted


def test_matching_may_want_more_fields_to_agree() -> None:
    dialect = own("matching: {also: [37, 12]}")
    asked = dialect.request_message(spoken.WITHDRAWAL)
    reply = dialect.reply_message(asked, spoken.approval(dialect))
    key = dialect.request_key(replace(spoken.WITHDRAWAL, track2="", pin_block=""))
    assert dialect.reply_key(reply) == dialect.reply_key(asked) == key
    assert dialect.reply_key(altered(reply, f37="999999999999")) != key
    assert dialect.request_key(spoken.SIGN_ON).more == ("", "")
    with pytest.raises(LocalError, match="does not keep"):
        own("matching: {also: [35]}\ntemplates: {service: {reply: {may_echo: [35]}}}")


def test_approvals_have_codes_by_the_kind_of_message() -> None:
    dialect = load_dialect("iso93-bcd")
    assert dialect.code(Outcome.APPROVED) == dialect.code(Outcome.APPROVED, Purpose.WITHDRAWAL) == "000"
    assert dialect.code(Outcome.APPROVED, Purpose.REVERSAL) == "400"
    assert dialect.code(Outcome.APPROVED, Purpose.ECHO) == "800"
    assert dialect.code(Outcome.MALFUNCTION, Purpose.REVERSAL) == "909"
    assert load_dialect("as2805").code(Outcome.APPROVED) == "00"


def test_fields_that_may_hold_secrets_here_are_hidden() -> None:
    dialect = load_dialect("postilion")
    message = Message("0200", {2: spoken.WITHDRAWAL.pan, 37: "1", 127: "00" * 20})
    assert masked_fields(message, dialect.sensitive("0200")) == {
        "2": "987654******4325",
        "37": "1",
        "127": "(40 hidden)",
    }
    assert {35, 52, 127} <= dialect.sensitive("0200")
    assert 127 not in load_dialect("iso87-ascii").sensitive("0200")


def test_a_kind_of_message_may_have_a_header_of_its_own() -> None:
    dialect = load_dialect("base24-atm")
    codec = Codec(dialect)
    sign_on = dialect.request_message(spoken.SIGN_ON)
    asked = dialect.request_message(spoken.WITHDRAWAL)
    assert (codec.encode(sign_on)[:12], codec.encode(asked)[:12]) == (b"ISO006000060", b"ISO016000010")
    reply = dialect.reply_message(sign_on, spoken.answer(spoken.SIGN_ON))
    assert codec.encode(reply)[:12] == b"ISO006000060"


def test_nibss_asks_for_a_balance_by_0100_and_has_no_sign_off() -> None:
    dialect = load_dialect("nibss")
    asked = replace(spoken.WITHDRAWAL, purpose=Purpose.BALANCE, service=Purpose.BALANCE)
    message = dialect.request_message(asked)
    assert (message.mti, message.fields[3]) == ("0100", "312000")
    assert dialect.read_request(message).purpose is Purpose.BALANCE
    assert not dialect.has(Purpose.SIGN_OFF)
    with pytest.raises(RemoteError):
        dialect.read_request(Message("0200", message.fields))


def test_termapp_replies_carry_their_mac_as_bytes() -> None:
    codec = Codec(load_dialect("postilion-termapp-a"))
    fields = {11: "000001", 64: "0102030405060708"}
    assert codec.encode(Message("1210", fields)).endswith(bytes.fromhex("0102030405060708"))
    assert codec.encode(Message("1200", fields)).endswith(b"0102030405060708")


# --- the schema ------------------------------------------------------------------------------------


def test_the_schema_lets_a_file_that_extends_leave_out_what_it_likes() -> None:
    schema = dialect_schema()
    whole, extending = schema["$defs"]["DialectFile"], schema["$defs"]["ExtendingDialectFile"]
    assert "fields" in whole["required"]
    assert "extends" not in whole["properties"]
    assert "required" not in extending
    assert {"extends", "without"} < set(extending["properties"])
    assert set(whole["properties"]) < set(extending["properties"])
    assert all(part["properties"].keys() for name, part in schema["$defs"].items() if "properties" in part)
    assert _references(extending) <= {name for name in schema["$defs"] if name.startswith("Extending")}
    assert _references(whole) <= {name for name in schema["$defs"] if not name.startswith("Extending")}
    assert schema["$defs"]["Part"]["properties"]["justify"]["description"].startswith("A value stands")


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        found = {str(part["$ref"]).removeprefix("#/$defs/")} if isinstance(part.get("$ref"), str) else set()
        return found.union(*(_references(value) for value in part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()
