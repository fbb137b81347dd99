"""`kassa ledger verify` finds a changed row and names it, whatever was changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
import pytest
from typer.testing import CliRunner

from backend.ledger_cli import app
from backend.store import chain
from backend.testing import CURRENCY, NOW, POOR, RICH, PostgresWorld, postgres_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[PostgresWorld]:
    made = await postgres_world(database_url)
    await made.begin_shift()
    for amount_minor in (100, 200, 300):
        await made.transfer(f"wallet:{RICH}", f"wallet:{POOR}", amount_minor, f"gift {amount_minor}")
    yield made
    await made.close()


async def sealed(world: PostgresWorld) -> int:
    """Seal everything; another database's transaction can hold the horizon back for a moment."""
    total = 0
    for _ in range(100):
        total += await chain.seal(world.connection, NOW)
        if (await world.report()).unsealed == 0:
            break
        await asyncio.sleep(0.02)
    return total


async def tamper(world: PostgresWorld, statement: str) -> None:
    """What an administrator with every right could do."""
    async with world.connection.transaction():
        await world.connection.execute("SET LOCAL session_replication_role = replica")
        await world.connection.execute(statement)


async def run(*arguments: str) -> tuple[int, str]:
    done = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    return done.exit_code, done.output


async def test_a_sound_ledger_verifies_and_is_sealed_once(world: PostgresWorld) -> None:
    assert await sealed(world) == 6
    assert await chain.seal(world.connection, NOW) == 0
    status, said = await run("verify", "--database", world.url)
    assert (status, "sound" in said, "NOT SOUND" in said) == (0, True, False)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE transfer SET amount_minor = 201 WHERE amount_minor = 200", f"account wallet:{POOR}"),
        ("UPDATE transfer SET at = at + 1 WHERE amount_minor = 200", "transfer "),
        ("DELETE FROM transfer WHERE amount_minor = 300", "were sealed"),
        ("UPDATE account SET credits_posted = credits_posted + 1 WHERE id = 'fees:AZN'", "account fees:AZN"),
        ("UPDATE chain_block SET leaves = overlay(leaves placing '\\x00' from 1)", "chain block 1"),
        ("DELETE FROM account WHERE id = 'cash_supply:AZN'", "account cash_supply:AZN"),
    ],
)
async def test_a_changed_row_is_found_and_named(world: PostgresWorld, statement: str, named: str) -> None:
    await sealed(world)
    await tamper(world, statement)
    status, said = await run("verify", "--database", world.url)
    assert status == 1
    assert "NOT SOUND" in said
    assert named in said


async def test_a_row_and_its_balances_changed_together_are_still_found(world: PostgresWorld) -> None:
    await sealed(world)
    row = await world.connection.fetchrow("SELECT seq, id FROM transfer WHERE amount_minor = 200")
    await tamper(world, f"UPDATE transfer SET amount_minor = 150 WHERE seq = {row['seq']}")
    await tamper(world, f"UPDATE account SET debits_posted = debits_posted - 50 WHERE id = 'wallet:{RICH}'")
    await tamper(world, f"UPDATE account SET credits_posted = credits_posted - 50 WHERE id = 'wallet:{POOR}'")
    status, said = await run("verify", "--database", world.url, "--json")
    report = orjson.loads(said.splitlines()[-1])
    assert (status, report["sound"]) == (1, False)
    faults = {check["name"]: check["faults"] for check in report["checks"] if check["faults"]}
    assert list(faults) == ["the chain is unbroken"]
    assert row["id"] in faults["the chain is unbroken"][0]["where"]


async def test_postings_and_accounts_are_shown(world: PostgresWorld) -> None:
    await sealed(world)
    status, said = await run("postings", "--database", world.url, "--limit", "2")
    assert (status, len(said.splitlines())) == (0, 2)
    assert f"3.00 {CURRENCY}  wallet:{RICH} -> wallet:{POOR}" in said
    status, said = await run("accounts", "--database", world.url, "--prefix", "till:")
    assert status == 0
    assert "10000" in said


@pytest.mark.parametrize("where", [("--database", "postgresql://nobody@127.0.0.1:1/none"), ("--state", "/nonexistent")])
async def test_a_missing_database_is_a_sentence_and_status_2(where: tuple[str, str]) -> None:
    status, said = await run("verify", *where)
    assert status == 2
    assert "Traceback" not in said
