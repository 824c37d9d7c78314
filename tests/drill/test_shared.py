"""What two lines of the same terminals share is said before anything runs."""

from atmbench.drill.load import parse_drill
from atmbench.drill.shared import shared_parts

HEAD = "drill: d\nproves: it holds\nworkload: {}\nheal: {at: 10}\n"


def shared(lines: str, more: str = "") -> tuple[str, ...]:
    return shared_parts(parse_drill(f"{HEAD}lines: {lines}\n{more}", "d.yaml"))


def test_the_usual_two_lines_share_nothing() -> None:
    assert shared_parts(parse_drill(HEAD, "d.yaml")) == ()


def test_lines_of_one_carrier_and_to_one_site_are_named() -> None:
    lines = "{a: {site: A, carrier: north}, b: {site: B, carrier: north}, c: {site: A, carrier: south}}"
    assert shared(lines) == ("lines a and b share the carrier north", "lines a and c both end at site A")


def test_lines_of_different_channels_do_not_stand_in_for_each_other() -> None:
    lines = "{a: {site: A, carrier: x}, b: {site: A, carrier: x, channel: online}, c: {site: B, channel: online}}"
    assert shared(lines, "channels: {online: {}}\n") == ()


def test_the_lines_of_a_channel_are_looked_at_by_themselves() -> None:
    lines = "{a: {site: A}, b: {site: A, channel: online}, c: {site: A, channel: online}}"
    assert shared(lines, "channels: {online: {}}\n") == ("lines b and c of online both end at site A",)
