"""The chain over booked transfers: blocks of row hashes, each block bound to the one before it.

A block holds one SHA-256 leaf a row, so that a changed row is not only noticed but named, and its own hash covers the
leaves, its place, its day and the previous block's hash. Blocks are made behind the horizon below which no transaction
is still running: a sealed range never gains a row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

#: Rows of one block: 320 kB of leaves. More rows become more blocks.
MAX_ENTRIES: Final = 10_000
#: Blocks of one call: a sealer that was away catches up call by call.
MAX_BLOCKS: Final = 50
#: One sealer at a time, whoever it is.
LOCK: Final = 0x73656C72
LEAF_BYTES: Final = 32
GENESIS: Final = bytes(32)
COLUMNS: Final = "seq, id, kind, debit, credit, amount_minor, currency, code, pending_id, operation, at"

_LAST: Final = "SELECT number, to_seq, hash FROM chain_block ORDER BY number DESC LIMIT 1"
_ROWS: Final = f"SELECT {COLUMNS} FROM transfer WHERE seq > $1 AND seq < kassa_horizon() ORDER BY seq LIMIT $2"  # noqa: S608
_INSERT: Final = (
    "INSERT INTO chain_block (number, day, after_seq, to_seq, entries, leaves, previous, hash, sealed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
)


class Block(NamedTuple):
    """One block, in the order of its columns."""

    number: int
    day: dt.date
    after_seq: int
    to_seq: int
    entries: int
    leaves: bytes
    previous: bytes
    hash: bytes
    sealed_at: int


class Fault(NamedTuple):
    """One thing that is wrong, and where."""

    what: str
    where: str


def leaf(row: Iterable[Any]) -> bytes:
    """The hash of one transfer row: of its columns, in order, as a JSON array."""
    return hashlib.sha256(orjson.dumps(list(row))).digest()


def block_hash(block: Block) -> bytes:
    """The hash that binds a block to its content, its place and its predecessor."""
    head = [block.number, block.day.isoformat(), block.after_seq, block.to_seq, block.entries, block.sealed_at]
    return hashlib.sha256(block.previous + orjson.dumps(head) + block.leaves).digest()


def make_block(number: int, after_seq: int, previous: bytes, rows: Sequence[Sequence[Any]], now: int) -> Block:
    """The next block over these rows."""
    day = dt.datetime.fromtimestamp(now, dt.UTC).date()
    leaves = b"".join(leaf(row) for row in rows)
    block = Block(number, day, after_seq, rows[-1][0], len(rows), leaves, previous, b"", now)
    return block._replace(hash=block_hash(block))


async def seal(connection: Any, now: int) -> int:
    """Seal what is final and not yet sealed; returns the number of rows sealed. Any process may call it."""
    sealed = 0
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        last = await connection.fetchrow(_LAST)
        number, after_seq, previous = (0, 0, GENESIS) if last is None else tuple(last)
        for _ in range(MAX_BLOCKS):
            rows = await connection.fetch(_ROWS, after_seq, MAX_ENTRIES)
            if not rows:
                break
            block = make_block(number + 1, after_seq, previous, [tuple(row) for row in rows], now)
            await connection.execute(_INSERT, *block)
            number, after_seq, previous = block.number, block.to_seq, block.hash
            sealed += block.entries
            if block.entries < MAX_ENTRIES:
                break
    return sealed


async def faults(connection: Any) -> AsyncIterator[Fault]:
    """Compare every block with the rows it sealed, and with the block before it. Run in one snapshot."""
    number, after_seq, previous = 0, 0, GENESIS
    async for row in connection.cursor("SELECT * FROM chain_block ORDER BY number", prefetch=4):
        block = Block(*row)
        where = f"chain block {block.number} ({block.day})"
        if block.number != number + 1 or block.after_seq != after_seq:
            yield Fault(f"a block is missing before it: expected block {number + 1} after row {after_seq}", where)
        if block.previous != previous:
            yield Fault("its predecessor's hash is not the one it was sealed with", where)
        if block_hash(block._replace(hash=b"")) != block.hash:
            yield Fault("its own hash does not fit its content", where)
        async for fault in _row_faults(connection, block):
            yield fault
        number, after_seq, previous = block.number, block.to_seq, block.hash


async def _row_faults(connection: Any, block: Block) -> AsyncIterator[Fault]:
    """Name each row of a block that was changed, added or removed."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM transfer WHERE seq > $1 AND seq <= $2 ORDER BY seq",  # noqa: S608
        block.after_seq,
        block.to_seq,
    )
    found = [leaf(row) for row in rows]
    if b"".join(found) == block.leaves:
        return
    sealed = [block.leaves[at : at + LEAF_BYTES] for at in range(0, len(block.leaves), LEAF_BYTES)]
    where = f"chain block {block.number} ({block.day})"
    if len(found) != len(sealed):
        yield Fault(f"{len(sealed)} transfers were sealed, {len(found)} are there", where)
    known = set(sealed)
    for row, made in zip(rows, found, strict=True):
        if made not in known:
            yield Fault("it is not as it was sealed", f"transfer {row['id']} (row {row['seq']}, {where})")
