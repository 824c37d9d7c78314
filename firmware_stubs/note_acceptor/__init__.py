"""CashCode's CCNET note acceptors: a validator with one note in escrow, and the Bill-to-Bill recycler."""
