"""The guard with DUKPT: a key for each message with a PIN, named in it."""

from msgspec.structs import replace

from atmbench.drill.commands import CustomerDoes, DisturbCustomer
from atmbench.messages.records import Purpose, Request
from atmbench.security.dukpt_pin import initial_key, pin_key
from atmbench.security.dukpt_tdes import TdesSerialNumber
from atmbench.security.keys import Key
from atmbench.security.pin_block import unseal
from tests.fleet.scenery import BARE_PAN, ECHO, PAN, PIN_CHANGE, WITHDRAWAL, Scenery

GIVEN = initial_key(Key.parse("0123456789ABCDEFFEDCBA9876543210"), TdesSerialNumber.parse("FFFF9876543210E00000"))


def opened(sent: Request) -> list[str]:
    """The PINs of a request, opened with the DUKPT key that it names."""
    key = pin_key(GIVEN.key, TdesSerialNumber.parse(sent.key_serial))
    return [unseal(block, PAN, key) for block in (sent.pin_block, sent.new_pin_block) if block]


def test_each_message_has_a_pin_key_of_its_own_and_names_it() -> None:
    scene = Scenery(dukpt=GIVEN)
    sent = [scene.sent(WITHDRAWAL) for _ in range(3)]
    assert [each.key_serial[-1] for each in sent] == ["1", "2", "3"]
    assert [opened(each) for each in sent] == [["1234"]] * 3
    assert len({each.pin_block for each in sent}) == 3


def test_the_two_pins_of_a_change_are_under_one_key() -> None:
    scene = Scenery(dukpt=GIVEN)
    assert opened(scene.sent(PIN_CHANGE)) == ["1234", scene.holder.pin]
    assert scene.sent(WITHDRAWAL).key_serial[-1] == "2"


def test_a_copied_pin_pad_seals_under_the_key_before_and_the_true_one_goes_on() -> None:
    scene = Scenery(dukpt=GIVEN)
    scene.customer.disturb(DisturbCustomer(does=CustomerDoes.REPLAYS_PIN_KEY, times=2))
    sent = [scene.sent(WITHDRAWAL) for _ in range(4)]
    assert [each.key_serial[-1] for each in sent] == ["1", "1", "1", "2"], "there is nothing to replay before the first"
    assert [opened(each) for each in sent] == [["1234"]] * 4


def test_what_carries_no_pin_uses_up_no_key() -> None:
    scene = Scenery(dukpt=GIVEN)
    for request in (ECHO, replace(WITHDRAWAL, purpose=Purpose.REVERSAL), replace(WITHDRAWAL, pan=BARE_PAN)):
        assert scene.sent(request).key_serial == ""
    assert scene.sent(WITHDRAWAL).key_serial[-1] == "1"


def test_macs_are_made_with_the_keys_that_are_exchanged() -> None:
    scene = Scenery(dukpt=GIVEN)
    scene.change_keys(10.0)
    assert scene.pad.mac_keys(11.0)[0].key == scene.mac_key


def test_without_dukpt_no_key_is_named() -> None:
    assert Scenery().sent(WITHDRAWAL).key_serial == ""
