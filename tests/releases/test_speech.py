"""What a release reads and answers, message by message."""

import pytest
from msgspec.structs import replace

from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import Message, Outcome, Purpose, Reply, Request, WrappedKeys
from atmbench.releases.catalogue import shipped_release
from atmbench.releases.records import Behaviour, Release
from atmbench.releases.speech import Speech, hours_later, speech_of
from tests.messages.samples import BARE

DIALECT = load_dialect("iso87-ascii")
SPEECH = Speech(DIALECT, Codec(DIALECT))
ASKED = replace(BARE, transmitted="0105233010", local_time="260105233010")


def answered(speech: Speech, request: Request = ASKED, **more: object) -> tuple[Request, Message]:
    """What a speech makes of a request of the base, and how it answers it."""
    to = DIALECT.request_message(request)
    read = speech.read_request(to)
    reply = Reply(
        purpose=read.purpose,
        terminal=read.terminal,
        stan=read.stan,
        outcome=Outcome.APPROVED,
        code="",
        **more,  # type: ignore[arg-type]
    )
    return read, speech.reply_message(to, read, reply)


def speech(behaviour: Behaviour) -> Speech:
    return speech_of("N+1", Release(behaviour=behaviour), SPEECH)


def test_the_base_answers_as_its_dialect_does() -> None:
    read, message = answered(SPEECH)
    assert read.local_time == "0105233010"
    assert (message.fields[11], message.fields[12], message.fields[13]) == ("000007", "233010", "0105")


def test_a_host_of_another_zone_reads_and_answers_in_its_own() -> None:
    read, message = answered(speech(Behaviour(zone_h=1)))
    assert read.local_time == "0106003010"
    assert (message.fields[12], message.fields[13]) == ("003010", "0106")
    assert message.fields[11] == "000007"


def test_a_host_with_numbers_of_its_own_counts_them() -> None:
    numbered = speech(Behaviour(own_stan=True))
    assert [answered(numbered)[1].fields[11] for _ in range(2)] == ["500001", "500002"]


def test_keys_without_checks_have_zeros_there() -> None:
    keys = WrappedKeys("A" * 32, "B" * 6, "C" * 32, "D" * 6)
    asked = Request(purpose=Purpose.KEY_EXCHANGE, terminal="T01", stan=8, transmitted="0105233010")
    _, message = answered(speech(Behaviour(omits_key_checks=True)), asked, keys=keys)
    assert message.fields[48] == "A" * 32 + "0" * 6 + "C" * 32 + "0" * 6


def test_a_field_is_told_by_what_it_is_for() -> None:
    moved = speech_of("moved", shipped_release("reversal-reason-moved"), SPEECH)
    assert moved.value_in("56") == "reason"
    assert SPEECH.value_in("56") == ""
    assert SPEECH.value_in("90") == "original"
    assert SPEECH.value_in("t") == ""


def test_a_mac_range_is_another_one_only_where_it_was_changed() -> None:
    changed = speech_of("changed", shipped_release("changed-mac-range"), SPEECH)
    raw = bytes(changed.codec.encode(DIALECT.request_message(ASKED)))
    sealing, usual = changed.dialect.sealing, DIALECT.sealing
    assert sealing is not None
    assert usual is not None
    assert usual.text_of(raw, field=64) == raw[:4] + sealing.text_of(raw, field=64)


@pytest.mark.parametrize(
    ("local_time", "hours", "then"),
    [
        ("260105233010", 1, "260106003010"),
        ("1231233010", 1, "0101003010"),
        ("0101003010", -1, "1231233010"),
        ("0229120000", 1, "0229130000"),
        ("0230120000", 1, "0230120000"),
        ("", 1, ""),
    ],
)
def test_hours_later(local_time: str, hours: int, then: str) -> None:
    assert hours_later(local_time, hours) == then
