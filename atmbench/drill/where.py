"""Which facts a drill means: the values that a `where` asks for, of a trigger and of an expectation alike.

An MTI may be a pattern as in the aim of a fault, so that one drill serves dialects of 1987 and 1993.
"""

from collections.abc import Mapping

from atmbench.facts import AnyFact
from atmbench.messages.matching import text_fits

_ABSENT = object()


def fact_fits(fact: AnyFact, where: Mapping[str, str | int | bool]) -> bool:
    """Whether a fact has all these values. A value that the fact has not is looked for in its `detail`."""
    for name, value in where.items():
        found = getattr(fact, name, _ABSENT)
        if found is _ABSENT:
            found = getattr(fact, "detail", {}).get(name, _ABSENT)
        if found != value and not (name == "mti" and _mti_fits(found, value)):
            return False
    return True


def _mti_fits(found: object, pattern: object) -> bool:
    return isinstance(found, str) and isinstance(pattern, str) and text_fits(found, pattern)
