"""A proof as one HTML file that opens without a network. Everything that is put into the page is escaped."""

from functools import lru_cache
from importlib.resources import files

import msgspec
from jinja2 import Environment, StrictUndefined, Template

from atmbench.explore.matrix import Outcome
from atmbench.explore.proof import DefectProof, DrillCell, Proof, Standing

PAGE = "prove.html.j2"


class Mark(msgspec.Struct, frozen=True):
    """How an outcome is shown. The sign alone must do: pages are printed in black."""

    sign: str
    name: str
    """Its class in the style sheet."""
    says: str


MARKS = {
    Outcome.FOUND: Mark("●", "found", "found by a check whose business it is"),
    Outcome.ELSEWHERE: Mark("◐", "elsewhere", "found only by other checks"),
    Outcome.PASSED: Mark("○", "passed", "the history differs, and every check passed"),
    Outcome.SAME: Mark("·", "same", "the decision came up and changed nothing"),
    Outcome.UNKNOWN: Mark("?", "unknown", "could not be judged"),
    Outcome.CRASHED: Mark("✕", "crashed", "the bench crashed"),
}
STANDINGS = {
    Standing.FOUND: "found",
    Standing.ELSEWHERE: "elsewhere",
    Standing.MISSED: "missed",
    Standing.NOT_ASKED: "missed",
    Standing.UNTRIED: "unseen",
    Standing.CANNOT_BE_SEEN: "unseen",
}
"""Classes of rows in the style sheet."""


def render_page(proof: Proof) -> str:
    """The whole page."""
    return _page().render(
        proof=proof,
        marks=MARKS,
        standings=STANDINGS,
        title_of=title_of,
        counted=[(standing, len(proof.standing(standing))) for standing in Standing],
    )


def title_of(row: DefectProof, drill: str, cell: DrillCell | None) -> str:
    """What a cell says when it is pointed at."""
    if cell is None:
        return f"{row.name} in {drill}: no run"
    seeds = ", ".join(f"{outcome} ({number})" for outcome, number in cell.outcomes.items())
    told = f"; told by {', '.join(cell.checks)}" if cell.checks else ""
    return f"{row.name} in {drill}: {seeds}{told}"


@lru_cache(maxsize=1)
def _page() -> Template:
    source = files("atmbench.explore").joinpath(PAGE).read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)
