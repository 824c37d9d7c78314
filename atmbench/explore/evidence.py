"""The evidence against one defect: the run that shows it, made once more to be read. It must never keep a run."""

import msgspec

from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import checks_of, judge_one
from atmbench.audit.verdict import Verdict
from atmbench.explore.proof import Evidence, replay
from atmbench.explore.trial import Asked, run_trial
from atmbench.facts import AnyFact
from atmbench.report.story import stories


class Wanted(msgspec.Struct, frozen=True):
    """A run, and the check whose first finding is wanted. A value: it goes to another process as it is."""

    asked: Asked
    check: str


def evidence_of(wanted: Wanted) -> Evidence:
    """Run it again, which gives the same history, and tell the story of the transaction that the check names."""
    history: list[AnyFact] = []
    run_trial(wanted.asked, history.append)
    book = Casebook()
    for fact in history:
        book.add(fact)
    verdict = judge_one(wanted.check, checks_of(book)[wanted.check], book)
    says, key = first_of(verdict)
    story = stories(history, (key,), book).get(key, []) if key else []
    drill, seed, plant = wanted.asked.drill.drill, wanted.asked.seed, wanted.asked.plant
    return Evidence(drill, seed, wanted.check, says, key, tuple(story), replay(drill, seed, plant))


def first_of(verdict: Verdict) -> tuple[str, str]:
    """What the first finding that names a transaction says, and its key; without one, the first finding alone."""
    for finding in verdict.findings:
        if finding.key:
            return finding.says, finding.key
    return (verdict.findings[0].says if verdict.findings else verdict.because), ""
