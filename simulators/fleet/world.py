"""A world without screens for the fleet: the same parts, straight links, and the terminals' provisioning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.fleet.light_terminal import Identity
from simulators.fleet.load import Fleet
from simulators.run.options import Options
from simulators.run.world import World
from simulators.terminal import provision

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Customers are many; each wallet is worked by few terminals at a time, as in a branch.
WALLETS = 256
_NAMED = 2  # the demo wallets keep their small balances


def fleet_options(state: Path, terminals: int, broker: str, *, processes: int = 0) -> Options:
    """Options of a world for a measurement: no page, no proxies at the hub; `processes` terminals with a screen."""
    return Options(
        state=state,
        terminals=terminals,
        wallets=WALLETS + _NAMED,
        processes=processes,
        links=False,
        broker=broker,
        backend_port=0,
        fresh=True,
        backend_environment={"KASSA_OPS_PAGE": "false", "KASSA_LOG_LEVEL": "WARNING"},
        hub_environment={"KASSA_HUB_LOG_LEVEL": "warning", "KASSA_HUB_MQTT": "gmqtt"},
    )


def identities(world: World, count: int) -> list[Identity]:
    """Keys and broker accounts of `count` terminals, after those that run as processes."""
    found = []
    first = world.options.processes
    for name in world.demo.terminals[first : first + count]:
        made = provision.load(world.state, name)
        key, ikid = bytes.fromhex(made["initial_key"]), bytes.fromhex(made["ikid"])
        found.append(Identity(name, ikid, key, world.broker.accounts[name].password))
    return found


def make_fleet(world: World, count: int) -> Fleet:
    """A fleet of light terminals with the seeded wallets of many customers."""
    from backend.seed import wallet_list  # noqa: PLC0415  (the seed knows its wallets)

    wallets = [wallet.number for wallet in wallet_list(WALLETS + _NAMED)[_NAMED:]]
    pin = world.demo.wallets[0].pin.encode()
    return Fleet(identities(world, count), wallets, pin, world.demo.operator)


async def start(
    state: Path, terminals: int, broker: str, report: Callable[[str], None], *, processes: int = 0
) -> World:
    """Start the world and wait until it serves."""
    world = World(fleet_options(state, terminals, broker, processes=processes), report)
    await world.start()
    return world
