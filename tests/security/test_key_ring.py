"""Current and previous key as transcripts: what happens when, and which keys count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.security.key_ring import AS2805_LIFE_S, AS2805_LIFE_USES, KeyLife, WorkingKeys
from atmbench.security.keys import Key
from atmbench.security.pin_block import PinError, seal, unseal
from tests.security.secrecy import leaks, shown

OLD, NEW, NEXT = (Key(bytes(range(start, start + 16))) for start in (1, 40, 80))
PAN = "9999990000000014"


def keys(**life: float | int | None) -> WorkingKeys:
    return WorkingKeys.first("tpk", OLD, 100.0, KeyLife(**life))  # type: ignore[arg-type]


def test_a_key_without_a_life_is_never_due() -> None:
    ring = keys()
    assert ring.deadline is None
    assert not ring.is_due(1e9)
    assert ring.candidates(1e9) == (OLD,)


def test_a_key_is_due_after_its_time() -> None:
    ring = keys(seconds=AS2805_LIFE_S)
    assert ring.deadline == 3700.0
    assert not ring.is_due(3699.9)
    assert ring.is_due(3700.0)


def test_a_key_is_due_after_its_uses() -> None:
    ring = keys(uses=AS2805_LIFE_USES)
    for _ in range(AS2805_LIFE_USES - 1):
        ring = ring.used()
    assert not ring.is_due(100.0)
    assert ring.used().is_due(100.0)
    assert ring.used().changed(NEW, 200.0).uses == 0


def test_the_old_key_counts_for_its_grace() -> None:
    ring = keys(seconds=1000.0, grace_s=30.0).changed(NEW, 500.0)
    assert ring.candidates(500.0) == ring.candidates(529.9) == (NEW, OLD)
    assert ring.deadline == 530.0
    assert ring.candidates(530.0) == (NEW,)
    assert ring.without_old(529.9) == ring
    assert ring.without_old(530.0).deadline == 1500.0
    assert not ring.is_due(530.0)


def test_without_grace_the_old_key_ends_at_once() -> None:
    assert keys().changed(NEW, 500.0).candidates(500.0) == (NEW,)


def test_the_key_before_the_last_never_counts() -> None:
    assert keys(grace_s=30.0).changed(NEW, 500.0).changed(NEXT, 501.0).candidates(501.0) == (NEXT, NEW)


def test_the_same_key_again_is_a_repeat() -> None:
    ring = keys(grace_s=30.0).changed(NEW, 500.0)
    assert ring.changed(NEW, 510.0) is ring


def test_a_pin_under_the_old_key_arrives_one_message_after_the_change() -> None:
    """The test that iso8583 facts 1.11 ask for."""
    block = seal("1234", PAN, OLD)
    ring = keys(grace_s=5.0).changed(NEW, 500.0)
    assert opened(block, ring, 504.9) == ["1234"]
    assert opened(block, ring, 505.0) == []


def opened(block: str, ring: WorkingKeys, now: float) -> list[str]:
    pins = []
    for key in ring.candidates(now):
        try:
            pins.append(unseal(block, PAN, key))
        except PinError:
            continue
    return pins


@given(st.lists(st.tuples(st.sampled_from([OLD, NEW, NEXT]), st.floats(0, 100)), max_size=8), st.floats(0, 50))
def test_the_last_key_that_came_is_the_first_that_counts(changes: list[tuple[Key, float]], grace_s: float) -> None:
    ring, now = keys(grace_s=grace_s), 100.0
    for key, wait in changes:
        now += wait
        ring = ring.changed(key, now)
        assert ring.candidates(now)[0] == key
        assert len(set(ring.candidates(now))) == len(ring.candidates(now)) <= 2
        assert ring.candidates(now + grace_s) == (key,)


@pytest.mark.parametrize("life", [{"seconds": 0.0}, {"seconds": -1.0}, {"uses": 0}, {"grace_s": -0.1}])
def test_a_life_that_cannot_be_is_refused(life: dict[str, float]) -> None:
    with pytest.raises(LocalError, match=r"a (key life|grace) of"):
        keys(**life)


def test_a_record_of_keys_shows_check_values_only() -> None:
    ring = keys(grace_s=30.0).changed(NEW, 500.0)
    for text in shown(ring):
        assert not leaks(text, [OLD.reveal(), NEW.reveal()])
    assert OLD.check_value in repr(ring)
