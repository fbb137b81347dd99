"""The spool in SQLite: WAL, synchronous=FULL, one commit for all that waits."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING

from deskwire import topics
from hub.core.events import SpoolRow
from hub.crash_points import point
from hub.spool.port import (
    QUARANTINE_ROWS,
    QUARANTINE_ROWS_PER_TERMINAL,
    QuarantineRow,
    SpoolBrokenError,
    SpoolError,
    SpoolFullError,
    SpoolUnavailableError,
    digest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hub.core.commands import Changes

SCHEMA = """
CREATE TABLE IF NOT EXISTS tell (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, terminal TEXT NOT NULL, received_at_ms INTEGER NOT NULL,
    digest BLOB NOT NULL, jws TEXT NOT NULL, UNIQUE (terminal, digest)
) STRICT;
CREATE TABLE IF NOT EXISTS quarantine (
    number INTEGER PRIMARY KEY AUTOINCREMENT, terminal TEXT NOT NULL, received_at_ms INTEGER NOT NULL,
    digest BLOB NOT NULL, jws TEXT NOT NULL, reason TEXT NOT NULL, times INTEGER NOT NULL, UNIQUE (terminal, digest)
) STRICT;
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

#: the layout above; a file with another number is set aside like a broken one
SCHEMA_VERSION = 1

APPEND = "INSERT INTO tell (terminal, received_at_ms, digest, jws) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"

QUARANTINE = """
INSERT INTO quarantine (terminal, received_at_ms, digest, jws, reason, times)
SELECT terminal, received_at_ms, digest, jws, ?, 1 FROM tell WHERE seq = ?
ON CONFLICT (terminal, digest) DO UPDATE SET reason = excluded.reason, times = times + 1
"""

TRIM_EACH_TERMINAL = """
DELETE FROM quarantine WHERE number IN (
  SELECT number FROM (
    SELECT number, row_number() OVER (PARTITION BY terminal ORDER BY number DESC) AS place FROM quarantine
  ) WHERE place > ?
)
"""
TRIM = "DELETE FROM quarantine WHERE number <= (SELECT max(number) FROM quarantine) - ?"

#: numbers bound in one statement, below SQLite's own limit in every build
CHUNK = 500

#: a hub that was just killed lets go of its file at once; a longer holder is another hub
LOCK_TIMEOUT_S = 1.0

#: primary result codes that say the file itself is unsound
BROKEN_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class SqliteSpool:
    """A spool in one file (with SQLite's -wal and -shm beside it while open)."""

    def __init__(self, path: Path, max_pending: int) -> None:
        self._path = path
        self._max_pending = max_pending
        try:
            self._connection = self._open()
        except sqlite3.Error as problem:
            raise self._translate(problem) from problem
        except OSError as problem:
            raise SpoolUnavailableError(f"cannot open the spool {path}: {problem.strerror}") from problem
        point("spool.after_open")

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=LOCK_TIMEOUT_S)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            self._check(connection)
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # two hubs on one spool would both send it
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 16000000")
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
            self._count: int = connection.execute("SELECT count(*) FROM tell").fetchone()[0]
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise SpoolBrokenError(f"the spool {self._path} fails SQLite's check: {found}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise SpoolBrokenError(f"the spool {self._path} has layout {version}, this hub writes {SCHEMA_VERSION}")

    def write(self, changes: Changes) -> list[int | None]:
        """Commit all of `changes`, or nothing."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                appended, count = self._apply(changes)
                point("spool.before_commit")
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as problem:
            raise self._translate(problem) from problem
        self._count = count
        point("spool.after_commit")
        return appended

    def _apply(self, changes: Changes) -> tuple[list[int | None], int]:
        execute = self._connection.execute
        count = self._count
        for item in changes.quarantine:
            execute(QUARANTINE, (item.reason, item.seq))
            count -= execute("DELETE FROM tell WHERE seq = ?", (item.seq,)).rowcount
        for start in range(0, len(changes.remove), CHUNK):
            some = changes.remove[start : start + CHUNK]
            marks = ",".join("?" * len(some))
            count -= execute(f"DELETE FROM tell WHERE seq IN ({marks})", some).rowcount  # noqa: S608  (only "?")
        appended: list[int | None] = []
        for tell in changes.append:
            row = execute(APPEND, (tell.terminal, tell.received_at_ms, digest(tell.jws), tell.jws))
            appended.append(row.lastrowid if row.rowcount == 1 else None)
            count += row.rowcount
        if count > self._max_pending and changes.append:
            raise SpoolFullError(f"the spool is full: {self._max_pending} tells pending")
        if changes.quarantine:
            execute(TRIM_EACH_TERMINAL, (QUARANTINE_ROWS_PER_TERMINAL,))
            execute(TRIM, (QUARANTINE_ROWS,))
        if changes.cursor is not None:
            execute("INSERT OR REPLACE INTO mark (name, value) VALUES ('cursor', ?)", (changes.cursor,))
        return appended, count

    def pending(self) -> list[SpoolRow]:
        """All pending tells in order, without content."""
        found = self._query("SELECT seq, terminal, received_at_ms, length(jws) FROM tell ORDER BY seq")
        rows = [SpoolRow(int(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in found]
        if not all(topics.is_terminal_id(row.terminal) for row in rows):
            raise SpoolBrokenError(f"the spool {self._path} is damaged: it names a terminal that cannot be")
        return rows

    def read(self, seqs: Iterable[int]) -> dict[int, str]:
        """The envelopes of these pending tells."""
        wanted = list(seqs)
        found: dict[int, str] = {}
        for start in range(0, len(wanted), CHUNK):
            some = wanted[start : start + CHUNK]
            marks = ",".join("?" * len(some))
            rows = self._query(f"SELECT seq, jws FROM tell WHERE seq IN ({marks})", some)  # noqa: S608  (only "?")
            found.update({int(row[0]): str(row[1]) for row in rows})
        return found

    def cursor(self) -> str:
        """The stored outbox cursor, empty at first."""
        rows = self._query("SELECT value FROM mark WHERE name = 'cursor'")
        return str(rows[0][0]) if rows else ""

    def quarantined(self) -> list[QuarantineRow]:
        """The quarantine, oldest first."""
        columns = "terminal, received_at_ms, length(jws), reason, times"
        rows = self._query(f"SELECT {columns} FROM quarantine ORDER BY number")  # noqa: S608  (a constant)
        return [QuarantineRow(str(row[0]), int(row[1]), int(row[2]), str(row[3]), int(row[4])) for row in rows]

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _query(self, sql: str, values: list[int] | None = None) -> list[tuple[int | str, ...]]:
        try:
            return self._connection.execute(sql, values or []).fetchall()
        except sqlite3.Error as problem:
            raise self._translate(problem) from problem

    def _translate(self, problem: sqlite3.Error) -> SpoolError:
        code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
        if code in BROKEN_CODES or type(problem) is sqlite3.DatabaseError:
            return SpoolBrokenError(f"the spool {self._path} is damaged: {problem}")
        if code == sqlite3.SQLITE_BUSY:
            return SpoolUnavailableError(f"the spool {self._path} is in use by another process")
        return SpoolUnavailableError(f"the spool {self._path} cannot be used: {problem}")


def set_aside(path: Path) -> Path:
    """Rename a broken spool and its side files so that a new one can start; returns where it is kept."""
    stamp = f"broken-{time.time_ns() // 1_000_000}"
    kept = path.with_name(f"{path.name}.{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


def open_or_replace(path: Path, max_pending: int) -> tuple[SqliteSpool, str]:
    """Open the spool; a broken one is set aside and a new one started, safe because terminals repeat until acked.

    Returns the spool and, when the old one was set aside, why and where it is kept. Raises SpoolUnavailableError.
    """
    try:
        return SqliteSpool(path, max_pending), ""
    except SpoolBrokenError as problem:
        kept = set_aside(path)
        return SqliteSpool(path, max_pending), f"{problem}; kept as {kept}"
