"""Drills with their ledgers in PostgreSQL databases, killed, promoted and rebuilt for real: judged the same."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import trio

from atmbench.drill.acts import read_act
from atmbench.drill.load import parse_drill
from atmbench.facts import AnyFact, CashTaken, MessageSent, RecordDisturbed, SiteRoleChanged
from atmbench.run.live import CannotNow, LiveBench
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import Source, find_drill
from atmbench.store.postgres_pair import Pair, read_pair
from atmbench.store.postgres_server import Server
from atmbench.store.postgres_session import Session
from tests.store.vaults import pair_of_databases

pytestmark = pytest.mark.full

SPEED = 10.0
DRILLS = [
    "bank-outage-2023",
    "bank-outage-2023-as-it-was",
    "replication-lag-failover",
    "primary-cut",
    "confirm-always",
    "primary-destroyed",
    "split-brain",
    "sick-primary",
]
KILLED = """
drill: killed
proves: What was acknowledged is there after the server of the primary was killed.
terminals: 10
terminal:
  timers: {reply_s: 10, network_reply_s: 5, echo_s: 15}
  failover: {missed_replies: 2, fail_back: false}
  store_and_forward: {reply_s: 8, first_repeat_s: 2, most_s: 20}
host: {replication_lag_s: 1, promote_after_silence_s: 5}
workload: {every_s: 5}
heal: {at: 80, within_s: 300}
expect:
  facts: [{fact: site_role_changed, where: {site: B, role: active}, at_least: 1}]
"""


class Seen:
    """The facts of a run; `then` is called for each."""

    def __init__(self, then: Callable[[AnyFact], None] = lambda fact: None) -> None:
        self.facts: list[AnyFact] = []
        self._then = then

    def __call__(self, fact: AnyFact) -> None:
        self.facts.append(fact)
        self._then(fact)

    def acknowledged(self, site: str) -> set[str]:
        """Withdrawals that a site has said to have posted."""
        return {
            fact.key
            for fact in self.facts
            if isinstance(fact, MessageSent)
            and (fact.actor, fact.purpose, fact.outcome) == (site, "withdrawal", "approved")
        }

    def keys(self, kind: type[CashTaken]) -> set[str]:
        return {fact.key for fact in self.facts if isinstance(fact, kind)}


def source(drill: str, *changes: tuple[str, str]) -> Source:
    """A stock drill, or its twin with other words in it."""
    found = find_drill(drill)
    text = found.text
    for was, now in changes:
        assert was in text
        text = text.replace(was, now)
    return Source(parse_drill(text, drill), text, drill, found.dialect) if changes else found


def run(drill: Source, pair: Pair, seen: Seen | None = None, out: Path | None = None) -> RunResult:
    return run_drill(drill, venue="loopback", speed=SPEED, ledger=pair.folder, reader=seen or Seen(), out=out)


def asked(server: Server) -> Iterable[tuple[str, str]]:
    """Ids and bodies of the journal of a database, as it lies there."""
    session = Session(server.url)
    try:
        return [(row.id, row.body) for row in session.read()]
    finally:
        session.close()


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_comes_to_the_same_verdicts_as_with_ledgers_in_memory(name: str, tmp_path: Path) -> None:
    """As much as a drill fails, it fails by the same checks."""
    in_memory = run_drill(find_drill(name), venue="virtual")
    with pair_of_databases() as pair:
        result = run(find_drill(name), pair, out=tmp_path / "run")
        bodies = [body for server in pair.servers for _, body in asked(server)]
    verdicts = [(each.check, each.status) for each in result.audit.verdicts]
    assert verdicts == [(each.check, each.status) for each in in_memory.audit.verdicts], result.report
    assert f"--ledger {pair.folder}" in result.report
    assert bodies
    assert not any(re.search(r"9{6}\d{10}", body) for body in bodies), "no card lies in a database"


def test_what_asynchronous_replication_lost_is_named() -> None:
    """A acknowledged it, B never got it, and A's database was made anew from B's."""
    drill = source(
        "primary-destroyed", ("confirms: when_replicated", "confirms: at_once"), ("lag_s: 2.0", "lag_s: 8.0")
    )
    seen = Seen()
    with pair_of_databases() as pair:
        result = run(drill, pair, seen)
        there = {row_id for server in pair.servers for row_id, _ in asked(server)}
    promised = seen.acknowledged("A")
    lost = {key for key in promised if f"Posted/{key}/A" not in there}
    assert lost
    money = result.audit.verdict("money")
    assert money.status == "FAIL"
    assert {finding.key for finding in money.findings} == lost & seen.keys(CashTaken)


def test_what_was_lost_unnoticed_goes_with_the_primary_where_no_books_are_compared() -> None:
    drill = source("bank-outage-2023", ("reconcile: {}", "reconcile: {repair: false}"))
    seen = Seen()
    with pair_of_databases() as pair:
        result = run(drill, pair, seen)
        there = {row_id for server in pair.servers for row_id, _ in asked(server)}
    lost = {fact.key for fact in seen.facts if isinstance(fact, RecordDisturbed)}
    assert len(lost) == 6
    assert not {f"Posted/{key}/A" for key in lost} & there
    money = result.audit.verdict("money")
    assert money.status == "FAIL"
    assert lost >= {finding.key for finding in money.findings} >= lost & seen.keys(CashTaken)


def test_a_killed_server_loses_nothing_that_synchronous_replication_promised() -> None:
    seen = Seen()
    with pair_of_databases() as pair:
        result = run(find_drill("primary-destroyed"), pair, seen)
        there = {row_id for row_id, _ in asked(pair.second)}
    assert result.audit.status == "PASS", result.report
    promised = seen.acknowledged("A")
    assert len(promised) > 5
    assert {f"Posted/{key}/A" for key in promised} <= there


@pytest.mark.parametrize("confirms", ["at_once", "when_replicated"])
def test_a_server_that_is_killed_by_somebody_else_takes_its_site_down(confirms: str) -> None:
    text = KILLED.replace("host: {", f"host: {{confirms: {confirms}, ")
    with pair_of_databases() as pair:
        killed: list[float] = []

        def kill(fact: AnyFact) -> None:
            if fact.t > 30 and not killed:
                killed.append(fact.t)
                read_pair(pair.folder).first.kill()

        seen = Seen(kill)
        result = run(Source(parse_drill(text, "killed"), text, "killed"), pair, seen)
    assert result.audit.status == "PASS", result.report
    roles = [fact for fact in seen.facts if isinstance(fact, SiteRoleChanged)]
    assert [(fact.site, fact.role) for fact in roles] == [("A", "down"), ("B", "active"), ("A", "standby")]
    assert roles[0].because.startswith("the database is gone: ")


def test_a_bench_to_talk_to_has_its_ledgers_there_too(tmp_path: Path) -> None:
    text = KILLED.partition("expect:")[0]
    found = Source(parse_drill(text, "killed"), text, "killed")

    async def talk(bench: LiveBench) -> None:
        await trio.sleep(15)
        bench.act(read_act({"fault": {"kind": "lose_record", "record": "posted", "first": 2}}))
        with pytest.raises(CannotNow, match="alter_record strikes a single record under way"):
            bench.act(read_act({"fault": {"kind": "alter_record", "by_minor": 5}}))
        await trio.sleep(15)
        bench.act(read_act({"reconcile": {}}))
        await trio.sleep(5)
        bench.act(read_act({"promote": {"site": "B"}}))
        bench.heal()

    async def main(bench: LiveBench) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bench.run)
            await talk(bench)

    with pair_of_databases() as pair:
        bench = LiveBench(found, out=tmp_path / "run", speed=SPEED, ledger=pair.folder)
        trio.run(main, bench, clock=bench.clock)
        assert bench.result is not None
        assert bench.result.audit.status == "PASS", bench.result.report
        assert f"--ledger {pair.folder}" in bench.result.report
        assert {row_id for row_id, _ in asked(pair.first)} == {row_id for row_id, _ in asked(pair.second)} != set()


def test_no_word_of_the_password_leaves_its_file(tmp_path: Path) -> None:
    with pair_of_databases() as pair:
        password = Path(pair.first.passfile).read_text().strip().rpartition(":")[2]
        run(
            Source(parse_drill(KILLED.replace("at: 80", "at: 5"), "short"), KILLED, "short"), pair, out=tmp_path / "run"
        )
        texts = [path.read_text(errors="replace") for path in (tmp_path / "run").iterdir() if path.is_file()]
        texts += [(pair.folder / "pair.json").read_text(), pair.first.url]
        assert len(password) == 32
        assert not any(password in text for text in texts)
        assert Path(pair.first.passfile).stat().st_mode & 0o777 == 0o600
