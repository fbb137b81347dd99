"""The embedded amqtt broker as a process of its own: `python -m hub.broker.amqtt_main BIND ACCOUNTS [CERTIFICATES]`."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path

from hub.broker.amqtt_plugin import make_broker


async def serve(bind: str, accounts_file: Path, certificates: Path | None) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    broker = make_broker(bind, accounts_file, certificates)
    await broker.start()
    await stop.wait()
    await broker.shutdown()


def main(arguments: list[str]) -> int:
    """Check the arguments and serve; exit status for the shell."""
    if len(arguments) not in {2, 3}:
        sys.stderr.write("usage: python -m hub.broker.amqtt_main ADDRESS:PORT ACCOUNTS_FILE [CERTIFICATES_FOLDER]\n")
        return 2
    # Below WARNING amqtt writes packets and sessions, with passwords, to its log.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("transitions").setLevel(logging.ERROR)
    asyncio.run(serve(arguments[0], Path(arguments[1]), Path(arguments[2]) if len(arguments) > 2 else None))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
