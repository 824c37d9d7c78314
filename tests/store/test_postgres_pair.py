"""A pair of databases refuses in words what it cannot do, and the tool that starts and stops one does so."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from atmbench.errors import LocalError, VenueError
from atmbench.store import postgres_server, postgres_session
from atmbench.store.postgres_pair import Pair, read_pair, settle_pair, start_pair, used
from atmbench.store.postgres_server import Server
from tests.store.vaults import ACCOUNTS, pair_of_databases

TOOL = Path(__file__).parents[2] / "tools" / "postgres_pair.py"


def pair_in(folder: Path) -> Pair:
    first, second = (Server(name, str(folder / "servers" / name), 1, str(folder / "passfile")) for name in ("a", "b"))
    return Pair(first, second)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("dear")
    with pytest.raises(LocalError, match="is neither empty nor a pair of databases; name another folder"):
        start_pair(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


@pytest.mark.parametrize("text", ["", "{}", "[1]"])
def test_what_is_no_pair_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pair.json").write_text(text)
    for path in (tmp_path, tmp_path / "pair.json"):
        with pytest.raises(LocalError, match="is no pair of databases"):
            read_pair(path)


def test_a_pair_whose_data_are_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VenueError, match="are gone; make them anew: tools/postgres_pair start DIR"):
        settle_pair(pair_in(tmp_path))


@pytest.mark.parametrize("name", ["my pair", "a&b", "100%", "it's", "a=b"])
def test_a_folder_whose_name_no_url_carries_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LocalError, match="has a name that PostgreSQL's URLs and settings cannot carry; choose one of"):
        start_pair(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_pair_in_a_folder_that_is_gone_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"cannot be used \(No such file or directory\); start a pair of your own"):
        used(pair_in(tmp_path / "gone")).__enter__()


@pytest.mark.parametrize("verb", ["start", "cut", "mend", "stop", "remove"])
def test_the_tool_leaves_a_pair_alone_that_a_run_uses(tmp_path: Path, verb: str) -> None:
    pair = pair_in(tmp_path)
    (tmp_path / "pair.json").write_bytes(msgspec.json.encode(pair))
    with used(pair):
        words = [sys.executable, str(TOOL), verb, str(tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "another run uses the databases" in done.stderr
    assert (tmp_path / "pair.json").exists()


def test_two_runs_cannot_use_one_pair(tmp_path: Path) -> None:
    second = used(pair_in(tmp_path))
    with used(pair_in(tmp_path)), pytest.raises(LocalError, match="another run uses the databases"):
        second.__enter__()


def test_without_psycopg_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LocalError, match=r"pip install 'atmbench\[postgres\]'"):
        postgres_session.load_psycopg()


def test_without_a_server_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres_server, "DEBIAN_PROGRAMS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VenueError, match="apt-get install postgresql"):
        postgres_server.programs()


def test_a_number_that_another_process_has_now_is_not_the_server(tmp_path: Path) -> None:
    server = pair_in(tmp_path).first
    Path(server.data).mkdir(parents=True)
    (Path(server.data) / "postmaster.pid").write_text("1\n")
    assert not server.is_running
    server.kill()
    assert (Path(server.data) / "postmaster.pid").read_text() == "1\n"


def tool(*words: str) -> str:
    done = subprocess.run([sys.executable, str(TOOL), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.full
def test_the_tool_starts_cuts_mends_and_stops_a_pair() -> None:
    with pair_of_databases() as pair:
        folder = str(pair.folder)
        said = tool("status", folder)
        assert f"first: primary, running, {pair.first.url}" in said
        assert f"second: standby, running, {pair.second.url}" in said
        tool("cut", folder)
        primary = postgres_session.Session(pair.first.url)
        place = primary.set_up(ACCOUNTS)
        primary.close()
        standby = postgres_session.Session(pair.second.url)
        with pytest.raises(VenueError, match="does not exist"):
            standby.count()
        tool("mend", folder)
        standby.wait_for(place)
        assert standby.count()[0]["1000000001"] == 100_000
        standby.close()
        assert "first: primary, down" in tool("stop", folder)
        assert "first: primary, running" in tool("mend", folder)
        assert f"--ledger {folder}" in tool("start", folder)
        assert tool("remove", folder) == ""
        assert not pair.folder.exists()
        pair.folder.mkdir()


@pytest.mark.full
def test_a_pair_in_any_state_is_settled_again() -> None:
    with pair_of_databases() as pair:
        first, second = pair.servers
        first.kill()
        second.promote()
        settle_pair(pair)
        assert [server.is_running and not server.is_standby for server in pair.servers] == [True, False]
        second.remove()
        settle_pair(pair)
        assert second.is_running
        assert second.is_standby
        primary, standby = (postgres_session.Session(server.url) for server in pair.servers)
        standby.wait_for(primary.set_up(ACCOUNTS))
        primary.close()
        standby.close()
        second.promote()
        first.remove()
        settle_pair(pair)
        assert [server.is_running and not server.is_standby for server in pair.servers] == [True, False]
        session = postgres_session.Session(first.url)
        assert session.count()[0]["1000000001"] == 100_000
        session.close()
