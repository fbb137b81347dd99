"""`python -m simulators.rails PORT BACKEND_URL`: the simulated rails. Their secret is in KASSA_RAILS_SECRET."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from simulators.rails.server import RailsServer


async def serve(port: int, backend_url: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = RailsServer(backend_url, os.environ["KASSA_RAILS_SECRET"])
    await server.start(port)
    try:
        await stop.wait()
    finally:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
