"""Known money bugs of terminals, to be planted by name to see whether the bench finds them. None may be a default."""

from collections.abc import Set

from atmbench.defects import Defect
from atmbench.errors import LocalError
from atmbench.terminal.line_defects import LINE_DEFECTS
from atmbench.terminal.told_defects import TOLD_DEFECTS

DISPENSE_ON_LATE_REPLY = "dispense-on-late-reply"
FORGET_REVERSAL = "forget-reversal"
IGNORE_REPLY_AMOUNT = "ignore-reply-amount"
REUSE_STAN = "reuse-stan"
SAF_DROPS_AT_CAP = "saf-drops-at-cap"
TRUST_ANY_ANSWER = "trust-any-answer"

DEFECTS: dict[str, Defect] = {
    DISPENSE_ON_LATE_REPLY: Defect(
        "The terminal still pays upon an approval that comes after it has given up, although its reversal is stored.",
        source="iso8583 facts 1.8 rule 1; 7.2 F13",
        found_by=("money",),
    ),
    FORGET_REVERSAL: Defect(
        "The terminal does not reverse a request that got no answer.",
        source="iso8583 facts 1.10, first row",
        found_by=("money", "reversals"),
    ),
    IGNORE_REPLY_AMOUNT: Defect(
        "The terminal does not compare the amount in a reply with the one it asked for: cash and posting differ if the "
        "request was altered on its way.",
        source="iso8583 facts 1.8, keys with DE4",
        found_by=("money",),
    ),
    REUSE_STAN: Defect(
        "The terminal uses each number for two messages. A host that matches by terminal, STAN and date takes the "
        "second for a repeat.",
        source="iso8583 facts 1.5 (DE11) and 1.8",
        found_by=("sequence", "money"),
    ),
    SAF_DROPS_AT_CAP: Defect(
        "The terminal drops a stored message without a trace once it was sent the most times allowed.",
        source="iso8583 facts 1.9, known weaknesses: expired entries disappear",
        found_by=("reversals", "money"),
    ),
    TRUST_ANY_ANSWER: Defect(
        "The terminal acts upon an answer whose MAC does not agree: who turns a decline into an approval on the line "
        "gets the cash.",
        source="iso8583 facts 1.10, 0210 with bad MAC",
        found_by=("money",),
    ),
    **LINE_DEFECTS,
    **TOLD_DEFECTS,
}
"""Name to what is wrong, where it was met, and the checks that must find it."""


def known(defects: Set[str]) -> Set[str]:
    """The same names. Raises LocalError if one of them is no defect of a terminal."""
    for name in sorted(defects):
        if name not in DEFECTS:
            raise LocalError(f"no terminal has a defect {name!r}; there are {', '.join(DEFECTS)}")
    return defects
