"""What a host takes a message for: a repeat, a late original, the reversal of something it knows."""

from atmbench.defects import Defect

FORGET_UNKNOWN_REVERSAL = "forget-unknown-reversal"
DOUBLE_POST_REPEAT = "double-post-repeat"
KEEP_HOLD_OF_RENUMBERED = "keep-hold-of-renumbered-completion"
CREDIT_SECOND_REVERSAL = "credit-second-reversal"
POST_LATE_ORIGINAL = "post-late-original"
POST_COPY_WITHOUT_DIGIT = "post-copy-without-repeat-digit"
FORGET_AFTER_A_MINUTE = "forget-original-after-a-minute"
ANSWER_ANY_TERMINAL = "answer-with-another-terminals-answer"
REVERSE_BY_STAN = "reverse-by-stan-alone"

DEFECTS: dict[str, Defect] = {
    FORGET_UNKNOWN_REVERSAL: Defect(
        "The host answers a reversal whose original it has not seen with approved, and forgets it. When the original "
        "arrives by replication, the money stays posted.",
        source="iso8583 facts 1.8 rule 4; the replication fault of the incident of 14 August 2023",
        found_by=("money",),
    ),
    DOUBLE_POST_REPEAT: Defect(
        "The host posts a repeated request again.",
        source="iso8583 facts 1.8 rule 3; NatWest, 7 May 2022: the same purchases were debited twice",
        found_by=("money", "view"),
    ),
    KEEP_HOLD_OF_RENUMBERED: Defect(
        "The host looks for the hold of a completion by the completion's own STAN and RRN, not by its original data. "
        "Where both are others, it posts and the hold stays.",
        source="iso8583 facts 7.2 F10; NatWest, 7 May 2022: purchases both pending and cleared",
        found_by=("holds",),
    ),
    CREDIT_SECOND_REVERSAL: Defect(
        "The host gives the money back once for each reversal of one original.",
        source="iso8583 facts 1.8 rule 5",
        found_by=("money",),
    ),
    POST_LATE_ORIGINAL: Defect(
        "The host posts an original that arrives after the reversal that overtook it.",
        source="iso8583 facts 1.8 rule 6; 7.2 F21",
        found_by=("money",),
    ),
    POST_COPY_WITHOUT_DIGIT: Defect(
        "The host knows a repeat by its last MTI digit alone. A request that was copied on its way, or sent again "
        "without the digit, is posted once more.",
        source="iso8583 facts 1.8 rule 3 and 1.9: jPOS-EE sends what timed out again without the repeat digit",
        found_by=(
            "money",
            "view",
        ),
    ),
    FORGET_AFTER_A_MINUTE: Defect(
        "The host keeps what a reversal may be matched with for a minute only. One that comes later, after an "
        "outage, is approved and gives nothing back.",
        source="iso8583 facts 1.8: gateways match within minutes, where a business day is needed",
        found_by=(
            "money",
            "reversals",
        ),
    ),
    ANSWER_ANY_TERMINAL: Defect(
        "The host looks a request up by STAN and local time alone, without the terminal. Where two terminals use "
        "the same at a time, the second gets the answer of the first, and nothing is posted for it.",
        source="user-asks 12, a match key that lacked DE41; iso8583 facts 1.8",
        found_by=("money",),
    ),
    REVERSE_BY_STAN: Defect(
        "The host matches a reversal with its original by STAN alone. It undoes the latest transaction with that "
        "number, of whatever terminal.",
        source="iso8583 facts 1.8: two open libraries match by DE11 alone",
        found_by=(
            "money",
            "reversals",
        ),
    ),
}
