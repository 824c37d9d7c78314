"""What the palette offers by name, and what the Lines screen says of it when it was done."""

import asyncio

from atmbench import facts
from atmbench.console.palette import Offers, palette_orders
from atmbench.console.views import lines
from atmbench.console.views.paint import text_of
from tests.console.play import attached, until
from tests.console.small_bench import SmallBench
from tests.console.tell import at, begun, told


def said_of(*history: facts.AnyFact) -> str:
    [line] = lines.site_words(told(*history), 200)
    return text_of(line)


def test_the_palette_offers_what_a_bench_has() -> None:
    offers = Offers(releases=("N", "N+1"), regions=("north",), channels=("online",))
    says = [order.says for order in palette_orders(("A", "B"), ("primary",), offers)]
    assert len(says) == len(set(says))
    assert {
        "promote site B",
        "start site A, rebuilt",
        "site A: sick",
        "core of site B: away",
        "brake of site A: on",
        "end the business day of all sites",
        "block records from B to A",
        "site B: out of service",
        "region north: into service",
        "deploy N+1: site B",
        "deploy N+1: 10 % of terminals",
        "roll back: 100 % of terminals",
    } <= set(says)


def test_a_replay_offers_no_release_and_one_site_nobody_to_tell() -> None:
    says = " ".join(order.says for order in palette_orders(("A",), ("primary",), Offers()))
    assert not {"deploy", "records", "reconcile", "region"} & set(says.split())


def test_the_palette_deploys_what_the_bench_has() -> None:
    async def go() -> None:
        bench = SmallBench([begun()])
        bench.says = {"releases": ["N", "N+1"], "regions": ["north"], "channels": []}
        async with attached(bench) as (app, pilot):
            offered = {command.title: command.callback for command in app.get_system_commands(app.screen)}
            assert "Region north: out of service" in offered
            offered["Deploy N+1: site B"]()
            await until(pilot, app, lambda: bench.ordered)
        assert bench.ordered == [("POST", "/v1/commands", {"deploy": {"release": "N+1", "site": "B"}})]

    asyncio.run(go())


def test_what_was_done_to_sites_is_told_until_it_is_taken_back() -> None:
    def step(t: float, **detail: object) -> facts.AnyFact:
        return at(t, "tester", facts.StepPerformed(command="capacity", detail={"site": "A", **detail}))

    def runs(t: float, place: str, release: str, side: str) -> facts.AnyFact:
        return at(t, place, facts.ReleaseDeployed(release=release, before="N", side=side))

    history = [begun(), step(1.0, sick={}), runs(2.0, "B", "N+1", "host"), runs(3.0, "T01", "N+1", "terminal")]
    said = said_of(*history)
    assert said == "replication as the drill sets it; site A is sick; site B runs N+1; 1 terminal runs N+1"
    back = (facts.ReleaseRolledBack(release="N", before="N+1", side=side) for side in ("host", "terminal"))
    history += [step(4.0, usual=True), *(at(5.0, place, fact) for place, fact in zip(("B", "T01"), back, strict=True))]
    assert said_of(*history) == "replication as the drill sets it"


def test_the_day_and_the_clock_of_a_site_are_told_and_what_it_lacks() -> None:
    history = [
        begun(),
        at(1.0, "A", facts.BusinessDayBegan(day="260106", before="260105", because="by order")),
        at(2.0, "B", facts.ClockStepped(by_s=7200, shows="260105110002")),
        at(2.0, "T01", facts.ClockStepped(by_s=7200, shows="260105110002")),
        at(3.0, "B", facts.CoreChanged(site="B", up=False)),
        at(4.0, "A", facts.BrakeChanged(site="A", on=True, because="by order")),
    ]
    said = said_of(*history)
    assert said.split("; ")[1:] == [
        "the brake of site A is on",
        "the core of site B is away",
        "the clock of site B is off by +7,200 s",
        "site A is in day 260106",
    ]
    history += [
        at(5.0, "B", facts.ClockStepped(by_s=-7200, shows="260105090005")),
        at(6.0, "B", facts.BusinessDayBegan(day="260106", before="260105", because="by order")),
    ]
    said = said_of(*history)
    assert "clock" not in said
    assert said.endswith("; all in day 260106")
    narrow = [text_of(line) for line in lines.site_words(told(*history), 60)]
    assert narrow == ["replication as the drill sets it; the brake of site A is on", *narrow[1:]]
    assert narrow[1:] == ["the core of site B is away; all in day 260106"]
