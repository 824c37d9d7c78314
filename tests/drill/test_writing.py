"""A drill as text: what is read from it is the same drill."""

import msgspec
import pytest

from atmbench.drill.load import parse_drill
from atmbench.drill.stock import stock_drill_text
from atmbench.drill.writing import drill_text
from atmbench.errors import LocalError


@pytest.mark.parametrize("name", ["primary-cut", "containment", "noisy-serial-lines", "records-lost", "release-canary"])
def test_a_stock_drill_survives_being_written(name: str) -> None:
    drill = parse_drill(stock_drill_text(name), name)
    assert parse_drill(drill_text(drill), "again") == drill


def test_waiting_times_that_a_dialect_would_fill_in_are_written_out() -> None:
    drill = parse_drill(stock_drill_text("late-reply"), "late-reply")
    drill = msgspec.structs.replace(drill, terminal=type(drill.terminal)())
    assert "terminal:" not in drill_text(drill)
    assert "terminal: {timers: {reply_s: 30.0}}" in drill_text(drill, timers={"reply_s": 45.0, "echo_s": None})


def test_a_seed_is_written_unless_it_is_the_usual_one() -> None:
    drill = parse_drill(stock_drill_text("late-reply"), "late-reply")
    assert "seed" not in drill_text(drill)
    assert "\nseed: 7\n" in drill_text(msgspec.structs.replace(drill, seed=7))


def test_a_drill_that_breaks_a_rule_is_not_written() -> None:
    drill = parse_drill(stock_drill_text("late-reply"), "late-reply")
    with pytest.raises(LocalError, match="cannot be written as a drill: the written drill, line"):
        drill_text(msgspec.structs.replace(drill, currency="XXY"))
