"""A drill that asks a database for what none does is refused before the run, with all that it asks for."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from atmbench.errors import LocalError, VenueError
from atmbench.host.settings import Replicates
from atmbench.run.ledgers import ledger_at
from atmbench.run.runner import make_venue, run_drill
from atmbench.run.source import find_drill


def test_virtual_time_and_databases_do_not_go_together(tmp_path: Path) -> None:
    with pytest.raises(VenueError, match=r"virtual keeps a time of its own, .* run it with --venue loopback, or"):
        run_drill(find_drill("primary-cut"), ledger=tmp_path, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("drill", "says"),
    [
        ("records-lost", "step 2: alter_record strikes a single record under way"),
        ("standby-asleep", "host.promotion_behind_max asks for records that a standby knows of"),
    ],
)
def test_what_a_stream_cannot_do_is_refused(tmp_path: Path, drill: str, says: str) -> None:
    with pytest.raises(VenueError, match=f"^{drill} cannot have its ledgers in databases: .*{says}"):
        ledger_at(make_venue("loopback"), tmp_path, find_drill(drill))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"confirms_after_s": 2.0}, "host.confirms_after_s lets an answer go that no database has a record of yet"),
        ({"sites": ("A", "B", "C")}, r"host.sites is \['A', 'B', 'C'\], and a pair serves 2"),
    ],
)
def test_a_host_that_no_pair_can_be_is_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    found = find_drill("split-brain")
    host = msgspec.structs.replace(found.drill.host, **change)
    source = msgspec.structs.replace(found, drill=msgspec.structs.replace(found.drill, host=host))
    with pytest.raises(VenueError, match=says):
        ledger_at(make_venue("loopback"), tmp_path, source)


def test_balances_are_not_restored_in_a_database(tmp_path: Path) -> None:
    found = find_drill("bank-outage-2023")
    host = msgspec.structs.replace(found.drill.host, replicates=Replicates.BALANCES)
    source = msgspec.structs.replace(found, drill=msgspec.structs.replace(found.drill, host=host))
    with pytest.raises(VenueError, match="step 5: reconcile with repair restores no balances in a database"):
        ledger_at(make_venue("loopback"), tmp_path, source)


@pytest.mark.parametrize("drill", ["bank-outage-2023", "bank-outage-2023-as-it-was", "split-brain"])
def test_a_drill_that_can_have_them_needs_a_pair(tmp_path: Path, drill: str) -> None:
    with pytest.raises(LocalError, match="is no pair of databases"):
        ledger_at(make_venue("loopback"), tmp_path, find_drill(drill))
