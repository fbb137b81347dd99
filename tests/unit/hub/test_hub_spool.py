"""The spool's contract, for the file and for memory; then what only a file can suffer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hub.core.commands import Changes, NewTell, Quarantined
from hub.spool.port import QUARANTINE_ROWS_PER_TERMINAL, SpoolBrokenError, SpoolFullError, SpoolUnavailableError
from hub.spool.sqlite import SqliteSpool, open_or_replace
from hub.testing import MemorySpool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hub.spool.port import Spool


@pytest.fixture(params=["sqlite", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[int], Spool]]:
    made: list[Spool] = []

    def build(max_pending: int = 10) -> Spool:
        spool = SqliteSpool(tmp_path / "spool" / "s.sqlite", max_pending)
        made.append(spool if request.param == "sqlite" else MemorySpool(max_pending))
        return made[-1]

    yield build
    for one in made:
        one.close()


def tells(*texts: str, terminal: str = "T0000001") -> tuple[NewTell, ...]:
    return tuple(NewTell(terminal, 1_000 + number, text) for number, text in enumerate(texts))


def test_tells_are_kept_in_order_until_removed(make: Callable[[int], Spool]) -> None:
    spool = make(10)
    first = spool.write(Changes(append=tells("a", "bb", "ccc")))
    assert first == sorted(first)
    assert [(row.seq, row.terminal, row.received_at_ms, row.size) for row in spool.pending()] == [
        (first[0], "T0000001", 1_000, 1),
        (first[1], "T0000001", 1_001, 2),
        (first[2], "T0000001", 1_002, 3),
    ]
    second = spool.write(Changes(remove=(first[1],), append=tells("d")))
    assert [row.seq for row in spool.pending()] == [first[0], first[2], second[0]]
    assert spool.read([first[0], first[1], second[0], 999]) == {first[0]: "a", second[0]: "d"}


def test_the_same_bytes_of_a_terminal_are_pending_once(make: Callable[[int], Spool]) -> None:
    spool = make(10)
    seq = spool.write(Changes(append=tells("a", "a")))
    assert seq[1] is None
    assert spool.write(Changes(append=tells("a"))) == [None]
    assert spool.write(Changes(append=tells("a", terminal="T0000002"))) != [None]
    assert spool.write(Changes(remove=(seq[0],), append=tells("a")))[0] not in (None, seq[0])
    assert len(spool.pending()) == 2


def test_a_full_spool_refuses_the_whole_commit(make: Callable[[int], Spool]) -> None:
    spool = make(2)
    seqs = spool.write(Changes(append=tells("a", "b")))
    with pytest.raises(SpoolFullError, match="2 tells pending"):
        spool.write(Changes(append=tells("c"), cursor="7"))
    assert len(spool.pending()) == 2
    assert spool.cursor() == ""
    assert spool.write(Changes(append=tells("a"))) == [None], "a repeat needs no room"
    spool.write(Changes(remove=(seqs[0],), append=tells("c")))
    assert spool.read([row.seq for row in spool.pending()]).keys() == {row.seq for row in spool.pending()}


def test_quarantine_counts_repeats_and_shows_no_content(make: Callable[[int], Spool]) -> None:
    spool = make(10)
    for _ in range(2):
        (seq,) = spool.write(Changes(append=tells("forged")))
        assert seq is not None
        spool.write(Changes(quarantine=(Quarantined(seq, "not_authentic"),)))
    (row,) = spool.quarantined()
    assert (row.terminal, row.size, row.reason, row.times) == ("T0000001", 6, "not_authentic", 2)
    assert "forged" not in repr(row)
    assert spool.pending() == []


def test_a_flooding_terminal_pushes_out_only_its_own_quarantine(make: Callable[[int], Spool]) -> None:
    spool = make(2 * QUARANTINE_ROWS_PER_TERMINAL)
    (other,) = spool.write(Changes(append=tells("refused money", terminal="T0000002")))
    flood = spool.write(Changes(append=tells(*(f"rubbish {n}" for n in range(QUARANTINE_ROWS_PER_TERMINAL + 5)))))
    assert other is not None
    spool.write(Changes(quarantine=tuple(Quarantined(seq, "malformed") for seq in (other, *flood) if seq is not None)))
    kept = [row.terminal for row in spool.quarantined()]
    assert kept.count("T0000001") == QUARANTINE_ROWS_PER_TERMINAL
    assert kept.count("T0000002") == 1


def test_the_cursor_is_kept(make: Callable[[int], Spool]) -> None:
    spool = make(10)
    assert spool.cursor() == ""
    spool.write(Changes(cursor="41"))
    spool.write(Changes(cursor="42"))
    spool.write(Changes(append=tells("a")))
    assert spool.cursor() == "42"


def test_a_closed_spool_refuses(make: Callable[[int], Spool]) -> None:
    spool = make(10)
    spool.close()
    with pytest.raises(SpoolUnavailableError):
        spool.write(Changes(append=tells("a")))


def test_a_reopened_file_holds_everything_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    spool = SqliteSpool(path, 10)
    seqs = spool.write(Changes(append=tells("a", "b"), cursor="5"))
    spool.close()
    assert path.stat().st_mode & 0o077 == 0
    again = SqliteSpool(path, 10)
    assert [row.seq for row in again.pending()] == seqs
    assert again.cursor() == "5"
    again.close()


CHILD = """
import sys
from pathlib import Path
from hub.core.commands import Changes, NewTell
from hub.spool.sqlite import SqliteSpool
spool = SqliteSpool(Path(sys.argv[1]), 1000)
for number in range(20):
    pending = [row.seq for row in spool.pending()]
    gone = tuple(pending[:1]) if number % 3 == 2 else ()
    seqs = spool.write(Changes(append=tuple(NewTell("T0000001", number, f"{number}.{part}") for part in range(3)),
                               remove=gone, cursor=str(number)))
    print("committed", number, gone[0] if gone else "-", flush=True)
"""


@pytest.mark.parametrize("step", ["spool.after_open", "spool.before_commit", "spool.after_commit"])
@pytest.mark.parametrize("passage", [1, 7])
def test_kill_9_at_any_step_keeps_whole_commits_only(tmp_path: Path, step: str, passage: int) -> None:
    path = tmp_path / "s.sqlite"
    passage = 1 if step == "spool.after_open" else passage
    environment = {**os.environ, "KASSA_CRASH_AT": f"{step}:{passage}"}
    child = subprocess.run([sys.executable, "-c", CHILD, path], env=environment, capture_output=True, check=False)
    assert child.returncode == -signal.SIGKILL
    said = child.stdout.decode().splitlines()
    spool = SqliteSpool(path, 1000)
    cursor = int(spool.cursor() or -1)
    expected = {"spool.before_commit": len(said) - 1, "spool.after_commit": len(said), "spool.after_open": -1}[step]
    assert cursor == expected
    removed = sum(1 for number in range(cursor + 1) if number % 3 == 2)
    assert len(spool.pending()) == 3 * (cursor + 1) - removed
    spool.close()


def filled(path: Path, count: int = 200) -> None:
    spool = SqliteSpool(path, 1000)
    spool.write(Changes(append=tells(*[f"{number:04d}" * 100 for number in range(count)])))
    spool.close()


@pytest.mark.parametrize("damage", ["text", "head", "pages", "short", "layout"])
def test_a_damaged_file_is_set_aside_and_a_new_one_started(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "s.sqlite"
    filled(path)
    sound = path.read_bytes()
    broken = {
        "text": b"this is not a database" * 100,
        "head": b"\0" * 100 + sound[100:],
        "pages": sound[:4096] + os.urandom(len(sound) - 4096),
        "short": sound[: len(sound) // 2],
        "layout": sound[:60] + (99).to_bytes(4, "big") + sound[64:],
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(SpoolBrokenError):
        SqliteSpool(path, 1000)
    spool, note = open_or_replace(path, 1000)
    assert "broken-" in note
    kept = next(one for one in tmp_path.iterdir() if "broken-" in one.name)
    assert kept.read_bytes() == broken
    assert spool.pending() == []
    assert spool.write(Changes(append=tells("a"))) == [1]
    spool.close()


@pytest.mark.parametrize("cut", [0, 1, 31, 32, 33, 500, 4120, 5000, -1])
def test_a_truncated_log_loses_whole_commits_from_the_end_only(tmp_path: Path, cut: int) -> None:
    path, copy = tmp_path / "s.sqlite", tmp_path / "copy.sqlite"
    spool = SqliteSpool(path, 1000)
    for number in range(5):
        spool.write(Changes(append=tells(f"tell {number}"), cursor=str(number)))
    copy.write_bytes(path.read_bytes())
    log = path.with_name("s.sqlite-wal").read_bytes()
    copy.with_name("copy.sqlite-wal").write_bytes(log[:cut])
    spool.close()
    again, note = open_or_replace(copy, 1000)
    assert note == ""
    texts = list(again.read([row.seq for row in again.pending()]).values())
    assert texts == [f"tell {number}" for number in range(len(texts))]
    assert again.cursor() == (str(len(texts) - 1) if texts else "")
    again.close()


def test_a_path_that_cannot_be_is_said_and_nothing_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpoolUnavailableError, match="cannot open the spool"):
        open_or_replace(tmp_path / "file" / "s.sqlite", 10)
    (tmp_path / "folder").mkdir()
    with pytest.raises(SpoolUnavailableError):
        open_or_replace(tmp_path / "folder", 10)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]


def test_a_spool_in_use_by_another_process_is_unavailable_not_broken(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    filled(path, 1)
    other = SqliteSpool(path, 10)
    with pytest.raises(SpoolUnavailableError, match="in use by another process"):
        open_or_replace(path, 10)
    other.close()


def test_durability_settings_hold(tmp_path: Path) -> None:
    spool = SqliteSpool(tmp_path / "s.sqlite", 10)
    assert spool._connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert spool._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    spool.close()
