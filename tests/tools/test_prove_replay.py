"""tools/prove_replay.py on a few failures: found, shrunk, and replayed with identical history in two processes."""

import pytest

from tools import prove_replay


@pytest.mark.full
def test_found_failures_replay_with_identical_history(capsys: pytest.CaptureFixture[str]) -> None:
    where = {"forget-reversal": "primary-cut", "dispense-on-late-reply": "primary-cut"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove_replay, "WHERE", where)
        assert prove_replay.prove(failures=4, replays=6, jobs=1) == 0
    said = capsys.readouterr().out
    assert "4 failures, each replayed 6 times in two processes: 0 with a history that differs" in said
