"""The second opinion agrees with the audit on every run: right ones, planted bugs, and requests that were altered."""

from collections.abc import Callable

import pytest

from atmbench.audit.judge import Audit
from atmbench.drill.load import parse_drill
from atmbench.drill.stock import stock_drill_names
from atmbench.run.runner import DEFECTS, run_drill
from atmbench.run.second_opinion import disagreement, worse
from atmbench.run.source import Source, find_drill
from atmbench.second_opinion import Opinion, SecondOpinion, Standing, opine
from tests.audit.builders import Tape
from tests.audit.wrongs import KEY, WRONGS, posted_but_no_cash_came
from tools import sweep_clean

DRILLS_OF_DEFECTS = ("duplicate-reply", "pending-and-cleared", "poison-reversal", "replication-lag-failover")
ALTERED = """
drill: altered
proves: a request that was altered on its way is found
terminals: 2
workload: {{every_s: 10, mix: {{{service}: 1}}}}
steps:
  - {{at: 1, fault: {{kind: set_field, direction: request, mti: "0200", field: {field}, value: "{value}"}}}}
heal: {{at: 60, within_s: 100}}
"""


def both(source: Source, seed: int = 1, *plant: str) -> tuple[Opinion, Audit]:
    follower = SecondOpinion()
    audit = run_drill(source, seed=seed, plant=plant, reader=follower.add).audit
    return follower.opinion(), audit


@pytest.mark.parametrize("name", ["duplicate-reply", "confirm-always", "posting-position-lost"])
def test_both_judges_pass_what_is_right(name: str) -> None:
    opinion, audit = both(find_drill(name))
    assert disagreement(opinion, audit) == ""
    assert opinion.standing is Standing.PASS


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("replication-lag-failover", "forget-unknown-reversal"),
        ("pending-and-cleared", "keep-hold-of-renumbered-completion"),
        ("poison-reversal", "credit-second-reversal"),
    ],
)
def test_both_judges_find_a_planted_bug(name: str, defect: str) -> None:
    opinion, audit = both(find_drill(name), 1, defect)
    assert opinion.standing is Standing.FAIL
    assert audit.verdict("money").status == "FAIL"
    named = {finding.key for finding in audit.verdict("money").findings}
    assert named <= {each.key for each in opinion.objections}


@pytest.mark.parametrize(
    ("service", "field", "value"),
    [("withdrawal", 2, "9999990000000014"), ("transfer", 3, "401020"), ("bill_payment", 103, "1000000099")],
)
def test_both_judges_find_money_of_somebody_else(service: str, field: int, value: str) -> None:
    text = ALTERED.format(service=service, field=field, value=value)
    opinion, audit = both(Source(parse_drill(text, "altered"), text, "altered"))
    assert audit.verdict("money").status == "FAIL"
    assert opinion.standing is Standing.FAIL


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", stock_drill_names())
def test_both_judges_agree_on_a_stock_drill(name: str, seed: int) -> None:
    assert disagreement(*both(find_drill(name), seed)) == ""


@pytest.mark.full
@pytest.mark.parametrize("defect", sorted(DEFECTS))
@pytest.mark.parametrize("name", DRILLS_OF_DEFECTS)
def test_both_judges_agree_on_a_planted_bug(name: str, defect: str) -> None:
    assert disagreement(*both(find_drill(name), 1, defect)) == ""


@pytest.mark.full
@pytest.mark.parametrize("shape", sweep_clean.SHAPES)
def test_both_judges_agree_on_clean_shapes(shape: str) -> None:
    for seed in range(5):
        text = sweep_clean.drill_of(shape, seed)
        opinion, audit = both(Source(parse_drill(text, shape), text, shape), seed)
        assert disagreement(opinion, audit) == ""
        assert opinion.standing is Standing.PASS


# --- what agreeing means ------------------------------------------------------------------------------


def right_and_wrong() -> tuple[Tape, Tape]:
    right, wrong = Tape(), Tape()
    right.withdraw(1)
    posted_but_no_cash_came(wrong)
    return right, wrong


def test_an_objection_that_no_check_shares_is_a_disagreement() -> None:
    right, wrong = right_and_wrong()
    says = disagreement(opine(wrong.play()), right.judge())
    assert says == (
        f"the second opinion objects (cash: {KEY} withdrawal ended no_answer and its money stays moved), "
        "and no check on ledgers fails"
    )


def test_a_failed_check_of_money_without_an_objection_is_a_disagreement() -> None:
    right, wrong = right_and_wrong()
    assert disagreement(opine(right.play()), wrong.judge()).startswith("counts fails (")


def test_who_cannot_judge_contradicts_only_who_says_that_all_is_right() -> None:
    right, _ = right_and_wrong()
    unknown = opine(right.play()[:-1])
    assert unknown.standing is Standing.UNKNOWN
    assert "cannot judge: the history has no end" in disagreement(unknown, right.judge())


def test_the_worse_of_both_counts() -> None:
    right, wrong = right_and_wrong()
    unknown = opine(right.play()[:-1])
    assert worse(opine(right.play()), right.judge()) == "PASS"
    assert worse(opine(wrong.play()), right.judge()) == "FAIL"
    assert worse(opine(right.play()), wrong.judge()) == "FAIL"
    assert worse(unknown, right.judge()) == "UNKNOWN"


@pytest.mark.parametrize("wrong", WRONGS)
def test_both_judges_find_each_way_in_which_money_goes_wrong(wrong: Callable[[Tape], None]) -> None:
    tape = Tape()
    wrong(tape)
    assert disagreement(opine(tape.play()), tape.judge()) == ""
