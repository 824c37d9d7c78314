"""What two runs differ in, and what the comparison rests on. Pure."""

from collections.abc import Callable

import msgspec

from atmbench.compare.many import able, corrected
from atmbench.compare.questions import Question, questions
from atmbench.compare.recording import About, Recording, Settings


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which the runs differ more than chance allows."""

    about: str
    """"outcomes", "codes", "fields" or "timings"."""
    what: str
    a: str
    b: str
    p: float
    """Corrected for the number of comparisons; 0 where there is no chance in it."""
    field: str = ""
    """Its number, or "t" for the message type."""
    name: str = ""
    change: str = ""
    """What all of A's are and all of B's; empty if they are not all alike."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison came to."""

    a: About
    b: About
    unlike: tuple[str, ...]
    """Why the runs are no fair comparison, in words."""
    differences: tuple[Difference, ...]
    compared: int
    """Questions that were asked."""
    untold: int
    """Of those, the ones with too few answers to tell a difference from chance."""
    alpha: float
    timing_percent: float

    @property
    def is_none(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def compare(
    a: Recording, b: Recording, settings: Settings, name_of: Callable[[str], str] = lambda field: ""
) -> Comparison:
    """Compare two whole runs. `name_of` gives the name of a field by its number."""
    asked = list(questions(a, b, settings))
    tests = [test for question in asked for test in question.tests]
    ps, enough = corrected(tests, settings.alpha), {*able(tests, settings.alpha)}
    found, untold, first = [], 0, 0
    for question in asked:
        of_it = range(first, first + len(question.tests))
        first = of_it.stop
        p = 0.0 if question.certain else min((ps[number] for number in of_it), default=1.0)
        if p <= settings.alpha and question.matters:
            found.append(_difference(question, p, name_of(question.field)))
        untold += bool(question.tests) and not enough.intersection(of_it)
    return Comparison(
        a=a.about,
        b=b.about,
        unlike=tuple(unlike(a.about, b.about)),
        differences=tuple(found),
        compared=len(asked),
        untold=untold,
        alpha=settings.alpha,
        timing_percent=settings.timing_percent,
    )


def unlike(a: About, b: About) -> list[str]:
    """Why two runs are no fair comparison, in words: other customers, other faults or other lines."""
    said = []
    for what in ("drill", "venue", "currency"):
        one, other = getattr(a, what), getattr(b, what)
        if one != other:
            said.append(f"the {what} of {a.name} is {one or 'unknown'}, that of {b.name} is {other or 'unknown'}")
    for each in (a, b):
        if not each.is_complete or each.stopped:
            said.append(f"{each.name} was stopped before its end")
    return said


def _difference(question: Question, p: float, name: str) -> Difference:
    return Difference(
        about=question.about,
        what=question.what,
        a=question.a,
        b=question.b,
        p=p,
        field=question.field,
        name=name,
        change=question.change,
    )
