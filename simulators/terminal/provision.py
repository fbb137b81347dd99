"""Writing a terminal's flash: its configuration and its initial key, by the firmware's own code on MicroPython."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from simulators.terminal import launcher
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = launcher.STANDINS / "provision_flash.py"
_TIMEOUT_S = 20.0


class ProvisionError(SimulatorError):
    """The flash image could not be written; the message is the script's own."""


def load(state: Path, terminal: str) -> dict[str, Any]:
    """What the backend has made for this terminal: <state>/provision/<terminal>.json."""
    path = state / "provision" / f"{terminal}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ProvisionError(f"{path} is missing: run `kassa backend seed --dev` in this state directory") from None
    return found


async def provision(flash: Path, made: dict[str, Any], broker: dict[str, Any]) -> None:
    """Make a new flash image with this terminal's configuration and keys."""
    config = {name: made[name] for name in ("terminal", "hub", "currency")}
    flash.parent.mkdir(parents=True, exist_ok=True)
    fresh = flash.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    await _run(
        fresh, {"config": {**config, "broker": broker}, "ikid": made["ikid"], "initial_key": made["initial_key"]}
    )
    fresh.chmod(0o600)
    fresh.replace(flash)


async def update_broker(flash: Path, broker: dict[str, Any]) -> None:
    """Point an existing terminal at the broker's present address; its keys and journal stay."""
    await _run(flash, {"broker": broker})


async def _run(flash: Path, order: dict[str, Any]) -> None:
    """Run the script; what it is told, the key among it, goes through its standard input."""
    process = await asyncio.create_subprocess_exec(
        *launcher.command(_SCRIPT, heap="512K"),
        env=launcher.environment(KASSA_SIM_FLASH=str(flash)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(json.dumps(order).encode() + b"\n"), _TIMEOUT_S)
    except TimeoutError:
        process.kill()
        raise ProvisionError(f"writing {flash} took longer than {_TIMEOUT_S:.0f} s") from None
    if process.returncode or said.strip() != b"provisioned":
        raise ProvisionError(f"{flash} could not be written: {said.decode('utf-8', 'replace').strip()}")
