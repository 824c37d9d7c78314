"""The business day of a terminal: which one its host is in, as far as the terminal has heard.

The host announces a new day (0800 with DE70 201), or an answer says that it is in another one than the request said
(DE15; AS2805: code 97). What was begun before keeps its day, also in its reversal (iso8583 facts 7.1, cut-over). A
terminal that has never heard of any says the local date where its dialect wants a day.
"""

from atmbench.facts import BusinessDayTaken
from atmbench.messages.moments import is_later_day, is_same_day
from atmbench.messages.records import Reply, Request
from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.effects import AnswerHost, Remember
from atmbench.terminal.memory import DAY


class BusinessDay:
    """Takes the day from the host. The present one is `cabinet.business_day`."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    def on_announced(self, line: str, request: Request, now: float) -> None:
        """The host says which day it is. It is taken before it is answered; one that goes back is answered and left."""
        self._take(request.business_day, line, now, announced=True)
        self._cabinet.ask(AnswerHost(line, request))

    def on_reply(self, line: str, reply: Reply, now: float) -> None:
        """An answer of the host may tell of a later day. A stored answer tells of an earlier one, and of no news."""
        if self._cabinet.business_day and reply.business_day:
            self._take(reply.business_day, line, now, announced=False)

    def _take(self, day: str, line: str, now: float, *, announced: bool) -> None:
        cabinet = self._cabinet
        before = cabinet.business_day
        if before and (is_same_day(day, before) or not is_later_day(day, before)):
            return
        cabinet.business_day = day
        cabinet.ask(Remember(DAY, day))
        cabinet.record(BusinessDayTaken(day=day, before=before, line=line, announced=announced))
        cabinet.journal(f"BUSINESS DAY {day}", 0, now)
