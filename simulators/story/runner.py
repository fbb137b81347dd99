"""Starts a fresh world, plays the scenarios in it one after another, and verifies the ledger."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deskwire.money import format_minor
from simulators.run.child import kassa, run_to_end
from simulators.run.options import Options
from simulators.run.ports import choose
from simulators.run.world import World
from simulators.story import sheet
from simulators.story.errors import StoryError
from simulators.story.player import Player
from simulators.story.script import Scenario, ScriptError, load
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
#: People have three minutes to pay out; a story that waits for the hold to run out has not.
STORY_HOLD_S = 8
_OPENING = "0"


@dataclass(frozen=True)
class Choices:
    """What the command line says."""

    save: Path | None = None
    only: tuple[str, ...] = ()
    broker: str = "auto"
    state: Path | None = None
    headed: bool = False
    folder: Path | None = None


def scenarios(only: Sequence[str] = (), folder: Path = SCENARIOS) -> list[Scenario]:
    """The scenarios in order; those of `only` by the number their file begins with, and the opening before them."""
    found = [load(path) for path in sorted(folder.glob("*.txt"), key=_place)]
    if not found:
        raise ScriptError(f"there are no scenarios (*.txt) in {folder}")
    if not only:
        return found
    known = {scenario.name.split("_")[0] for scenario in found}
    for name in only:
        if name not in known:
            raise ScriptError(f"there is no story {name!r}: there are {', '.join(sorted(known))}")
    return [scenario for scenario in found if scenario.name.split("_")[0] in {_OPENING, *only}]


def _place(path: Path) -> tuple[int, str]:
    """A scenario's place by the number its file begins with: 2 before 10; without a number, last."""
    number = path.stem.split("_")[0]
    return (int(number) if number.isdecimal() else sys.maxsize, path.stem)


async def run(choices: Choices, say: Callable[[str], None], always: Callable[[str], None]) -> int:
    """Play; returns the exit status: 0 all as written, 1 a story differs, 2 the world did not start."""
    try:
        wanted = scenarios(choices.only, choices.folder or SCENARIOS)
        async with story_world(choices, say) as world:
            return await _play_all(world, wanted, choices, say, always)
    except SimulatorError as error:
        always(f"kassa story: {error}")
        return 2


async def _play_all(
    world: World, wanted: list[Scenario], choices: Choices, say: Callable[[str], None], always: Callable[[str], None]
) -> int:
    player = Player(world, next(iter(world.terminals)), choices.save, say)
    status = 0
    for scenario in wanted:
        started = time.monotonic()
        try:
            await player.play(scenario)
        except StoryError as error:
            always(f"FAILED {error}")
            status, world.keep_state = 1, True
            break
        finally:
            await world.faults.repair_all()
        always(f"ok     {scenario.name}: {scenario.title} ({time.monotonic() - started:.1f} s)")
    if choices.save is not None and (written := sheet.write(choices.save)):
        always(f"screens: {written}")
    await show_postings(world, always)
    await verify(world)
    always("ledger verified: sums to zero, balances equal their entries, the chain holds")
    always(f"logs: {world.logs}" if choices.state or status else "all stories as written")
    return status


@contextlib.asynccontextmanager
async def story_world(choices: Choices, say: Callable[[str], None]) -> AsyncIterator[World]:
    """A fresh world with one terminal and short holds; its folder goes away with it unless it was chosen or failed."""
    folder = choices.state or Path(tempfile.mkdtemp(prefix="kassa-story-"))
    options = Options(
        state=folder,
        broker=choices.broker,
        backend_port=0,
        fresh=choices.state is not None,
        backend_environment={"KASSA_HOLD_TTL_S": str(STORY_HOLD_S)},
    )
    world = World(options, lambda line: say(f"starting {line}"))
    await world.start()
    stop_page = await _serve_page(world, say) if choices.headed else None
    try:
        yield world
    finally:
        if stop_page is not None:
            await stop_page()
        await world.stop()
    if choices.state is None and not world.keep_state:
        shutil.rmtree(folder, ignore_errors=True)


async def _serve_page(world: World, say: Callable[[str], None]) -> Callable[[], Awaitable[None]]:
    from simulators.counter.server import CounterServer  # noqa: PLC0415  (NiceGUI: only when watched)

    server = CounterServer(world, choose(8080))
    await server.start()
    say(f"watch on {server.url}")
    return server.stop


async def show_postings(world: World, say: Callable[[str], None]) -> None:
    """Print every posting of the world, oldest first."""
    rows = await world.ops.postings(0, 1000)
    say(f"\n{'amount':>12}  {'debit':<28} {'credit':<28} for")
    for row in rows:
        amount = format_minor(int(row["amount_minor"]), row["currency"])
        say(f"{amount:>12}  {row['debit']:<28} {row['credit']:<28} {row['what']}")


async def verify(world: World) -> None:
    """`kassa ledger verify` on the world's database; a difference is an error with its text."""
    environment = {"KASSA_DATABASE_URL": world.database_url, "KASSA_STATE_DIR": str(world.state)}
    await run_to_end("kassa ledger verify", kassa("ledger", "verify"), environment, world.logs / "verify.log")
