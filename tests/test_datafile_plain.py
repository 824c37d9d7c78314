"""Records as plain values: equal records are told alike."""

import pickle

from atmbench.datafile.plain import plain
from atmbench.drill.load import parse_drill
from atmbench.drill.stock import stock_drill_names, stock_drill_text
from atmbench.faults.all import Cut


def test_a_default_that_was_written_out_is_left_out_as_one_that_was_not() -> None:
    written = pickle.loads(pickle.dumps(Cut(line="primary")))
    assert plain(written) == plain(Cut(line="primary")) == {"kind": "cut", "line": "primary"}


def test_a_drill_that_has_been_in_another_process_is_told_as_it_was() -> None:
    for name in stock_drill_names():
        drill = parse_drill(stock_drill_text(name), name)
        assert plain(pickle.loads(pickle.dumps(drill))) == plain(drill)
