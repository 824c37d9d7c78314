"""An explanation as text for people (the choice, the fields, remarks, where it stopped) and as JSON."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from atmbench.report.explain import ExplainedField, ExplainedPart, Explanation

NAME_WIDTH_MAX = 48
INDENT = "  "


def render_explanation(explanation: Explanation) -> str:
    """The whole text, fit to be printed."""
    lines = [*_head(explanation), "", *_fields(explanation.fields)]
    if explanation.meaning:
        lines += ["", f"Meaning: {explanation.meaning}"]
    if explanation.remarks:
        lines += ["", "Remarks:", *(f"  - {remark}" for remark in explanation.remarks)]
    if explanation.stopped:
        lines += ["", f"Stopped: {explanation.stopped}"]
        if explanation.rest:
            lines += ["What is left, digits shown as 9 and letters as A:", *explanation.rest]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def explanations_json(explanations: Sequence[Explanation]) -> str:
    """The same for programs: a list, one explanation for each message."""
    return msgspec.json.format(msgspec.json.encode(list(explanations)), indent=2).decode("utf-8") + "\n"


def _head(explanation: Explanation) -> Iterator[str]:
    size = f"{explanation.size} byte{'s' if explanation.size != 1 else ''}"
    yield f"{explanation.dialect}, {size}, {'read to the end' if explanation.is_complete else 'not read to the end'}"
    yield f"  {explanation.given}"
    if explanation.because:
        yield f"  chosen because: {'; '.join(explanation.because)}"
    for other in explanation.runners_up:
        yield f"  not {other}"


def _fields(fields: Iterable[ExplainedField]) -> Iterator[str]:
    rows = [("byte", "field", "name", "length", "value")]
    for field in fields:
        value = f"{field.value}  ({field.says})" if field.says else field.value
        rows.append((str(field.position), field.key, field.name, field.prefix, value))
        rows += _parts(field.parts, 1)
    width = min(NAME_WIDTH_MAX, max(len(row[2]) for row in rows))
    for position, key, name, prefix, value in rows:
        yield f"{position:>6}  {key:<7} {name:<{width}} {prefix:<6} {value}"


def _parts(parts: Iterable[ExplainedPart], depth: int) -> Iterator[tuple[str, str, str, str, str]]:
    for part in parts:
        yield f"+{part.position}", "", f"{INDENT * depth}{part.key} {part.name}".rstrip(), "", part.value
        yield from _parts(part.parts, depth + 1)
