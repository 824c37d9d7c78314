"""New working keys from one end to the other, in both forms, and what a PIN pad must not take."""

from random import Random

import pytest
from msgspec.structs import replace

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, load_dialect, parse_dialect
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import Outcome, Purpose, Reply, Request, WrappedKeys
from atmbench.messages.security_file import Security
from atmbench.security.key_exchange import wrap_bare, wrap_block
from atmbench.security.keys import Key
from atmbench.security.tr31 import FILLER_BYTES, KeyUsage
from tests.security.secrecy import leaks, refusal

MASTER, OTHER_MASTER = Key(bytes(range(16))), Key(bytes(range(100, 116)))
BLOCKS = """
extends: iso87-ascii
describes: keys as TR-31 blocks
security:
  keys:
    form: tr-31
    parts:
      - {value: pin_key, size: 88}
      - {value: pin_check, size: 6}
      - {value: mac_key, size: 88}
      - {value: mac_check, size: 6}
"""


def rules_of(dialect: Dialect) -> Security:
    assert dialect.security is not None
    return dialect.security


DIALECTS = {"bare": load_dialect("iso87-ascii"), "tr-31": parse_dialect(BLOCKS, "blocks")}
FORMS = pytest.mark.parametrize("form", DIALECTS)
BARE = KeyDelivery(rules_of(DIALECTS["bare"]))


def made(form: str) -> tuple[KeyDelivery, Key, Key, WrappedKeys]:
    rng = Random(7)
    delivery = KeyDelivery(rules_of(DIALECTS[form]))
    pin_key, mac_key = delivery.make(rng)
    return delivery, pin_key, mac_key, delivery.wrap(MASTER, pin_key, mac_key, rng)


def travelled(dialect: Dialect, keys: WrappedKeys) -> WrappedKeys:
    """What a terminal reads of keys that a host sends."""
    asked = Request(purpose=Purpose.KEY_EXCHANGE, terminal="T07", stan=3, transmitted="1123193000")
    reply = Reply(purpose=Purpose.KEY_EXCHANGE, terminal="T07", stan=3, outcome=Outcome.APPROVED, code="", keys=keys)
    codec = Codec(dialect)
    came = dialect.read_reply(codec.decode(codec.encode(dialect.reply_message(dialect.request_message(asked), reply))))
    assert came.keys is not None
    return came.keys


@FORMS
def test_keys_come_out_of_the_message_as_they_went_in(form: str) -> None:
    delivery, pin_key, mac_key, wrapped = made(form)
    assert delivery.unwrap(MASTER, travelled(DIALECTS[form], wrapped)) == (pin_key, mac_key)


@FORMS
def test_keys_of_another_terminal_are_not_taken(form: str) -> None:
    delivery, pin_key, mac_key, wrapped = made(form)
    said = refusal(lambda: delivery.unwrap(OTHER_MASTER, wrapped), RemoteError)
    assert leaks(said, [pin_key.reveal(), mac_key.reveal(), wrapped.pin_key, wrapped.mac_key]) == []


@FORMS
@pytest.mark.parametrize("part", ["pin_key", "pin_check", "mac_key", "mac_check"])
def test_one_changed_digit_is_enough(form: str, part: str) -> None:
    delivery, _, _, wrapped = made(form)
    text = getattr(wrapped, part)
    damaged = replace(wrapped, **{part: text[:-1] + ("1" if text[-1] != "1" else "2")})
    with pytest.raises(RemoteError):
        delivery.unwrap(MASTER, damaged)


def test_key_blocks_say_what_a_key_is_for() -> None:
    delivery, _, _, wrapped = made("tr-31")
    swapped = WrappedKeys(wrapped.mac_key, wrapped.mac_check, wrapped.pin_key, wrapped.pin_check)
    with pytest.raises(RemoteError, match="usage M3; expected P0"):
        delivery.unwrap(MASTER, swapped)


def test_a_pin_key_of_two_equal_halves_is_not_taken() -> None:
    weak, strong = Key(bytes(range(8)) * 2), Key(bytes(range(30, 46)))
    keys = WrappedKeys(wrap_bare(MASTER, weak), weak.check_value, wrap_bare(MASTER, strong), strong.check_value)
    with pytest.raises(RemoteError, match="single DES"):
        BARE.unwrap(MASTER, keys)


def test_a_mac_key_that_the_rule_cannot_use_is_not_taken() -> None:
    """A block may hold a key of another length; a bare field cannot."""
    delivery, _, _, wrapped = made("tr-31")
    long = Key(bytes(range(24)))
    block = wrap_block(MASTER, long, KeyUsage.MAC_ISO_9797_3, bytes(FILLER_BYTES))
    with pytest.raises(RemoteError, match="cannot be put to work"):
        delivery.unwrap(MASTER, replace(wrapped, mac_key=block, mac_check=long.check_value))


@pytest.mark.parametrize(("what", "size"), [("pin_key_bytes", 8), ("mac_key_bytes", 24), ("pin_key_bytes", 10)])
def test_a_dialect_that_wants_keys_nobody_can_use_is_refused(what: str, size: int) -> None:
    rules = rules_of(DIALECTS["bare"])
    with pytest.raises(LocalError):
        KeyDelivery(replace(rules, keys=replace(rules.keys, **{what: size})))


def test_no_two_keys_are_alike() -> None:
    rng = Random(1)
    keys = [key for _ in range(50) for key in BARE.make(rng)]
    assert len({key.reveal() for key in keys}) == 100
