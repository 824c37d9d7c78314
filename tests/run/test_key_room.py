"""Keys of a run: the same seed gives the same, both ends have them, and a drill says when they change."""

from random import Random

import msgspec
import pytest

from atmbench.drill.records import Drill, Heal, Population, SecuritySettings
from atmbench.errors import LocalError
from atmbench.host.authorizer import chip_bytes
from atmbench.messages.dialect import load_dialect, parse_dialect
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import Purpose
from atmbench.run.key_room import KeyRoom, needs_keys
from atmbench.run.population import build_customers
from atmbench.security.dukpt_pin import pin_key
from atmbench.security.emv_card import terminal_data
from atmbench.security.emv_issuer import ChipRequest
from atmbench.security.key_ring import KeyLife
from atmbench.security.pin_block import seal
from atmbench.security.tlv import build
from tests.security.secrecy import leaks

DIALECT = load_dialect("iso87-ascii")
PAN = "9999990000000014"
ON = SecuritySettings()


def drill(security: SecuritySettings | None = ON, *, pins: bool = True) -> Drill:
    return Drill(drill="d", proves="p", heal=Heal(at=1.0), terminals=3, cards=Population(pins=pins), security=security)


def room(security: SecuritySettings | None = ON, seed: int = 1) -> KeyRoom:
    return KeyRoom(drill(security), DIALECT, seed)


@pytest.mark.parametrize(
    ("security", "pins", "needed"),
    [(None, False, False), (None, True, True), (ON, False, True), (ON, True, True)],
)
def test_keys_are_needed_for_pins_or_sealed_lines(security: SecuritySettings | None, pins: bool, needed: bool) -> None:
    assert needs_keys(drill(security, pins=pins)) is needed


def test_the_same_seed_gives_the_same_keys_and_another_seed_others() -> None:
    first, again, other = (room(seed=seed).injected("T01").master for seed in (1, 1, 2))
    assert first == again != other


def test_every_terminal_has_a_master_key_of_its_own() -> None:
    masters = [room().injected(f"T0{number}").master for number in range(1, 4)]
    assert len({master.reveal() for master in masters}) == 3


def test_with_security_keys_are_exchanged_and_wrapped_for_the_terminal_that_asked() -> None:
    keys = room()
    assert keys.injected("T01").first_keys is None
    assert keys.key_life is not None
    module = keys.security_module()
    wrapped = module.exchange("A", "T01", 1, 0.0)
    pin_key, mac_key = KeyDelivery(keys.rules).unwrap(keys.injected("T01").master, wrapped)
    assert module.mac_keys("B", "T01", 0.0)[0].key == mac_key
    assert module.open_pin("A", "T01", seal("1234", PAN, pin_key), PAN, 0.0) == "1234"


def test_without_security_both_ends_have_the_same_keys_from_the_start_and_never_exchange_any() -> None:
    keys = room(None)
    first = keys.injected("T01").first_keys
    assert first is not None
    assert keys.key_life is None
    assert not keys.seals
    block = seal("1234", PAN, first[0])
    assert keys.security_module().open_pin("B", "T01", block, PAN, 0.0) == "1234"


def test_the_terminals_of_the_drill_and_no_others_are_known() -> None:
    module = room().security_module()
    assert [module.knows(name) for name in ("T01", "T03", "T04")] == [True, True, False]


def test_the_life_of_keys_is_that_of_the_dialect_unless_the_drill_says_another() -> None:
    rules = DIALECT.security
    assert rules is not None
    assert room().key_life == rules.keys.life
    life = room(SecuritySettings(key_life=KeyLife(seconds=30, uses=7, grace_s=5))).key_life
    assert life is not None
    assert (life.seconds, life.uses, life.grace_s) == (30, 7, 5)


@pytest.mark.parametrize("mac", [True, False])
def test_a_drill_says_whether_messages_are_sealed(mac: bool) -> None:
    assert room(SecuritySettings(mac=mac)).seals is mac


def test_cards_have_pins_and_chips_where_the_drill_says_so() -> None:
    chipped = drill(SecuritySettings(chips=True))
    cards = build_customers(chipped, 1).cards
    keys = KeyRoom(chipped, DIALECT, 1)
    holders = keys.holders(cards)
    holder = holders[cards[0].pan]
    assert holder.pin == cards[0].pin != ""
    assert holder.chip is not None
    assert keys.security_module().checks_chips
    assert all(each.chip is None for each in room().holders(cards).values())
    assert not room().security_module().checks_chips


def test_the_issuer_knows_its_cards() -> None:
    chipped = drill(SecuritySettings(chips=True))
    keys = KeyRoom(chipped, DIALECT, 1)
    card = build_customers(chipped, 1).cards[0]
    chip = keys.holders((card,))[card.pan].chip
    assert chip is not None
    module = keys.security_module()
    signed = terminal_data(
        amount="000000005000",
        currency="566",
        country="566",
        date="260105",
        transaction_type=module.service_code(Purpose.WITHDRAWAL),
        unpredictable=bytes(4),
    )
    asked = ChipRequest(
        pan=card.pan,
        amount="000000005000",
        processing_code="010000",
        currency="566",
        chip=chip_bytes(build(chip.request(signed)).hex()),
    )
    checked = module.check_chip(asked, 0)
    assert chip.accepts(module.answer_chip(checked))


def test_a_dialect_that_says_nothing_of_security_is_refused_with_its_name() -> None:
    bare = parse_dialect("extends: iso87-ascii\ndescribes: no security\n", "bare")
    bare.security = None
    with pytest.raises(LocalError, match="the dialect bare says nothing of PINs, MACs and keys"):
        KeyRoom(drill(), bare, 1)


NIBSS = load_dialect("nibss")
EACH_PIN = SecuritySettings(dukpt=True)


def test_every_terminal_has_an_initial_key_of_its_own_and_the_host_opens_what_it_seals() -> None:
    keys = KeyRoom(drill(EACH_PIN), NIBSS, 1)
    given = [keys.injected(name).dukpt for name in ("T01", "T02", "T03")]
    assert [each.number.text for each in given if each] == [f"FFFF0000010000{at:X}00000" for at in (2, 4, 6)]
    first, second, _ = given
    assert first is not None
    assert second is not None
    assert first.key != second.key
    number = first.number.next()
    block = seal("1234", PAN, pin_key(first.key, number))
    module = keys.security_module()
    assert module.dukpt_number("T01", number.text, 0) == number
    assert module.open_pin("B", "T01", block, PAN, 0.0, number) == "1234"


def test_without_dukpt_there_is_no_initial_key() -> None:
    assert KeyRoom(drill(), NIBSS, 1).injected("T01").dukpt is None
    assert not KeyRoom(drill(), NIBSS, 1).security_module().uses_dukpt


def test_dukpt_in_a_dialect_without_a_place_for_it_says_what_to_write() -> None:
    with pytest.raises(LocalError, match="the dialect iso87-ascii has no place for DUKPT; take one with `security"):
        KeyRoom(drill(EACH_PIN), DIALECT, 1)


def test_a_room_shows_no_key() -> None:
    keys = room()
    injected = keys.injected("T01")
    made = KeyDelivery(keys.rules).make(Random(1))
    secrets: list[bytes | str] = [key.reveal() for key in (injected.master, *made)]
    assert leaks(f"{vars(keys)!r} {injected!r} {msgspec.structs.asdict(injected)!r}", secrets) == []
