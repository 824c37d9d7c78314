"""How much a host moves, and between which accounts."""

from atmbench.defects import Defect

FORGET_PARTIAL = "forget-partial"
PARTIAL_AS_DIFFERENCE = "partial-as-difference"
ROUND_TO_UNITS = "round-to-whole-units"
REVERSE_TO_FIRST_ACCOUNT = "reverse-to-first-account"
FORGET_CREDIT_LEG = "forget-credit-leg"
POST_DECLINED = "post-declined"
POST_HELD_AMOUNT = "post-held-amount"
KEEP_REVERSED_DEPOSIT = "keep-reversed-deposit"
CREDIT_SUSPECT = "credit-suspect-dispense"
KEEP_LIMIT_USED = "keep-limit-used-by-reversed"

DEFECTS: dict[str, Defect] = {
    FORGET_PARTIAL: Defect(
        "The host takes a partial reversal for a full one: it gives all the money back although some notes came out.",
        source="iso8583 facts 1.6, DE95 is what was really dispensed",
        found_by=("money",),
    ),
    PARTIAL_AS_DIFFERENCE: Defect(
        "The host takes the actual amount of a partial reversal for what is to be given back, not for what came out.",
        source="iso8583 facts 1.6, DE95 means what was really dispensed, not the difference",
        found_by=("money",),
    ),
    ROUND_TO_UNITS: Defect(
        "The host reckons in whole units of the currency: minor units are rounded away when a payment is posted.",
        source="user-asks part 2, number 1: float rounding among the money bugs to be found",
        found_by=("money",),
    ),
    REVERSE_TO_FIRST_ACCOUNT: Defect(
        "The host gives a reversal back to the first account of the card, and not to the one that was debited.",
        source="iso8583 facts 1.3 and 1.6: DE3 of a reversal may say no account, and its original must be asked",
        found_by=("money",),
    ),
    FORGET_CREDIT_LEG: Defect(
        "The host posts one half of a transfer: the payer is debited, and the money stays on an account of the "
        "bank's own.",
        source="iso8583 facts 7.2 F9, transfers and other debits without value after an upgrade",
        found_by=("money",),
    ),
    POST_DECLINED: Defect(
        "The host declines for lack of funds or for a limit, and posts the withdrawal all the same.",
        source="iso8583 facts 1.4, 51 and 61 post nothing; 7.2 F11, debits for withdrawals that failed",
        found_by=("money",),
    ),
    POST_HELD_AMOUNT: Defect(
        "The host posts what was held, and not what the completion says came out.",
        source="iso8583 facts 1.6 and 7.2 F10",
        found_by=("money",),
    ),
    KEEP_REVERSED_DEPOSIT: Defect(
        "The host answers the reversal of a deposit with approved and leaves the credit where it is, although the "
        "notes went back to the customer.",
        source="iso8583 facts 1.10, reversals are for whatever moves money",
        found_by=(
            "money",
            "reversals",
        ),
    ),
    CREDIT_SUSPECT: Defect(
        "The host credits a withdrawal at once of which the terminal cannot say what came out. The customer may "
        "have the cash as well.",
        source="iso8583 facts 1.10, unknown dispense; 7.2 F14: no automatic credit",
        found_by=("expected",),
    ),
    KEEP_LIMIT_USED: Defect(
        "A withdrawal that was reversed goes on counting against the daily limit of its card.",
        source="iso8583 facts 1.4, 61 and 65; 7.2 F11, making good whoever got no cash",
        found_by=("expected",),
    ),
}
