"""Dialects of a tester's own: found beside the drill, checked before the run, named in what is left behind."""

import json
from pathlib import Path

import pytest

from atmbench.datafile import DataFileError
from atmbench.errors import LocalError
from atmbench.run.dialects import find_dialect
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill, replay_command
from atmbench.store.run_directory import RunDirectory

DRILL = """
drill: own
proves: two terminals can pay in a dialect of their own
terminals: 2
dialect: mine.yaml
terminal: {timers: {echo_s: 7}}
workload: {every_s: 10}
heal: {at: 40}
expect: {approved_min: 2}
"""
MINE = """
extends: base24-atm
describes: the switch of a test bank
header: {value: ISO015000050, reply: ISO015000055}
processing_code: {services: {balance: "30"}}
timers: {reply_s: 25, echo_s: 90}
"""


def write(folder: Path, drill: str = DRILL, mine: str = MINE) -> str:
    (folder / "mine.yaml").write_text(mine)
    (folder / "own.drill.yaml").write_text(drill)
    return str(folder / "own.drill.yaml")


def test_a_file_beside_the_drill_is_its_dialect(tmp_path: Path) -> None:
    source = find_drill(write(tmp_path))
    assert source.dialect is not None
    assert source.dialect.name == "mine.yaml"
    assert source.dialect.layout.header is not None
    assert source.dialect.layout.header.value == "ISO015000050"
    result = run_drill(source, out=tmp_path / "run")
    assert result.audit.status == "PASS", result.report


def test_a_file_may_lie_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drill = write(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mine.yaml").rename(tmp_path / "elsewhere" / "mine.yaml")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert find_drill(drill).drill.dialect == "mine.yaml"


def test_a_file_may_extend_another_file_beside_it(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "branch.yaml").write_text("extends: mine.yaml\ndescribes: a branch of it\n")
    found = find_dialect(str(tmp_path / "branch.yaml"))
    assert found.dialect.describes == "a branch of it"
    assert found.dialect.timers.reply_s == 25


def test_the_dialect_times_what_the_drill_does_not(tmp_path: Path) -> None:
    timers = find_drill(write(tmp_path)).drill.terminal.timers
    assert (timers.reply_s, timers.echo_s, timers.network_reply_s) == (25.0, 7.0, 10.0)


def test_the_run_directory_says_which_dialect_it_was(tmp_path: Path) -> None:
    run_drill(find_drill(write(tmp_path)), out=tmp_path / "run")
    assert (tmp_path / "run" / "dialect.yaml").read_text() == MINE
    assert json.loads((tmp_path / "run" / "run.json").read_text())["dialect"] == "mine.yaml"


def test_another_dialect_can_be_asked_for_and_is_asked_for_again(tmp_path: Path) -> None:
    source = find_drill(write(tmp_path), dialect="iso93-bcd")
    run_drill(source, out=tmp_path / "run")
    info = RunDirectory.open(tmp_path / "run").read_info()
    assert info.dialect == "iso93-bcd"
    assert info.command.endswith("--dialect iso93-bcd")
    assert not (tmp_path / "run" / "dialect.yaml").exists()
    history = (tmp_path / "run" / "history.jsonl").read_text()
    assert '"mti":"1200"' in history
    assert '"mti":"0200"' not in history


def test_a_drill_of_its_own_dialect_repeats_without_naming_it(tmp_path: Path) -> None:
    source: Source = find_drill(write(tmp_path))
    assert "--dialect" not in replay_command(source, venue="virtual", seed=1)


WRONG = [
    (DRILL.replace("mine.yaml", "mein.yaml"), MINE, "own.drill.yaml, line 5.*cannot read the dialect.*mein.yaml"),
    (DRILL.replace("mine.yaml", "base42"), MINE, "line 5.*there is no dialect 'base42'.*base24-atm"),
    (DRILL, MINE.replace("extends: base24-atm", "extends: base24"), "line 5.*base24-atm"),
    (DRILL, MINE.replace("timers:", "times:"), r"mine\.yaml, line 6: .*'times'.*'timers'"),
    (DRILL, MINE.replace("reply_s: 25", "reply_s: 0"), r"mine\.yaml, line 6: .*more than 0"),
    (DRILL, MINE + "matching: {also: [39]}\n", "matching.also names field 39"),
]


@pytest.mark.parametrize(("drill", "mine", "told"), WRONG)
def test_a_wrong_dialect_is_told_before_the_run(tmp_path: Path, drill: str, mine: str, told: str) -> None:
    with pytest.raises(LocalError, match=told):
        find_drill(write(tmp_path, drill, mine))


def test_what_is_no_text_is_no_dialect(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(LocalError, match="UTF-8"):
        find_dialect(str(tmp_path / "mine.yaml"))
    (tmp_path / "mine.yaml").write_bytes(b" " * 1_000_001)
    with pytest.raises(LocalError, match="no dialect"):
        find_dialect(str(tmp_path / "mine.yaml"))


def test_a_drill_that_wants_dukpt_where_there_is_no_place_for_it_is_told_what_to_write(tmp_path: Path) -> None:
    drill = DRILL + "cards: {pins: true}\nsecurity:\n  dukpt: true\n"
    with pytest.raises(DataFileError) as raised:
        find_drill(write(tmp_path, drill))
    assert str(raised.value).endswith(
        "own.drill.yaml, line 12: found dukpt: true in the dialect mine.yaml, which has no place for it, "
        "meant one with `security: {dukpt: tdes}` or aes, and a field for the key serial number "
        "(53, 62 and 120 are met in the field); a dialect file of your own may say it."
    )
    mine = f"{MINE}security: {{dukpt: tdes}}\ntemplates: {{service: {{request: {{optional: {{53: key_serial}}}}}}}}\n"
    with pytest.raises(DataFileError, match="meant another layout of field 53 in it"):
        find_drill(write(tmp_path, drill, mine))
    assert (
        find_drill(write(tmp_path, drill, f"{mine}fields: {{53: {{type: an, size: 20}}}}\n")).drill.security is not None
    )


@pytest.mark.parametrize(
    ("part", "line", "says"),
    [
        ("releases: {x: {dialect: {without: 5}}}", 10, "says `without: 5`; expected a list of keys"),
        ("releases: {x: {dialect: {without: [templates.refund]}}}", 10, "leaves out 'templates.refund'"),
        ("releases: {x: {dialect: {framing: length4}}}", 10, "release x changes the framing"),
        ("releases: {mine: {like: new-mandatory-field}}", 10, "release mine leaves out 'templates.service.request."),
        (
            "steps:\n- {at: 1, deploy: {release: new-mandatory-field, site: A}}",
            11,
            "release new-mandatory-field leaves",
        ),
    ],
)
def test_a_release_that_cannot_be_laid_over_the_dialect_is_refused_with_its_line(
    tmp_path: Path, part: str, line: int, says: str
) -> None:
    with pytest.raises(DataFileError, match=f"line {line}: found release '.*', meant a release that .*{says}"):
        find_drill(write(tmp_path, DRILL + part))
