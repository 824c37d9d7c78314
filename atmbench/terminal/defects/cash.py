"""Defects in what becomes of notes, and in what the host is told of them."""

from atmbench.defects import Defect

CARD_LEFT_NOT_REVERSED = "card-left-not-reversed"
DISPENSE_AGAIN_ON_DOUBT = "dispense-again-on-doubt"
DROP_SUSPECT = "drop-suspect"
REFUSAL_NOT_REVERSED = "refusal-not-reversed"
RETRACT_TAKEN_FOR_PAID = "retract-taken-for-paid"
REVERSE_MISSING_AMOUNT = "reverse-missing-amount"
SHORT_NOT_REVERSED = "short-not-reversed"
SHORT_REVERSED_FULLY = "short-reversed-fully"

DEFECTS: dict[str, Defect] = {
    CARD_LEFT_NOT_REVERSED: Defect(
        "The terminal keeps a card that was not taken, pays nothing, and does not reverse.",
        source="iso8583 facts 1.10, card not taken before cash",
        found_by=("money", "reversals"),
    ),
    DISPENSE_AGAIN_ON_DOUBT: Defect(
        "The terminal gives the order to pay a second time if the dispenser cannot say what became of the first.",
        source="iso8583 facts 1.10, unknown (NDC E3)",
        found_by=("money", "sequence"),
    ),
    DROP_SUSPECT: Defect(
        "Nobody is told when the terminal does not know how much cash came out: neither the host nor a person.",
        source="iso8583 facts 1.10, unknown (NDC E3); 7.2 F14",
        found_by=("money", "reversals"),
    ),
    REFUSAL_NOT_REVERSED: Defect(
        "The terminal does not reverse what its dispenser has refused to pay: the account is debited without cash.",
        source="iso8583 facts 1.10, dispenser refused (NDC E2, E4)",
        found_by=("money", "reversals"),
    ),
    RETRACT_TAKEN_FOR_PAID: Defect(
        "The terminal counts notes that it has drawn back as taken: the customer pays for what nobody got.",
        source="iso8583 facts 1.10, presented, not taken, retracted (NDC E5)",
        found_by=("money", "reversals"),
    ),
    REVERSE_MISSING_AMOUNT: Defect(
        "A partial reversal carries the amount that is missing where the amount that was paid belongs (DE95).",
        source="iso8583 facts 1.6 (DE95); 1.10, short dispense",
        found_by=("money",),
    ),
    SHORT_NOT_REVERSED: Defect(
        "The terminal takes a short dispense for a full one: the customer pays for notes that did not come.",
        source="iso8583 facts 1.10, short dispense (NDC E1)",
        found_by=("money", "reversals"),
    ),
    SHORT_REVERSED_FULLY: Defect(
        "The terminal reverses a short dispense fully: the customer keeps the notes that came, and the money.",
        source="iso8583 facts 1.10, short dispense (NDC E1)",
        found_by=("money",),
    ),
}
