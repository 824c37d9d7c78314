"""A second opinion on where the money is: a model check of a history against the posting rules alone.

Each site has a reference ledger here that replays its entries, and each transaction a reference model that says what
the devices and the customer's answer call for. Where they differ, or where a balance that was read is not what the
entries explain, the opinion objects. The rules are from the sources (iso8583 facts 1.2, 1.4, 1.6, 1.8 to 1.10, 7.2).
This room must never import anything of the audit, nor be seen by it: two judges who copy from each other are one.
"""

from atmbench.second_opinion.checker import SecondOpinion, opine
from atmbench.second_opinion.words import Objection, Opinion, Rule, Standing, render

__all__ = ["Objection", "Opinion", "Rule", "SecondOpinion", "Standing", "opine", "render"]
