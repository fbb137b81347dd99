"""What a person may choose when starting the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Where state lies, how many terminals, which broker, which ports (0: any free one)."""

    state: Path = field(default_factory=lambda: Path(".kassa"))
    terminals: int = 1
    broker: str = "auto"
    backend_port: int = 8000
    fresh: bool = False
    #: Terminals that get an operating-system process; the others are for the fleet.
    processes: int = 1
    wallets: int = 2
    #: Whether the hub's links go through proxies that can be broken; a measurement goes straight.
    links: bool = True
    #: Extra settings of the processes.
    backend_environment: dict[str, str] = field(default_factory=dict)
    hub_environment: dict[str, str] = field(default_factory=dict)
