"""Customer impact: who was touched by what went wrong, what he saw, what he lost, and when it was right again.

Folds a history, by way of the audit's book, into one record for each customer touched and into figures of customer
minutes and of the time in which terminals were in service. What is right and wrong is said by the audit; this room
must never judge it a second time, and must never show more of a card or an account than its mask.
"""
