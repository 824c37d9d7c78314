"""Every shipped dialect loads, and says what its field tables say.

The messages in golden/ are our own, laid out field by field: what is quoted travels as characters, the rest is
hexadecimal for bytes. PUBLIC are messages of others, short ones with no card in them, as their sources publish them.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from atmbench import shipped
from atmbench.framing.registry import framer
from atmbench.messages.codec import Codec
from atmbench.messages.compiled import can_compile
from atmbench.messages.dialect import Dialect, dialect_names, load_dialect
from atmbench.messages.records import SERVICES, Balance, Message, Original, Outcome, Purpose, Reason
from tests.messages import samples, spoken

GOLDEN = Path(__file__).parent / "golden"
NAMES = dialect_names()
VARIED = ("iso87-ascii", "iso87-bcd-tpdu", "cmf", "base24-atm", "nibss")
"""The quick suite makes up messages in these, the long one in all."""
NO_CURRENCY = {"as2805", "as2805-right-f"}
NO_SIGN_OFF = {"nibss"}
NO_CUTOVER = {"nibss"}
NO_RRN = {"base24-atm"}
SAYS_LESS_IN_REPLIES = NO_CURRENCY
"""No local time, no RRN: as its public 0210s."""


def bytes_of(pieces: str) -> bytes:
    """The bytes of one line of a golden message."""
    raw = b""
    while pieces:
        if pieces.startswith("'"):
            text, _, pieces = pieces[1:].partition("'")
            raw += text.encode("ascii")
        else:
            digits, _, pieces = pieces.partition(" ")
            raw += bytes.fromhex(digits)
        pieces = pieces.lstrip()
    return raw


def golden(name: str) -> dict[str, bytes]:
    messages: dict[str, bytes] = {}
    title = ""
    for line in (GOLDEN / f"{name}.txt").read_text("ascii").splitlines():
        if line.startswith("  "):
            messages[title] += bytes_of(line[6:])
        elif line and not line.startswith("#"):
            title, messages[line] = line, b""
    return messages


def as_composed(message: Message) -> dict[int, str]:
    """The fields of a message that was read: the separator of a track in BCD is D."""
    return {number: text.replace("D", "=") if number == 35 else text for number, text in message.fields.items()}


def said_by(dialect: Dialect) -> dict[str, Message]:
    undoing = spoken.reversal(dialect)
    sign_on, asked, reversal = map(dialect.request_message, (spoken.SIGN_ON, spoken.WITHDRAWAL, undoing))
    return {
        "sign-on": sign_on,
        "signed-on": dialect.reply_message(sign_on, spoken.answer(spoken.SIGN_ON)),
        "withdrawal": asked,
        "approval": dialect.reply_message(asked, spoken.approval(dialect)),
        "partial reversal": reversal,
        "reversal accepted": dialect.reply_message(reversal, spoken.answer(undoing)),
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("compiles", [True, False])
def test_messages_stand_on_the_wire_as_they_are_laid_out(name: str, compiles: bool) -> None:
    dialect = load_dialect(name)
    codec = Codec(dialect, compiles=compiles)
    written = golden(name)
    for _ in range(5):  # often enough to be compiled
        for title, message in said_by(dialect).items():
            assert codec.encode(message).hex() == written[title].hex(), title
            read = codec.decode(written[title])
            assert (read.mti, as_composed(read)) == (message.mti, message.fields), title
            assert codec.encode(read) == written[title], title


@pytest.mark.parametrize("name", NAMES)
def test_what_travelled_means_what_was_meant(name: str) -> None:
    dialect = load_dialect(name)
    codec = Codec(dialect)
    written = {title: codec.decode(raw) for title, raw in golden(name).items()}
    asked = dialect.read_request(written["withdrawal"])
    assert (asked.purpose, asked.terminal, asked.stan) == (Purpose.WITHDRAWAL, "T07", 118)
    assert (asked.amount_minor, asked.track2) == (5000, samples.TRACK2)
    assert asked.pan in (samples.PAN, "")
    assert asked.local_time[-10:] == "1123203000"
    assert (asked.currency == "NGN") is (name not in NO_CURRENCY)
    assert (asked.rrn == samples.WITHDRAWAL.rrn) is (name not in NO_RRN)

    reversal = dialect.read_request(written["partial reversal"])
    assert (reversal.purpose, reversal.service) == (Purpose.REVERSAL, Purpose.WITHDRAWAL)
    assert (reversal.amount_minor, reversal.actual_minor) == (5000, 2000)
    assert reversal.reason is Reason.PARTLY_DISPENSED
    assert reversal.pan == samples.PAN
    original = reversal.original or Original("", 0)
    assert (original.mti, original.stan) == (dialect.request_message(spoken.WITHDRAWAL).mti, 118)

    reply = dialect.read_reply(written["approval"])
    assert (reply.outcome, reply.amount_minor, reply.approval_code) == (Outcome.APPROVED, 5000, "A1B2C3")
    assert reply.balances == (Balance("ledger", 12000), Balance("available", 8000))
    assert bool(reply.local_time) is (name not in SAYS_LESS_IN_REPLIES)
    for title, request in (("signed-on", spoken.SIGN_ON), ("reversal accepted", spoken.reversal(dialect))):
        accepted = dialect.read_reply(written[title])
        assert (accepted.purpose, accepted.outcome) == (request.purpose, Outcome.APPROVED)
        assert dialect.reply_key(written[title]) == dialect.request_key(request)
    assert dialect.response(dialect.read_reply(written["reversal accepted"]).code).accepts_advice


@pytest.mark.parametrize("name", NAMES)
def test_a_dialect_has_a_message_for_everything(name: str) -> None:
    dialect = load_dialect(name)
    missing = {purpose for purpose in Purpose if not dialect.has(purpose)}
    lacks = {Purpose.SIGN_OFF: NO_SIGN_OFF, Purpose.CUTOVER: NO_CUTOVER}
    assert missing == {purpose for purpose, names in lacks.items() if name in names}
    assert framer(dialect.framing.name).wrap(b"0800")
    for outcome in Outcome:
        for purpose in Purpose:
            assert dialect.response(dialect.code(outcome, purpose)).outcome is outcome
    suspect = dialect.request_message(replace(spoken.reversal(dialect), reason=Reason.SUSPECT))
    others = [
        dialect.request_message(replace(spoken.reversal(dialect), reason=reason))
        for reason in Reason
        if reason is not Reason.SUSPECT
    ]
    assert suspect not in others


@pytest.mark.parametrize("name", NAMES)
def test_only_codes_that_say_so_keep_a_card(name: str) -> None:
    dialect = load_dialect(name)
    assert dialect.response(dialect.code(Outcome.RETAIN_CARD)).card == "retain"
    for outcome in (Outcome.APPROVED, Outcome.MALFUNCTION, Outcome.HOST_UNAVAILABLE, Outcome.WRONG_PIN):
        assert dialect.response(dialect.code(outcome)).card == "return"
    unknown = dialect.response("?" * len(dialect.code(Outcome.APPROVED)))
    assert (unknown.reverse, unknown.card) == (True, "return")


@pytest.mark.parametrize(
    "name", [name if name in VARIED else pytest.param(name, marks=pytest.mark.full) for name in NAMES]
)
@given(data=st.data())
def test_both_codecs_agree_on_all_that_a_dialect_can_say(name: str, data: st.DataObject) -> None:
    dialect = load_dialect(name)
    request = data.draw(spoken.requests_of(dialect))
    message = dialect.request_message(request)
    quick, reference = codecs(name)
    raw = reference.encode(message)
    for _ in range(4):
        assert quick.encode(message) == raw
        assert quick.decode(raw) == reference.decode(raw)
    read = dialect.read_request(quick.decode(raw))
    if request.purpose in SERVICES:
        assert (read.amount_minor, read.purpose) == (request.amount_minor, request.purpose)
    assert dialect.reply_key(message) == dialect.request_key(request)
    again = dialect.request_message(replace(read, pan=request.pan, currency=request.currency))
    assert again == Message(message.mti, message.fields, again.header)


_CODECS: dict[str, tuple[Codec, Codec]] = {}


def codecs(name: str) -> tuple[Codec, Codec]:
    if name not in _CODECS:
        dialect = load_dialect(name)
        _CODECS[name] = Codec(dialect), Codec(dialect, compiles=False)
    return _CODECS[name]


def test_every_shipped_dialect_is_compiled() -> None:
    assert all(can_compile(load_dialect(name).layout) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_what_it_is_and_from_where(name: str) -> None:
    head = shipped.read("dialects", f"{name}.yaml").partition("\n\n")[0]
    assert head.startswith("# ")
    if name != "iso87-ascii":
        assert "Source" in head


PUBLIC: list[tuple[str, str, str, dict[int, str]]] = [
    (  # juks/iso-8583-socket-queue, lib/iso8583/test/index.js: an echo
        "iso87-ascii-bin",
        "303830302220010000800000393930303030303832333135313731363030303030313833313030303030303031",
        "0800",
        {3: "990000", 7: "0823151716", 11: "000001", 24: "831", 41: "00000001"},
    ),
    (  # credibledoc/credible-doc, StackOverflow53740336Test.java
        "iso87-bcd-tpdu",
        "60010203040210303800000e8002000000000000000031000046741306511212383334363133303034363734313330363534"
        "303036323730353532340012910a59218cdafbbcd2520014",
        "0210",
        {4: "000000003100", 13: "1212", 37: "834613004674", 41: "62705524", 55: "910A59218CDAFBBCD2520014"},
    ),
    (  # nao1215/iso8583tool, examples/spec87ascii/0800-network-echo.hex
        "iso87-fixed-128",
        "303830303032323030303030303038303030303030343030303030303030303030303030303630343132333435363132333435"
        "365445524d49443031333031",
        "0800",
        {7: "0604123456", 11: "123456", 41: "TERMID01", 70: "301"},
    ),
    (  # astef7/iso8583, iso_parser_tests.erl: a sign-off
        "base24-atm",
        "49534f30303630303030363030383030383232303030303030303031303030303034303030303030303030303030303031323234"
        "303835353030303030303031303137363031313030323231324e303039383532303032",
        "0800",
        {7: "1224085500", 11: "000001", 48: "6011002212N009852", 70: "002"},
    ),
    (  # jPOS, post.bin
        "postilion",
        "30363230a2380000008000000000000000000002303030303030313131373030333631363337353230343030333631363131313741"
        "544d3030303032303030303332400000800000000031305357495443485f4b4559303030384943435f44415441",
        "0620",
        {3: "000000", 41: "ATM00002", 127: "400000800000000031305357495443485F4B4559303030384943435F44415441"},
    ),
    (  # kamaroly/openiso8583, TermAppIsoUnpackTests.cs
        "postilion-termapp-a",
        "41313831343032333030303030303243303030303030323237313330303535303030303032313430323237313530303535383030"
        "3838373737373132383837373737312020202020202020",
        "1814",
        {7: "0227130055", 12: "140227150055", 39: "800", 42: "8877771        "},
    ),
    (  # the same, SecurityInfoFieldTests.cs
        "postilion-termapp-b",
        "423132303000000000020008003636363038ffffddddeeeecccc",
        "1200",
        {39: "666", 53: "FFFFDDDDEEEECCCC"},
    ),
    (  # AS2805/6.3, UnitTest_ScsFramework.cs: an echo
        "as2805",
        "08008220000080000000040000001000000001041018080084380861100016030106579944",
        "0800",
        {7: "0104101808", 11: "008438", 33: "61100016", 70: "301", 100: "579944"},
    ),
    (  # Arthurvdmerwe/AS2805_Python_Implementation, AS2805_0800_TestCases.Switch_Response
        "as2805-right-f",
        "081082200000820100000400000010000000021818035500869809437586002f30303030382c4403562df3c2e0000109437586002f",
        "0810",
        {11: "008698", 33: "437586002", 39: "00", 48: "2C4403562DF3C2E0", 70: "001", 100: "437586002"},
    ),
    (  # AS2805/6.3, a run log
        "as2805",
        "04303222001182c00880200000000000008000031514335104726003164400000250010008610010013030534d32303030303534333735"
        "38363030302020202020200000000000000002000000000000",
        "0430",
        {3: "200000", 28: "4400000250", 32: "0", 33: "61001001", 39: "00", 53: "0000000000000002", 57: "000000000000"},
    ),
]


@pytest.mark.parametrize(("name", "published", "mti", "values"), PUBLIC)
def test_what_others_have_published_is_read_and_written(
    name: str, published: str, mti: str, values: dict[int, str]
) -> None:
    codec = Codec(load_dialect(name))
    raw = bytes.fromhex(published)
    message = codec.decode(raw)
    assert message.mti == mti
    assert {number: message.fields[number] for number in values} == values
    assert codec.encode(message) == raw
