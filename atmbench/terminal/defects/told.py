"""Known bugs of terminals in what they tell customers: screens and receipts that are not true, or of no help.

Names only. None of them moves money.
"""

from atmbench.defects import Defect

BLAME_FUNDS_WHEN_SILENT = "blame-funds-when-silent"
TAKE_CASH_WHEN_SILENT = "take-cash-when-silent"
RECEIPT_OF_APPROVED = "receipt-of-approved-amount"
RECEIPT_AS_IF_PAID = "receipt-as-if-paid"
CALL_CARD_KEPT = "call-returned-card-kept"
WELCOME_WHILE_CLOSED = "welcome-while-closed"
CALL_DONE_FAILED = "call-done-transfer-failed"
CALL_DECLINED_DONE = "call-declined-transfer-done"
NO_WAY_OUT = "tell-no-way-out"
TELL_LAST_BALANCE = "tell-last-balance"

_CHECK = ("customers_informed",)

TOLD_DEFECTS: dict[str, Defect] = {
    BLAME_FUNDS_WHEN_SILENT: Defect(
        "The screen says that there is not enough money in the account when the bank was only silent.",
        source="iso8583 facts 1.10, first row; the incident of 14 August 2023, what customers were told",
        found_by=_CHECK,
    ),
    TAKE_CASH_WHEN_SILENT: Defect(
        "The screen says that cash is to be taken when no answer has come and none was paid.",
        source="iso8583 facts 7.2 F7: each screen shows an outcome",
        found_by=_CHECK,
    ),
    RECEIPT_OF_APPROVED: Defect(
        "The receipt shows the amount that was approved, not the lower one that came out.",
        source="iso8583 facts 1.6, DE95 is what was really dispensed",
        found_by=_CHECK,
    ),
    RECEIPT_AS_IF_PAID: Defect(
        "The receipt of a withdrawal that was approved and not paid is that of one which was.",
        source="iso8583 facts 7.2 F11: failed withdrawals are made good on what the customer can show",
        found_by=_CHECK,
    ),
    CALL_CARD_KEPT: Defect(
        "The screen of a decline says that the card is kept, and it comes out.",
        source="iso8583 facts 7.2 F7",
        found_by=_CHECK,
    ),
    WELCOME_WHILE_CLOSED: Defect(
        "The terminal goes out of service and goes on showing its welcome: customers put their cards in for nothing.",
        source="the incident of 14 August 2023, ATMs out and nobody told; user-asks 17: lights stayed green",
        found_by=_CHECK,
    ),
    CALL_DONE_FAILED: Defect(
        "A transfer or payment that was posted is told as one that the bank did not approve. Customers do it again.",
        source="the incident of 14 August 2023, transfers and bill payments; iso8583 facts 7.2 F9",
        found_by=_CHECK,
    ),
    CALL_DECLINED_DONE: Defect(
        "A transfer or payment that the bank declined is told as done.",
        source="iso8583 facts 7.2 F9: debits without value",
        found_by=_CHECK,
    ),
    NO_WAY_OUT: Defect(
        "Out of service, the terminal says so and no more: not whom to call, nor that other machines work.",
        source="the incident of 14 August 2023, promised: tell customers about alternatives",
        found_by=_CHECK,
    ),
    TELL_LAST_BALANCE: Defect(
        "The screen of an inquiry shows the balance that the inquiry before it had brought.",
        source="iso8583 facts 7.2 F4: stale balances",
        found_by=_CHECK,
    ),
}
"""As `DEFECTS` of the room."""
