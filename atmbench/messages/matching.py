"""Keys: which reply belongs to which request, and which messages are about one transaction.

Sources: iso8583 facts 1.8 ("Matching and duplicates"). STAN alone is never a key: two terminals use
the same numbers, and a terminal uses them again after 999,999. This module must hold no state.
"""

import msgspec

STAN_MAX = 999_999


class ReplyKey(msgspec.Struct, frozen=True, gc=False):
    """What a reply must share with an outstanding request.

    `mti_class` is version and class of the MTI ("02", "04", "08"; "12" in 1993): request, advice, repeat
    and their answers share it. `more` is the text of further fields, where a dialect wants them to agree.
    """

    mti_class: str
    terminal: str
    stan: int
    more: tuple[str, ...] = ()


def transaction_key(terminal: str, stan: int, local_time: str) -> str:
    """One name for one transaction at every witness: terminal, STAN of its first message, local date and time.

    `local_time` may carry a year (YYMMDDhhmmss) or not (MMDDhhmmss); only the last ten digits count,
    because a 1987 message has no year.
    """
    return f"{terminal}/{stan:06d}/{local_time[-10:]}"


def rrn_of(local_time: str, stan: int) -> str:
    """The retrieval reference number (DE37) that a terminal gives a message: hour and day in front of its STAN."""
    return f"{local_time[2:8]}{stan:06d}"


def terminal_of(key: str) -> str:
    """The terminal that a transaction began at. Its name may hold any character, if it was garbled."""
    return key.rsplit("/", 2)[0]


def text_fits(text: str, pattern: str) -> bool:
    """Whether a text is like a pattern of the same length, in which an x stands for any character: "x4x0"."""
    return len(text) == len(pattern) and all(p in ("x", t) for t, p in zip(text, pattern, strict=True))


def next_stan(stan: int) -> int:
    """The STAN after this one: 1 to 999,999, then 1 again (DE11, n6)."""
    return 1 if stan >= STAN_MAX else stan + 1
