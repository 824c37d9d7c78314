"""Key blocks: published ones, psec as the other side, and damage. Sources are those of iso8583 facts 4.5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psec import tr31 as psec_tr31

from atmbench.errors import LocalError
from atmbench.security.keys import Algorithm, Key
from atmbench.security.quiet import deprecated_name
from atmbench.security.tr31 import FILLER_BYTES, KeyBlockError, KeyHeader, KeyUsage, unwrap, wrap
from tests.security.secrecy import leaks, refusal

TDES_KBPK = Key.parse("DD7515F2BFC17F85CE48F3CA25CB21F6")
AES_KBPK = Key.parse("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6", Algorithm.AES)
PIN_KEY = Key.parse("3F419E1CB7079442AA37474C2EFBF8B8")
FILLER = bytes(range(FILLER_BYTES))
PROTECTIONS = {"A": TDES_KBPK, "B": TDES_KBPK, "C": TDES_KBPK, "D": AES_KBPK}
VERSIONS = pytest.mark.parametrize("version", list(PROTECTIONS))
KEYS = st.one_of(
    st.sampled_from([8, 16, 24]).flatmap(lambda size: st.binary(min_size=size, max_size=size)).map(Key),
    st.sampled_from([16, 24, 32])
    .flatmap(lambda size: st.binary(min_size=size, max_size=size))
    .map(lambda secret: Key(secret, Algorithm.AES)),
)
FILLERS = st.binary(min_size=FILLER_BYTES, max_size=FILLER_BYTES)
BLOCK_B = "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E"


def pin_header(version: str) -> KeyHeader:
    return KeyHeader(version=version, usage=KeyUsage.PIN, mode="E", exportability="E")


@pytest.mark.parametrize(
    ("protection", "key", "block"),
    [
        (
            Key.parse("89E88CF7931444F334BD7547FC3F380C"),
            Key.parse("F039121BEC83D26B169BDCD5B22AAF8F"),
            "A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701",
        ),
        (TDES_KBPK, PIN_KEY, BLOCK_B),
        (
            AES_KBPK,
            Key(PIN_KEY.reveal(), Algorithm.AES),
            "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A2"
            "7E8E31DA05F7425509593D03A457DC34",
        ),
        (
            AES_KBPK,
            Key(PIN_KEY.reveal(), Algorithm.AES),
            "D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3"
            "829DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77E7B19A73ED46E64410082557",
        ),
    ],
)
def test_a_published_block_holds_the_published_key(protection: Key, key: Key, block: str) -> None:
    found = unwrap(protection, block, [KeyUsage.PIN], modes="EB")
    assert found.key == key
    assert found.header == pin_header(block[0])


@VERSIONS
@given(key=KEYS, filler=FILLERS, usage=st.sampled_from(KeyUsage), mode=st.sampled_from("EDBGVCXN"))
def test_what_was_wrapped_is_unwrapped(version: str, key: Key, filler: bytes, usage: KeyUsage, mode: str) -> None:
    header = KeyHeader(version=version, usage=usage, mode=mode, key_version="12", exportability="S")
    found = unwrap(PROTECTIONS[version], wrap(PROTECTIONS[version], key, header, filler), [usage])
    assert (found.key, found.header) == (key, header)


@VERSIONS
@given(key=KEYS, filler=FILLERS)
def test_psec_reads_our_blocks_and_we_read_its(version: str, key: Key, filler: bytes) -> None:
    protection, secret = PROTECTIONS[version], key.reveal()
    ours = wrap(protection, key, pin_header(version), filler)
    with deprecated_name():
        assert psec_tr31.unwrap(protection.reveal(), ours)[1] == secret
        theirs = psec_tr31.wrap(protection.reveal(), ours[:16], secret)
    assert unwrap(protection, theirs, ["P0"]).key == key


@pytest.mark.parametrize("protection", [Key(bytes(range(24))), Key(bytes(range(24)), Algorithm.AES)])
def test_protection_keys_of_other_lengths_do_as_well(protection: Key) -> None:
    version = "D" if protection.algorithm is Algorithm.AES else "B"
    block = wrap(protection, PIN_KEY, pin_header(version), FILLER)
    with deprecated_name():
        assert psec_tr31.unwrap(protection.reveal(), block)[1] == PIN_KEY.reveal()
    assert unwrap(protection, block, ["P0"]).key == PIN_KEY


def test_a_block_with_optional_blocks_is_read() -> None:
    header = psec_tr31.Header("B", "P0", "T", "E", "00", "E")
    header.blocks["KS"] = "00604B120F9292800000"
    with deprecated_name():
        block = psec_tr31.wrap(TDES_KBPK.reveal(), header, PIN_KEY.reveal())
    assert unwrap(TDES_KBPK, block, ["P0"]).key == PIN_KEY


@VERSIONS
def test_every_flipped_bit_is_seen(version: str) -> None:
    block = wrap(PROTECTIONS[version], PIN_KEY, pin_header(version), FILLER)
    for at, bit in ((at, bit) for at in range(len(block)) for bit in range(7)):
        altered = block[:at] + chr(ord(block[at]) ^ 1 << bit) + block[at + 1 :]
        with pytest.raises(KeyBlockError) as caught:
            unwrap(PROTECTIONS[version], altered, ["P0"])
        assert not leaks(str(caught.value), [PIN_KEY.reveal(), PROTECTIONS[version].reveal()])


@VERSIONS
def test_another_protection_key_does_not_open_it(version: str) -> None:
    block = wrap(PROTECTIONS[version], PIN_KEY, pin_header(version), FILLER)
    other = Key(bytes(range(len(PROTECTIONS[version].reveal()))), PROTECTIONS[version].algorithm)
    with pytest.raises(KeyBlockError, match=f"not authentic under the key with check value {other.check_value}"):
        unwrap(other, block, ["P0"])


@given(st.text(max_size=120) | st.text("0123456789ABCDEFP", min_size=16, max_size=90).map(lambda tail: f"B{tail}"))
def test_any_text_is_refused_as_no_key_block(text: str) -> None:
    assert refusal(lambda: unwrap(TDES_KBPK, text, ["P0"]), KeyBlockError)


def test_a_block_of_another_version_is_refused() -> None:
    with pytest.raises(KeyBlockError, match="has version B, which does not go with our protection key for aes"):
        unwrap(AES_KBPK, BLOCK_B, ["P0"])


def test_a_key_for_another_use_is_refused() -> None:
    with pytest.raises(KeyBlockError, match="holds a key for usage P0; expected M3 or M6"):
        unwrap(TDES_KBPK, BLOCK_B, [KeyUsage.MAC_ISO_9797_3, KeyUsage.MAC_CMAC])
    with pytest.raises(KeyBlockError, match="holds a key for mode E; expected D"):
        unwrap(TDES_KBPK, BLOCK_B, ["P0"], modes="D")


def test_what_is_no_key_inside_is_refused() -> None:
    with deprecated_name():
        blocks = [
            psec_tr31.wrap(TDES_KBPK.reveal(), "B0000P0TE00E0000", bytes(10)),
            psec_tr31.wrap(TDES_KBPK.reveal(), "B0000P0RE00E0000", bytes(16)),
        ]
    for block in blocks:
        with pytest.raises(KeyBlockError, match="no TDES or AES key"):
            unwrap(TDES_KBPK, block, ["P0"])


def test_wrapping_nonsense_is_our_fault() -> None:
    single = Key(bytes(8))
    for refused in (
        lambda: wrap(TDES_KBPK, PIN_KEY, pin_header("B"), b""),
        lambda: wrap(TDES_KBPK, PIN_KEY, pin_header("D"), FILLER),
        lambda: wrap(AES_KBPK, PIN_KEY, pin_header("B"), FILLER),
        lambda: wrap(single, PIN_KEY, pin_header("B"), FILLER),
        lambda: wrap(TDES_KBPK, PIN_KEY, pin_header("E"), FILLER),
        lambda: wrap(TDES_KBPK, PIN_KEY, KeyHeader(version="B", usage="P"), FILLER),
    ):
        assert not leaks(refusal(refused, LocalError), [PIN_KEY.reveal(), TDES_KBPK.reveal()])
