"""`atmbench impact` over a recorded run, against figures that are reckoned from the lines of its history alone."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from atmbench.cli import atmbench
from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of a drill in which a site dies under a fleet."""
    out = tmp_path_factory.mktemp("impact") / "run"
    source = find_drill("primary-cut")
    run_drill(source, venue="virtual", seed=1, out=out)
    return out


def impact(recorded: Path, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(atmbench, ["impact", str(recorded), "--format", "json", *words])
    assert done.exit_code == 0, done.stderr
    values: dict[str, Any] = json.loads(done.stdout)
    return values


def lines(recorded: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (recorded / "history.jsonl").read_text().splitlines()]


def test_who_was_touched_is_who_the_history_names(recorded: Path) -> None:
    found, history = impact(recorded), lines(recorded)
    ended = Counter(fact["outcome"] for fact in history if fact["fact"] == "transaction_ended")
    away = Counter(fact["because"] for fact in history if fact["fact"] == "customer_turned_away")
    shut = away.pop("the drill lets nobody begin any more", 0)
    assert ended["no_answer"]
    assert found["causes"]["no_answer"] == ended["no_answer"]
    assert (found["turned_away"], found["after_closing"]) == (sum(away.values()), shut)
    assert found["transactions"] == sum(fact["fact"] == "transaction_started" for fact in history)
    seen = {fact["key"]: fact["lines"] for fact in history if fact["fact"] == "receipt_printed"}
    told = [each for each in found["customers"] if each["receipt"]]
    assert told
    assert all(each["receipt"]["lines"] == seen[each["key"]] for each in told)


def test_the_time_of_each_terminal_is_that_between_its_states(recorded: Path) -> None:
    found, history = impact(recorded), lines(recorded)
    for terminal in found["terminals"]:
        own = [f for f in history if f["actor"] == terminal["name"] and f["fact"] == "state_changed"]
        first = next(number for number, fact in enumerate(own) if fact["new"] == "ready")
        times = [fact["t"] for fact in own[first:]] + [history[-1]["t"]]
        out = [b - a for a, b, f in zip(times, times[1:], own[first:], strict=False) if f["new"] == "closed"]
        assert terminal["out_of_service_s"] == pytest.approx(sum(out), abs=1e-5)
        assert terminal["in_service_s"] == pytest.approx(times[-1] - times[0] - sum(out), abs=1e-5)


def test_customer_minutes_are_those_reckoned_from_the_lines_of_the_history(recorded: Path) -> None:
    found, history = impact(recorded), lines(recorded)
    of_kind = {kind: [fact for fact in history if fact["fact"] == kind] for kind in {f["fact"] for f in history}}
    ended = {fact["key"]: fact for fact in of_kind["transaction_ended"]}
    answers: dict[str, dict[str, Any]] = {}
    for fact in of_kind["message_received"]:
        if fact["actor"] == fact["terminal"] and fact["purpose"] == "withdrawal":
            answers.setdefault(fact["key"], fact)
    came = [(fact["actor"], fact["t"], fact["key"]) for fact in of_kind["transaction_started"]]
    served = {
        key: answers[key]["t"] for _, _, key in came if key in answers and answers[key]["outcome"] != "host_unavailable"
    }
    assert all(ended[key]["outcome"] == "approved" for key in served)
    vain = [(terminal, t, ended[key]["t"]) for terminal, t, key in came if key not in served]
    vain += [
        (fact["actor"], fact["t"], fact["t"])
        for fact in of_kind["customer_turned_away"]
        if "drill" not in fact["because"]
    ]
    [heal] = of_kind["heal_started"]
    total_s = 0.0
    for terminal, asked_t, left_t in vain:
        after = [t for key, t in served.items() if key.startswith(f"{terminal}/") and t > asked_t]
        total_s += (min(after) if after else max(heal["t"], left_t)) - asked_t
    assert found["minutes"]["without_service"] == pytest.approx(total_s / 60, abs=1e-5)
    assert found["services"][0]["not_served"] == len(vain)


def test_one_customer_is_found_by_terminal_transaction_or_card(recorded: Path) -> None:
    worst = impact(recorded)["customers"][0]
    key, card = worst["key"], worst["card"]
    for who in (key, key.rsplit("/", 1)[0], worst["terminal"], card):
        assert key in [each["key"] for each in impact(recorded, "--customer", who)["customers"]]
    done = CliRunner().invoke(atmbench, ["impact", str(recorded), "--customer", card])
    assert f"card {card}" in done.stdout
    assert "screen at" in done.stdout
    nobody = CliRunner().invoke(atmbench, ["impact", str(recorded), "--customer", "T99"])
    assert "no customer 'T99' was touched" in str(nobody.exception)


def test_no_card_and_no_account_is_shown_in_full(recorded: Path) -> None:
    for each in impact(recorded)["customers"]:
        assert each["card"] == "" or each["card"][6:-4] == "******"
        assert each["account"] == "" or set(each["account"][:-4]) == {"*"}


def test_a_budget_that_is_exceeded_is_exit_code_1_and_is_named(recorded: Path) -> None:
    done = CliRunner().invoke(atmbench, ["impact", str(recorded), "--touched-max", "0", "--minutes-max", "10000"])
    assert done.exit_code == 1
    assert done.stderr.startswith("OVER BUDGET: ")
    assert done.stderr.endswith("customers touched, 0 allowed\n")


def test_what_counts_as_slow_and_late_is_a_setting(recorded: Path) -> None:
    found = impact(recorded, "--slow-s", "1", "--late-s", "5")
    assert found["bounds"] == {"slow_s": 1, "late_s": 5, "allowed_s": 14400}
    assert found["causes"]["slow"] > 0
    assert "slow" not in impact(recorded)["causes"]
