"""A proof as text for people: what was found where, what was wrong with the bench, and the verdict."""

import textwrap
from collections.abc import Iterator, Sequence

from atmbench.audit.verdict import count
from atmbench.explore.proof import DefectProof, Listed, Proof, Standing

WIDTH = 120
LISTED_MAX = 50
_INDENT = "    "


def render_proof(proof: Proof) -> str:
    """The whole report; every line has at most WIDTH columns."""
    lines = [*_table(proof.defects), *_bad_runs("FALSE ALARMS", proof.false_alarms)]
    lines += _bad_runs("TWO JUDGES DISAGREE", proof.disagreements)
    lines += [*_bad_runs("CRASHES", proof.crashes), *_verdict(proof)]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[DefectProof]) -> Iterator[str]:
    if not rows:
        return
    name_width = max(len("DEFECT"), *(len(row.name) for row in rows))
    check_width = max(len("FOUND BY"), *(len(_check(row)) for row in rows))
    yield f"{'DEFECT':<{name_width}}  {'FOUND BY':<{check_width}}  {'IN RUNS':>12}  FIRST IN"
    for row in rows:
        runs = f"{row.found:,} of {row.asked:,}"
        first = f"{row.evidence.drill}, seed {row.evidence.seed}" if row.evidence is not None else ""
        yield f"{row.name:<{name_width}}  {_check(row):<{check_width}}  {runs:>12}  {first}".rstrip()
        yield _shortened(_line_of_story(row))
    yield ""


def _check(row: DefectProof) -> str:
    """The check that found it first; if it was no right one, that is said."""
    found_by = row.evidence.check if row.evidence is not None else ""
    match row.standing:
        case Standing.FOUND:
            return found_by
        case Standing.ELSEWHERE:
            return f"ONLY {found_by}"
        case Standing.MISSED:
            return "NONE"
        case Standing.NOT_ASKED:
            return "NEVER CAME UP"
        case Standing.UNTRIED:
            return "not yet"
        case Standing.CANNOT_BE_SEEN:
            return "cannot be seen"


def _line_of_story(row: DefectProof) -> str:
    if row.standing is Standing.FOUND and row.evidence is not None and row.evidence.says:
        return row.evidence.says
    if row.standing is Standing.CANNOT_BE_SEEN:
        return row.says
    return f"its business: {', '.join(row.found_by)}"


def _shortened(text: str) -> str:
    return _INDENT + textwrap.shorten(text, WIDTH - len(_INDENT), placeholder=" ...")


def _bad_runs(title: str, listed: Listed) -> Iterator[str]:
    if not listed.count:
        return
    yield f"{title} ({listed.count:,})"
    for each in listed.first[:LISTED_MAX]:
        yield from _wrapped("  - ", f"{each.drill}, seed {each.seed}: {each.says}")
        for finding in each.findings:
            yield from _wrapped("      ", finding)
        yield f"      {each.replay}"
    if listed.count > LISTED_MAX:
        yield f"  and {listed.count - LISTED_MAX:,} more"
    yield ""


def _verdict(proof: Proof) -> Iterator[str]:
    yield from _wrapped(f"{proof.status}: ", "; ".join(proof.because) + ".")
    made = f"{count(proof.clean_runs, 'clean run')} and {count(proof.planted_runs, 'run')} with a defect"
    enough = " or it had been found" if proof.scope.until_found else ""
    why = f"since the defect's decision never came up{enough}"
    saved = f"; {proof.saved_runs:,} were not needed, {why}" if proof.saved_runs else ""
    scope = proof.scope
    yield from _wrapped(
        "  ",
        f"{count(len(scope.drills), 'drill')}, {count(len(proof.defects), 'defect')}, "
        f"{count(scope.seeds, 'seed')} ({scope.clean_seeds:,} of clean runs): {made}{saved}.",
    )


def _wrapped(start: str, text: str) -> list[str]:
    text = " ".join(text.split())
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False
    ) or [start.rstrip()]
