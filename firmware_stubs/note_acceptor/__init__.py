"""CashCode's CCNET bill validator: one note at a time in escrow."""
