"""What each package of the firmware keeps of the heap once it is imported, under a real MicroPython, and its ceiling.

Figures are of 64-bit objects: an ESP32 needs about half. A terminal runs from ROM, where bytecode and constants take no
heap; from source they do. Ceilings are the measured figures and about a tenth more: whoever meets one should first look
at what was added, and raise it only for something the terminal needs.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kassa.conform import interpreters
from simulators.terminal import launcher, rom

PROGRAM = Path(__file__).with_name("import_cost.py")

#: The wire first, as the others stand on it; the last two bring what is left of the core and the shell.
WIRE = "errors text ids topics money accounts reasons envelope dukpt_registers pinblock"
MODULES = (
    "asyncio",
    *(f"deskwire.{name}" for name in WIRE.split()),
    "desk.qr",
    "desk.ui.paint",
    "desk.machine",
    "shell.mqtt.client",
    "shell.terminal",
)

#: package -> ceiling in bytes (from ROM, from source). Measured: deskwire 19,000 and 34,600; desk.qr 8,500 and 12,100;
#: desk.ui 23,800 and 42,500; the desk's core 27,200 and 59,300; the shell 40,300 and 69,400; all of it 124,300 and
#: 224,400, asyncio's 4,300 among them. Most flows come and go (`desk.lazy`) and are not among these.
CEILINGS = {
    "deskwire": (21_000, 37_500),
    "desk.qr": (9_500, 13_500),
    "desk.ui": (26_000, 46_500),
    "desk": (30_000, 65_000),
    "shell": (43_500, 75_000),
    "everything": (136_500, 246_500),
}

#: Modules that only hosts and tests need; the tables among them would cost more than all the rest of the wire.
HOST_ONLY = {"catalogue", "dukpt", "json_host", "primitives_host", "emvco", "elqr", "tlv", "cmac"}


def _package(module: str) -> str:
    """The row of the table that a module's bytes belong to."""
    for name in ("desk.qr", "desk.ui"):
        if module.startswith(name):
            return name
    return module.partition(".")[0]


def _measure(*, from_rom: bool) -> tuple[dict[str, int], set[str]]:
    """Bytes by package, and every module that was loaded."""
    extra = {"KASSA_SIM_ROM": str(rom.image())} if from_rom else {}
    command = [*launcher.command(PROGRAM, heap="3M"), *MODULES]
    run = subprocess.run(
        command, env=launcher.environment(**extra), capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    taken: dict[str, int] = {"everything": 0}
    loaded: set[str] = set()
    for line in run.stdout.splitlines():
        name, *rest = line.split()
        if name == "modules":
            loaded = set(rest)
            continue
        taken[_package(name)] = taken.get(_package(name), 0) + int(rest[0])
        taken["everything"] += int(rest[0])
    return taken, loaded


@pytest.mark.skipif(interpreters.micropython() is None, reason="no MicroPython beside this Python")
@pytest.mark.parametrize("from_rom", [True, False], ids=["rom", "source"])
def test_each_package_keeps_to_its_part_of_the_heap(from_rom: bool) -> None:
    taken, loaded = _measure(from_rom=from_rom)
    table = "\n".join(f"{name:12} {taken[name]:7} of {CEILINGS[name][not from_rom]:7}" for name in CEILINGS)
    over = [name for name in CEILINGS if taken[name] > CEILINGS[name][not from_rom]]
    assert not over, f"over the ceiling: {', '.join(over)}\n{table}"
    assert not loaded & {f"deskwire.{name}" for name in HOST_ONLY}
