"""The simulated rails as a part of the whole chain: port and secret, the process, and the switches of its faults."""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
from typing import TYPE_CHECKING, Any

from simulators.http import ApiError, JsonClient
from simulators.rails.books import RAILS
from simulators.run import ports
from simulators.run.child import Child

if TYPE_CHECKING:
    from pathlib import Path


class RailsPart:
    """Made before the backend, which is told where the rails are; started with it, because they call each other."""

    def __init__(self) -> None:
        self.port = ports.choose(0)
        self._secret = secrets.token_hex(24)
        self._control = JsonClient(f"http://127.0.0.1:{self.port}")
        self.child: Child | None = None

    def backend_environment(self) -> dict[str, str]:
        """What the backend must know of the rails."""
        rails = {rail: {"url": f"http://127.0.0.1:{self.port}/{rail}", "secret": self._secret} for rail in RAILS}
        return {"KASSA_RAILS": json.dumps(rails)}

    async def start(self, backend_port: int, log: Path) -> None:
        """Start the process."""
        backend_url = f"http://127.0.0.1:{backend_port}"
        command = [sys.executable, "-m", "simulators.rails", str(self.port), backend_url]
        self.child = Child("rails", command, {"KASSA_RAILS_SECRET": self._secret}, log)
        await self.child.start(self._ready)

    async def stop(self) -> None:
        """Stop it."""
        await self._control.close()
        if self.child is not None:
            await self.child.stop()

    async def switch(self, rail: str, fault: str, *, on: bool) -> None:
        """Switch a fault (simulators.rails.books.FAULTS) of a rail, or of all with "*"."""
        await self._control.post("/control/faults", {"rail": rail, "fault": fault, "on": on})

    async def state(self) -> dict[str, Any]:
        """Faults and orders."""
        found: dict[str, Any] = await self._control.get("/control")
        return found

    async def top_up(self, wallet: str, amount_minor: int, rail: str = "wallets") -> dict[str, Any]:
        """Pay money into a wallet from outside."""
        asked = {"rail": rail, "wallet": wallet, "amount_minor": amount_minor}
        booked: dict[str, Any] = await self._control.post("/control/top-ups", asked)
        return booked

    async def _ready(self) -> bool:
        with contextlib.suppress(ApiError):
            await self.state()
            return True
        return False
