"""`atmbench seal` and `atmbench verify`, as they are typed."""

from pathlib import Path

from click.testing import CliRunner, Result

from atmbench.cli import atmbench


def typed(*words: object) -> Result:
    return CliRunner().invoke(atmbench, [str(word) for word in words])


def test_a_run_is_sealed_here_and_verified_there(tmp_path: Path) -> None:
    run_dir, key = tmp_path / "run", tmp_path / "lab.key"
    typed("run", "primary-cut", "--out", run_dir)
    made = typed("seal", run_dir, "--new-key", key)
    assert made.exit_code == 0, made.output
    assert f"made the key {key} (keep it) and {key}.pub (give it away)" in made.stdout
    assert f"files of {run_dir}" in made.stdout

    found = typed("verify", run_dir, "--key", f"{key}.pub")
    assert (found.exit_code, found.stdout.split()[0]) == (0, "PASS")
    assert found.stdout.splitlines()[-1] == made.stdout.splitlines()[-1], "both name the key by its fingerprint"

    audited = typed("audit", run_dir)
    assert (audited.exit_code, typed("verify", run_dir, "--key", f"{key}.pub").exit_code) == (0, 0)

    with (run_dir / "report.txt").open("r+b") as file:
        file.write(b"F")
    found = typed("verify", run_dir, "--key", f"{key}.pub")
    assert found.exit_code == 1
    assert found.stdout.splitlines()[0].startswith("  report.txt has other bytes: SHA-256 ")
    assert found.stdout.splitlines()[1].startswith(f"FAIL  {run_dir}: 1 files are")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    for words, says in (
        (("seal",), "nothing to seal; name a run directory, or make a key with --new-key FILE"),
        (("seal", tmp_path), "a seal needs a key; name one with --key, or make one with --new-key FILE"),
    ):
        assert typed(*words).exit_code != 0
        assert says in str(typed(*words).exception)


def test_many_differences_are_counted(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    (run_dir / "history.jsonl").write_text("{}\n")
    typed("seal", run_dir, "--new-key", tmp_path / "key")
    for number in range(25):
        (run_dir / f"{number:02}.txt").write_text("more")
    found = typed("verify", run_dir, "--key", tmp_path / "key.pub").stdout.splitlines()
    assert (found[19], found[20]) == ("  19.txt was added", "  and 5 more")
    assert found[21] == f"FAIL  {run_dir}: 25 files are not as they were sealed"
