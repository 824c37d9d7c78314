"""Defects in how a session is kept: numbers, cards and deposits."""

from atmbench.defects import Defect

KEEP_CARD_UNANSWERED = "keep-card-unanswered"
KEEP_UNAPPROVED_NOTES = "keep-unapproved-notes"
RETURN_WANTED_CARD = "return-wanted-card"
RETURNED_NOTES_CREDITED = "returned-notes-credited"
REUSE_STAN = "reuse-stan"

DEFECTS: dict[str, Defect] = {
    KEEP_CARD_UNANSWERED: Defect(
        "The terminal keeps the card of a customer whose bank does not answer, although it is told to give it back.",
        source="iso8583 facts 7.2 F7 (Mizuho, 28 February 2021)",
        found_by=("cards",),
    ),
    KEEP_UNAPPROVED_NOTES: Defect(
        "The terminal stores the notes of a deposit that the host has not approved.",
        source="iso8583 facts 7.2 F9, debits without value",
        found_by=("money",),
    ),
    RETURN_WANTED_CARD: Defect(
        "The terminal gives back a card that the host has asked it to keep.",
        source="iso8583 facts 1.4 (DE39 04, 41, 43)",
        found_by=("cards",),
    ),
    RETURNED_NOTES_CREDITED: Defect(
        "The terminal does not reverse an approved deposit whose notes came back to the customer.",
        source="iso8583 facts 1.10, line of a dispense that did not happen",
        found_by=("money", "reversals"),
    ),
    REUSE_STAN: Defect(
        "The terminal uses each number for two messages. A host that matches by terminal, STAN and date takes the "
        "second for a repeat.",
        source="iso8583 facts 1.5 (DE11) and 1.8",
        found_by=("sequence", "money"),
    ),
}
