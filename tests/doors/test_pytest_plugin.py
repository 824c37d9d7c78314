"""The pytest door from outside: tiny suites in a directory of their own."""

import importlib

import pytest

pytest_plugins = ["pytester"]

# Pytester forgets modules that a suite was the first to import, and cryptography cannot be imported twice.
importlib.import_module("atmbench.run.runner")

SMALL = """
drill: small
proves: two terminals can pay
terminals: 2
workload: {every_s: 10}
heal: {at: 60}
expect: {approved_min: 1}
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".drill.yaml", small=SMALL)
    return pytester


def test_a_drill_file_is_a_test(suite: pytest.Pytester) -> None:
    result = suite.runpytest("small.drill.yaml")
    result.assert_outcomes(passed=1)


def test_a_failing_drill_shows_its_report_and_how_to_replay_it(suite: pytest.Pytester) -> None:
    suite.makefile(".drill.yaml", greedy=SMALL.replace("approved_min: 1", "approved_min: 1000000"))
    result = suite.runpytest("greedy.drill.yaml", "--atm-seed=7")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ended with FAIL, expected PASS*", "*atmbench run *greedy.drill.yaml --seed 7*"])
    assert "Traceback" not in result.stdout.str()


def test_a_wrong_drill_is_one_sentence(suite: pytest.Pytester) -> None:
    suite.makefile(".drill.yaml", wrong=SMALL.replace("terminals: 2", "terminal: 2"))
    result = suite.runpytest("wrong.drill.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*wrong.drill.yaml, line 3: *"])
    assert "Traceback" not in result.stdout.str()


def test_the_fixture_runs_files_and_stock_drills_and_returns_the_audit(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        def test_file(bench):
            result = bench.run("small.drill.yaml", seed=3)
            assert result.audit.status == "PASS"
            assert "--seed 3" in result.report

        def test_expected_failure(bench):
            bench.run("replication-lag-failover", plant=["forget-unknown-reversal"], expect="FAIL")

        def test_unexpected_pass(bench):
            bench.run("small.drill.yaml", expect="FAIL")
        """
    )
    result = suite.runpytest()
    result.assert_outcomes(passed=3, failed=1)  # the third is small.drill.yaml
    result.stdout.fnmatch_lines(["*DrillFailed: small ended with PASS, expected FAIL*"])


def test_run_directories_are_kept_on_demand(suite: pytest.Pytester) -> None:
    suite.runpytest("small.drill.yaml", "--atm-out=kept").assert_outcomes(passed=1)
    assert (suite.path / "kept" / "small-virtual-1" / "history.jsonl").is_file()


def test_a_ledger_in_databases_is_refused_where_time_jumps(suite: pytest.Pytester) -> None:
    result = suite.runpytest("small.drill.yaml", "--atm-ledger=pair")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["virtual keeps a time of its own, *run it with --venue loopback*"])


def test_captures_are_kept_on_demand(suite: pytest.Pytester) -> None:
    suite.runpytest("small.drill.yaml", "--atm-out=kept", "--atm-capture").assert_outcomes(passed=1)
    assert (suite.path / "kept" / "small-virtual-1" / "wire.pcapng").is_file()
    homeless = suite.runpytest("small.drill.yaml", "--atm-capture")
    homeless.assert_outcomes(failed=1)
    homeless.stdout.fnmatch_lines(["a capture lies in the run directory, and none is kept*"])


def test_help_names_the_options(pytester: pytest.Pytester) -> None:
    pytester.runpytest("--help").stdout.fnmatch_lines(["*--atm-venue*", "*--atm-seed*"])
