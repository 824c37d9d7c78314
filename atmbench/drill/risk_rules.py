"""What a drill must keep to that lets a site stand in for its core, brakes it, or bounds what that may cost. Pure."""

from collections.abc import Iterator

from atmbench.drill.broken import Broken
from atmbench.drill.command_rules import amount_rules
from atmbench.drill.records import Drill
from atmbench.host.risk_settings import Velocity


def risk_rules(drill: Drill) -> Iterator[Broken]:
    """The rules of `host: {stand_in: ..., brake: ...}`."""
    stand_in, brake = drill.host.stand_in, drill.host.brake
    if stand_in is not None:
        for name in ("card_amount", "total_amount"):
            yield from _amount(getattr(stand_in, name), drill, "host", "stand_in", name)
    if brake is None:
        return
    for whose, velocity in (("card", brake.card), ("total", brake.total)):
        for name in ("amount", "above_balance"):
            yield from _amount(getattr(velocity, name), drill, "host", "brake", whose, name)
    if brake.card == brake.total == Velocity():
        meant = "a limit, such as total: {above_balance: 100.00}"
        yield Broken(("host", "brake"), "a brake that watches nothing", meant)


def exposure_rules(drill: Drill) -> Iterator[Broken]:
    """What is expected of it."""
    expected = drill.expect.exposure
    if expected is None:
        return
    for name in ("total_max", "card_max"):
        yield from _amount(getattr(expected, name), drill, "expect", "exposure", name)
    if expected.alert_s is not None and drill.host.brake is None:
        path = ("expect", "exposure", "alert_s")
        yield Broken(path, "an alert of a host that watches nothing", "host: {brake: {total: {...}}}")


def _amount(text: str | None, drill: Drill, *path: str) -> Iterator[Broken]:
    if text is not None:
        yield from amount_rules(text, drill, path, least=0)
