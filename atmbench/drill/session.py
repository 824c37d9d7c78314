"""A session as a drill: what a tester did to a running bench becomes steps of a file that does the same again. Pure.

What a tester was refused is left out, since nothing came of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from atmbench.drill.load import check_drill
from atmbench.drill.records import STEPS_MAX, Drill, Step
from atmbench.drill.rules import command_of
from atmbench.drill.writing import drill_text
from atmbench.errors import LocalError
from atmbench.facts import TESTER, AnyFact, FaultStarted, HealStarted, StepPerformed
from atmbench.faults.base import Fault

AT_DIGITS = 3
"""Times of a saved session are in whole milliseconds."""
_STEP_S = 10.0**-AT_DIGITS


def saved_session(
    drill: Drill, facts: Iterable[AnyFact], *, seed: int, until_s: float, remarks: Sequence[str] = ()
) -> str:
    """The YAML text of a drill with the seed and steps of the run, and all that a tester did, at the times he did it.

    `facts` are those of the run, or at least those of testers, faults and healing. Healing begins when it did; if it
    has not yet, at `until_s` of the run. `remarks` are further lines of comment, such as what cannot be saved.
    Raises LocalError if there is more than a drill may hold.
    """
    told = list(facts)
    acts = list(_Acts(drill, told).steps())
    if len(drill.steps) + len(acts) > STEPS_MAX:
        raise LocalError(
            f"the session has {len(acts)} acts of a tester and {len(drill.steps)} steps of its drill; a drill holds at "
            f"most {STEPS_MAX} steps, so it cannot be saved as one"
        )
    heal = next((fact for fact in told if isinstance(fact, HealStarted)), None)
    latest_s = max((step.at or 0.0 for step in acts), default=0.0)
    heal_at = max(_rounded(heal.t if heal is not None else until_s), _rounded(latest_s + _STEP_S))
    saved, left_out = _cut_short(drill, heal_at)
    saved = msgspec.structs.replace(saved, steps=(*saved.steps, *acts), seed=seed)
    saved = _without_vain_hopes(saved, left_out)
    check_drill(saved)
    if heal is None:
        left_out.append("Nobody had told the bench to heal when this was saved: this drill does so at that time.")
    return drill_text(saved, _head(drill, seed, (*left_out, *remarks)))


def _head(drill: Drill, seed: int, remarks: Sequence[str]) -> list[str]:
    return [
        f"A session of {drill.drill}, saved as a drill: the steps of that drill, and what a tester did while it ran.",
        f"It ran with --seed {seed}.",
        *remarks,
    ]


class _Acts:
    """What a tester did, in order, as steps. A fault's name may come twice in a session, and once in a drill."""

    def __init__(self, drill: Drill, facts: Sequence[AnyFact]) -> None:
        self._facts = facts
        self._taken = {step.name for step in drill.steps if step.name}
        self._stopped = {step.stop_site.site for step in drill.steps if step.stop_site is not None}
        self._saved_as: dict[str, str] = {}

    def steps(self) -> Iterator[Step]:
        dark = self._cuts_of_dark_sites()
        for index, fact in enumerate(self._facts):
            if isinstance(fact, FaultStarted) and fact.actor != TESTER:
                self._saved_as[fact.name] = fact.name
            elif isinstance(fact, FaultStarted) and index not in dark:
                yield self._fault(fact)
            elif isinstance(fact, StepPerformed) and fact.actor == TESTER:
                yield from self._command(fact)

    def _cuts_of_dark_sites(self) -> set[int]:
        """Where faults stand that come with a stop_site: it is told right after, by a clock that may have run on."""
        own = [
            (index, fact)
            for index, fact in enumerate(self._facts)
            if isinstance(fact, FaultStarted | StepPerformed) and fact.actor == TESTER
        ]
        return {
            index
            for (index, fault), (_, step) in pairwise(own)
            if isinstance(fault, FaultStarted) and isinstance(step, StepPerformed) and step.command == "stop_site"
            if fault.name == f"dark-{step.detail.get('site')}"
        }

    def _fault(self, fact: FaultStarted) -> Step:
        name, number = fact.name, 1
        while name in self._taken:
            number += 1
            name = f"{fact.name}-{number}"
        self._taken.add(name)
        self._saved_as[fact.name] = name
        if fact.kind == "cut":
            return _step(fact.t, "cut", fact.detail, name=name)
        return _step(fact.t, "fault", {"kind": fact.kind, **fact.detail}, name=name)

    def _command(self, fact: StepPerformed) -> Iterator[Step]:
        detail = dict(fact.detail)
        site = str(detail.get("site", ""))
        if fact.command == "mend" and "name" in detail:
            detail["name"] = self._saved_as.get(detail["name"], detail["name"])
        elif fact.command == "stop_site":
            self._stopped.add(site)
        elif fact.command == "start_site" and site not in self._stopped:
            return  # it was not dark: nothing came of it
        yield _step(fact.t, fact.command, detail)


def _step(t: float, command: str, detail: Mapping[str, Any], **more: Any) -> Step:
    return msgspec.convert(
        {"at": _rounded(t), command: detail, **more}, Step, str_keys=True
    )  # keys were fields of a line of JSON


def _rounded(t: float) -> float:
    return round(t, AT_DIGITS)


def _cut_short(drill: Drill, heal_at: float) -> tuple[Drill, list[str]]:
    """The drill with healing at another time, without what would only come after; and what that is, in words."""
    too_late = []
    steps = []
    for number, step in enumerate(drill.steps, start=1):
        name, command = command_of(step)
        begins_s = step.at if step.at is not None else step.from_s
        if isinstance(command, Fault) and command.from_s is not None:
            begins_s = max(begins_s, command.from_s)
        if begins_s < heal_at:
            steps.append(step)
        else:
            too_late.append(f"{number} ({name})")
    left_out = []
    if too_late:
        left_out.append(f"Steps of the drill that were to come after healing had begun: {', '.join(too_late)}.")
    workload = drill.workload
    if workload is not None and workload.from_s >= heal_at:
        left_out.append("The drill's customers were to come after healing had begun; they are left out.")
        workload = None
    saved = msgspec.structs.replace(
        drill, steps=tuple(steps), workload=workload, heal=msgspec.structs.replace(drill.heal, at=heal_at)
    )
    return saved, left_out


def _without_vain_hopes(drill: Drill, left_out: list[str]) -> Drill:
    """What cannot be expected of a drill without what was left out is not a rule that it can keep."""
    expect = drill.expect
    cuts = any(step.cut is not None or step.stop_site is not None for step in drill.steps)
    if left_out and expect.in_flight_at_cut_min is not None and not cuts:
        left_out.append("Nothing was cut, so that nothing is expected to be under way at the cut.")
        expect = msgspec.structs.replace(expect, in_flight_at_cut_min=None)
    is_busy = drill.workload is not None or any(step.withdraw or step.transact or step.workload for step in drill.steps)
    if left_out and expect.approved_min and not is_busy:
        left_out.append("Nobody comes, so that no approval is expected.")
        expect = msgspec.structs.replace(expect, approved_min=0)
    return msgspec.structs.replace(drill, expect=expect)
