"""MACs on messages: what they cover, and what they find out."""

import pytest

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, load_dialect
from atmbench.messages.layout import resolve
from atmbench.messages.layout_file import Content, Encoding, FieldLayout, Header, LengthForm
from atmbench.messages.records import Message
from atmbench.messages.reference import ReferenceCodec
from atmbench.messages.sealing import Sealing, mac_field
from atmbench.messages.security_file import MacUse
from atmbench.security.keys import Key
from atmbench.security.mac import MacKey, MacMethod, MacRule
from tests.messages.layouts import BCD, FIELDS, LAYOUTS
from tests.messages.samples import REVERSAL, WITHDRAWAL

DIALECT: Dialect = load_dialect("iso87-ascii")
CODEC = Codec(DIALECT)
SEALING = Sealing(MacUse(), DIALECT.layout)
KEY = MacKey(Key.parse("0123456789ABCDEFFEDCBA9876543210"), MacRule())
OTHER = MacKey(Key.parse("FEDCBA98765432100123456789ABCDEF"), MacRule())


def sealed(message: Message, key: MacKey = KEY, sealing: Sealing = SEALING) -> bytes:
    roomy = sealing.with_room(message)
    return sealing.seal(CODEC.encode(roomy), key, field=mac_field(roomy))


def test_published_text_and_mac() -> None:
    """iso8583 facts 4.6, self-made check pair: 0800 with DE7, 11, 70 and bit 128."""
    message = Message("0800", {7: "0627180510", 11: "123456", 70: "301"})
    raw = sealed(message)
    assert raw == b"0800822000000000000004000000000000010627180510123456301" + b"45DFA263CCFBDB8C"


def test_the_mac_of_a_message_with_one_bitmap_is_field_64() -> None:
    raw = sealed(Message("0800", {7: "0627180510", 11: "123456"}))
    assert raw == b"080002200000000000010627180510123456" + b"8279A00E4C069D3D"


@pytest.mark.parametrize("request_", [WITHDRAWAL, REVERSAL], ids=["one bitmap", "two bitmaps"])
def test_every_byte_is_covered(request_: object) -> None:
    raw = sealed(DIALECT.request_message(request_))  # type: ignore[arg-type]
    assert SEALING.agrees(raw, CODEC.decode(raw), [OTHER, KEY]) is KEY
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        try:
            message = CODEC.decode(changed)
        except RemoteError:
            continue
        assert SEALING.agrees(changed, message, [KEY]) is None


def test_another_key_does_not_agree() -> None:
    raw = sealed(DIALECT.request_message(WITHDRAWAL))
    assert SEALING.agrees(raw, CODEC.decode(raw), [OTHER]) is None


def test_a_message_without_a_mac_does_not_agree() -> None:
    raw = CODEC.encode(DIALECT.request_message(REVERSAL))
    assert SEALING.agrees(raw, CODEC.decode(raw), [KEY]) is None


def test_a_repeat_has_a_mac_of_its_own_unless_the_dialect_says_otherwise() -> None:
    first, repeat = Message("0220", {3: "010000"}), Message("0221", {3: "010000"})
    neutral = Sealing(MacUse(ignores_repeat_digit=True), DIALECT.layout)
    assert sealed(first)[-16:] != sealed(repeat)[-16:]
    assert sealed(first, sealing=neutral)[-16:] == sealed(repeat, sealing=neutral)[-16:]
    raw = sealed(repeat, sealing=neutral)
    assert neutral.agrees(raw, CODEC.decode(raw), [KEY]) is KEY


def test_in_bcd_the_repeat_digit_is_half_a_byte_and_the_header_is_not_covered() -> None:
    layout = resolve("tpdu", BCD, Header(size=5, form="raw", value="6000010002"), FIELDS)
    sealing, codec = Sealing(MacUse(ignores_repeat_digit=True), layout), ReferenceCodec(layout)

    def mac(message: Message) -> bytes:
        roomy = sealing.with_room(message)
        raw = sealing.seal(codec.encode(roomy), KEY, field=mac_field(roomy))
        assert sealing.agrees(raw, codec.decode(raw), [KEY]) is KEY
        return raw[-8:]

    assert mac(Message("0220", {3: "010000"})) == mac(Message("0221", {3: "010000"}, "6000020001"))


def test_half_a_mac_and_zeros() -> None:
    rule = MacRule(method=MacMethod.X9_19, kept=4, sent=8)
    sealing = Sealing(MacUse(rule=rule), DIALECT.layout)
    raw = sealed(Message("0800", {7: "0627180510", 11: "123456"}), MacKey(KEY.key, rule), sealing)
    assert raw.endswith(b"8279A00E00000000")


def test_network_messages_are_sealed_only_where_the_dialect_says_so() -> None:
    assert not SEALING.wants("0800")
    assert SEALING.wants("0200")
    assert Sealing(MacUse(network_messages=True), DIALECT.layout).wants("0810")


def test_a_dialect_without_room_for_a_mac_is_refused() -> None:
    encoding = Encoding(text="ascii", binary="hex", bitmap="hex", length=LengthForm.TEXT)
    layout = resolve("bare", encoding, None, {64: FieldLayout(name="x", type=Content.B, size=8)})
    with pytest.raises(LocalError, match="field 128"):
        Sealing(MacUse(), layout)
    with pytest.raises(LocalError, match="size 16"):
        Sealing(MacUse(rule=MacRule(method=MacMethod.AES_CMAC)), LAYOUTS["text"])
