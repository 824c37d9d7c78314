"""Asks a running bench all that its OpenAPI document allows, and much that it does not: `python tools/fuzz_control.py`.

Every answer must be one that the document tells of, as it tells of it, and the bench must live through it all.
Exits 1 for an answer of 500, one that the document does not know, or a bench that hangs or dies.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.errors import HypothesisException
from schemathesis.core.failures import Failure
from schemathesis.generation.modes import GenerationMode

ANSWER_S = 20.0
"""An answer that takes longer is a hang."""
EXAMPLES = 60
DRILL = """
drill: fuzzed
proves: a control plane answers whatever it is asked
terminals: 3
cards: {cards: 20, pins: true}
security: {}
dialect: iso87-ascii
workload: {every_s: 2}
devices: {dispenser: lcdm-4000, card_reader: omron-3s4yr}
lines:
  primary: {site: A, serial: {length: binary2}}
  secondary: {site: B}
expect: {approved_min: 0}
heal: {at: 60}
"""
ANSWERS = ("BenchView", "Done", "FaultView", "LineView", "SiteView", "TerminalDetail", "TerminalView")
"""Records that are given, and may say other names."""
KNOWN = {
    "terminal": ["T01", "T02", "T03", ""],
    "line": ["primary", "secondary", ""],
    "site": ["A", "B"],
    "amount": ["20.00", "50.00", "0"],
    "name": ["", "a", "b"],
}
"""Names and amounts of this drill."""
ENDS = ("/v1/stop", "/v1/heal")
"""These are asked last: there is little to be asked of a bench that has ended."""


class Bench:
    """`atmbench serve` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "fuzzed.drill.yaml").write_text(DRILL, encoding="utf-8")
        self._talk = (folder / "talk.txt").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "atmbench", "serve", "fuzzed.drill.yaml", "--venue", "virtual", "--speed", "5",
             "--port", "0", "--out", "run"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ,
        )  # fmt: skip
        assert self._process.stderr is not None
        said = self._process.stderr.readline().decode()
        if " answers at " not in said:
            raise SystemExit(f"the bench did not start: {said}{self._process.stderr.read().decode()}")
        self.url = said.split()[-1]

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> str:
        """End it, and give what it said."""
        if self.is_alive():
            self._process.terminate()
        try:
            return self._process.communicate(timeout=ANSWER_S)[1].decode()
        except subprocess.TimeoutExpired:
            self._process.kill()
            return "the bench did not end when it was told to\n" + self._process.communicate()[1].decode()


def fuzz(examples: int, seed: int) -> list[str]:
    """Ask a bench, and give what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        try:
            wrong = ask_all(bench, examples, seed)
        finally:
            said = bench.end()
        if "Traceback" in said or "did not end" in said:
            wrong.append(said)
        return wrong


def ask_all(bench: Bench, examples: int, seed: int) -> list[str]:
    document = httpx.get(f"{bench.url}/openapi.json", trust_env=False, timeout=ANSWER_S).json()
    aimed = [each for each in operations_of(aim(document), bench.url) if "requestBody" in each.definition.raw]
    operations = [*aimed, *operations_of(document, bench.url)]
    operations.sort(key=lambda each: each.path in ENDS)
    wrong: list[str] = []
    for operation in operations:
        wrong += ask(bench, operation, 3 if operation.path in ENDS else examples, seed)
        if not bench.is_alive():
            return [*wrong, f"the bench died at {operation.label}"]
    print(f"asked {len(operations)} operations, about {examples} times each")
    return wrong


def operations_of(document: dict[str, Any], url: str) -> list[Any]:
    schema: Any = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    return [each.ok() for each in schema.get_all_operations()]


def aim(document: dict[str, Any]) -> dict[str, Any]:
    """The same document for commands that hit: names and amounts are those of the drill, and not any text."""
    aimed: dict[str, Any] = json.loads(json.dumps(document))
    parts = {name: part for name, part in aimed["components"]["schemas"].items() if name not in ANSWERS}
    kinds = [each for part in parts.values() for each in (part, *part.get("anyOf", ()))]
    for part in kinds:
        for name, value in part.get("properties", {}).items():
            if name in KNOWN and value.get("type") == "string":
                value["enum"] = KNOWN[name]
    return aimed


def ask(bench: Bench, operation: Any, examples: int, seed: int) -> list[str]:
    """One operation, so many times, until something is wrong with it."""
    from schemathesis.specs.openapi import checks as about

    checks = [
        schemathesis.checks.not_a_server_error,
        about.status_code_conformance,
        about.content_type_conformance,
        about.response_schema_conformance,
    ]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    def once(case: Any) -> None:
        if operation.path == "/v1/facts" and isinstance(case.query, dict):
            case.query["follow"] = "false"  # it would go on until the run ends, as it should
        answer = case.call(timeout=ANSWER_S)
        case.validate_response(answer, checks=checks)

    cases = hypothesis.strategies.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])
    test = hypothesis.seed(seed)(hypothesis.given(case=cases)(once))
    try:
        test()
    except (Failure, BaseExceptionGroup, HypothesisException, OSError) as error:  # OSError: no answer, or none in time
        return [f"{operation.label}: {error}"]
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask a running bench all that its OpenAPI document allows, and more.")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="questions of each operation")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wrong = fuzz(given.examples, given.seed)
    for each in wrong:
        print(each)
    print(
        f"fuzz_control: {len(wrong)} wrong" if wrong else "fuzz_control: every answer is one that the document tells of"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
