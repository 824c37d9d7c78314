"""Kinds of sub-fields with trees that they can carry, to draw from: bounded in depth and number."""

from typing import Any

from hypothesis import strategies as st

from atmbench.messages.subfield_file import (
    AnySubfields,
    BitField,
    Bitmap,
    Entries,
    Fixed,
    Named,
    Repeated,
    SizedPart,
    Structured,
    Tagged,
    Tlv,
    Tokens,
)
from atmbench.messages.subfields import Subfield

DEPTH_MAX = 3
ENTRIES_MAX = 4
Kinds = st.SearchStrategy[tuple[AnySubfields, tuple[Subfield, ...]]]

_NO_END = st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\")


def _text(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(_NO_END, min_size=least, max_size=most)


def _hexadecimal(most: int) -> st.SearchStrategy[str]:
    return st.binary(max_size=most).map(lambda data: data.hex().upper())


def _with_size(inner: tuple[AnySubfields, tuple[Subfield, ...]] | None, text: str) -> tuple[Any, dict[str, Any]]:
    """What a named part says of its inside, and the part of a tree."""
    if inner is None:
        return None, {"text": text}
    kind, parts = inner
    return kind, {"parts": parts}


@st.composite
def entries(draw: st.DrawFn, keys: st.SearchStrategy[str], depth: int) -> tuple[dict[str, Named], tuple[Subfield, ...]]:
    """Entries of a kind with names: some named, of those some with an inside."""
    drawn = draw(st.lists(keys, max_size=ENTRIES_MAX, unique=True))
    names: dict[str, Named] = {}
    parts = []
    for key in drawn:
        inner = draw(st.none() | kinds(depth + 1)) if depth < DEPTH_MAX else None
        inside, said = _with_size(inner, draw(_text(0, 12)))
        if inside is not None or draw(st.booleans()):
            names[key] = Named(name=f"name of {key}", inside=inside)
        parts.append(Subfield(key, **said))
    return names, tuple(parts)


@st.composite
def _fixed(draw: st.DrawFn) -> tuple[AnySubfields, tuple[Subfield, ...]]:
    texts = draw(st.lists(_text(1, 12), min_size=1, max_size=ENTRIES_MAX))
    takes_rest = draw(st.booleans())
    sizes: list[int | None] = [len(text) for text in texts]
    if takes_rest:
        sizes[-1] = None
    kind = Fixed(parts=tuple(SizedPart(name="x", size=size) for size in sizes))
    return kind, tuple(Subfield(str(at), text) for at, text in enumerate(texts, start=1))


@st.composite
def _repeated(draw: st.DrawFn) -> tuple[AnySubfields, tuple[Subfield, ...]]:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=ENTRIES_MAX))
    kind = Repeated(parts=tuple(SizedPart(name="x", size=size) for size in sizes), entries_max=ENTRIES_MAX)
    parts = []
    for number in range(1, draw(st.integers(0, ENTRIES_MAX)) + 1):
        inner = tuple(Subfield(str(at), draw(_text(size, size))) for at, size in enumerate(sizes, start=1))
        parts.append(Subfield(str(number), parts=inner))
    return kind, tuple(parts)


@st.composite
def _entries(draw: st.DrawFn, depth: int) -> tuple[AnySubfields, tuple[Subfield, ...]]:
    order = draw(st.sampled_from(["tag_first", "length_first"]))
    if draw(st.booleans()):
        tags = st.binary(min_size=1, max_size=1).map(lambda data: data.hex().upper())
        names, parts = draw(entries(tags, depth))
        return Entries(tag_size=1, length_size=2, order=order, form="raw", names=names), parts  # type: ignore[arg-type]
    names, parts = draw(entries(_text(2, 2), depth))
    return Entries(tag_size=2, length_size=4, order=order, names=names), parts  # type: ignore[arg-type]


@st.composite
def _bitmap(draw: st.DrawFn, depth: int) -> tuple[AnySubfields, tuple[Subfield, ...]]:
    bits = draw(st.sampled_from([16, 64]))
    keys = st.integers(1, bits).map(str)
    names, parts = draw(entries(keys, depth))
    ordered = tuple(sorted(parts, key=lambda part: int(part.key)))
    fields = {}
    for part in ordered:
        named = names.get(part.key, Named(name="x"))
        is_fixed = not part.parts and part.text and draw(st.booleans())
        size, prefix = (len(part.text), None) if is_fixed else (9999, 4)
        fields[int(part.key)] = BitField(name="x", inside=named.inside, size=size, prefix=prefix)
    return Bitmap(bitmap=draw(st.sampled_from(["raw", "hex"])), bits=bits, fields=fields), ordered


@st.composite
def _tlv(draw: st.DrawFn) -> tuple[AnySubfields, tuple[Subfield, ...]]:
    leaves = st.builds(Subfield, st.sampled_from(["9F02", "5A", "DF8101", "95", "9F8101"]), _hexadecimal(300))
    templates = st.builds(
        lambda key, parts: Subfield(key, parts=tuple(parts)),
        st.sampled_from(["FF20", "71", "E1"]),
        st.lists(leaves, min_size=1, max_size=ENTRIES_MAX),
    )
    parts = draw(st.lists(leaves | templates, max_size=ENTRIES_MAX))
    return Tlv(form=draw(st.sampled_from(["raw", "hex"]))), tuple(parts)


def kinds(depth: int = 1) -> Kinds:
    """A kind, and parts that it can carry."""
    no_end = st.just("\\")
    named = [
        entries(_text(2, 2), depth).map(lambda both: (Tokens(names=both[0]), both[1])),
        entries(_text(1, 9), depth).map(lambda both: (Structured(names=both[0]), both[1])),
        st.builds(
            lambda both, end: (Tagged(tag_size=3, end=end, names=both[0]), both[1]),
            entries(_text(3, 3), DEPTH_MAX),
            no_end,
        ),
    ]
    return st.one_of(_fixed(), _repeated(), _entries(depth), _bitmap(depth), _tlv(), *named)


def told(parts: tuple[Subfield, ...]) -> list[Any]:
    """A tree without what reading adds: keys, and the text of leaves."""
    return [(part.key, told(part.parts) if part.parts else part.text) for part in parts]
