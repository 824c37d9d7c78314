"""Defects in which answer a terminal acts upon, and how."""

from atmbench.defects import Defect

DISPENSE_ON_LATE_REPLY = "dispense-on-late-reply"
IGNORE_REPLY_AMOUNT = "ignore-reply-amount"
IGNORE_REPLY_TERMINAL = "ignore-reply-terminal"
PAY_ON_HOST_UNAVAILABLE = "pay-on-host-unavailable"
REVERSE_ON_DUPLICATE_REPLY = "reverse-on-duplicate-reply"
TAKE_NEXT_ANSWER = "take-next-answer"
TRUST_ANY_ANSWER = "trust-any-answer"

DEFECTS: dict[str, Defect] = {
    DISPENSE_ON_LATE_REPLY: Defect(
        "The terminal still pays upon an approval that comes after it has given up, although its reversal is stored.",
        source="iso8583 facts 1.8 rule 1; 7.2 F13",
        found_by=("money",),
    ),
    IGNORE_REPLY_AMOUNT: Defect(
        "The terminal does not compare the amount in a reply with the one it asked for: cash and posting differ if the "
        "request was altered on its way.",
        source="iso8583 facts 1.8, keys with DE4",
        found_by=("sequence", "money"),
    ),
    IGNORE_REPLY_TERMINAL: Defect(
        "The terminal matches a reply by its STAN alone. That of another terminal with the same number is acted upon.",
        source="user-asks 12; iso8583 facts 1.8, keys with DE41",
        found_by=("money", "sequence"),
    ),
    PAY_ON_HOST_UNAVAILABLE: Defect(
        "The terminal takes the code for a host or issuer that cannot be reached (91) for an approval.",
        source="iso8583 facts 1.4 (DE39 91)",
        found_by=("money", "sequence"),
    ),
    REVERSE_ON_DUPLICATE_REPLY: Defect(
        "The terminal takes a second copy of an approval for a late one, and reverses what it has paid.",
        source="iso8583 facts 1.8 rule 2",
        found_by=("money", "reversals"),
    ),
    TAKE_NEXT_ANSWER: Defect(
        "The terminal takes the next answer of the right kind for that to what it has sent, whatever its number: a "
        "late one lands in the next customer's transaction.",
        source="iso8583 facts 7.2 F13, variant inside the next transaction",
        found_by=("money", "sequence"),
    ),
    TRUST_ANY_ANSWER: Defect(
        "The terminal acts upon an answer whose MAC does not agree: who turns a decline into an approval on the line "
        "gets the cash.",
        source="iso8583 facts 1.10, 0210 with bad MAC",
        found_by=("money",),
    ),
}
