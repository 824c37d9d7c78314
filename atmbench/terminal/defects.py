"""Known money bugs of terminals, to be planted by name to see whether the bench finds them. None may be a default."""

from atmbench.errors import LocalError

DISPENSE_ON_LATE_REPLY = "dispense-on-late-reply"
FORGET_REVERSAL = "forget-reversal"
IGNORE_REPLY_AMOUNT = "ignore-reply-amount"
REUSE_STAN = "reuse-stan"
SAF_DROPS_AT_CAP = "saf-drops-at-cap"
TRUST_ANY_ANSWER = "trust-any-answer"

DEFECTS: dict[str, str] = {
    # iso8583 facts 1.8 rule 1, 7.2
    DISPENSE_ON_LATE_REPLY: (
        "The terminal still pays upon an approval that comes after it has given up, although its reversal is stored."
    ),
    # iso8583 facts 1.10, first row
    FORGET_REVERSAL: "The terminal does not reverse a request that got no answer.",
    # iso8583 facts 1.8, keys with DE4
    IGNORE_REPLY_AMOUNT: (
        "The terminal does not compare the amount in a reply with the one it asked for: cash and posting differ if the "
        "request was altered on its way."
    ),
    # iso8583 facts 1.5 (DE11) and 1.8
    REUSE_STAN: (
        "The terminal uses each number for two messages. A host that matches by terminal, STAN and date takes the "
        "second for a repeat."
    ),
    # iso8583 facts 1.9, known weaknesses (expired entries disappear)
    SAF_DROPS_AT_CAP: ("The terminal drops a stored message without a trace once it was sent the most times allowed."),
    # iso8583 facts 1.10 (0210 with bad MAC)
    TRUST_ANY_ANSWER: "The terminal acts upon an answer whose MAC does not agree: who turns a decline into an approval "
    "on the line gets the cash.",
}
"""Name to what is wrong, in words for a tester. Where it was met stands beside it."""


def known(defects: frozenset[str]) -> frozenset[str]:
    """The same names. Raises LocalError if one of them is no defect of a terminal."""
    unknown = sorted(defects - DEFECTS.keys())
    if unknown:
        raise LocalError(f"no terminal has a defect {unknown[0]!r}; there are {', '.join(DEFECTS)}")
    return defects
