"""In what the answers of two hosts differ, and what that is put down to."""

import pytest

from atmbench.audit.drift import Answer, Difference, Drift, Probe, compare

BIN = "999999"


def answer(outcome: str = "approved", code: str = "00", local_time: str = "0105090000", **fields: str) -> Answer:
    named = {name.removeprefix("f"): text for name, text in fields.items()}
    return Answer(
        fields=named,
        shown={name: f"({text})" for name, text in named.items()},
        outcome=outcome,
        code=code,
        local_time=local_time,
    )


def refused(because: str) -> Answer:
    return Answer(refused=because)


def drift(*pairs: tuple[Answer, Answer], bins: tuple[str, ...] = ()) -> Drift:
    probes = [Probe(f"probe {n}", bins[n - 1] if bins else BIN) for n in range(1, len(pairs) + 1)]
    return compare("left", "right", probes, pairs, volatile={"7": "the time"}, name_of=lambda field: f"name of {field}")


def test_the_same_answers_are_no_drift() -> None:
    found = drift((answer(f4="1", f7="x"), answer(f4="1", f7="y")), (refused("timeout"), refused("timeout")))
    assert found.is_none
    assert (found.a, found.b, found.probes, found.differing, found.named) == ("left", "right", 2, 0, ())
    assert found.volatile == {"7": "the time"}


def test_a_field_is_told_once_with_the_first_probe_that_shows_it_masked() -> None:
    found = drift(
        (answer(f4="1"), answer(f4="1")),
        (answer(f4="1", f11="a", f2="p"), answer(f4="2", f11="a")),
        (answer(f4="1"), answer(f4="3")),
        (refused("timeout"), answer()),
        (answer(), refused("closed")),
    )
    assert not found.is_none
    assert found.differing == 4
    assert found.differences == (
        Difference("answer", "name of answer", 2, 4, "probe 4", "timeout", "given"),
        Difference("2", "name of 2", 1, 2, "probe 2", "(p)", ""),
        Difference("4", "name of 4", 2, 2, "probe 2", "(1)", "(2)"),
    )


def test_fields_stand_in_the_order_of_their_numbers() -> None:
    found = drift((answer(f4="1", f102="1", f38="1"), answer(f4="2", f102="2", f38="2")))
    assert [each.field for each in found.differences] == ["4", "38", "102"]


def test_two_hosts_that_refuse_otherwise_differ_in_the_answer_only() -> None:
    found = drift((refused("timeout"), refused("closed")))
    assert [(each.field, each.a, each.b) for each in found.differences] == [("answer", "timeout", "closed")]
    assert found.named == ()


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        (
            [(answer(), answer(local_time="0105100000"))] * 2,
            ("time zone: local times of right are 1 h ahead of those of left (2 probes)",),
        ),
        (
            [(answer(local_time="20260105100000"), answer(local_time="260105080000"))],
            ("time zone: local times of right are 2 h behind those of left (1 probe)",),
        ),
        ([(answer("card_unknown", "14"), answer())] * 2, (f"missing BIN: left knows no card of {BIN} (2 probes)",)),
        ([(answer(), answer("card_unknown", "14"))], (f"missing BIN: right knows no card of {BIN} (1 probe)",)),
        ([(answer("card_unknown", "14"), answer("card_unknown", "14"))], ()),
        ([(answer("card_unknown", "14"), answer()), (answer(), answer())], ()),
        (
            [(answer("amount_limit", "61"), answer()), (answer("amount_limit", "61"), answer("count_limit", "65"))],
            ("other limit: left refuses for its amount limit what the other approves (1 probe)",),
        ),
        (
            [(answer(), answer("count_limit", "65"))] * 2,
            ("other limit: right refuses for its count limit what the other approves (2 probes)",),
        ),
        (
            [(answer("declined", "05"), answer("declined", "51"))] * 2,
            ("other response code: 05 at left is 51 at right (2 probes)",),
        ),
        (
            [(answer("malfunction", "96"), answer("declined", "51"))],
            ("other response code: 96 at left is 51 at right (1 probe)",),
        ),
        (
            [(answer("declined", "51"), answer("malfunction", "96"))],
            ("other response code: 51 at left is 96 at right (1 probe)",),
        ),
        ([(answer("declined", "05"), answer("approved", "00"))], ()),
        (
            [(refused(why), answer()) for why in ("a", "b", "d", "c", "c", "d")],
            (
                "no answer from left: c (2 probes)",
                "no answer from left: d (2 probes)",
                "no answer from left: a (1 probe)",
            ),
        ),
        ([(answer(), refused("x"))], ("no answer from right: x (1 probe)",)),
        ([(answer("malfunction", "96"), refused("x"))], ("no answer from right: x (1 probe)",)),
        ([(refused("x"), answer("malfunction", "96"))], ("no answer from left: x (1 probe)",)),
    ],
)
def test_what_differs_is_put_down_to_what_it_comes_from(
    pairs: list[tuple[Answer, Answer]], named: tuple[str, ...]
) -> None:
    assert drift(*pairs).named == named


def test_a_bin_is_missing_only_where_no_card_of_it_is_known() -> None:
    pairs = [(answer("card_unknown", "14"), answer()), (answer(), answer()), (answer("card_unknown", "14"), answer())]
    found = drift(*pairs, bins=("111111", "222222", ""))
    assert found.named == ("missing BIN: left knows no card of 111111 (1 probe)",)


def test_an_approval_that_the_other_never_answered_shows_that_a_bin_is_known() -> None:
    pairs = [(answer("card_unknown", "14"), answer()), (answer(), refused("closed"))]
    assert drift(*pairs).named == ("no answer from right: closed (1 probe)",)
    assert drift((answer("card_unknown", "14"), refused("closed"))).named == ("no answer from right: closed (1 probe)",)


def test_hosts_that_were_not_asked_the_same_are_not_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare("left", "right", [Probe("one"), Probe("two")], [(answer(), answer())], volatile={}, name_of=str)


def test_several_of_a_kind_stand_in_order() -> None:
    unknown = [(answer("card_unknown", "14"), answer()) for _ in range(2)]
    assert drift(*unknown, bins=("222222", "111111")).named == (
        "missing BIN: left knows no card of 111111 (1 probe)",
        "missing BIN: left knows no card of 222222 (1 probe)",
    )
    codes = [(answer("declined", first), answer("declined", "00")) for first in ("51", "05")]
    assert [each.partition(" at ")[0] for each in drift(*codes).named] == [
        "other response code: 05",
        "other response code: 51",
    ]
    zones = [(answer(), answer(local_time=time)) for time in ("0105110000", "0105080000")]
    assert [each.split(" are ")[1][:12] for each in drift(*zones).named] == ["1 h behind t", "2 h ahead of"]


def test_an_answer_shows_no_field() -> None:
    assert repr(answer(f2="999999123")) == "Answer(approved)"
    assert repr(refused("timeout")) == "Answer(timeout)"
