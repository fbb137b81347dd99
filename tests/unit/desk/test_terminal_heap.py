"""The whole terminal fits the heap that an ESP32 without PSRAM leaves MicroPython, with room for what comes."""

from __future__ import annotations

import subprocess
from pathlib import Path

from simulators.terminal import launcher, rom

#: The longest message is an answer of 4,096 bytes: the text, its payload, its objects. TLS wants 3 KB in one piece.
#: Twice that, times two for 64-bit objects.
FREE_BYTES = 28 * 1024
PIECE_BYTES = 8 * 1024


def test_the_terminal_shows_a_qr_code_in_the_heap_of_an_esp32(tmp_path: Path) -> None:
    command = launcher.command(Path(__file__).with_name("heap_probe.py"), heap="256K")
    environment = launcher.environment(KASSA_SIM_ROM=str(rom.image()), KASSA_SIM_FLASH=str(tmp_path / "flash.img"))
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    lines = [line.split() for line in run.stdout.splitlines()]
    left = {line[0]: (int(line[1]), int(line[2])) for line in lines if len(line) == 3 and line[1].isdigit()}
    assert set(left) == {"boot", "asking", "qr"}, run.stdout + run.stderr
    for where, (free, piece) in left.items():
        assert free >= FREE_BYTES, f"{where}: {free} bytes free"
        assert piece >= PIECE_BYTES, f"{where}: the longest free piece has {piece} bytes"
