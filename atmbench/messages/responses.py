"""Response codes of a dialect: what each means, and what a terminal does on it.

Source: iso8583 facts 1.4 ("Response codes and what an ATM does"). A code the dialect does not list is a
failure, whatever it may mean elsewhere: no cash, and a reversal in case the host has posted.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from atmbench.errors import LocalError
from atmbench.messages.dialect_file import ResponseRule
from atmbench.messages.records import Outcome, Reply


class ResponseCode(msgspec.Struct, frozen=True):
    """One code and what follows from it."""

    code: str
    outcome: Outcome
    card: Literal["return", "retain"] = "return"
    """What becomes of the customer's card."""
    reverse: bool = False
    """The host may have posted although no cash may come out: a reversal must follow."""
    accepts_advice: bool = False
    """As an answer to a reversal or completion: it is settled, stop sending."""
    retry_advice: bool = False
    """As an answer to a reversal or completion: it is not settled, send again. With neither of the two, sending again
    is no use."""


class Responses:
    """All codes of one dialect. Raises LocalError if an outcome has no code to send."""

    def __init__(self, rules: dict[str, ResponseRule], name: str) -> None:
        self._known = {
            code: ResponseCode(code, rule.outcome, rule.card, rule.reverse, rule.accepts_advice, rule.retry_advice)
            for code, rule in rules.items()
        }
        self._to_send: dict[Outcome, str] = {}
        for code, rule in rules.items():
            self._to_send.setdefault(rule.outcome, code)
        missing = [outcome.value for outcome in Outcome if outcome not in self._to_send]
        if missing:
            raise LocalError(f"{name}: no response code is listed for {', '.join(missing)}; each outcome needs one")

        self._day_advanced = next((code for code, rule in rules.items() if rule.day_advanced), "")

    def code_of(self, reply: Reply, own: Mapping[Outcome, str]) -> str:
        """The code of a reply. `own` are codes by outcome that come before the usual ones."""
        if reply.code:
            return reply.code
        advanced = self._day_advanced if reply.day_advanced else ""
        return advanced or own.get(reply.outcome) or self.code(reply.outcome)

    def code(self, outcome: Outcome) -> str:
        """The code a host sends for an outcome: the first one listed."""
        return self._to_send[outcome]

    def response(self, code: str) -> ResponseCode:
        """What a code means. An unknown one is a malfunction after which the terminal reverses."""
        known = self._known.get(code)
        return ResponseCode(code, Outcome.MALFUNCTION, reverse=True) if known is None else known
