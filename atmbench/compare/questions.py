"""The questions put to two recordings: each with its samples, its tests, and what it says if the runs differ. Pure."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import combinations
from math import ceil
from typing import TypeVar

import msgspec

from atmbench.compare.recording import Heard, Kind, Recording, Settings, Timed
from atmbench.compare.shapes import Shape, pattern
from atmbench.compare.swap import Test, mid_ranks, spells, swap_test, taken_together
from atmbench.messages.records import Outcome

TEXTS_MAX = 8
"""Of a question with more different answers the most frequent are compared; of a field, the patterns of its texts."""
SHOWN_MAX = 3
CONSTANT_MIN = 3
"""So many equal times, and nothing else, are a constant: a difference of two constants needs no test."""
ALONE_MIN = 20
"""So many of one kind in one run, and none in the other, are no chance: the drill is the same."""
SERVED_MIN = 100
"""Where so many customers were served, half as many are no chance: runs of one stock drill differ by a third."""
MEANT_MIN = 2
"""A single answer may be odd: one that tells of the next business day has a code of its own in some dialects."""
TAIL = 0.95
ABSENT, PRESENT, NONE = "(absent)", "there", "none"
MESSAGE_TYPE = "t"
"""In place of the number of a field."""

K = TypeVar("K", bound="str | tuple[str, ...] | Kind")
V = TypeVar("V")


class Texts(msgspec.Struct, frozen=True):
    """Texts in the order of time, and the spell of each: those of one spell are one witness."""

    texts: Sequence[str]
    spell_of: Sequence[int]

    def only(self, wanted: Container[str]) -> "Texts":
        """Those that are wanted."""
        kept = [number for number, text in enumerate(self.texts) if text in wanted]
        return Texts([self.texts[number] for number in kept], [self.spell_of[number] for number in kept])

    def map(self, change: Callable[[str], str]) -> "Texts":
        """Each changed."""
        return Texts([change(text) for text in self.texts], self.spell_of)


def each_alone(texts: Sequence[str]) -> Texts:
    """Texts that are witnesses apart."""
    return Texts(texts, range(len(texts)))


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
    yield _served(a, b)
    for service, one, other in _both(a.outcomes, b.outcomes):
        witnesses = _witnesses(a, b, service, one, other)
        yield _settled(_chosen("outcomes", service, *witnesses), *witnesses)
    yield from _alone("outcomes", _texts(a.outcomes), _texts(b.outcomes), str)
    for (mti, purpose), one, other in _both(a.codes, b.codes):
        witnesses = _witnesses(a, b, purpose, one, other)
        yield _settled(_chosen("codes", f"{mti} {purpose}", *witnesses), *witnesses)
    yield from _meanings(a, b)
    for sent, types, other_types in _both(a.types, b.types):
        yield _chosen("fields", _sent(sent), each_alone(types), each_alone(other_types), field=MESSAGE_TYPE)
    yield from _alone("fields", a.types, b.types, _sent)
    for kind, shapes, other_shapes in _both(a.messages, b.messages):
        yield from _fields(str(kind), shapes, other_shapes, settings.volatile)
    yield from _timings(a, b, settings)


def _texts(heard: Mapping[str, Sequence[Heard]]) -> dict[str, list[str]]:
    return {key: [text for _, text in each] for key, each in heard.items()}


def _witnesses(
    a: Recording, b: Recording, purpose: str, one: Sequence[Heard], other: Sequence[Heard]
) -> tuple[Texts, Texts]:
    """What was heard in either run, with those in one spell who met the same queue, or the same trouble."""
    spell_s, good = _spell_s(purpose, a, b), a.good | b.good
    return _of_spells(one, spell_s, good), _of_spells(other, spell_s, good)


def _of_spells(heard: Sequence[Heard], spell_s: float, good: Container[str]) -> Texts:
    texts = [text for _, text in heard]
    return Texts(texts, spells([t for t, _ in heard], spell_s, [text not in good for text in texts]))


def _spell_s(purpose: str, *runs: Recording) -> float:
    """The longest that anybody waited for an answer.

    Whoever was waiting at the same time was waiting for the same queue: one long queue is one witness, not a hundred.
    """
    return max((took_s for run in runs for _, took_s in run.answers.get(purpose, ())), default=0.0)


def _sent(by: tuple[str, str]) -> str:
    sender, purpose = by
    return f"{purpose} from the {sender}"


def _both(a: Mapping[K, V], b: Mapping[K, V]) -> Iterator[tuple[K, V, V]]:
    """What both have, in order."""
    return ((key, a[key], b[key]) for key in sorted(a.keys() & b.keys()))


def _alone(
    about: str, a: Mapping[K, Sequence[str]], b: Mapping[K, Sequence[str]], name_of: Callable[[K], str]
) -> Iterator[Question]:
    """What one has often, and the other never."""
    for key in sorted(a.keys() ^ b.keys()):
        one, other = a.get(key, ()), b.get(key, ())
        if len(one) + len(other) >= ALONE_MIN:
            yield msgspec.structs.replace(
                _chosen(about, name_of(key), each_alone(one), each_alone(other)), certain=True
            )


def _served(a: Recording, b: Recording) -> Question:
    """Whether far fewer were served in one run: how many come is chance, and half of them is none."""
    counts = [
        sum(outcome == Outcome.APPROVED for heard in run.outcomes.values() for _, outcome in heard) for run in (a, b)
    ]
    return Question(
        about="outcomes",
        what="transactions approved, of all services",
        a=f"{counts[0]:,}",
        b=f"{counts[1]:,}",
        tests=(),
        certain=max(counts) >= SERVED_MIN and min(counts) * 2 < max(counts),
    )


# --- what is one of a few -------------------------------------------------------------------------


def _chosen(
    about: str,
    what: str,
    a: Texts,
    b: Texts,
    *,
    field: str = "",
    says: tuple[Texts, Texts] | None = None,
) -> Question:
    """Whether each text is as frequent in both samples, and each beside each other one.

    `says` are the texts to show, if they are others.
    """
    texts = [text for text, _ in Counter((*a.texts, *b.texts)).most_common(TEXTS_MAX)]
    tests = [_among(a, b, text) for text in texts] if len(texts) > 1 else []
    rare = texts[1:]  # one of them may have taken the place of another, where all the rest is as ever
    if len(rare) > 1:
        left = a.only(rare), b.only(rare)
        for pair in combinations(rare, 2):
            tests.append(_among(left[0].only(pair), left[1].only(pair), pair[0]))
    one, other = (each.texts for each in says or (a, b))
    kinds = {*one}, {*other}
    change = " -> ".join("".join(each) or NONE for each in kinds) if max(map(len, kinds)) == 1 else ""
    return Question(
        about=about, what=what, a=shown(one), b=shown(other), tests=tuple(tests), field=field, change=change
    )


def _among(a: Texts, b: Texts, text: str) -> Test:
    """Whether a text has the same share of both samples."""
    return swap_test(
        *(taken_together([float(other == text) for other in each.texts], each.spell_of) for each in (a, b))
    )


def _settled(question: Question, a: Texts, b: Texts) -> Question:
    """Certain if what most got in one run nobody got in the other: where all is in trouble there is one spell only."""
    for one, other in ((a.texts, b.texts), (b.texts, a.texts)):
        (text, times), *_ = Counter(one).most_common(1)
        if min(len(one), len(other)) >= ALONE_MIN and times * 2 >= len(one) and text not in other:
            return msgspec.structs.replace(question, certain=True)
    return question


def shown(sample: Sequence[str]) -> str:
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
    """What an emulated host means decides its code, with no chance in it while it runs one release."""
    for (mti, purpose, outcome), one, other in _both(a.meanings, b.meanings):
        what = f"{mti} {purpose} that means {outcome.replace('_', ' ')}"
        apart = min(len(one), len(other)) >= MEANT_MIN and not {*one} & {*other}
        yield msgspec.structs.replace(_chosen("codes", what, each_alone(one), each_alone(other)), certain=apart)


# --- fields ---------------------------------------------------------------------------------------


def _fields(kind: str, a: Sequence[Shape], b: Sequence[Shape], volatile: frozenset[str]) -> Iterator[Question]:
    """Whether each field is there as often, and says the same where it is."""
    table = {shape: dict(shape) for shape in {*a, *b}}
    for number in sorted({number for fields in table.values() for number in fields} - volatile, key=int):
        if len({fields.get(number) for fields in table.values()}) == 1:
            yield Question(about="fields", what=kind, a="", b="", tests=(), field=number)  # the same in all messages
            continue
        one, other = (each_alone([table[shape].get(number, ABSENT) for shape in each]) for each in (a, b))
        there = [each.map(lambda text: ABSENT if text == ABSENT else PRESENT) for each in (one, other)]
        yield _chosen("fields", kind, *there, field=number, says=(one, other))
        said = [each.only({*each.texts} - {ABSENT}) for each in (one, other)]
        if all(each.texts for each in said):
            if len({text for each in said for text in each.texts}) > TEXTS_MAX:
                said = [each.map(pattern) for each in said]
            yield _chosen("fields", kind, *said, field=number)


# --- times ----------------------------------------------------------------------------------------


def _timings(a: Recording, b: Recording, settings: Settings) -> Iterator[Question]:
    for purpose, one, other in _both(a.answers, b.answers):
        yield _timing(f"{purpose}, from sending to the answer", one, other, settings, _spell_s(purpose, a, b))
    for purpose, one, other in _both(a.waits, b.waits):
        if (one, other) != (a.answers[purpose], b.answers[purpose]):
            what = f"{purpose}, from when it was wanted to the answer"
            longest_s = max(took_s for each in (one, other) for _, took_s in each)
            yield _timing(what, one, other, settings, longest_s)


def _timing(what: str, a: Sequence[Timed], b: Sequence[Timed], settings: Settings, spell_s: float) -> Question:
    times, other_times = [took_s for _, took_s in a], [took_s for _, took_s in b]
    changes = [_change(quantile(times, share), quantile(other_times, share)) for share in (0.5, TAIL)]
    ranks = mid_ranks(times, other_times)
    samples = [
        taken_together(of, spells([t for t, _ in each], spell_s)) for each, of in zip((a, b), ranks, strict=True)
    ]
    return Question(
        about="timings",
        what=what,
        a=_times(times),
        b=f"{_times(other_times)}; {changes[0]:+.1%} and {changes[1]:+.1%}",
        tests=(swap_test(*samples),),
        certain=min(len(a), len(b)) >= CONSTANT_MIN and len({*times}) == len({*other_times}) == 1,
        matters=max(map(abs, changes)) * 100 >= settings.timing_percent,
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
