"""Steps that deploy and roll back: what a drill may say, and what it is told if it may not."""

import pytest

from atmbench.datafile import DataFileError
from atmbench.drill.commands import Chosen, Deploy, RollBack
from atmbench.drill.load import parse_drill

HEAD = "drill: d\nproves: p\nterminals: 12\nheal: {at: 60}\nworkload: {every_s: 60}\n"


def test_sites_and_terminals_are_named_each_in_their_way() -> None:
    steps = """
releases: {N+1: {changes: nothing yet}}
steps:
- {at: 1, deploy: {release: N+1, site: B}}
- {at: 2, deploy: {release: time-zone, terminals: {percent: 10}, when: at_once}}
- {at: 3, rollback: {terminals: {names: [T01, T02]}}}
- {at: 4, deploy: {release: N, terminals: {prefix: T1}}}
"""
    drill = parse_drill(HEAD + steps, "d")
    assert [step.deploy or step.rollback for step in drill.steps] == [
        Deploy(release="N+1", site="B"),
        Deploy(release="time-zone", terminals=Chosen(percent=10), when="at_once"),
        RollBack(terminals=Chosen(names=("T01", "T02"))),
        Deploy(release="N", terminals=Chosen(prefix="T1")),
    ]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("deploy: {release: N}", "found neither a site nor terminals, meant exactly one of site and terminals"),
        ("rollback: {site: B, terminals: {percent: 5}}", "found a site and terminals, meant exactly one of"),
        ("rollback: {site: C}", "found site 'C', meant one of A, B"),
        ("deploy: {release: N+2, site: B}", "found release 'N\\+2', meant 'N\\+1'"),
        ("rollback: {terminals: {}}", "found 0 ways to choose terminals, meant exactly one of percent, names, prefix"),
        ("rollback: {terminals: {percent: 5, prefix: T}}", "found 2 ways to choose terminals"),
        (
            "rollback: {terminals: {names: [T01, T99]}}",
            "found 'T99', which is no terminal, meant names from T01 to T12",
        ),
        ("rollback: {terminals: {prefix: X}}", "found no terminal at all, meant a choice that at least one"),
        ("rollback: {terminals: {region: north}}", "found region 'north', meant a region that exists"),
        ("rollback: {terminals: {percent: 0}}", "percent"),
    ],
)
def test_a_wrong_choice_is_one_sentence(step: str, says: str) -> None:
    with pytest.raises(DataFileError, match=says):
        parse_drill(f"{HEAD}releases: {{N+1: {{}}}}\nsteps:\n- {{at: 1, {step}}}\n", "d")


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("releases: {N: {changes: x}}", "found a release of the name N, meant another name; N is what runs at the"),
        ("releases: {x: {like: time-zome}}", "found shipped release 'time-zome', meant 'time-zone'"),
        (
            "releases: {x: {like: time-zone, behaviour: {zone_h: 2}}}",
            "found `like` and something else, meant `like` al",
        ),
        ("releases: {x: {host: {daily_limit: a lot}}}", "found 'a lot', meant an amount in NGN"),
        (
            "expect: {incompatible: [longer-feld]}",
            "found name of what does not fit 'longer-feld', meant 'longer-field'",
        ),
        (
            "expect: {incompatible: [optional-field]}",
            "found name of what does not fit 'optional-field', meant 'longer-field'",
        ),
    ],
)
def test_a_release_that_is_none_is_refused_with_its_line(part: str, says: str) -> None:
    with pytest.raises(DataFileError, match=f"d, line 6: {says}"):
        parse_drill(f"{HEAD}{part}\n", "d")
