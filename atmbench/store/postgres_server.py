"""One PostgreSQL server on this machine, by the programs of its package: made, started, killed, promoted, rebuilt.

It listens on loopback only, and wants a password that lies in a file. It must never speak SQL (see
`postgres_session`), and never touch a server that it did not make.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

import msgspec

from atmbench.errors import VenueError

LOOPBACK = "127.0.0.1"
ROLE = "atmbench"
DATABASE = "postgres"
UP_WITHIN_S = 60
"""A server that needs longer to start, stop or be promoted counts as broken. In seconds of the wall."""
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
SERVER_USER = "postgres"
"""Who runs a server where we are root: PostgreSQL refuses to run as root."""
DIED_WITHIN_S = 10.0
DIED_POLL_S = 0.005
LAST_LINES = 3
_PROGRAMS = ("initdb", "pg_ctl", "pg_basebackup")

_SETTINGS = f"""
# Written by atmbench.
listen_addresses = '{LOOPBACK}'
unix_socket_directories = ''
fsync = off                  # a killed server loses nothing by that: the kernel has its pages. A machine would.
max_connections = 20
shared_buffers = 16MB
wal_level = replica
wal_keep_size = 256MB        # what a held stream may fall behind by
wal_sender_timeout = 0       # a stream that is held stays up
wal_receiver_timeout = 0
wal_retrieve_retry_interval = 100ms
max_standby_streaming_delay = -1
checkpoint_timeout = 1h
autovacuum = off
jit = off
"""


class Server(msgspec.Struct, frozen=True):
    """A server: where its data lie, its port on loopback, and the file with the password (in libpq's format)."""

    name: str
    data: str
    port: int
    passfile: str

    @property
    def url(self) -> str:
        """Where a client finds it. The password is not in it."""
        return f"postgresql://{ROLE}@{LOOPBACK}:{self.port}/{DATABASE}?passfile={self.passfile}"

    @property
    def is_made(self) -> bool:
        """Whether there is a database to start."""
        return (self._data / "PG_VERSION").exists()

    @property
    def is_standby(self) -> bool:
        """Whether it follows a primary, or would if it ran."""
        return (self._data / "standby.signal").exists()

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        pid = self._pid()
        return pid is not None and _is_alive(pid)

    def make(self, password_file: Path) -> None:
        """Make an empty database. Raises VenueError."""
        self.remove()
        _run(
            "initdb",
            *("-D", self.data, "-U", ROLE, "-A", "scram-sha-256", "--pwfile", str(password_file)),
            *("--no-sync", "--no-locale", "-E", "UTF8", "--wal-segsize=1"),
            what=f"make the database {self.name}",
        )
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_SETTINGS)

    def remove(self) -> None:
        """Remove all its data, and the server with it."""
        self.kill()
        self._wait_for_the_dead()
        shutil.rmtree(self.data, ignore_errors=True)

    def start(self, *, read_only: bool = False) -> None:
        """Start it and wait until it answers; crash recovery is in that. Raises VenueError.

        `read_only` is for one that is only to be read out: nobody can write to it.
        """
        if self.is_running:
            return
        self._wait_for_the_dead()
        self._pid_file.unlink(missing_ok=True)  # of one that died by itself; its number may live again
        options = f"-p {self.port}" + (" -c default_transaction_read_only=on" if read_only else "")
        self._control("start", "-w", "-t", str(UP_WITHIN_S), "-l", str(self._log), "-o", options)

    def stop(self) -> None:
        """Stop it at once, but in order. Raises VenueError if it does not stop."""
        if self.is_running:
            self._control("stop", "-w", "-t", str(UP_WITHIN_S), "-m", "fast")

    def kill(self) -> None:
        """SIGKILL to all its processes: what a machine that loses power leaves undone, except for its caches."""
        pid = self._pid()
        if pid is None:
            return
        killed = (pid, *_children(pid))
        for each in killed:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._pid_file.unlink(missing_ok=True)
        with self._killed_file.open("a", encoding="utf-8") as file:
            file.writelines(f"{each}\n" for each in killed)

    def promote(self) -> None:
        """Make a standby a primary. What it has received it applies before. Raises VenueError."""
        self._control("promote", "-w", "-t", str(UP_WITHIN_S))

    def rebuild(self, primary: "Server") -> None:
        """Throw its data away and copy those of a running primary, as a standby that follows it. Raises VenueError.

        A copy that is broken off leaves no data.
        """
        self.remove()
        copy = f"{self.data}.copy"
        shutil.rmtree(copy, ignore_errors=True)
        source = f"host={LOOPBACK} port={primary.port} user={ROLE} passfile={self.passfile}"
        _run(
            "pg_basebackup",
            *("-d", source, "-D", copy, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"),
            what=f"copy the database {primary.name} to {self.name}",
        )
        Path(copy).rename(self.data)

    def configure(self, *, follow_port: int | None = None, synchronous: bool = False) -> None:
        """Say from which port a standby streams, and whether a primary's commits wait for a standby.

        Both apply at once where it runs. Raises VenueError.
        """
        lines = []
        if follow_port is not None:
            source = f"host={LOOPBACK} port={follow_port} user={ROLE} passfile={self.passfile}"
            lines.append(f"primary_conninfo = '{source} application_name={self.name}'\n")
        if synchronous:
            lines.append("synchronous_standby_names = '*'\n")
        (self._data / "postgresql.auto.conf").write_text("".join(lines), encoding="utf-8")
        if self.is_running:
            self._control("reload")

    def be_primary(self) -> None:
        """From the next start on, be a primary of whatever it has."""
        (self._data / "standby.signal").unlink(missing_ok=True)
        self.configure()

    @property
    def _data(self) -> Path:
        return Path(self.data)

    @property
    def _log(self) -> Path:
        return self._data.with_suffix(".log")

    @property
    def _pid_file(self) -> Path:
        return self._data / "postmaster.pid"

    @property
    def _killed_file(self) -> Path:
        """The processes that were killed: a new server must wait until they have let go of the data."""
        return self._data.with_suffix(".killed")

    def _pid(self) -> int | None:
        """Its first process. A number that another process has got meanwhile is not it."""
        try:
            pid = int(self._pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.data) in words else None

    def _wait_for_the_dead(self) -> None:
        try:
            killed = [int(line) for line in self._killed_file.read_text(encoding="utf-8").splitlines()]
        except OSError:
            return
        pause = Event()
        for _ in range(int(DIED_WITHIN_S / DIED_POLL_S)):
            if not any(map(_is_alive, killed)):
                self._killed_file.unlink()
                return
            pause.wait(DIED_POLL_S)
        raise VenueError(f"the server {self.name} was killed and still runs after {DIED_WITHIN_S:g} s")

    def _control(self, verb: str, *options: str) -> None:
        try:
            _run("pg_ctl", verb, "-D", self.data, *options, what=f"{verb} the server {self.name}")
        except VenueError as error:
            raise VenueError(f"{error}; its log ends with: {self._last_words()}") from None

    def _last_words(self) -> str:
        """The last lines of the log: why it did not do what it was told. No password stands there."""
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "nothing, there is no log"
        return " / ".join(line.rpartition("]")[2].strip() for line in lines[-LAST_LINES:])


def programs() -> Path:
    """Where PostgreSQL's server programs lie. Raises VenueError if there are none."""
    folders = sorted(DEBIAN_PROGRAMS.glob("*/bin"), key=_version, reverse=True)
    folders += [Path(found).resolve().parent for name in _PROGRAMS if (found := shutil.which(name)) is not None]
    for folder in folders:
        if all((folder / name).exists() for name in _PROGRAMS):
            return folder
    raise VenueError(
        f"there is no PostgreSQL server here ({', '.join(_PROGRAMS)} are neither under {DEBIAN_PROGRAMS} nor in PATH); "
        "install it: apt-get install postgresql"
    )


def _version(folder: Path) -> int:
    digits = re.sub(r"\D.*", "", folder.parent.name)
    return int(digits or 0)


def give_to_server(path: Path) -> None:
    """Let the user who runs servers have a file or folder."""
    if os.geteuid() == 0:
        user = _server_user()
        os.chown(path, user.pw_uid, user.pw_gid)


def _server_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise VenueError(
            f"PostgreSQL does not run as root, and there is no user {SERVER_USER!r} to run it; "
            "install Debian's package postgresql, or run this as another user"
        ) from None


def _run(program: str, *arguments: str, what: str) -> None:
    """Run a program of PostgreSQL to its end. Raises VenueError with what it said."""
    as_root = os.geteuid() == 0
    user = _server_user() if as_root else None
    command: Sequence[str] = (str(programs() / program), *arguments)
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a server keeps what it is given
        stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        user=user.pw_uid if user is not None else None,
        group=user.pw_gid if user is not None else None,
        extra_groups=[] if user is not None else None,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or b"").decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"exit code {done.returncode}"
        raise VenueError(f"could not {what}: {program}: {why}")


def _children(pid: int) -> list[int]:
    """The processes that a process has started."""
    children = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == pid:
            children.append(int(path.parent.name))
    return children


def _is_alive(pid: int) -> bool:
    """Whether a process runs. One that has died and that nobody has asked for (a zombie) does not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z"
