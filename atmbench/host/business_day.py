"""Which business day a site counts a message in, of the days that it has been in. Pure.

`days` are YYMMDD, the present one last; the first is empty text and stands for `first_day`.
"""

from collections.abc import Sequence

from atmbench.messages.moments import is_same_day
from atmbench.messages.records import Request


def posting_day(request: Request, days: Sequence[str], first_day: str) -> str:
    """The day to post a request in: the present one.

    A repeat that is not known here is posted in the day that it says: the other site may have posted it then, and has
    not told yet.
    """
    return said_day(request, days, first_day) if request.repeat else days[-1]


def said_day(request: Request, days: Sequence[str], first_day: str) -> str:
    """The day that a message says it belongs to; the present one if it says none that this site has been in."""
    said = [day for day in days if is_same_day(request.business_day, day or first_day)]
    return said[-1] if said else days[-1]


def answered_day(request: Request, day: str, first_day: str) -> str:
    """The day that an answer says: nothing of the first one, unless the request says another."""
    return first_day if not day and is_of_another(request, day, first_day) else day


def is_of_another(request: Request, day: str, first_day: str) -> bool:
    """Whether a message says that it belongs to another day than this one."""
    return bool(request.business_day) and not is_same_day(request.business_day, day or first_day)
