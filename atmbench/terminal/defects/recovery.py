"""Defects in what a terminal knows and does after a power failure."""

from atmbench.defects import Defect

DISPENSE_AT_POWER_UP = "dispense-at-power-up"
INTENT_LOST_AT_POWER_UP = "intent-lost-at-power-up"
INTERRUPTED_TAKEN_FOR_PAID = "interrupted-taken-for-paid"
INTERRUPTED_TAKEN_FOR_UNPAID = "interrupted-taken-for-unpaid"
SAF_LOST_AT_POWER_UP = "saf-lost-at-power-up"
STAN_RESTARTS_AT_POWER_UP = "stan-restarts-at-power-up"

DEFECTS: dict[str, Defect] = {
    DISPENSE_AT_POWER_UP: Defect(
        "The terminal gives the order to pay again if power failed while it was being carried out.",
        source="iso8583 facts 1.10, unknown (power failure during present)",
        found_by=("money", "sequence"),
    ),
    INTENT_LOST_AT_POWER_UP: Defect(
        "The open transaction is kept in working memory only: after a power failure the terminal knows nothing of it.",
        source="iso8583 facts 1.9, order rule; 7.2 F14",
        found_by=("money", "reversals"),
    ),
    INTERRUPTED_TAKEN_FOR_PAID: Defect(
        "After a power failure the terminal takes a dispense that was under way for paid, and asks no dispenser.",
        source="iso8583 facts 1.10, unknown (power failure during present)",
        found_by=("money", "reversals"),
    ),
    INTERRUPTED_TAKEN_FOR_UNPAID: Defect(
        "After a power failure the terminal reverses a dispense that was under way, without asking the dispenser: cash "
        "out, and the account not debited.",
        source="iso8583 facts 7.2 F14",
        found_by=("money", "reversals"),
    ),
    SAF_LOST_AT_POWER_UP: Defect(
        "Store-and-forward is kept in working memory only: a power failure loses all that is in it.",
        source="iso8583 facts 1.9, order rule; 7.2 F12",
        found_by=("money", "reversals"),
    ),
    STAN_RESTARTS_AT_POWER_UP: Defect(
        "The terminal counts its messages from 1 again after a power failure.",
        source="iso8583 facts 1.5 (DE11) and 1.8",
        found_by=("sequence",),
    ),
}
