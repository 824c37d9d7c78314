"""Two judges of one history: the audit and the second opinion, and whether they agree. Where both may be seen.

It must never make one of them out of the other.
"""

from pathlib import Path

from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status, merge
from atmbench.second_opinion import Opinion, Standing, opine
from atmbench.store.run_directory import RunDirectory

SAME_MATTER = frozenset({"money", "counts"})
"""Checks that judge what the opinion judges: where one of them fails, the opinion must."""
ON_LEDGERS = SAME_MATTER | {"replication", "reversals", "holds", "posting", "days", "exposure", "view"}
"""Checks that speak of ledgers and cash: where the opinion objects, one of them must fail.

Those beyond SAME_MATTER judge more than money, such as time, limits and what terminals say. So they may fail alone.
"""


def opinion_on(path: Path) -> Opinion:
    """The second opinion on a recorded run. Raises LocalError if there is none at `path`, or it is damaged."""
    return opine(RunDirectory.open(path).history())


def disagreement(opinion: Opinion, audit: Audit) -> str:
    """How the opinion and the audit of one history contradict each other; empty if they do not.

    Whoever could not judge contradicts nobody, but for an audit that passes as a whole: it says that all is known.
    """
    failed = sorted(verdict.check for verdict in audit.verdicts if verdict.status is Status.FAIL)
    if opinion.standing is Standing.FAIL and ON_LEDGERS.isdisjoint(failed):
        first = opinion.objections[0]
        return f"the second opinion objects ({first.rule}: {first.key} {first.says}), and no check on ledgers fails"
    if opinion.standing is not Standing.FAIL and not SAME_MATTER.isdisjoint(failed):
        check = next(each for each in failed if each in SAME_MATTER)
        return f"{check} fails ({audit.verdict(check).because}), and the second opinion has no objection"
    if opinion.standing is Standing.UNKNOWN and audit.status is Status.PASS:
        return f"the audit passes, and the second opinion cannot judge: {opinion.because}"
    return ""


def worse(opinion: Opinion, audit: Audit) -> Status:
    """What both together come to."""
    return merge([audit.status, Status(opinion.standing.value)])
