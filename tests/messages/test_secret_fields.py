"""Keys and PIN blocks are hidden in whatever field a dialect puts them, and only there."""

import pytest

from atmbench.messages.dialect import Dialect, dialect_names, load_dialect, parse_dialect
from atmbench.messages.masking import SENSITIVE, masked_fields
from atmbench.messages.records import Message

DIALECT = load_dialect("iso87-ascii")
ELSEWHERE = parse_dialect(
    """
extends: iso87-ascii
describes: keys in DE123, track 2 echoed
templates:
  network:
    purposes: [sign_on, sign_off, echo, key_exchange]
    request:
      mti: "0800"
      mandatory: {7: transmitted, 11: stan, 41: terminal, 70: network_code}
    reply:
      mti: "0810"
      echo: [11, 41, 70]
      mandatory: {39: response_code}
      optional: {123: keys}
""",
    "elsewhere",
)


@pytest.mark.parametrize(
    ("mti", "field", "is_hidden"),
    [
        ("0810", 48, True),
        ("0800", 48, False),
        ("0200", 48, True),
        ("0201", 48, True),
        ("0210", 48, False),
        ("0200", 2, True),
        ("0420", 55, True),
    ],
)
def test_a_field_is_hidden_where_it_holds_a_secret(mti: str, field: int, is_hidden: bool) -> None:
    assert (field in DIALECT.sensitive(mti)) is is_hidden


def test_keys_are_hidden_in_whichever_field_they_travel() -> None:
    assert 123 in ELSEWHERE.sensitive("0810")


@pytest.mark.parametrize("name", dialect_names())
def test_what_is_always_hidden_is_hidden_in_every_message_and_an_unknown_one_hides_all(name: str) -> None:
    dialect: Dialect = load_dialect(name)
    for mti in ("0200", "0210", "0420", "0800", "0810"):
        assert dialect.sensitive(mti) >= SENSITIVE
        assert dialect.sensitive("9999") >= dialect.sensitive(mti)


def test_a_hidden_field_shows_its_length_only() -> None:
    masked = masked_fields(Message("0810", {11: "000001", 48: "A1" * 38}), DIALECT.sensitive("0810"))
    assert masked == {"11": "000001", "48": "(76 hidden)"}
