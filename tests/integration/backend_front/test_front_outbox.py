"""The outbox: nothing is committed behind a reader's back, seen and old rows go, and a foreign cursor starts over."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from backend.outbox.rows import Outbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KASSA = Path(sys.executable).with_name("kassa")
NOTICE = """
INSERT INTO outbox (kind, target, number, name, payload, created_at, expires_at)
VALUES ('notice', 'w', 0, $1, '{}', 0, $2)
"""
LATER = 2**40


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=3, max_size=3) as made:
        yield made


async def test_a_row_of_a_slow_transaction_is_never_skipped(pool: asyncpg.Pool) -> None:
    outbox, now = Outbox(pool), 1
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(NOTICE, "slow", LATER)
        await pool.execute(NOTICE, "fast", LATER)
        held = await outbox.notices("w", 0, now)
        assert (held.rows, held.held_back) == ([], True)
        await transaction.commit()
    page = await outbox.notices("w", 0, now)
    assert [row.name for row in page.rows] == ["slow", "fast"]
    assert not page.held_back
    assert (await outbox.notices("w", page.rows[-1].seq, now)).rows == []


async def test_expired_rows_are_not_delivered_and_old_ones_are_pruned(pool: asyncpg.Pool) -> None:
    outbox = Outbox(pool)
    now = int(time.time())
    for name, expires_at in (("old", now - 90_000), ("expired", now - 5), ("good", now + 60)):
        await pool.execute(NOTICE, name, expires_at)
    assert [row.name for row in (await outbox.notices("w", 0, now)).rows] == ["good"]
    assert await outbox.prune(now) == 1
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 2


async def test_a_cursor_ahead_of_this_database_starts_over(pool: asyncpg.Pool) -> None:
    outbox = Outbox(pool)
    await pool.execute(NOTICE, "x", LATER)
    (row,) = (await outbox.notices("w", 0, 1)).rows
    assert await outbox.sound(row.seq) == row.seq
    assert await outbox.sound(2**62) == 0


async def test_a_notification_comes_with_the_news_put_again(pool: asyncpg.Pool) -> None:
    rung = asyncio.Event()
    async with pool.acquire() as listening:
        await listening.add_listener("kassa_outbox", lambda *_: rung.set())
        assert await Outbox(pool).put_again("T0000001", 1) == 0
        assert not rung.is_set()
        for number in (1, 2):
            await pool.execute(NOTICE.replace("'notice', 'w', 0", f"'news', 'T0000001', {number}"), "n", LATER)
        before = [r["seq"] for r in await pool.fetch("SELECT seq FROM outbox ORDER BY number")]
        assert await Outbox(pool).put_again("T0000001", 1) == 2
        async with asyncio.timeout(2):
            await rung.wait()
        after = [r["seq"] for r in await pool.fetch("SELECT seq FROM outbox ORDER BY number")]
        assert max(before) < min(after)
        assert after == sorted(after)
        await listening.reset()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("serve",), "No vault master key"),
        (("serve", "--database-url", "postgresql://nobody@127.0.0.1:1/none"), "check KASSA_DATABASE_URL"),
        (("seed",), "pass --dev"),
    ],
)
def test_the_command_line_says_what_to_do(
    arguments: tuple[str, ...], said: str, database_url: str, tmp_path: Path
) -> None:
    environment = {
        "KASSA_DATABASE_URL": database_url,
        "KASSA_STATE_DIR": str(tmp_path),
        "KASSA_PORT": "0",
        "COLUMNS": "200",
    }
    command = [KASSA, "backend", *arguments]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode in {1, 2}
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
