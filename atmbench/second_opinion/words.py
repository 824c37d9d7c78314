"""What an opinion is made of, and how it reads."""

from enum import StrEnum

import msgspec

OBJECTIONS_MAX = 1_000
"""Objections that an opinion keeps. Its sentence gives the full number."""
SHOWN_MAX = 20
"""Objections that are printed."""


class Standing(StrEnum):
    """What an opinion comes to. What could not be judged is UNKNOWN, never PASS."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


class Rule(StrEnum):
    """The posting rules, by the names that objections have."""

    BALANCED = "balanced"
    """The legs of an entry, and all balances of a site, sum to zero (double entry)."""
    ONCE = "once"
    """A site enters an entry once, and has one posting of a transaction key at most (1.8, rule 3)."""
    DAY = "day"
    """All that is entered of a transaction belongs to one business day, the same at each site."""
    CASH = "cash"
    """Money moved at a site is what the devices counted of the transaction (1.10)."""
    ANSWER = "answer"
    """Without cash, money moved is what was asked if the customer was told yes, and nothing else (1.4)."""
    PARTIES = "parties"
    """It moved between the accounts that the service is about, and went to whom the customer named."""
    SITES = "sites"
    """The sites have moved the same for each transaction, and have the same balances."""
    HOLDS = "holds"
    """Money is held or posted and never both, and nothing is held of what is done (7.2, F10)."""
    COUNTED = "counted"
    """Balances and holds at the end are the opening ones and what was entered since."""
    READ = "read"
    """A balance that was told is the one that the entries of the site explain."""
    CORE = "core"
    """An approval in stand-in reaches the core of a site once (7.2, F5)."""
    NOTES = "notes"
    """Notes counted by hand are those that the devices moved."""
    TOLD = "told"
    """No more is left to a person than the drill allows."""


class Objection(msgspec.Struct, frozen=True):
    """One breach of a posting rule.

    `key`, `site` and `account` are empty where none is concerned. Amounts are minor units; None where the rule is
    about none. `facts` are numbers of facts in the history, from 1.
    """

    rule: Rule
    says: str
    key: str = ""
    site: str = ""
    account: str = ""
    wanted_minor: int | None = None
    found_minor: int | None = None
    facts: tuple[int, ...] = ()


class Opinion(msgspec.Struct, frozen=True):
    """The whole of it: `because` is a plain sentence with figures."""

    standing: Standing
    because: str
    objections: tuple[Objection, ...] = ()


def render(opinion: Opinion) -> str:
    """The opinion as text, for people: one line, then one for each of the first objections."""
    lines = [f"SECOND OPINION\n  {opinion.standing:<7} {opinion.because}"]
    lines += [f"          {_line(each)}" for each in opinion.objections[:SHOWN_MAX]]
    if len(opinion.objections) > SHOWN_MAX:
        lines.append(f"          and {len(opinion.objections) - SHOWN_MAX:,} more")
    return "\n".join(lines) + "\n"


def _line(objection: Objection) -> str:
    where = [objection.key, f"site {objection.site}" if objection.site else "", objection.account]
    parts = [f"{objection.rule}: {', '.join(each for each in where if each)}: {objection.says}"]
    if objection.wanted_minor is not None:
        parts.append(f"wanted {objection.wanted_minor}")
    if objection.found_minor is not None:
        parts.append(f"found {objection.found_minor}")
    if objection.facts:
        parts.append(f"facts {', '.join(str(number) for number in objection.facts)}")
    return "; ".join(parts)
