"""Dates and times as fields carry them, read with care: a 32nd of a month is not guessed at.

Source: iso8583 facts 1.5 and 2.2 (DE7, DE12, DE13). The bench writes YYMMDDhhmmss everywhere; what of it travels
differs from family to family.
"""

from datetime import datetime

from atmbench.errors import LocalError
from atmbench.messages.composites import Unreadable, digits
from atmbench.messages.records import Reply, Request
from atmbench.messages.wall_clock import YEAR_S

DAYS_AHEAD_MAX = 180
"""So far at most a business day may be after the first one of a run. Most messages carry it without its year, and half
a year ahead it would be read as one that is past."""
CENTURY = "20"
"""The only one in which drills happen; another one in a message is an error."""

_LEAP_YEAR = "2000"
"""Stands before a date without a year. What crosses the year's end comes out right all the same."""


def moment_of(local_time: str) -> datetime | None:
    """A local date and time, with or without its year, to reckon with; None if it is no time."""
    century = CENTURY if len(local_time) == 12 else _LEAP_YEAR
    try:
        return datetime.strptime(century + local_time, "%Y%m%d%H%M%S")
    except ValueError:
        return None


def seconds_apart(one: str, other: str) -> float | None:
    """How far the first moment (MMDDhhmmss) is ahead of the other, by the shorter way round the year.

    None if one of them is no moment.
    """
    first, second = moment_of(one), moment_of(other)
    if first is None or second is None:
        return None
    return ((first - second).total_seconds() + YEAR_S / 2) % YEAR_S - YEAR_S / 2


def elapsed_s(since: str, until: str) -> float:
    """What passed from one moment to another (YYMMDDhhmmss) as a wall clock has it. Less than 0 if it was set back."""
    first, second = moment_of(since), moment_of(until)
    assert first is not None, "what a clock of the bench has shown"
    assert second is not None, "what a clock of the bench shows"
    return (second - first).total_seconds()


def local_date(request: Request) -> str:
    """MMDD of a request; empty if it has no local time."""
    return request.local_time[-10:-6]


def local_time(request: Request) -> str:
    """The clock of a request, hhmmss."""
    return request.local_time[-6:]


def business_date(request: Request) -> str:
    """MMDD of the business day of a request, or the local date where it knows of none."""
    return request.business_day[-4:] or local_date(request)


def settlement_date(message: Request | Reply) -> str:
    """MMDD of the business day of a request or a reply; empty if it knows of none."""
    return message.business_day[-4:]


def settlement_full_date(message: Request | Reply) -> str:
    """YYMMDD of the business day; empty if none is known. Raises LocalError if it has no year."""
    if message.business_day and len(message.business_day) != 6:
        raise LocalError("the business day of a message has no year, and this dialect needs it: YYMMDD")
    return message.business_day


def settlement_century_date(message: Request | Reply) -> str:
    """CCYYMMDD of the business day; empty if none is known. Raises LocalError if it has no year."""
    text = settlement_full_date(message)
    return text and CENTURY + text


def local_date_time(request: Request) -> str:
    """YYMMDDhhmmss of a request. Raises LocalError if it does not know the year."""
    if request.local_time and len(request.local_time) != 12:
        raise LocalError(f"the local time of a {request.purpose} has no year, and this dialect needs it: YYMMDDhhmmss")
    return request.local_time


def local_century_date_time(request: Request) -> str:
    """CCYYMMDDhhmmss of a request. Raises LocalError if it does not know the year."""
    text = local_date_time(request)
    return text and CENTURY + text


def is_same_day(one: str, other: str) -> bool:
    """Whether two business days (YYMMDD, or MMDD where no year travels) are one."""
    return one[-4:] == other[-4:]


def is_later_day(one: str, other: str) -> bool:
    """Whether a business day comes after another one, by the shorter way round the year."""
    apart_s = seconds_apart(one[-4:] + "000000", other[-4:] + "000000")
    return apart_s is not None and apart_s > 0


def read_date(text: str) -> str:
    """MMDD. Raises Unreadable for a month or day that no year has."""
    digits(text)
    if len(text) != 4 or not ("01" <= text[:2] <= "12" and "01" <= text[2:] <= "31"):
        raise Unreadable("is no date MMDD")
    return text


def read_full_date(text: str) -> str:
    """YYMMDD. Raises Unreadable."""
    digits(text[:2])
    read_date(text[2:])
    return text


def read_century_date(text: str) -> str:
    """YYMMDD of CCYYMMDD. Raises Unreadable, also for another century."""
    if text[:2] != CENTURY:
        raise Unreadable("is no date of this century")
    return read_full_date(text[2:])


def read_time(text: str) -> str:
    """The clock, hhmmss. Raises Unreadable."""
    digits(text)
    if len(text) != 6 or text > "235959" or text[2:4] > "59" or text[4:] > "59":
        raise Unreadable("is no time hhmmss")
    return text


def read_moment(text: str) -> str:
    """MMDDhhmmss (DE7). Raises Unreadable."""
    read_date(text[:4])
    read_time(text[4:])
    return text


def read_date_time(text: str) -> str:
    """YYMMDDhhmmss. Raises Unreadable."""
    digits(text[:2])
    read_moment(text[2:])
    return text


def read_century_date_time(text: str) -> str:
    """YYMMDDhhmmss of CCYYMMDDhhmmss. Raises Unreadable, also for another century."""
    if text[:2] != CENTURY:
        raise Unreadable("is no date and time of this century")
    return read_date_time(text[2:])
