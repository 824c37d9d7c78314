"""The questions put to two recordings: each with its samples, its tests, and what it says if the runs differ. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import ceil
from typing import TypeVar

import msgspec

from atmbench.compare.recording import Kind, Recording, Settings, Timed
from atmbench.compare.shapes import Shape, pattern
from atmbench.compare.swap import Test, mid_ranks, spells, swap_test

TEXTS_MAX = 8
"""Of a question with more different answers the most frequent are compared; of a field, the patterns of its texts."""
SHOWN_MAX = 3
CONSTANT_MIN = 3
"""So many equal times, and nothing else, are a constant: a difference of two constants needs no test."""
ALONE_MIN = 20
"""So many of one kind in one run, and none in the other, are no chance: the drill is the same."""
MEANT_MIN = 2
"""A single answer may be odd: one that tells of the next business day has a code of its own in some dialects."""
TAIL = 0.95
ABSENT, PRESENT, NONE = "absent", "there", "none"

MESSAGE_TYPE = "t"
"""In place of the number of a field."""

Sample = Sequence[str]
Says = tuple[Sample, Sample]
Shapes = Sequence[Shape]
K = TypeVar("K", bound="str | tuple[str, ...] | Kind")
V = TypeVar("V")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which two runs may differ."""

    about: str
    """"outcomes", "codes", "fields" or "timings"."""
    what: str
    """Of what: a service, messages of a kind."""
    a: str
    b: str
    """What either run shows, in words."""
    tests: tuple[Test, ...]
    field: str = ""
    change: str = ""
    """What all of the one run's are, and all of the other's; empty if they are not all alike."""
    certain: bool = False
    """Whether there is no chance in the difference: no test is needed."""
    matters: bool = True
    """Whether the difference is large enough to be one, if it is no chance."""


def questions(a: Recording, b: Recording, settings: Settings) -> Iterator[Question]:
    """All that can be asked of both."""
    for service, one, other in _both(a.outcomes, b.outcomes):
        yield _chosen("outcomes", service or "any service", one, other)
    yield from _alone("outcomes", a.outcomes, b.outcomes, lambda service: service or "any service")
    for (mti, purpose), one, other in _both(a.codes, b.codes):
        yield _chosen("codes", f"{mti} {purpose}", one, other)
    yield from _meanings(a, b)
    for sent, one, other in _both(a.types, b.types):
        yield _chosen("fields", _sent(sent), one, other, field=MESSAGE_TYPE)
    yield from _alone("fields", a.types, b.types, _sent)
    for kind, shapes, other_shapes in _both(a.messages, b.messages):
        yield from _fields(str(kind), shapes, other_shapes, settings.volatile)
    yield from _timings(a, b, settings)


def _sent(by: tuple[str, str]) -> str:
    sender, purpose = by
    return f"{purpose} from the {sender}"


def _both(a: Mapping[K, V], b: Mapping[K, V]) -> Iterator[tuple[K, V, V]]:
    """What both have, in order."""
    return ((key, a[key], b[key]) for key in sorted(a.keys() & b.keys()))


def _alone(about: str, a: Mapping[K, Sample], b: Mapping[K, Sample], name_of: Callable[[K], str]) -> Iterator[Question]:
    """What one has often, and the other never."""
    for key in sorted(a.keys() ^ b.keys()):
        one, other = a.get(key, ()), b.get(key, ())
        if len(one) + len(other) >= ALONE_MIN:
            yield msgspec.structs.replace(_chosen(about, name_of(key), one, other), certain=True)


# --- what is one of a few -------------------------------------------------------------------------


def _chosen(about: str, what: str, a: Sample, b: Sample, *, field: str = "", says: Says | None = None) -> Question:
    """Whether each text is as frequent in both samples, and each beside each other one.

    `says` are the texts to show, if they are others.
    """
    texts = [text for text, _ in Counter((*a, *b)).most_common(TEXTS_MAX)]
    tests = [_among(a, b, text) for text in texts] if len(texts) > 1 else []
    rare = texts[1:]  # one of them may have taken the place of another, where all the rest is as ever
    rare_a, rare_b = ([text for text in each if text in rare] if len(rare) > 1 else [] for each in (a, b))
    tests += [_pair(rare_a, rare_b, one, other) for one, other in combinations(rare, 2)]
    one, other = says or (a, b)
    kinds = {*one}, {*other}
    change = " -> ".join("".join(each) or NONE for each in kinds) if max(map(len, kinds)) == 1 else ""
    return Question(
        about=about, what=what, a=shown(one), b=shown(other), tests=tuple(tests), field=field, change=change
    )


def _among(a: Iterable[str], b: Iterable[str], text: str) -> Test:
    return swap_test([float(each == text) for each in a], [float(each == text) for each in b])


def _pair(a: Sample, b: Sample, one: str, other: str) -> Test:
    both = (one, other)
    return _among([text for text in a if text in both], [text for text in b if text in both], one)


def shown(sample: Sample) -> str:
    """The most frequent texts of a sample and their numbers."""
    counted = Counter(sample).most_common()
    if not counted:
        return NONE
    if len(counted) == 1:
        return f"{counted[0][0]} (all {len(sample):,})"
    told = [f"{text} {times:,}" for text, times in counted[:SHOWN_MAX]]
    rest = sum(times for _, times in counted[SHOWN_MAX:])
    return ", ".join([*told, f"others {rest:,}"] if rest else told) + f" (of {len(sample):,})"


def _meanings(a: Recording, b: Recording) -> Iterator[Question]:
    """What an emulated host means decides its code, with no chance in it: a few answers are as good as a hundred."""
    for (mti, purpose, outcome), one, other in _both(a.meanings, b.meanings):
        if min(len(one), len(other)) >= MEANT_MIN and not {*one} & {*other}:
            what = f"{mti} {purpose} that means {outcome.replace('_', ' ')}"
            yield msgspec.structs.replace(_chosen("codes", what, one, other), certain=True)


# --- fields ---------------------------------------------------------------------------------------


def _fields(kind: str, a: Shapes, b: Shapes, volatile: frozenset[str]) -> Iterator[Question]:
    """Whether each field is there as often, and says the same where it is."""
    table = {shape: dict(shape) for shape in {*a, *b}}
    for number in sorted({number for fields in table.values() for number in fields} - volatile, key=int):
        if len({fields.get(number) for fields in table.values()}) == 1:
            yield Question(about="fields", what=kind, a="", b="", tests=(), field=number)  # the same in all messages
            continue
        one, other = ([table[shape].get(number, ABSENT) for shape in each] for each in (a, b))
        there, other_there = ([ABSENT if text is ABSENT else PRESENT for text in each] for each in (one, other))
        yield _chosen("fields", kind, there, other_there, field=number, says=(one, other))
        said, other_said = ([text for text in each if text is not ABSENT] for each in (one, other))
        if said and other_said:
            if len({*said, *other_said}) > TEXTS_MAX:
                said, other_said = ([pattern(text) for text in each] for each in (said, other_said))
            yield _chosen("fields", kind, said, other_said, field=number)


# --- times ----------------------------------------------------------------------------------------


def _timings(a: Recording, b: Recording, settings: Settings) -> Iterator[Question]:
    for purpose, one, other in _both(a.answers, b.answers):
        yield _timing(f"{purpose}, from sending to the answer", one, other, settings.timing_percent)
    for purpose, one, other in _both(a.waits, b.waits):
        if (one, other) != (a.answers[purpose], b.answers[purpose]):
            yield _timing(f"{purpose}, from when it was wanted to the answer", one, other, settings.timing_percent)


def _timing(what: str, a: Sequence[Timed], b: Sequence[Timed], percent: float) -> Question:
    times, other_times = [took_s for _, took_s in a], [took_s for _, took_s in b]
    changes = [_change(quantile(times, share), quantile(other_times, share)) for share in (0.5, TAIL)]
    # Whoever was waiting at the same time was waiting for the same queue: one long queue is one witness.
    spell_s = max(*times, *other_times)
    ranks = mid_ranks(times, other_times)
    samples = [spells([t for t, _ in each], of, spell_s) for each, of in zip((a, b), ranks, strict=True)]
    return Question(
        about="timings",
        what=what,
        a=_times(times),
        b=f"{_times(other_times)}; {changes[0]:+.1%} and {changes[1]:+.1%}",
        tests=(swap_test(*samples),),
        certain=min(len(a), len(b)) >= CONSTANT_MIN and len({*times}) == len({*other_times}) == 1,
        matters=max(map(abs, changes)) * 100 >= percent,
    )


def _change(a: float, b: float) -> float:
    if a == b:
        return 0.0
    return b / a - 1 if a > 0 else 1.0


def _times(sample: Sequence[float]) -> str:
    return f"median {quantile(sample, 0.5):.4g} s, p95 {quantile(sample, TAIL):.4g} s (of {len(sample):,})"


def quantile(sample: Sequence[float], share: float) -> float:
    """The least value that at least this share of a sample does not exceed (nearest rank)."""
    return sorted(sample)[max(0, ceil(share * len(sample)) - 1)]
