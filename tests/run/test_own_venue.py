"""A venue of one's own: what the README shows for a switch that is not ours."""

from atmbench.drill.load import parse_drill
from atmbench.links.stream import LinkStream
from atmbench.links.tcp import dial_tcp
from atmbench.run.runner import run_drill
from atmbench.run.source import Source
from atmbench.venues.loopback import LoopbackVenue

SMALL = """
drill: small
proves: terminals reach a switch by its port
terminals: 2
workload: {every_s: 10}
heal: {at: 40}
"""


class MySwitch(LoopbackVenue):
    """Dials a switch by host and port; here the bench's own, which listens on this machine."""

    def __init__(self) -> None:
        super().__init__(rate=50)
        self.name = "my-switch"
        self.dialled: list[str] = []

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        self.dialled.append(address)
        return await dial_tcp("127.0.0.1", self.port(address))


def test_a_drill_runs_in_a_venue_of_ones_own() -> None:
    venue = MySwitch()
    result = run_drill(Source(parse_drill(SMALL, "small"), SMALL, "small"), venue=venue)
    assert result.audit.status == "PASS", result.report
    assert venue.dialled.count("A") >= 2
    assert "venue: my-switch" in result.report
