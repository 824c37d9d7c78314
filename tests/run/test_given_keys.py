"""Keys that a tester gives: used at both ends, named in the run directory, and never shown."""

from pathlib import Path

import msgspec
import pytest

from atmbench.drill.load import parse_drill
from atmbench.errors import LocalError
from atmbench.facts import KeysIssued
from atmbench.run.key_room import GivenKeys
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import Source
from atmbench.security.keys import Algorithm, Key

TEXT = """
drill: keyed
proves: given keys open what they sealed.
terminals: 2
cards: {cards: 3, pins: true}
security: {chips: true}
workload: {every_s: 5}
heal: {at: 30}
expect: {approved_min: 4}
"""
GIVEN = GivenKeys(
    {
        "TMK": Key.parse("0123456789ABCDEFFEDCBA9876543210"),
        "TMK_T02": Key.parse("89E88CF7931444F334BD7547FC3F380C"),
        "PVK": Key.parse("00112233445566778899AABBCCDDEEFF"),
        "IMK": Key.parse("FEDCBA98765432100123456789ABCDEF"),
    },
    "bank.keys",
)


def source(text: str = TEXT) -> Source:
    return Source(parse_drill(text, "keyed"), text, "keyed.drill.yaml")


def run(keys: GivenKeys, out: Path, text: str = TEXT) -> RunResult:
    return run_drill(source(text), out=out, keys=keys)


def test_a_run_with_given_keys_passes_and_tells_only_their_check_values(tmp_path: Path) -> None:
    result = run(GIVEN, tmp_path / "run")
    assert result.audit.status == "PASS"
    info = msgspec.json.decode((tmp_path / "run" / "run.json").read_bytes())
    assert info["keys"]["TMK"] == "08D7B4"
    assert "--keys bank.keys" in info["command"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    for key in GIVEN.keys.values():
        assert key.reveal().hex().upper().encode() not in kept.upper()


def test_the_pin_key_of_all_terminals_can_be_given_where_none_is_exchanged(tmp_path: Path) -> None:
    text = TEXT.replace("security: {chips: true}\n", "")
    seen: list[object] = []
    keys = GivenKeys({"TPK": Key.parse("0123456789ABCDEFFEDCBA9876543210")})
    result = run_drill(source(text), out=tmp_path / "run", keys=keys, reader=seen.append)
    assert result.audit.status == "PASS"
    assert not any(isinstance(fact, KeysIssued) for fact in seen)


DUKPT = TEXT.replace("security: {chips: true}", "dialect: nibss\nsecurity: {dukpt: true}")


def test_the_base_key_of_dukpt_can_be_given_and_does_not_show(tmp_path: Path) -> None:
    base = Key.parse("0123456789ABCDEFFEDCBA9876543210")
    result = run(GivenKeys({"BDK": base}), tmp_path / "run", DUKPT)
    assert result.audit.status == "PASS"
    info = msgspec.json.decode((tmp_path / "run" / "run.json").read_bytes())
    assert info["keys"] == {"BDK": "08D7B4"}
    kept = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert base.reveal().hex().upper().encode() not in kept.upper()


@pytest.mark.parametrize("base", [Key(bytes(range(16)), Algorithm.AES), Key(bytes(range(24)))])
def test_a_base_key_that_does_not_fit_is_refused_before_there_is_a_run_directory(base: Key, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"the key BDK does not fit the dialect nibss \(dukpt: tdes\): TDES DUKPT"):
        run(GivenKeys({"BDK": base}), tmp_path / "run", DUKPT)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("name", "told"), [("ZMK", "ZMK"), ("TMK_T03", "TMK_T03"), ("PVK_T01", "PVK_T01")])
def test_a_key_of_no_use_is_named_before_there_is_a_run_directory(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=f"the key {told} was given and is of no use"):
        run(GivenKeys({name: GIVEN.keys["TMK"]}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_keys_for_a_drill_that_uses_none_are_refused(tmp_path: Path) -> None:
    text = TEXT.replace("security: {chips: true}\n", "").replace(", pins: true", "")
    with pytest.raises(LocalError, match="uses no keys"):
        run(GIVEN, tmp_path / "run", text)
