"""Working keys on their way: published and self-made pairs, and what must not be taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.security.key_exchange import KeyExchangeError, unwrap_bare, unwrap_block, wrap_bare, wrap_block
from atmbench.security.keys import Algorithm, Key
from atmbench.security.tr31 import FILLER_BYTES, KeyBlockError, KeyUsage
from tests.security.secrecy import leaks, refusal

MASTER = Key.parse("0123456789ABCDEFFEDCBA9876543210")
AES_MASTER = Key(bytes(range(32)), Algorithm.AES)
PIN_KEY = Key.parse("89E88CF7931444F334BD7547FC3F380C")
WRAPPED = "CFF5852E9A2DCC4E4AC9C15F5A5CE07D"
SECRETS = st.sampled_from([8, 16, 24]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


def test_a_pin_key_under_a_terminal_master_key() -> None:
    """Iso8583 facts 4.4: a check pair made there."""
    assert wrap_bare(MASTER, PIN_KEY) == WRAPPED
    assert PIN_KEY.check_value == "D1D812"
    assert unwrap_bare(MASTER, WRAPPED, "D1D812") == PIN_KEY


@given(SECRETS)
def test_what_was_wrapped_is_unwrapped(secret: bytes) -> None:
    key = Key(secret)
    assert unwrap_bare(MASTER, wrap_bare(MASTER, key), key.check_value) == key


@given(st.sampled_from([16, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_aes_keys_travel_as_well(secret: bytes) -> None:
    key = Key(secret, Algorithm.AES)
    assert unwrap_bare(AES_MASTER, wrap_bare(AES_MASTER, key), key.check_value, Algorithm.AES) == key


def test_a_key_with_another_check_value_is_not_taken() -> None:
    refused = refusal(lambda: unwrap_bare(MASTER, WRAPPED, "D1D813"), KeyExchangeError)
    assert "ours has 08D7B4" in refused
    assert not leaks(refused, [PIN_KEY.reveal(), MASTER.reveal(), "D1D812"])
    with pytest.raises(KeyExchangeError):
        unwrap_bare(MASTER, WRAPPED, "")
    with pytest.raises(KeyExchangeError):
        unwrap_bare(Key(bytes(range(16))), WRAPPED, "D1D812")


def test_every_flipped_bit_of_a_wrapped_key_is_seen() -> None:
    sealed = int(WRAPPED, 16)
    for bit in range(128):
        with pytest.raises(KeyExchangeError):
            unwrap_bare(MASTER, f"{sealed ^ 1 << bit:032X}", "D1D812")


@pytest.mark.parametrize("wrapped", ["", "CF", WRAPPED[:-2], WRAPPED[:-1] + "G", WRAPPED * 2])
def test_what_is_no_key_is_not_taken(wrapped: str) -> None:
    with pytest.raises(KeyExchangeError, match="the wrapped key"):
        unwrap_bare(MASTER, wrapped, "D1D812")


def test_a_key_that_is_no_whole_blocks_is_not_sent() -> None:
    with pytest.raises(LocalError, match="a master key for AES wraps 16 or 32 bytes"):
        wrap_bare(AES_MASTER, Key(bytes(24)))


@pytest.mark.parametrize(("master", "version"), [(MASTER, "B"), (AES_MASTER, "D")])
def test_a_key_travels_as_a_block_for_its_usage(master: Key, version: str) -> None:
    block = wrap_block(master, PIN_KEY, KeyUsage.PIN, bytes(FILLER_BYTES))
    assert block.startswith(version)
    assert unwrap_block(master, block, KeyUsage.PIN) == PIN_KEY
    with pytest.raises(KeyBlockError, match="usage P0; expected M3"):
        unwrap_block(master, block, KeyUsage.MAC_ISO_9797_3)
