"""Defects in store-and-forward: what is put into it, how it is sent, and how it leaves."""

from atmbench.defects import Defect

ANY_ANSWER_SETTLES = "any-answer-settles"
COMPLETE_ASKED_AMOUNT = "complete-asked-amount"
COMPLETE_UNPAID = "complete-unpaid"
COUNT_ANSWERED_SENDINGS = "count-answered-sendings"
FORGET_COMPLETION = "forget-completion"
FORGET_REVERSAL = "forget-reversal"
HEAD_BLOCKS_QUEUE = "head-blocks-queue"
ORIGINAL_IS_ITSELF = "original-is-itself"
REPEAT_AS_NEW = "repeat-as-new"
REPEAT_WITH_NEW_TIME = "repeat-with-new-time"
REQUEST_BEFORE_REVERSAL = "request-before-reversal"
REVERSAL_WITH_OWN_TIME = "reversal-with-own-time"
REVERSE_TWICE = "reverse-twice"
SAF_DROPS_AT_CAP = "saf-drops-at-cap"
SAF_DROPS_DECLINED = "saf-drops-declined"

DEFECTS: dict[str, Defect] = {
    ANY_ANSWER_SETTLES: Defect(
        "Any answer to a stored message counts as its acceptance, also one that says that no host could take it (91).",
        source="iso8583 facts 1.9 (accepted codes; sample *)",
        found_by=("money", "reversals"),
    ),
    COMPLETE_ASKED_AMOUNT: Defect(
        "A completion is always over the amount that was asked for, whatever the dispenser has paid.",
        source="iso8583 facts 1.10, short dispense (NDC E1)",
        found_by=("money",),
    ),
    COMPLETE_UNPAID: Defect(
        "A terminal that confirms every withdrawal confirms one, too, of which no note came out.",
        source="iso8583 facts 1.10, confirmation styles",
        found_by=("money", "reversals"),
    ),
    COUNT_ANSWERED_SENDINGS: Defect(
        "A sending counts only if it was answered. A stored message without answers is never marked as a repeat, and "
        "never given up.",
        source="iso8583 facts 1.9, known weaknesses (jPOS-EE)",
        found_by=("sequence",),
    ),
    FORGET_COMPLETION: Defect(
        "A terminal that is to confirm each withdrawal confirms none: holds stay, and nothing is posted.",
        source="iso8583 facts 1.10, confirmation styles",
        found_by=("money", "reversals"),
    ),
    FORGET_REVERSAL: Defect(
        "The terminal does not reverse a request that got no answer.",
        source="iso8583 facts 1.10, first row",
        found_by=("money", "reversals"),
    ),
    HEAD_BLOCKS_QUEUE: Defect(
        "A stored message that no host accepts is sent for ever, and nothing behind it ever leaves.",
        source="iso8583 facts 1.9, known weaknesses (jPOS-EE); 7.2 F23",
        found_by=("expected",),
    ),
    ORIGINAL_IS_ITSELF: Defect(
        "A reversal names itself as its original (DE90), so that the host finds none.",
        source="iso8583 facts 1.6 (DE90)",
        found_by=("money", "reversals"),
    ),
    REPEAT_AS_NEW: Defect(
        "A stored message gets a new number each time it is sent.",
        source="iso8583 facts 1.1 and 1.9: a repeat differs in the last digit of the MTI only",
        found_by=("sequence",),
    ),
    REPEAT_WITH_NEW_TIME: Defect(
        "A stored message that is sent again carries the local time of that moment (DE12, DE13).",
        source="iso8583 facts 1.1 and 1.9: a repeat differs in the last digit of the MTI only",
        found_by=("sequence",),
    ),
    REQUEST_BEFORE_REVERSAL: Defect(
        "The terminal serves its next customer while the reversal of the last one is still stored.",
        source="iso8583 facts 1.9, order rule",
        found_by=("sequence",),
    ),
    REVERSAL_WITH_OWN_TIME: Defect(
        "A reversal carries the local time at which it was made, not that of its request (DE12, DE13): a host that "
        "matches by it finds no original.",
        source="iso8583 facts 1.8, keys; 1.12",
        found_by=("money", "reversals"),
    ),
    REVERSE_TWICE: Defect(
        "A late approval is reversed by a message of its own, although the reversal of the time-out is stored already.",
        source="iso8583 facts 1.8 rule 2; 1.10, second row",
        found_by=("reversals",),
    ),
    SAF_DROPS_AT_CAP: Defect(
        "The terminal drops a stored message without a trace once it was sent the most times allowed.",
        source="iso8583 facts 1.9, known weaknesses: expired entries disappear",
        found_by=("reversals", "money"),
    ),
    SAF_DROPS_DECLINED: Defect(
        "The terminal drops a stored message without a trace if the host declines it.",
        source="iso8583 facts 1.9, order rule: never drop silently",
        found_by=("reversals", "money"),
    ),
}
