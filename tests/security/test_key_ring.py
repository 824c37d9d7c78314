"""Keys in use and keys before as transcripts: what happens when, and which keys count."""

from hypothesis import given
from hypothesis import strategies as st

from atmbench.security.key_ring import KeyPair, KeyRing, renewed, valid
from atmbench.security.keys import Key
from atmbench.security.pin_block import PinError, seal, unseal
from tests.security.secrecy import leaks, shown

OLD, NEW, NEXT = (
    KeyPair(Key(bytes(range(start, start + 16))), Key(bytes(range(start + 20, start + 36)))) for start in (1, 60, 120)
)
PAN = "9999990000000014"


def ring_of(*changes: tuple[KeyPair, float], grace_s: float = 0.0, most: int = 2) -> KeyRing:
    ring: KeyRing = renewed((), OLD, 100.0, grace_s=grace_s, most=most)
    for pair, now in changes:
        ring = renewed(ring, pair, now, grace_s=grace_s, most=most)
    return ring


def counting(ring: KeyRing, now: float) -> list[Key]:
    return [pair.pin for pair in valid(ring, now)]


def test_before_the_first_exchange_nothing_counts() -> None:
    assert valid((), 100.0) == ()


def test_keys_in_use_have_no_end() -> None:
    assert counting(ring_of(), 1e9) == [OLD.pin]


def test_the_old_keys_count_for_their_grace() -> None:
    ring = ring_of((NEW, 500.0), grace_s=30.0)
    assert counting(ring, 500.0) == counting(ring, 529.9) == [NEW.pin, OLD.pin]
    assert counting(ring, 530.0) == [NEW.pin]


def test_without_grace_the_old_keys_end_at_once() -> None:
    assert counting(ring_of((NEW, 500.0)), 500.0) == [NEW.pin]


def test_no_more_pairs_are_remembered_than_are_asked_for() -> None:
    changes = ((NEW, 500.0), (NEXT, 501.0))
    assert counting(ring_of(*changes, grace_s=30.0), 501.0) == [NEXT.pin, NEW.pin]
    assert counting(ring_of(*changes, grace_s=30.0, most=3), 501.0) == [NEXT.pin, NEW.pin, OLD.pin]


def test_the_same_keys_again_are_a_repeat() -> None:
    ring = ring_of((NEW, 500.0), grace_s=30.0)
    assert renewed(ring, KeyPair(NEW.pin, NEW.mac), 510.0, grace_s=30.0, most=2) is ring


def test_a_pin_under_the_old_key_arrives_one_message_after_the_change() -> None:
    """The test that iso8583 facts 1.11 ask for."""
    block = seal("1234", PAN, OLD.pin)
    ring = ring_of((NEW, 500.0), grace_s=5.0)
    assert opened(block, ring, 504.9) == ["1234"]
    assert opened(block, ring, 505.0) == []


def opened(block: str, ring: KeyRing, now: float) -> list[str]:
    pins = []
    for key in counting(ring, now):
        try:
            pins.append(unseal(block, PAN, key))
        except PinError:
            continue
    return pins


@given(st.lists(st.tuples(st.sampled_from([OLD, NEW, NEXT]), st.floats(0, 100)), max_size=8), st.floats(0, 50))
def test_the_last_keys_that_came_are_the_first_that_count(changes: list[tuple[KeyPair, float]], grace_s: float) -> None:
    ring, now = ring_of(grace_s=grace_s), 100.0
    for pair, wait in changes:
        now += wait
        ring = renewed(ring, pair, now, grace_s=grace_s, most=2)
        assert counting(ring, now)[0] == pair.pin
        assert len(set(counting(ring, now))) == len(counting(ring, now)) <= 2
        assert counting(ring, now + grace_s) == [pair.pin]


def test_a_record_of_keys_shows_check_values_only() -> None:
    ring = ring_of((NEW, 500.0), grace_s=30.0)
    for text in shown(ring):
        assert not leaks(text, [key.reveal() for pair in (OLD, NEW) for key in (pair.pin, pair.mac)])
    assert OLD.pin.check_value in repr(ring)
