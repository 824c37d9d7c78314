"""Known money bugs of terminals, to be planted by name to see whether the bench finds them. None may be a default."""

from atmbench.errors import LocalError

DISPENSE_ON_LATE_REPLY = "dispense-on-late-reply"
FORGET_REVERSAL = "forget-reversal"
IGNORE_REPLY_AMOUNT = "ignore-reply-amount"
REUSE_STAN = "reuse-stan"
SAF_DROPS_AT_CAP = "saf-drops-at-cap"
TRUST_ANY_ANSWER = "trust-any-answer"

DEFECTS: dict[str, str] = {
    DISPENSE_ON_LATE_REPLY: "An approval that comes after the terminal has given up still dispenses, although its "
    "reversal is stored. Source: iso8583 facts 1.8 rule 1, 7.2 F13 (late approval).",
    FORGET_REVERSAL: "A request that got no answer is not reversed. Source: iso8583 facts 1.10, first row.",
    IGNORE_REPLY_AMOUNT: "The amount in a reply is not compared with the one that was asked for: cash and posting "
    "differ if the request was altered on its way. Source: iso8583 facts 1.8, keys with DE4.",
    REUSE_STAN: "Each number is used for two messages. A host that matches by terminal, STAN and date takes the second "
    "for a repeat. Source: iso8583 facts 1.5 (DE11) and 1.8.",
    SAF_DROPS_AT_CAP: "A stored message that was sent the most times allowed is dropped without a trace. "
    "Source: iso8583 facts 1.9, known weaknesses (expired entries disappear).",
    # iso8583 facts 1.10 (0210 with bad MAC)
    TRUST_ANY_ANSWER: "The terminal acts upon an answer whose MAC does not agree: who turns a decline into an approval "
    "on the line gets the cash.",
}
"""Name to what is wrong, and where it was met."""


def known(defects: frozenset[str]) -> frozenset[str]:
    """The same names. Raises LocalError if one of them is no defect of a terminal."""
    unknown = sorted(defects - DEFECTS.keys())
    if unknown:
        raise LocalError(f"no terminal has a defect {unknown[0]!r}; there are {', '.join(DEFECTS)}")
    return defects
