"""The dialect that fits bytes best comes first, and says why."""

import msgspec
import pytest

from atmbench.messages.codec import Codec
from atmbench.messages.dialect import dialect_names, load_dialect
from atmbench.messages.guessing import candidate, ranked
from atmbench.messages.records import Message
from tests.messages.samples import DIALECT, SIGN_ON, WITHDRAWAL

DIALECTS = [load_dialect(name) for name in dialect_names()]


@pytest.mark.parametrize("name", ["as2805", "base24-atm", "iso87-ascii", "iso93-ascii", "postilion-termapp-a"])
def test_a_dialect_is_recognised_by_its_own_messages(name: str) -> None:
    dialect = load_dialect(name)
    asked = msgspec.structs.replace(SIGN_ON, acquirer="123456")
    raw = Codec(dialect).encode(dialect.request_message(asked))
    best = ranked(raw, DIALECTS)[0]
    assert best.dialect.name == name
    assert best.is_complete
    assert best.because[0] == "read to the end"
    assert "it has all that this needs" in best.because


def test_all_others_follow_with_what_is_against_them() -> None:
    raw = Codec(DIALECT).encode(DIALECT.request_message(WITHDRAWAL))
    candidates = ranked(raw, DIALECTS)
    assert [each.score for each in candidates] == sorted((each.score for each in candidates), reverse=True)
    assert {each.dialect.name for each in candidates} == set(dialect_names())
    worst = candidates[-1]
    assert not worst.is_complete
    assert any(because.startswith("stopped at byte") for because in worst.because)


def score_of(fields: dict[int, str], mti: str = "0800") -> int:
    return candidate(Codec(DIALECT).encode(Message(mti, fields)), DIALECT).score


def test_message_type_mandatory_fields_and_dates_count() -> None:
    sign_on = dict(DIALECT.request_message(SIGN_ON).fields)
    good = score_of(sign_on)
    assert good > score_of({**sign_on, 7: "1399192959"})
    assert good > score_of({number: text for number, text in sign_on.items() if number != 70})
    assert good > score_of(sign_on, "0700")


def test_what_stands_where_it_must_not_counts_against_a_dialect() -> None:
    raw = Codec(DIALECT).encode(DIALECT.request_message(WITHDRAWAL))
    odd = candidate(raw.replace(b"LAGOS", b"LAG\x00S"), DIALECT)
    assert odd.is_complete
    assert odd.score < candidate(raw, DIALECT).score
    assert "1 field with what must not stand there" in odd.because
