"""Working keys at the sites: who holds which, for how long, and what is said when an exchange is asked for again."""

from random import Random

import pytest
from msgspec.structs import replace

from atmbench.errors import LocalError, RemoteError
from atmbench.host.security_module import ANSWERS_KEPT_MAX, GENERATIONS_MAX, SecurityModule
from atmbench.host.settings import PinCheck
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import WrappedKeys
from atmbench.security.key_ring import KeyLife
from atmbench.security.keys import Key
from atmbench.security.pin_block import PinError, seal
from tests.host.play import MASTER, PIN_PAN, RULES
from tests.security.secrecy import leaks

GRACE_S = 60.0
PVK = Key(bytes(range(50, 66)))
DELIVERY = KeyDelivery(RULES)


def module(grace_s: float = GRACE_S, pin_check: PinCheck = PinCheck.OFFSET) -> SecurityModule:
    """One whose terminals must ask for keys."""
    rules = replace(RULES, keys=replace(RULES.keys, life=KeyLife(grace_s=grace_s)))
    return SecurityModule(
        ("A", "B"), rules, master=lambda _: MASTER, rng=Random(1), pin_key=PVK, pin_check=pin_check, terminals=["T01"]
    )


def pin_key(keys: WrappedKeys) -> Key:
    return DELIVERY.unwrap(MASTER, keys)[0]


def mac_checks(host: SecurityModule, site: str, now: float) -> list[str]:
    return [each.key.check_value for each in host.mac_keys(site, "T01", now)]


def opens(host: SecurityModule, keys: WrappedKeys, now: float, site: str = "A") -> bool:
    """Whether a PIN that was sealed under these keys can be read at a site."""
    try:
        return host.open_pin(site, "T01", seal("1234", PIN_PAN, pin_key(keys)), PIN_PAN, now) == "1234"
    except PinError:
        return False


def test_there_are_no_keys_before_the_first_exchange_and_then_at_both_sites() -> None:
    host = module()
    assert host.mac_keys("A", "T01", 0) == ()
    with pytest.raises(PinError, match="has not asked for keys yet"):
        host.open_pin("A", "T01", "00" * 8, PIN_PAN, 0)
    keys = host.exchange("A", "T01", 1, 0)
    assert mac_checks(host, "A", 1) == mac_checks(host, "B", 1) == [keys.mac_check]
    assert opens(host, keys, 1, "A")
    assert opens(host, keys, 1, "B")


def test_the_keys_of_before_count_for_the_grace_time_at_both_sites() -> None:
    host = module()
    first = host.exchange("A", "T01", 1, 0)
    second = host.exchange("A", "T01", 2, 100)
    for site in ("A", "B"):
        assert mac_checks(host, site, 100 + GRACE_S - 1) == [second.mac_check, first.mac_check]
        assert opens(host, first, 100 + GRACE_S - 1, site), "it was on its way when the keys changed"
        assert mac_checks(host, site, 100 + GRACE_S) == [second.mac_check]
        assert not opens(host, first, 100 + GRACE_S, site)
        assert opens(host, second, 100 + GRACE_S, site)


def test_without_a_grace_the_old_keys_end_at_once() -> None:
    host = module(grace_s=0)
    first = host.exchange("A", "T01", 1, 0)
    second = host.exchange("A", "T01", 2, 1)
    assert mac_checks(host, "A", 1) == [second.mac_check]
    assert not opens(host, first, 1)


def test_a_lost_answer_does_not_cut_the_grace_of_the_keys_that_are_in_use() -> None:
    host = module()
    in_use = host.exchange("A", "T01", 1, 0)
    host.exchange("A", "T01", 2, 100)  # the terminal never gets these
    newest = host.exchange("A", "T01", 3, 140)
    assert opens(host, in_use, 140 + 5)
    assert in_use.mac_check in mac_checks(host, "B", 140 + 5)
    assert mac_checks(host, "A", 140 + 5)[0] == newest.mac_check
    assert not opens(host, in_use, 100 + GRACE_S), "its own grace still ends"


def test_no_more_than_so_many_generations_are_kept() -> None:
    host = module(grace_s=1e6)
    given = [host.exchange("A", "T01", stan, stan).mac_check for stan in range(20)]
    assert mac_checks(host, "A", 20) == given[::-1][:GENERATIONS_MAX]


def test_the_repeat_of_an_exchange_brings_the_same_keys_even_if_it_is_an_old_one() -> None:
    host = module()
    answers = {stan: host.exchange("A", "T01", stan, stan) for stan in range(1, ANSWERS_KEPT_MAX + 2)}
    for stan in range(2, ANSWERS_KEPT_MAX + 2):
        assert host.given_before("T01", stan) == answers[stan]
    assert host.given_before("T01", 1) is None, "bounded"
    assert host.given_before("T02", 2) is None


def test_only_terminals_of_the_bank_are_known() -> None:
    assert module().knows("T01")
    assert not module().knows("T0?")


# --- a site with old keys --------------------------------------------------------------------------


def test_a_site_that_holds_old_keys_has_those_of_before_and_hears_of_no_new_ones() -> None:
    host = module()
    first = host.exchange("A", "T01", 1, 0)
    second = host.exchange("A", "T01", 2, 100)
    host.hold_old_keys("B")
    assert mac_checks(host, "B", 111) == [first.mac_check]
    assert not opens(host, second, 111, "B")
    third = host.exchange("A", "T01", 3, 120)
    assert mac_checks(host, "B", 121) == [first.mac_check]
    host.share_keys("B")
    assert mac_checks(host, "B", 122)[0] == third.mac_check


def test_a_site_with_old_keys_whose_terminals_never_changed_theirs_has_others() -> None:
    host = module()
    only = host.exchange("A", "T01", 1, 0)
    host.hold_old_keys("B")
    assert only.mac_check not in mac_checks(host, "B", 1)
    assert mac_checks(host, "A", 1) == [only.mac_check]


def test_an_exchange_repairs_the_site_that_makes_it_and_the_other_too() -> None:
    host = module()
    host.exchange("A", "T01", 1, 0)
    in_use = host.exchange("A", "T01", 2, 100)
    host.hold_old_keys("B")
    repaired = host.exchange("B", "T01", 3, 120)
    assert mac_checks(host, "B", 121)[0] == mac_checks(host, "A", 121)[0] == repaired.mac_check
    assert opens(host, in_use, 121, "A"), "A had the keys in use, and keeps them for their grace"


def test_keys_are_shared_again_even_if_every_site_missed_something() -> None:
    host = module()
    host.exchange("A", "T01", 1, 0)
    host.hold_old_keys("A")
    host.hold_old_keys("B")
    newest = host.exchange("B", "T01", 2, 2)
    assert mac_checks(host, "A", 3)[0] != newest.mac_check
    host.share_keys("A")
    assert mac_checks(host, "A", 4)[0] == newest.mac_check


def test_a_site_with_old_master_keys_gives_out_keys_that_no_pin_pad_can_open() -> None:
    host = module()
    host.hold_old_keys("B", with_master=True)
    with pytest.raises(RemoteError):
        KeyDelivery(RULES).unwrap(MASTER, host.exchange("B", "T01", 1, 0))
    host.share_keys("B")
    KeyDelivery(RULES).unwrap(MASTER, host.exchange("B", "T01", 2, 1))


# --- PINs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pin_check", PinCheck)
def test_only_the_right_pin_has_a_reference(pin_check: PinCheck) -> None:
    host = module(pin_check=pin_check)
    reference = host.reference(PIN_PAN, "1234")
    assert reference != "1234"
    assert host.is_pin(PIN_PAN, "1234", reference)
    assert not host.is_pin(PIN_PAN, "1235", reference)
    assert not host.is_pin(PIN_PAN, "123456", reference), "a PIN of another length is a wrong one"


def test_a_pvv_cannot_stand_for_a_longer_pin() -> None:
    assert module().takes("12345")
    assert not module(pin_check=PinCheck.PVV).takes("12345")
    assert module(pin_check=PinCheck.PVV).takes("1234")


def test_a_module_without_a_key_for_pins_says_so() -> None:
    host = SecurityModule(("A",), RULES, master=lambda _: MASTER, rng=Random(1))
    with pytest.raises(LocalError, match="no key to verify PINs"):
        host.reference(PIN_PAN, "1234")


def test_what_comes_out_shows_no_key() -> None:
    host = module()
    keys = host.exchange("A", "T01", 1, 0)
    secrets: list[bytes | str] = [key.reveal() for key in (*DELIVERY.unwrap(MASTER, keys), MASTER, PVK)]
    [mac_key] = host.mac_keys("A", "T01", 1)
    assert leaks(f"{host!r} {host.mac_keys('A', 'T01', 1)!r} {mac_key} {keys}", secrets) == []
    assert leaks(repr(keys), [keys.pin_key, keys.mac_key]) == []
