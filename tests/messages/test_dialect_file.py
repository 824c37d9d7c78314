"""Dialect files that contradict themselves are refused when they are loaded, in words."""

from typing import Any

import msgspec
import pytest

from atmbench import datafile, shipped
from atmbench.errors import LocalError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, parse_dialect
from atmbench.messages.dialect_file import DialectFile, Framing
from tests.messages.samples import APPROVAL, WITHDRAWAL

TEXT = shipped.read("dialects", "iso87-ascii.yaml")
FILE = datafile.load(TEXT, DialectFile, name="iso87-ascii")


def dialect_with(path: str, value: Any) -> Dialect:
    """The shipped dialect with one place set, or taken away by None."""
    plain = msgspec.to_builtins(FILE, str_keys=True)
    *parents, last = path.split(".")
    place: Any = plain
    for parent in parents:
        place = place[int(parent) if isinstance(place, list | tuple) else parent]
    if value is None:
        place.pop(last)
    else:
        place[int(last) if isinstance(place, list | tuple) else last] = value
    return Dialect(msgspec.convert(plain, DialectFile, strict=False), "mine")


CONTRADICTIONS = [
    ("responses.61", None, "amount_limit"),
    ("reasons.interrupted", None, "interrupted"),
    ("processing_code.services.mini_statement", None, "mini_statement"),
    ("processing_code.services.balance", "38", "no code twice"),
    ("processing_code.accounts.credit", "3", "two characters"),
    ("templates.network.request.mandatory.65", "terminal", "65"),
    ("templates.network.request.mandatory.11", "response_code", "response_code"),
    ("templates.service.reply.optional.4", "pan", "echo field 4"),
    ("templates.service.request.optional.37", "track2", "twice"),
    ("templates.completion.purposes", ["completion", "reversal"], "template of its own"),
    ("templates.completion.purposes", ["reversal"], "already"),
    ("templates.reversal.request.mti", "0421", "repeat"),
    ("templates.completion.request.mti", "0200", "0200"),
    ("templates.completion.reply.mti", "0210", "0210"),
    ("actual_amount.2.constant", "C0000", "constant"),
    ("actual_amount.0.constant", "000000000000", "has a constant and the value amount"),
    ("actual_amount", [], "describes none under `actual_amount`"),
    ("original", [{"value": "mti", "size": 4}], "named by `mti` and `stan`"),
    ("original.3.value", "sign", "sign says nothing of it"),
    ("original.3.prefix", "LL", "in the last part only"),
    ("balances", None, "describes none under `balances`"),
    ("balances.parts.3.value", None, "kind, sign and amount"),
    ("statement", None, "describes none under `statement`"),
    ("amount", [{"value": "currency", "size": 3}], "no part holds the amount"),
    ("functions", {"reversal": "400", "partial_reversal": "400"}, "one code twice"),
    ("templates.reversal.request.optional.24", "function", "describes none under `functions`"),
    ("templates.reversal.request.optional.30", "original_amount", "describes none under `original_amount`"),
    ("templates.service.reply.optional.58", "ledger_balance", "describes none under `single_balance`"),
    ("single_balance", {"parts": [{"value": "amount", "size": 12}]}, "sign and amount"),
    ("templates.service.request.header", "ISO", "the dialect has no header"),
    ("templates.reversal.reply.codes", {"approved": "51"}, "reads it as insufficient_funds"),
    ("matching.also", [39], "which only the reply has"),
    ("matching.also", [43], "the reply does not echo"),
    ("matching.also", [4], "the reply does not echo"),
]


@pytest.mark.parametrize(("path", "value", "told"), CONTRADICTIONS)
def test_a_wrong_file_is_refused_and_says_why(path: str, value: Any, told: str) -> None:
    with pytest.raises(LocalError) as caught:
        dialect_with(path, value)
    assert told in str(caught.value)
    assert "mine" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('mti: "0800"', "mti: 0800", "quote"),
        ("  suspect: ", "  suspicious: ", "suspicious"),
        ("bitmap: hex", "bitmap: bcd", "bcd"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_its_line(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(LocalError, match=rf"mine\.yaml, line \d+: .*{told}"):
        parse_dialect(TEXT.replace(old, new, 1), "mine.yaml")


def test_codes_and_places_are_data() -> None:
    asked = dialect_with("processing_code.services.withdrawal", "09").request_message(WITHDRAWAL)
    assert asked.fields[3] == "092000"
    longer = dialect_with("fields.41.size", 16)
    assert longer.request_message(WITHDRAWAL).fields[41] == "T07             "
    assert Codec(longer).decode(Codec(longer).encode(longer.request_message(WITHDRAWAL))).fields[41][:3] == "T07"
    tilde = dialect_with("statement.separator", "~")
    reply = msgspec.structs.replace(APPROVAL, statement=("a|b", "c"))
    assert tilde.reply_message(asked, reply).fields[48] == "a|b~c"
    assert dialect_with("framing", "bcd2").framing == Framing(name="bcd2")


def test_a_purpose_without_a_template_is_not_sent() -> None:
    dialect = dialect_with("templates.service.purposes", ["balance"])
    with pytest.raises(LocalError, match="withdrawal"):
        dialect.request_message(WITHDRAWAL)


def test_the_schema_can_be_exported() -> None:
    schema = msgspec.json.schema(DialectFile)
    assert schema["$defs"]["DialectFile"]["additionalProperties"] is False
