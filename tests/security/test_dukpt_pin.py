"""PIN keys of either kind of DUKPT: the published ones, and the same at both ends."""

import pytest

from atmbench.errors import LocalError
from atmbench.security.dukpt import SerialNumber
from atmbench.security.dukpt_aes import AesSerialNumber
from atmbench.security.dukpt_pin import ALGORITHM, SERIAL_NUMBER, DukptKind, initial_key, pin_key
from atmbench.security.dukpt_tdes import TdesSerialNumber
from atmbench.security.keys import Algorithm, Key
from tests.security.secrecy import leaks

TDES_BASE = Key.parse("0123456789ABCDEFFEDCBA9876543210")
AES_BASE = Key.parse("FEDCBA9876543210F1F1F1F1F1F1F1F1", Algorithm.AES)
TDES_NUMBER = TdesSerialNumber.parse("FFFF9876543210E00000")
AES_NUMBER = AesSerialNumber.parse("123456789012345600000000")


@pytest.mark.parametrize(
    ("base", "number", "key"),
    [
        (TDES_BASE, TDES_NUMBER, "042666B49184CF5C68DE9628D0397B36"),
        (AES_BASE, AES_NUMBER, "AF8CB133A78F8DC2D1359F18527593FB"),
    ],
)
def test_the_first_pin_key_is_the_published_one(base: Key, number: SerialNumber, key: str) -> None:
    """Sources: iso8583 facts 4.7."""
    given = initial_key(base, number)
    assert given.number == number
    assert pin_key(given.key, number.next()).reveal().hex().upper() == key


def test_each_kind_has_its_serial_numbers_and_its_algorithm() -> None:
    assert {DukptKind.TDES: TdesSerialNumber, DukptKind.AES: AesSerialNumber} == SERIAL_NUMBER
    assert ALGORITHM == {DukptKind.TDES: Algorithm.TDES, DukptKind.AES: Algorithm.AES}


@pytest.mark.parametrize(("base", "number"), [(AES_BASE, TDES_NUMBER), (TDES_BASE, AES_NUMBER)])
def test_a_base_key_of_the_other_kind_is_refused(base: Key, number: SerialNumber) -> None:
    with pytest.raises(LocalError, match="DUKPT starts from"):
        initial_key(base, number)


def test_an_initial_key_does_not_show_itself() -> None:
    given = initial_key(TDES_BASE, TDES_NUMBER)
    assert (
        leaks(f"{given!r} {pin_key(given.key, TDES_NUMBER.next())!r}", [given.key.reveal(), TDES_BASE.reveal()]) == []
    )
