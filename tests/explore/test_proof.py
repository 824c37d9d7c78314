"""A matrix in, the verdict out, and how it is told."""

import msgspec
import pytest

from atmbench.audit.verdict import Finding, Status, Verdict
from atmbench.defects import Defect
from atmbench.explore.evidence import first_of
from atmbench.explore.matrix import Matrix
from atmbench.explore.proof import Evidence, Proof, Scope, Standing, hit_to_tell, judge_matrix, replay
from atmbench.explore.prove_html import render_page
from atmbench.explore.prove_text import WIDTH, render_proof
from atmbench.explore.trial import Found, Trial

MONEY = Found("money", Status.FAIL, "one case is wrong", ("T01 STAN 7: paid twice",), ("T01/000007/0814",))
COUNTS = Found("counts", Status.FAIL, "A and B differ", ("A says 7, B says 8",), ())
DEFECTS = {
    "pay-twice": Defect("It pays twice.", "facts 1", ("money",)),
    "lose-count": Defect("It forgets a count.", "facts 2", ("counts",)),
}
UNSEEN = Defect("It hums. Nobody can hear it.", "facts 3", ())
WHOLE = Scope(drills=("cut", "quiet"), seeds=1, clean_seeds=3, is_whole=True)
CHOSEN = msgspec.structs.replace(WHOLE, is_whole=False)
EVIDENCE = Evidence(
    "cut", 1, "money", "T01 STAN 7: <paid> twice", "T01/000007/0814", ("12.004 T01 asked 50.00 & more",), "atmbench run"
)


def trial(*found: Found, drill: str = "cut", seed: int = 1, crash: str = "", history: str = "other") -> Trial:
    return Trial(drill, seed, (), Status.FAIL if found else Status.PASS, found=found, history=history, crash=crash)


CLEAN = trial(history="clean")


def filled(pay_twice: Trial | None, lose_count: Trial | None) -> Matrix:
    matrix = Matrix(DEFECTS)
    matrix.add_clean(CLEAN, ())
    for name, each in (("pay-twice", pay_twice), ("lose-count", lose_count)):
        if each is not None:
            matrix.add(name, each, CLEAN)
    return matrix


def judged(matrix: Matrix, scope: Scope = WHOLE, *, is_complete: bool = True) -> Proof:
    return judge_matrix(matrix, DEFECTS, scope, {"pay-twice": EVIDENCE}, is_complete=is_complete)


def test_it_passes_if_each_defect_is_found_by_a_right_check_and_says_in_what_share_of_runs() -> None:
    matrix = filled(trial(MONEY), trial(COUNTS))
    matrix.add("pay-twice", trial(drill="quiet"), CLEAN)
    proof = judged(matrix)
    assert proof.status is Status.PASS
    assert proof.because == (
        "2 defects found by a check whose business it is, in 2 of 3 runs in which the decision came up",
        "no false alarm in 1 clean run, and both judges agree on every run",
    )
    assert (proof.planted_runs, proof.saved_runs) == (3, 1)
    row = next(each for each in proof.defects if each.name == "pay-twice")
    assert (row.standing, row.found, row.asked, row.evidence) == (Standing.FOUND, 1, 2, EVIDENCE)
    assert row.drills["cut"].checks == {"money": 1}


@pytest.mark.parametrize(
    ("lose_count", "standing", "says"),
    [
        (trial(MONEY), Standing.ELSEWHERE, "1 defect found only by checks whose business it is not: lose-count"),
        (trial(), Standing.MISSED, "1 defect not found by any check: lose-count"),
        (None, Standing.NOT_ASKED, "1 defect never came up: lose-count"),
    ],
)
def test_a_defect_that_no_right_check_finds_is_a_failure_once_all_was_tried(
    lose_count: Trial | None, standing: Standing, says: str
) -> None:
    matrix = filled(trial(MONEY), lose_count)
    proof = judged(matrix)
    assert (proof.status, proof.because) == (Status.FAIL, (says,))
    assert [each.name for each in proof.standing(standing)] == ["lose-count"]
    chosen = judged(matrix, CHOSEN)
    assert chosen.status is Status.UNKNOWN, "another drill may find it"
    assert "in the drills that were chosen" in chosen.because[0]
    stopped = judged(matrix, is_complete=False)
    assert (stopped.status, stopped.because) == (Status.UNKNOWN, ("stopped before everything was tried",))
    assert [each.name for each in stopped.standing(Standing.UNTRIED)] == ["lose-count"]
    assert "lose-count  not yet" in render_proof(stopped)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_false_alarm_and_a_crash_are_failures_whatever_was_chosen_and_say_how_to_repeat_them(is_whole: bool) -> None:
    matrix = filled(trial(MONEY), trial(COUNTS))
    matrix.add_clean(trial(MONEY, seed=2), ())
    matrix.add("pay-twice", Trial("cut", 3, ("pay-twice",), Status.UNKNOWN, crash="RuntimeError: stumbled"), CLEAN)
    proof = judged(matrix, WHOLE if is_whole else CHOSEN, is_complete=is_whole)
    assert proof.status is Status.FAIL
    assert proof.because[:2] == ("the bench crashed in 1 run", "1 false alarm in 2 clean runs")
    assert proof.false_alarms.first[0].replay == "atmbench run cut --seed 2"
    assert proof.crashes.first[0].replay == "atmbench run cut --seed 3 --plant=pay-twice"
    text = render_proof(proof)
    assert "FALSE ALARMS (1)\n  - cut, seed 2: money failed\n      money: T01 STAN 7: paid twice\n" in text
    assert "CRASHES (1)" in text
    assert "RuntimeError: stumbled" in render_page(proof)


def test_where_a_defect_was_found_is_told_though_there_was_no_time_for_its_story() -> None:
    proof = judge_matrix(filled(trial(MONEY), None), DEFECTS, WHOLE, {}, is_complete=False)
    assert "pay-twice   money           1 of 1  cut, seed 1\n" in render_proof(proof)
    assert "atmbench run cut --seed 1 --plant=pay-twice" in render_page(proof)


def test_two_judges_who_disagree_are_a_failure_of_the_bench() -> None:
    matrix = filled(trial(MONEY), trial(COUNTS))
    matrix.add_clean(msgspec.structs.replace(CLEAN, seed=2, disagreement="money fails, and no objection"), ())
    proof = judged(matrix)
    assert (proof.status, proof.because) == (Status.FAIL, ("two judges disagree on 1 run",))
    assert "TWO JUDGES DISAGREE (1)\n  - cut, seed 2: money fails, and no objection\n" in render_proof(proof)
    assert "money fails, and no objection" in render_page(proof)


def test_a_defect_that_cannot_be_seen_yet_is_listed_and_no_failure() -> None:
    defects = DEFECTS | {"hum": UNSEEN}
    matrix = Matrix(defects)
    matrix.add("pay-twice", trial(MONEY), CLEAN)
    matrix.add("lose-count", trial(COUNTS), CLEAN)
    proof = judge_matrix(matrix, defects, WHOLE, {}, is_complete=True)
    assert proof.status is Status.PASS
    assert proof.because[-1] == "1 defect cannot be seen yet"
    assert "It hums. Nobody can hear it." in render_proof(proof)


def test_the_story_is_that_of_a_right_check_and_of_another_only_if_there_is_none() -> None:
    matrix = filled(trial(COUNTS), trial(MONEY))
    assert (hit := hit_to_tell(matrix.rows["pay-twice"])) is not None
    assert hit.check == "counts"
    matrix.add("pay-twice", trial(MONEY, seed=2), CLEAN)
    assert (hit := hit_to_tell(matrix.rows["pay-twice"])) is not None
    assert (hit.check, hit.seed) == ("money", 2)
    assert hit_to_tell(Matrix(DEFECTS).rows["pay-twice"]) is None


def test_the_finding_that_is_told_is_the_first_that_names_a_transaction() -> None:
    of_none, of_one = Finding("", "the books differ"), Finding("T01/000007/0814", "paid twice")
    assert first_of(Verdict("money", Status.FAIL, "bad", (of_none, of_one))) == ("paid twice", "T01/000007/0814")
    assert first_of(Verdict("money", Status.FAIL, "bad", (of_none,))) == ("the books differ", "")
    assert first_of(Verdict("money", Status.FAIL, "bad")) == ("bad", "")


def test_the_text_has_a_row_and_a_line_of_its_story_for_each_defect() -> None:
    text = render_proof(judged(filled(trial(MONEY), trial())))
    assert "pay-twice   money           1 of 1  cut, seed 1\n    T01 STAN 7: <paid> twice\n" in text
    assert "lose-count  NONE            0 of 1\n    its business: counts\n" in text
    assert "\nFAIL: 1 defect not found by any check: lose-count.\n" in text
    assert max(len(line) for line in text.splitlines()) <= WIDTH


def test_the_page_shows_every_cell_escapes_what_it_is_given_and_needs_no_network() -> None:
    page = render_page(judged(filled(trial(MONEY), trial())))
    assert 'title="pay-twice in cut: found by a right check (1); told by money" class="found">●</td>' in page
    assert 'title="pay-twice in quiet: no run"></td>' in page
    assert "T01 STAN 7: &lt;paid&gt; twice" in page
    assert "12.004 T01 asked 50.00 &amp; more" in page
    assert "<paid>" not in page
    assert "http" not in page


def test_a_record_can_be_written_and_read_again() -> None:
    proof = judged(filled(trial(MONEY), trial()))
    assert msgspec.json.decode(msgspec.json.encode(proof), type=Proof) == proof


def test_a_replay_is_a_command_line_for_a_shell() -> None:
    assert replay("my drill", 3, ("a", "b")) == "atmbench run 'my drill' --seed 3 --plant=a --plant=b"
