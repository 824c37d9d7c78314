"""Dates as drills write them: 2026-01-08. Pure."""

from datetime import date

DATE_CHARACTERS = 10


def is_date(text: str) -> bool:
    """Whether a text is a date from 2000 to 2099."""
    try:
        return 2000 <= date.fromisoformat(text).year <= 2099 and "-" in text
    except ValueError:
        return False


def days_ahead(to: str, starts_at: str) -> int:
    """Days from the date of a moment to another date. 1 if the moment has none, which is told where it stands."""
    first = starts_at[:DATE_CHARACTERS]
    return (date.fromisoformat(to) - date.fromisoformat(first)).days if is_date(first) else 1
