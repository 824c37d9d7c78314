"""Drift: in what the answers of two hosts to the same probes differ, field by field, and what that comes from. Pure.

Sources: user of an active pair whose sites had grown apart without anybody's noticing (missing BIN, other time zone,
other limit). A field is left out only if it is declared volatile.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from atmbench.audit.release_log import hours_between
from atmbench.audit.verdict import count
from atmbench.messages.records import Outcome

NO_ANSWER = "answer"
"""In place of a field: one host answers, and the other does not, or cannot be read."""
BIN_DIGITS = 6
REFUSALS_MAX = 3
"""Reasons of one host not to answer that are told, the most frequent first."""
_LIMITS = frozenset({Outcome.AMOUNT_LIMIT, Outcome.COUNT_LIMIT})


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back for one probe."""

    fields: Mapping[str, str] = {}
    """Field number to its text, unmasked: to be compared, and not to be shown."""
    shown: Mapping[str, str] = {}
    """The same, masked."""
    outcome: str = ""
    code: str = ""
    local_time: str = ""
    refused: str = ""
    """Why there is no answer that a terminal could read; empty if there is one."""

    def __repr__(self) -> str:
        return f"Answer({self.outcome or self.refused})"


class Probe(msgspec.Struct, frozen=True):
    """One message that both hosts were sent, in words. `bin` is that of the card, in a request for a service."""

    says: str
    bin: str = ""


class Difference(msgspec.Struct):
    """A field in which answers differ."""

    field: str
    """Its number, or `NO_ANSWER`."""
    name: str
    probes: int
    first: int
    """Number of the first probe that shows it, from 1."""
    says: str
    """That probe in words."""
    a: str
    b: str
    """What stood there, masked; empty if nothing."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison came to. `named` says in words what differences come from."""

    a: str
    b: str
    probes: int
    differing: int
    """Probes whose answers differ in any field."""
    differences: tuple[Difference, ...]
    named: tuple[str, ...]
    volatile: Mapping[str, str]
    """Field number to why it was not compared."""

    @property
    def is_none(self) -> bool:
        """Whether both hosts gave the same answers."""
        return not self.differences


def compare(
    a: str,
    b: str,
    probes: Sequence[Probe],
    pairs: Sequence[tuple[Answer, Answer]],
    *,
    volatile: Mapping[str, str],
    name_of: Callable[[str], str],
) -> Drift:
    """Compare answers pair by pair. `name_of` gives the name of a field by its number."""
    found: dict[str, Difference] = {}
    differing = 0
    read = [(probe, one, other) for probe, (one, other) in zip(probes, pairs, strict=True)]
    for number, (probe, one, other) in enumerate(read, start=1):
        fields = _differing(one, other, volatile)
        differing += bool(fields)
        for field in fields:
            difference = found.get(field)
            if difference is None:
                said = (_shown(one, field), _shown(other, field))
                found[field] = Difference(field, name_of(field), 1, number, probe.says, *said)
            else:
                difference.probes += 1
    ordered = sorted(found.values(), key=lambda each: (each.field != NO_ANSWER, len(each.field), each.field))
    return Drift(
        a=a,
        b=b,
        probes=len(probes),
        differing=differing,
        differences=tuple(ordered),
        named=tuple(_named(a, b, read)),
        volatile=volatile,
    )


def _differing(one: Answer, other: Answer, volatile: Mapping[str, str]) -> list[str]:
    if one.refused or other.refused:
        return [NO_ANSWER] if one.refused != other.refused else []
    numbers = sorted({*one.fields, *other.fields})
    return [each for each in numbers if each not in volatile and one.fields.get(each) != other.fields.get(each)]


def _shown(answer: Answer, field: str) -> str:
    return (answer.refused or "given") if field == NO_ANSWER else answer.shown.get(field, "")


# --- what it comes from ---------------------------------------------------------------------------


_Read = tuple[Probe, Answer, Answer]


def _named(a: str, b: str, read: Sequence[_Read]) -> Iterable[str]:
    answered = [each for each in read if not each[1].refused and not each[2].refused]
    yield from _zones(a, b, answered)
    yield from _bins(a, b, read)
    yield from _limits(a, b, answered)
    yield from _codes(a, b, answered)
    yield from _refusals(a, b, read)


def _zones(a: str, b: str, read: Sequence[_Read]) -> Iterable[str]:
    apart = [hours_between(one.local_time[-10:], other.local_time[-10:]) for _, one, other in read]
    for hours in sorted({*apart} - {0}):
        how = "ahead of" if hours > 0 else "behind"
        yield f"time zone: local times of {b} are {abs(hours)} h {how} those of {a} ({_probes(apart.count(hours))})"


def _probes(number: int) -> str:
    return count(number, "probe")


def _sides(a: str, b: str, read: Sequence[_Read]) -> Iterable[tuple[str, list[_Read]]]:
    """Each host in turn, with its own answer before the other's."""
    yield a, list(read)
    yield b, [(probe, other, one) for probe, one, other in read]


def _bins(a: str, b: str, read: Sequence[_Read]) -> Iterable[str]:
    for who, answers in _sides(a, b, read):
        lacking: dict[str, int] = {}
        known: set[str] = set()
        for probe, mine, other in answers:
            if mine.outcome == Outcome.APPROVED:
                known.add(probe.bin)
            elif probe.bin and not other.refused and mine.outcome == Outcome.CARD_UNKNOWN != other.outcome:
                lacking[probe.bin] = lacking.get(probe.bin, 0) + 1
        for digits, times in sorted(lacking.items()):
            if digits not in known:
                yield f"missing BIN: {who} knows no card of {digits} ({_probes(times)})"


def _limits(a: str, b: str, read: Sequence[_Read]) -> Iterable[str]:
    for who, answers in _sides(a, b, read):
        hit: dict[str, int] = {}
        for _, mine, other in answers:
            if mine.outcome in _LIMITS and other.outcome == Outcome.APPROVED:
                hit[mine.outcome] = hit.get(mine.outcome, 0) + 1
        for outcome, times in sorted(hit.items()):
            what = outcome.replace("_", " ")
            yield f"other limit: {who} refuses for its {what} what the other approves ({_probes(times)})"


def _codes(a: str, b: str, read: Sequence[_Read]) -> Iterable[str]:
    seen: dict[tuple[str, str], int] = {}
    for _, one, other in read:
        # A terminal that does not know a code takes it for a malfunction: what it means to the host is not seen here.
        alike = one.outcome == other.outcome or Outcome.MALFUNCTION in (one.outcome, other.outcome)
        if alike and one.code != other.code:
            seen[one.code, other.code] = seen.get((one.code, other.code), 0) + 1
    for (first, second), times in sorted(seen.items()):
        yield f"other response code: {first} at {a} is {second} at {b} ({_probes(times)})"


def _refusals(a: str, b: str, read: Sequence[_Read]) -> Iterable[str]:
    for who, answers in _sides(a, b, read):
        seen: dict[str, int] = {}
        for _, mine, other in answers:
            if mine.refused and not other.refused:
                seen[mine.refused] = seen.get(mine.refused, 0) + 1
        for because, times in sorted(seen.items(), key=lambda each: (-each[1], each[0]))[:REFUSALS_MAX]:
            yield f"no answer from {who}: {because} ({_probes(times)})"
