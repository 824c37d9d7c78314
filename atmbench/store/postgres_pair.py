"""Two PostgreSQL servers on loopback, a primary and a streaming standby, for the ledgers of two sites.

A pair is a folder: `pair.json` says where the servers are, `passfile` holds their password (readable by its owner
only), and each server has its data and its log there. Whatever a run leaves behind, the next one begins with the
first server as primary. A pair must never hold anything but what runs of the bench wrote.
"""

import fcntl
import os
import re
import secrets
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from atmbench.errors import LocalError, VenueError
from atmbench.store.postgres_server import LOOPBACK, ROLE, Server, give_to_server

PAIR_FILE = "pair.json"
PASSFILE = "passfile"
_DISCARD_PORT = 9
"""Nobody listens there on loopback."""
_PLAIN = re.compile(r"[A-Za-z0-9/._,:@~-]+")
"""What stands in a URL, in PostgreSQL's settings and on a command line as it is."""


class Pair(msgspec.Struct, frozen=True):
    """Both servers."""

    first: Server
    second: Server

    @property
    def servers(self) -> tuple[Server, Server]:
        """Both, the primary of the start first."""
        return self.first, self.second

    @property
    def folder(self) -> Path:
        """Where the pair lies."""
        return Path(self.first.data).parent.parent


def start_pair(folder: Path) -> Pair:
    """Make a pair in a folder, in place of one that may be there, and start it. Raises LocalError or VenueError."""
    folder = folder.absolute()
    if not _PLAIN.fullmatch(str(folder)):
        raise LocalError(
            f"the folder {str(folder)!r} has a name that PostgreSQL's URLs and settings cannot carry; choose one of "
            "letters, digits and / . _ , : @ ~ - only, such as /tmp/pair"
        )
    if folder.exists() and any(folder.iterdir()) and not (folder / PAIR_FILE).exists():
        raise LocalError(f"{folder} is neither empty nor a pair of databases; name another folder")
    if (folder / PAIR_FILE).exists():
        old = read_pair(folder)
        with used(old):
            remove_pair(old)
    folder.mkdir(parents=True, exist_ok=True)
    _demand_way(folder)
    password = secrets.token_hex(16)
    passfile = _secret(folder / PASSFILE, f"{LOOPBACK}:*:*:{ROLE}:{password}\n")
    data = folder / "servers"
    data.mkdir(mode=0o700, exist_ok=True)
    give_to_server(data)
    one, other = _free_ports()
    first = Server("first", str(data / "first"), one, str(passfile))
    second = Server("second", str(data / "second"), other, str(passfile))
    pair = Pair(first, second)
    (folder / PAIR_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(pair)))
    word = _secret(folder / "password", f"{password}\n")
    try:
        first.make(word)
    finally:
        word.unlink()
    settle_pair(pair)
    return pair


def read_pair(path: Path) -> Pair:
    """A pair by its folder, or by the pair.json in it. Raises LocalError if there is none."""
    file = path / PAIR_FILE if path.is_dir() else path
    try:
        return msgspec.json.decode(file.read_bytes(), type=Pair)
    except OSError as error:
        why = error.strerror
    except msgspec.MsgspecError as error:
        why = str(error)
    raise LocalError(f"{path} is no pair of databases ({why}); make one: tools/postgres_pair start DIR")


def settle_pair(pair: Pair) -> None:
    """The first server is primary, the second follows it, both run. Raises VenueError."""
    first, second = pair.servers
    is_well = first.is_running and second.is_running and second.is_standby and not first.is_standby
    if not is_well:
        if not first.is_made:
            _copy_back(pair)
        first.kill()
        first.be_primary()
        first.start()
        second.rebuild(first)
    first.configure()
    second.configure(follow_port=first.port)
    second.start()


def _copy_back(pair: Pair) -> None:
    """The data of the first server are gone, as after a run that ended while they were copied: take the second's."""
    first, second = pair.servers
    if not second.is_made:
        raise VenueError(f"the databases in {pair.folder} are gone; make them anew: tools/postgres_pair start DIR")
    second.kill()
    second.be_primary()
    second.start()
    first.rebuild(second)


def stop_pair(pair: Pair) -> None:
    """Stop both servers; their data stay. Raises VenueError."""
    for server in pair.servers:
        server.stop()


def remove_pair(pair: Pair) -> None:
    """Stop both servers at once and remove their data."""
    for server in pair.servers:
        server.remove()


def cut_pair(pair: Pair) -> None:
    """Cut the stream: the standby gets nothing more. For use between runs; a drill has `replication`."""
    _standby(pair).configure(follow_port=_DISCARD_PORT)


def mend_pair(pair: Pair) -> None:
    """Let the standby follow again."""
    standby = _standby(pair)
    primary = next(server for server in pair.servers if server is not standby)
    standby.configure(follow_port=primary.port)


@contextmanager
def used(pair: Pair) -> Iterator[None]:
    """Use a pair. Raises LocalError if another run does, or if its folder is not ours to use."""
    try:
        file = (pair.folder / "in-use").open("w")
    except OSError as error:
        raise LocalError(
            f"the databases in {pair.folder} cannot be used ({error.strerror}); start a pair of your own: "
            "tools/postgres_pair start DIR"
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(
                f"another run uses the databases in {pair.folder}; wait for it, or start a second pair"
            ) from None
        except OSError as error:
            raise LocalError(
                f"the folder {pair.folder} cannot be locked ({error.strerror}); start a pair on a disk of this machine"
            ) from None
        yield


def _standby(pair: Pair) -> Server:
    standbys = [server for server in pair.servers if server.is_standby]
    if len(standbys) != 1:
        raise LocalError(f"the pair in {pair.folder} has {len(standbys)} standbys, expected one; start it again")
    return standbys[0]


def _secret(path: Path, text: str) -> Path:
    """Write a file that only those who run servers, and root, may read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    give_to_server(path)
    return path


def _demand_way(folder: Path) -> None:
    """Where we are root, another user runs the servers, and must be able to come to their data."""
    if os.geteuid() != 0:
        return
    for each in (folder, *folder.parents):
        if not each.stat().st_mode & stat.S_IXOTH:
            raise LocalError(
                f"the servers run as another user than root, who cannot enter {each}; "
                "choose a folder that all may pass through, such as one in /tmp"
            )


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((LOOPBACK, 0))
        other.bind((LOOPBACK, 0))
        return one.getsockname()[1], other.getsockname()[1]
