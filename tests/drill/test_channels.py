"""Channels, regions and orders in drill files: what they may say, and the sentence for each broken rule."""

import re

import pytest

from atmbench.datafile import DataFileError
from atmbench.drill.load import parse_drill
from atmbench.drill.places import channels_by_client, everybody, lines_of, terminals_in
from atmbench.drill.session import saved_session

HEAD = """drill: d
proves: it holds
terminals: 12
lines:
  {primary: {site: A}, online: {site: A, channel: online}, secondary: {site: B}, online-2: {site: B, channel: online}}
regions: {north: [T01, T02], south: [T1*]}
workload: {}
heal: {at: 10}
"""
ONLINE = "channels: {online: {clients: 2}}\n"


def test_everybody_has_a_name_and_lines_of_their_own() -> None:
    drill = parse_drill(HEAD + ONLINE, "d.yaml")
    assert everybody(drill)[-3:] == ("T12", "W01", "W02")
    assert channels_by_client(drill) == {"W01": "online", "W02": "online"}
    assert lines_of(drill) == ("primary", "secondary")
    assert lines_of(drill, "online") == ("online", "online-2")
    assert terminals_in(drill, "south") == ("T10", "T11", "T12")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("channels: {online: {}, mobile: {}}", "found no line of channel 'mobile'"),
        ("channels: {online: {}, branch: {}}", "found nothing for the names of clients of 'branch', meant prefix"),
        ("channels: {online: {prefix: T}}", "found T for the names of clients"),
        ("channels: {online: {prefix: w}}", "prefix"),
        ("channels: {online: {}, atm: {}}", "found a channel called 'atm'"),
        ("channels: {online: {}, branch: {prefix: W}}", "found no line of channel 'branch'"),
        ("channels: {online: {clients: 99999}}", "99999"),
        ("channels: {online: {workload: {}}}", "found a withdrawal, meant a service without cash"),
        ("channels: {online: {workload: {mix: {deposit: 1}}}}", "found a deposit, meant a service without cash"),
        ("channels: {online: {workload: {mix: {balance: 1}, from_s: 20}}}", "meant a time before heal"),
        ("security: {chips: true}", "found a channel beside cards with chips"),
        ("steps: [{at: 1, withdraw: {terminal: W01, amount: 5}}]", "found terminal 'W01'"),
        (
            "steps: [{at: 1, transact: {terminal: W03, service: balance}}]",
            "meant T01 to T12 (terminals: 12), W01 to W02",
        ),
        ("steps: [{at: 1, service: {open: false, region: west}}]", "found region 'west'"),
        ("steps: [{at: 1, service: {open: false, channel: atm}}]", "found channel 'atm'"),
        ("steps: [{at: 1, service: {open: false, line: tertiary}}]", "found line 'tertiary'"),
        ("steps: [{at: 1, service: {open: false, site: C}}]", "found site 'C'"),
        ("steps: [{at: 1, service: {open: false, site: A, line: primary}}]", "found line and site in one order"),
        ("steps: [{at: 1, service: {open: true, because: x}}]", "found a reason to be back in service"),
        ("expect: {view: {delay_s: {branch: 3}}}", "found channel 'branch'"),
    ],
)
def test_a_broken_rule_is_one_sentence(more: str, says: str) -> None:
    text = HEAD + ("" if more.startswith("channels") else ONLINE) + more + "\n"
    with pytest.raises(DataFileError, match=re.escape(says)):
        parse_drill(text, "d.yaml")


@pytest.mark.parametrize(
    ("regions", "says"),
    [
        ("{north: [T13]}", "found 'T13', which no terminal meets"),
        ("{north: []}", "found no terminal"),
        ("{north: [T01], south: [T0*]}", "found T01, which is in region 'north' already"),
    ],
)
def test_regions_are_of_terminals_that_exist(regions: str, says: str) -> None:
    text = re.sub("regions: .*\n", f"regions: {regions}\n", HEAD) + ONLINE
    with pytest.raises(DataFileError, match=re.escape(says)):
        parse_drill(text, "d.yaml")


def test_a_line_of_an_unknown_channel_and_a_fleet_without_lines_are_mistakes() -> None:
    with pytest.raises(DataFileError, match="found channel 'online'"):
        parse_drill(HEAD, "d.yaml")
    text = re.sub("lines:\n.*\n", "lines: {online: {site: A, channel: online}}\n", HEAD) + ONLINE
    with pytest.raises(DataFileError, match="found no line for the ATMs"):
        parse_drill(text, "d.yaml")


def test_a_session_with_channels_can_be_saved() -> None:
    drill = parse_drill(HEAD + 'channels: {online: {pos: {18: "0000"}}}\n', "d.yaml")
    assert parse_drill(saved_session(drill, [], seed=1, until_s=10.0), "s").channels == drill.channels
