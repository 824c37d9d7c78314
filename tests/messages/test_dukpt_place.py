"""Where a dialect puts the key serial number of a PIN, and what is said of one that has no place for it."""

import pytest
from msgspec.structs import replace

from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, load_dialect, parse_dialect
from atmbench.messages.masking import masked_fields
from atmbench.messages.records import Purpose
from atmbench.security.dukpt_pin import DukptKind
from tests.messages.samples import WITHDRAWAL

SERIAL = {DukptKind.TDES: "FFFF9876543210E00001", DukptKind.AES: "123456789012345600000001"}
AES = """
extends: iso87-ascii
describes: DUKPT with AES
fields: {52: {size: 16}}
security: {pin_format: 4, dukpt: aes}
templates: {service: {request: {optional: {120: key_serial}}}}
"""
FULL = replace(WITHDRAWAL, local_time="251123203000", key_serial=SERIAL[DukptKind.TDES])


def mine(text: str) -> Dialect:
    return parse_dialect(f"extends: iso87-ascii\ndescribes: a test\n{text}", "mine")


@pytest.mark.parametrize(
    ("name", "field"), [("nibss", 62), ("iso93-ascii", 53), ("iso93-bcd", 53), ("postilion-termapp-b", 53)]
)
def test_a_shipped_dialect_carries_it_where_its_sources_allow(name: str, field: int) -> None:
    dialect = load_dialect(name)
    assert dialect.lack_of_dukpt == ""
    message = dialect.request_message(FULL)
    assert message.fields[field] == FULL.key_serial
    arrived = Codec(dialect).decode(Codec(dialect).encode(message))
    assert dialect.read_request(arrived).key_serial == FULL.key_serial
    assert masked_fields(arrived, dialect.sensitive(arrived.mti))[str(field)] == "(20 hidden)"
    assert field not in dialect.request_message(replace(FULL, key_serial="")).fields


def test_an_inquiry_of_nibss_carries_it_too() -> None:
    asked = replace(FULL, purpose=Purpose.BALANCE, service=Purpose.BALANCE, amount_minor=0)
    message = load_dialect("nibss").request_message(asked)
    assert (message.mti, message.fields[62]) == ("0100", FULL.key_serial)


def test_a_file_of_ones_own_may_put_it_anywhere_and_hides_it_there() -> None:
    dialect = parse_dialect(AES, "aes")
    assert dialect.lack_of_dukpt == ""
    message = dialect.request_message(replace(FULL, key_serial=SERIAL[DukptKind.AES], pin_block="0" * 32))
    assert dialect.read_request(Codec(dialect).decode(Codec(dialect).encode(message))).key_serial == message.fields[120]
    assert 120 in dialect.sensitive("0200")


PLACE = "templates: {service: {request: {optional: {62: key_serial}}}}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "`security: {dukpt: tdes}` or aes, and a field for the key serial number (53, 62 and 120 are met in the"),
        (PLACE, "`security: {dukpt: tdes}` or aes"),
        ("security: {dukpt: tdes}", "`templates: {service: {request: {optional: {NN: key_serial}}}}`, NN being"),
        (f"security: {{dukpt: aes}}\n{PLACE}", "`security: {pin_format: ...}` of 4"),
        (f"security: {{dukpt: tdes, pin_format: 4}}\n{PLACE}", "`security: {pin_format: ...}` of 0, 1 or 3"),
        (f"security: {{dukpt: tdes}}\n{PLACE.replace('62', '53')}", "another layout of field 53"),
        (f"security: {{dukpt: tdes}}\nfields: {{62: {{size: 19}}}}\n{PLACE}", "20 characters of type an or ans"),
        (f"security: {{dukpt: tdes}}\n{PLACE.replace('62', '96')}", "10 bytes"),
    ],
    ids=["nothing", "no kind", "no place", "no AES block", "an AES block", "digits only", "too small", "too few bytes"],
)
def test_what_is_missing_is_said_with_what_to_write(text: str, told: str) -> None:
    assert told in mine(text).lack_of_dukpt


@pytest.mark.parametrize("name", ["iso87-ascii", "cmf", "base24-atm", "as2805", "postilion"])
def test_where_sources_say_nothing_of_it_neither_does_the_dialect(name: str) -> None:
    assert load_dialect(name).lack_of_dukpt
