"""`kassa bench chain`: terminals through broker, hub and backend: throughput, latency, CPU, memory, and a naive peer.

Everything runs on this machine, the load generator too: on two cores it takes a good part of what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench.processes import Meter, memory_mb
from simulators.fleet import world as fleet_world
from simulators.run.child import Child
from simulators.waiting import SimulatorError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.fleet.load import Fleet, Measured
    from simulators.run.world import World

#: A QoS 1 reply that takes longer at rest is waiting for a delayed acknowledgement: TCP_NODELAY is missing somewhere.
NODELAY_LIMIT_MS = 10.0
_SETTLE_S = 1.0


class BenchError(Exception):
    """The measurement cannot be trusted, or shows a fault."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    terminals: int = 256
    connected: int = 1000
    idle_asks: int = 1000
    load_s: float = 15.0
    paced_s: float = 15.0
    paced_per_s: float = 3000.0
    naive_s: float = 6.0
    broker: str = "auto"


QUICK = Plan(connected=1000, idle_asks=200, load_s=5.0, paced_s=4.0, naive_s=3.0)


def main(*, quick: bool = False, as_json: bool = False, terminals: int = 256, broker: str = "auto") -> int:
    """Run; returns the exit status: 1 when the idle median shows a missing TCP_NODELAY or something was lost."""
    base = QUICK if quick else Plan()
    plan = Plan(**{**base.__dict__, "terminals": terminals, "broker": broker})
    console = Console(stderr=as_json, highlight=False)
    with tempfile.TemporaryDirectory(prefix="kassa-bench-", ignore_cleanup_errors=True) as folder:
        try:
            result = uvloop.run(_run(Path(folder), plan, lambda line: console.print(f"[dim]{line}[/dim]")))
        except (BenchError, SimulatorError) as error:
            console.print(f"[red]kassa bench chain:[/red] {error}")
            return 1
    _print_table(console, result)
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["idle"]["p50_ms"] <= NODELAY_LIMIT_MS else 1


async def _run(folder: Path, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    seeded = max(plan.connected, plan.terminals) + 1
    world = await fleet_world.start(folder, seeded, plan.broker, lambda line: say(f"starting {line}"), processes=1)
    try:
        result: dict[str, Any] = {"bench": "chain", "terminals": plan.terminals, "broker": world.broker.kind}
        whole = fleet_world.make_fleet(world, seeded - 1)
        fleet = whole.part(plan.terminals)
        await fleet.connect("127.0.0.1", world.broker.port)
        await fleet.sign_on(world.demo.operator_pin.encode())
        await asyncio.sleep(_SETTLE_S)
        result["idle"] = await _idle(fleet, plan, say)
        result["load"] = await _load(world, fleet, plan.load_s, 0.0, say)
        result["paced"] = await _load(world, fleet, plan.paced_s, plan.paced_per_s, say)
        result["recovery"] = await _recovery(world, say)
        fleet.close()
        result["connected"] = await _connected(world, whole, plan, say)
        result["naive"] = await _naive(world, fleet, plan, say)
    finally:
        await world.stop()
    result["ratio_to_naive"] = round(result["load"]["per_second"] / max(result["naive"]["per_second"], 1e-9), 1)
    return result


def _figures(measured: Measured) -> dict[str, Any]:
    return {
        "per_second": round(measured.per_second),
        "p50_ms": round(measured.percentile_ms(0.5), 2),
        "p99_ms": round(measured.percentile_ms(0.99), 2),
        "answers": len(measured.took_s),
        "refused": dict(measured.refused),
        "lost": measured.lost,
    }


async def _idle(fleet: Fleet, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"idle: {plan.idle_asks} asks, one at a time")
    await fleet.idle(50)
    return _figures(await fleet.idle(plan.idle_asks))


async def _load(
    world: World, fleet: Fleet, seconds: float, per_second: float, say: Callable[[str], None]
) -> dict[str, Any]:
    rate = f"{per_second:.0f} a second" if per_second else "as fast as answered"
    say(f"load: {len(fleet.terminals)} terminals, {rate}, {seconds:.0f} s")
    await fleet.load(1.0, per_second=per_second)
    load = fleet.plan(seconds, per_second=per_second)
    meter = Meter({name: pid for name, pid in world.pids().items() if pid})
    async with meter.running():
        measured = await load.run()
    if measured.refused:
        raise BenchError(f"operations were refused under load: {dict(measured.refused)}")
    answers = max(len(measured.took_s), 1)
    each = {name: round(spent * 1e6 / answers, 1) for name, spent in meter.cpu_s.items()}
    generator = each.pop("counter") - sum(each.values())  # the others are this process's children
    return {
        **_figures(measured),
        "cpu_us_per_operation": round(sum(each.values()), 1),
        "cpu_us_by_process": each,
        "generator_cpu_us": round(generator, 1),
        "peak_mb": {name: round(value, 1) for name, value in meter.peak_mb.items() if name != "counter"},
    }


async def _recovery(world: World, say: Callable[[str], None]) -> dict[str, Any]:
    """Kill the broker under the real firmware; how long after its return does the terminal call itself online?"""
    say("recovery: the broker is killed and comes back after 3 s")
    terminal = next(iter(world.terminals.values()))
    await terminal.wait_for(lambda view: view["fields"].get("link") == "online", timeout_s=20, what="the link")
    await world.kill_part("broker")
    await asyncio.sleep(3.0)
    await world.start_part("broker")
    began = time.perf_counter()
    try:
        await terminal.wait_for(lambda view: view["fields"].get("link") == "online", timeout_s=30, what="the link")
    except WaitTimeoutError:
        return {"seconds": None}
    return {"seconds": round(time.perf_counter() - began, 2)}


async def _connected(world: World, fleet: Fleet, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"memory: {plan.connected} terminals connected, each has said hello")
    took_s = await fleet.connect("127.0.0.1", world.broker.port)
    body = {"firmware": "fleet", "config_version": 0, "waiting_tells": 0, "boot_reason": "power_on", "news_seen": 0}
    await asyncio.gather(*(terminal.ask("hello", body) for terminal in fleet.terminals[plan.terminals :]))
    memory = {name: round(memory_mb(pid), 1) for name, pid in world.pids().items() if pid and name != "counter"}
    fleet.close()
    return {"terminals": plan.connected, "connect_s": round(took_s, 2), "mb": memory}


async def _naive(world: World, fleet: Fleet, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """The same load through a hub that posts one message a call with httpx."""
    say(f"peer: a hub that posts one message a call with httpx, {plan.naive_s:.0f} s")
    environment = world.hub_environment()
    await world.kill_part("hub")
    peer = Child("naive hub", [sys.executable, "-m", "bench.naive_hub"], environment, world.logs / "naive_hub.log")

    async def started() -> bool:
        await asyncio.sleep(_SETTLE_S)
        return True

    await peer.start(started)
    try:
        await fleet.connect("127.0.0.1", world.broker.port)
        with contextlib.suppress(SimulatorError):
            await fleet.idle(5)
        return _figures(await fleet.load(plan.naive_s))
    finally:
        fleet.close()
        await peer.kill()


def _print_table(console: Console, result: dict[str, Any]) -> None:
    table = Table(
        title=f"chain, {result['terminals']} terminals, {result['broker']}, load generator on the same machine"
    )
    for head in ("phase", "a second", "p50 ms", "p99 ms", "CPU µs each", "lost"):
        table.add_column(head, justify="left" if head == "phase" else "right")
    for name, label in (
        ("idle", "idle, one at a time"),
        ("load", "as fast as answered"),
        ("paced", "paced"),
        ("naive", "naive hub"),
    ):
        row = result[name]
        cpu = row.get("cpu_us_per_operation", "")
        table.add_row(label, str(row["per_second"]), str(row["p50_ms"]), str(row["p99_ms"]), str(cpu), str(row["lost"]))
    console.print(table)
    console.print(f"ratio to the naive hub: {result['ratio_to_naive']}")
    console.print(f"peak memory under load, MB: {result['load']['peak_mb']}")
    console.print(
        f"memory with {result['connected']['terminals']} terminals connected, MB: {result['connected']['mb']}"
    )
    console.print(f"terminal online after the broker's return: {result['recovery']['seconds']} s")
    if result["idle"]["p50_ms"] > NODELAY_LIMIT_MS:
        console.print(f"[red]FAILED: idle p50 above {NODELAY_LIMIT_MS} ms, the mark of a missing TCP_NODELAY[/red]")
