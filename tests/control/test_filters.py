"""Which lines of a history a follower wants, by their first bytes."""

import msgspec
import pytest

from atmbench import facts
from atmbench.control.filters import ALL, VALUES_MAX, Filter, missed, numbered, read_filter
from atmbench.errors import LocalError
from atmbench.facts import stamp, to_line


def line(fact: facts.Fact, actor: str, t: float = 1.5) -> bytes:
    stamp(fact, t, actor)
    return to_line(fact).rstrip(b"\n")


TAKEN = line(facts.CashTaken(key="T01/1", amount_minor=5000), "T01")
UP = line(facts.LineUp(line="primary"), "T01/primary")
STARTED = line(facts.FaultStarted(name="x", kind="delay", detail={"key": "T01/1", "actor": "T02"}), "conductor", 0.0)
ODD = line(facts.LineUp(line='a"b'), 'T"1', 2.0)
LINES = [TAKEN, UP, STARTED, ODD]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, LINES),
        ({"kind": "cash_taken"}, [TAKEN]),
        ({"kind": "cash_taken, line_up"}, [TAKEN, UP, ODD]),
        ({"actor": "T01"}, [TAKEN, UP]),
        ({"actor": "T01/primary"}, [UP]),
        ({"actor": "T02"}, []),
        ({"actor": "conductor"}, [STARTED]),
        ({"actor": 'T"1'}, [ODD]),
        ({"key": "T01/1"}, [TAKEN]),
        ({"key": "T01/2"}, []),
        ({"kind": "line_up", "actor": "T01"}, [UP]),
    ],
)
def test_filters_go_by_kind_actor_and_key(query: dict[str, str], wanted: list[bytes]) -> None:
    found = read_filter(**query)
    assert [each for each in LINES if found.wants(each)] == wanted


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"kind": "cash"}, "kind: found 'cash', meant a kind of fact"),
        ({"actor": ",".join("abc" for _ in range(VALUES_MAX + 1))}, "actor: found 51 values, meant at most 50"),
        ({"key": "k" * 201}, "key: found 1 values"),
    ],
)
def test_what_can_never_fit_is_refused(query: dict[str, str], says: str) -> None:
    with pytest.raises(LocalError, match=says):
        read_filter(**query)


def test_lines_get_their_numbers_by_bytes_and_stay_json() -> None:
    told = numbered(7, LINES, ALL).splitlines()
    assert [msgspec.json.decode(each)["seq"] for each in told] == [7, 8, 9, 10]
    assert [each.replace(b'"seq":%d,' % number, b"", 1) for number, each in enumerate(told, start=7)] == LINES
    some = numbered(7, LINES, Filter(kinds=frozenset({b"line_up"}))).splitlines()
    assert [msgspec.json.decode(each)["seq"] for each in some] == [8, 10]
    assert msgspec.json.decode(missed(3, 9)) == {"missed": {"from": 3, "to": 9}}


def test_every_kind_of_fact_can_be_told_by_its_first_bytes() -> None:
    for kind in facts.AnyFact.__args__:
        tag = str(kind.__struct_config__.tag)
        text = b'{"fact":"%b","t":3.25,"actor":"T01"' % tag.encode()
        assert Filter(kinds=frozenset({tag.encode()}), actors=frozenset({b"T01"})).wants(text)
